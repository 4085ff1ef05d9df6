//! Other spatial views of the same epochs.

use crate::sites::eeg_indices;
use dosewave_eeg::{
    Channel, ChannelOperator, Epochs, LaplacianParams, Unit, laplacian_operator, mastoid_pair,
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Fewest electrodes with a position for a Laplacian. Our own judgement: the 10–20 system has 19; with fewer the spline
/// between neighbours is a guess.
pub const FEWEST_FOR_LAPLACIAN: usize = 16;

/// A spatial view other than the reference that cleaning chose. All views are made from the same clean epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The surface Laplacian (Perrin et al. 1989, 10.1016/0013-4694(89)90180-6), µV/cm²: what lies under an electrode, with
    /// little of what lies at the rim.
    Laplacian,
    /// Potentials against both mastoids (or ears).
    LinkedMastoids,
}

impl View {
    /// Both, in table order.
    pub const ALL: [Self; 2] = [Self::Laplacian, Self::LinkedMastoids];

    /// As it stands in names and configurations.
    ///
    /// ```
    /// assert_eq!(dosewave_markers::View::Laplacian.name(), "laplacian");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Laplacian => "laplacian",
            Self::LinkedMastoids => "linked_mastoids",
        }
    }

    /// The unit that a marker's values have in this view.
    #[must_use]
    pub(crate) fn unit(self, unit: Unit) -> Unit {
        match (self, unit) {
            (Self::Laplacian, Unit::Uv2PerHz) => Unit::CsdPerHz,
            (Self::Laplacian, Unit::LogUv2PerHz) => Unit::LogCsdPerHz,
            _ => unit,
        }
    }

    /// The same epochs seen this way, or why that cannot be.
    pub(crate) fn of(self, epochs: &Epochs) -> Result<Epochs, String> {
        let operator = match self {
            Self::Laplacian => laplacian(epochs.channels())?,
            Self::LinkedMastoids => linked_mastoids(epochs.channels())?,
        };
        epochs.transformed(&operator).map_err(|error| error.to_string())
    }
}

fn laplacian(channels: &[Channel]) -> Result<ChannelOperator, String> {
    let placed = eeg_indices(channels).iter().filter(|&&i| channels[i].position.is_some()).count();
    if placed < FEWEST_FOR_LAPLACIAN {
        return Err(format!(
            "a surface Laplacian needs {FEWEST_FOR_LAPLACIAN} EEG channels with a position; there are {placed}"
        ));
    }
    laplacian_operator(channels, &LaplacianParams::default()).map_err(|error| error.to_string())
}

fn linked_mastoids(channels: &[Channel]) -> Result<ChannelOperator, String> {
    let pair = mastoid_pair(channels)
        .ok_or("linked mastoids need M1 and M2, A1 and A2, or TP9 and TP10 among the EEG channels")?;
    let others: Vec<usize> = eeg_indices(channels).into_iter().filter(|i| !pair.contains(i)).collect();
    if others.is_empty() {
        return Err("no EEG channel besides the mastoids".into());
    }
    let mut matrix = Array2::zeros((others.len(), channels.len()));
    for (row, &channel) in others.iter().enumerate() {
        matrix[[row, channel]] = 1.0;
        for &mastoid in &pair {
            matrix[[row, mastoid]] = -0.5;
        }
    }
    Ok(ChannelOperator { channels: others.iter().map(|&i| channels[i].clone()).collect(), matrix })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Hz, Seconds};
    use ndarray::Array3;

    fn epochs(names: &[&str]) -> Epochs {
        let data_uv = Array3::from_shape_fn((2, names.len(), 50), |(e, c, t)| ((e + 3 * c) * t % 17) as f64);
        let channels = names.iter().map(|name| Channel::from_name(name)).collect();
        Epochs::new(channels, Hz(100.0), data_uv, vec![Seconds(0.0), Seconds(0.5)]).unwrap()
    }

    #[test]
    fn mastoids_are_subtracted_and_leave() {
        let before = epochs(&["Cz", "M1", "EOG", "M2", "Pz"]);
        let after = View::LinkedMastoids.of(&before).unwrap();
        let names: Vec<&str> = after.channels().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["Cz", "Pz"]);
        let old = before.data_uv();
        let expected = old[[1, 4, 30]] - (old[[1, 1, 30]] + old[[1, 3, 30]]) / 2.0;
        assert!((after.data_uv()[[1, 1, 30]] - expected).abs() < 1e-12);
    }

    #[test]
    fn what_is_missing_is_named() {
        let few = epochs(&["Cz", "M1", "Pz"]);
        assert!(View::LinkedMastoids.of(&few).unwrap_err().contains("M1 and M2"));
        assert!(View::Laplacian.of(&few).unwrap_err().contains("there are 3"));
    }

    #[test]
    fn only_units_of_potential_change() {
        assert_eq!(View::Laplacian.unit(Unit::Uv2PerHz), Unit::CsdPerHz);
        assert_eq!(View::Laplacian.unit(Unit::One), Unit::One);
        assert_eq!(View::LinkedMastoids.unit(Unit::Uv2PerHz), Unit::Uv2PerHz);
    }
}
