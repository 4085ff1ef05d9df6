//! Channels put back from their neighbours.

use super::laplacian::sphere;
use crate::{Channel, ChannelOperator, Error, Note, Recording, Result, channel};
use dosewave_numerics::spatial::{SplineParams, interpolation_matrix};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

/// Good channels that an interpolation needs.
pub(super) const FEWEST_GOOD: usize = 4;

/// Settings of the interpolation of channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterpolationParams {
    /// The spline between the electrodes.
    pub spline: SplineParams,
    /// The head, `[x, y, z, radius]` in metres; without it, the sphere that fits the electrodes best.
    pub sphere: Option<[f64; 4]>,
}

impl Recording {
    /// The recording with the channels `bad` replaced by what a spherical spline through the other EEG channels says at
    /// their places (Perrin et al. 1989, 10.1016/0013-4694(89)90180-6). The samples of bad channels, NaN included, do not
    /// matter. A note names them: an interpolated channel tells nothing that its neighbours do not.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`], [`Error::Invalid`] for a channel that is no EEG, has no position, or where fewer than
    /// four good channels with a position are left, [`Error::NotFinite`] for NaN or infinity in a good channel.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, InterpolationParams, Recording};
    /// let names = ["Fz", "C3", "Cz", "C4", "Pz", "Oz"];
    /// let mut data_uv = ndarray::Array2::from_elem((6, 10), 3.0);
    /// data_uv.row_mut(2).fill(700.0);
    /// let recording = Recording::new(data_uv, Hz(250.0), &names).unwrap();
    /// let repaired = recording.interpolate(&["Cz"], &InterpolationParams::default()).unwrap();
    /// assert!((repaired.data_uv()[[2, 0]] - 3.0).abs() < 1e-9);
    /// ```
    pub fn interpolate(&self, bad: &[&str], params: &InterpolationParams) -> Result<Self> {
        if bad.is_empty() {
            return Ok(self.clone());
        }
        let rows = bad.iter().map(|name| self.header().channel_index(name)).collect::<Result<Vec<_>>>()?;
        let operator = interpolation_operator(self.channels(), &rows, params)?;
        let text = format!("interpolated from the other EEG channels: {}", bad.join(", "));
        Ok(self.transformed(&operator)?.with_note(Note::info("interpolate", text)))
    }
}

/// The interpolation of the channels at `bad` from all other EEG channels that have a position, as weights of all
/// `channels`; what is not bad passes as it is.
///
/// # Errors
/// As [`Recording::interpolate`].
pub fn interpolation_operator(
    channels: &[Channel],
    bad: &[usize],
    params: &InterpolationParams,
) -> Result<ChannelOperator> {
    let eeg = channel::eeg_indices(channels);
    let is_placed = |row: &usize| channels[*row].position.is_some();
    if let Some(&row) = bad.iter().find(|row| !eeg.contains(row) || !is_placed(row)) {
        return Err(Error::Invalid {
            parameter: "channel to interpolate",
            value: channels[row].name.clone(),
            allowed: "EEG channels in µV with a position (10-20 names have one)".into(),
        });
    }
    let good: Vec<usize> = eeg.into_iter().filter(|row| is_placed(row) && !bad.contains(row)).collect();
    if good.len() < FEWEST_GOOD {
        return Err(Error::Invalid {
            parameter: "channels to interpolate from",
            value: format!("{} good EEG channels with a position", good.len()),
            allowed: format!("{FEWEST_GOOD} or more; leave the bad channels out instead"),
        });
    }
    let weights = weights(channels, &good, bad, params)?;
    let mut matrix = Array2::eye(channels.len());
    for (weights, &row) in weights.axis_iter(Axis(0)).zip(bad) {
        matrix[[row, row]] = 0.0;
        for (weight, &from) in weights.iter().zip(&good) {
            matrix[[row, from]] = *weight;
        }
    }
    Ok(ChannelOperator { channels: channels.to_vec().into(), matrix })
}

/// Weights `[to, from]` between places of `channels`. The head is fitted to all of them.
pub(super) fn weights(
    channels: &[Channel],
    from: &[usize],
    to: &[usize],
    params: &InterpolationParams,
) -> Result<Array2<f64>> {
    let places = |rows: &[usize]| {
        let place = |row: usize| channels[row].position.unwrap_or_default();
        Array2::from_shape_fn((rows.len(), 3), |(i, k)| place(rows[i])[k])
    };
    let all: Vec<usize> =
        channel::eeg_indices(channels).into_iter().filter(|&row| channels[row].position.is_some()).collect();
    let centre = sphere(places(&all).view(), params.sphere)?.centre;
    let centred = |rows: &[usize]| {
        let mut places = places(rows);
        places
            .rows_mut()
            .into_iter()
            .for_each(|mut row| row.iter_mut().zip(centre).for_each(|(p, c)| *p -= c));
        places
    };
    Ok(interpolation_matrix(centred(from).view(), centred(to).view(), params.spline)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hz;

    const NAMES: [&str; 10] = ["Fp1", "Fp2", "F3", "Fz", "F4", "C3", "Cz", "C4", "Pz", "EOG"];

    /// A smooth field (a plane wave over the head) in every EEG channel.
    fn smooth() -> Recording {
        let places: Vec<[f64; 3]> =
            NAMES.iter().map(|n| Channel::from_name(n).position.unwrap_or_default()).collect();
        let data_uv = Array2::from_shape_fn((10, 50), |(c, t)| {
            let [x, y, _] = places[c];
            (1.0 + 3.0 * x - 5.0 * y) * (t as f64).sin()
        });
        Recording::new(data_uv, Hz(100.0), &NAMES).unwrap()
    }

    #[test]
    fn a_smooth_field_comes_back_and_the_rest_stays() {
        let recording = smooth();
        let (header, mut data_uv) = recording.clone().into_parts();
        data_uv.row_mut(3).fill(f64::NAN);
        let broken = Recording::from_parts(header, data_uv).unwrap();
        let repaired = broken.interpolate(&["Fz"], &InterpolationParams::default()).unwrap();
        for (c, (a, b)) in recording.data_uv().rows().into_iter().zip(repaired.data_uv().rows()).enumerate() {
            let largest = (&a - &b).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
            assert!(if c == 3 { largest < 0.1 } else { largest == 0.0 }, "{c}: {largest}");
        }
        assert!(repaired.header().notes[0].text.contains("Fz"));
        assert_eq!(recording.interpolate(&[], &InterpolationParams::default()).unwrap(), recording);
    }

    #[test]
    fn what_cannot_be_interpolated_is_refused_by_name() {
        let message = |bad: &[&str]| {
            smooth().interpolate(bad, &InterpolationParams::default()).unwrap_err().to_string()
        };
        assert!(message(&["EOG"]).contains("EOG"));
        assert!(message(&["F9"]).contains("no channel 'F9'"));
        assert!(message(&["Fp1", "Fp2", "F3", "Fz", "F4", "C3"]).contains("3 good EEG channels"));
    }
}
