//! Every recorded node on values that it was not made for: it refuses them or gives something, it
//! does not panic and does not ask for much memory.

use crate::cases::{Case, load};
use flowgate_core::{
    Data, DataType, Frame, Model, NamedTensor, Port, PortKind, Shape, Tensor, element_count,
};
use flowgate_onnx::proto::{ModelProto, TypeValue};
use half::f16;
use prost::Message;

/// How often each node is run.
const RUNS: usize = 12;

/// Runs every node of every case on its own, on values of any shape.
pub(crate) fn run(cases: &[Case]) {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut nodes, mut answers) = (0, 0);
    for case in cases {
        for model in nodes_of(case) {
            nodes += 1;
            let Ok(model) = load(&model.encode_to_vec()) else {
                continue;
            };
            let mut session = model.session().expect("a session");
            for _ in 0..RUNS {
                let inputs = values(&*model, &mut dice);
                // What the answer is does not matter.
                answers += usize::from(session.run(inputs).is_ok());
            }
        }
    }
    assert!(
        nodes > 1000 && answers > nodes,
        "{answers} answers of {nodes} nodes"
    );
}

/// A model of each node, with inputs of any shape.
fn nodes_of(case: &Case) -> Vec<ModelProto> {
    let mut model = ModelProto::decode(&*case.model).expect("a model");
    let graph = model.graph.as_mut().expect("a graph");
    for input in &mut graph.input {
        let value = input.r#type.as_mut().and_then(|it| it.value.as_mut());
        if let Some(TypeValue::Tensor(tensor)) = value {
            tensor.shape = None;
        }
    }
    let graph = model.graph.take().expect("a graph");
    let one = |node: &flowgate_onnx::proto::NodeProto| {
        let mut graph = graph.clone();
        let reads = |name: &str| node.input.iter().any(|input| input == name);
        graph.input.retain(|input| reads(input.name()));
        graph.initializer.retain(|tensor| reads(tensor.name()));
        let makes = |name: &str| node.output.iter().any(|output| output == name);
        graph.output.retain(|output| makes(output.name()));
        graph.node = vec![node.clone()];
        ModelProto {
            graph: Some(graph),
            ..model.clone()
        }
    };
    graph.node.iter().map(one).collect()
}

fn values(model: &dyn Model, dice: &mut Dice) -> Frame {
    let ports = model.signature().inputs.iter();
    // Half of the time all values are alike, so that more of them go together.
    let common = (dice.below(2) == 0).then(|| shape(dice));
    let value = |port: &Port| {
        let shape = common.clone().unwrap_or_else(|| shape(dice));
        NamedTensor::new(port.name.clone(), tensor(port, shape, dice))
    };
    ports.map(value).collect()
}

fn shape(dice: &mut Dice) -> Shape {
    let rank = dice.below(5);
    let mut shape: Shape = (0..rank).map(|_| dice.below(5)).collect();
    // An empty value may be of any size otherwise.
    if shape.contains(&0) && dice.below(4) == 0 {
        shape.push(usize::MAX / 3);
        if element_count(&shape).is_none() {
            shape.pop();
        }
    }
    shape
}

fn tensor(port: &Port, shape: Shape, dice: &mut Dice) -> Tensor {
    let PortKind::Tensor(datatype) = port.kind else {
        panic!("no case has other inputs");
    };
    let count = element_count(&shape).expect("a size");
    let mut numbers = (0..count)
        .map(|_| dice.number())
        .collect::<Vec<i64>>()
        .into_iter();
    let data = match datatype {
        DataType::Bool => Data::from(numbers.map(|number| number % 2 == 0).collect::<Vec<_>>()),
        DataType::I8 => numbers
            .map(|number| number as i8)
            .collect::<Vec<_>>()
            .into(),
        DataType::I16 => numbers
            .map(|number| number as i16)
            .collect::<Vec<_>>()
            .into(),
        DataType::I32 => numbers
            .map(|number| number as i32)
            .collect::<Vec<_>>()
            .into(),
        DataType::I64 => numbers.collect::<Vec<_>>().into(),
        DataType::U8 => numbers
            .map(|number| number as u8)
            .collect::<Vec<_>>()
            .into(),
        DataType::U16 => numbers
            .map(|number| number as u16)
            .collect::<Vec<_>>()
            .into(),
        DataType::U32 => numbers
            .map(|number| number as u32)
            .collect::<Vec<_>>()
            .into(),
        DataType::U64 => numbers
            .map(|number| number as u64)
            .collect::<Vec<_>>()
            .into(),
        DataType::F16 => numbers
            .map(|number| f16::from_f32(float(number)))
            .collect::<Vec<_>>()
            .into(),
        DataType::F32 => numbers.map(float).collect::<Vec<_>>().into(),
        DataType::F64 => numbers
            .map(|number| f64::from(float(number)))
            .collect::<Vec<_>>()
            .into(),
        DataType::Str => {
            let texts = ["", "a", "b c", "1.5", "ünïcode \u{2}", "-7e999", "  x  "];
            let text = |number: i64| texts[number.unsigned_abs() as usize % texts.len()];
            Data::Str(numbers.by_ref().map(text).collect())
        }
        other => panic!("no case has elements of `{other}`"),
    };
    Tensor::new(shape, data).expect("as many as there are")
}

fn float(number: i64) -> f32 {
    match number {
        i64::MIN => f32::NAN,
        i64::MAX => f32::INFINITY,
        number if number == 1 << 40 => f32::NEG_INFINITY,
        number => number as f32 * 0.5,
    }
}

/// Numbers without order, the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    /// Small numbers, and the largest there are. None in between: they would be sizes that are
    /// taken, of much memory.
    fn number(&mut self) -> i64 {
        match self.below(12) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => 1 << 40,
            3 => -(1 << 33),
            _ => self.below(8) as i64 - 3,
        }
    }
}
