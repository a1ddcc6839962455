//! AVX-512 (F, BW, VL, DQ): 64 rows at once, a yes or no for each in a mask register.
#![expect(
    unsafe_code,
    reason = "vector instructions that are found at run time; memory is reached through references to whole vectors only"
)]

use super::super::tables::BLOCK;
use super::{Bits, Lanes, Vectors, Work};
use std::arch::x86_64::*;

/// A proof that the CPU has AVX-512 F, BW, VL and DQ, and POPCNT.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Avx512(());

/// The octets of 64 rows.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(in super::super) struct Cells([i8; 64]);

impl Avx512 {
    /// The proof, where the CPU has them.
    pub(super) fn found() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
    }
}

impl Default for Cells {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl AsRef<[i8]> for Cells {
    fn as_ref(&self) -> &[i8] {
        &self.0
    }
}

impl AsMut<[i8]> for Cells {
    fn as_mut(&mut self) -> &mut [i8] {
        &mut self.0
    }
}

impl Lanes for Avx512 {
    const ROWS: usize = 64;

    type Cells = Cells;
    type Octets = __m512i;
    /// Bit `row` is set where it holds.
    type Mask = __mmask64;

    #[inline(always)]
    fn load(self, cells: &Cells) -> __m512i {
        // SAFETY: `self` proves AVX-512; the reference is to 64 octets, aligned to 64.
        unsafe { _mm512_load_si512(std::ptr::from_ref(cells).cast()) }
    }

    #[inline(always)]
    fn store(self, octets: __m512i, cells: &mut Cells) {
        // SAFETY: `self` proves AVX-512; the reference is to 64 octets, aligned to 64, and unique.
        unsafe { _mm512_store_si512(std::ptr::from_mut(cells).cast(), octets) }
    }

    #[inline(always)]
    fn splat(self, octet: i8) -> __m512i {
        // SAFETY: `self` proves AVX-512.
        unsafe { _mm512_set1_epi8(octet) }
    }

    #[inline(always)]
    fn equal(self, a: __m512i, b: __m512i) -> __mmask64 {
        // SAFETY: `self` proves AVX-512.
        unsafe { _mm512_cmpeq_epi8_mask(a, b) }
    }

    #[inline(always)]
    fn below(self, cells: __m512i, bound: __m512i) -> __mmask64 {
        // SAFETY: `self` proves AVX-512.
        unsafe { _mm512_cmplt_epi8_mask(cells, bound) }
    }

    #[inline(always)]
    fn not_below(self, within: __mmask64, cells: __m512i, bound: __m512i) -> __mmask64 {
        // SAFETY: `self` proves AVX-512. Bits that are not in `within` are 0.
        unsafe { _mm512_mask_cmpge_epi8_mask(within, cells, bound) }
    }

    #[inline(always)]
    fn choose(self, mask: __mmask64, yes: __m512i, no: __m512i) -> __m512i {
        // SAFETY: `self` proves AVX-512. The second vector is taken where a bit is set.
        unsafe { _mm512_mask_blend_epi8(mask, no, yes) }
    }

    #[inline(always)]
    fn member(self, set: &Bits, low: __m512i, high: __m512i, bit: __m512i) -> __m512i {
        // SAFETY: `self` proves AVX-512; each reference is to 16 octets. A shuffle looks up the
        // low four bits of an octet in its own quarter of the vector, and gives 0 where it is
        // negative.
        unsafe {
            let half = |half: &[u8; 16]| {
                _mm512_broadcast_i32x4(_mm_loadu_si128(std::ptr::from_ref(half).cast()))
            };
            let low = _mm512_shuffle_epi8(half(&set.halves[0]), low);
            let high = _mm512_shuffle_epi8(half(&set.halves[1]), high);
            let found = _mm512_test_epi8_mask(_mm512_or_si512(low, high), bit);
            _mm512_movm_epi8(found)
        }
    }

    #[inline(always)]
    fn count_below(self, block: &[i32; BLOCK], key: i32) -> u32 {
        // SAFETY: `self` proves AVX-512; the reference is to 64 octets.
        unsafe {
            let cuts = _mm512_loadu_si512(std::ptr::from_ref(block).cast());
            u32::from(_mm512_cmplt_epi32_mask(cuts, _mm512_set1_epi32(key))).count_ones()
        }
    }

    fn room(vectors: &mut Vectors) -> &mut Vec<Cells> {
        &mut vectors.avx512
    }

    fn call<W: Work>(self, work: W) {
        // SAFETY: `self` proves AVX-512 and POPCNT.
        unsafe { call(self, work) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
fn call<W: Work>(lanes: Avx512, work: W) {
    work.run(lanes);
}
