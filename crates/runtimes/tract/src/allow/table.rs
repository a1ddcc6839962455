//! The list: operators that the engine answers as the ONNX specification asks for, tried against
//! ONNX Runtime 1.32 type by type, with NaN, infinities and no rows among the values.
//!
//! Not on it, with the reason:
//!
//! - `Softplus`, `LogSoftmax`, `ReduceLogSumExp`, `ReduceLogSum`: overflow where the true answer
//!   is finite.
//! - `Clip`, `Max`, `Min`: lose NaN. `IsNaN`: ends every run.
//! - `ReduceProd`: overflows in another order.
//! - `Div` of half floats: overflows early.
//! - `GRU`, `LSTM`, `RNN`: their inner sigmoid and tanh lose NaN and saturate early.
//! - `Shape`, `Size`, `ConstantOfShape`, `Range`, `Expand`, `Tile`: computing with sizes is
//!   symbolic in the engine, and comparing such sizes gives an answer before they are known.
//! - Operators with subgraphs, and random ones.
//! - Ensembles of trees: the engine gives other values for some, and the runtime of tables has
//!   them all.
//! - `Scaler`, `OneHotEncoder`, `LabelEncoder`, `Imputer`, `Binarizer`, SVMs and others of
//!   `ai.onnx.ml`: the engine does not have them.

use super::row::Gives::{Always, Each, Input, To, Value};
use super::row::{Row, ml, on};
use super::{arithmetic, layers, linear};
use flowgate_onnx::AttributeKind::{Float, Floats, Int, Ints, String as Text, Strings, Tensor};
use flowgate_onnx::ElemType::{self, *};
use flowgate_onnx::Node;

const F32: &[ElemType] = &[ElemType::Float];
const FLOATS: &[ElemType] = &[ElemType::Float, Double];
const NUMBERS: &[ElemType] = &[ElemType::Float, Double, Int32, Int64];
const NUMBERS_AND_HALF: &[ElemType] = &[ElemType::Float, Double, Int32, Int64, Float16];
const INDICES: &[ElemType] = &[Int32, Int64];
const SIZES: &[ElemType] = &[Int64];
const TRUTH: &[ElemType] = &[Bool];
/// What `Cast` takes and gives.
pub(super) const NUMBERS_AND_BOOL: &[ElemType] = &[
    ElemType::Float,
    Double,
    Float16,
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
];
const ALL: &[ElemType] = &[
    ElemType::Float,
    Double,
    Float16,
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    ElemType::String,
];

/// Inputs of an operator that takes any number of them.
const MANY: usize = usize::MAX;

const TABLE: &[Row] = &[
    // Values as they are.
    on("Identity", ALL),
    on("Constant", ALL)
        .with(&[
            ("value", Tensor),
            ("value_int", Int),
            ("value_ints", Ints),
            ("value_float", Float),
            ("value_floats", Floats),
        ])
        .alike(0, 0)
        .gives(Value),
    on("Dropout", FLOATS).with(&[("ratio", Float), ("seed", Int)]),
    on("Concat", ALL).with(&[("axis", Int)]).alike(1, MANY),
    on("Split", ALL)
        .with(&[("axis", Int), ("split", Ints)])
        .then(1, (1, 2), SIZES)
        .constant(&[1])
        .outputs(1, MANY),
    on("Slice", ALL)
        .then(1, (3, 5), INDICES)
        .constant(&[1, 2, 3, 4])
        .further(layers::slice),
    on("Gather", ALL)
        .with(&[("axis", Int)])
        .then(1, (2, 2), INDICES),
    on("Reshape", ALL)
        .with(&[("allowzero", Int)])
        .then(1, (2, 2), SIZES)
        .constant(&[1]),
    on("Flatten", ALL).with(&[("axis", Int)]),
    on("Transpose", ALL).with(&[("perm", Ints)]),
    on("Squeeze", ALL)
        .with(&[("axes", Ints)])
        .then(1, (1, 2), SIZES)
        .constant(&[1])
        .further(layers::has_axes),
    on("Unsqueeze", ALL)
        .with(&[("axes", Ints)])
        .then(1, (1, 2), SIZES)
        .constant(&[1])
        .further(layers::has_axes),
    on("Cast", NUMBERS_AND_BOOL).with(&[("to", Int)]).gives(To),
    // Element by element.
    on("Add", NUMBERS_AND_HALF).alike(2, 2),
    on("Sub", NUMBERS_AND_HALF).alike(2, 2),
    on("Mul", NUMBERS_AND_HALF)
        .alike(2, 2)
        .further(arithmetic::product),
    on("Div", FLOATS).alike(2, 2).further(arithmetic::quotient),
    on("Pow", FLOATS).alike(2, 2).further(arithmetic::power),
    on("Sum", FLOATS).alike(1, MANY),
    on("Neg", NUMBERS_AND_HALF),
    on("Abs", NUMBERS),
    on("Sqrt", FLOATS),
    on("Exp", FLOATS),
    on("Log", FLOATS),
    on("Reciprocal", FLOATS),
    on("Floor", FLOATS),
    on("Ceil", FLOATS),
    on("Erf", F32),
    on("Relu", FLOATS),
    on("Sigmoid", FLOATS),
    on("Tanh", FLOATS),
    on("LeakyRelu", F32).with(&[("alpha", Float)]),
    on("Elu", F32).with(&[("alpha", Float)]),
    // Truth values.
    on("Equal", NUMBERS).alike(2, 2).gives(Always(Bool)),
    on("Greater", NUMBERS).alike(2, 2).gives(Always(Bool)),
    on("GreaterOrEqual", NUMBERS)
        .alike(2, 2)
        .gives(Always(Bool)),
    on("Less", NUMBERS).alike(2, 2).gives(Always(Bool)),
    on("LessOrEqual", NUMBERS).alike(2, 2).gives(Always(Bool)),
    on("Not", TRUTH),
    on("And", TRUTH).alike(2, 2),
    on("Or", TRUTH).alike(2, 2),
    on("Xor", TRUTH).alike(2, 2),
    on("Where", TRUTH)
        .then(1, (3, 3), NUMBERS)
        .gives(Input(1))
        .further(layers::branches_alike),
    // Along axes.
    reduce("ReduceSum", NUMBERS),
    reduce("ReduceMean", FLOATS),
    reduce("ReduceSumSquare", FLOATS),
    reduce("ReduceL1", FLOATS),
    reduce("ReduceL2", FLOATS),
    reduce("ReduceMax", NUMBERS),
    reduce("ReduceMin", NUMBERS),
    on("ArgMax", NUMBERS).with(ARG).gives(Always(Int64)),
    on("ArgMin", NUMBERS).with(ARG).gives(Always(Int64)),
    on("Softmax", FLOATS).with(&[("axis", Int)]),
    // Layers.
    on("MatMul", FLOATS).alike(2, 2),
    on("Gemm", FLOATS)
        .with(&[
            ("alpha", Float),
            ("beta", Float),
            ("transA", Int),
            ("transB", Int),
        ])
        .alike(2, 3)
        .further(arithmetic::gemm),
    on("Conv", F32)
        .with(CONV)
        .alike(2, 3)
        .constant(&[1, 2])
        .further(layers::padding),
    on("MaxPool", F32).with(POOL).further(layers::padding),
    on("GlobalAveragePool", F32),
    on("BatchNormalization", F32)
        .with(&[
            ("epsilon", Float),
            ("momentum", Float),
            ("spatial", Int),
            ("training_mode", Int),
        ])
        .alike(5, 5)
        .constant(&[1, 2, 3, 4])
        .further(arithmetic::scale),
    // Classical machine learning.
    ml("ArrayFeatureExtractor", NUMBERS).then(1, (2, 2), SIZES),
    ml("Normalizer", F32)
        .with(&[("norm", Text)])
        .gives(Always(ElemType::Float))
        .further(linear::normalizer),
    ml("LinearClassifier", FLOATS)
        .with(&[
            ("classlabels_ints", Ints),
            ("classlabels_strings", Strings),
            ("coefficients", Floats),
            ("intercepts", Floats),
            ("multi_class", Int),
            ("post_transform", Text),
        ])
        .outputs(2, 2)
        .gives(Each(&[Int64, ElemType::Float]))
        .further(linear::classifier),
];

const REDUCE: &[(&str, flowgate_onnx::AttributeKind)] = &[
    ("axes", Ints),
    ("keepdims", Int),
    ("noop_with_empty_axes", Int),
];
const ARG: &[(&str, flowgate_onnx::AttributeKind)] =
    &[("axis", Int), ("keepdims", Int), ("select_last_index", Int)];
const CONV: &[(&str, flowgate_onnx::AttributeKind)] = &[
    ("auto_pad", Text),
    ("dilations", Ints),
    ("group", Int),
    ("kernel_shape", Ints),
    ("pads", Ints),
    ("strides", Ints),
];
const POOL: &[(&str, flowgate_onnx::AttributeKind)] = &[
    ("auto_pad", Text),
    ("ceil_mode", Int),
    ("dilations", Ints),
    ("kernel_shape", Ints),
    ("pads", Ints),
    ("storage_order", Int),
    ("strides", Ints),
];

/// A line for an operator that reduces axes.
const fn reduce(op_type: &'static str, elems: &'static [ElemType]) -> Row {
    on(op_type, elems)
        .with(REDUCE)
        .then(1, (1, 2), SIZES)
        .constant(&[1])
        .further(layers::reduced)
}

/// The line of a node's operator.
pub(super) fn find(node: Node<'_>) -> Option<&'static Row> {
    TABLE.iter().find(|row| node.is(row.domain, row.op_type))
}
