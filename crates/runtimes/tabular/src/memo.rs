//! What was read to tell whether a model is supported, for the load that follows: reading a large
//! forest and laying it out is nearly all that either does.

use crate::model::Shared;
use flowgate_core::Artifact;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The last model that was read, until it is loaded.
#[derive(Clone, Default)]
pub(crate) struct Memo(Arc<Mutex<Option<(Artifact, Shared)>>>);

impl Memo {
    /// Keeps what was made of `artifact`, in place of what was kept.
    pub(crate) fn keep(&self, artifact: &Artifact, shared: Shared) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((artifact.clone(), shared));
    }

    /// Gives what was made of `artifact`; whatever is kept is gone after.
    pub(crate) fn take(&self, artifact: &Artifact) -> Option<Shared> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.filter(|(of, _)| is_same(of, artifact))
            .map(|(_, shared)| shared)
    }
}

/// Whether the two are of one plan. Programs are compared by where they are: the one that is kept
/// is alive, so no other can be there.
fn is_same(one: &Artifact, two: &Artifact) -> bool {
    let programs = match (&one.program, &two.program) {
        (Some(one), Some(two)) => Arc::ptr_eq(one, two),
        (one, two) => one.is_none() && two.is_none(),
    };
    programs && (one.format, &one.path, &one.companions) == (two.format, &two.path, &two.companions)
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program;
    use flowgate_core::program::ProgramBuilder;
    use flowgate_core::{DataType, Dim, Format, Port, PortKind};

    fn artifact() -> Artifact {
        let port = Port {
            name: "x".into(),
            kind: PortKind::Tensor(DataType::F32),
            shape: Some(vec![Dim::Free]),
        };
        let (mut program, inputs) = ProgramBuilder::new(vec![port]);
        program.output("y", inputs[0]);
        let program = program.finish().expect("a program");
        Artifact {
            format: Format::Program,
            path: "/model".into(),
            companions: Vec::new(),
            program: Some(Arc::new(program)),
        }
    }

    fn shared(artifact: &Artifact) -> Shared {
        program::compile(artifact.program.as_ref().expect("a program")).expect("a graph")
    }

    #[test]
    fn what_was_read_is_given_once_and_to_its_own_artifact_only() {
        let memo = Memo::default();
        let (one, two) = (artifact(), artifact());
        memo.keep(&one, shared(&one));
        assert!(memo.take(&one).is_some());
        assert!(memo.take(&one).is_none());
        memo.keep(&one, shared(&one));
        assert!(memo.take(&two).is_none());
        memo.keep(&one, shared(&one));
        let moved = Artifact {
            path: "/other".into(),
            ..one.clone()
        };
        assert!(memo.take(&moved).is_none());
    }
}
