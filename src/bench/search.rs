//! Which rates are measured: the highest one that holds, found with few of them.

/// How far the rate that holds may be below one that does not: 5 %.
const WITHIN: f64 = 1.05;

/// The lowest rate that is tried, in requests a second.
const LOWEST: f64 = 0.5;

/// The highest rate that is tried, in requests a second.
const HIGHEST: f64 = 1e7;

/// A search for the highest rate that holds: it doubles until one does not (or halves until one
/// does), then halves the distance between the two.
#[derive(Debug, Clone)]
pub struct Search {
    first: f64,
    held: Option<f64>,
    failed: Option<f64>,
}

impl Search {
    /// A search that begins at `first` requests a second.
    pub fn new(first: f64) -> Self {
        Self {
            first,
            held: None,
            failed: None,
        }
    }

    /// The rate to be measured next; `None` when the answer is known as exactly as asked for.
    pub fn next(&self) -> Option<f64> {
        match (self.held, self.failed) {
            (None, None) => Some(self.first),
            (Some(held), None) => {
                Some(rounded(held * 2.0).min(HIGHEST)).filter(|next| *next > held)
            }
            (None, Some(failed)) => {
                Some(rounded(failed / 2.0).max(LOWEST)).filter(|next| *next < failed)
            }
            (Some(held), Some(failed)) => {
                // The middle of a ratio: what counts is how many times more.
                let next = rounded((held * failed).sqrt());
                (failed / held > WITHIN && next > held && next < failed).then_some(next)
            }
        }
    }

    /// Takes note of whether `rate` has held.
    pub fn note(&mut self, rate: f64, held: bool) {
        if held {
            self.held = Some(self.held.map_or(rate, |known| known.max(rate)));
        } else {
            self.failed = Some(self.failed.map_or(rate, |known| known.min(rate)));
        }
    }
}

/// A rate that can be read: whole from 20 a second on, with two places below.
fn rounded(rate: f64) -> f64 {
    if rate >= 20.0 {
        rate.round()
    } else {
        (rate * 100.0).round() / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the search measures of a server that holds up to `limit`.
    fn measured(limit: f64) -> (Option<f64>, Vec<f64>) {
        let mut search = Search::new(100.0);
        let mut rates = Vec::new();
        while let Some(rate) = search.next() {
            rates.push(rate);
            search.note(rate, rate <= limit);
            assert!(rates.len() < 60, "it does not end: {rates:?}");
        }
        (search.held, rates)
    }

    #[test]
    fn it_finds_the_highest_rate_within_five_percent_and_never_above() {
        for limit in [0.7, 3.0, 99.0, 100.0, 101.0, 777.0, 12_345.0, 300_000.0] {
            let (found, rates) = measured(limit);
            let found = found.expect("one holds");
            assert!(found <= limit, "{limit}: {found}");
            assert!(limit / found <= WITHIN + 0.02, "{limit}: {found}");
            assert!(rates.len() <= 18, "{limit}: {rates:?}");
        }
    }

    #[test]
    fn it_grows_then_narrows_and_measures_no_rate_twice() {
        let (_, rates) = measured(450.0);
        assert_eq!(rates[..4], [100.0, 200.0, 400.0, 800.0]);
        let mut sorted = rates.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        assert_eq!(sorted.len(), rates.len(), "{rates:?}");
    }

    #[test]
    fn a_server_that_holds_nothing_and_one_that_holds_all_end_the_search() {
        let (found, rates) = measured(0.0);
        assert_eq!(found, None);
        assert!(rates.iter().all(|rate| *rate >= LOWEST), "{rates:?}");
        let (found, _) = measured(f64::INFINITY);
        assert!(found.is_some_and(|found| found <= HIGHEST));
    }
}
