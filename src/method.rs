//! Which of a model's outputs answers a request: what the param `predict_method` asks for.

use flowgate_core::{
    Answer, Code, Frame, NamedTensor, ParamSpec, ParamType, ParamValue, Params, Plan, Refusal,
    Scalar, Stage, Violation,
};
use std::sync::Arc;

/// The param that asks for a method, as MLflow's `sklearn` flavor has it.
pub const PARAM: &str = "predict_method";

/// What of the model's outputs the client is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of them, under their names.
    All,
    /// One, without a name: MLflow answers with an array there, not with a data frame.
    One {
        /// Its name.
        output: Arc<str>,
        /// Whether it is what the signature declares: what is given without being asked for.
        is_declared: bool,
    },
}

/// Declares the param of `plan`, where there is a choice and the package does not declare it.
pub fn declare(plan: &mut Plan) {
    let Answer::Array(methods) = &plan.answer else {
        return;
    };
    let [first, _, ..] = methods.as_slice() else {
        return;
    };
    let params = plan.signature.params.get_or_insert_with(Vec::new);
    if params.iter().all(|param| param.name != PARAM) {
        params.push(ParamSpec {
            name: PARAM.to_owned(),
            kind: ParamType::Scalar(Scalar::String),
            default: Some(ParamValue::String(first.name.to_owned())),
        });
    }
}

/// What `params` ask for of a model that answers with `answer`.
///
/// # Errors
/// When it has no such method.
pub fn wanted(answer: &Answer, params: &Params) -> Result<Wanted, Refusal> {
    let Answer::Array(methods) = answer else {
        return Ok(Wanted::All);
    };
    let asked = params.iter().find(|(name, _)| name == PARAM);
    let found = match asked.map(|(_, value)| value) {
        None | Some(ParamValue::Null) => methods.first(),
        Some(ParamValue::String(name)) => methods.iter().find(|method| method.name == name),
        Some(_) => None,
    };
    let Some(method) = found else {
        let names: Vec<&str> = methods.iter().map(|method| method.name).collect();
        let expected = format!("one of `{}`", names.join("`, `"));
        let violation = Violation::new(Code::TypeMismatch, expected, "another text");
        return Err(Refusal::new(Stage::Params, violation.in_column(PARAM)));
    };
    Ok(Wanted::One {
        output: method.output.clone(),
        is_declared: methods.first() == Some(method),
    })
}

impl Wanted {
    /// The part of `frame` that the client is given.
    pub fn take(&self, frame: Frame) -> Frame {
        let Self::One { output, .. } = self else {
            return frame;
        };
        let found = frame.get(output).cloned();
        let unnamed = found.map(|found| NamedTensor {
            name: "".into(),
            ..found
        });
        unnamed.map_or(frame, |tensor| Frame::new(vec![tensor]))
    }

    /// Whether what the signature declares is said of it.
    pub fn is_declared(&self) -> bool {
        match self {
            Self::All => true,
            Self::One { is_declared, .. } => *is_declared,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{Method, Tensor};

    fn classifier() -> Answer {
        let method = |name: &'static str| Method {
            name,
            output: name.into(),
        };
        Answer::Array(vec![method("predict"), method("predict_proba")])
    }

    fn asked(value: ParamValue) -> Result<Wanted, Refusal> {
        wanted(&classifier(), &vec![(PARAM.to_owned(), value)])
    }

    #[test]
    fn without_the_param_the_first_method_answers() {
        let first = Wanted::One {
            output: "predict".into(),
            is_declared: true,
        };
        assert_eq!(wanted(&classifier(), &Params::new()), Ok(first.clone()));
        assert_eq!(asked(ParamValue::Null), Ok(first));
        assert_eq!(wanted(&Answer::Frame, &Params::new()), Ok(Wanted::All));
    }

    #[test]
    fn the_param_chooses_the_output_and_takes_its_name_away() {
        let wanted = asked(ParamValue::String("predict_proba".to_owned())).expect("a method");
        assert!(!wanted.is_declared());
        let outputs = ["predict", "predict_proba"].map(|name| {
            let value = if name == "predict" { 1.0 } else { 0.25 };
            NamedTensor::new(name, Tensor::column(vec![value]))
        });
        let taken = wanted.take(Frame::new(outputs.to_vec()));
        let expected = NamedTensor::new("", Tensor::column(vec![0.25]));
        assert_eq!(taken, Frame::new(vec![expected]));
    }

    #[test]
    fn a_method_that_is_not_there_is_refused_with_those_that_are() {
        for value in [
            ParamValue::String("predict_all".to_owned()),
            ParamValue::Long(1),
        ] {
            let refusal = asked(value).expect_err("no such method");
            let words = format!("{:?}", refusal.violations);
            assert!(words.contains("`predict`, `predict_proba`"), "{words}");
            assert!(!words.contains("predict_all"), "{words}");
        }
    }
}
