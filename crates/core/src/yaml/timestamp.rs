use std::fmt;

/// A YAML 1.1 timestamp: a date, or a date with time and perhaps an offset, as it was written.
///
/// PyYAML makes a `datetime` of it and writes it back in ISO form; here the text is kept, so that
/// what was read is what is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(String);

impl Timestamp {
    /// Reads a timestamp in the form PyYAML resolves (`2024-01-31`, `2024-1-31 9:05:00.5 +01:00`,
    /// `2024-01-31T09:05:00Z`); `None` when it has another form or names no point in time.
    /// A tab is kept as a blank.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fields = Fields::read(text)?;
        fields.exist().then(|| Self(text.replace('\t', " ")))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a date without a time.
    #[must_use]
    pub fn is_date(&self) -> bool {
        !self.0.contains(':')
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a plain scalar has the form of a timestamp, be it a point in time or not.
pub(super) fn has_timestamp_form(text: &str) -> bool {
    Fields::read(text).is_some()
}

/// The numbers of a timestamp; the fraction of a second matters to nobody here.
struct Fields {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    offset_minutes: u32,
}

impl Fields {
    fn read(text: &str) -> Option<Self> {
        let mut rest = Cursor(text.as_bytes());
        let (year, _) = rest.number(4, 4)?;
        rest.one(b"-")?;
        let (month, month_digits) = rest.number(1, 2)?;
        rest.one(b"-")?;
        let (day, day_digits) = rest.number(1, 2)?;
        let mut fields = Self {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
            offset_minutes: 0,
        };
        if rest.0.is_empty() {
            return (month_digits == 2 && day_digits == 2).then_some(fields);
        }
        if rest.one(b"Tt").is_none() && rest.skip(b" \t") == 0 {
            return None;
        }
        fields.hour = rest.number(1, 2)?.0;
        rest.one(b":")?;
        fields.minute = rest.number(2, 2)?.0;
        rest.one(b":")?;
        fields.second = rest.number(2, 2)?.0;
        if rest.one(b".").is_some() {
            rest.skip(b"0123456789");
        }
        if rest.0.is_empty() {
            return Some(fields);
        }
        rest.skip(b" \t");
        if rest.one(b"Z").is_none() {
            rest.one(b"+-")?;
            let (hours, _) = rest.number(1, 2)?;
            let minutes = match rest.one(b":") {
                Some(()) => rest.number(2, 2)?.0,
                None => 0,
            };
            fields.offset_minutes = hours * 60 + minutes;
        }
        rest.0.is_empty().then_some(fields)
    }

    /// Whether Python's `datetime` has such a moment: no year 0, no leap second, offsets below a
    /// day.
    fn exist(&self) -> bool {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return false,
        };
        self.year >= 1
            && (1..=days).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.offset_minutes < 24 * 60
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// As many digits as there are, up to `most`: the number and how many they were.
    fn number(&mut self, least: usize, most: usize) -> Option<(u32, usize)> {
        let digits = self
            .0
            .iter()
            .take(most)
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits < least {
            return None;
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some((
            number
                .iter()
                .fold(0, |sum, b| sum * 10 + u32::from(b - b'0')),
            digits,
        ))
    }

    fn one(&mut self, of: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        of.contains(first).then(|| self.0 = rest)
    }

    fn skip(&mut self, of: &[u8]) -> usize {
        let count = self.0.iter().take_while(|b| of.contains(b)).count();
        self.0 = &self.0[count..];
        count
    }
}
