//! What the headers of a file and of its streams say of persons, dates, computers and devices.

use crate::Identifier;
use crate::xml::Element;

/// Fields of a stream that name its computer or its device, and whether their words are looked for elsewhere.
const OF_A_STREAM: [(&str, bool); 6] = [
    ("source_id", true),
    ("hostname", true),
    ("session_id", false),
    ("uid", false),
    ("v4address", true),
    ("v6address", true),
];
/// Parts of a description's names that tell of persons and devices: what stands in or below them is told.
const OF_A_DESCRIPTION: [&str; 12] = [
    "subject",
    "participant",
    "patient",
    "birth",
    "experimenter",
    "operator",
    "investigator",
    "technician",
    "serial",
    "address",
    "location_name",
    "institution",
];
/// Free text, whose words are not looked for elsewhere.
const TEXTS: [&str; 4] = ["comment", "note", "remark", "description"];

/// Fields of the file's header.
pub(crate) fn of_file(datetime: Option<&str>) -> Vec<Identifier> {
    datetime.map(|_| Identifier::new("datetime of the file", "")).into_iter().collect()
}

/// Fields of the header of the stream with a number.
pub(crate) fn of_stream(number: usize, info: &Element) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = OF_A_STREAM
        .iter()
        .filter_map(|(key, is_name)| {
            let text = info.text_at(&[key])?;
            Some(Identifier::new(format!("stream {number}: {key}"), if *is_name { text } else { "" }))
        })
        .collect();
    if let Some(desc) = info.child("desc") {
        descend(desc, &format!("stream {number}: desc"), false, &mut found);
    }
    found
}

/// Elements with a text at and below `parent`, where their own or an outer name tells of a person.
fn descend(parent: &Element, path: &str, is_told: bool, found: &mut Vec<Identifier>) {
    for child in &parent.children {
        let name = child.name.to_ascii_lowercase();
        let path = format!("{path}/{}", child.name);
        let is_told = is_told || OF_A_DESCRIPTION.iter().any(|part| name.contains(part));
        let is_text = TEXTS.iter().any(|part| name.contains(part));
        if (is_told || is_text) && !child.text.is_empty() {
            let identifier = Identifier::new(path.clone(), if is_text { "" } else { &child.text });
            if !found.contains(&identifier) {
                found.push(identifier);
            }
        }
        descend(child, &path, is_told, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Place, parse};

    #[test]
    fn persons_and_devices_are_told_and_channels_are_not() {
        let text = "<info><name>amp</name><source_id>NA-1411</source_id><hostname>lab-pc-7</hostname><desc>\
                    <channels><channel><label>Fz</label></channel></channels>\
                    <acquisition><manufacturer>X</manufacturer><serial_number>0234567</serial_number></acquisition>\
                    <subject><id>S12</id><more><name>Harry</name></more><handedness/></subject>\
                    <comment>was late</comment></desc></info>";
        let info = parse(Place { file: "a", format: "XDF", offset: 0 }, text.as_bytes()).unwrap();
        let expected = [
            ("stream 2: source_id", "NA-1411"),
            ("stream 2: hostname", "lab-pc-7"),
            ("stream 2: desc/acquisition/serial_number", "0234567"),
            ("stream 2: desc/subject/id", "S12"),
            ("stream 2: desc/subject/more/name", "Harry"),
            ("stream 2: desc/comment", ""),
        ];
        assert_eq!(of_stream(2, &info), expected.map(|(field, value)| Identifier::new(field, value)));
        assert_eq!(of_file(Some("2021")).len() + of_file(None).len(), 1);
    }
}
