//! Names of files: `sub-01_ses-ket_task-rest_eeg.edf`.

use std::fmt;

/// Entities in the order in which the standard has them.
const ORDER: [&str; 25] = [
    "sub",
    "ses",
    "sample",
    "task",
    "tracksys",
    "acq",
    "ce",
    "trc",
    "stain",
    "rec",
    "dir",
    "run",
    "mod",
    "echo",
    "flip",
    "inv",
    "mt",
    "part",
    "proc",
    "hemi",
    "space",
    "split",
    "recording",
    "res",
    "desc",
];

/// Keys and labels of a name, in the order in which they stand there.
///
/// ```
/// use dosewave_io::bids::Entities;
/// let entities: Entities = "sub-01_task-rest_run-2".parse().unwrap();
/// assert_eq!((entities.get("task"), entities.get("ses")), (Some("rest"), None));
/// assert_eq!(entities.with("ses", "ket").to_string(), "sub-01_ses-ket_task-rest_run-2");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entities(Vec<(String, String)>);

/// Where a key stands in the standard's order; an unknown one at the end.
fn rank(key: &str) -> usize {
    ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len())
}

/// Whether a label holds letters and digits alone, as the standard wants it.
#[must_use]
pub fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Entities {
    /// The label of a key such as `task`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, label)| label.as_str())
    }

    /// Keys and labels, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, label)| (key.as_str(), label.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every one of them is in `other` with the same label.
    #[must_use]
    pub fn are_in(&self, other: &Self) -> bool {
        self.iter().all(|(key, label)| other.get(key) == Some(label))
    }

    /// The same with this label, at the standard's place.
    #[must_use]
    pub fn with(&self, key: &str, label: &str) -> Self {
        let mut all: Vec<(String, String)> = self.without(&[key]).0;
        let place = all.iter().position(|(known, _)| rank(known) > rank(key)).unwrap_or(all.len());
        all.insert(place, (key.to_owned(), label.to_owned()));
        Self(all)
    }

    /// The same without these keys.
    #[must_use]
    pub fn without(&self, keys: &[&str]) -> Self {
        Self(self.0.iter().filter(|(key, _)| !keys.contains(&key.as_str())).cloned().collect())
    }

    /// Whether they stand in the standard's order.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.0.windows(2).all(|pair| matches!(pair, [a, b] if rank(&a.0) <= rank(&b.0)))
    }

    /// Entities, suffix and ending of a file's name: `sub-01_eeg.edf` is `sub-01`, `eeg`, `.edf`. `None` for a name that is
    /// none of the standard's.
    #[must_use]
    pub fn of_name(name: &str) -> Option<(Self, &str, &str)> {
        let (stem, ending) = name.split_at(name.find('.')?);
        let (entities, suffix) = match stem.rsplit_once('_') {
            Some(("", _)) => return None,
            Some((entities, suffix)) => (entities.parse().ok()?, suffix),
            None => (Self::default(), stem),
        };
        is_label(suffix).then_some((entities, suffix, ending))
    }
}

impl std::str::FromStr for Entities {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all: Vec<(String, String)> = Vec::new();
        for part in text.split('_').filter(|_| !text.is_empty()) {
            let Some((key, label)) =
                part.split_once('-').filter(|(key, label)| is_label(key) && is_label(label))
            else {
                return Err(format!(
                    "'{part}' is not key-label in letters and digits, such as task-rest or run-1"
                ));
            };
            if all.iter().any(|(known, _)| known == key) {
                return Err(format!("'{key}' stands twice in '{text}'"));
            }
            all.push((key.to_owned(), label.to_owned()));
        }
        Ok(Self(all))
    }
}

impl fmt::Display for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (key, label)) in self.iter().enumerate() {
            write!(f, "{}{key}-{label}", if i > 0 { "_" } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_entities_suffix_and_ending() {
        let (entities, suffix, ending) = Entities::of_name("sub-01_ses-a_task-rest_run-1_eeg.vhdr").unwrap();
        assert_eq!(
            (entities.to_string().as_str(), suffix, ending),
            ("sub-01_ses-a_task-rest_run-1", "eeg", ".vhdr")
        );
        assert!(entities.is_ordered());
        assert_eq!(Entities::of_name("participants.tsv").unwrap().1, "participants");
        assert_eq!(Entities::of_name("a_events.tsv.gz"), None);
        for bad in
            ["README", "sub-01_sub-02_eeg.edf", "sub-_eeg.edf", "sub-0 1_eeg.edf", "_eeg.edf", ".bidsignore"]
        {
            assert_eq!(Entities::of_name(bad), None, "{bad}");
        }
        assert!(!"task-a_sub-01".parse::<Entities>().unwrap().is_ordered());
    }

    #[test]
    fn a_name_higher_up_applies_where_all_its_entities_do() {
        let of = |text: &str| text.parse::<Entities>().unwrap();
        let file = of("sub-01_task-rest_run-2");
        assert!(of("task-rest").are_in(&file) && of("").are_in(&file));
        assert!(!of("task-rest_acq-eo").are_in(&file) && !of("task-odd").are_in(&file));
        assert_eq!(file.with("task", "odd").with("acq", "x").to_string(), "sub-01_task-odd_acq-x_run-2");
    }
}
