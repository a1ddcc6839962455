//! Two policies for values that the signature does not ask for, and for answers that JSON cannot
//! say: our own, and that of MLflow's server.
//!
//! Source of the second: MLflow 3.17.2 as measured on the real server.

use std::fmt;
use std::str::FromStr;

/// Which policy holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Compat {
    /// A value is used exactly as it was sent, or refused.
    #[default]
    Strict,
    /// As MLflow's server does it, for clients that depend on it.
    Mlflow,
}

/// What a policy says; one line of the table for each question that has two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How a body becomes a frame.
    pub values: Values,
    /// How an output of more than one value a row stands in the answer to a table.
    pub outputs: Outputs,
    /// How a number that is not finite is written in JSON.
    pub nonfinite: Nonfinite,
    /// Who is at fault when the model cannot run on what passed the checks.
    pub failures: Failures,
    /// What a refusal says beside its message.
    pub refusals: Refusals,
    /// What MLflow's server does not have: packed bodies, the routes of other protocols.
    pub additions: Additions,
}

/// How a body becomes a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Typed by the signature while it is read: exact, or refused.
    Exact,
    /// Read without types and then cast as pandas and numpy cast.
    Cast,
}

/// How an output of more than one value a row stands in the answer to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outputs {
    /// As a list in its row.
    Rows,
    /// Flattened: one row a value; outputs of unlike length are a failure.
    Flat,
}

/// How a number that is not finite is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nonfinite {
    /// As `null`.
    Null,
    /// As `NaN`, `Infinity` and `-Infinity`, which is no JSON.
    Literal,
}

/// Who is at fault when the model cannot run on what passed the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failures {
    /// The server: 5xx.
    Server,
    /// The request: 400.
    Request,
}

/// What a refusal says beside its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusals {
    /// Each violation with its place.
    Listed,
    /// What MLflow's clients look for: a `stack_trace` where its server has one, without a trace.
    Traced,
}

/// What MLflow's server does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Additions {
    /// It is there.
    Served,
    /// It is as if it were not there: a packed body is taken for what its octets say.
    Hidden,
}

const STRICT: Rules = Rules {
    values: Values::Exact,
    outputs: Outputs::Rows,
    nonfinite: Nonfinite::Null,
    failures: Failures::Server,
    refusals: Refusals::Listed,
    additions: Additions::Served,
};

const MLFLOW: Rules = Rules {
    values: Values::Cast,
    outputs: Outputs::Flat,
    nonfinite: Nonfinite::Literal,
    failures: Failures::Request,
    refusals: Refusals::Traced,
    additions: Additions::Hidden,
};

impl Compat {
    /// Both policies.
    pub const ALL: [Self; 2] = [Self::Strict, Self::Mlflow];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Mlflow => "mlflow",
        }
    }

    /// What it says.
    pub fn rules(self) -> &'static Rules {
        match self {
            Self::Strict => &STRICT,
            Self::Mlflow => &MLFLOW,
        }
    }
}

impl fmt::Display for Compat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Compat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|compat| compat.name() == text);
        known.ok_or_else(|| "expected `strict` or `mlflow`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_have_names_and_differ_in_every_line() {
        for compat in Compat::ALL {
            assert_eq!(compat.to_string().parse(), Ok(compat));
        }
        assert!("lenient".parse::<Compat>().is_err());
        let (strict, mlflow) = (Compat::Strict.rules(), Compat::Mlflow.rules());
        assert_ne!(strict.values, mlflow.values);
        assert_ne!(strict.outputs, mlflow.outputs);
        assert_ne!(strict.nonfinite, mlflow.nonfinite);
        assert_ne!(strict.failures, mlflow.failures);
        assert_ne!(strict.refusals, mlflow.refusals);
        assert_ne!(strict.additions, mlflow.additions);
    }
}
