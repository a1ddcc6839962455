//! The lengths of texts in Parquet's delta encodings, counted without being decoded: the reader
//! takes memory for as many as the page claims to have.
//!
//! Source: `Encodings.md` of the Parquet format, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY and
//! DELTA_BYTE_ARRAY.

/// Whether the values of a page claim to be at most `values`, each time that they are counted:
/// once for their lengths, and once more before that for the prefixes that they share.
pub(super) fn counts_are_bounded(octets: &[u8], prefixes: bool, values: u64) -> bool {
    let Some((count, end)) = run(octets) else {
        return false;
    };
    if count > values {
        return false;
    }
    if !prefixes {
        return true;
    }
    let rest = octets.get(end..).unwrap_or_default();
    run(rest).is_some_and(|(again, _)| again == count)
}

/// How many numbers one run claims to have, and where it ends.
fn run(octets: &[u8]) -> Option<(u64, usize)> {
    let mut at = 0;
    let block = unsigned(octets, &mut at)?;
    let minis = unsigned(octets, &mut at)?;
    let count = unsigned(octets, &mut at)?;
    unsigned(octets, &mut at)?;
    let size = block.checked_div(minis)?;
    let widths = usize::try_from(minis).ok()?;
    // The first number stands in the header.
    let mut left = count.saturating_sub(1);
    if left > 0 && (size == 0 || size % 8 != 0) {
        return None;
    }
    while left > 0 {
        unsigned(octets, &mut at)?;
        let start = at;
        at = at.checked_add(widths)?;
        for width in octets.get(start..at)? {
            if left == 0 {
                break;
            }
            let bits = size.checked_mul(u64::from(*width))?;
            at = at.checked_add(usize::try_from(bits / 8).ok()?)?;
            left = left.saturating_sub(size);
        }
        if at > octets.len() {
            return None;
        }
    }
    Some((count, at))
}

fn unsigned(octets: &[u8], at: &mut usize) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let octet = *octets.get(*at)?;
        *at += 1;
        value |= u64::from(octet & 0x7F).checked_shl(shift)?;
        if octet < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Blocks of 128 in 4 parts; 3 numbers: 7, and two that take no bits.
    const THREE: [u8; 10] = [0x80, 0x01, 0x04, 0x03, 0x0E, 0x00, 0x00, 0x00, 0x00, 0x00];

    #[test]
    fn what_is_claimed_is_counted() {
        assert_eq!(run(&THREE), Some((3, 10)));
        assert!(counts_are_bounded(&THREE, false, 3));
        assert!(!counts_are_bounded(&THREE, false, 2));
        let twice = [THREE, THREE].concat();
        assert!(counts_are_bounded(&twice, true, 3));
        assert!(!counts_are_bounded(&THREE, true, 3));
        // A second count of 2^28.
        let mut more = twice;
        more.splice(13..14, [0x80, 0x80, 0x80, 0x80, 0x01]);
        assert!(!counts_are_bounded(&more, true, 3));
    }

    proptest! {
        #[test]
        fn no_octets_break_the_counting(octets: Vec<u8>) {
            let _ = counts_are_bounded(&octets, true, 1000);
        }
    }
}
