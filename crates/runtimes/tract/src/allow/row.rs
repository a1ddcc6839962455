//! How a line of the list is read.

use super::types::Types;
use flowgate_onnx::{AI_ONNX, AI_ONNX_ML, AttributeKind, ElemType, Node};

/// An operator that the engine gets right, and within which bounds.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) domain: &'static str,
    pub(super) op_type: &'static str,
    /// Attributes that may be there, with their types.
    attributes: &'static [(&'static str, AttributeKind)],
    /// How many inputs there may be.
    inputs: (usize, usize),
    /// How many outputs there may be.
    outputs: (usize, usize),
    /// Types of the first input.
    elems: &'static [ElemType],
    /// How many of the first inputs have the same type.
    alike: usize,
    /// Types of the inputs after those.
    others: &'static [ElemType],
    /// Inputs that must be constants.
    constants: &'static [usize],
    /// The type of the outputs.
    gives: Gives,
    /// What no column can say.
    further: Option<Further>,
}

/// A check beyond the columns; the error is the reason for a refusal.
type Further = fn(Node<'_>, &Types<'_>) -> Result<(), String>;

/// Where the types of the outputs come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    /// The type of the input of this number.
    Input(usize),
    /// Always this one.
    Always(ElemType),
    /// These, output by output.
    Each(&'static [ElemType]),
    /// The one that the attribute `to` names.
    To,
    /// That of the attribute that holds the value.
    Value,
}

/// A line for an operator of the standard domain with one output like its one input.
pub(super) const fn on(op_type: &'static str, elems: &'static [ElemType]) -> Row {
    Row {
        domain: AI_ONNX,
        op_type,
        attributes: &[],
        inputs: (1, 1),
        outputs: (1, 1),
        elems,
        alike: 1,
        others: &[],
        constants: &[],
        gives: Gives::Input(0),
        further: None,
    }
}

/// The same for an operator of classical machine learning.
pub(super) const fn ml(op_type: &'static str, elems: &'static [ElemType]) -> Row {
    Row {
        domain: AI_ONNX_ML,
        ..on(op_type, elems)
    }
}

impl Row {
    /// With further attributes.
    pub(super) const fn with(self, attributes: &'static [(&'static str, AttributeKind)]) -> Self {
        Self { attributes, ..self }
    }

    /// With `least` to `most` inputs, all of one type.
    pub(super) const fn alike(self, least: usize, most: usize) -> Self {
        Self {
            inputs: (least, most),
            alike: most,
            ..self
        }
    }

    /// With up to `most` inputs, those after the first `alike` of the types `others`.
    pub(super) const fn then(
        self,
        alike: usize,
        (least, most): (usize, usize),
        others: &'static [ElemType],
    ) -> Self {
        Self {
            inputs: (least, most),
            alike,
            others,
            ..self
        }
    }

    /// With the inputs of these numbers constant.
    pub(super) const fn constant(self, constants: &'static [usize]) -> Self {
        Self { constants, ..self }
    }

    /// With another type of output.
    pub(super) const fn gives(self, gives: Gives) -> Self {
        Self { gives, ..self }
    }

    /// With `least` to `most` outputs.
    pub(super) const fn outputs(self, least: usize, most: usize) -> Self {
        Self {
            outputs: (least, most),
            ..self
        }
    }

    /// With a further check.
    pub(super) const fn further(self, further: Further) -> Self {
        Self {
            further: Some(further),
            ..self
        }
    }

    /// Checks a call, and notes what is known of its outputs.
    ///
    /// A type that is not known is that of a value whose operator is refused already: it is in
    /// nobody's way.
    pub(super) fn check<'a>(&self, node: Node<'a>, types: &mut Types<'a>) -> Result<(), String> {
        self.check_attributes(node)?;
        self.check_inputs(node, types)?;
        let (least, most) = self.outputs;
        let count = node.outputs().len();
        if !(least..=most).contains(&count) || node.outputs().iter().any(String::is_empty) {
            return Err(format!("with {count} outputs or one left out"));
        }
        if let Some(further) = self.further {
            further(node, types)?;
        }
        self.note(node, types)?;
        types.note_constants(node);
        Ok(())
    }

    fn check_attributes(&self, node: Node<'_>) -> Result<(), String> {
        for attribute in node.attributes() {
            let name = attribute.name();
            let known = self.attributes.iter().find(|(known, _)| *known == name);
            match known {
                None => return Err(format!("with the attribute `{name}`")),
                Some((_, kind)) if *kind != attribute.kind() => {
                    return Err(format!("with the attribute `{name}` of another type"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn check_inputs(&self, node: Node<'_>, types: &Types<'_>) -> Result<(), String> {
        let (least, most) = self.inputs;
        let inputs = node.inputs();
        if !(least..=most).contains(&inputs.len()) || inputs.iter().any(String::is_empty) {
            return Err(format!("with {} inputs or one left out", inputs.len()));
        }
        let first = inputs.first().and_then(|name| types.get(name));
        for (at, name) in inputs.iter().enumerate() {
            let Some(elem) = types.get(name) else {
                continue;
            };
            let taken = if at < self.alike {
                self.elems.contains(&elem) && first.is_none_or(|first| first == elem)
            } else {
                self.others.contains(&elem)
            };
            if !taken {
                return Err(format!("with an input `tensor({elem})` at place {at}"));
            }
        }
        for &at in self.constants {
            if inputs.get(at).is_some_and(|name| !types.is_constant(name)) {
                return Err(format!(
                    "with an input at place {at} that is not a constant"
                ));
            }
        }
        Ok(())
    }

    fn note(&self, node: Node<'_>, types: &mut Types<'_>) -> Result<(), String> {
        for (at, output) in node.outputs().iter().enumerate() {
            let elem = match self.gives {
                Gives::Input(at) => node.inputs().get(at).and_then(|name| types.get(name)),
                Gives::Always(elem) => Some(elem),
                Gives::Each(elems) => elems.get(at).copied(),
                Gives::To => Some(target(node)?),
                Gives::Value => Some(value(node)?),
            };
            if let Some(elem) = elem {
                types.set(output, elem);
            }
        }
        Ok(())
    }
}

/// The type that a cast asks for.
fn target(node: Node<'_>) -> Result<ElemType, String> {
    let number = node.int("to").map_err(|error| error.to_string())?;
    let elem = number.and_then(|number| ElemType::from_number(i32::try_from(number).ok()?));
    match elem {
        Some(elem) if super::table::NUMBERS_AND_BOOL.contains(&elem) => Ok(elem),
        Some(elem) => Err(format!("to `tensor({elem})`")),
        None => Err("without a type to cast to".to_owned()),
    }
}

/// The type of a constant.
fn value(node: Node<'_>) -> Result<ElemType, String> {
    let mut attributes = node.attributes();
    let (Some(attribute), None) = (attributes.next(), attributes.next()) else {
        return Err("without exactly one value".to_owned());
    };
    match attribute.name() {
        "value" => {
            let tensor = node.tensor("value").map_err(|error| error.to_string())?;
            let elem = tensor.and_then(|tensor| tensor.elem().ok());
            elem.filter(|elem| flowgate_onnx::datatype(*elem).is_some())
                .ok_or_else(|| "of a type that no frame can hold".to_owned())
        }
        "value_int" | "value_ints" => Ok(ElemType::Int64),
        "value_float" | "value_floats" => Ok(ElemType::Float),
        _ => Err(format!("with the attribute `{}`", attribute.name())),
    }
}
