//! References.

use crate::{Channel, ChannelKind, Error, Header, Note, Recording, Result, channel};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// What EEG potentials are measured against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// As recorded.
    AsRecorded,
    /// The mean of all EEG channels.
    Average,
    /// The mean of these channels.
    Channels(Vec<String>),
}

impl Recording {
    /// Re-references the EEG channels: from each the mean of the reference channels is subtracted, sample by sample.
    ///
    /// A single EEG channel would become zero under the average reference; it stays as recorded, with a note. A channel
    /// that is alone the reference is zero afterwards and no longer counts as EEG (kind `misc`), with a note.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`] for a reference that is not there, [`Error::Invalid`] for none or one that is not in
    /// µV, [`Error::NothingLeft`] without an EEG channel, [`Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Reference};
    /// let data_uv = ndarray::array![[1.0, 2.0], [3.0, 6.0]];
    /// let recording = Recording::new(data_uv, Hz(100.0), &["C3", "C4"]).unwrap();
    /// let referenced = recording.set_reference(&Reference::Average).unwrap();
    /// assert_eq!(referenced.data_uv(), ndarray::array![[-1.0, -2.0], [1.0, 2.0]]);
    /// ```
    pub fn set_reference(&self, reference: &Reference) -> Result<Self> {
        self.clone().into_referenced(reference)
    }

    /// As [`Self::set_reference`], in the memory of this recording.
    ///
    /// # Errors
    /// As [`Self::set_reference`].
    pub fn into_referenced(self, reference: &Reference) -> Result<Self> {
        let eeg = channel::eeg_indices(self.channels());
        let sources = match reference {
            Reference::AsRecorded => return Ok(self),
            Reference::Average => eeg.clone(),
            Reference::Channels(names) => self.reference_channels(names)?,
        };
        match (reference, eeg.as_slice()) {
            (_, []) => Err(Error::NothingLeft {
                step: "set_reference",
                hint: format!("no EEG channel in µV among {}", self.header().ch_names().join(", ")),
            }),
            (Reference::Average, [only]) => {
                let note = single_channel(&self.channels()[*only]);
                Ok(self.with_note(note))
            }
            _ => self.subtract(&eeg, &sources),
        }
    }

    /// Rows of the named channels.
    fn reference_channels(&self, names: &[String]) -> Result<Vec<usize>> {
        let invalid = |value: String, allowed: &str| {
            Err(Error::Invalid { parameter: "reference", value, allowed: allowed.to_owned() })
        };
        if names.is_empty() {
            return invalid("no channel".into(), "at least one channel");
        }
        let mut rows = Vec::new();
        for name in names {
            let row = self.header().channel_index(name)?;
            if !self.channels()[row].is_voltage() {
                return invalid(format!("'{name}' in {}", self.channels()[row].unit), "channels in µV");
            }
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn subtract(self, eeg: &[usize], sources: &[usize]) -> Result<Self> {
        self.check_rows_finite(eeg.iter().chain(sources).copied())?;
        let mut mean = Array1::zeros(self.data_uv().ncols());
        for &row in sources {
            mean += &self.data_uv().row(row);
        }
        mean /= sources.len() as f64;
        let (mut header, mut data_uv) = self.into_parts();
        for &row in eeg {
            let mut samples = data_uv.row_mut(row);
            samples -= &mean;
        }
        if let [only] = sources
            && eeg.contains(only)
        {
            retire(&mut header, *only);
        }
        Ok(Self::derived(header, data_uv))
    }
}

fn single_channel(channel: &Channel) -> Note {
    Note::info(
        "reference",
        format!(
            "'{}' is the only EEG channel: an average reference would make it zero, so it stays as recorded",
            channel.name
        ),
    )
}

/// Takes the reference itself, zero from now on, out of the EEG channels.
fn retire(header: &mut Header, row: usize) {
    let mut channels = header.channels.to_vec();
    let text = format!(
        "'{}' is the reference: it is zero everywhere and no longer counts as EEG",
        channels[row].name
    );
    channels[row].kind = ChannelKind::Misc;
    header.channels = channels.into();
    header.notes.push(Note::info("reference", text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hz;
    use crate::testing::noise;
    use ndarray::{Axis, array};

    fn named(names: &[&str]) -> Recording {
        let (_, data_uv) = noise(names.len(), 200, 100.0).into_parts();
        Recording::new(data_uv, Hz(100.0), names).unwrap()
    }

    #[test]
    fn the_average_leaves_no_mean_and_other_kinds_alone() {
        let recording = named(&["Fz", "EOG", "Cz", "Pz"]);
        let referenced = recording.set_reference(&Reference::Average).unwrap();
        let sum = referenced.pick_eeg().unwrap().data_uv().sum_axis(Axis(0));
        assert!(sum.iter().all(|v| v.abs() < 1e-12));
        assert_eq!(referenced.data_uv().row(1), recording.data_uv().row(1));
        // differences between channels do not depend on the reference
        let gap = |r: &Recording| &r.data_uv().row(0) - &r.data_uv().row(3);
        assert!((gap(&referenced) - gap(&recording)).iter().all(|v| v.abs() < 1e-12));
    }

    #[test]
    fn one_channel_stays_as_recorded_with_a_note() {
        let recording = named(&["Cz", "EOG"]);
        let referenced = recording.set_reference(&Reference::Average).unwrap();
        assert_eq!(referenced.data_uv(), recording.data_uv());
        assert!(referenced.header().notes[0].text.contains("'Cz' is the only EEG channel"));
    }

    #[test]
    fn linked_mastoids_are_subtracted() {
        let recording = Recording::new(array![[5.0], [1.0], [3.0]], Hz(1.0), &["Cz", "M1", "M2"]).unwrap();
        let names = |names: &[&str]| Reference::Channels(names.iter().map(ToString::to_string).collect());
        let linked = recording.set_reference(&names(&["M1", "M2"])).unwrap();
        assert_eq!(linked.data_uv(), array![[3.0], [-1.0], [1.0]]);
        // naming a channel twice does not count it twice
        assert_eq!(recording.set_reference(&names(&["M1", "m2", "M1"])).unwrap(), linked);
    }

    #[test]
    fn a_reference_that_is_alone_is_retired() {
        let recording = named(&["Fz", "Cz"]);
        let referenced = recording.set_reference(&Reference::Channels(vec!["Cz".into()])).unwrap();
        assert!(referenced.data_uv().row(1).iter().all(|v| *v == 0.0));
        assert_eq!(referenced.pick_eeg().unwrap().header().ch_names(), ["Fz"]);
        assert!(referenced.header().notes[0].text.contains("'Cz' is the reference"));
    }

    #[test]
    fn what_cannot_be_a_reference_is_refused() {
        let recording = named(&["Fz", "Cz"]);
        let refuse = |names: &[&str]| {
            let names = names.iter().map(ToString::to_string).collect();
            recording.set_reference(&Reference::Channels(names)).unwrap_err()
        };
        assert!(matches!(refuse(&["Qz"]), Error::UnknownChannel { .. }));
        assert!(matches!(refuse(&[]), Error::Invalid { .. }));
        let none = named(&["EOG", "ECG"]).set_reference(&Reference::Average).unwrap_err();
        assert!(none.to_string().contains("EOG, ECG"), "{none}");
    }
}
