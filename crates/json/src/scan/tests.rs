use super::*;

fn scanner(text: &str) -> Scanner<'_> {
    Scanner::new(text.as_bytes(), 8).expect("text")
}

fn whole(text: &str) -> Result<(), Error> {
    let mut scanner = scanner(text);
    scanner.skip_value()?;
    scanner.end()
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "01",
        "-01",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "-",
        "nul",
        "tru",
        "nan",
        "inf",
        "-NaN",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "[1",
        "{\"a\":1",
        "\"a",
        "\"\\q\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"a\nb\"",
        "\"\u{1}\"",
        "1 2",
        "// c\n1",
        "[1]x",
        "0x10",
    ] {
        assert!(whole(text).is_err(), "{text:?}");
    }
}

#[test]
fn what_is_json_is_read_and_so_are_pythons_three_literals() {
    for text in [
        "0",
        "-0",
        "1e5",
        "1E+5",
        "1.5e-3",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "{\"a\": {\"b\": [null, true, false]}}",
        "NaN",
        "Infinity",
        "-Infinity",
        "[NaN,-Infinity]",
        "\"\\u00e9\\n\\/\"",
        "\u{FEFF}1",
        "\"\u{7f}\u{2028}\"",
    ] {
        assert_eq!(whole(text), Ok(()), "{text:?}");
    }
}

#[test]
fn errors_say_line_and_column_in_characters() {
    let error = whole("{\"é\":\n  [1, ü]}").expect_err("not JSON");
    assert_eq!((error.line(), error.column()), (2, 7));
    assert_eq!(
        error.to_string(),
        "the body is not JSON: expected a value at line 2, column 7"
    );
    let error = Scanner::new(b"{\"a\": \xFF}", 8).expect_err("not UTF-8");
    assert_eq!((error.fault(), error.column()), (&Fault::Encoding, 7));
}

#[test]
fn whole_numbers_of_more_digits_than_any_type_has_are_refused() {
    assert_eq!(whole(&"1".repeat(MAX_DIGITS)), Ok(()));
    let error = whole(&format!("[{}]", "1".repeat(MAX_DIGITS + 1))).expect_err("one more");
    assert_eq!(error.fault(), &Fault::TooLong(MAX_DIGITS));
    assert_eq!(
        whole(&format!("{}.5", "1".repeat(500))),
        Ok(()),
        "a fraction is rounded"
    );
}

#[test]
fn nesting_stops_at_the_limit() {
    assert_eq!(whole("[[[[[[[[]]]]]]]]"), Ok(()));
    let error = whole("[[[[[[[[[]]]]]]]]]").expect_err("nine levels");
    assert_eq!(error.fault(), &Fault::TooDeep(8));
    assert!(whole(&"[".repeat(100_000)).is_err());
    assert!(whole(&"{\"a\":".repeat(100_000)).is_err());
}

#[test]
fn siblings_do_not_add_to_the_depth() {
    assert_eq!(whole(&format!("[{}1]", "[[[[[1]]]]],".repeat(100))), Ok(()));
}

#[test]
fn texts_are_borrowed_when_nothing_is_escaped() {
    assert!(matches!(
        scanner("\"aü\"").string(),
        Ok(Ok(Cow::Borrowed("aü")))
    ));
    assert_eq!(
        scanner(r#""a\u00fc\ud83d\ude00\n""#).string(),
        Ok(Ok("aü😀\n".into()))
    );
}

#[test]
fn lone_surrogates_are_told_and_reading_goes_on() {
    for text in [
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\u0041""#,
        r#""\ud83d\ud83d""#,
    ] {
        let body = format!("[{text}, 1]");
        let mut scanner = scanner(&body);
        scanner.open_array().expect("a list");
        assert_eq!(scanner.string(), Ok(Err(LoneSurrogate)), "{text}");
        assert_eq!(scanner.next_item(), Ok(true));
        assert_eq!(scanner.number(), Ok(Number::Integer("1")));
    }
    assert_eq!(
        whole(r#"{"\ud83d": 1}"#).expect_err("a bad key").fault(),
        &Fault::BadKey
    );
}

#[test]
fn digits_of_any_count_are_found_whatever_follows() {
    for count in 1..40 {
        for tail in ["", ",", "]", " ", ":", "/", "x", "\u{7f}", "é", "0x", "."] {
            let text = format!("{}{tail}", "123456789".repeat(5).split_at(count).0);
            let found = scanner(&text).digits(0);
            let expected = text.bytes().take_while(u8::is_ascii_digit).count();
            assert_eq!(found, expected, "{text}");
        }
    }
}
