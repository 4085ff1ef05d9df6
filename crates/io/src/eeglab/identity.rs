//! What a set says of persons, dates and folders.

use super::set::Fields;
use super::value::Value;
use crate::Identifier;

/// Fields whose words tell of a person.
const NAMES: [&str; 1] = ["subject"];
/// Fields that hold free text, or say which of several recordings this is: their words may be those of a dose.
const OTHERS: [&str; 7] = ["setname", "group", "condition", "session", "run", "comments", "history"];
/// Fields that hold the name of a file.
const FILES: [&str; 2] = ["filename", "datfile"];

/// All fields that are there. `head` are the file's first bytes, which say in MAT files when it was made.
pub(super) fn find(fields: &Fields<'_>, head: &[u8]) -> Vec<Identifier> {
    let named = |key: &str, value: String| Identifier::new(format!("EEG.{key}"), value);
    let mut found: Vec<Identifier> =
        NAMES.iter().filter_map(|key| Some(named(key, fields.get(key)?.label()?))).collect();
    found.extend(
        OTHERS.iter().filter(|key| fields.get(key).is_some_and(holds)).map(|key| named(key, String::new())),
    );
    let text = |key: &str| fields.get(key).and_then(Value::text);
    for key in FILES {
        let Some(name) = text(key) else { continue };
        let plain = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem = plain.rsplit_once('.').map_or(plain, |(stem, _)| stem);
        found.push(Identifier::new(format!("file name in the header (EEG.{key})"), stem));
    }
    // folders are often named after who works in them
    found
        .extend(text("filepath").map(|path| Identifier::new("file name in the header (EEG.filepath)", path)));
    if head.windows(10).any(|bytes| bytes == b"Created on") {
        found.push(Identifier::new("date in the first bytes of the file", ""));
    }
    found
}

/// Whether a field holds anything.
fn holds(value: &Value) -> bool {
    match value {
        Value::Cell(items) => items.iter().any(holds),
        value => value.label().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_set_and_the_date_of_its_file_are_told() {
        let text = |text: &str| Value::Text(text.into());
        let values = [
            ("srate", text("1")),
            ("data", text("a.fdt")),
            ("subject", text("S01 Haagse")),
            ("setname", text("rest")),
            ("group", Value::empty()),
            ("condition", text("ketamine")),
            ("comments", Value::Cell(vec![Value::empty(), text("was late")])),
            ("filename", text("C:\\data\\Haagse_rest.set")),
            ("filepath", text("/home/jdoe/eeg")),
        ];
        let fields =
            Fields::new("a.set", values.map(|(name, value)| (name.to_owned(), value)).into()).unwrap();
        let found = find(&fields, b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Tue Mar  2 2021");
        let expected = [
            ("EEG.subject", "S01 Haagse"),
            ("EEG.setname", ""),
            ("EEG.condition", ""),
            ("EEG.comments", ""),
            ("file name in the header (EEG.filename)", "Haagse_rest"),
            ("file name in the header (EEG.filepath)", "/home/jdoe/eeg"),
            ("date in the first bytes of the file", ""),
        ];
        assert_eq!(found, expected.map(|(field, value)| Identifier::new(field, value)));
    }
}
