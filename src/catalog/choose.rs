//! Which runtime runs an artifact.

use flowgate_core::{Artifact, ErrorKind, Runtime, RuntimeError, Support, Unsupported};
use std::sync::Arc;

/// The runtime that was chosen, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub runtime: &'static str,
    /// Its version and place.
    pub about: String,
    /// Why it and not another.
    pub reason: String,
    /// What was found of every runtime that was looked at, in order.
    pub considered: Vec<Considered>,
}

/// What was found of one runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Its name.
    pub runtime: &'static str,
    /// Why it cannot run the artifact; `None` when it can.
    pub obstacle: Option<RuntimeError>,
}

/// Why no runtime was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// This build has no runtime of that name.
    #[error("there is no runtime `{name}` in this build; there are `{}`", known.join("`, `"))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that are there.
        known: Vec<&'static str>,
    },
    /// The runtime that was asked for cannot run it. It is not replaced by another.
    #[error(
        "{error}\nhint: leave out the choice of a runtime ({asked}) to let another one be used"
    )]
    Refused {
        /// Why.
        error: RuntimeError,
        /// Who asked for it.
        asked: &'static str,
    },
    /// None can.
    #[error("{}", none(considered))]
    None {
        /// What was found of each.
        considered: Vec<Considered>,
    },
}

impl ChooseError {
    /// What it means to a caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown { .. } | Self::None { .. } => ErrorKind::Unsupported,
            Self::Refused { error, .. } => error.kind(),
        }
    }
}

/// Chooses among `runtimes`, in their order, the one that is to run `artifact`: the one called
/// `asked`, else the one that the package wants, else the first that is there and supports it.
///
/// # Errors
/// When the one that was asked for cannot, or none can.
pub fn choose(
    runtimes: &[Arc<dyn Runtime>],
    artifact: &Artifact,
    asked: Option<&str>,
    hint: Option<&str>,
) -> Result<(Arc<dyn Runtime>, Choice), ChooseError> {
    let explicit = asked
        .map(|name| (name, "`--runtime`"))
        .or(hint.map(|name| (name, "the manifest's `flowgate.runtime`")));
    if let Some((name, asked)) = explicit {
        let known = || runtimes.iter().map(|runtime| runtime.name()).collect();
        let runtime = runtimes.iter().find(|runtime| runtime.name() == name);
        let runtime = runtime.ok_or_else(|| ChooseError::Unknown {
            name: name.to_owned(),
            known: known(),
        })?;
        let about = consider(&**runtime, artifact)
            .map_err(|error| ChooseError::Refused { error, asked })?;
        let considered = vec![Considered {
            runtime: runtime.name(),
            obstacle: None,
        }];
        let reason = format!("asked for by {asked}");
        return Ok((
            Arc::clone(runtime),
            Choice {
                runtime: runtime.name(),
                about,
                reason,
                considered,
            },
        ));
    }
    let mut considered = Vec::new();
    for runtime in runtimes {
        let verdict = consider(&**runtime, artifact);
        let obstacle = verdict.as_ref().err().cloned();
        considered.push(Considered {
            runtime: runtime.name(),
            obstacle,
        });
        if let Ok(about) = verdict {
            let reason = "the first that is there and supports the model".to_owned();
            let choice = Choice {
                runtime: runtime.name(),
                about,
                reason,
                considered,
            };
            return Ok((Arc::clone(runtime), choice));
        }
    }
    Err(ChooseError::None { considered })
}

/// A line about `runtime`, when it is there and supports `artifact`.
fn consider(runtime: &dyn Runtime, artifact: &Artifact) -> Result<String, RuntimeError> {
    let about = runtime.check()?;
    match runtime.supports(artifact) {
        Support::Yes => Ok(about),
        Support::No(reason) => Err(RuntimeError::Unsupported {
            runtime: runtime.name(),
            reason,
        }),
    }
}

fn none(considered: &[Considered]) -> String {
    let mut lines = vec!["no runtime can run this model".to_owned()];
    let obstacles = considered
        .iter()
        .filter_map(|considered| considered.obstacle.as_ref());
    lines.extend(obstacles.clone().map(|obstacle| format!("  {obstacle}")));
    let operators = obstacles.flat_map(|obstacle| match obstacle {
        RuntimeError::Unsupported {
            reason: Unsupported { operators, .. },
            ..
        } => operators.as_slice(),
        _ => &[],
    });
    let operators: Vec<&str> = operators.map(String::as_str).collect();
    if !operators.is_empty() {
        lines.push(format!(
            "operators in the way: `{}`",
            operators.join("`, `")
        ));
    }
    let missing = considered
        .iter()
        .any(|considered| matches!(considered.obstacle, Some(RuntimeError::Unavailable { .. })));
    if missing {
        lines.push("hint: `cargo xtask onnxruntime` brings ONNX Runtime, which runs every standard operator".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{Format, LoadOptions, Model};

    /// A runtime of which only the answers to the questions before a load matter.
    struct Answers(&'static str, Result<String, RuntimeError>, Support);

    impl Runtime for Answers {
        fn name(&self) -> &'static str {
            self.0
        }
        fn check(&self) -> Result<String, RuntimeError> {
            self.1.clone()
        }
        fn supports(&self, _: &Artifact) -> Support {
            self.2.clone()
        }
        fn load(&self, _: &Artifact, _: &LoadOptions) -> Result<Arc<dyn Model>, RuntimeError> {
            Err(RuntimeError::Failed {
                reason: "not asked for here".into(),
            })
        }
    }

    fn runtimes() -> Vec<Arc<dyn Runtime>> {
        let absent = RuntimeError::Unavailable {
            runtime: "ort",
            reason: "no library".into(),
        };
        let unsupported = Unsupported {
            operators: vec!["Scaler".into()],
            reasons: vec!["`Scaler` is not there".into()],
        };
        vec![
            Arc::new(Answers("ort", Err(absent), Support::Yes)),
            Arc::new(Answers("small", Ok("1".into()), Support::No(unsupported))),
            Arc::new(Answers("tract", Ok("0.23".into()), Support::Yes)),
        ]
    }

    fn chosen(
        count: usize,
        asked: Option<&str>,
        hint: Option<&str>,
    ) -> Result<Choice, ChooseError> {
        let artifact = Artifact {
            format: Format::Onnx,
            path: "m".into(),
            companions: vec![],
            program: None,
        };
        choose(&runtimes()[..count], &artifact, asked, hint).map(|(_, choice)| choice)
    }

    #[test]
    fn the_first_that_is_there_and_supports_the_model_is_taken() {
        let choice = chosen(3, None, None).expect("the third");
        assert_eq!((choice.runtime, choice.considered.len()), ("tract", 3));
    }

    #[test]
    fn an_explicit_choice_is_used_or_refused_and_never_replaced() {
        assert_eq!(
            chosen(3, Some("tract"), Some("ort"))
                .expect("asked")
                .runtime,
            "tract"
        );
        for (asked, hint) in [
            (Some("ort"), None),
            (None, Some("ort")),
            (Some("small"), None),
        ] {
            let error = chosen(3, asked, hint).expect_err("refused");
            assert!(matches!(error, ChooseError::Refused { .. }), "{error}");
        }
        assert!(matches!(
            chosen(3, Some("x"), None),
            Err(ChooseError::Unknown { .. })
        ));
    }

    #[test]
    fn when_none_can_the_operators_and_the_way_out_are_named() {
        let message = chosen(2, None, None).expect_err("neither").to_string();
        for part in ["`Scaler`", "`cargo xtask onnxruntime`", "no library"] {
            assert!(message.contains(part), "{message}");
        }
    }
}
