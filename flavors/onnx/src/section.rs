//! The sections `onnx` and `python_function` of a manifest, in every form that MLflow reads.

use crate::NAME;
use flowgate_core::yaml::{Mapping, Value};
use flowgate_core::{ExecutionProvider, FlavorError, Optimization, SessionOptions};
use flowgate_flavorkit::Sections;
use std::collections::BTreeMap;

/// The sections of this flavor.
pub(crate) const SECTIONS: Sections = Sections {
    flavor: NAME,
    loader: "mlflow.onnx",
};

/// The execution providers in order: a list whose entries are names, or a name with options.
/// A name alone and null are taken too, as MLflow takes them.
pub(crate) fn providers(section: &Mapping) -> Result<Vec<ExecutionProvider>, FlavorError> {
    match section.get("providers") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Str(name)) => Ok(vec![provider(name, BTreeMap::new())]),
        Some(Value::Seq(entries)) => entries.iter().map(provider_entry).collect(),
        Some(other) => Err(bad("providers", "a list", other)),
    }
}

fn provider_entry(entry: &Value) -> Result<ExecutionProvider, FlavorError> {
    let refuse = || {
        bad(
            "providers",
            "a list of names or pairs of name and options",
            entry,
        )
    };
    match entry {
        Value::Str(name) => Ok(provider(name, BTreeMap::new())),
        Value::Seq(pair) => match pair.as_slice() {
            [Value::Str(name)] => Ok(provider(name, BTreeMap::new())),
            [Value::Str(name), Value::Null] => Ok(provider(name, BTreeMap::new())),
            [Value::Str(name), Value::Map(options)] => {
                Ok(provider(name, texts("providers", options)?))
            }
            _ => Err(refuse()),
        },
        _ => Err(refuse()),
    }
}

fn provider(name: &str, options: BTreeMap<String, String>) -> ExecutionProvider {
    ExecutionProvider {
        name: name.to_owned(),
        options,
    }
}

/// `onnx_session_options`. As in MLflow, zeros count as absent, and keys that it does not know
/// are passed over.
pub(crate) fn session_options(section: &Mapping) -> Result<SessionOptions, FlavorError> {
    const KEY: &str = "onnx_session_options";
    let options = match section.get(KEY) {
        None | Some(Value::Null) => return Ok(SessionOptions::default()),
        Some(Value::Map(options)) => options,
        Some(other) => return Err(bad(KEY, "a map", other)),
    };
    let whole = |key: &str| -> Result<Option<usize>, FlavorError> {
        match options.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value
                    .as_i64()
                    .and_then(|number| usize::try_from(number).ok());
                let number =
                    number.ok_or_else(|| bad(&format!("{KEY}.{key}"), "a whole number", value))?;
                Ok(Some(number).filter(|number| *number > 0))
            }
        }
    };
    let optimization = match whole("graph_optimization_level")? {
        None => None,
        Some(1) => Some(Optimization::Basic),
        Some(2) => Some(Optimization::Extended),
        Some(99) => Some(Optimization::All),
        Some(other) => {
            return Err(FlavorError::BadValue {
                flavor: NAME,
                key: format!("{KEY}.graph_optimization_level"),
                expected: "0, 1, 2 or 99",
                found: other.to_string(),
            });
        }
    };
    Ok(SessionOptions {
        parallel: execution_mode(options)?,
        optimization,
        intra_op_threads: whole("intra_op_num_threads")?,
        inter_op_threads: whole("inter_op_num_threads")?,
        config: match options.get("extra_session_config") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(Value::Map(config)) => texts("extra_session_config", config)?,
            Some(other) => return Err(bad("extra_session_config", "a map", other)),
        },
    })
}

fn execution_mode(options: &Mapping) -> Result<Option<bool>, FlavorError> {
    let expected = "`sequential` or `parallel`";
    match options.get("execution_mode") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Str(mode)) => match mode.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "sequential" => Ok(Some(false)),
            "parallel" => Ok(Some(true)),
            _ => Err(FlavorError::BadValue {
                flavor: NAME,
                key: "execution_mode".to_owned(),
                expected,
                found: "another text".to_owned(),
            }),
        },
        Some(other) => Err(bad("execution_mode", expected, other)),
    }
}

/// A map of settings as texts, the way Python prints them.
fn texts(key: &str, map: &Mapping) -> Result<BTreeMap<String, String>, FlavorError> {
    map.iter()
        .map(|(name, value)| {
            let name = name
                .as_str()
                .ok_or_else(|| bad(key, "a map from texts", name))?;
            let text = match value {
                Value::Str(text) => text.clone(),
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                other => match other.as_i64() {
                    Some(number) => number.to_string(),
                    None => return Err(bad(key, "a map to texts and whole numbers", other)),
                },
            };
            Ok((name.to_owned(), text))
        })
        .collect()
}

fn bad(key: &str, expected: &'static str, found: &Value) -> FlavorError {
    SECTIONS.bad(key, expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::yaml;

    fn section(text: &str) -> Mapping {
        match yaml::parse(text) {
            Ok(Value::Map(section)) => section,
            other => panic!("a section, not {other:?}"),
        }
    }

    fn names(text: &str) -> Result<Vec<String>, String> {
        let providers = providers(&section(text)).map_err(|error| error.to_string())?;
        let name = |provider: ExecutionProvider| match provider.options.get("device_id") {
            Some(device) => format!("{}:{device}", provider.name),
            None => provider.name,
        };
        Ok(providers.into_iter().map(name).collect())
    }

    #[test]
    fn providers_come_in_all_forms_that_mlflow_writes() {
        for (text, expected) in [
            ("data: x", &[][..]),
            ("providers: null", &[]),
            ("providers: A", &["A"]),
            ("providers: [A, B]", &["A", "B"]),
            ("providers:\n- - A\n  - device_id: 1\n- B", &["A:1", "B"]),
            ("providers: [[A, {device_id: '0'}]]", &["A:0"]),
        ] {
            assert_eq!(names(text).expect(text), expected, "{text}");
        }
        for text in [
            "providers: 1",
            "providers: [[1, {}]]",
            "providers: [[A, [], []]]",
        ] {
            assert!(names(text).is_err(), "{text}");
        }
    }

    #[test]
    fn session_options_are_read_and_zeros_count_as_absent() {
        let options =
            |text: &str| session_options(&section(&format!("onnx_session_options:{text}")));
        let read = options(
            "\n  execution_mode: PARALLEL\n  graph_optimization_level: 99\n  \
             intra_op_num_threads: 2\n  inter_op_num_threads: 0\n  log_severity_level: 3\n  \
             extra_session_config: {session.x: '1', session.y: 2}",
        );
        let read = read.expect("all of it");
        assert_eq!(read.parallel, Some(true));
        assert_eq!(read.optimization, Some(Optimization::All));
        assert_eq!(
            (read.intra_op_threads, read.inter_op_threads),
            (Some(2), None)
        );
        assert_eq!(read.config["session.y"], "2");
        assert_eq!(
            options(" null").expect("nothing"),
            SessionOptions::default()
        );
        assert_eq!(
            options(" {graph_optimization_level: 0}")
                .expect("0")
                .optimization,
            None
        );
        for text in [
            " [1]",
            " {execution_mode: sideways}",
            " {graph_optimization_level: 3}",
            " {intra_op_num_threads: -1}",
            " {extra_session_config: {a: [1]}}",
        ] {
            assert!(options(text).is_err(), "{text}");
        }
    }
}
