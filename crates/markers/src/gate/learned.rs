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
    /// The change that the evidence predicts; `None` where no slope is known.
    ///
    /// ```
    /// use dosewave_markers::gate::LearnedSlopes;
    /// let slopes = LearnedSlopes { per_muscle_db: Some(0.5), per_spike_hz: None };
    /// assert_eq!(slopes.expected_change(Some(2.0), Some(1.0)), Some(1.0));
    /// assert_eq!(LearnedSlopes::default().expected_change(Some(2.0), None), None);
    /// ```
    #[must_use]
    pub fn expected_change(&self, delta_muscle_db: Option<f64>, delta_spikes_hz: Option<f64>) -> Option<f64> {
        let parts = [self.per_muscle_db.zip(delta_muscle_db), self.per_spike_hz.zip(delta_spikes_hz)]
            .map(|part| part.map(|(slope, delta)| slope * delta));
        let sum = parts.iter().flatten().sum::<f64>();
        (parts.iter().any(Option::is_some) && sum.is_finite()).then_some(sum)
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
}
