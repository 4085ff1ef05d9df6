//! What a folder says of persons, dates and devices.

use super::texts;
use crate::xml::Element;
use crate::{Identifier, Source};

/// Endings of pictures and films, which show who was recorded.
const PICTURES: [&str; 7] = [".mov", ".mp4", ".avi", ".jpg", ".jpeg", ".png", ".gpsr"];
/// Files of free text and of what was done to the recording, with names of people and folders.
const TEXTS: [&str; 2] = ["history.xml", "notes.xml"];

/// All fields that are there; files that cannot be read are told of by name.
pub(crate) fn find(source: &dyn Source, info: &Element) -> Vec<Identifier> {
    let mut found = Vec::new();
    if info.text_at(&["recordTime"]).is_some() {
        found.push(Identifier::new("info.xml: recordTime", ""));
    }
    for key in ["ampSerialNumber", "ampSerial"] {
        found.extend(info.text_at(&[key]).map(|text| Identifier::new(format!("info.xml: {key}"), text)));
    }
    found.extend(subject(source));
    for name in source.siblings() {
        let lower = name.to_ascii_lowercase();
        if TEXTS.contains(&lower.as_str()) {
            found.push(Identifier::new(name, ""));
        } else if PICTURES.iter().any(|ending| lower.ends_with(ending)) {
            let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem).to_owned();
            found.push(Identifier::new("file name of a film or picture", stem));
        }
    }
    found
}

/// `subject.xml`: fields with a name and what was typed.
fn subject(source: &dyn Source) -> Vec<Identifier> {
    let root = match texts::read(source, "subject.xml") {
        Ok(Some(root)) => root,
        Ok(None) => return Vec::new(),
        Err(_) => return vec![Identifier::new("subject.xml", "")],
    };
    let fields = root.all("fields").flat_map(|fields| fields.all("field"));
    let field = |field: &Element| {
        let (name, data) = (field.text_at(&["name"])?, field.text_at(&["data"])?);
        Some(Identifier::new(format!("subject.xml: {name}"), data))
    };
    fields.filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;
    use crate::xml::{Place, parse};

    #[test]
    fn fields_of_the_subject_and_the_amplifier_are_told() {
        let subject = "<patient><fields><field><name>localIdentifier</name><data dataType=\"string\">S-0234567</data></field>\
                       <field><name>age</name><data/></field></fields></patient>";
        let source = MemorySource::new("a.mff", Vec::new())
            .with_sibling("subject.xml", subject.as_bytes().to_vec())
            .with_sibling("history.xml", b"<historyEntries/>".to_vec())
            .with_sibling("Harry_asleep.mov", Vec::new());
        let info = "<fileInfo><recordTime>2021-03-04T05:06:07+01:00</recordTime><ampSerialNumber>A14100</ampSerialNumber></fileInfo>";
        let place = Place { file: "info.xml", format: "EGI MFF", offset: 0 };
        let found = find(&source, &parse(place, info.as_bytes()).unwrap());
        let expected = [
            ("info.xml: recordTime", ""),
            ("info.xml: ampSerialNumber", "A14100"),
            ("subject.xml: localIdentifier", "S-0234567"),
            ("file name of a film or picture", "Harry_asleep"),
            ("history.xml", ""),
        ];
        assert_eq!(found, expected.map(|(field, value)| Identifier::new(field, value)));
    }
}
