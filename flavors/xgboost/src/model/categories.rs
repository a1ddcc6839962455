//! The names of categories that XGBoost 3.1 and later keep in the model: the key `cats`.

use super::MOST;
use crate::source::{Read, ReadError, Source};

/// The categories of a feature, each at the place that is its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Names {
    /// Texts.
    Texts(Vec<String>),
    /// Whole numbers.
    Wholes(Vec<i64>),
    /// Texts that cannot be told.
    Lost,
}

/// The categories of a feature as the file has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stored {
    /// Octets of texts, and where to cut them.
    Texts {
        offsets: Vec<usize>,
        octets: Vec<u8>,
    },
    /// Whole numbers.
    Wholes(Vec<i64>),
}

/// From this version on, offsets count octets. Those of 3.1 to 3.3 count characters of names that
/// come from pandas, and as many octets are stored as there are characters: the last are lost.
const COUNTS_OCTETS: [u32; 3] = [3, 4, 0];

/// One entry a feature: `offsets` and `values` are the octets of texts, `type` and `values` whole
/// numbers; an entry without values is a feature of numbers.
pub(super) fn read<S: Source>(source: &mut S) -> Read<Vec<Option<Stored>>> {
    let mut features = None;
    source.object(|source, key| match key {
        "enc" => source.keep(&mut features, entries),
        _ => source.skip(),
    })?;
    Ok(features.unwrap_or_default())
}

/// The names of all features, as the XGBoost of this `version` stored them.
///
/// # Errors
/// When offsets do not cut texts out of octets.
pub(super) fn settle(features: Vec<Option<Stored>>, version: [u32; 3]) -> Read<Vec<Option<Names>>> {
    let names = features.into_iter().enumerate().map(|(feature, stored)| {
        let names = stored.map(|stored| stored.names(version)).transpose();
        names.map_err(|error| error.item(feature).under("enc").under("cats"))
    });
    names.collect()
}

fn entries<S: Source>(source: &mut S) -> Read<Vec<Option<Stored>>> {
    let mut entries = Vec::new();
    source.list(|source| {
        if entries.len() == MOST {
            return Err(ReadError::new(format!("more than {MOST} features")));
        }
        entries.push(entry(source)?);
        Ok(())
    })?;
    Ok(entries)
}

fn entry<S: Source>(source: &mut S) -> Read<Option<Stored>> {
    let mut offsets = None;
    let mut values = None;
    let mut kind = None;
    source.object(|source, key| match key {
        "type" => source.keep(&mut kind, S::whole),
        "offsets" => source.keep(&mut offsets, S::wholes::<usize>),
        "values" => source.keep(&mut values, S::wholes::<i64>),
        _ => source.skip(),
    })?;
    let values = values.unwrap_or_default();
    match offsets {
        None if values.is_empty() => Ok(None),
        None => {
            let values = values.into_iter().map(|value| unsigned(value, kind));
            Ok(Some(Stored::Wholes(values.collect())))
        }
        Some(offsets) if offsets.len() < 2 => Ok(None),
        Some(offsets) => {
            let octets: Option<Vec<u8>> = values.into_iter().map(octet).collect();
            let octets =
                octets.ok_or_else(|| ReadError::new("the values are no octets").under("values"))?;
            Ok(Some(Stored::Texts { offsets, octets }))
        }
    }
}

impl Stored {
    fn names(self, version: [u32; 3]) -> Read<Names> {
        let (offsets, octets) = match self {
            Self::Wholes(wholes) => return Ok(Names::Wholes(wholes)),
            Self::Texts { offsets, octets } => (offsets, octets),
        };
        if !octets.is_ascii() && version < COUNTS_OCTETS {
            return Ok(Names::Lost);
        }
        let text = |pair: &[usize]| {
            let octets = octets.get(pair[0]..pair[1])?;
            Some(std::str::from_utf8(octets).ok()?.to_owned())
        };
        let texts: Option<Vec<String>> = offsets.windows(2).map(text).collect();
        let astray = || ReadError::new("the offsets do not cut texts out of the values");
        texts.map(Names::Texts).ok_or_else(astray)
    }
}

/// A whole number of the type that XGBoost calls `kind`. UBJSON has no unsigned numbers of 16 and
/// 32 bits: those that look negative are the upper half of them.
fn unsigned(value: i64, kind: Option<i64>) -> i64 {
    match kind {
        Some(12) if value < 0 => value + (1 << 16),
        Some(14) if value < 0 => value + (1 << 32),
        _ => value,
    }
}

/// An octet that was written with or without a sign.
fn octet(value: i64) -> Option<u8> {
    u8::try_from(value)
        .ok()
        .or_else(|| i8::try_from(value).ok().map(i8::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Json;

    fn names(entry: &str, version: [u32; 3]) -> Read<Vec<Option<Names>>> {
        let text = format!("{{\"enc\": [{entry}], \"sorted_idx\": []}}");
        let stored = read(&mut Json::new(text.as_bytes()).expect("UTF-8"))?;
        settle(stored, version)
    }

    const NEW: [u32; 3] = [3, 4, 0];

    #[test]
    fn names_are_cut_out_of_octets_with_signs() {
        let entries = names(
            "{\"offsets\": [], \"values\": []}, {}, \
             {\"offsets\": [0, 1, 3, 3], \"values\": [97, -61, -96]}, \
             {\"type\": 15, \"values\": [5, -10]}",
            NEW,
        );
        let texts = ["a", "à", ""].map(str::to_owned).to_vec();
        let expected = vec![
            None,
            None,
            Some(Names::Texts(texts)),
            Some(Names::Wholes(vec![5, -10])),
        ];
        assert_eq!(entries, Ok(expected));
    }

    #[test]
    fn names_that_are_not_ascii_are_lost_before_offsets_count_octets() {
        // XGBoost 3.2.0 stores this of the names `Köln` and `Ulm`.
        let entry = "{\"offsets\": [0, 4, 7], \"values\": [75, -61, -74, 108, 110, 85, 108]}";
        assert_eq!(names(entry, [3, 2, 0]), Ok(vec![Some(Names::Lost)]));
        let ascii = "{\"offsets\": [0, 3], \"values\": [85, 108, 109]}";
        let ulm = Names::Texts(vec!["Ulm".to_owned()]);
        assert_eq!(names(ascii, [3, 2, 0]), Ok(vec![Some(ulm)]));
    }

    #[test]
    fn unsigned_numbers_come_back_from_signed_ones() {
        for (kind, expected) in [(12, 65_535), (14, 4_294_967_295), (15, -1), (9, -1)] {
            let entry = format!("{{\"type\": {kind}, \"values\": [-1]}}");
            let wholes = Names::Wholes(vec![expected]);
            assert_eq!(names(&entry, NEW), Ok(vec![Some(wholes)]), "{kind}");
        }
    }

    #[test]
    fn offsets_that_go_astray_are_refused() {
        for entry in [
            "{\"offsets\": [0, 4], \"values\": [97]}",
            "{\"offsets\": [1, 0], \"values\": [97]}",
            "{\"offsets\": [0, 1], \"values\": [300]}",
            "{\"offsets\": [0, 1], \"values\": [-61, -96]}",
            "{\"offsets\": [-1, 1], \"values\": [97]}",
            "{\"values\": [0.5]}",
        ] {
            assert!(names(entry, NEW).is_err(), "{entry}");
        }
    }
}
