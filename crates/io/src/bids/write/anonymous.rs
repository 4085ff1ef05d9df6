//! Columns of a dataset's tables without what could say whose they are.

use super::Target;
use crate::Identifier;
use crate::anonymize::{Words, looks_personal};

/// Columns that name a person, whatever stands in them.
const PERSONAL: [&str; 12] = [
    "name",
    "firstname",
    "lastname",
    "surname",
    "initials",
    "birth",
    "birthdate",
    "birthday",
    "dob",
    "address",
    "phone",
    "email",
];

/// Takes out of the columns, the reference and the further keys of `target` what [`crate::anonymize`] takes out of a recording: values
/// that repeat a word of `identity`, or look like a name, a number or a date; and columns that are about a name or a birth. Gives the names
/// of what was emptied.
///
/// ```
/// use dosewave_io::{Identifier, bids};
/// let columns = vec![("dose".into(), "0.5 mg/kg".into()), ("remark".into(), "Dr. House was there".into())];
/// let mut target = bids::Target { columns, ..Default::default() };
/// assert_eq!(bids::anonymize_target(&mut target, &[]), ["remark"]);
/// assert_eq!(target.columns[1].1, "");
/// ```
pub fn anonymize_target(target: &mut Target, identity: &[Identifier]) -> Vec<String> {
    let words = Words::of(identity);
    let mut emptied = Vec::new();
    for (name, value) in target.participant.iter_mut().chain(&mut target.columns) {
        let is_person =
            name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| PERSONAL.contains(&word));
        if !value.is_empty() && (is_person || words.are_in(value) || looks_personal(value)) {
            value.clear();
            emptied.push(name.clone());
        }
    }
    if words.are_in(&target.reference) || looks_personal(&target.reference) {
        target.reference.clear();
        emptied.push("EEGReference".into());
    }
    let tells = |value: &serde_json::Value| {
        let text = value.to_string();
        words.are_in(&text) || looks_personal(&text)
    };
    let keys: Vec<String> = target.eeg.iter().filter(|(_, v)| tells(v)).map(|(k, _)| k.clone()).collect();
    for key in keys {
        target.eeg.remove(&key);
        emptied.push(key);
    }
    emptied
}
