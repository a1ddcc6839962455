//! The types of sums: how their numbers are payloads of leaves.

/// The type of the sums.
pub(super) trait Sum: Copy + std::ops::AddAssign + Send + Sync + 'static {
    /// Adds nothing to any number.
    const NOTHING: Self;

    /// The nearest to a number; the numbers of an ensemble are of its type.
    fn of(number: f64) -> Self;

    /// The payload that holds the number itself; none where 32 bits are too few.
    fn inside(self) -> Option<u32>;

    /// The number that a payload holds, or the one of `values` at its place.
    fn from_payload(payload: u32, values: &[Self]) -> Self;

    /// The bits, to tell numbers apart.
    fn bits(self) -> u64;
}

impl Sum for f32 {
    const NOTHING: Self = -0.0;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
    fn of(number: f64) -> Self {
        number as f32
    }

    fn inside(self) -> Option<u32> {
        Some(self.to_bits())
    }

    #[inline(always)]
    fn from_payload(payload: u32, _: &[Self]) -> Self {
        Self::from_bits(payload)
    }

    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
}

impl Sum for f64 {
    const NOTHING: Self = -0.0;

    #[inline(always)]
    fn of(number: f64) -> Self {
        number
    }

    fn inside(self) -> Option<u32> {
        None
    }

    #[inline(always)]
    fn from_payload(payload: u32, values: &[Self]) -> Self {
        values[payload as usize]
    }

    fn bits(self) -> u64 {
        self.to_bits()
    }
}
