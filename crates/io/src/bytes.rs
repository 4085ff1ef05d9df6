//! A cursor over a header's bytes: the one place that takes fields from raw slices.

use crate::{Error, Result};

/// Takes fixed-width fields one after the other, and names the field and byte offset of what is wrong.
pub(crate) struct Fields<'a> {
    file: &'a str,
    format: &'static str,
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(file: &'a str, format: &'static str, bytes: &'a [u8]) -> Self {
        Self { file, format, bytes, offset: 0 }
    }

    /// The next `n` bytes.
    pub(crate) fn take(&mut self, n: usize, field: &str) -> Result<&'a [u8]> {
        let end = self.offset.saturating_add(n);
        let Some(bytes) = self.bytes.get(self.offset..end) else {
            return Err(self.malformed(
                field,
                format!("cut off after {} of {n} bytes", self.bytes.len().saturating_sub(self.offset)),
                "the header is incomplete; the file is truncated".into(),
            ));
        };
        self.offset = end;
        Ok(bytes)
    }

    /// How many bytes were taken.
    pub(crate) fn position(&self) -> u64 {
        self.offset as u64
    }

    /// The same, `n` bytes further on.
    pub(crate) fn skip(mut self, n: usize, field: &str) -> Result<Self> {
        self.take(n, field)?;
        Ok(self)
    }

    /// The next `n` bytes as text without surrounding blanks: UTF-8, else Latin-1.
    pub(crate) fn text(&mut self, n: usize, field: &str) -> Result<String> {
        Ok(text(self.take(n, field)?))
    }

    /// The next `n` bytes as a number.
    pub(crate) fn number<T: std::str::FromStr>(&mut self, n: usize, field: &str, allowed: &str) -> Result<T> {
        let found = self.text(n, field)?;
        let parsed = found.parse().ok().or_else(|| found.replace(',', ".").parse().ok());
        parsed.ok_or_else(|| self.before(n).malformed(field, format!("'{found}'"), allowed.into()))
    }

    fn before(&self, n: usize) -> Self {
        Self {
            file: self.file,
            format: self.format,
            bytes: self.bytes,
            offset: self.offset.saturating_sub(n),
        }
    }

    /// An error at the field of `n` bytes that was just taken.
    pub(crate) fn wrong(&self, n: usize, field: &str, found: String, allowed: &str) -> Error {
        self.before(n).malformed(field, found, allowed.into())
    }

    fn malformed(&self, field: &str, found: String, allowed: String) -> Error {
        Error::Malformed {
            file: self.file.into(),
            format: self.format,
            field: field.into(),
            offset: self.offset as u64,
            found,
            allowed,
        }
    }
}

/// Byte order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)]
pub(crate) enum Endian {
    Little,
    Big,
}

macro_rules! binary {
    ($($name:ident: $type:ty),+ $(,)?) => {
        /// Binary numbers.
        #[allow(dead_code)]
        impl Fields<'_> {
            $(pub(crate) fn $name(&mut self, endian: Endian, field: &str) -> Result<$type> {
                let bytes = self.take(size_of::<$type>(), field)?;
                let mut array = [0; size_of::<$type>()];
                array.copy_from_slice(bytes);
                Ok(match endian {
                    Endian::Little => <$type>::from_le_bytes(array),
                    Endian::Big => <$type>::from_be_bytes(array),
                })
            })+
        }
    };
}

binary!(u8: u8, i16: i16, u16: u16, i32: i32, u32: u32, i64: i64, u64: u64, f32: f32, f64: f64);

/// Text without surrounding blanks and NULs: UTF-8, else Latin-1.
pub(crate) fn text(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
}

/// The factor that turns a recorded unit into µV; `None` for units that are no voltage.
pub(crate) fn microvolts_per(unit: &str) -> Option<f64> {
    match unit.trim() {
        "uV" | "µV" | "μV" | "uv" | "UV" | "Âµv" | "ÂµV" | "microV" | "\u{fffd}V" | "?V" => Some(1.0),
        "nV" => Some(1e-3),
        "mV" => Some(1e3),
        "V" => Some(1e6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_name_themselves() {
        let mut fields = Fields::new("a.edf", "EDF", b"12  x");
        assert_eq!(fields.number::<i64>(4, "count", "a number").unwrap(), 12);
        let error = fields.take(4, "label").unwrap_err().to_string();
        assert!(error.contains("label at byte 4") && error.contains("cut off after 1 of 4 bytes"), "{error}");
        let error = Fields::new("a.edf", "EDF", b"one ")
            .number::<i64>(4, "count", "a number")
            .unwrap_err()
            .to_string();
        assert!(error.contains("count at byte 0 is 'one'; a number"), "{error}");
    }

    #[test]
    fn binary_numbers_have_an_order_and_an_end() {
        let mut fields = Fields::new("a.fif", "FIF", &[1, 2, 0, 0, 1, 0x3f, 0x80, 0, 0, 9]);
        assert_eq!(fields.u16(Endian::Little, "kind").unwrap(), 0x0201);
        assert_eq!(fields.i16(Endian::Big, "type").unwrap(), 0);
        assert_eq!(fields.u8(Endian::Big, "flag").unwrap(), 1);
        assert_eq!(fields.f32(Endian::Big, "gain").unwrap(), 1.0);
        let error = fields.u32(Endian::Little, "size").unwrap_err().to_string();
        assert!(error.contains("size at byte 9") && error.contains("cut off after 1 of 4 bytes"), "{error}");
    }

    #[test]
    fn units_in_every_spelling() {
        assert_eq!(microvolts_per(&text(b"\xb5V")), Some(1.0)); // Latin-1
        assert_eq!(microvolts_per(&text("µV".as_bytes())), Some(1.0));
        assert_eq!(
            (microvolts_per("V"), microvolts_per("nV"), microvolts_per("mmHg")),
            (Some(1e6), Some(1e-3), None)
        );
    }
}
