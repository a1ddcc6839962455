//! As much of Thrift's compact protocol as is needed to know the size of things in a Parquet file
//! before they are read: the headers of pages, and the depth of the schema.
//!
//! Source: `parquet.thrift` of the Parquet format 2.x and Thrift's "compact protocol".

use super::budget::{COLUMNS, DEPTH};

/// The header of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// 0: data, 1: index, 2: dictionary, 3: data in the second form.
    pub(super) kind: i64,
    pub(super) uncompressed: i64,
    pub(super) compressed: i64,
    pub(super) values: i64,
    pub(super) encoding: i64,
    /// Encodings of the levels; pages of the first form.
    pub(super) definition_encoding: i64,
    pub(super) repetition_encoding: i64,
    /// Octets of the levels, nulls and rows; pages of the second form.
    pub(super) definition_bytes: i64,
    pub(super) repetition_bytes: i64,
    pub(super) nulls: i64,
    pub(super) rows: i64,
    /// Whether the values of a page of the second form are packed.
    pub(super) is_compressed: bool,
    /// Whether a dictionary is sorted.
    pub(super) is_sorted: bool,
}

impl PageHeader {
    /// Reads the header at the start of `octets` and tells how many it has; `None` when there is
    /// none.
    pub(super) fn read(octets: &[u8]) -> Option<(Self, usize)> {
        let mut input = Input { octets, at: 0 };
        let mut header = Self {
            is_compressed: true,
            ..Self::default()
        };
        input.fields(|input, id, kind| match id {
            1 => input.number(kind, &mut header.kind),
            2 => input.number(kind, &mut header.uncompressed),
            3 => input.number(kind, &mut header.compressed),
            // The three headers share what they have in common.
            5 | 7 | 8 if kind == STRUCT => input.fields(|input, inner, kind| match (id, inner) {
                (_, 1) => input.number(kind, &mut header.values),
                (5 | 7, 2) | (8, 4) => input.number(kind, &mut header.encoding),
                (5, 3) => input.number(kind, &mut header.definition_encoding),
                (5, 4) => input.number(kind, &mut header.repetition_encoding),
                (7, 3) => boolean(kind, &mut header.is_sorted),
                (8, 2) => input.number(kind, &mut header.nulls),
                (8, 3) => input.number(kind, &mut header.rows),
                (8, 5) => input.number(kind, &mut header.definition_bytes),
                (8, 6) => input.number(kind, &mut header.repetition_bytes),
                (8, 7) => boolean(kind, &mut header.is_compressed),
                _ => input.skip(kind, 0),
            }),
            _ => input.skip(kind, 0),
        })?;
        Some((header, input.at))
    }
}

/// Whether the schema in the footer `octets` is of a size and a depth that may be built: the
/// reader builds it by calling itself, and makes room for as many children as are announced.
///
/// `None` where it is none. The reader takes a field by its number and never looks at its type, so
/// that a field of another type would be read otherwise there than here: none is let through, up
/// to the end of the schema, which must come where every writer has it.
pub(super) fn schema_is_bounded(octets: &[u8]) -> Option<bool> {
    let mut input = Input { octets, at: 0 };
    let mut bounded = None;
    // Ends behind the schema; what follows is bounded by its length.
    let _end: Option<()> = input.fields(|input, id, kind| match (id, kind) {
        (1, I32) => input.skip(kind, 0),
        (2, LIST) => {
            bounded = input.schema();
            None
        }
        _ => None,
    });
    bounded
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I8: u8 = 3;
const I32: u8 = 5;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

struct Input<'a> {
    octets: &'a [u8],
    at: usize,
}

fn boolean(kind: u8, flag: &mut bool) -> Option<()> {
    *flag = kind == TRUE;
    (kind == TRUE || kind == FALSE).then_some(())
}

impl Input<'_> {
    /// Whether a list of the parts of a schema, each before its children, is small enough.
    fn schema(&mut self) -> Option<bool> {
        let (count, item) = self.list()?;
        let mut bounded = count <= COLUMNS && item == STRUCT;
        let mut announced = 0;
        // How many children are still to come, of each group that is open.
        let mut open: Vec<i32> = Vec::new();
        for _ in 0..count {
            let children = self.part()?;
            // Each of them is a part of the list.
            announced += usize::try_from(children).unwrap_or(0);
            if announced >= count {
                return None;
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            bounded &= open.len() <= DEPTH;
        }
        Some(bounded)
    }

    /// Reads a part of a schema; how many children it announces.
    fn part(&mut self) -> Option<i32> {
        let mut children = 0;
        self.fields(|input, id, kind| match (id, kind) {
            (5, I32) => input.number(kind, &mut children),
            (1..=3 | 6..=9, I32) | (4, BINARY) => input.skip(kind, 0),
            (10, STRUCT) => input.logical_type(),
            (1..=10, _) => None,
            _ => input.skip(kind, 0),
        })?;
        i32::try_from(children).ok()
    }

    /// Reads what a column means beyond how it is stored.
    fn logical_type(&mut self) -> Option<()> {
        self.fields(|input, id, kind| match (id, kind) {
            (1..=18, STRUCT) => input.fields(|input, inner, kind| match (id, inner, kind) {
                (5, 1 | 2, I32) | (10 | 16, 1, I8) | (17 | 18, 1, BINARY) | (18, 2, I32) => {
                    input.skip(kind, 0)
                }
                (7 | 8, 1, TRUE | FALSE) | (10, 2, TRUE | FALSE) => Some(()),
                // The unit of a time: one of three that have no fields.
                (7 | 8, 2, STRUCT) => input.fields(|input, unit, kind| match (unit, kind) {
                    (1..=3, STRUCT) => input.skip(kind, 0),
                    (1..=3, _) => None,
                    _ => input.skip(kind, 0),
                }),
                (_, 1 | 2, _) => None,
                _ => input.skip(kind, 0),
            }),
            (1..=18, _) => None,
            _ => input.skip(kind, 0),
        })
    }

    fn octet(&mut self) -> Option<u8> {
        let octet = *self.octets.get(self.at)?;
        self.at += 1;
        Some(octet)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let octet = self.octet()?;
            value |= u64::from(octet & 0x7F).checked_shl(shift)?;
            if octet < 0x80 {
                return Some(value);
            }
            shift += 7;
        }
    }

    /// A number in zigzag form.
    #[expect(clippy::cast_possible_wrap, reason = "both halves are below 2^63")]
    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A field that must be a whole number of 16 to 64 bits.
    fn number(&mut self, kind: u8, number: &mut i64) -> Option<()> {
        if !(4..=6).contains(&kind) {
            return None;
        }
        *number = self.signed()?;
        Some(())
    }

    /// Calls `field` with the number and the type of each field of a struct; it must read it.
    fn fields(&mut self, mut field: impl FnMut(&mut Self, i16, u8) -> Option<()>) -> Option<()> {
        let mut id = 0_i16;
        loop {
            let octet = self.octet()?;
            if octet == 0 {
                return Some(());
            }
            id = match octet >> 4 {
                0 => self.signed()?.try_into().ok()?,
                delta => id.checked_add(delta.into())?,
            };
            field(self, id, octet & 0xF)?;
        }
    }

    /// The number and the type of the items of a list.
    fn list(&mut self) -> Option<(usize, u8)> {
        let octet = self.octet()?;
        let count = match octet >> 4 {
            15 => usize::try_from(self.unsigned()?).ok()?,
            count => usize::from(count),
        };
        Some((count, octet & 0xF))
    }

    fn pass(&mut self, count: usize) -> Option<()> {
        let at = self.at.checked_add(count)?;
        (at <= self.octets.len()).then(|| self.at = at)
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        match kind {
            TRUE | FALSE => Some(()),
            3 => self.pass(1),
            4..=6 => self.unsigned().map(|_| ()),
            7 => self.pass(8),
            8 => {
                let count = usize::try_from(self.unsigned()?).ok()?;
                self.pass(count)
            }
            LIST | 10 => {
                let (count, item) = self.list()?;
                (0..count).try_for_each(|_| self.skip_item(item, depth + 1))
            }
            11 => {
                let count = usize::try_from(self.unsigned()?).ok()?;
                let kinds = if count == 0 { 0 } else { self.octet()? };
                (0..count).try_for_each(|_| {
                    self.skip_item(kinds >> 4, depth + 1)?;
                    self.skip_item(kinds & 0xF, depth + 1)
                })
            }
            STRUCT => self.fields(|input, _, kind| input.skip(kind, depth + 1)),
            _ => None,
        }
    }

    /// Inside of a list, a boolean takes an octet.
    fn skip_item(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            TRUE | FALSE => self.pass(1),
            kind => self.skip(kind, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_header_of_a_data_page_is_read() {
        // kind 0, uncompressed 100, compressed 50, data header (7 values, encoding 8, levels 3).
        let octets = [
            0x15, 0x00, 0x15, 0xC8, 0x01, 0x15, 0x64, 0x2C, 0x15, 0x0E, 0x15, 0x10, 0x15, 0x06,
            0x15, 0x06, 0x00, 0x00, 0xFF,
        ];
        let (header, length) = PageHeader::read(&octets).expect("a header");
        assert_eq!(length, octets.len() - 1);
        let expected = PageHeader {
            uncompressed: 100,
            compressed: 50,
            values: 7,
            encoding: 8,
            definition_encoding: 3,
            repetition_encoding: 3,
            is_compressed: true,
            ..PageHeader::default()
        };
        assert_eq!(header, expected);
        for end in 0..length {
            assert_eq!(PageHeader::read(&octets[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn a_schema_that_is_too_deep_is_seen_without_building_it() {
        let schema = |depth: usize| {
            // A list of structs that each have one child, and a leaf.
            let mut octets = vec![0x29, 0xFC, (depth as u8 & 0x7F) | 0x80, (depth >> 7) as u8];
            for left in (0..depth).rev() {
                octets.extend_from_slice(if left > 0 {
                    &[0x55, 0x02, 0x00]
                } else {
                    &[0x00]
                });
            }
            octets.push(0x00);
            octets
        };
        assert_eq!(schema_is_bounded(&schema(20)), Some(true));
        assert_eq!(schema_is_bounded(&schema(DEPTH + 5)), Some(false));
        assert_eq!(schema_is_bounded(&schema(20)[..10]), None);
    }

    #[test]
    fn a_schema_that_announces_more_parts_than_it_has_is_broken() {
        // A list of two structs, of which the first announces children.
        let schema = |children: &[u8]| {
            let parts = [&[0x29, 0x2C, 0x55], children, &[0x00, 0x00, 0x00]];
            schema_is_bounded(&parts.concat())
        };
        // A boolean where children are counted: the reader would take the next octets for them.
        assert_eq!(
            schema_is_bounded(&[0x29, 0x2C, 0x52, 0x00, 0x00, 0x00]),
            None
        );
        assert_eq!(schema(&[0x02]), Some(true));
        assert_eq!(schema(&[0x04]), None);
        assert_eq!(schema(&[0xFE, 0xFF, 0xFF, 0xFF, 0x0F]), None);
        // Beyond 32 bits, where readers cut it off.
        assert_eq!(schema(&[0x82, 0x80, 0x80, 0x80, 0x20]), None);
    }

    proptest! {
        #[test]
        fn no_octets_break_the_reading(octets: Vec<u8>) {
            let _ = PageHeader::read(&octets);
            let _ = schema_is_bounded(&octets);
        }
    }
}
