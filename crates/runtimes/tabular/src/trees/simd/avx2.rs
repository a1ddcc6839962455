//! AVX2: 32 rows at once.
#![expect(
    unsafe_code,
    reason = "vector instructions that are found at run time; memory is reached through references to whole vectors only"
)]

use super::super::tables::BLOCK;
use super::{Bits, Lanes, Vectors, Work};
use std::arch::x86_64::*;

/// A proof that the CPU has AVX2 and POPCNT.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Avx2(());

/// The octets of 32 rows.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(in super::super) struct Cells([i8; 32]);

impl Avx2 {
    /// The proof, where the CPU has them.
    pub(super) fn found() -> Option<Self> {
        let found = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
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

impl Lanes for Avx2 {
    const ROWS: usize = 32;

    type Cells = Cells;
    type Octets = __m256i;
    /// All bits of an octet are set where it holds, else none.
    type Mask = __m256i;

    #[inline(always)]
    fn load(self, cells: &Cells) -> __m256i {
        // SAFETY: `self` proves AVX2; the reference is to 32 octets, aligned to 32.
        unsafe { _mm256_load_si256(std::ptr::from_ref(cells).cast()) }
    }

    #[inline(always)]
    fn store(self, octets: __m256i, cells: &mut Cells) {
        // SAFETY: `self` proves AVX2; the reference is to 32 octets, aligned to 32, and unique.
        unsafe { _mm256_store_si256(std::ptr::from_mut(cells).cast(), octets) }
    }

    #[inline(always)]
    fn splat(self, octet: i8) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_set1_epi8(octet) }
    }

    #[inline(always)]
    fn equal(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_cmpeq_epi8(a, b) }
    }

    #[inline(always)]
    fn below(self, cells: __m256i, bound: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_cmpgt_epi8(bound, cells) }
    }

    #[inline(always)]
    fn not_below(self, within: __m256i, cells: __m256i, bound: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_andnot_si256(_mm256_cmpgt_epi8(bound, cells), within) }
    }

    #[inline(always)]
    fn choose(self, mask: __m256i, yes: __m256i, no: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_blendv_epi8(no, yes, mask) }
    }

    #[inline(always)]
    fn member(self, set: &Bits, low: __m256i, high: __m256i, bit: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2; each reference is to 16 octets. A shuffle looks up the low
        // four bits of an octet in its own half of the vector, and gives 0 where it is negative.
        unsafe {
            let half = |half: &[u8; 16]| {
                _mm256_broadcastsi128_si256(_mm_loadu_si128(std::ptr::from_ref(half).cast()))
            };
            let low = _mm256_shuffle_epi8(half(&set.halves[0]), low);
            let high = _mm256_shuffle_epi8(half(&set.halves[1]), high);
            let found = _mm256_and_si256(_mm256_or_si256(low, high), bit);
            _mm256_cmpeq_epi8(found, bit)
        }
    }

    #[inline(always)]
    fn count_below(self, block: &[i32; BLOCK], key: i32) -> u32 {
        // SAFETY: `self` proves AVX2; the reference is to 64 octets, two vectors, which the
        // unaligned loads take from both of its halves.
        unsafe {
            let halves: *const __m256i = std::ptr::from_ref(block).cast();
            let key = _mm256_set1_epi32(key);
            let first = _mm256_cmpgt_epi32(key, _mm256_loadu_si256(halves));
            let second = _mm256_cmpgt_epi32(key, _mm256_loadu_si256(halves.add(1)));
            // Two octets for each of the sixteen; their order does not matter to a count.
            let both = _mm256_packs_epi32(first, second);
            _mm256_movemask_epi8(both).count_ones() / 2
        }
    }

    fn room(vectors: &mut Vectors) -> &mut Vec<Cells> {
        &mut vectors.avx2
    }

    fn call<W: Work>(self, work: W) {
        // SAFETY: `self` proves AVX2 and POPCNT.
        unsafe { call(self, work) }
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn call<W: Work>(lanes: Avx2, work: W) {
    work.run(lanes);
}
