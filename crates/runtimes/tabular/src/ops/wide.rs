//! Loops with the widest instructions that are of use.
//!
//! ONNX Runtime's kernels multiply and add in one rounding wherever a processor can, and so must
//! the operators here to come to its numbers.

/// Loops over floats without branches, all of it always inlined.
pub(super) trait Work {
    fn run(self);
}

/// Runs `work` with AVX2 and FMA where the processor has them. Without, every rounding is computed
/// on its own: slower, with the same results.
pub(super) fn wide<W: Work>(work: W) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        #[expect(unsafe_code, reason = "instructions that were looked for")]
        // SAFETY: the processor has AVX2 and FMA.
        unsafe {
            fused(work);
        }
        return;
    }
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn fused<W: Work>(work: W) {
    work.run();
}

/// Asks the processor to bring the line of `value` into its second cache.
#[inline(always)]
pub(super) fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "an instruction that every such processor has")]
    // SAFETY: it is a hint, and the place is one that may be read.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
