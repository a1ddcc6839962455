//! Numbers made of the octets of elements: MurmurHash3 of 32 bits, by Austin Appleby.

use super::super::microsoft;
use crate::data::tensor;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType};

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] = &[microsoft("MurmurHash3", murmur_hash, "")];

/// Hashes each element.
struct MurmurHash {
    seed: u32,
    /// Whether the numbers are without a sign.
    positive: bool,
}

fn murmur_hash(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    match node.datatype(0)? {
        DataType::I32
        | DataType::I64
        | DataType::U32
        | DataType::U64
        | DataType::F32
        | DataType::F64
        | DataType::Str => {}
        other => return node.refuse(format!("elements of `{other}` are not taken")),
    }
    let seed = node.int("seed", 0)?;
    let hash = MurmurHash {
        // Its lowest 32 bits.
        seed: seed as u32,
        positive: node.int("positive", 1)? != 0,
    };
    let made = if hash.positive {
        DataType::U32
    } else {
        DataType::I32
    };
    Ok(Lowered::one(hash, made))
}

impl Operator for MurmurHash {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let seed = self.seed;
        let hashes: Vec<u32> = match input.data() {
            Data::I32(numbers) => numbers
                .iter()
                .map(|it| hash(&it.to_le_bytes(), seed))
                .collect(),
            Data::I64(numbers) => numbers
                .iter()
                .map(|it| hash(&it.to_le_bytes(), seed))
                .collect(),
            Data::U32(numbers) => numbers
                .iter()
                .map(|it| hash(&it.to_le_bytes(), seed))
                .collect(),
            Data::U64(numbers) => numbers
                .iter()
                .map(|it| hash(&it.to_le_bytes(), seed))
                .collect(),
            Data::F32(numbers) => numbers
                .iter()
                .map(|it| hash(&it.to_le_bytes(), seed))
                .collect(),
            Data::F64(numbers) => numbers
                .iter()
                .map(|it| hash(&it.to_le_bytes(), seed))
                .collect(),
            Data::Str(texts) => texts.iter().map(|it| hash(it.as_bytes(), seed)).collect(),
            other => {
                return Err(Fault::failed(format!(
                    "found elements of `{}`",
                    other.datatype()
                )));
            }
        };
        if self.positive {
            return Ok(one(tensor(input.shape(), hashes)?));
        }
        let signed = hashes.into_iter().map(u32::cast_signed).collect();
        Ok(one(tensor::<i32>(input.shape(), signed)?))
    }
}

fn hash(octets: &[u8], seed: u32) -> u32 {
    let mix = |word: u32| {
        let word = word.wrapping_mul(0xCC9E_2D51).rotate_left(15);
        word.wrapping_mul(0x1B87_3593)
    };
    let (words, rest) = octets.as_chunks::<4>();
    let mut hash = seed;
    for word in words {
        hash = (hash ^ mix(u32::from_le_bytes(*word))).rotate_left(13);
        hash = hash.wrapping_mul(5).wrapping_add(0xE654_6B64);
    }
    if !rest.is_empty() {
        let word = rest
            .iter()
            .rev()
            .fold(0, |word, octet| word << 8 | u32::from(*octet));
        hash ^= mix(word);
    }
    hash ^= octets.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
    hash ^ hash >> 16
}
