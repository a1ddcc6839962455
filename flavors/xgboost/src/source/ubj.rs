//! UBJSON as XGBoost writes it: lengths are 64 bits, numbers big-endian, lists of numbers packed.

use super::{DEPTH, Place, Read, ReadError, Source};

/// A position in UBJSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ubj<'a> {
    octets: &'a [u8],
    at: usize,
}

/// How the items of a list lie.
enum Items<'a> {
    /// Numbers of one type, packed.
    Packed(u8, &'a [u8]),
    /// So many values.
    Counted(usize),
    /// Values up to `]`.
    Open,
}

/// A list or an object that is being passed over.
enum Skipped {
    Object,
    Counted(usize),
    Open,
}

impl<'a> Ubj<'a> {
    /// The start of `octets`.
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    fn eat(&mut self, octet: u8) -> bool {
        let is_next = self.peek() == Some(octet);
        self.at += usize::from(is_next);
        is_next
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.octets.get(self.at..end));
        let Some(taken) = taken else {
            let left = self.octets.len() - self.at;
            return Err(self.error(format!("{count} octets are announced, {left} are left")));
        };
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let taken = self.take(N)?;
        taken
            .try_into()
            .map_err(|_| self.error("too few octets".to_owned()))
    }

    /// A length: `L` and 64 bits. It is never more than the octets that are left.
    fn length(&mut self) -> Read<usize> {
        if !self.eat(b'L') {
            return Err(self.expected("a length"));
        }
        let length = i64::from_be_bytes(self.array()?);
        let left = self.octets.len() - self.at;
        match usize::try_from(length) {
            Ok(length) if length <= left => Ok(length),
            _ => Err(self.error(format!(
                "a length of {length} is announced, {left} octets are left"
            ))),
        }
    }

    fn key(&mut self) -> Read<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    fn open_list(&mut self) -> Read<Items<'a>> {
        if !self.eat(b'[') {
            return Err(self.expected("a list"));
        }
        if self.eat(b'$') {
            let [kind] = self.array()?;
            let size = size_of_number(kind).ok_or_else(|| self.expected("a type of numbers"))?;
            if !self.eat(b'#') {
                return Err(self.expected("a length"));
            }
            let octets = self.length()?.saturating_mul(size);
            return Ok(Items::Packed(kind, self.take(octets)?));
        }
        if self.eat(b'#') {
            return Ok(Items::Counted(self.length()?));
        }
        Ok(Items::Open)
    }

    /// Walks over the values of a list that is not packed.
    fn items(
        &mut self,
        items: &Items<'_>,
        mut item: impl FnMut(&mut Self) -> Read<()>,
    ) -> Read<()> {
        let mut index = 0;
        loop {
            let is_over = match items {
                Items::Packed(..) => true,
                Items::Counted(count) => index == *count,
                Items::Open => self.eat(b']'),
            };
            if is_over {
                return Ok(());
            }
            item(self).map_err(|error| error.item(index))?;
            index += 1;
        }
    }

    fn float(&mut self) -> Read<f32> {
        let [kind] = self.array()?;
        match kind {
            b'd' => Ok(f32::from_be_bytes(self.array()?)),
            b'D' => Ok(narrow(f64::from_be_bytes(self.array()?))),
            _ => {
                self.at -= 1;
                Ok(whole_as_float(self.whole()?))
            }
        }
    }

    #[cold]
    fn expected(&self, expected: &str) -> ReadError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(octet) => format!("`{}`", octet.escape_ascii()),
        };
        self.error(format!("expected {expected}, found {found}"))
    }

    #[cold]
    fn error(&self, what: String) -> ReadError {
        ReadError::new(what).at(Place::Octet(self.at))
    }
}

impl Source for Ubj<'_> {
    const KEEPS_LAST: bool = false;

    type Mark = usize;

    fn mark(&self) -> usize {
        self.at
    }

    fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Read<()>) -> Read<()> {
        if !self.eat(b'{') {
            return Err(self.expected("an object"));
        }
        while !self.eat(b'}') {
            let key = self.key()?;
            // A key that is no text is one that nobody knows.
            let key = std::str::from_utf8(key).unwrap_or("\u{FFFD}");
            member(self, key).map_err(|error| error.under(key))?;
        }
        Ok(())
    }

    fn list(&mut self, item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        match self.open_list()? {
            Items::Packed(_, []) => Ok(()),
            Items::Packed(..) => {
                Err(self.error("expected a list, found packed numbers".to_owned()))
            }
            items => self.items(&items, item),
        }
    }

    fn text(&mut self) -> Read<String> {
        if !self.eat(b'S') {
            return Err(self.expected("a text"));
        }
        let text = self.key()?;
        match std::str::from_utf8(text) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(self.error("the text is not UTF-8".to_owned())),
        }
    }

    fn param(&mut self) -> Read<String> {
        match self.peek() {
            Some(b'S') => self.text(),
            Some(b'd' | b'D') => Ok(self.float()?.to_string()),
            _ => Ok(self.whole()?.to_string()),
        }
    }

    fn whole(&mut self) -> Read<i64> {
        let kind = self.peek();
        if !matches!(kind, Some(b'T' | b'F')) {
            let is_whole =
                kind.is_some_and(|kind| size_of_number(kind).is_some() && !is_float(kind));
            if !is_whole {
                return Err(self.expected("a whole number"));
            }
        }
        let [kind] = self.array()?;
        Ok(match kind {
            b'T' => 1,
            b'F' => 0,
            b'U' => i64::from(u8::from_be_bytes(self.array()?)),
            b'I' => i64::from(i16::from_be_bytes(self.array()?)),
            b'l' => i64::from(i32::from_be_bytes(self.array()?)),
            b'L' => i64::from_be_bytes(self.array()?),
            _ => i64::from(i8::from_be_bytes(self.array()?)),
        })
    }

    fn wholes<T: TryFrom<i64>>(&mut self) -> Read<Vec<T>> {
        let items = self.open_list()?;
        let Items::Packed(kind, octets) = items else {
            let mut wholes = Vec::new();
            self.items(&items, |source| {
                let whole = T::try_from(source.whole()?);
                wholes.push(whole.map_err(|_| source.expected("a number in range"))?);
                Ok(())
            })?;
            return Ok(wholes);
        };
        let wholes = match kind {
            b'l' => unpacked(octets, i32::from_be_bytes),
            b'U' => unpacked(octets, u8::from_be_bytes),
            b'L' => unpacked(octets, i64::from_be_bytes),
            b'I' => unpacked(octets, i16::from_be_bytes),
            b'i' => unpacked(octets, i8::from_be_bytes),
            _ => return Err(self.error("expected whole numbers, found others".to_owned())),
        };
        wholes.ok_or_else(|| self.error("a number is out of range".to_owned()))
    }

    fn floats(&mut self) -> Read<Vec<f32>> {
        let items = self.open_list()?;
        let Items::Packed(kind, octets) = items else {
            let mut floats = Vec::new();
            self.items(&items, |source| {
                floats.push(source.float()?);
                Ok(())
            })?;
            return Ok(floats);
        };
        match kind {
            b'd' => {
                let (numbers, _) = octets.as_chunks();
                Ok(numbers.iter().copied().map(f32::from_be_bytes).collect())
            }
            b'D' => {
                let (numbers, _) = octets.as_chunks();
                let numbers = numbers.iter().copied().map(f64::from_be_bytes);
                Ok(numbers.map(narrow).collect())
            }
            _ => Err(self.error("expected fractions, found whole numbers".to_owned())),
        }
    }

    fn skip(&mut self) -> Read<()> {
        let mut open: Vec<Skipped> = Vec::new();
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    open.push(Skipped::Object);
                }
                Some(b'[') => match self.open_list()? {
                    Items::Packed(..) => {}
                    Items::Counted(count) => open.push(Skipped::Counted(count)),
                    Items::Open => open.push(Skipped::Open),
                },
                Some(b'S') => {
                    self.at += 1;
                    self.key()?;
                }
                Some(b'Z' | b'T' | b'F') => self.at += 1,
                Some(b'C') => {
                    self.take(2)?;
                }
                kind => {
                    let size = kind.and_then(size_of_number);
                    let size = size.ok_or_else(|| self.expected("a value"))?;
                    self.take(1 + size)?;
                }
            }
            if open.len() > DEPTH {
                return Err(self.error(format!("nested deeper than {DEPTH} levels")));
            }
            loop {
                let is_over = match open.last_mut() {
                    None => return Ok(()),
                    Some(Skipped::Object) => self.eat(b'}'),
                    Some(Skipped::Open) => self.eat(b']'),
                    Some(Skipped::Counted(0)) => true,
                    Some(Skipped::Counted(left)) => {
                        *left -= 1;
                        false
                    }
                };
                if !is_over {
                    break;
                }
                open.pop();
            }
            if let Some(Skipped::Object) = open.last() {
                self.key()?;
            }
        }
    }
}

/// The octets of a number of the type that UBJSON calls `kind`.
fn size_of_number(kind: u8) -> Option<usize> {
    match kind {
        b'i' | b'U' => Some(1),
        b'I' => Some(2),
        b'l' | b'd' => Some(4),
        b'L' | b'D' => Some(8),
        _ => None,
    }
}

fn is_float(kind: u8) -> bool {
    matches!(kind, b'd' | b'D')
}

/// The numbers that lie packed in `octets`; `None` where one is out of range.
fn unpacked<T: TryFrom<i64>, U: Into<i64>, const N: usize>(
    octets: &[u8],
    read: impl Fn([u8; N]) -> U,
) -> Option<Vec<T>> {
    let (numbers, _) = octets.as_chunks();
    let numbers = numbers.iter().copied().map(read);
    numbers
        .map(|number| T::try_from(number.into()).ok())
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "XGBoost keeps all its numbers in 32 bits"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_precision_loss,
    reason = "XGBoost keeps all its numbers in 32 bits"
)]
fn whole_as_float(number: i64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `length` as UBJSON writes it.
    fn long(length: i64) -> Vec<u8> {
        [b"L".as_slice(), &length.to_be_bytes()].concat()
    }

    fn packed(kind: u8, length: i64, octets: &[u8]) -> Vec<u8> {
        [b"[$", [kind].as_slice(), b"#", &long(length), octets].concat()
    }

    #[test]
    fn packed_numbers_of_every_type_are_read() {
        let wholes = |octets: &[u8]| Ubj::new(octets).wholes::<i32>();
        assert_eq!(wholes(&packed(b'l', 1, &[255; 4])), Ok(vec![-1]));
        assert_eq!(wholes(&packed(b'U', 2, &[255, 1])), Ok(vec![255, 1]));
        assert_eq!(wholes(&packed(b'i', 1, &[255])), Ok(vec![-1]));
        assert_eq!(wholes(&packed(b'I', 1, &[1, 0])), Ok(vec![256]));
        assert_eq!(wholes(&packed(b'L', 1, &7_i64.to_be_bytes())), Ok(vec![7]));
        assert!(wholes(&packed(b'L', 1, &(1_i64 << 40).to_be_bytes())).is_err());
        assert!(wholes(&packed(b'd', 1, &[0; 4])).is_err());
        assert_eq!(wholes(b"[i\x05TI\x01\x00]"), Ok(vec![5, 1, 256]));
        let floats = packed(
            b'd',
            2,
            &[0.5_f32.to_be_bytes(), 2_f32.to_be_bytes()].concat(),
        );
        assert_eq!(Ubj::new(&floats).floats(), Ok(vec![0.5, 2.0]));
        assert_eq!(
            Ubj::new(b"[d\x3f\x00\x00\x00i\x03]").floats(),
            Ok(vec![0.5, 3.0])
        );
    }

    #[test]
    fn more_than_is_there_is_never_made_room_for() {
        for length in [-1, 2, 1 << 40, i64::MAX] {
            let octets = packed(b'l', length, &[0; 4]);
            let error = Ubj::new(&octets).wholes::<i32>().expect_err("too long");
            assert!(error.to_string().contains("announced"), "{error}");
            let counted = [b"[#".as_slice(), &long(length)].concat();
            assert!(Ubj::new(&counted).skip().is_err(), "{length}");
        }
        let text = [b"S".as_slice(), &long(3), b"ab"].concat();
        assert!(Ubj::new(&text).text().is_err());
    }

    #[test]
    fn anything_is_passed_over_but_not_forever_deep() {
        let key = |name: &[u8]| [long(1).as_slice(), name].concat();
        let object = [
            b"{".as_slice(),
            &key(b"a"),
            b"[#",
            &long(2),
            b"[Z]",
            &packed(b'l', 1, &[0; 4]),
            &key(b"b"),
            b"{",
            &key(b"c"),
            b"Cx}",
            &key(b"d"),
            b"{}}",
        ];
        let mut octets = object.concat();
        octets.push(b'T');
        let mut source = Ubj::new(&octets);
        source.skip().expect("all of it");
        assert_eq!(source.whole(), Ok(1), "what is behind it");
        let deep = vec![b'['; 100];
        let error = Ubj::new(&deep).skip().expect_err("too deep");
        assert!(error.to_string().contains("deeper"), "{error}");
    }

    #[test]
    fn an_error_has_its_path_and_its_octet() {
        let octets = [b"{".as_slice(), &long(1), b"a[Z]}"].concat();
        let error = Ubj::new(&octets)
            .object(|source, _| source.wholes::<i32>().map(|_| ()))
            .expect_err("no number");
        assert_eq!(
            error.to_string(),
            "`a[0]`, octet 12: expected a whole number, found `Z`"
        );
    }
}
