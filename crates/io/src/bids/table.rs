//! Tab-separated tables and JSON objects, as the standard has them: UTF-8 with or without a byte-order mark, `n/a` for what is
//! missing.

use super::layout::{listed, short};
use crate::{Error, Result};
use serde_json::{Map, Value};

/// Columns of a table beyond which it is refused.
const MAX_COLUMNS: usize = 1000;
/// Rows of a table beyond which it is refused.
pub(super) const MAX_ROWS: usize = 2_000_000;
/// Bytes of a sidecar beyond which it is refused.
pub(super) const MAX_BYTES: u64 = 256 << 20;

pub(super) const FORMAT: &str = "BIDS";

/// A `.tsv` file.
///
/// ```
/// use dosewave_io::bids::Table;
/// let table = Table::parse("events.tsv", b"onset\tduration\ttrial_type\n1.5\tn/a\tdose\n")?;
/// assert_eq!((table.number(0, "onset")?, table.number(0, "duration")?), (Some(1.5), None));
/// assert_eq!(table.field(0, "trial_type"), Some("dose"));
/// # Ok::<(), dosewave_io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The file, for messages.
    pub file: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Fields as they stand in the file; as many in each row as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// Text of bytes: UTF-8, else Latin-1; without a byte-order mark.
fn text(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}

/// What counts as missing.
fn is_missing(field: &str) -> bool {
    field.is_empty() || field.eq_ignore_ascii_case("n/a")
}

impl Table {
    /// Parses a table; `file` is for messages.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the line for a row of too many or too few fields, no heading, a column that stands twice;
    /// [`Error::Limit`] for too many columns or rows.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self> {
        let text = text(bytes);
        let mut offset = 0_u64;
        let mut table = Self { file: file.to_owned(), ..Self::default() };
        for (line, number) in text.split('\n').zip(1..) {
            let start = offset;
            offset += line.len() as u64 + 1;
            let line = line.trim_end_matches('\r');
            if number == 1 {
                table.columns = table.heading(line)?;
            } else if !line.trim().is_empty() {
                let row = table.row(line, number, start)?;
                if table.rows.len() >= MAX_ROWS {
                    return Err(table.limit("the number of rows", MAX_ROWS + 1, MAX_ROWS));
                }
                table.rows.push(row);
            }
        }
        Ok(table)
    }

    fn heading(&self, line: &str) -> Result<Vec<String>> {
        let n = line.split('\t').count();
        if n > MAX_COLUMNS {
            return Err(self.limit("the number of columns", n, MAX_COLUMNS));
        }
        let columns: Vec<String> = line.split('\t').map(|name| name.trim().to_owned()).collect();
        let twice =
            columns.iter().enumerate().find(|(i, name)| columns.iter().take(*i).any(|other| other == *name));
        if let Some((_, name)) = twice {
            return Err(self.malformed(
                "the heading",
                0,
                format!("'{}' twice", short(name)),
                "each column once",
            ));
        }
        if columns.iter().all(String::is_empty) {
            return Err(self.malformed("the heading", 0, "empty".into(), "names of columns, tab-separated"));
        }
        Ok(columns)
    }

    fn row(&self, line: &str, number: u64, offset: u64) -> Result<Vec<String>> {
        let n_columns = self.columns.len();
        let n_fields = line.split('\t').count();
        // tabs at the end of a line are many a program's
        let rest_is_empty = || line.split('\t').skip(n_columns).all(|field| field.trim().is_empty());
        if n_fields < n_columns || (n_fields > n_columns && !rest_is_empty()) {
            let allowed = "as many fields as the heading has, tab-separated";
            let found = format!("{n_fields} fields, the heading has {n_columns}");
            return Err(self.malformed(&format!("line {number}"), offset, found, allowed));
        }
        Ok(line.split('\t').take(n_columns).map(|field| field.trim().to_owned()).collect())
    }

    fn limit(&self, what: &str, asked: usize, allowed: usize) -> Error {
        let (asked, allowed) = (asked as u64, allowed as u64);
        Error::Limit { file: (&self.file).into(), what: what.into(), asked, allowed }
    }

    fn malformed(&self, field: &str, offset: u64, found: String, allowed: &str) -> Error {
        Error::Malformed {
            file: (&self.file).into(),
            format: FORMAT,
            field: field.into(),
            offset,
            found,
            allowed: allowed.into(),
        }
    }

    /// Where a column stands.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A field; `None` for `n/a`, for an empty field, and where there is no such row or column.
    #[must_use]
    pub fn field(&self, row: usize, column: &str) -> Option<&str> {
        let field = self.rows.get(row)?.get(self.column(column)?)?.as_str();
        (!is_missing(field)).then_some(field)
    }

    /// A field as a number; `None` where it is missing.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a text that is no finite number.
    pub fn number(&self, row: usize, column: &str) -> Result<Option<f64>> {
        let Some(field) = self.field(row, column) else { return Ok(None) };
        match field.parse::<f64>().ok().filter(|value| value.is_finite()) {
            Some(value) => Ok(Some(value)),
            None => Err(self.malformed(
                &format!("'{column}' of line {}", row + 2),
                0,
                format!("'{}'", short(field)),
                "a number or n/a",
            )),
        }
    }

    /// Names and fields of a row, without those that are missing.
    #[must_use]
    pub fn record(&self, row: usize) -> Vec<(String, String)> {
        let named = |name: &String| Some((name.clone(), self.field(row, name)?.to_owned()));
        self.columns.iter().filter_map(named).collect()
    }

    /// Refuses a table without one of these columns.
    pub(super) fn needs(&self, columns: &[&str]) -> Result<()> {
        match columns.iter().find(|name| self.column(name).is_none()) {
            None => Ok(()),
            Some(name) => {
                let found = format!("without a column '{name}': {}", listed(&self.columns));
                Err(self.malformed("the heading", 0, found, "the columns that the standard requires"))
            }
        }
    }

    /// The text of the file: missing fields as `n/a`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let field = |field: &String| {
            let plain = field.replace(['\t', '\n', '\r'], " ");
            if plain.trim().is_empty() { "n/a".to_owned() } else { plain.trim().to_owned() }
        };
        let line = |fields: &Vec<String>| fields.iter().map(field).collect::<Vec<_>>().join("\t") + "\n";
        std::iter::once(&self.columns).chain(&self.rows).map(line).collect()
    }
}

/// A JSON file that holds an object.
///
/// # Errors
/// [`Error::Malformed`] with line and column.
pub(super) fn object(file: &str, bytes: &[u8]) -> Result<Map<String, Value>> {
    let text = text(bytes);
    serde_json::from_str(&text).map_err(|error| Error::Malformed {
        file: file.into(),
        format: FORMAT,
        field: format!("line {} column {}", error.line(), error.column()),
        offset: text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>()
            as u64
            + error.column().saturating_sub(1) as u64,
        found: format!("no JSON object ({error})"),
        allowed: "one JSON object, {\"Key\": value, …}".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_line_ends_and_missing_fields() {
        let table =
            Table::parse("t.tsv", "\u{feff}name\tx\ty \r\nCz\tn/a\tN/A\r\nPz\t1\t\t\r\n\n".as_bytes())
                .unwrap();
        assert_eq!(table.columns, ["name", "x", "y"]);
        assert_eq!((table.rows.len(), table.field(0, "y"), table.field(1, "y")), (2, None, None));
        assert_eq!(table.number(1, "x").unwrap(), Some(1.0));
        assert_eq!(table.record(1), [("name".to_owned(), "Pz".to_owned()), ("x".into(), "1".into())]);
        assert_eq!(table.to_text(), "name\tx\ty\nCz\tn/a\tN/A\nPz\t1\tn/a\n");
        assert!(object("a.json", "\u{feff}{\"a\": 1}".as_bytes()).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let said = |text: &str| Table::parse("t.tsv", text.as_bytes()).unwrap_err().to_string();
        assert!(said("a\tb\n1\n").contains("line 2 at byte 4 is 1 fields, the heading has 2"));
        assert!(said("a\ta\n").contains("'a' twice"));
        assert!(said("").contains("the heading"));
        assert!(
            said(&"a\t".repeat(1_000_000)).contains("the number of columns is 1000001, the limit is 1000")
        );
        let table = Table::parse("t.tsv", b"x\ninf\n1e\n").unwrap();
        assert!(
            table.number(0, "x").is_err() && table.number(1, "x").unwrap_err().to_string().contains("line 3")
        );
        let deep = "[".repeat(100_000);
        assert!(object("a.json", deep.as_bytes()).unwrap_err().to_string().contains("line 1 column"));
        assert!(object("a.json", b"[1]").unwrap_err().to_string().contains("one JSON object"));
        assert!(object("a.json", b"{\"a\": NaN}").is_err());
    }
}
