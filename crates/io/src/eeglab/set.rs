//! What a set says: the fields of `EEG`, checked.
//!
//! EEGLAB, "Data structures", <https://eeglab.org/tutorials/ConceptsGuide/Data_Structures.html>.

use super::mat5_array::Want;
use super::mat5_tag::FORMAT;
use super::value::{Located, Struct, Value};
use crate::{Error, Limits, Result};
use dosewave_eeg::{Channel, Note, Unmixing};

/// Largest whole number that `f64` counts to.
const MAX_COUNT: f64 = 9_007_199_254_740_992.0;
/// Most channels of an unmixing matrix.
const MAX_UNMIXING: usize = 1024;

/// Which fields are read; samples stay in the file.
pub(crate) fn plan(name: &str) -> Want {
    const LOADED: [&str; 25] = [
        "srate",
        "nbchan",
        "pnts",
        "trials",
        "xmin",
        "datfile",
        "chanlocs",
        "chaninfo",
        "event",
        "urevent",
        "icaweights",
        "icasphere",
        "icachansind",
        "ref",
        "EEG",
        // what is told of whom the set is of
        "subject",
        "setname",
        "group",
        "condition",
        "session",
        "run",
        "comments",
        "history",
        "filename",
        "filepath",
    ];
    match name {
        "data" => Want::Locate,
        _ if LOADED.contains(&name) => Want::Load,
        _ => Want::Skip,
    }
}

/// The fields of a set: those of the struct `EEG`, or the file's variables (EEGLAB 2021 and later).
pub(crate) struct Fields<'a> {
    file: &'a str,
    values: Vec<(String, Value)>,
}

/// Where the samples are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    /// In another file, of this name.
    File(String),
    /// In the set itself.
    Located(Located),
}

/// A set without its samples.
pub(crate) struct Set {
    pub(crate) sfreq: f64,
    pub(crate) n_channels: u64,
    /// Samples of one epoch, where stated.
    pub(crate) pnts: Option<u64>,
    pub(crate) trials: u64,
    /// Time of an epoch's first sample from its event, seconds.
    pub(crate) xmin: f64,
    pub(crate) data: Data,
}

impl<'a> Fields<'a> {
    /// From the variables of a file.
    pub(crate) fn new(file: &'a str, variables: Vec<(String, Value)>) -> Result<Self> {
        let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
        let has = |name: &str| names.contains(&name);
        let is_set = has("EEG") || (has("srate") && has("data"));
        if !is_set {
            let found = if names.is_empty() { "no variable".to_owned() } else { names.join(", ") };
            let what = format!(
                "this MAT file holds {found}, and no EEG structure of EEGLAB; save the dataset with pop_saveset"
            );
            return Err(Error::Unsupported { file: file.into(), format: FORMAT, what });
        }
        match variables.into_iter().try_fold(Vec::new(), |mut all, (name, value)| match value {
            Value::Struct(set) if name == "EEG" => Err(set),
            value => {
                all.push((name, value));
                Ok(all)
            }
        }) {
            Ok(values) => Ok(Self { file, values }),
            Err(set) => Ok(Self { file, values: only_element(file, set)? }),
        }
    }

    /// The file's name.
    pub(crate) fn file(&self) -> &str {
        self.file
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn wrong(&self, field: &str, found: String, allowed: &str) -> Error {
        Error::Malformed {
            file: self.file.into(),
            format: FORMAT,
            field: format!("EEG.{field}"),
            offset: 0,
            found,
            allowed: allowed.into(),
        }
    }

    /// A whole number, `None` where the field is missing or empty.
    fn count(&self, field: &str) -> Result<Option<u64>> {
        let Some(value) = self.get(field).and_then(Value::number) else { return Ok(None) };
        if (0.0..=MAX_COUNT).contains(&value) && value.fract() == 0.0 {
            return Ok(Some(value as u64));
        }
        Err(self.wrong(
            field,
            value.to_string(),
            "a whole number; open the set in EEGLAB and run eeg_checkset",
        ))
    }

    /// The set, checked against the limits.
    pub(crate) fn set(&self, limits: &Limits) -> Result<Set> {
        let sfreq = self.get("srate").and_then(Value::number).unwrap_or(f64::NAN);
        if !(sfreq.is_finite() && sfreq > 0.0) {
            return Err(self.wrong("srate", sfreq.to_string(), "a positive rate in Hz"));
        }
        let data = self.data()?;
        let n_channels = match (self.count("nbchan")?, &data) {
            (Some(n), _) if n > 0 => n,
            (_, Data::Located(data)) => data.dims.first().copied().unwrap_or(0),
            _ => 0,
        };
        if n_channels == 0 {
            return Err(self.wrong("nbchan", "0 or missing".into(), "at least one channel"));
        }
        limits.check_channels(self.file, n_channels)?;
        let trials = self.count("trials")?.unwrap_or(1).max(1);
        limits.check_annotations(self.file, usize::try_from(trials).unwrap_or(usize::MAX))?;
        let xmin = self.get("xmin").and_then(Value::number).filter(|t| t.is_finite()).unwrap_or(0.0);
        let pnts = self.count("pnts")?.filter(|n| *n > 0);
        Ok(Set { sfreq, n_channels, pnts, trials, xmin, data })
    }

    fn data(&self) -> Result<Data> {
        let file = self.get("datfile").and_then(Value::text);
        match self.get("data") {
            Some(Value::Located(located)) => Ok(Data::Located(located.clone())),
            Some(Value::Text(name)) if !name.trim().is_empty() => Ok(Data::File(name.trim().to_owned())),
            Some(Value::Other(what)) => {
                Err(self.wrong("data", format!("a {what}"), "real numbers, or the name of a file with them"))
            }
            _ => match file {
                Some(name) => Ok(Data::File(name.to_owned())),
                None => Err(self.wrong(
                    "data",
                    "empty".into(),
                    "samples or the name of a file with them; this set was saved without its samples",
                )),
            },
        }
    }

    /// The independent components, or what is wrong with them.
    pub(crate) fn unmixing(&self, channels: &[Channel]) -> std::result::Result<Option<Unmixing>, Note> {
        let matrix = |field: &str| match self.get(field) {
            Some(Value::Numbers(numbers)) if !numbers.values.is_empty() => match numbers.dims.as_slice() {
                [rows, columns] => Some((*rows as usize, *columns as usize, numbers.values.as_slice())),
                _ => None,
            },
            _ => None,
        };
        let Some((n, width, weights)) = matrix("icaweights") else { return Ok(None) };
        let Some((rows, columns, sphere)) = matrix("icasphere") else {
            return Err(odd("EEG.icaweights stands without EEG.icasphere: the components are left out"));
        };
        let index = |v: &f64| (*v >= 1.0).then(|| channels.get(*v as usize - 1)).flatten();
        let names: Option<Vec<String>> = match self.get("icachansind").map(Value::numbers) {
            Some(indices) if !indices.is_empty() => {
                indices.iter().map(|v| index(v).map(|c| c.name.clone())).collect()
            }
            _ => Some(channels.iter().map(|c| c.name.clone()).collect()),
        };
        let fits = |names: &Vec<String>| names.len() == columns && rows == width;
        let Some(names) = names.filter(|names| fits(names) && n.max(columns) <= MAX_UNMIXING) else {
            return Err(odd(&format!(
                "EEG.icaweights is {n} × {width}, EEG.icasphere {rows} × {columns}, which do not fit together or with \
                 EEG.icachansind: the components are left out"
            )));
        };
        let at = |m: &[f64], rows: usize, r: usize, c: usize| m.get(c * rows + r).copied().unwrap_or(0.0);
        let entry = |r: usize, c: usize| {
            (0..width).map(|k| at(weights, n, r, k) * at(sphere, rows, k, c)).sum::<f64>()
        };
        let matrix = (0..n).map(|r| (0..columns).map(|c| entry(r, c)).collect()).collect();
        Ok(Some(Unmixing { channels: names, matrix }))
    }
}

/// The fields of a struct that has one element.
fn only_element(file: &str, set: Struct) -> Result<Vec<(String, Value)>> {
    let n = set.elements.len();
    match set.elements.into_iter().next() {
        Some(values) if n == 1 => Ok(set.fields.into_iter().zip(values).collect()),
        _ => {
            let what = format!("EEG holds {n} datasets; save each of them by itself with pop_saveset");
            Err(Error::Unsupported { file: file.into(), format: FORMAT, what })
        }
    }
}

fn odd(text: &str) -> Note {
    Note::warning(FORMAT, text)
}
