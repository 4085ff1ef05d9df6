//! References.

use super::ChannelOperator;
use crate::{Channel, ChannelKind, Error, Header, Note, Recording, Result, channel};
use dosewave_numerics::spatial::{fit_sphere, rest_matrix};
use ndarray::{Array1, Array2};
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
    /// The median of all EEG channels, sample by sample: one bad channel does not reach the others.
    Median,
    /// The mean of both mastoids (M1, M2), ears (A1, A2) or TP9 and TP10, whichever are there, in this order.
    LinkedMastoids,
    /// Infinity, estimated by REST.
    Rest,
}

/// Pairs that stand for both mastoids, best first.
const MASTOIDS: [[&str; 2]; 3] = [["M1", "M2"], ["A1", "A2"], ["TP9", "TP10"]];

impl Recording {
    /// Re-references the EEG channels: from each the mean of the reference channels is subtracted, sample by sample.
    ///
    /// A single EEG channel would become zero under the average reference; it stays as recorded, with a note. A channel
    /// that is alone the reference is zero afterwards and no longer counts as EEG (kind `misc`), with a note.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`] for a reference that is not there, [`Error::Invalid`] for none or one that is not in
    /// µV, or that its kind asks for (both mastoids, positions) and the recording has not, [`Error::NothingLeft`] without an
    /// EEG channel, [`Error::NotFinite`] for NaN or infinity.
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
        if *reference == Reference::AsRecorded {
            return Ok(self);
        }
        self.check_can_be_referenced(&eeg)?;
        if let ([only], Reference::Average | Reference::Median | Reference::Rest) =
            (eeg.as_slice(), reference)
        {
            let note = single_channel(&self.channels()[*only]);
            return Ok(self.with_note(note));
        }
        match reference {
            Reference::AsRecorded => Ok(self),
            Reference::Average => self.subtract(&eeg, &eeg),
            Reference::Channels(names) => {
                let sources = self.reference_channels(names)?;
                self.subtract(&eeg, &sources)
            }
            Reference::LinkedMastoids => {
                let pair = self.mastoids()?;
                self.subtract(&eeg, &pair)
            }
            Reference::Median => self.subtract_median(&eeg),
            Reference::Rest => self.against_infinity(&eeg),
        }
    }

    fn check_can_be_referenced(&self, eeg: &[usize]) -> Result<()> {
        if eeg.is_empty() {
            return Err(Error::NothingLeft {
                step: "set_reference",
                hint: format!("no EEG channel in µV among {}", self.header().ch_names().join(", ")),
            });
        }
        if eeg.iter().any(|&row| self.channels()[row].is_csd()) {
            return Err(Error::Invalid {
                parameter: "reference",
                value: "a surface Laplacian".into(),
                allowed: "potentials; a Laplacian has no reference".into(),
            });
        }
        Ok(())
    }

    /// Rows of both mastoids (or ears).
    fn mastoids(&self) -> Result<Vec<usize>> {
        mastoid_pair(self.channels()).map(Vec::from).ok_or_else(|| Error::Invalid {
            parameter: "reference",
            value: "linked mastoids".into(),
            allowed: format!(
                "recordings with M1 and M2, A1 and A2, or TP9 and TP10; this one has {}",
                self.header().ch_names().join(", ")
            ),
        })
    }

    fn subtract_median(self, eeg: &[usize]) -> Result<Self> {
        self.check_rows_finite(eeg.iter().copied())?;
        let (header, mut data_uv) = self.into_parts();
        let mut sample = vec![0.0; eeg.len()];
        for mut column in data_uv.columns_mut() {
            for (value, &row) in sample.iter_mut().zip(eeg) {
                *value = column[row];
            }
            sample.sort_unstable_by(f64::total_cmp);
            let middle = f64::midpoint(sample[(sample.len() - 1) / 2], sample[sample.len() / 2]);
            for &row in eeg {
                column[row] -= middle;
            }
        }
        Ok(Self::derived(header, data_uv))
    }

    /// Average reference, then REST; all EEG channels must have a position.
    fn against_infinity(self, eeg: &[usize]) -> Result<Self> {
        let lost: Vec<&str> = eeg
            .iter()
            .filter(|&&row| self.channels()[row].position.is_none())
            .map(|&row| self.channels()[row].name.as_str())
            .collect();
        if !lost.is_empty() {
            return Err(Error::Invalid {
                parameter: "reference",
                value: format!("REST without the position of {}", lost.join(", ")),
                allowed: "EEG channels that all have positions: leave these out or give them 10-20 names"
                    .into(),
            });
        }
        let place = |row: usize| self.channels()[row].position.unwrap_or_default();
        let positions = Array2::from_shape_fn((eeg.len(), 3), |(i, k)| place(eeg[i])[k]);
        let centre = fit_sphere(positions.view())?.centre;
        let centred = Array2::from_shape_fn(positions.dim(), |(i, k)| positions[[i, k]] - centre[k]);
        let weights = rest_matrix(centred.view())?;
        let averaged = self.subtract(eeg, eeg)?;
        let mut matrix = Array2::eye(averaged.channels().len());
        for (i, &to) in eeg.iter().enumerate() {
            for (j, &from) in eeg.iter().enumerate() {
                matrix[[to, from]] = weights[[i, j]];
            }
        }
        let channels = averaged.channels().clone();
        averaged.transformed(&ChannelOperator { channels, matrix })
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

/// Rows of both mastoids, ears, or TP9 and TP10; `None` where no pair is complete.
#[must_use]
pub fn mastoid_pair(channels: &[Channel]) -> Option<[usize; 2]> {
    let find = |name: &str| {
        channels.iter().position(|c| {
            c.kind == ChannelKind::Eeg && c.is_voltage() && c.label().eq_ignore_ascii_case(name)
        })
    };
    MASTOIDS.iter().find_map(|[left, right]| Some([find(left)?, find(right)?]))
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
    fn the_first_complete_pair_is_linked() {
        let recording = named(&["Cz", "M1", "A1", "A2", "Pz"]);
        let linked = recording.set_reference(&Reference::LinkedMastoids).unwrap();
        let by_name = recording.set_reference(&Reference::Channels(vec!["A1".into(), "A2".into()])).unwrap();
        assert_eq!(linked, by_name);
        let error = named(&["Cz", "M1"]).set_reference(&Reference::LinkedMastoids).unwrap_err();
        assert!(error.to_string().contains("this one has Cz, M1"), "{error}");
    }

    #[test]
    fn the_median_does_not_see_one_bad_channel() {
        let data_uv = array![[1.0], [2.0], [6.0], [1e6]];
        let recording = Recording::new(data_uv, Hz(1.0), &["Fz", "Cz", "Pz", "Oz"]).unwrap();
        let referenced = recording.set_reference(&Reference::Median).unwrap();
        assert_eq!(referenced.data_uv().slice(ndarray::s![..3, 0]), array![-3.0, -2.0, 2.0]);
    }

    #[test]
    fn rest_keeps_differences_and_wants_positions() {
        let names = ["Fz", "F3", "C3", "Cz", "C4", "P3", "Pz", "Oz"];
        let recording = named(&names);
        let rest = recording.set_reference(&Reference::Rest).unwrap();
        let average = recording.set_reference(&Reference::Average).unwrap();
        let gap = |r: &Recording| &r.data_uv().row(0) - &r.data_uv().row(6);
        assert!((gap(&rest) - gap(&average)).iter().all(|v| v.abs() < 1e-2));
        assert!(rest.data_uv() != average.data_uv());
        let error = named(&["Fz", "E17", "Cz"]).set_reference(&Reference::Rest).unwrap_err();
        assert!(error.to_string().contains("position of E17"), "{error}");
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
