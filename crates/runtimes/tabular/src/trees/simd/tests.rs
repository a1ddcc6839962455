//! What each operation does is what its description says, with every set of instructions that the
//! CPU has.

use super::*;

/// Rows: some whole vectors of every kind.
const ROWS: usize = 512;

const LEVELS: [Level; 3] = [Level::Portable, Level::Avx2, Level::Avx512];

/// Xorshift.
fn octets(seed: u64) -> Vec<i8> {
    let mut state = seed;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as i8
    };
    // Small ones too, so that some are equal.
    (0..ROWS)
        .map(|row| if row % 3 == 0 { next() % 3 } else { next() })
        .collect()
}

/// Runs an operation on the rows of three columns.
struct Run<'a, F> {
    read: [&'a [i8]; 3],
    made: &'a mut Vec<i8>,
    vectors: &'a mut Vectors,
    operation: F,
}

/// An operation on vectors.
trait Operation {
    fn on<L: Lanes>(&self, lanes: L, read: [L::Octets; 3]) -> L::Octets;
}

impl<F: Operation> Work for Run<'_, F> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let room = L::room(self.vectors);
        room.resize(4, L::Cells::default());
        for start in (0..ROWS).step_by(L::ROWS) {
            for (cells, column) in room.iter_mut().zip(self.read) {
                cells
                    .as_mut()
                    .copy_from_slice(&column[start..start + L::ROWS]);
            }
            let read = [0, 1, 2].map(|k| lanes.load(&room[k]));
            lanes.store(self.operation.on(lanes, read), &mut room[3]);
            self.made.extend(room[3].as_ref());
        }
    }
}

fn check<F: Operation + Copy>(operation: F, expected: impl Fn(i8, i8, i8) -> i8) {
    let columns = [octets(1), octets(2), octets(3)];
    let [a, b, c] = &columns;
    let expected: Vec<i8> = (0..ROWS)
        .map(|row| expected(a[row], b[row], c[row]))
        .collect();
    for level in LEVELS {
        let Some(simd) = Simd::get(level) else {
            continue;
        };
        let mut made = Vec::new();
        simd.call(Run {
            read: [a, b, c],
            made: &mut made,
            vectors: &mut Vectors::default(),
            operation,
        });
        assert_eq!(made, expected, "{level:?}");
    }
}

macro_rules! operation {
    ($name:ident, |$lanes:ident, $a:ident, $b:ident, $c:ident| $made:expr) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl Operation for $name {
            #[inline(always)]
            fn on<L: Lanes>(&self, $lanes: L, [$a, $b, $c]: [L::Octets; 3]) -> L::Octets {
                let _ = $c;
                $made
            }
        }
    };
}

operation!(Equal, |lanes, a, b, c| {
    lanes.choose(lanes.equal(a, b), c, lanes.splat(7))
});
operation!(Below, |lanes, a, b, c| {
    lanes.choose(lanes.below(a, b), c, lanes.splat(7))
});
operation!(NotBelow, |lanes, a, b, c| {
    let within = lanes.equal(a, c);
    lanes.choose(lanes.not_below(within, a, b), lanes.splat(1), c)
});
operation!(Choose, |lanes, a, b, c| {
    lanes.choose(lanes.below(c, lanes.splat(0)), a, b)
});

#[test]
fn masks_are_where_octets_are_equal_or_below() {
    check(Equal, |a, b, c| if a == b { c } else { 7 });
    check(Below, |a, b, c| if a < b { c } else { 7 });
    check(NotBelow, |a, b, c| if a == c && a >= b { 1 } else { c });
    check(Choose, |a, b, c| if c < 0 { a } else { b });
}

#[derive(Clone, Copy)]
struct Member(Bits);

impl Operation for Member {
    #[inline(always)]
    fn on<L: Lanes>(&self, lanes: L, [low, high, bit]: [L::Octets; 3]) -> L::Octets {
        lanes.member(&self.0, low, high, bit)
    }
}

#[test]
fn members_are_found_among_all_codes() {
    let codes: Vec<u8> = (0..ROWS).map(|row| row as u8).collect();
    let part = |half: u8| {
        let of = |code: &u8| match code / 128 == half {
            true => (code % 128 / 8) as i8,
            false => i8::MIN,
        };
        codes.iter().map(of).collect::<Vec<i8>>()
    };
    let bit: Vec<i8> = codes
        .iter()
        .map(|code| (1_u8 << (code % 8)) as i8)
        .collect();
    let mut set = Bits::default();
    let is_member = |code: u8| code % 7 == 3 || code > 250 || code == 0;
    for code in (0..=u8::MAX).filter(|code| is_member(*code)) {
        set.halves[usize::from(code / 128)][usize::from(code % 128 / 8)] |= 1 << (code % 8);
    }
    for level in LEVELS {
        let Some(simd) = Simd::get(level) else {
            continue;
        };
        let mut made = Vec::new();
        simd.call(Run {
            read: [&part(0), &part(1), &bit],
            made: &mut made,
            vectors: &mut Vectors::default(),
            operation: Member(set),
        });
        for (code, made) in codes.iter().zip(made) {
            assert_eq!(made, -i8::from(is_member(*code)), "{code} with {level:?}");
        }
    }
}

/// Counts in a block below some keys.
struct Count<'a>(&'a [i32; BLOCK], &'a [i32], &'a mut Vec<u32>);

impl Work for Count<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        for &key in self.1 {
            self.2.push(lanes.count_below(self.0, key));
        }
    }
}

#[test]
fn cuts_below_a_key_are_counted() {
    let mut block = [i32::MAX; BLOCK];
    let cuts = [i32::MIN, -70_000, -1, 0, 1, 2, 40_000, 70_000, i32::MAX - 1];
    block[..cuts.len()].copy_from_slice(&cuts);
    let keys: Vec<i32> = cuts
        .iter()
        .flat_map(|cut| [cut.saturating_sub(1), *cut, cut.saturating_add(1)])
        .collect();
    let count = |key: &i32| block.iter().filter(|cut| **cut < *key).count() as u32;
    let expected: Vec<u32> = keys.iter().map(count).collect();
    for level in LEVELS {
        let Some(simd) = Simd::get(level) else {
            continue;
        };
        let mut found = Vec::new();
        simd.call(Count(&block, &keys, &mut found));
        assert_eq!(found, expected, "{level:?}");
    }
}

#[test]
fn plain_rust_is_always_there() {
    assert!(Simd::get(Level::Portable).is_some());
    assert!(Simd::get(Simd::best().level()).is_some());
}
