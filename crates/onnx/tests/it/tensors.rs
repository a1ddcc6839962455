//! Elements from raw data and from typed fields, and data of the wrong amount.

use flowgate_onnx::proto::{SegmentProto, TensorProto};
use flowgate_onnx::{ElemType, ExternalData, TensorContents, TensorData, TensorRef, build};

use crate::variant;

/// Elements of a type from its small integers, in a typed field.
fn small(elem: ElemType, data: &[i32]) -> TensorProto {
    TensorProto {
        dims: vec![data.len() as i64],
        data_type: Some(elem.number()),
        int32_data: data.to_vec(),
        ..TensorProto::default()
    }
}

#[test]
fn raw_data_and_typed_fields_read_alike() {
    let cases: Vec<(TensorProto, TensorProto, TensorData)> = vec![
        (
            build::floats(&[2], &[1.5, -2.0]),
            build::raw(ElemType::Float, &[2], vec![0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]),
            TensorData::F32(vec![1.5, -2.0]),
        ),
        (
            TensorProto {
                double_data: vec![0.1],
                int32_data: vec![],
                data_type: Some(ElemType::Double.number()),
                ..build::floats(&[1], &[])
            },
            build::raw(ElemType::Double, &[1], 0.1_f64.to_le_bytes().to_vec()),
            TensorData::F64(vec![0.1]),
        ),
        (
            build::ints(&[1, 1], &[-3]),
            build::raw(ElemType::Int64, &[1, 1], (-3_i64).to_le_bytes().to_vec()),
            TensorData::I64(vec![-3]),
        ),
        (
            small(ElemType::Int32, &[-70_000]),
            build::raw(ElemType::Int32, &[1], (-70_000_i32).to_le_bytes().to_vec()),
            TensorData::I32(vec![-70_000]),
        ),
        (
            small(ElemType::Int16, &[-2]),
            build::raw(ElemType::Int16, &[1], vec![0xfe, 0xff]),
            TensorData::I16(vec![-2]),
        ),
        (
            small(ElemType::Int8, &[-2]),
            build::raw(ElemType::Int8, &[1], vec![0xfe]),
            TensorData::I8(vec![-2]),
        ),
        (
            small(ElemType::Uint8, &[200, 1]),
            build::raw(ElemType::Uint8, &[2], vec![200, 1]),
            TensorData::U8(vec![200, 1]),
        ),
        (
            small(ElemType::Uint16, &[65_535]),
            build::raw(ElemType::Uint16, &[1], vec![0xff, 0xff]),
            TensorData::U16(vec![65_535]),
        ),
        (
            small(ElemType::Float16, &[0x3c00]),
            build::raw(ElemType::Float16, &[1], vec![0x00, 0x3c]),
            TensorData::F16(vec![0x3c00]),
        ),
        (
            build::bools(&[2], &[true, false]),
            build::raw(ElemType::Bool, &[2], vec![1, 0]),
            TensorData::Bool(vec![true, false]),
        ),
        (
            build::floats(&[0, 3], &[]),
            build::raw(ElemType::Float, &[0, 3], vec![]),
            TensorData::F32(vec![]),
        ),
    ];
    for (typed, raw, expected) in cases {
        assert_eq!(TensorRef::new(&typed).data().expect("typed"), expected);
        assert_eq!(TensorRef::new(&raw).data().expect("raw"), expected);
        assert_eq!(expected.elem().number(), raw.data_type());
    }
    let words = build::strings(&[2], &["ä", ""]);
    assert_eq!(
        TensorRef::new(&words).data().expect("strings"),
        TensorData::Strings(vec!["ä".to_owned(), String::new()])
    );
    let large = TensorProto {
        uint64_data: vec![u64::from(u32::MAX)],
        data_type: Some(ElemType::Uint32.number()),
        ..build::ints(&[1], &[])
    };
    assert_eq!(
        TensorRef::new(&large).data().expect("uint32"),
        TensorData::U32(vec![u32::MAX])
    );
}

#[test]
fn a_tensor_that_is_not_what_it_says_is_refused() {
    let text = TensorProto {
        string_data: vec![bytes::Bytes::from_static(&[0xff])],
        ..build::strings(&[1], &[])
    };
    let segment = TensorProto {
        segment: Some(SegmentProto::default()),
        ..build::ints(&[1], &[1])
    };
    let two_fields = TensorProto {
        float_data: vec![1.0],
        ..build::raw(ElemType::Float, &[1], vec![0; 4])
    };
    let elsewhere = TensorProto {
        data_location: Some(2),
        ..build::ints(&[1], &[1])
    };
    let no_type = TensorProto {
        data_type: None,
        ..build::ints(&[1], &[1])
    };
    for (tensor, expected) in [
        (build::floats(&[3], &[1.0]), "TensorLength"),
        (build::floats(&[], &[]), "TensorLength"),
        (
            build::raw(ElemType::Float, &[2], vec![0; 9]),
            "TensorLength",
        ),
        (build::raw(ElemType::Int4, &[3], vec![0; 1]), "TensorLength"),
        (build::floats(&[-1], &[1.0]), "TensorDims"),
        (build::floats(&[i64::MAX, 3], &[]), "TensorDims"),
        (small(ElemType::Uint8, &[256]), "TensorElement"),
        (small(ElemType::Bool, &[2]), "TensorElement"),
        (build::raw(ElemType::Bool, &[1], vec![2]), "TensorElement"),
        (text, "TensorElement"),
        (build::raw(ElemType::String, &[1], vec![0]), "TensorStorage"),
        (
            build::external(ElemType::String, &[1], "s", None),
            "TensorStorage",
        ),
        (segment, "TensorStorage"),
        (two_fields, "TensorStorage"),
        (elsewhere, "TensorStorage"),
        (no_type, "TensorType"),
        (
            build::raw(ElemType::Int4, &[3], vec![0; 2]),
            "TensorUnreadable",
        ),
        (
            build::external(ElemType::Float, &[2], "w.bin", None),
            "TensorExternal",
        ),
    ] {
        assert_eq!(
            variant(TensorRef::new(&tensor).data()),
            expected,
            "{tensor:?}"
        );
    }
    let many = build::external(ElemType::Float, &[1_000], "w.bin", None);
    assert_eq!(variant(TensorRef::new(&many).check(999)), "TensorDims");
    assert_eq!(variant(TensorRef::new(&many).check(1_000)), "accepted");
}

#[test]
fn data_in_another_file_is_told_and_not_read() {
    let tensor = build::external(ElemType::Float, &[2], "w.bin", Some(64));
    assert_eq!(
        TensorRef::new(&tensor).contents().expect("contents"),
        TensorContents::External(ExternalData {
            location: "w.bin".to_owned(),
            offset: 64,
            length: None,
        })
    );
}

#[test]
fn numbers_and_element_types_are_the_same_list() {
    for elem in ElemType::ALL {
        assert_eq!(ElemType::from_number(elem.number()), Some(elem));
    }
    for number in [0, -1, 29, i32::MIN, i32::MAX] {
        assert_eq!(ElemType::from_number(number), None);
    }
    assert_eq!(ElemType::Uint4.bytes_of(3), Some(2));
    assert_eq!(ElemType::Complex128.bytes_of(u64::MAX), None);
}
