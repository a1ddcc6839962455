//! Writing values as Python's `json.dumps` writes them (CPython 3.11).

/// Writes `value` in the layout of Python's `repr`; what is not finite as `null`.
///
/// The digits are the shortest that read back as `value`. The exponent form is used below 1e-4
/// and from 1e16 on, with a sign and at least two digits.
pub fn write_f64(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value).as_bytes();
    let size = value.abs();
    // Between these two the layouts agree.
    if (1e-4..1e16).contains(&size) || size == 0.0 {
        out.extend_from_slice(text);
    } else {
        write_exponent_form(out, text);
    }
}

/// Writes a whole number.
pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a whole number.
pub fn write_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes `text` in quotes with everything but printable ASCII escaped.
pub fn write_str(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\' {
            at += 1;
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        let Some(character) = text[at..].chars().next() else {
            break;
        };
        write_escape(out, character);
        at += character.len_utf8();
        from = at;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, character: char) {
    let short = match character {
        '"' => b'"',
        '\\' => b'\\',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        _ => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            for unit in character.encode_utf16(&mut [0; 2]) {
                let digit = |shift: u16| HEX[usize::from(*unit >> shift & 0xF)];
                out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Lays the digits of `text` out with an exponent.
fn write_exponent_form(out: &mut Vec<u8>, text: &[u8]) {
    let (mantissa, exponent) = match text.iter().position(|byte| *byte == b'e') {
        Some(at) => (&text[..at], parse_exponent(&text[at + 1..])),
        None => (text, 0),
    };
    if mantissa.first() == Some(&b'-') {
        out.push(b'-');
    }
    // The place of the point among the digits, and the digits without zeros around them.
    let mut digits = Vec::with_capacity(20);
    let (mut point, mut seen_point) = (0_i32, false);
    for &byte in mantissa {
        match byte {
            b'.' => seen_point = true,
            b'0' if digits.is_empty() => point -= i32::from(seen_point),
            b'0'..=b'9' => {
                digits.push(byte);
                point += i32::from(!seen_point);
            }
            _ => {}
        }
    }
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let exponent = exponent + point - 1;
    out.push(digits.first().copied().unwrap_or(b'0'));
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(itoa::Buffer::new().format(exponent.abs()).as_bytes());
}

fn parse_exponent(text: &[u8]) -> i32 {
    let value = text
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |value, byte| value * 10 + i32::from(byte & 0x0F));
    if text.first() == Some(&b'-') {
        -value
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn doubles_are_written_as_pythons_repr_writes_them() {
        // The right column is what CPython 3.11 prints.
        for (value, expected) in [
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (9.999e-5, "9.999e-05"),
            (1.5e-7, "1.5e-07"),
            (-1.5e-7, "-1.5e-07"),
            (1e-10, "1e-10"),
            (1e16, "1e+16"),
            (1.2345678901234567e16, "1.2345678901234568e+16"),
            (12345678901234567890.0, "1.2345678901234567e+19"),
            (5e-324, "5e-324"),
            (1e22, "1e+22"),
            (1.5e300, "1.5e+300"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (100000.0, "100000.0"),
            (1000000000000000.5, "1000000000000000.5"),
            (9999999999999998.0, "9999999999999998.0"),
            (f64::from(0.1_f32), "0.10000000149011612"),
            (f64::MAX, "1.7976931348623157e+308"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
            (f64::NEG_INFINITY, "null"),
        ] {
            assert_eq!(written(|out| write_f64(out, value)), expected);
        }
    }

    #[test]
    fn texts_are_escaped_as_json_dumps_escapes_them() {
        for (text, expected) in [
            ("", r#""""#),
            ("a/b", r#""a/b""#),
            ("\"\\\n\r\t\u{8}\u{c}", r#""\"\\\n\r\t\b\f""#),
            ("\u{1}\u{7f}é", r#""\u0001\u007f\u00e9""#),
            ("x😀y", r#""x\ud83d\ude00y""#),
        ] {
            assert_eq!(written(|out| write_str(out, text)), expected);
        }
    }

    proptest! {
        #[test]
        fn doubles_read_back_as_they_were(value: f64) {
            if value.is_finite() {
                let text = written(|out| write_f64(out, value));
                prop_assert_eq!(text.parse::<f64>().expect("a number").to_bits(), value.to_bits());
                let size = value.abs();
                let exponent = size != 0.0 && !(1e-4..1e16).contains(&size);
                prop_assert_eq!(text.contains('e'), exponent);
            }
        }

        #[test]
        fn texts_read_back_as_they_were(text: String) {
            let written = written(|out| write_str(out, &text));
            prop_assert!(written.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&written).expect("a text"), text);
        }
    }
}
