//! The pages of a Parquet file: found and counted first, unpacked one by one when they are read.
//!
//! The reader of the `parquet` crate unpacks into as much memory as a page asks for. Here, the
//! headers of all pages are read before anything else, what they promise together is held
//! against the budget, and no page is unpacked to more than it promised.

use super::budget::{Budget, ColumnarError};
use super::delta::counts_are_bounded;
use super::thrift::PageHeader;
use crate::compression::Packing;
use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use std::sync::Arc;

/// One page that is there, unpacked or not.
#[derive(Debug, Clone)]
struct Found {
    header: PageHeader,
    encoding: Encoding,
    octets: Bytes,
}

/// All pages of one column of one row group.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pages: Arc<[Found]>,
    compression: Compression,
    /// Whether the levels of lists and of gaps stand before the values.
    repeats: bool,
    optional: bool,
}

/// Octets of memory that one value takes at least, with its levels.
const VALUE: usize = 12;

/// How the levels of every page are encoded.
const RUN_LENGTHS: i64 = 3;

/// Why a file is not read that may well be one.
pub(super) enum Fault {
    /// It is broken.
    Broken,
    /// It has something in it that is not read here.
    Unread(&'static str),
    /// It is too large.
    TooLarge(ColumnarError),
}

impl From<ColumnarError> for Fault {
    fn from(error: ColumnarError) -> Self {
        Self::TooLarge(error)
    }
}

impl Chunk {
    /// Finds the pages of the column `chunk` of the file `body`, and counts them.
    pub(super) fn find(
        body: &Bytes,
        chunk: &ColumnChunkMetaData,
        budget: &mut Budget,
    ) -> std::result::Result<Self, Fault> {
        let compression = chunk.compression();
        match compression {
            Compression::BROTLI(_) => return Err(Fault::Unread("Brotli")),
            Compression::LZO => return Err(Fault::Unread("LZO")),
            Compression::LZ4 => return Err(Fault::Unread("the old form of LZ4")),
            _ => {}
        }
        // Where there is no page of a kind, some writers say 0: the place of the file's mark.
        let dictionary = chunk.dictionary_page_offset();
        let offsets = [dictionary, Some(chunk.data_page_offset())];
        let offsets = offsets.into_iter().flatten().filter(|offset| *offset > 0);
        let start = offsets.min().ok_or(Fault::Broken)?;
        let start = usize::try_from(start).map_err(|_| Fault::Broken)?;
        let length = usize::try_from(chunk.compressed_size()).map_err(|_| Fault::Broken)?;
        let end = start.checked_add(length).ok_or(Fault::Broken)?;
        if end > body.len() {
            return Err(Fault::Broken);
        }
        let column = chunk.column_descr();
        let mut chunk = Self {
            pages: Arc::new([]),
            compression,
            repeats: column.max_rep_level() > 0,
            optional: column.max_def_level() > 0,
        };
        let mut pages = Vec::new();
        let mut at = start;
        while at < end {
            let (header, length) = PageHeader::read(&body[at..end]).ok_or(Fault::Broken)?;
            let from = at + length;
            let size = usize::try_from(header.compressed).map_err(|_| Fault::Broken)?;
            at = from.checked_add(size).ok_or(Fault::Broken)?;
            if at > end {
                return Err(Fault::Broken);
            }
            // Pages of an index hold no values.
            if header.kind != 1 {
                chunk.count(&header, budget)?;
                pages.push(Found {
                    encoding: encoding(header.encoding).ok_or(Fault::Broken)?,
                    header,
                    octets: body.slice(from..at),
                });
            }
        }
        chunk.pages = pages.into();
        Ok(chunk)
    }

    /// The largest page that holds texts by what they share with the ones before.
    pub(super) fn largest_of_prefixes(&self) -> usize {
        let pages = self.pages.iter();
        let pages = pages.filter(|page| page.encoding == Encoding::DELTA_BYTE_ARRAY);
        let sizes = pages.map(|page| usize::try_from(page.header.uncompressed).unwrap_or(0));
        sizes.max().unwrap_or(0)
    }

    /// Values of all pages together, gaps among them.
    pub(super) fn values(&self) -> usize {
        let data = self.pages.iter().filter(|page| page.header.kind != 2);
        data.map(|page| usize::try_from(page.header.values).unwrap_or(0))
            .sum()
    }

    /// Whether rows may have more than one value.
    pub(super) fn repeats(&self) -> bool {
        self.repeats
    }

    /// Holds what a page promises against what may be had.
    fn count(&self, header: &PageHeader, budget: &mut Budget) -> std::result::Result<(), Fault> {
        let size = i32::try_from(header.uncompressed).map_err(|_| Fault::Broken)?;
        let values = i32::try_from(header.values).map_err(|_| Fault::Broken)?;
        let size = usize::try_from(size).map_err(|_| Fault::Broken)?;
        let values = usize::try_from(values).map_err(|_| Fault::Broken)?;
        // Before 2013, levels were packed without telling their length; nobody writes that today.
        let unread = |there: bool, encoding: i64| there && encoding != RUN_LENGTHS;
        if header.kind == 0
            && (unread(self.optional, header.definition_encoding)
                || unread(self.repeats, header.repetition_encoding))
        {
            return Err(Fault::Unread("bit-packed levels"));
        }
        budget.take(size)?;
        if header.kind != 2 {
            budget.take_each(values, VALUE)?;
        }
        Ok(())
    }

    fn page(&self, place: usize) -> Result<Option<Page>> {
        let Some(found) = self.pages.get(place) else {
            return Ok(None);
        };
        let header = &found.header;
        let encoding = found.encoding;
        let num_values = small(header.values)?;
        Ok(Some(match header.kind {
            0 => {
                let buf = self.unpacked(&found.octets, header.uncompressed)?;
                let values = self.after_levels(&buf).ok_or_else(broken)?;
                check_values(values, encoding, header)?;
                Page::DataPage {
                    buf,
                    num_values,
                    encoding,
                    // Where there are levels, it is these; where not, some writers name others.
                    def_level_encoding: Encoding::RLE,
                    rep_level_encoding: Encoding::RLE,
                    statistics: None,
                }
            }
            2 => Page::DictionaryPage {
                buf: self.unpacked(&found.octets, header.uncompressed)?,
                num_values,
                encoding,
                is_sorted: header.is_sorted,
            },
            3 => {
                let levels = header.definition_bytes.checked_add(header.repetition_bytes);
                let levels = small(levels.ok_or_else(broken)?)? as usize;
                if levels > found.octets.len() {
                    return Err(broken());
                }
                let packed = header.is_compressed && self.compression != Compression::UNCOMPRESSED;
                let buf = if packed {
                    let left = header.uncompressed - levels as i64;
                    let values = self.unpacked(&found.octets.slice(levels..), left)?;
                    [&found.octets[..levels], &values].concat().into()
                } else {
                    found.octets.clone()
                };
                check_values(&buf[levels..], encoding, header)?;
                Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    num_nulls: small(header.nulls)?,
                    num_rows: small(header.rows)?,
                    def_levels_byte_len: small(header.definition_bytes)?,
                    rep_levels_byte_len: small(header.repetition_bytes)?,
                    is_compressed: false,
                    statistics: None,
                }
            }
            _ => return Err(broken()),
        }))
    }

    /// What `octets` stand for: exactly as many as the header says, which was counted.
    fn unpacked(&self, octets: &Bytes, size: i64) -> Result<Bytes> {
        let size = small(size)? as usize;
        let unpacked = match self.compression {
            Compression::UNCOMPRESSED => octets.clone(),
            // No octets need not be packed at all.
            _ if size == 0 => Bytes::new(),
            Compression::SNAPPY => {
                let mut out = vec![0; size];
                let length = snap::raw::Decoder::new().decompress(octets, &mut out);
                out.truncate(length.map_err(|_| broken())?);
                out.into()
            }
            Compression::GZIP(_) => {
                let out = Packing::Gzip.unpack(octets, size);
                out.map_err(|_| broken())?.into()
            }
            Compression::ZSTD(_) => {
                let out = zstd::bulk::decompress(octets, size);
                out.map_err(|_| broken())?.into()
            }
            Compression::LZ4_RAW => {
                let mut out = vec![0; size];
                let length = lz4_flex::block::decompress_into(octets, &mut out);
                out.truncate(length.map_err(|_| broken())?);
                out.into()
            }
            _ => return Err(broken()),
        };
        if unpacked.len() != size {
            return Err(broken());
        }
        Ok(unpacked)
    }

    /// The values of a page of the first form: behind the levels, which tell their own lengths.
    fn after_levels<'p>(&self, page: &'p Bytes) -> Option<&'p [u8]> {
        let mut rest: &[u8] = page;
        for levels in [self.repeats, self.optional] {
            if levels {
                let (length, behind) = rest.split_first_chunk::<4>()?;
                let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                rest = behind.get(length..)?;
            }
        }
        Some(rest)
    }
}

/// The reader believes what delta encodings claim of their lengths.
fn check_values(values: &[u8], encoding: Encoding, header: &PageHeader) -> Result<()> {
    let prefixes = match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => false,
        Encoding::DELTA_BYTE_ARRAY => true,
        _ => return Ok(()),
    };
    let count = u64::from(small(header.values)?);
    if counts_are_bounded(values, prefixes, count) {
        Ok(())
    } else {
        Err(broken())
    }
}

fn encoding(number: i64) -> Option<Encoding> {
    Some(match number {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return None,
    })
}

fn small(number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|_| broken())
}

fn broken() -> ParquetError {
    ParquetError::General("a page is not what its header says".to_owned())
}

// === what the reader of the `parquet` crate asks for ===

/// The pages of one column, in order.
pub(super) struct Pages {
    chunk: Chunk,
    next: usize,
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.chunk.page(self.next)?;
        self.next += 1;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let Some(found) = self.chunk.pages.get(self.next) else {
            return Ok(None);
        };
        let header = &found.header;
        let is_dict = header.kind == 2;
        Ok(Some(PageMetadata {
            num_rows: (header.kind == 3).then(|| usize::try_from(header.rows).unwrap_or(0)),
            num_levels: (!is_dict).then(|| usize::try_from(header.values).unwrap_or(0)),
            is_dict,
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.next += 1;
        Ok(())
    }
}

/// The same column of several row groups, in order.
pub(super) struct Chunks(pub(super) std::vec::IntoIter<Chunk>);

impl Iterator for Chunks {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = self.0.next()?;
        Some(Ok(Box::new(Pages { chunk, next: 0 })))
    }
}

impl PageIterator for Chunks {}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::basic::{GzipLevel, ZstdLevel};

    fn chunk(compression: Compression, octets: Vec<u8>, uncompressed: i64) -> Chunk {
        let header = PageHeader {
            kind: 2,
            uncompressed,
            compressed: octets.len() as i64,
            values: 1,
            ..PageHeader::default()
        };
        let page = Found {
            header,
            encoding: Encoding::PLAIN,
            octets: octets.into(),
        };
        Chunk {
            pages: Arc::new([page]),
            compression,
            repeats: false,
            optional: false,
        }
    }

    #[test]
    fn a_page_that_holds_more_than_it_says_is_not_unpacked_to_its_end() {
        let zeros = vec![0; 10 << 20];
        let snap = snap::raw::Encoder::new()
            .compress_vec(&zeros)
            .expect("packed");
        let lz4 = lz4_flex::block::compress(&zeros);
        let zstd = Packing::Zstd.pack(&zeros).expect("packed");
        let gzip = Packing::Gzip.pack(&zeros).expect("packed");
        for (compression, octets) in [
            (Compression::SNAPPY, snap),
            (Compression::LZ4_RAW, lz4),
            (Compression::ZSTD(ZstdLevel::default()), zstd),
            (Compression::GZIP(GzipLevel::default()), gzip),
        ] {
            for (size, fits) in [(100, false), (10 << 20, true), ((10 << 20) + 1, false)] {
                let page = chunk(compression, octets.clone(), size).page(0);
                assert_eq!(page.is_ok(), fits, "{compression:?} as {size}");
            }
        }
    }

    #[test]
    fn levels_without_a_length_are_told_from_those_that_are_not_there() {
        let mut budget = Budget::new(super::super::Limits { unpacked: 1000 });
        let header = PageHeader {
            definition_encoding: 4,
            repetition_encoding: 4,
            ..PageHeader::default()
        };
        let mut chunk = chunk(Compression::UNCOMPRESSED, Vec::new(), 0);
        assert!(chunk.count(&header, &mut budget).is_ok());
        chunk.optional = true;
        assert!(matches!(
            chunk.count(&header, &mut budget),
            Err(Fault::Unread(_))
        ));
    }
}
