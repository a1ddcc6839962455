use super::*;

fn json(datatype: DataType, text: &str) -> Result<Data, Wrong> {
    let mut elements = Elements::new(datatype);
    let mut scanner = Scanner::new(text.as_bytes(), 8).expect("text");
    let read = elements.json(&mut scanner).expect("JSON");
    assert_eq!(elements.len(), 1, "a refused value leaves a placeholder");
    scanner.end().expect("all of it");
    read.map(|()| elements.finish())
}

#[track_caller]
fn takes(datatype: DataType, text: &str, expected: impl Into<Data>) {
    assert_eq!(
        json(datatype, text),
        Ok(expected.into()),
        "{datatype} {text}"
    );
}

#[track_caller]
fn refuses(datatype: DataType, code: Code, texts: &[&str]) {
    for text in texts {
        let found = json(datatype, text).map_err(|wrong| wrong.code);
        assert_eq!(found, Err(code), "{datatype} {text}");
    }
}

#[test]
fn booleans_are_true_false_0_and_1() {
    takes(DataType::Bool, "true", vec![true]);
    takes(DataType::Bool, "0", vec![false]);
    takes(DataType::Bool, "1", vec![true]);
    refuses(
        DataType::Bool,
        Code::TypeMismatch,
        &["2", "0.5", "\"true\"", "[]", "{}", "NaN"],
    );
    refuses(DataType::Bool, Code::NullNotAllowed, &["null"]);
}

#[test]
fn integers_are_exact_or_refused() {
    takes(DataType::I64, "5", vec![5_i64]);
    takes(DataType::I64, "5.0", vec![5_i64]);
    takes(DataType::I64, "1e3", vec![1000_i64]);
    takes(DataType::I64, "\" 12 \"", vec![12_i64]);
    takes(
        DataType::I64,
        "9007199254740993",
        vec![9_007_199_254_740_993_i64],
    );
    takes(DataType::I64, "-9223372036854775808", vec![i64::MIN]);
    takes(DataType::U64, "18446744073709551615", vec![u64::MAX]);
    takes(DataType::U8, "255", vec![255_u8]);
    refuses(
        DataType::I64,
        Code::NotInteger,
        &["5.7", "-0.1", "NaN", "\"5.7\""],
    );
    refuses(
        DataType::I64,
        Code::OutOfRange,
        &["9223372036854775808", "1e400", "Infinity"],
    );
    refuses(
        DataType::I32,
        Code::OutOfRange,
        &["2147483648", "-2147483649"],
    );
    refuses(DataType::U8, Code::OutOfRange, &["256", "-1"]);
    refuses(
        DataType::I64,
        Code::TypeMismatch,
        &["true", "\"1_0\"", "\"0x10\"", "\"\"", "[1]"],
    );
    refuses(DataType::I64, Code::NullNotAllowed, &["null"]);
}

#[test]
fn floats_are_rounded_to_nearest_and_never_become_infinite() {
    takes(DataType::F64, "0.1", vec![0.1_f64]);
    takes(DataType::F64, "16777217", vec![16_777_217_f64]);
    takes(DataType::F32, "0.1", vec![0.1_f64 as f32]);
    takes(DataType::F32, "\"1e3\"", vec![1000_f32]);
    takes(DataType::F64, "-Infinity", vec![f64::NEG_INFINITY]);
    takes(DataType::F16, "0.333333", vec![f16::from_f64(0.333_333)]);
    for text in ["null", "NaN", "\"nan\""] {
        let Ok(Data::F64(numbers)) = json(DataType::F64, text) else {
            panic!("{text}")
        };
        assert!(numbers[0].is_nan(), "{text}");
    }
    refuses(DataType::F32, Code::OutOfRange, &["1e39", "-1e39"]);
    refuses(DataType::F64, Code::OutOfRange, &["1e400", "\"1e400\""]);
    refuses(DataType::F16, Code::OutOfRange, &["70000"]);
    refuses(
        DataType::F64,
        Code::TypeMismatch,
        &["true", "\"a\"", "\"1_0\"", "[1.0]", "{}"],
    );
}

#[test]
fn texts_take_whole_numbers_and_nothing_else() {
    let text = |text: &str| Data::Str([text].into_iter().collect());
    takes(DataType::Str, "\"a\\u0000\"", text("a\0"));
    takes(DataType::Str, "5", text("5"));
    takes(DataType::Str, "-0", text("0"));
    refuses(
        DataType::Str,
        Code::TypeMismatch,
        &["5.0", "true", "1e3", "[]"],
    );
    refuses(DataType::Str, Code::NullNotAllowed, &["null"]);
    refuses(DataType::Str, Code::BadText, &[r#""\ud800""#]);
}

#[test]
fn octets_are_base64_and_dates_are_iso_8601() {
    takes(
        DataType::Bytes,
        "\"AQID\"",
        Data::Bytes([[1_u8, 2, 3]].into_iter().collect()),
    );
    refuses(
        DataType::Bytes,
        Code::BadBase64,
        &["\"!!!\"", "\"AQI\"", "\"_-==\""],
    );
    refuses(DataType::Bytes, Code::BadBase64, &["1", "true", "[1]"]);
    takes(
        DataType::DateTime,
        "\"1970-01-01\"",
        Data::DateTime(vec![0].into()),
    );
    refuses(DataType::DateTime, Code::AmbiguousUnit, &["0", "1.5"]);
    refuses(
        DataType::DateTime,
        Code::BadDatetime,
        &["\"01/02/2021\"", "\"\""],
    );
    refuses(DataType::DateTime, Code::OutOfRange, &["\"2263-01-01\""]);
}

#[test]
fn anything_is_kept_as_it_was_sent() {
    let text = |text: &str| Data::Json([text].into_iter().collect());
    takes(
        DataType::Json,
        " {\"a\": [1, null]} ",
        text("{\"a\": [1, null]}"),
    );
    takes(DataType::Json, "null", text("null"));
}

#[test]
fn fields_of_a_file_know_missing_values_by_their_type() {
    let field = |datatype, text: &str, quoted| {
        let mut elements = Elements::new(datatype);
        let read = elements.field(text, quoted);
        read.map(|()| elements.finish()).map_err(|wrong| wrong.code)
    };
    let text = |text: &str| Ok(Data::Str([text].into_iter().collect()));
    assert_eq!(field(DataType::Str, "NA", false), text("NA"));
    assert_eq!(field(DataType::Str, "", true), text(""));
    assert_eq!(field(DataType::Str, "", false), Err(Code::NullNotAllowed));
    assert_eq!(field(DataType::I64, " 7", false), Ok(vec![7_i64].into()));
    assert_eq!(field(DataType::I64, "NA", false), Err(Code::NullNotAllowed));
    assert_eq!(field(DataType::I64, "1.5", false), Err(Code::NotInteger));
    assert_eq!(field(DataType::F64, "True", false), Err(Code::TypeMismatch));
    assert_eq!(field(DataType::F64, "", true), Err(Code::TypeMismatch));
    assert_eq!(field(DataType::Bool, "TRUE", false), Ok(vec![true].into()));
    assert_eq!(field(DataType::Bool, "yes", false), Err(Code::TypeMismatch));
    let missing = field(DataType::F64, "#N/A", false);
    assert!(matches!(missing, Ok(Data::F64(numbers)) if numbers[0].is_nan()));
}
