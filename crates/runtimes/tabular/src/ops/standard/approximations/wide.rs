//! Loops over 32-bit floats with the widest instructions that are of use.
//!
//! ONNX Runtime's kernels multiply and add in one rounding wherever a processor can, and so must
//! the functions here to come to its numbers. Without instructions for it, a rounding of its own
//! is computed: slower, with the same results.

/// A function of one number, simple enough that a compiler makes vector instructions of it: no
/// branches but choices between two values, and always inlined.
pub(in super::super) trait Function: Copy {
    /// Its value at `x`.
    fn at(self, x: f32) -> f32;
}

/// `function` of every one of `numbers`.
pub(in super::super) fn map<F: Function>(function: F, numbers: &[f32]) -> Vec<f32> {
    let mut made = vec![0.0; numbers.len()];
    map_to(function, numbers, &mut made);
    made
}

/// Writes `function` of every one of `numbers` to `made`, which has as many places.
pub(in super::super) fn map_to<F: Function>(function: F, numbers: &[f32], made: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if has_fused() {
        #[expect(unsafe_code, reason = "instructions that were looked for")]
        // SAFETY: the processor has AVX2 and FMA.
        unsafe {
            fused(function, numbers, made);
        }
        return;
    }
    plain(function, numbers, made);
}

/// Whether the processor has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
pub(in super::super) fn has_fused() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn fused<F: Function>(function: F, numbers: &[f32], made: &mut [f32]) {
    plain(function, numbers, made);
}

#[inline(always)]
fn plain<F: Function>(function: F, numbers: &[f32], made: &mut [f32]) {
    for (made, number) in made.iter_mut().zip(numbers) {
        *made = function.at(*number);
    }
}
