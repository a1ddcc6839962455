//! Bare texts of LightGBM become packages that read back.

use crate::case::{folder, plan};
use flavor_lightgbm::LightGbm;
use flowgate_core::{Flavor, PackRequest, PackageBuilder, Schema, Signature};
use std::path::Path;

/// What the package made of `case` declares, or what is wrong with it.
fn packed(case: &str, signature: Signature) -> Result<Signature, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("package");
    let mut builder = PackageBuilder::create(&path).expect("a new folder");
    let request = PackRequest {
        source: self::folder(case).join("model.lgb"),
        signature,
    };
    let packed = LightGbm.pack(&request, &mut builder);
    packed.map_err(|error| error.to_string())?;
    builder.finish().expect("a whole package");
    Ok(plan(&path).expect("it reads back").signature)
}

fn shown(schema: Option<&Schema>) -> String {
    schema.map_or_else(String::new, ToString::to_string)
}

#[test]
fn a_signature_is_made_as_mlflow_infers_it() {
    for (case, inputs, outputs) in [
        (
            "own_goss",
            "['a': double (required), 'b': double (required), 'c': double (required), \
             'd': double (required)]",
            "[Tensor('float64', (-1,))]",
        ),
        (
            "own_pandas_texts",
            "['x': double (required), 's': string (required), 'u': string (required), \
             'v': double (required)]",
            "[Tensor('float64', (-1,))]",
        ),
        (
            "own_pandas_numbers",
            "['i': long (required), 'x': double (required), 'f': double (required), \
             'b': boolean (required)]",
            "[Tensor('float64', (-1,))]",
        ),
        (
            "own_float_tensor",
            "['Column_0': double (required), 'Column_1': double (required), \
             'Column_2': double (required), 'Column_3': double (required)]",
            "[Tensor('float64', (-1,))]",
        ),
        (
            "own_custom_objective",
            "['a': double (required), 'b': double (required), 'c': double (required), \
             'd': double (required)]",
            "[Tensor('float64', (-1, 3))]",
        ),
    ] {
        let signature = packed(case, Signature::default()).expect(case);
        assert_eq!(shown(signature.inputs.as_ref()), inputs, "{case}");
        assert_eq!(shown(signature.outputs.as_ref()), outputs, "{case}");
    }
}

#[test]
fn a_signature_that_is_given_is_kept_but_for_whole_numbers_of_chance() {
    let given = |inputs: &str| Signature::parse(Some(inputs), None, None).expect("a signature");
    let columns =
        r#"[{"type":"long","name":"o"},{"type":"long","name":"x"},{"type":"string","name":"s"}]"#;
    let error = packed("own_pandas_ordered", given(columns)).expect_err("text categories");
    assert!(error.contains("it is not clear which they are"), "{error}");
    let columns = columns.replacen("long", "string", 1);
    let signature = packed("own_pandas_ordered", given(&columns)).expect("a package");
    assert_eq!(
        shown(signature.inputs.as_ref()),
        "['o': string (required), 'x': double (required), 's': string (required)]"
    );
    let columns = r#"[{"type":"long","name":"i","required":true},{"type":"integer","name":"x","required":true},
        {"type":"long","name":"f","required":true},{"type":"boolean","name":"b","required":true}]"#;
    let signature = packed("own_pandas_numbers", given(columns)).expect("a package");
    assert_eq!(
        shown(signature.inputs.as_ref()),
        "['i': long (required), 'x': double (required), 'f': long (required), \
         'b': boolean (required)]"
    );
    let tensor = r#"[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,4]}}]"#;
    let signature = packed("own_goss", given(tensor)).expect("a package");
    assert_eq!(
        shown(signature.inputs.as_ref()),
        "[Tensor('float64', (-1, 4))]"
    );
}

#[test]
fn columns_of_categories_that_are_not_clear_must_be_given() {
    let error = packed("own_pandas_ordered", Signature::default()).expect_err("not clear");
    assert!(
        error.contains("hint: declare columns of text categories"),
        "{error}"
    );
}

#[test]
fn sources_are_recognised_by_name_and_first_octets() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content, known) in [
        ("a.txt", "tree\nversion=v4", true),
        ("a.LGB", "tree\nversion=v4", true),
        ("a.txt", "tree\r\nversion=v4", true),
        ("a.txt", "trees\n", false),
        ("a.txt", "tree", false),
        ("a.txt", "", false),
        ("a.json", "tree\n", false),
        ("a", "tree\n", false),
    ] {
        let path = folder.path().join(name);
        fs_err::write(&path, content).expect("written");
        assert_eq!(LightGbm.recognises(&path), known, "{name}: {content}");
    }
    assert!(!LightGbm.recognises(Path::new("/nothing/there.txt")));
}
