//! Functions of 32-bit floats as ONNX Runtime 1.32 approximates them on a CPU: the same
//! polynomials, in the same order, with the same roundings. Others that are as good would differ
//! by more than the last places wherever a function is approximated coarsely, or subtracted from
//! something near.

mod fused;
mod map;
mod packets;
mod softmax;

pub(super) use fused::{Erf, Exp, ExpBelow, Logistic, Tanh};
pub(super) use map::{Function, map, map_in_place, map_to};
pub(super) use packets::{Acos, Asin, Atan, ExpOfFour, Log, Log1p, Packet, map_packets};
pub(super) use softmax::{powers, softmax};
