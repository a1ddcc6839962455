//! Whole models: those that converters made of models of other libraries, in
//! `recorded/converted.zip` with what ONNX Runtime gave for them, and the golden packages.

use crate::case::artifact;
use crate::recorded::{check, of_archive, recorded};
use flowgate_core::{Runtime, Support};
use runtime_tabular::Tabular;
use std::path::Path;

/// Models that are not within the bound, and why.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn converted_models_answer_as_in_onnx_runtime() {
    let cases = of_archive(&recorded("converted"));
    let mut wrong = Vec::new();
    for case in &cases {
        let excepted = EXCEPTIONS.iter().any(|(name, _)| *name == case.name);
        match check(case) {
            Err(reason) if !excepted => wrong.push(format!("{}: {reason}", case.name)),
            Ok(_) if excepted => wrong.push(format!("{}: is no exception", case.name)),
            _ => {}
        }
    }
    assert!(!cases.is_empty(), "no cases");
    let of = cases.len();
    let count = wrong.len();
    assert!(count == 0, "{count} of {of} differ\n{}", wrong.join("\n"));
}

/// Their answers are checked where the packages are served.
#[test]
fn golden_packages_of_tables_are_supported() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/golden/models");
    let mut refused = Vec::new();
    for name in [
        "iris_dt_nozipmap_cols",
        "iris_dt_zipmap",
        "iris_lr_tensor",
        "iris_named_tensor",
        "iris_str_zipmap_tensor",
        "lgbm_clf_zipmap",
        "multi_output",
        "nosig_iris",
        "nosig_string",
        "reg_pipeline",
        "string_label",
        "string_multi_cols",
        "string_onehot",
        "string_tensor",
        "titanic_tensor",
        "xgb_clf_tensor",
        "xgb_reg_cols",
    ] {
        let path = models.join(name).join("model.onnx");
        if let Support::No(why) = Tabular::new().supports(&artifact(&path)) {
            refused.push(format!("{name}: {why}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
