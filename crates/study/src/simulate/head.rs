//! How sources reach the electrodes: smooth, instantaneous mixing by distance, as volume conduction does.

use dosewave_eeg::{Channel, Channels, Hz};
use ndarray::{Array1, Array2};

/// The electrodes, an extended 10–20 set.
pub(super) const CHANNELS: [&str; 32] = [
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "FC5", "FC1", "FC2", "FC6", "T7", "C3", "Cz", "C4", "T8",
    "TP9", "CP5", "CP1", "CP2", "CP6", "TP10", "P7", "P3", "Pz", "P4", "P8", "PO9", "O1", "Oz", "O2", "PO10",
];

/// Lag of the coupled source at P3 behind F3, s.
pub(super) const LAG_S: f64 = 0.006;

/// Mixing of all sources; each background row and each single source has a largest weight of one in power.
pub(super) struct Head {
    /// `[channel, patch]`: one independent background patch under each electrode; rows have unit power.
    pub(super) background: Array2<f64>,
    /// Occipital alpha.
    pub(super) alpha: Array1<f64>,
    /// The coupled source at the front.
    pub(super) front: Array1<f64>,
    /// The coupled source, later, at the back.
    pub(super) back: Array1<f64>,
    /// `[channel, source]`: muscle, one independent source at each channel.
    pub(super) muscle: Array2<f64>,
}

/// The channels, with their positions and an anti-alias edge.
pub(super) fn channels(sfreq_hz: f64) -> Channels {
    let named = CHANNELS
        .iter()
        .map(|name| Channel { low_pass: Some(Hz(sfreq_hz * 0.45)), ..Channel::from_name(name) });
    named.collect()
}

impl Head {
    pub(super) fn new() -> Self {
        let positions: Vec<[f64; 3]> =
            CHANNELS.iter().filter_map(|name| dosewave_eeg::montage::position(name)).collect();
        let n = positions.len();
        let distance =
            |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
        let blob = |centre: &str, width_m: f64| {
            let at = dosewave_eeg::montage::position(centre).unwrap_or([0.0, 0.0, 0.095]);
            Array1::from_iter(positions.iter().map(|p| (-0.5 * (distance(*p, at) / width_m).powi(2)).exp()))
        };
        let mut background = Array2::from_shape_fn((n, n), |(c, s)| {
            (-0.5 * (distance(positions[c], positions[s]) / 0.025).powi(2)).exp()
        });
        for mut row in background.outer_iter_mut() {
            let norm = row.dot(&row).sqrt();
            row /= norm;
        }
        let muscle = Array2::from_diag(&Array1::from_iter(CHANNELS.iter().map(|name| muscle_weight(name))));
        Self {
            background,
            alpha: blob("Oz", 0.07),
            front: blob("F3", 0.035),
            back: blob("P3", 0.035),
            muscle,
        }
    }

    /// The same head against the average reference.
    pub(super) fn average_referenced(&self) -> Self {
        let centred = |v: &Array1<f64>| v - v.mean().unwrap_or(0.0);
        let columns =
            |m: &Array2<f64>| m - &m.mean_axis(ndarray::Axis(0)).unwrap_or_else(|| Array1::zeros(m.ncols()));
        Self {
            background: columns(&self.background),
            alpha: centred(&self.alpha),
            front: centred(&self.front),
            back: centred(&self.back),
            muscle: columns(&self.muscle),
        }
    }
}

/// Muscle lies at the rim: temples, jaw, forehead and neck.
fn muscle_weight(name: &str) -> f64 {
    match name {
        "F7" | "F8" | "T7" | "T8" | "TP9" | "TP10" => 1.0,
        "Fp1" | "Fp2" | "P7" | "P8" | "PO9" | "PO10" => 0.7,
        "FC5" | "FC6" | "CP5" | "CP6" | "O1" | "O2" | "Oz" => 0.4,
        _ => 0.15,
    }
}
