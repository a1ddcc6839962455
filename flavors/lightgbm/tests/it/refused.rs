//! What is refused, in which words.

use crate::changed::Changed;

#[track_caller]
fn assert_refused(changed: &Changed, reason: &str) {
    let refusal = changed.refusal();
    assert!(refusal.contains(reason), "{refusal}");
}

#[test]
fn a_pickle_is_refused_with_the_way_to_save_the_model_again() {
    let pickled = Changed::case("sklearn_regressor_cloudpickle");
    for format in ["cloudpickle", "pickle", "joblib", "null"] {
        let format = format!("serialization_format: {format}");
        let pickled = Changed::case("sklearn_regressor_cloudpickle")
            .manifest("serialization_format: cloudpickle", &format);
        assert_refused(&pickled, "must be `skops`, found a pickle");
    }
    assert_refused(
        &pickled,
        "hint: save the model again with `serialization_format=\"skops\"`",
    );
    let other = pickled.manifest(
        "serialization_format: cloudpickle",
        "serialization_format: x",
    );
    assert_refused(&other, "must be `skops`, found another format");
}

#[test]
fn other_classes_and_other_loaders_are_refused() {
    for class in [
        "lightgbm.sklearn.LGBMModel",
        "lightgbm.dask.DaskLGBMRegressor",
        "me.Mine",
    ] {
        let other = Changed::case("huber").manifest("lightgbm.basic.Booster", class);
        assert_refused(
            &other,
            "the key `model_class` must be `lightgbm.basic.Booster`, or",
        );
    }
    let other = Changed::case("huber").manifest("mlflow.lightgbm", "mlflow.pyfunc.model");
    assert_refused(&other, "the key `python_function.loader_module`");
    let other = Changed::case("own_skops_ranker").manifest("LGBMRanker", "LGBMRegressor");
    let reason = "it holds a `lightgbm.sklearn.LGBMRanker`, the manifest says \
                  `lightgbm.sklearn.LGBMRegressor`";
    assert_refused(&other, reason);
    let elsewhere =
        Changed::case("huber").manifest("    data: model.lgb\n    lgb", "    data: x\n    lgb");
    assert_refused(
        &elsewhere,
        "the key `data` must be the path in `python_function.data`",
    );
}

#[test]
fn a_package_that_names_no_class_holds_a_booster() {
    let line = "    model_class: lightgbm.basic.Booster\n";
    assert!(Changed::case("huber").manifest(line, "").plan().is_ok());
}

#[test]
fn unknown_objectives_and_versions_are_refused_by_name() {
    let unknown = Changed::case("huber").text("objective=huber", "objective=focal alpha:1");
    assert_refused(
        &unknown,
        "`model.lgb` cannot be read: line 7: the objective `focal` is unknown",
    );
    for (from, to, reason) in [
        (
            "version=v4",
            "version=v5",
            "line 2: expected version `v2`, `v3`, `v4`",
        ),
        (
            "objective=huber",
            "objective=binary",
            "line 7: the objective needs `sigmoid:`",
        ),
        (
            "objective=huber",
            "objective=binary sigmoid:0",
            "the objective needs `sigmoid:`",
        ),
        (
            "objective=huber",
            "objective=multiclass",
            "line 7: the objective needs `num_class:`",
        ),
        (
            "objective=huber",
            "objective=multiclass num_class:3",
            "its objective names 3 classes",
        ),
        ("num_class=1", "num_class=2", "they must be one number"),
    ] {
        let changed = Changed::case("huber").text(from, to);
        assert_refused(&changed, reason);
    }
    for objective in ["none", "rmse", "l1", "lambdarank", "custom"] {
        let objective = format!("objective={objective}");
        let changed = Changed::case("huber").text("objective=huber", &objective);
        assert!(changed.plan().is_ok(), "{objective}");
    }
}

#[test]
fn signatures_that_can_never_fit_are_refused() {
    let column = |kind: &str, name: &str| format!(r#"{{"type":"{kind}","name":"{name}"}}"#);
    let list = |columns: &[String]| format!("[{}]", columns.join(","));
    let four = ["a", "b", "c", "d"].map(|name| column("double", name));
    let three = list(&four[..3]);
    let tensor = |dtype: &str, shape: &str, name: &str| {
        format!(
            r#"[{{"type":"tensor",{name}"tensor-spec":{{"dtype":"{dtype}","shape":{shape}}}}}]"#
        )
    };
    for (inputs, reason) in [
        (three, "3 columns are declared, the model takes 4"),
        (
            list(&[
                four[0].clone(),
                four[1].clone(),
                four[2].clone(),
                column("string", "d"),
            ]),
            "column `d` is declared `string`, the model takes numbers",
        ),
        (
            list(&[
                four[0].clone(),
                four[1].clone(),
                four[2].clone(),
                column("datetime", "d"),
            ]),
            "column `d` is declared `datetime`, the model takes numbers",
        ),
        (
            tensor("float64", "[-1]", ""),
            "the model takes numbers of shape (-1, 4)",
        ),
        (
            tensor("float64", "[-1, 3]", ""),
            "the model takes numbers of shape (-1, 4)",
        ),
        (
            tensor("float64", "[-1, 2, 2]", ""),
            "the model takes numbers of shape (-1, 4)",
        ),
        (
            tensor("str", "[-1, 4]", ""),
            "the model takes numbers of shape (-1, 4)",
        ),
        (
            tensor("float64", "[-1, 4]", r#""name":"x","#),
            "without a name",
        ),
    ] {
        let changed = Changed::case("own_goss").inputs(&inputs);
        assert_refused(&changed, "the signature contradicts the model: ");
        assert_refused(&changed, reason);
    }
    // Names are not LightGBM's affair, and a column that may be absent may make up the difference.
    let others = ["w", "x", "y", "z"].map(|name| column("long", name));
    assert!(
        Changed::case("own_goss")
            .inputs(&list(&others))
            .plan()
            .is_ok()
    );
    let optional = r#"{"type":"double","name":"e","required":false}"#.to_owned();
    let five = [four.as_slice(), &[optional]].concat();
    let required = list(&five).replace("\"}", "\",\"required\":true}");
    assert!(Changed::case("own_goss").inputs(&required).plan().is_ok());
}

#[test]
fn categories_that_cannot_be_told_are_refused_with_a_hint() {
    let columns = |kinds: [&str; 3]| {
        let column = |(kind, name): (&str, &str)| format!(r#"{{"type":"{kind}","name":"{name}"}}"#);
        let columns = kinds.into_iter().zip(["o", "x", "s"]).map(column);
        format!("[{}]", columns.collect::<Vec<_>>().join(","))
    };
    for (inputs, reason) in [
        (
            columns(["string", "double", "double"]),
            "column `s` is declared `double`: its categories",
        ),
        (
            columns(["double", "double", "string"]),
            "it is not clear which they are",
        ),
        (
            columns(["string", "string", "string"]),
            "it is not clear which they are",
        ),
        (
            r#"[{"type":"string"},{"type":"double"},{"type":"string"}]"#.to_owned(),
            "the columns have no names",
        ),
        (String::new(), "no columns are declared to hold them"),
    ] {
        let changed = Changed::case("own_pandas_ordered").inputs(&inputs);
        assert_refused(&changed, reason);
    }
    let refusal = Changed::case("own_pandas_ordered").inputs("").refusal();
    assert!(
        refusal.contains("hint: declare columns of text categories"),
        "{refusal}"
    );
    // As many marked columns as lists, but not the same: the codes of one give it away.
    let numbers =
        r#"[{"type":"long","name":"k"},{"type":"double","name":"x"},{"type":"long","name":"s"}]"#;
    let changed = Changed::case("own_pandas_with_codes")
        .inputs(numbers)
        .text("[categorical_feature: 0,2]", "[categorical_feature: 0]")
        .text(" -1:1:0", " [0:1]");
    assert_refused(&changed, "it is not clear which column these belong to");
}

#[test]
fn categories_take_only_columns_of_their_kind() {
    let column = |(kind, name): (&str, &str)| format!(r#"{{"type":"{kind}","name":"{name}"}}"#);
    let columns = |kinds: [&str; 4]| {
        let columns = kinds.into_iter().zip(["i", "x", "f", "b"]).map(column);
        format!("[{}]", columns.collect::<Vec<_>>().join(","))
    };
    for (kinds, reason) in [
        (["long", "double", "double", "boolean"], None),
        (["double", "float", "float", "boolean"], None),
        (["integer", "long", "long", "boolean"], None),
        (
            ["long", "double", "double", "long"],
            Some("its categories are truth values"),
        ),
        (
            ["boolean", "double", "double", "boolean"],
            Some("its categories are numbers"),
        ),
        (
            ["string", "double", "string", "string"],
            Some("its categories are numbers"),
        ),
        (
            ["datetime", "double", "double", "boolean"],
            Some("is declared `datetime`"),
        ),
    ] {
        let changed = Changed::case("own_pandas_numbers").inputs(&columns(kinds));
        match reason {
            Some(reason) => assert_refused(&changed, reason),
            None => assert!(changed.plan().is_ok(), "{kinds:?}"),
        }
    }
    let changed = Changed::case("own_pandas_numbers").text("[10, 20, 35]", "[10, \"20\", 35]");
    assert_refused(
        &changed,
        "its categories are neither all texts nor all numbers",
    );
    let changed = Changed::case("own_pandas_numbers").text("[10, 20, 35]", "[10, 20, 10]");
    assert_refused(&changed, "a category is named twice");
    let changed = Changed::case("own_pandas_numbers").text("[-2.0, 0.5, 1.5]", "[0.5, 0.5, 1.5]");
    assert_refused(
        &changed,
        "column `f` is declared `double`: two of its categories are one",
    );
    let changed = Changed::case("own_pandas_numbers").text("[10, 20, 35]", "[10, 20, ");
    assert_refused(&changed, "is not lists of names");
}

/// A value of skops, as JSON.
fn value(json: &str) -> String {
    format!(
        r#"{{"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
             "content": "{json}", "is_json": true, "__id__": 1}}"#
    )
}

/// A case whose estimator has `replacement` in place of the attribute `key`, whose old value is
/// kept under another name.
fn with_attribute(case: &str, key: &str, replacement: &str) -> Changed {
    let old = format!("\"{key}\": {{");
    Changed::case(case).schema(&old, &format!("\"{key}\": {replacement}, \"_old\": {{"))
}

#[test]
fn an_estimator_must_predict_as_it_is_known_to() {
    let stops = |json: &str| {
        let params = "\"content\": {\n          \"verbose\"";
        let stop = format!(
            "\"content\": {{\"pred_early_stop\": {},\n\"verbose\"",
            value(json)
        );
        Changed::case("own_skops_bool").schema(params, &stop)
    };
    for json in ["true", "1", "\\\"true\\\""] {
        assert_refused(&stops(json), "`_other_params`: `pred_early_stop` is set");
    }
    for json in ["false", "0", "null"] {
        assert!(stops(json).plan().is_ok(), "{json}");
    }
}

#[test]
fn an_estimator_must_be_trained_and_have_a_label_for_every_class() {
    for (key, json, reason) in [
        (
            "_Booster",
            "null",
            "`_Booster`: the estimator is not trained",
        ),
        ("_Booster", "5", "`_Booster`: expected an object"),
        ("_handle", "5", "`_Booster._handle`: expected a text"),
        (
            "_handle",
            "\\\"tree\\\\n\\\"",
            "line 2: the text ends before `end of trees`",
        ),
        (
            "best_iteration",
            "\\\"x\\\"",
            "`_Booster.best_iteration`: expected a whole number",
        ),
        ("_objective", "5", "`_objective`: expected a text"),
        ("_n_classes", "4", "it has 3 labels for 4 classes"),
        ("classes_", "[1, 2, 3]", "`_le.classes_`: expected an array"),
    ] {
        let changed = with_attribute("own_skops_three_texts", key, &value(json));
        assert_refused(&changed, reason);
    }
    let two = with_attribute(
        "own_skops_multiclass_of_two",
        "_objective",
        &value("\\\"binary\\\""),
    );
    assert_refused(
        &two,
        "the classifier has 2 labels, its booster 2 answers a row",
    );
    let without = Changed::case("own_skops_bool").schema("\"_objective\"", "\"_objektive\"");
    assert_refused(&without, "`_objective`: it is not there");
}

#[test]
fn a_classifier_with_an_objective_of_its_own_answers_what_its_booster_does() {
    let function = r#"{"__class__": "mine", "__module__": "me", "__loader__": "FunctionNode"}"#;
    let changed = with_attribute("own_skops_three_texts", "_objective", function);
    let plan = changed.plan().expect("a plan");
    let program = plan.artifact.program.expect("a program");
    let outputs: Vec<&str> = program
        .outputs()
        .iter()
        .map(|output| &*output.name)
        .collect();
    assert_eq!(outputs, ["predict"]);
}

#[test]
fn what_is_no_file_of_skops_is_refused() {
    let refused = |octets: &[u8], reason: &str| {
        let changed = Changed::case("own_skops_bool").octets(octets);
        assert_refused(&changed, reason);
    };
    refused(
        b"\x80\x04\x95",
        "`model.skops` cannot be read: it is no zip",
    );
    refused(b"tree\n", "`model.skops` cannot be read: it is no zip");
}
