//! What the epochs of a recording say about muscle's part in a value: an analysis of covariance.

use dosewave_numerics::stats::{Covariate, slopes_within};
use ndarray::ArrayView1;

/// One site in the epochs of both windows, all of one length.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The value of each epoch, dB for powers.
    pub values: ArrayView1<'a, f64>,
    /// Muscle index of each epoch in the lower and the upper half of the evidence band, dB.
    pub muscle_db: [ArrayView1<'a, f64>; 2],
    /// Saccadic spikes per second in each epoch, where they could be counted.
    pub spikes_hz: Option<ArrayView1<'a, f64>>,
    /// Window of each epoch.
    pub window: &'a [usize],
}

/// How much a value follows the evidence from epoch to epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LearnedSlopes {
    /// Per dB of the muscle index; `None` where that does not vary.
    pub per_muscle_db: Option<f64>,
    /// Per saccadic spike per second; `None` where that does not vary.
    pub per_spike_hz: Option<f64>,
}

impl LearnedSlopes {
    /// The change that the evidence predicts: muscle's part and, where it is known, that of the saccadic spikes.
    ///
    /// Where the muscle index did not vary enough to teach a slope, `flat` (the change by a flat change of muscle's spectrum)
    /// stands in for its part; `None` where that is not known either: a change less the spikes alone is not free of muscle.
    ///
    /// ```
    /// use dosewave_markers::gate::LearnedSlopes;
    /// let slopes = LearnedSlopes { per_muscle_db: Some(0.5), per_spike_hz: None };
    /// assert_eq!(slopes.expected_change(Some(2.0), Some(1.0), Some(1.8)), Some(1.0));
    /// let spikes_only = LearnedSlopes { per_muscle_db: None, per_spike_hz: Some(0.1) };
    /// assert_eq!(spikes_only.expected_change(Some(2.0), Some(-3.0), Some(1.8)), Some(1.5));
    /// assert_eq!(spikes_only.expected_change(Some(2.0), Some(-3.0), None), None);
    /// ```
    #[must_use]
    pub fn expected_change(
        &self,
        delta_muscle_db: Option<f64>,
        delta_spikes_hz: Option<f64>,
        flat: Option<f64>,
    ) -> Option<f64> {
        let muscle = match self.per_muscle_db {
            Some(slope) => slope * delta_muscle_db?,
            None => flat?,
        };
        let spikes = self.per_spike_hz.zip(delta_spikes_hz).map_or(0.0, |(slope, delta)| slope * delta);
        Some(muscle + spikes).filter(|sum| sum.is_finite())
    }
}

/// Slopes of the value on the evidence within the windows: the covariates of an analysis of covariance whose effect is the
/// change between the windows (Gasser et al. 2005 regress muscle power out of fast bands, Clinical Neurophysiology 116, 2044–2050).
///
/// The muscle index of a single epoch is noisy, which by least squares would flatten its slope; the two halves of its band
/// have errors of their own and take that out ([`slopes_within`]). `is_power`: the slope of a power in dB on muscle in dB lies
/// between 0 (no muscle in it) and 1 (nothing else); estimates beyond are cut to that.
#[must_use]
pub fn learned_slopes(observation: &Observation<'_>, is_power: bool) -> LearnedSlopes {
    let [first, second] = observation.muscle_db;
    let mut covariates = vec![Covariate { first, second }];
    covariates.extend(observation.spikes_hz.map(|spikes| Covariate { first: spikes, second: spikes }));
    let slopes = slopes_within(observation.values, &covariates, observation.window);
    let at = |k: usize| slopes.get(k).copied().flatten();
    let per_muscle_db = at(0).map(|slope| if is_power { slope.clamp(0.0, 1.0) } else { slope });
    LearnedSlopes { per_muscle_db, per_spike_hz: at(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_numerics::stats::Stream;
    use ndarray::Array1;

    #[test]
    fn the_local_slope_is_the_share_of_muscle() {
        // brain 1, muscle 1 on average: half of the power, and half a dB per dB of muscle
        let mut stream = Stream::new(3, 0);
        let n = 4000;
        let muscle: Array1<f64> = (0..n).map(|_| 0.5 * stream.normal()).collect();
        let half =
            |stream: &mut Stream| &muscle + &(0..n).map(|_| 0.8 * stream.normal()).collect::<Array1<f64>>();
        let (lower, upper) = (half(&mut stream), half(&mut stream));
        let values = muscle.mapv(|db| 10.0 * (1.0 + 10_f64.powf(db / 10.0)).log10());
        let window: Vec<usize> = (0..n).map(|i| usize::from(i > n / 2)).collect();
        let observation = Observation {
            values: values.view(),
            muscle_db: [lower.view(), upper.view()],
            spikes_hz: None,
            window: &window,
        };
        let slopes = learned_slopes(&observation, true);
        assert!((slopes.per_muscle_db.unwrap() - 0.5).abs() < 0.05, "{slopes:?}");
        assert_eq!(slopes.per_spike_hz, None);
    }

    /// Spikes and muscle in a value, half a dB per dB of muscle and a fifth per spike and second.
    fn observe(muscle_sd_db: f64, is_power: bool) -> LearnedSlopes {
        let mut stream = Stream::new(4, 0);
        let n = 2000;
        let mut normals = |sd: f64| -> Array1<f64> { (0..n).map(|_| sd * stream.normal()).collect() };
        let muscle = normals(muscle_sd_db);
        let (lower, upper) = (&muscle + &normals(0.5), &muscle + &normals(0.5));
        let spikes = Array1::from_iter((0..n).map(|i| f64::from((i * 7 % 5) as u32)));
        let slope = if is_power { 0.5 } else { -1.5 };
        let values = &muscle * slope + &spikes * 0.2 + normals(0.3);
        let window: Vec<usize> = (0..n).map(|i| usize::from(i > n / 2)).collect();
        let observation = Observation {
            values: values.view(),
            muscle_db: [lower.view(), upper.view()],
            spikes_hz: Some(spikes.view()),
            window: &window,
        };
        learned_slopes(&observation, is_power)
    }

    #[test]
    fn spikes_have_a_slope_of_their_own() {
        let slopes = observe(1.0, true);
        assert!((slopes.per_muscle_db.unwrap() - 0.5).abs() < 0.05, "{slopes:?}");
        assert!((slopes.per_spike_hz.unwrap() - 0.2).abs() < 0.02, "{slopes:?}");
    }

    #[test]
    fn slopes_of_other_values_are_not_cut_to_those_of_a_power() {
        let slopes = observe(1.0, false);
        assert!((slopes.per_muscle_db.unwrap() + 1.5).abs() < 0.1, "{slopes:?}");
        assert!((slopes.per_spike_hz.unwrap() - 0.2).abs() < 0.02, "{slopes:?}");
    }

    #[test]
    fn steady_muscle_is_not_forgotten_where_only_spikes_vary() {
        // muscle is steady within the windows and doubles between them: 2 dB, as flat muscle predicts
        let slopes = observe(0.0, true);
        assert_eq!(slopes.per_muscle_db, None);
        assert!(slopes.per_spike_hz.is_some());
        let expected = slopes.expected_change(Some(5.0), Some(0.0), Some(2.0)).unwrap();
        assert!((2.0 - expected).abs() < 1e-12, "nothing of the 2 dB is left");
        assert_eq!(slopes.expected_change(Some(5.0), Some(1.0), None), None);
    }
}
