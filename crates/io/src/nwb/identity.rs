//! What a file says of persons, dates and devices.

use super::texts;
use crate::h5::{H5, Object};
use crate::{Identifier, Result};

/// Datasets of the root whose words are not looked for elsewhere.
const OF_THE_FILE: [&str; 5] = [
    "identifier",
    "session_description",
    "session_start_time",
    "timestamps_reference_time",
    "file_create_date",
];
/// Datasets of `general` whose words tell of a person or a place.
const NAMES: [&str; 3] = ["experimenter", "institution", "lab"];
/// Other datasets of `general`: free text, whose words may be those of a dose.
const OTHERS: [&str; 12] = [
    "session_id",
    "notes",
    "experiment_description",
    "keywords",
    "pharmacology",
    "protocol",
    "surgery",
    "virus",
    "stimulus",
    "slices",
    "data_collection",
    "related_publications",
];
/// Datasets of `general/subject` whose words tell of a person; all others are told without them.
const OF_THE_SUBJECT: [&str; 1] = ["subject_id"];

/// All fields that are there. What cannot be read as text is told of too: it is there.
pub(super) fn find(h5: &mut H5) -> Result<Vec<Identifier>> {
    let mut found = Vec::new();
    let root = h5.root()?;
    for name in OF_THE_FILE {
        add(h5, &root, name, ("", false), &mut found);
    }
    let Some(general) = h5.child(&root, "general")? else { return Ok(found) };
    for (names, is_name) in [(NAMES.as_slice(), true), (OTHERS.as_slice(), false)] {
        for name in names {
            add(h5, &general, name, ("general/", is_name), &mut found);
        }
    }
    if let Some(subject) = h5.child(&general, "subject")? {
        for (name, _) in h5.links(&subject)? {
            let is_name = OF_THE_SUBJECT.contains(&name.as_str());
            add(h5, &subject, &name, ("general/subject/", is_name), &mut found);
        }
    }
    devices(h5, &general, &mut found)?;
    Ok(found)
}

/// A dataset, where it is there and holds something; with its words, or without.
fn add(h5: &mut H5, group: &Object, name: &str, (path, is_name): (&str, bool), found: &mut Vec<Identifier>) {
    let field = format!("{path}{name}");
    match h5.child(group, name) {
        Ok(None) => {}
        Ok(Some(object)) if !object.is_dataset() => {}
        _ => match texts(h5, group, name) {
            // numbers, such as a date as seconds, are no texts
            Ok(texts) if texts.is_empty() => found.push(Identifier::new(field, "")),
            Ok(texts) if texts.iter().all(String::is_empty) => {}
            Ok(texts) if is_name => {
                found.extend(texts.into_iter().map(|text| Identifier::new(field.clone(), text)));
            }
            _ => found.push(Identifier::new(field, "")),
        },
    }
}

/// Serial numbers of the devices.
fn devices(h5: &mut H5, general: &Object, found: &mut Vec<Identifier>) -> Result<()> {
    let Some(devices) = h5.child(general, "devices")? else { return Ok(()) };
    for (name, address) in h5.links(&devices)? {
        let device = h5.object(address)?;
        for key in ["serial_number", "description"] {
            let is_name = key == "serial_number";
            let text = h5.text_attribute(&device, key).unwrap_or_default().unwrap_or_default();
            if !text.is_empty() {
                let value = if is_name { text } else { String::new() };
                found.push(Identifier::new(format!("general/devices/{name}: {key}"), value));
            }
        }
    }
    Ok(())
}
