//! The surface Laplacian.

use crate::{Channel, ChannelOperator, Error, Note, Recording, Result, channel};
use dosewave_numerics::spatial::{Sphere, SplineParams, fit_sphere, laplacian_matrix};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Unit of a surface Laplacian.
pub const CSD_UNIT: &str = "µV/cm²";
/// µV/m² → µV/cm².
const PER_CM2: f64 = 1e-4;

/// Settings of the surface Laplacian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LaplacianParams {
    /// The spline between the electrodes.
    pub spline: SplineParams,
    /// The head, `[x, y, z, radius]` in metres; without it, the sphere that fits the electrodes best.
    pub sphere: Option<[f64; 4]>,
}

impl Recording {
    /// Minus the surface Laplacian of the EEG channels (Perrin et al. 1989, 10.1016/0013-4694(89)90180-6), in µV/cm²:
    /// positive where current leaves the head. The reference does not matter. Muscle at the rim hardly reaches central
    /// leads any more (Fitzgibbon et al. 2013, 10.1109/TBME.2012.2195662). EEG channels without a position are left
    /// out with a note; other channels stay.
    ///
    /// # Errors
    /// [`Error::Invalid`] with fewer than four EEG channels that have a position, [`Error::Kernel`] for positions that
    /// span no sphere, [`Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, LaplacianParams, Recording};
    /// let names = ["Fz", "C3", "Cz", "C4", "Pz", "Oz"];
    /// // the same potential everywhere has no Laplacian
    /// let recording = Recording::new(ndarray::Array2::from_elem((6, 10), 3.0), Hz(250.0), &names).unwrap();
    /// let csd = recording.laplacian(&LaplacianParams::default()).unwrap();
    /// assert!(csd.data_uv().iter().all(|v| v.abs() < 1e-9));
    /// assert_eq!(csd.channels()[0].unit, "µV/cm²");
    /// ```
    pub fn laplacian(&self, params: &LaplacianParams) -> Result<Self> {
        let operator = laplacian_operator(self.channels(), params)?;
        let lost: Vec<&str> = channel::eeg_indices(self.channels())
            .into_iter()
            .map(|i| &self.channels()[i])
            .filter(|c| c.position.is_none())
            .map(|c| c.name.as_str())
            .collect();
        let note = (!lost.is_empty()).then(|| {
            let text = format!(
                "channels without a position have no Laplacian and are left out: {}",
                lost.join(", ")
            );
            Note::warning("laplacian", text)
        });
        let (data, extra) = self.with_others(&operator)?;
        let csd = data.transformed(&extra)?;
        Ok(match note {
            Some(note) => csd.with_note(note),
            None => csd,
        })
    }

    /// The operator, widened by the channels that are no EEG, which pass as they are.
    fn with_others(&self, operator: &ChannelOperator) -> Result<(&Self, ChannelOperator)> {
        let eeg = channel::eeg_indices(self.channels());
        let others: Vec<usize> = (0..self.channels().len()).filter(|row| !eeg.contains(row)).collect();
        let n_new = operator.channels.len();
        let mut matrix = Array2::zeros((n_new + others.len(), self.channels().len()));
        matrix.slice_mut(ndarray::s![..n_new, ..]).assign(&operator.matrix);
        for (k, &other) in others.iter().enumerate() {
            matrix[[n_new + k, other]] = 1.0;
        }
        let kept = others.iter().map(|&row| self.channels()[row].clone());
        let channels = operator.channels.iter().cloned().chain(kept).collect();
        Ok((self, ChannelOperator { channels, matrix }))
    }
}

/// The surface Laplacian of the EEG channels that have a position, as weights of all `channels`; unit [`CSD_UNIT`].
///
/// # Errors
/// As [`Recording::laplacian`].
pub fn laplacian_operator(channels: &[Channel], params: &LaplacianParams) -> Result<ChannelOperator> {
    let placed: Vec<(usize, [f64; 3])> = channel::eeg_indices(channels)
        .into_iter()
        .filter_map(|row| Some((row, channels[row].position?)))
        .collect();
    if placed.len() < 4 {
        return Err(Error::Invalid {
            parameter: "positions",
            value: format!("{} EEG channels with a position", placed.len()),
            allowed: "4 or more for a Laplacian; use 10-20 names or give positions".into(),
        });
    }
    let positions = Array2::from_shape_fn((placed.len(), 3), |(i, k)| placed[i].1[k]);
    let sphere = sphere(positions.view(), params.sphere)?;
    let centred = Array2::from_shape_fn(positions.dim(), |(i, k)| positions[[i, k]] - sphere.centre[k]);
    let weights = laplacian_matrix(centred.view(), sphere.radius, params.spline)? * PER_CM2;
    let mut matrix = Array2::zeros((placed.len(), channels.len()));
    for (k, (row, _)) in placed.iter().enumerate() {
        matrix.column_mut(*row).assign(&weights.column(k));
    }
    let as_csd = |row: usize| Channel { unit: CSD_UNIT.to_owned(), ..channels[row].clone() };
    Ok(ChannelOperator { channels: placed.iter().map(|(row, _)| as_csd(*row)).collect(), matrix })
}

pub(super) fn sphere(positions: ArrayView2<'_, f64>, given: Option<[f64; 4]>) -> Result<Sphere> {
    match given {
        Some([x, y, z, radius]) => Ok(Sphere { centre: [x, y, z], radius }),
        None => Ok(fit_sphere(positions)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Reference};

    const NAMES: [&str; 8] = ["Fz", "F3", "C3", "Cz", "C4", "Pz", "Oz", "EOG"];

    fn recording() -> Recording {
        let (_, data_uv) = noise(8, 300, 100.0).into_parts();
        Recording::new(data_uv, Hz(100.0), &NAMES).unwrap()
    }

    #[test]
    fn the_reference_does_not_matter() {
        let csd = recording().laplacian(&LaplacianParams::default()).unwrap();
        let averaged = recording().set_reference(&Reference::Average).unwrap();
        let again = averaged.laplacian(&LaplacianParams::default()).unwrap();
        let scale = csd.data_uv().fold(0.0_f64, |a, b| a.max(b.abs()));
        for (a, b) in csd.data_uv().iter().zip(&again.data_uv()) {
            assert!((a - b).abs() < 1e-9 * scale);
        }
    }

    #[test]
    fn other_channels_pass_and_order_does_not_matter() {
        let csd = recording().laplacian(&LaplacianParams::default()).unwrap();
        assert_eq!(csd.header().ch_names(), NAMES);
        assert_eq!(csd.data_uv().row(7), recording().data_uv().row(7));
        let backwards = recording().pick(&[7, 6, 5, 4, 3, 2, 1, 0]).unwrap();
        let backwards = backwards.laplacian(&LaplacianParams::default()).unwrap();
        let row = backwards.header().channel_index("C4").unwrap();
        for (a, b) in csd.data_uv().row(4).iter().zip(backwards.data_uv().row(row)) {
            assert!((a - b).abs() < 1e-9);
        }
    }

    #[test]
    fn channels_without_a_place_are_named() {
        let (_, data_uv) = noise(5, 30, 100.0).into_parts();
        let recording = Recording::new(data_uv, Hz(100.0), &["Fz", "C3", "Cz", "C4", "E17"]).unwrap();
        let csd = recording.laplacian(&LaplacianParams::default()).unwrap();
        assert_eq!(csd.channels().len(), 4);
        assert!(csd.header().notes[0].text.ends_with("E17"), "{}", csd.header().notes[0].text);
        let error = recording.pick(&[0, 1, 4]).unwrap().laplacian(&LaplacianParams::default()).unwrap_err();
        assert!(error.to_string().contains("2 EEG channels with a position"), "{error}");
    }

    #[test]
    fn a_laplacian_is_not_referenced_again() {
        let csd = recording().laplacian(&LaplacianParams::default()).unwrap();
        let error = csd.set_reference(&Reference::Average).unwrap_err();
        assert!(error.to_string().contains("no reference"), "{error}");
    }
}
