//! JSON, with the `NaN` and `Infinity` that XGBoost writes into it.

use super::{DEPTH, Place, Read, ReadError, Source};
use flowgate_json::{Error, Exact, Fault, Kind, Number, Scanner};

/// A position in a JSON text.
#[derive(Debug)]
pub(crate) struct Json<'a>(Scanner<'a>);

impl<'a> Json<'a> {
    /// The start of `octets`.
    ///
    /// # Errors
    /// When they are not UTF-8.
    pub(crate) fn new(octets: &'a [u8]) -> Read<Self> {
        Ok(Self(Scanner::new(octets, DEPTH)?))
    }

    /// That something else than `expected` comes next.
    #[cold]
    fn expected(&mut self, expected: &str) -> ReadError {
        // Asked for what is not there, the scanner tells where it stands.
        match self.0.null() {
            Err(error) => ReadError::new(format!("expected {expected}")).at(place(&error)),
            Ok(()) => ReadError::new(format!("expected {expected}, found a null")),
        }
    }
}

impl Source for Json<'_> {
    const KEEPS_LAST: bool = true;

    type Mark = flowgate_json::Mark;

    fn mark(&self) -> Self::Mark {
        self.0.mark()
    }

    fn rewind(&mut self, mark: Self::Mark) {
        self.0.rewind(mark);
    }

    fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Read<()>) -> Read<()> {
        let mut more = self.0.open_object()?;
        while more {
            let key = self.0.key()?;
            member(self, &key).map_err(|error| error.under(&key))?;
            more = self.0.next_member()?;
        }
        Ok(())
    }

    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        let mut more = self.0.open_array()?;
        let mut index = 0;
        while more {
            item(self).map_err(|error| error.item(index))?;
            index += 1;
            more = self.0.next_item()?;
        }
        Ok(())
    }

    fn text(&mut self) -> Read<String> {
        match self.0.string()? {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(self.expected("a text of whole characters")),
        }
    }

    fn param(&mut self) -> Read<String> {
        match self.0.peek()? {
            Kind::String => self.text(),
            Kind::Number => {
                self.0.peek()?;
                let mark = self.0.mark();
                self.0.number()?;
                Ok(self.0.text_since(mark).to_owned())
            }
            _ => Err(self.expected("a text or a number")),
        }
    }

    fn whole(&mut self) -> Read<i64> {
        if let Some(whole) = self.0.plain_i64() {
            return Ok(whole);
        }
        match self.0.peek()? {
            Kind::Bool => Ok(i64::from(self.0.bool()?)),
            Kind::Number => match self.0.number()?.exact() {
                Exact::Int(whole) => {
                    i64::try_from(whole).map_err(|_| self.expected("a whole number of 64 bits"))
                }
                _ => Err(self.expected("a whole number")),
            },
            _ => Err(self.expected("a whole number")),
        }
    }

    fn wholes<T: TryFrom<i64>>(&mut self) -> Read<Vec<T>> {
        let mut wholes = Vec::new();
        self.list(|source| {
            let whole = T::try_from(source.whole()?);
            wholes.push(whole.map_err(|_| source.expected("a number in range"))?);
            Ok(())
        })?;
        Ok(wholes)
    }

    fn floats(&mut self) -> Read<Vec<f32>> {
        let mut floats = Vec::new();
        self.list(|source| {
            floats.push(match source.0.number()? {
                // Rounded from the digits to 32 bits, as XGBoost does: by way of 64 bits a number
                // half-way between two could go to the wrong one.
                Number::Integer(text) | Number::Decimal(text) => text
                    .parse::<f32>()
                    .map_err(|_| source.expected("a number"))?,
                Number::NaN => f32::NAN,
                Number::Infinity => f32::INFINITY,
                Number::NegInfinity => f32::NEG_INFINITY,
            });
            Ok(())
        })?;
        Ok(floats)
    }

    fn skip(&mut self) -> Read<()> {
        Ok(self.0.skip_any_keys()?)
    }
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        let what = match error.fault() {
            Fault::Encoding => "the text is not UTF-8".to_owned(),
            Fault::Syntax(expected) => format!("expected {expected}"),
            Fault::TooDeep(limit) => format!("nested deeper than {limit} levels"),
            other => other.to_string(),
        };
        Self::new(what).at(place(&error))
    }
}

fn place(error: &Error) -> Place {
    Place::Text {
        line: error.line(),
        column: error.column(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::new(text.as_bytes()).expect("UTF-8")
    }

    #[test]
    fn numbers_are_rounded_to_32_bits_once() {
        let floats =
            json("[5E-1, -1.5, 3, NaN, -Infinity, 16777217, 1.00000017881393432617187499]")
                .floats()
                .expect("numbers");
        // The last lies just below the middle of two `f32`; rounded to 64 bits first, it would be
        // in the middle and go up.
        assert_eq!(floats[..3], [0.5, -1.5, 3.0]);
        assert!(floats[3].is_nan() && floats[4] == f32::NEG_INFINITY);
        assert_eq!(floats[5], 16_777_216.0);
        assert_eq!(floats[6].to_bits(), 1.0_f32.to_bits() + 1);
    }

    #[test]
    fn truth_values_are_whole_numbers_and_fractions_are_not() {
        assert_eq!(json("[true, false, 1, 2E0]").wholes(), Ok(vec![1, 0, 1, 2]));
        for text in ["[0.5]", "[\"1\"]", "[256]", "[NaN]", "[1", "{}"] {
            assert!(json(text).wholes::<u8>().is_err(), "{text}");
        }
    }

    #[test]
    fn parameters_are_texts_or_numbers() {
        assert_eq!(json("\"5E-1\"").param(), Ok("5E-1".to_owned()));
        assert_eq!(json(" 5E-1 ").param(), Ok("5E-1".to_owned()));
        assert!(json("[1]").param().is_err());
    }

    #[test]
    fn an_error_has_its_path_and_its_place() {
        let mut source = json("{\"a\": [1,\n \"x\"]}");
        let error = source.object(|source, _| source.wholes::<i32>().map(|_| ()));
        let error = error.expect_err("a text").to_string();
        assert_eq!(error, "`a[1]`, line 2, column 2: expected a whole number");
    }
}
