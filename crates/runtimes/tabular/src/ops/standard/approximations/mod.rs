//! Functions of 32-bit floats as ONNX Runtime 1.32 approximates them on a CPU: the same
//! polynomials, in the same order, with the same roundings. Others that are as good would differ
//! by more than the last places wherever a function is approximated coarsely, or subtracted from
//! something near.

mod fused;
mod packets;
mod wide;

pub(super) use fused::{Erf, Exp, ExpBelow, Logistic, Tanh};
pub(super) use packets::{Acos, Asin, Atan, ExpOfFour, Log, Log1p, Packet, map_packets};
#[cfg(target_arch = "x86_64")]
pub(super) use wide::has_fused;
pub(super) use wide::{Function, map, map_to};
