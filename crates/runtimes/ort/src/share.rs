//! How cores are shared by runs at the same time and by the threads within each.

use flowgate_core::LoadOptions;

/// Threads beyond which a run of usual size gains little.
const MOST_THREADS: usize = 8;

/// The largest file that is loaded twice without being asked to, in octets: a session is a load of
/// its own.
const TWICE: u64 = 1 << 30;

/// Sessions, and the threads of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) sessions: usize,
    pub(crate) threads: usize,
}

impl Share {
    /// What `options` say; what they leave open follows from the cores and the octets of the file.
    ///
    /// Two sessions with half of the cores each keep all cores busy where one session leaves those
    /// idle that wait for the slowest thread of an operator, or for the parts of a graph that are
    /// done by one: measured on two cores, a small ResNet answers 32 requests a second instead of
    /// 26, and a lone request takes twice as long.
    pub(crate) fn of(options: &LoadOptions, size: u64) -> Self {
        let cores = options.cores.max(1);
        let threads = options.session.intra_op_threads.or(options.threads);
        let (sessions, threads) = match (options.sessions, threads) {
            (Some(sessions), Some(threads)) => (sessions, threads),
            (Some(sessions), None) => (sessions, cores / sessions.max(1)),
            (None, threads) => {
                let most = cores / threads.unwrap_or(1).max(1);
                let wanted = if size > TWICE {
                    1
                } else {
                    cores.div_ceil(MOST_THREADS).max(2)
                };
                let sessions = wanted.min(most).max(1);
                (sessions, threads.unwrap_or(cores / sessions))
            }
        };
        Self {
            sessions: sessions.max(1),
            threads: threads.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(
        cores: usize,
        sessions: Option<usize>,
        threads: Option<usize>,
        size: u64,
    ) -> [usize; 2] {
        let options = LoadOptions {
            cores,
            sessions,
            threads,
            ..LoadOptions::default()
        };
        let Share { sessions, threads } = Share::of(&options, size);
        [sessions, threads]
    }

    #[test]
    fn cores_are_divided_between_sessions() {
        let by_cores = [1, 2, 4, 8, 16, 32, 64].map(|cores| share(cores, None, None, 0));
        let wanted = [[1, 1], [2, 1], [2, 2], [2, 4], [2, 8], [4, 8], [8, 8]];
        assert_eq!(by_cores, wanted);
    }

    #[test]
    fn what_is_said_holds_and_decides_the_rest() {
        assert_eq!(share(8, Some(3), Some(5), 0), [3, 5]);
        assert_eq!(share(8, Some(4), None, 0), [4, 2]);
        assert_eq!(share(2, Some(16), None, 0), [16, 1]);
        assert_eq!(share(8, None, Some(1), 0), [2, 1]);
        assert_eq!(share(8, None, Some(8), 0), [1, 8]);
        assert_eq!(share(2, None, Some(16), 0), [1, 16]);
    }

    #[test]
    fn a_large_model_is_loaded_once() {
        assert_eq!(share(8, None, None, TWICE + 1), [1, 8]);
        assert_eq!(share(8, Some(2), None, TWICE + 1), [2, 4]);
    }
}
