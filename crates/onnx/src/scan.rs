//! A walk over the wire format that allocates nothing, done before anything is decoded.
//!
//! A node that says nothing takes two bytes in a file and some two hundred in memory, so a bound
//! on the length of a file is no bound on what decoding it takes. This walk counts nodes, graph
//! levels and the memory of the decoded messages, and stops at the first excess. It knows which
//! fields of [`crate::proto`] are lists and how large their members are, nothing else;
//! whether text is UTF-8 and the like is left to the decoder.
//!
//! Wire format: <https://protobuf.dev/programming-guides/encoding/>.

use std::mem::size_of;

use bytes::Bytes;

use crate::error::OnnxError;
use crate::limits::Limits;
use crate::proto;

/// Messages inside messages that the decoder follows (`prost` 0.14: 100).
const MESSAGE_DEPTH: usize = 100;

/// Walks over `file` as a `ModelProto`. An error is a file that is malformed or exceeds `limits`.
pub(crate) fn scan(file: &[u8], limits: &Limits) -> Result<(), OnnxError> {
    let mut budget = Budget {
        limits,
        nodes: 0,
        memory: 0,
    };
    let mut stack = vec![Frame {
        message: Message::Model,
        end: file.len(),
        graphs: 0,
    }];
    let mut at = 0_usize;
    while let Some(top) = stack.last().copied() {
        if at == top.end {
            stack.pop();
            continue;
        }
        let mut reader = Reader {
            bytes: file,
            at,
            end: top.end,
        };
        let (number, wire) = reader.key()?;
        match wire {
            0 => {
                reader.varint()?;
                budget.spend(scalar_size(top.message, number))?;
            }
            1 => {
                reader.skip(8)?;
                budget.spend(scalar_size(top.message, number))?;
            }
            5 => {
                reader.skip(4)?;
                budget.spend(scalar_size(top.message, number))?;
            }
            2 => {
                let body = reader.delimited()?;
                match field(top.message, number) {
                    Field::Message(message, size) => {
                        budget.spend(size)?;
                        let graphs = top.graphs + usize::from(message == Message::Graph);
                        if message == Message::Node {
                            budget.node()?;
                        }
                        if graphs > limits.levels() {
                            return Err(OnnxError::TooDeep {
                                what: "graphs",
                                limit: limits.levels(),
                            });
                        }
                        if stack.len() >= MESSAGE_DEPTH {
                            return Err(OnnxError::TooDeep {
                                what: "messages",
                                limit: MESSAGE_DEPTH,
                            });
                        }
                        at = reader.at - body.len();
                        stack.push(Frame {
                            message,
                            end: reader.at,
                            graphs,
                        });
                        continue;
                    }
                    Field::Text => budget.spend(size_of::<String>().saturating_add(body.len()))?,
                    Field::Bytes => budget.spend(size_of::<Bytes>())?,
                    Field::Fixed { wire, memory } => {
                        budget.spend((body.len() / wire).saturating_mul(memory))?;
                    }
                    Field::Varints { memory } => {
                        // the last byte of a number has its high bit clear
                        let count = body.iter().filter(|byte| **byte < 0x80).count();
                        budget.spend(count.saturating_mul(memory))?;
                    }
                    Field::Other => {}
                }
            }
            _ => {
                return Err(OnnxError::Wire {
                    offset: at,
                    reason: "a field of an unknown wire type",
                });
            }
        }
        at = reader.at;
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Frame {
    message: Message,
    end: usize,
    graphs: usize,
}

struct Budget<'a> {
    limits: &'a Limits,
    nodes: u64,
    memory: u64,
}

impl Budget<'_> {
    fn spend(&mut self, bytes: usize) -> Result<(), OnnxError> {
        self.memory = self.memory.saturating_add(bytes as u64);
        if self.memory > self.limits.memory {
            return Err(OnnxError::TooMany {
                what: "bytes of messages",
                limit: self.limits.memory,
            });
        }
        Ok(())
    }

    fn node(&mut self) -> Result<(), OnnxError> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(OnnxError::TooMany {
                what: "nodes",
                limit: self.limits.nodes,
            });
        }
        Ok(())
    }
}

/// Reads inside one message: never past `end`.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn varint(&mut self) -> Result<u64, OnnxError> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = match self.bytes.get(self.at) {
                Some(byte) if self.at < self.end => *byte,
                _ => return Err(self.wrong("a number is cut off")),
            };
            self.at += 1;
            if shift == 63 && byte > 1 {
                return Err(self.wrong("a number of more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.wrong("a number of more than 64 bits"))
    }

    fn key(&mut self) -> Result<(u32, u8), OnnxError> {
        let key = self.varint()?;
        match u32::try_from(key >> 3) {
            Ok(number) if number > 0 => Ok((number, (key & 7) as u8)),
            _ => Err(self.wrong("an impossible field number")),
        }
    }

    fn skip(&mut self, length: usize) -> Result<(), OnnxError> {
        if length > self.end - self.at {
            return Err(self.wrong("a field is cut off"));
        }
        self.at += length;
        Ok(())
    }

    fn delimited(&mut self) -> Result<&'a [u8], OnnxError> {
        let length = self.varint()?;
        let start = self.at;
        self.skip(usize::try_from(length).unwrap_or(usize::MAX))?;
        Ok(self.bytes.get(start..self.at).unwrap_or_default())
    }

    fn wrong(&self, reason: &'static str) -> OnnxError {
        OnnxError::Wire {
            offset: self.at,
            reason,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    ValueInfo,
    Type,
    TensorType,
    Wrapper,
    Map,
    Opaque,
    Shape,
    Dimension,
    Opset,
    Entry,
    Annotation,
    Function,
    Training,
    Segment,
}

/// What a length-delimited field holds, and what one of it takes in memory.
enum Field {
    Message(Message, usize),
    Text,
    Bytes,
    Fixed { wire: usize, memory: usize },
    Varints { memory: usize },
    Other,
}

fn field(message: Message, number: u32) -> Field {
    use Field::{Bytes, Fixed, Text, Varints};
    let entry = || of::<proto::StringStringEntryProto>(Message::Entry);
    let graph = || of::<proto::GraphProto>(Message::Graph);
    let tensor = || of::<proto::TensorProto>(Message::Tensor);
    let sparse = || of::<proto::SparseTensorProto>(Message::Sparse);
    let node = || of::<proto::NodeProto>(Message::Node);
    let value = || of::<proto::ValueInfoProto>(Message::ValueInfo);
    let attribute = || of::<proto::AttributeProto>(Message::Attribute);
    let r#type = || of::<proto::TypeProto>(Message::Type);
    let opset = || of::<proto::OperatorSetIdProto>(Message::Opset);
    match (message, number) {
        (Message::Model, 2..=4 | 6) => Text,
        (Message::Model, 7) => graph(),
        (Message::Model, 8) => opset(),
        (Message::Model, 14) => entry(),
        (Message::Model, 20) => of::<proto::TrainingInfoProto>(Message::Training),
        (Message::Model, 25) => of::<proto::FunctionProto>(Message::Function),

        (Message::Graph, 1) => node(),
        (Message::Graph, 2 | 10) => Text,
        (Message::Graph, 5) => tensor(),
        (Message::Graph, 11..=13) => value(),
        (Message::Graph, 14) => of::<proto::TensorAnnotation>(Message::Annotation),
        (Message::Graph, 15) => sparse(),
        (Message::Graph, 16) => entry(),

        (Message::Node, 1..=4 | 6..=8) => Text,
        (Message::Node, 5) => attribute(),
        (Message::Node, 9) => entry(),

        (Message::Attribute, 1 | 13 | 21) => Text,
        (Message::Attribute, 4 | 9) => Bytes,
        (Message::Attribute, 5 | 10) => tensor(),
        (Message::Attribute, 6 | 11) => graph(),
        (Message::Attribute, 7) => Fixed { wire: 4, memory: 4 },
        (Message::Attribute, 8) => Varints { memory: 8 },
        (Message::Attribute, 14 | 15) => r#type(),
        (Message::Attribute, 22 | 23) => sparse(),

        (Message::Tensor, 1 | 7 | 11) => Varints { memory: 8 },
        (Message::Tensor, 3) => of::<proto::SegmentProto>(Message::Segment),
        (Message::Tensor, 4) => Fixed { wire: 4, memory: 4 },
        (Message::Tensor, 5) => Varints { memory: 4 },
        (Message::Tensor, 6 | 9) => Bytes,
        (Message::Tensor, 8 | 12) => Text,
        (Message::Tensor, 10) => Fixed { wire: 8, memory: 8 },
        (Message::Tensor, 13 | 16) => entry(),

        (Message::Sparse, 1 | 2) => tensor(),
        (Message::Sparse, 3) => Varints { memory: 8 },

        (Message::ValueInfo, 1 | 3) => Text,
        (Message::ValueInfo, 2) => r#type(),
        (Message::ValueInfo, 4) => entry(),

        (Message::Type, 1 | 8) => of::<proto::TensorTypeProto>(Message::TensorType),
        (Message::Type, 4 | 9) => of::<proto::SequenceTypeProto>(Message::Wrapper),
        (Message::Type, 5) => of::<proto::MapTypeProto>(Message::Map),
        (Message::Type, 6) => Text,
        (Message::Type, 7) => of::<proto::OpaqueTypeProto>(Message::Opaque),
        (Message::Wrapper, 1) | (Message::Map, 2) => r#type(),
        (Message::Opaque, 1 | 2) => Text,
        (Message::TensorType, 2) => of::<proto::TensorShapeProto>(Message::Shape),
        (Message::Shape, 1) => of::<proto::DimensionProto>(Message::Dimension),
        (Message::Dimension, 2 | 3) => Text,

        (Message::Opset, 1) | (Message::Entry, 1 | 2) | (Message::Annotation, 1) => Text,
        (Message::Annotation, 2) => entry(),

        (Message::Function, 1 | 4..=6 | 8 | 10 | 13) => Text,
        (Message::Function, 7) => node(),
        (Message::Function, 9) => opset(),
        (Message::Function, 11) => attribute(),
        (Message::Function, 12) => value(),
        (Message::Function, 14) => entry(),

        (Message::Training, 1 | 2) => graph(),
        (Message::Training, 3 | 4) => entry(),
        _ => Field::Other,
    }
}

/// Memory of one scalar of a list that is not packed; single scalars are part of their message.
fn scalar_size(message: Message, number: u32) -> usize {
    match (message, number) {
        (Message::Attribute, 7) | (Message::Tensor, 4 | 5) => 4,
        (Message::Attribute, 8) | (Message::Tensor, 1 | 7 | 10 | 11) | (Message::Sparse, 3) => 8,
        _ => 0,
    }
}

fn of<T>(message: Message) -> Field {
    Field::Message(message, size_of::<T>())
}
