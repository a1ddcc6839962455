//! What a package says of itself.

use crate::case::line;
use flowgate_core::{Manifest, Signature, yaml};
use std::fmt::Debug;

/// Whether two things are the same in words: NaN is not equal to itself.
fn same<T: Debug>(one: &T, other: &T) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// The text of an `MLmodel` file: what was read is written and read again as the same, as YAML
/// and as a manifest.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = yaml::parse(text);
    if let Ok(value) = &parsed {
        let written = yaml::emit(value);
        let again = yaml::parse(&written);
        assert!(again.is_ok_and(|again| same(&again, value)), "{written}");
        let _ = value.to_json();
    }
    match Manifest::parse(text) {
        Ok(manifest) => {
            assert!(parsed.is_ok(), "a manifest that is not YAML");
            let again = Manifest::parse(&manifest.to_yaml());
            assert!(again.is_ok_and(|again| same(&again, &manifest)));
            let _ = flavors::choose(&manifest);
            let _ = manifest.saved_input_example();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The three texts of a signature, a line each: inputs, outputs and params.
pub fn signature(data: &[u8]) {
    let lines = || {
        let (inputs, rest) = line(data)?;
        let (outputs, rest) = line(rest)?;
        let (params, _) = line(rest)?;
        Some([inputs, outputs, params])
    };
    let Some([inputs, outputs, params]) = lines() else {
        return;
    };
    let Ok(signature) = Signature::parse(inputs, outputs, params) else {
        return;
    };
    let written = signature.to_json();
    let [inputs, outputs, params] = written.each_ref().map(|(_, text)| text.as_deref());
    let again = Signature::parse(inputs, outputs, params);
    assert_eq!(again.as_ref(), Ok(&signature), "{written:?}");
    for schema in [&signature.inputs, &signature.outputs]
        .into_iter()
        .flatten()
    {
        let _ = schema.is_named();
    }
}
