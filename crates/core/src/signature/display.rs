//! The text form of schemas, as MLflow prints them inside its messages.

use super::{ColumnSpec, ColumnType, Schema, TensorSpec};
use std::fmt;

impl fmt::Display for Schema {
    /// `['a': double (required), 'b': Array(string) (optional)]` or
    /// `['x': Tensor('float32', (-1, 4))]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = match self {
            Self::Columns(columns) => columns.iter().map(ToString::to_string).collect(),
            Self::Tensors(tensors) => tensors.iter().map(ToString::to_string).collect(),
        };
        write!(f, "[{}]", parts.join(", "))
    }
}

impl fmt::Display for ColumnSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "'{name}': ")?;
        }
        write!(
            f,
            "{} ({})",
            self.kind,
            if self.required {
                "required"
            } else {
                "optional"
            }
        )
    }
}

impl fmt::Display for TensorSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "'{name}': ")?;
        }
        let shape: Vec<Option<usize>> = self.shape.clone();
        write!(f, "Tensor('{}', {})", self.kind.name(), TupleOf(&shape))
    }
}

/// A shape as Python prints a tuple: `()`, `(4,)`, `(-1, 4)`.
pub struct TupleOf<'a>(pub &'a [Option<usize>]);

impl fmt::Display for TupleOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |size: &Option<usize>| size.map_or("-1".to_owned(), |size| size.to_string());
        let sizes: Vec<String> = self.0.iter().map(size).collect();
        let comma = if sizes.len() == 1 { "," } else { "" };
        write!(f, "({}{comma})", sizes.join(", "))
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => f.write_str(scalar.name()),
            Self::Array(items) => write!(f, "Array({items})"),
            Self::Map(values) => match &**values {
                Self::Scalar(scalar) => write!(f, "Map(str -> DataType.{})", scalar.name()),
                other => write!(f, "Map(str -> {other})"),
            },
            Self::Any => f.write_str("Any"),
            Self::SparkVector => f.write_str("SparkML vector"),
            Self::Object(properties) => {
                let property = |property: &super::Property| {
                    let need = if property.required {
                        "required"
                    } else {
                        "optional"
                    };
                    format!("{}: {} ({need})", property.name, property.kind)
                };
                let properties: Vec<String> = properties.iter().map(property).collect();
                write!(f, "{{{}}}", properties.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Signature;

    #[test]
    fn schemas_are_printed_as_mlflow_prints_them() {
        for (json, text) in [
            (
                r#"[{"type":"double","name":"a"},
                    {"type":"array","items":{"type":"string"},"name":"b","required":false},
                    {"type":"object","properties":{"y":{"type":"string","required":false},
                     "x":{"type":"long"}},"name":"c","required":true},
                    {"type":"map","values":{"type":"long"},"name":"d"},{"type":"any","name":"e"}]"#,
                "['a': double (required), 'b': Array(string) (optional), \
                 'c': {x: long (required), y: string (optional)} (required), \
                 'd': Map(str -> DataType.long) (optional), 'e': Any (optional)]",
            ),
            (r#"[{"type":"double"}]"#, "[double (required)]"),
            (
                r#"[{"type":"tensor","name":"x","tensor-spec":{"dtype":"float32","shape":[-1,4]}}]"#,
                "['x': Tensor('float32', (-1, 4))]",
            ),
            (
                r#"[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1]}}]"#,
                "[Tensor('float64', (-1,))]",
            ),
        ] {
            let signature = Signature::parse(Some(json), None, None).expect("a signature");
            assert_eq!(signature.inputs.expect("inputs").to_string(), text);
        }
    }
}
