//! What a FIF file says of persons, dates and devices.

use super::constants::{block, tag};
use super::tag::{Tag, TagFile};
use super::tree::Tree;
use crate::Identifier;

/// What a field holds.
#[derive(Clone, Copy)]
enum Holds {
    /// A text whose words tell of a person or a device.
    Name,
    /// A number that does.
    Number,
    /// A name of a file.
    File,
    /// What is not looked for elsewhere: free text, whose words may be those of a dose, a date, a measure of the body.
    Other,
}

/// Block, tag and name of each field.
const FIELDS: [(i32, i32, &str, Holds); 25] = [
    (block::SUBJECT, tag::SUBJ_ID, "subject: id", Holds::Number),
    (block::SUBJECT, tag::SUBJ_FIRST_NAME, "subject: first name", Holds::Name),
    (block::SUBJECT, tag::SUBJ_MIDDLE_NAME, "subject: middle name", Holds::Name),
    (block::SUBJECT, tag::SUBJ_LAST_NAME, "subject: last name", Holds::Name),
    (block::SUBJECT, tag::SUBJ_BIRTH_DAY, "subject: birthday", Holds::Other),
    (block::SUBJECT, tag::SUBJ_SEX, "subject: sex", Holds::Other),
    (block::SUBJECT, tag::SUBJ_HAND, "subject: hand", Holds::Other),
    (block::SUBJECT, tag::SUBJ_WEIGHT, "subject: weight", Holds::Other),
    (block::SUBJECT, tag::SUBJ_HEIGHT, "subject: height", Holds::Other),
    (block::SUBJECT, tag::SUBJ_COMMENT, "subject: comment", Holds::Other),
    (block::SUBJECT, tag::SUBJ_HIS_ID, "subject: id in the hospital", Holds::Name),
    (block::MEAS_INFO, tag::EXPERIMENTER, "experimenter", Holds::Name),
    (block::MEAS_INFO, tag::COMMENT, "description", Holds::Other),
    (block::MEAS_INFO, tag::MEAS_DATE, "date of the recording", Holds::Other),
    (block::MEAS_INFO, tag::PROJ_ID, "project: id", Holds::Number),
    (block::MEAS_INFO, tag::PROJ_NAME, "project: name", Holds::Other),
    (block::MEAS_INFO, tag::PROJ_AIM, "project: aim", Holds::Other),
    (block::MEAS_INFO, tag::PROJ_PERSONS, "project: persons", Holds::Name),
    (block::MEAS_INFO, tag::PROJ_COMMENT, "project: comment", Holds::Other),
    (block::DEVICE, tag::DEVICE_TYPE, "device: type", Holds::Other),
    (block::DEVICE, tag::DEVICE_MODEL, "device: model", Holds::Other),
    (block::DEVICE, tag::DEVICE_SERIAL, "device: serial number", Holds::Name),
    (block::DEVICE, tag::DEVICE_SITE, "device: site", Holds::Name),
    (block::ROOT, tag::FILE_ID, "file id: computer and date", Holds::Other),
    (block::REF, tag::REF_FILE_NAME, "file name in the header", Holds::File),
];

/// All fields that are there. A field that cannot be read is told of too: it is there.
pub(crate) fn find(file: &mut TagFile, tree: &Tree) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::new();
    for (block, kind, field, holds) in FIELDS {
        for block in tree.within(0, block) {
            let Some(tag) = tree.find(block, kind).filter(|tag| tag.size > 0) else { continue };
            let identifier = Identifier::new(field, value(file, &tag, holds));
            if !found.contains(&identifier) {
                found.push(identifier);
            }
        }
    }
    found
}

fn value(file: &mut TagFile, tag: &Tag, holds: Holds) -> String {
    let text = |file: &mut TagFile| file.text(tag, "a field of identity").unwrap_or_default();
    match holds {
        Holds::Other => String::new(),
        Holds::Name => text(file),
        Holds::Number => {
            let number = file.number(tag, "a field of identity");
            number.map(|number| number.to_string()).unwrap_or_default()
        }
        Holds::File => {
            let name = text(file);
            let plain = name.rsplit(['/', '\\']).next().unwrap_or_default();
            plain.rsplit_once('.').map_or(plain, |(stem, _)| stem).to_owned()
        }
    }
}
