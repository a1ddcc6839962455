use super::*;
use proptest::prelude::*;

/// Reads `text` with something behind it; nothing or little behind it changes nothing.
fn read(text: &str) -> Option<f64> {
    let with = |behind: &str| {
        let body = format!("{text}{behind}");
        plain(body.as_bytes(), 0).map(|read| (read.value.to_bits(), read.end))
    };
    for behind in ["", "]", "]]}}", "]]}}\n  "] {
        assert_eq!(with(behind), with(", 12345678"), "{text}{behind}");
    }
    let body = format!("{text}, 12345678");
    let read = plain(body.as_bytes(), 0)?;
    assert_eq!(read.end, text.len(), "{text}");
    Some(read.value)
}

#[track_caller]
fn check(text: &str) {
    let wanted: f64 = text.parse().expect("a number");
    let found = read(text).map(f64::to_bits);
    assert_eq!(found, Some(wanted.to_bits()), "{text}");
}

#[test]
fn plain_numbers_are_the_nearest_doubles() {
    for text in [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "5.7",
        "100.5",
        "0.1",
        "0.3",
        "2.675",
        "12345678",
        "123456789",
        "9007199254740993",
        "9007199254740993.0",
        "9007199254740992.5",
        "9007199254740993.5",
        "18014398509481985.0",
        "72.36067977499789",
        "1.7976931348623157",
        "9999999999999999999",
        "0.000000000000000001",
        "0.1000000000000000055",
        "4503599627370497.5",
        "4503599627370496.25",
        "2251799813685249.25",
        "1125899906842625.125",
        "0.9999999999999999",
        "99999999999999.99999",
        "8.999999999999999999",
    ] {
        check(text);
    }
}

#[test]
fn plain_whole_numbers_are_exact() {
    for value in [
        0,
        7,
        -1,
        12345678,
        123456789,
        9007199254740993,
        -999999999999999999,
    ] {
        let body = format!("{value}] 12345678");
        let read = plain_whole(body.as_bytes(), 0).expect("plain");
        assert_eq!((read.value, &body[read.end..]), (value, "] 12345678"));
    }
}

#[test]
fn half_way_goes_to_the_even_one() {
    // Doubles from 2^52 on are 1 apart, those before 0.5, and so on.
    for digits in 1..=4_u32 {
        let (scale, parts) = (1_u64 << (53 - digits), 1_u64 << digits);
        for odd in [1, 3, 5, 7, 9, 11, 13, 15, 1001, 1003, 1005, 1007] {
            let fraction = odd % parts * 10_u64.pow(digits) / parts;
            let width = digits as usize;
            check(&format!("{}.{fraction:0width$}", scale + odd / parts));
            check(&format!(
                "{}.{fraction:0width$}",
                scale / 2 * 3 + odd / parts
            ));
        }
    }
}

#[test]
fn what_is_not_plain_is_left_to_others() {
    for text in [
        "",
        "-",
        "+1",
        ".5",
        "5.",
        "5.e1",
        "01",
        "00.5",
        "-01",
        "1e5",
        "1.5e5",
        "1.5E5",
        "NaN",
        "-Infinity",
        "12345678901234567890",
        "1.2345678901234567890",
        "\"1\"",
        "[1",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    for text in ["", "-", "1.0", "1e5", "01", "1234567890123456789", "true"] {
        let body = format!("{text}, 12345678");
        assert_eq!(plain_whole(body.as_bytes(), 0), None, "{text}");
    }
    assert_eq!(plain(b"1.5", 4), None, "past the end");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_plain_number_is_the_nearest_double(
        digits in any::<u64>(),
        places in 1_u32..20,
        point in 0_usize..20,
        negative: bool,
    ) {
        let digits = digits % 10_u64.checked_pow(places).unwrap_or(u64::MAX);
        let digits = digits.to_string();
        let sign = if negative { "-" } else { "" };
        let text = match digits.len() {
            length if length > 19 => return Ok(()),
            length if point < length => {
                let (whole, fraction) = digits.split_at(length - point);
                if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
            }
            length => {
                let zeros = "0".repeat((point - length).min(18 - length.min(18)));
                format!("{sign}0.{zeros}{digits}")
            }
        };
        let wanted: f64 = text.parse().expect("a number");
        match read(&text) {
            Some(found) => prop_assert_eq!(found.to_bits(), wanted.to_bits(), "{}", text),
            None => prop_assert!(text.bytes().filter(u8::is_ascii_digit).count() > 19, "{}", text),
        }
    }

    #[test]
    fn short_numbers_are_the_nearest_doubles(whole in 0..10_000_u32, fraction in "[0-9]{1,6}", negative: bool) {
        let sign = if negative { "-" } else { "" };
        let text = format!("{sign}{whole}.{fraction}");
        let wanted: f64 = text.parse().expect("a number");
        prop_assert_eq!(read(&text).map(f64::to_bits), Some(wanted.to_bits()), "{}", text);
    }

    #[test]
    fn any_octets_are_read_alike_by_both_ways(octets in "[-0-9.eE, \\]]{0,12}") {
        let bytes = octets.as_bytes();
        if let Some(found) = short(bytes, 0) {
            let wanted = any_length(bytes, 0).map(|read| (read.value.to_bits(), read.end));
            prop_assert_eq!(Some((found.value.to_bits(), found.end)), wanted);
        }
    }

    #[test]
    fn any_double_is_read_as_it_was_written(mantissa in 0..1_u64 << 52, exponent in 1003..1083_u64) {
        let bits = exponent << 52 | mantissa;
        let text = f64::from_bits(bits).to_string();
        if let Some(found) = read(&text) {
            prop_assert_eq!(found.to_bits(), bits, "{}", text);
        }
    }

    #[test]
    fn doubles_of_tables_are_read_as_they_were_written(value in -1e6..1e6_f64) {
        let text = value.to_string();
        if let Some(found) = read(&text) {
            prop_assert_eq!(found.to_bits(), value.to_bits(), "{}", text);
        }
    }
}
