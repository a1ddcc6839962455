//! Packing and unpacking octets, never beyond a bound.
//!
//! Responsible for gzip (RFC 1952) and Zstandard (RFC 8878) as whole buffers. Which of them a
//! message has, and what an answer is packed with, belongs to `http`.

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use flowgate_core::ErrorKind;
use std::io::{self, Read, Write};

/// A way of packing octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
}

/// Why octets cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// More than the bound.
    #[error("more than {limit} bytes when unpacked")]
    TooLarge {
        /// The bound, in octets.
        limit: usize,
    },
    /// Not what it says it is, or cut off.
    #[error("not valid {}, or cut off", packing.name())]
    Broken {
        /// What it should be.
        packing: Packing,
    },
}

impl UnpackError {
    /// Always whoever sent the octets.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge { .. } | Self::Broken { .. } => ErrorKind::InvalidInput,
        }
    }
}

/// The largest window of a Zstandard frame, as a power of two: 8 MiB, what RFC 9659 allows in
/// HTTP. A frame could ask for 2 GiB of memory otherwise.
const ZSTD_WINDOW: u32 = 23;

/// Fast, as an answer that someone waits for must be.
const GZIP_LEVEL: u32 = 1;

/// The same.
const ZSTD_LEVEL: i32 = 1;

impl Packing {
    /// The name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The octets that `packed` stands for, at most `limit` of them. Memory is taken for what is
    /// there, not for what a header promises.
    ///
    /// # Errors
    /// When there are more, or `packed` is broken.
    pub fn unpack(self, packed: &[u8], limit: usize) -> Result<Vec<u8>, UnpackError> {
        let broken = |_: io::Error| UnpackError::Broken { packing: self };
        match self {
            // No member at all is no gzip; the decoder would take it for an empty text.
            Self::Gzip if packed.is_empty() => Err(UnpackError::Broken { packing: self }),
            Self::Gzip => self.bounded(MultiGzDecoder::new(packed), limit),
            Self::Zstd if packed.is_empty() => Err(UnpackError::Broken { packing: self }),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(packed).map_err(broken)?;
                decoder.window_log_max(ZSTD_WINDOW).map_err(broken)?;
                self.bounded(decoder, limit)
            }
        }
    }

    /// `octets`, packed quickly.
    ///
    /// # Errors
    /// When there is not enough memory for the work.
    pub fn pack(self, octets: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let packed = Vec::with_capacity(octets.len() / 4 + 64);
                let mut encoder = GzEncoder::new(packed, Compression::new(GZIP_LEVEL));
                encoder.write_all(octets)?;
                encoder.finish()
            }
            Self::Zstd => zstd::bulk::compress(octets, ZSTD_LEVEL),
        }
    }

    fn bounded(self, decoder: impl Read, limit: usize) -> Result<Vec<u8>, UnpackError> {
        let mut octets = Vec::new();
        let one_more = (limit as u64).saturating_add(1);
        decoder
            .take(one_more)
            .read_to_end(&mut octets)
            .map_err(|_| UnpackError::Broken { packing: self })?;
        if octets.len() > limit {
            return Err(UnpackError::TooLarge { limit });
        }
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: [Packing; 2] = [Packing::Gzip, Packing::Zstd];

    #[test]
    fn a_bomb_is_refused_at_the_bound() {
        for packing in BOTH {
            let packed = packing.pack(&vec![0; 1 << 20]).expect("packed");
            assert!(packed.len() < 1 << 14, "{}", packing.name());
            let limit = (1 << 20) - 1;
            assert_eq!(
                packing.unpack(&packed, limit),
                Err(UnpackError::TooLarge { limit })
            );
            assert_eq!(
                packing.unpack(&packed, 1 << 20).map(|octets| octets.len()),
                Ok(1 << 20)
            );
        }
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_refused() {
        for packing in BOTH {
            let packed = packing.pack(b"a text of some length").expect("packed");
            for end in 0..packed.len() {
                let cut = packing.unpack(&packed[..end], 100);
                assert_eq!(
                    cut,
                    Err(UnpackError::Broken { packing }),
                    "{} at {end}",
                    packing.name()
                );
            }
            assert!(packing.unpack(b"{\"inputs\": [1]}", 100).is_err());
        }
    }

    #[test]
    fn a_frame_that_asks_for_a_large_window_is_refused() {
        // A frame header: no single segment, a window of 1 GiB, then one raw block.
        let frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA0, 0x09, 0x00, 0x00, b'x'];
        assert!(Packing::Zstd.unpack(&frame, 100).is_err());
        let small = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50, 0x09, 0x00, 0x00, b'x'];
        assert_eq!(Packing::Zstd.unpack(&small, 100), Ok(b"x".to_vec()));
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(octets: Vec<u8>) {
            for packing in BOTH {
                let packed = packing.pack(&octets).expect("packed");
                prop_assert_eq!(packing.unpack(&packed, octets.len()), Ok(octets.clone()));
            }
        }

        #[test]
        fn no_octets_break_the_unpacking(octets: Vec<u8>) {
            for packing in BOTH {
                let _ = packing.unpack(&octets, 1000);
            }
        }
    }
}
