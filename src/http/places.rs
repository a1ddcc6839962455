//! How many requests are answered at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The places of requests that are being answered.
#[derive(Debug)]
pub struct Places {
    most: usize,
    taken: AtomicUsize,
}

/// A place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(Option<&'a AtomicUsize>);

impl Places {
    /// So many; none: without a limit.
    pub fn new(most: Option<usize>) -> Self {
        Self {
            most: most.unwrap_or(usize::MAX),
            taken: AtomicUsize::new(0),
        }
    }

    /// A place, where one is free.
    pub(super) fn take(&self) -> Option<Place<'_>> {
        if self.most == usize::MAX {
            return Some(Place(None));
        }
        // Counted first: of two that come at once, one finds the other's count.
        let place = Place(Some(&self.taken));
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        (before < self.most).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(taken) = self.0 {
            taken.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_is_left_and_a_refusal_takes_none() {
        let places = Places::new(Some(2));
        let first = places.take().expect("a place");
        let second = places.take().expect("a place");
        assert!(places.take().is_none() && places.take().is_none());
        drop(first);
        let third = places.take().expect("a place again");
        assert!(places.take().is_none());
        drop((second, third));
        assert!(places.take().is_some());
        let unlimited = Places::new(None);
        let many: Vec<_> = (0..100).map(|_| unlimited.take()).collect();
        assert!(many.iter().all(Option::is_some));
    }
}
