use super::*;
use crate::model::{Booster, Forest};
use flowgate_core::{Signature, TensorType};

fn model(names: &[&str], categories: Vec<Option<Names>>, features: usize) -> Model {
    let forest = Forest {
        trees: Vec::new(),
        groups: Vec::new(),
        rounds: vec![0],
        weights: None,
        categories,
    };
    Model {
        features,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Model::sample("reg:squarederror", Booster::Trees(forest))
    }
}

fn columns(declared: &[(&str, &str, bool)]) -> Schema {
    let columns = declared.iter().map(|(name, kind, required)| {
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("\"name\": \"{name}\", ")
        };
        format!("{{{name}\"type\": \"{kind}\", \"required\": {required}}}")
    });
    let inputs = format!("[{}]", columns.collect::<Vec<_>>().join(","));
    let signature = Signature::parse(Some(&inputs), None, None).expect("a signature");
    signature.inputs.expect("inputs")
}

fn reason(model: &Model, declared: &[(&str, &str, bool)]) -> String {
    let schema = columns(declared);
    Columns::of(model, Some(&schema)).expect_err("a contradiction")
}

fn colours() -> Names {
    Names::Texts(["blue", "red"].map(str::to_owned).to_vec())
}

fn ports(columns: &Columns) -> Vec<String> {
    columns
        .adapter
        .ports()
        .iter()
        .map(Port::to_string)
        .collect()
}

#[test]
fn features_of_numbers_are_one_matrix() {
    let model = model(&["a", "b"], Vec::new(), 2);
    let schema = columns(&[("a", "double", true), ("b", "boolean", true)]);
    for declared in [None, Some(&schema)] {
        let columns = Columns::of(&model, declared).expect("it fits");
        assert_eq!(ports(&columns), [": FP32 [?, 2]"]);
        assert!(matches!(columns.adapter, InputAdapter::Numbers(_)));
        let (_, rows) = columns.begin();
        assert_eq!(rows, Value(0));
    }
}

#[test]
fn columns_must_be_the_features_in_their_order() {
    let model = model(&["a", "b"], Vec::new(), 2);
    for (declared, expected) in [
        (
            &[("b", "double", true), ("a", "double", true)][..],
            "column `b` is declared where the model has feature `a`",
        ),
        (
            &[("a", "double", true)],
            "no column is declared for feature `b`",
        ),
        (
            &[
                ("a", "double", true),
                ("b", "double", true),
                ("c", "double", true),
            ],
            "the model has no feature `c`",
        ),
        (
            &[("a", "string", true), ("b", "double", true)],
            "column `a` is `string`, the model takes numbers",
        ),
        (
            &[("a", "datetime", true), ("b", "double", true)],
            "column `a` is `datetime`, the model takes numbers",
        ),
        (
            &[("", "double", true)],
            "1 columns are declared, the model has 2 features",
        ),
    ] {
        assert_eq!(reason(&model, declared), expected);
    }
}

#[test]
fn a_column_that_may_be_absent_may_be_no_feature() {
    let model = model(&["a", "b"], Vec::new(), 2);
    let schema = columns(&[
        ("a", "double", true),
        ("x", "double", false),
        ("b", "double", true),
    ]);
    assert!(Columns::of(&model, Some(&schema)).is_ok());
}

#[test]
fn without_names_the_number_of_columns_counts() {
    let model = model(&[], Vec::new(), 2);
    let two = columns(&[("x", "double", true), ("y", "long", true)]);
    assert!(Columns::of(&model, Some(&two)).is_ok());
    assert_eq!(
        reason(&model, &[("x", "double", true)]),
        "1 columns are declared, the model has 2 features"
    );
}

#[test]
fn names_of_categories_are_sent_column_by_column() {
    let zones = Names::Wholes(vec![10, 20]);
    let categories = vec![None, Some(colours()), Some(zones)];
    let model = model(&["x", "colour", "zone"], categories, 3);
    let undeclared = Columns::of(&model, None).expect("it fits");
    let expected = ["x: FP64 [?]", "colour: STRING [?]", "zone: INT64 [?]"];
    assert_eq!(ports(&undeclared), expected);
    let schema = columns(&[
        ("x", "long", true),
        ("colour", "string", true),
        ("zone", "long", true),
    ]);
    let columns = Columns::of(&model, Some(&schema)).expect("it fits");
    assert_eq!(ports(&columns)[0], "x: INT64 [?]");
    let (mut builder, rows) = columns.begin();
    builder.output("rows", rows);
    let program = builder.finish().expect("a program");
    let ops: Vec<&Op> = program.steps().iter().map(|step| &step.op).collect();
    assert!(matches!(
        ops.as_slice(),
        [
            Op::Convert(Precision::F32),
            Op::Categories(_),
            Op::Categories(_),
            Op::Columns
        ]
    ));
}

#[test]
fn numbers_for_categories_are_codes_where_that_can_be_told() {
    let texts = model(&["colour"], vec![Some(colours())], 1);
    let codes = |model: &Model, kind| {
        let schema = columns(&[("colour", kind, true)]);
        Columns::of(model, Some(&schema)).map(|columns| columns.names.is_empty())
    };
    assert_eq!(codes(&texts, "double"), Ok(true));
    assert_eq!(codes(&texts, "string"), Ok(false));
    let own_codes = model(&["colour"], vec![Some(Names::Wholes(vec![0, 1, 2]))], 1);
    assert_eq!(codes(&own_codes, "double"), Ok(true));
    assert_eq!(codes(&own_codes, "long"), Ok(false));
    let others = model(&["colour"], vec![Some(Names::Wholes(vec![1, 2]))], 1);
    assert_eq!(codes(&others, "long"), Ok(false));
    let error = codes(&others, "double").expect_err("categories or codes");
    assert!(error.contains("hint: declare it `long`"), "{error}");
    assert!(codes(&others, "string").is_err());
    assert!(codes(&texts, "binary").is_err());
}

#[test]
fn names_that_the_file_has_lost_are_refused_and_codes_are_not() {
    let model = model(&["town"], vec![Some(Names::Lost)], 1);
    let error = reason(&model, &[("town", "string", true)]);
    assert!(
        error.contains("names of its categories are lost"),
        "{error}"
    );
    let codes = columns(&[("town", "double", true)]);
    for declared in [None, Some(&codes)] {
        let columns = Columns::of(&model, declared).expect("codes");
        assert_eq!(ports(&columns), [": FP32 [?, 1]"]);
    }
}

#[test]
fn names_are_refused_where_the_model_knows_codes_alone() {
    let mut model = model(&["town"], Vec::new(), 1);
    model.types = vec!["c".to_owned()];
    let error = reason(&model, &[("town", "string", true)]);
    assert!(error.contains("by their codes alone"), "{error}");
    assert!(Columns::of(&model, Some(&columns(&[("town", "long", true)]))).is_ok());
}

#[test]
fn one_tensor_of_all_features_fits() {
    let model = model(&["a", "b"], Vec::new(), 2);
    let tensor = |name: Option<&str>, kind, shape: &[Option<usize>]| TensorSpec {
        name: name.map(Into::into),
        kind: TensorType::Data(kind),
        shape: shape.to_vec(),
    };
    let fits = |tensors: Vec<TensorSpec>| Columns::of(&model, Some(&Schema::Tensors(tensors)));
    let rows = [None, Some(2)];
    assert!(fits(vec![tensor(None, DataType::F64, &rows)]).is_ok());
    assert!(fits(vec![tensor(None, DataType::I64, &[None, None])]).is_ok());
    for tensors in [
        vec![tensor(None, DataType::F64, &[None, Some(3)])],
        vec![tensor(None, DataType::F64, &[None])],
        vec![tensor(None, DataType::Str, &rows)],
        vec![tensor(Some("x"), DataType::F64, &rows)],
    ] {
        assert!(fits(tensors).is_err());
    }
}
