//! A function of every number of a list.

use crate::ops::wide::{Work, wide};

/// A function of one number, simple enough that a compiler makes vector instructions of it: no
/// branches but choices between two values, and always inlined.
pub(in crate::ops) trait Function: Copy {
    /// Its value at `x`.
    fn at(self, x: f32) -> f32;
}

/// `function` of every one of `numbers`.
pub(in crate::ops) fn map<F: Function>(function: F, numbers: &[f32]) -> Vec<f32> {
    let mut made = vec![0.0; numbers.len()];
    map_to(function, numbers, &mut made);
    made
}

/// Writes `function` of every one of `numbers` to `made`, which has as many places.
pub(in crate::ops) fn map_to<F: Function>(function: F, numbers: &[f32], made: &mut [f32]) {
    wide(Each {
        function,
        numbers,
        made,
    });
}

/// Replaces every one of `numbers` by its `function`.
pub(in crate::ops) fn map_in_place<F: Function>(function: F, numbers: &mut [f32]) {
    wide(InPlace { function, numbers });
}

struct Each<'a, F> {
    function: F,
    numbers: &'a [f32],
    made: &'a mut [f32],
}

impl<F: Function> Work for Each<'_, F> {
    #[inline(always)]
    fn run(self) {
        for (made, number) in self.made.iter_mut().zip(self.numbers) {
            *made = self.function.at(*number);
        }
    }
}

struct InPlace<'a, F> {
    function: F,
    numbers: &'a mut [f32],
}

impl<F: Function> Work for InPlace<'_, F> {
    #[inline(always)]
    fn run(self) {
        for number in self.numbers {
            *number = self.function.at(*number);
        }
    }
}
