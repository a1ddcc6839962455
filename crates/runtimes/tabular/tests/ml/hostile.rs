//! Every recorded model on values that it was not made for, and with attributes that contradict
//! each other: it refuses them or gives something, it does not panic and does not ask for much
//! memory.

use crate::case::{Case, Failure, artifact};
use crate::recorded::{OPERATORS, of_archive, recorded};
use flowgate_core::{
    Data, DataType, Frame, LoadOptions, NamedTensor, Port, PortKind, Runtime, RuntimeError, Shape,
    Tensor, element_count,
};
use flowgate_onnx::proto::{ModelProto, NodeProto};
use prost::Message;
use runtime_tabular::Tabular;

/// How often each model is run.
const RUNS: usize = 8;

#[test]
fn no_values_make_a_model_panic_or_fail() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut models, mut answers, mut refusals) = (0, 0, 0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    for case in OPERATORS
        .iter()
        .flat_map(|name| of_archive(&recorded(name)))
    {
        let Case { name, model, .. } = case;
        fs_err::write(&path, model).expect("a file");
        let Ok(model) = Tabular::new().load(&artifact(&path), &LoadOptions::default()) else {
            continue;
        };
        models += 1;
        let mut session = model.session().expect("a session");
        for _ in 0..RUNS {
            let ports = model.signature().inputs.iter();
            let values: Frame = ports.map(|port| value(port, &mut dice)).collect();
            match session.run(values) {
                Ok(_) => answers += 1,
                Err(RuntimeError::InvalidInput { .. }) => refusals += 1,
                Err(other) => panic!("{name}: {other}"),
            }
        }
    }
    assert!(models > 500 && answers > models && refusals > models);
}

#[test]
fn no_attributes_make_a_model_panic() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut loaded, mut refused) = (0, 0);
    for case in OPERATORS
        .iter()
        .flat_map(|name| of_archive(&recorded(name)))
    {
        let mut model = ModelProto::decode(&*case.model).expect("a model");
        for _ in 0..RUNS / 2 {
            let node = model
                .graph
                .as_mut()
                .and_then(|graph| graph.node.first_mut());
            spoil(node.expect("a node"), &mut dice);
            let spoilt = Case {
                name: case.name.clone(),
                model: model.encode_to_vec(),
                inputs: case.inputs.clone(),
                expected: Vec::new(),
            };
            match spoilt.run() {
                Err(Failure::Unsupported(_) | Failure::Failed(_)) => refused += 1,
                Ok(_) | Err(Failure::Refused(_)) => loaded += 1,
            }
        }
    }
    assert!(
        loaded > 500 && refused > 500,
        "{loaded} loaded, {refused} refused"
    );
}

/// Changes an attribute, or takes it away.
fn spoil(node: &mut NodeProto, dice: &mut Dice) {
    if node.attribute.is_empty() {
        return;
    }
    let place = dice.below(node.attribute.len());
    let attribute = &mut node.attribute[place];
    let number = dice.number();
    match dice.below(8) {
        0 => {
            node.attribute.remove(place);
        }
        1 => {
            attribute.ints.pop();
            attribute.floats.pop();
            attribute.strings.pop();
        }
        2 => {
            attribute.ints.extend_from_within(..);
            attribute.floats.extend_from_within(..);
            attribute.strings.extend_from_within(..);
        }
        _ => {
            if let Some(value) = attribute.i.as_mut() {
                *value = number;
            }
            let (ints, floats) = (attribute.ints.len(), attribute.floats.len());
            if let Some(value) = attribute.ints.get_mut(dice.below(ints.max(1))) {
                *value = number;
            }
            if let Some(value) = attribute.floats.get_mut(dice.below(floats.max(1))) {
                *value = float(number);
            }
        }
    }
}

fn value(port: &Port, dice: &mut Dice) -> NamedTensor {
    let PortKind::Tensor(datatype) = port.kind else {
        panic!("no model has other inputs");
    };
    let shape = shape(dice);
    let count = element_count(&shape).expect("a size");
    let numbers: Vec<i64> = (0..count).map(|_| dice.number()).collect();
    let data = match datatype {
        DataType::I32 => {
            let numbers = numbers.into_iter().map(|number| number as i32);
            numbers.collect::<Vec<_>>().into()
        }
        DataType::I64 => Data::from(numbers),
        DataType::F32 => Data::from(numbers.into_iter().map(float).collect::<Vec<f32>>()),
        DataType::F64 => {
            let numbers = numbers.into_iter().map(float).map(f64::from);
            numbers.collect::<Vec<_>>().into()
        }
        DataType::Str => {
            let texts = ["", "a", "b", "ü", "category 7", "longer than eight octets"];
            let text = |number: i64| texts[number.unsigned_abs() as usize % texts.len()];
            Data::Str(numbers.into_iter().map(text).collect())
        }
        other => panic!("no model has elements of `{other}`"),
    };
    let tensor = Tensor::new(shape, data).expect("as many as there are");
    NamedTensor::new(port.name.clone(), tensor)
}

/// Mostly a few rows; sometimes an empty value whose other sizes are the largest there are.
fn shape(dice: &mut Dice) -> Shape {
    let rank = [0, 1, 2, 2, 2, 2, 3, 4][dice.below(8)];
    let mut shape: Shape = (0..rank).map(|_| dice.below(7)).collect();
    if shape.contains(&0) && dice.below(3) == 0 {
        shape.insert(dice.below(2).min(shape.len()), usize::MAX / 7);
        if element_count(&shape).is_none() {
            shape.retain(|size| *size < 7);
        }
    }
    shape
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
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    /// Small numbers, and the largest there are.
    fn number(&mut self) -> i64 {
        match self.below(12) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => 1 << 40,
            _ => self.below(8) as i64 - 3,
        }
    }
}
