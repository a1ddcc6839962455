//! The zip: entries by name, unpacked within bounds.

use crate::{Error, Limits};
use std::cell::Cell;
use std::io::{Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// The most octets that are laid out for an entry before any of it was unpacked.
const AHEAD: u64 = 1 << 20;

/// A zip in memory.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Octets that may still be unpacked.
    left: Cell<u64>,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(octets: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let zip = ZipArchive::new(Cursor::new(octets))
            .map_err(|error| Error::new(format!("it is no zip: {error}")))?;
        if zip.len() > limits.entries {
            let most = limits.entries;
            return Err(Error::new(format!("it has more than {most} entries")));
        }
        if zip.has_duplicate_names() {
            return Err(Error::new("two entries of the zip have one name"));
        }
        let left = Cell::new(limits.unpacked);
        Ok(Self { zip, left })
    }

    /// The octets of the entry `name`, as many as its header says.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.unpack(name).map_err(|error| error.inside(name))
    }

    fn unpack(&self, name: &str) -> Result<Vec<u8>, Error> {
        // Only a reader of its own and a shared list of entries: cheap.
        let mut zip = self.zip.clone();
        let broken = |error: &dyn std::fmt::Display| Error::new(format!("{error}"));
        let mut entry = zip.by_name(name).map_err(|error| broken(&error))?;
        let stored = matches!(
            entry.compression(),
            CompressionMethod::Stored | CompressionMethod::Deflated
        );
        if !stored || entry.encrypted() {
            return Err(Error::new("it is neither stored nor deflated"));
        }
        let announced = entry.size();
        let Some(left) = self.left.get().checked_sub(announced) else {
            return Err(Error::new("the file unpacks to more than is taken"));
        };
        self.left.set(left);
        let ahead = usize::try_from(announced.min(AHEAD)).unwrap_or_default();
        let mut octets = Vec::with_capacity(ahead);
        // One more than announced, to see whether there is more.
        let mut bounded = (&mut entry).take(announced.saturating_add(1));
        bounded
            .read_to_end(&mut octets)
            .map_err(|error| broken(&error))?;
        if octets.len() as u64 != announced {
            return Err(Error::new(format!(
                "{announced} octets are announced, it has {}",
                if (octets.len() as u64) < announced {
                    "fewer"
                } else {
                    "more"
                }
            )));
        }
        Ok(octets)
    }
}
