use super::read;
use flowgate_core::{Data, Strings, Tensor};

/// A file of version 1.0 with this head and these elements.
fn file(head: &str, elements: &[u8]) -> Vec<u8> {
    let length = u16::try_from(head.len()).expect("short");
    let head = [&length.to_le_bytes(), head.as_bytes()].concat();
    [b"\x93NUMPY\x01\x00", head.as_slice(), elements].concat()
}

fn head(kind: &str, order: &str, shape: &str) -> String {
    format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}  \n")
}

fn column(kind: &str, shape: &str, elements: &[u8]) -> Result<Tensor, String> {
    let file = file(&head(kind, "False", shape), elements);
    read(&file).map_err(|error| error.to_string())
}

#[test]
fn numbers_are_read_in_both_byte_orders() {
    for (kind, elements, expected) in [
        (
            "<i8",
            &[1, 0, 0, 0, 0, 0, 0, 0x80][..],
            Data::from(vec![i64::MIN + 1]),
        ),
        (
            ">i8",
            &[0x80, 0, 0, 0, 0, 0, 0, 1],
            vec![i64::MIN + 1].into(),
        ),
        ("<i4", &[255, 255, 255, 255], vec![-1_i32].into()),
        (">i2", &[1, 0], vec![256_i16].into()),
        ("|i1", &[255], vec![-1_i8].into()),
        ("|u1", &[255], vec![255_u8].into()),
        ("<u2", &[0, 1], vec![256_u16].into()),
        (">u4", &[0, 0, 1, 0], vec![256_u32].into()),
        ("<u8", &[0, 0, 0, 0, 0, 0, 0, 1], vec![1_u64 << 56].into()),
        ("<f4", &[0, 0, 0xC0, 0x3F], vec![1.5_f32].into()),
        (">f8", &[0x3F, 0xF8, 0, 0, 0, 0, 0, 0], vec![1.5_f64].into()),
        ("|b1", &[1], vec![true].into()),
        ("<f2", &[0, 0x3E], vec![half::f16::from_f32(1.5)].into()),
    ] {
        let tensor = column(kind, "(1,)", elements).expect(kind);
        assert_eq!(
            (tensor.shape(), tensor.data()),
            (&[1][..], &expected),
            "{kind}"
        );
    }
}

#[test]
fn texts_end_before_the_nuls_that_fill_them_up() {
    let little: Vec<u8> = ['n', 'ö', '\0', 'y', 'e', '🦀']
        .iter()
        .flat_map(|letter| u32::from(*letter).to_le_bytes())
        .collect();
    let expected: Strings = ["nö", "ye🦀"].into_iter().collect();
    let read = column("<U3", "(2,)", &little).expect("texts");
    assert_eq!(read.data(), &Data::Str(expected.clone()));
    let big: Vec<u8> = little
        .chunks(4)
        .flat_map(|unit| unit.iter().rev().copied().collect::<Vec<_>>())
        .collect();
    let read = column(">U3", "(2,)", &big).expect("texts");
    assert_eq!(read.data(), &Data::Str(expected));
}

#[test]
fn column_major_arrays_are_turned_around() {
    // numpy.asfortranarray(numpy.arange(24, dtype="u1").reshape(2, 3, 4)), as numpy 2.4.6 saves it
    let elements = [
        0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23,
    ];
    let array = read(&file(&head("|u1", "True", "(2, 3, 4)"), &elements)).expect("an array");
    let expected: Vec<u8> = (0..24).collect();
    assert_eq!(
        (array.shape(), array.data()),
        (&[2, 3, 4][..], &Data::from(expected))
    );
}

#[test]
fn scalars_empty_arrays_and_later_versions_are_read() {
    assert_eq!(column("|i1", "()", &[7]).expect("a scalar").shape(), [0; 0]);
    assert_eq!(column("<f8", "(0, 3)", &[]).expect("empty").shape(), [0, 3]);
    for shape in ["(4611686018427387904, 1, 0)", "(0, 18446744073709551615)"] {
        let array = read(&file(&head("<f8", "True", shape), &[])).expect(shape);
        assert!(array.data().is_empty(), "{shape}");
    }
    let text = head("|i1", "False", "(1,)");
    for version in [2, 3] {
        let length = u32::try_from(text.len()).expect("short").to_le_bytes();
        let head = [b"\x93NUMPY", &[version, 0][..], &length, text.as_bytes()].concat();
        let array = read(&[head.as_slice(), &[9]].concat()).expect("an array");
        assert_eq!(array.data(), &Data::from(vec![9_i8]));
    }
}

#[test]
fn what_is_no_plain_array_is_refused_by_name() {
    for (kind, reason) in [
        ("|O", "hold pickles, which are never read"),
        ("<c16", "are not read"),
        ("<M8[ns]", "are not read"),
        ("|S3", "are not read"),
        ("|V8", "are not read"),
        ("<i3", "are not read"),
        ("=i8", "are not read"),
        ("|i8", "are not read"),
        ("<U0", "are not read"),
        ("<U99999999999999999999", "are not read"),
        ("", "are not read"),
    ] {
        let error = column(kind, "(1,)", &[0; 8]).expect_err(kind);
        assert!(error.contains(reason), "{kind}: {error}");
    }
    let records = "{'descr': [('a', '<i8')], 'fortran_order': False, 'shape': (1,), }";
    let error = read(&file(records, &[0; 8])).expect_err("records");
    assert!(error.to_string().contains("arrays of records"), "{error}");
}

#[test]
fn a_shape_that_its_octets_do_not_fill_is_refused() {
    for shape in [
        "(2,)",
        "(0,)",
        "(1000000000000,)",
        "(18446744073709551615,)",
        "(4294967296, 4294967296)",
        "(99999999999999999999999,)",
    ] {
        assert!(column("<i8", shape, &[0; 8]).is_err(), "{shape}");
    }
}

#[test]
fn a_head_is_the_three_keys_and_nothing_else() {
    let good = head("|i1", "False", "(1,)");
    assert!(read(&file(&good, &[1])).is_ok());
    for bad in [
        good.replace("'shape'", "'shapes'"),
        good.replace("(1,)", "(1)"),
        good.replace("(1,)", "(-1,)"),
        good.replace("(1,)", "(1,"),
        good.replace("False", "0"),
        good.replace("'|i1'", "|i1"),
        good.replace("'|i1'", "'|i\\x31'"),
        good.replace('}', "} x"),
        good.replace('}', ""),
        good.replace(", }", ", 'shape': (1,)}"),
        good.replace("'shape': (1,), ", ""),
        good.replace("(1,)", &format!("({})", "1,".repeat(65))),
        String::new(),
    ] {
        assert!(read(&file(&bad, &[1])).is_err(), "{bad}");
    }
    let whole = file(&good, &[1]);
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "{end} octets");
    }
    assert!(read(&[whole.as_slice(), &[0]].concat()).is_err());
    assert!(read(b"\x93NUMPY\x09\x00\x00\x00").is_err());
    assert!(read(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").is_err());
}

#[test]
fn values_that_are_none_are_refused() {
    assert!(column("|b1", "(1,)", &[2]).is_err());
    assert!(column("<U1", "(1,)", &[0, 0xD8, 0, 0]).is_err());
    assert!(column("<U1", "(1,)", &[0, 0, 0x11, 0]).is_err());
}
