//! Makes small graphs without Python, for tests and tools.
//!
//! Nothing is checked here: a test of the checks must be able to break every rule. Read the
//! result with [`Model::from_proto`](crate::Model::from_proto) to have it checked.
//!
//! ```
//! use flowgate_onnx::{ElemType, Limits, Model, build};
//!
//! let proto = build::graph("doubled")
//!     .input("x", build::tensor(ElemType::Float, &["n", "3"]))
//!     .output("y", build::tensor(ElemType::Float, &["n", "3"]))
//!     .node(build::node("Add", &["x", "x"], &["y"]))
//!     .model();
//! let model = Model::from_proto(proto, &Limits::default())?;
//! assert_eq!(model.inputs().len(), 1);
//! # Ok::<(), flowgate_onnx::OnnxError>(())
//! ```

pub mod sample;

use bytes::Bytes;

use crate::elem::ElemType;
use crate::node::AI_ONNX_ML;
use crate::proto::{
    AttributeProto, DimensionProto, DimensionValue, GraphProto, MapTypeProto, ModelProto,
    NodeProto, OperatorSetIdProto, SequenceTypeProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, TypeValue, ValueInfoProto, attribute_type,
};

/// Representation version of built models: that of July 2021, which brought functions.
pub const IR_VERSION: i64 = 8;
/// Version of `ai.onnx` that built models import.
pub const OPSET: i64 = 17;
/// Version of `ai.onnx.ml` that built models import.
pub const OPSET_ML: i64 = 3;

/// An empty graph.
pub fn graph(name: &str) -> GraphBuilder {
    GraphBuilder {
        proto: GraphProto {
            name: Some(name.to_owned()),
            ..GraphProto::default()
        },
    }
}

/// Adds to a graph in the order of the calls.
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    proto: GraphProto,
}

impl GraphBuilder {
    /// Adds an input.
    pub fn input(mut self, name: &str, r#type: TypeProto) -> Self {
        self.proto.input.push(value(name, r#type));
        self
    }

    /// Adds an output.
    pub fn output(mut self, name: &str, r#type: TypeProto) -> Self {
        self.proto.output.push(value(name, r#type));
        self
    }

    /// Adds a node.
    pub fn node(mut self, node: NodeProto) -> Self {
        self.proto.node.push(node);
        self
    }

    /// Adds an initializer of a name.
    pub fn initializer(mut self, name: &str, tensor: TensorProto) -> Self {
        self.proto.initializer.push(TensorProto {
            name: Some(name.to_owned()),
            ..tensor
        });
        self
    }

    /// The graph, for an attribute.
    pub fn build(self) -> GraphProto {
        self.proto
    }

    /// A whole file around the graph, with [`IR_VERSION`], [`OPSET`] and [`OPSET_ML`].
    pub fn model(self) -> ModelProto {
        ModelProto {
            ir_version: Some(IR_VERSION),
            producer_name: Some("flowgate".to_owned()),
            graph: Some(self.proto),
            opset_import: vec![opset("", OPSET), opset(AI_ONNX_ML, OPSET_ML)],
            ..ModelProto::default()
        }
    }
}

/// An import of an operator set.
pub fn opset(domain: &str, version: i64) -> OperatorSetIdProto {
    OperatorSetIdProto {
        domain: Some(domain.to_owned()),
        version: Some(version),
    }
}

/// A node of `ai.onnx`.
pub fn node(op_type: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: Some(op_type.to_owned()),
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: outputs.iter().map(|&name| name.to_owned()).collect(),
        ..NodeProto::default()
    }
}

impl NodeProto {
    /// Sets the domain.
    pub fn in_domain(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }

    /// Sets the name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Adds an attribute.
    pub fn with(mut self, name: &str, value: impl Into<AttributeProto>) -> Self {
        self.attribute.push(AttributeProto {
            name: Some(name.to_owned()),
            ..value.into()
        });
        self
    }
}

/// A tensor type. Extents are numbers, names, or `?` for unknown.
pub fn tensor(elem: ElemType, dims: &[&str]) -> TypeProto {
    TypeProto {
        value: Some(TypeValue::Tensor(TensorTypeProto {
            elem_type: Some(elem.number()),
            shape: Some(TensorShapeProto {
                dim: dims.iter().map(|text| dimension(text)).collect(),
            }),
        })),
        denotation: None,
    }
}

/// `seq(map(key, tensor(value)))`, the type of what `ZipMap` makes.
pub fn sequence_of_map(key: ElemType, value: ElemType) -> TypeProto {
    let map = TypeProto {
        value: Some(TypeValue::Map(Box::new(MapTypeProto {
            key_type: Some(key.number()),
            value_type: Some(tensor(value, &[])),
        }))),
        denotation: None,
    };
    TypeProto {
        value: Some(TypeValue::Sequence(Box::new(SequenceTypeProto {
            elem_type: Some(map),
        }))),
        denotation: None,
    }
}

/// A float tensor.
pub fn floats(dims: &[i64], data: &[f32]) -> TensorProto {
    TensorProto {
        float_data: data.to_vec(),
        ..empty(ElemType::Float, dims)
    }
}

/// An `int64` tensor.
pub fn ints(dims: &[i64], data: &[i64]) -> TensorProto {
    TensorProto {
        int64_data: data.to_vec(),
        ..empty(ElemType::Int64, dims)
    }
}

/// A `bool` tensor.
pub fn bools(dims: &[i64], data: &[bool]) -> TensorProto {
    TensorProto {
        int32_data: data.iter().map(|value| i32::from(*value)).collect(),
        ..empty(ElemType::Bool, dims)
    }
}

/// A string tensor.
pub fn strings(dims: &[i64], data: &[&str]) -> TensorProto {
    TensorProto {
        string_data: texts(data),
        ..empty(ElemType::String, dims)
    }
}

/// A tensor of any type but `string` from its little endian bytes.
pub fn raw(elem: ElemType, dims: &[i64], data: impl Into<Bytes>) -> TensorProto {
    TensorProto {
        raw_data: Some(data.into()),
        ..empty(elem, dims)
    }
}

/// A tensor whose data is in another file, from `offset` on when there is one.
pub fn external(elem: ElemType, dims: &[i64], location: &str, offset: Option<u64>) -> TensorProto {
    let entry = |key: &str, value: String| StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value),
    };
    TensorProto {
        data_location: Some(1),
        external_data: [entry("location", location.to_owned())]
            .into_iter()
            .chain(offset.map(|offset| entry("offset", offset.to_string())))
            .collect(),
        ..empty(elem, dims)
    }
}

macro_rules! attribute_from {
    ($($from:ty, $kind:ident, $field:ident, $value:ident => $into:expr;)+) => {$(
        impl From<$from> for AttributeProto {
            fn from($value: $from) -> Self {
                Self {
                    r#type: Some(attribute_type::$kind),
                    $field: $into,
                    ..Self::default()
                }
            }
        }
    )+};
}

attribute_from! {
    i64, INT, i, value => Some(value);
    f32, FLOAT, f, value => Some(value);
    &str, STRING, s, value => Some(Bytes::copy_from_slice(value.as_bytes()));
    &[i64], INTS, ints, value => value.to_vec();
    &[f32], FLOATS, floats, value => value.to_vec();
    &[&str], STRINGS, strings, value => texts(value);
    TensorProto, TENSOR, t, value => Some(Box::new(value));
    GraphProto, GRAPH, g, value => Some(Box::new(value));
}

fn value(name: &str, r#type: TypeProto) -> ValueInfoProto {
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(r#type),
        ..ValueInfoProto::default()
    }
}

fn dimension(text: &str) -> DimensionProto {
    let value = match text.parse() {
        Ok(number) => Some(DimensionValue::Value(number)),
        Err(_) if text == "?" => None,
        Err(_) => Some(DimensionValue::Param(text.to_owned())),
    };
    DimensionProto {
        value,
        denotation: None,
    }
}

fn empty(elem: ElemType, dims: &[i64]) -> TensorProto {
    TensorProto {
        dims: dims.to_vec(),
        data_type: Some(elem.number()),
        ..TensorProto::default()
    }
}

fn texts(data: &[&str]) -> Vec<Bytes> {
    data.iter()
        .map(|text| Bytes::copy_from_slice(text.as_bytes()))
        .collect()
}
