//! From a stream's clock to the recorder's.

/// A jump of the offset of more than this between two measurements is a reset of a clock, s.
const JUMP_S: f64 = 1.0;
/// Measurements further from the line than this count less, s: the network was slow for one of them.
const OUTLIER_S: f64 = 1e-4;
const ROUNDS: usize = 50;

/// The measured offsets of a stream as lines, one between each two resets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    stretches: Vec<Stretch>,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// First and last measurement, on the stream's clock.
    from: f64,
    to: f64,
    /// The offset at `from`, and what is added to it per second.
    offset: f64,
    slope: f64,
}

impl Clock {
    /// From measurements `(time on the stream's clock, offset)` in the order of the file.
    pub(crate) fn new(measured: &[(f64, f64)]) -> Self {
        let is_reset = |pair: &[(f64, f64)]| match pair {
            [(t0, v0), (t1, v1)] => t1 <= t0 || (v1 - v0).abs() > JUMP_S,
            _ => false,
        };
        let mut clock = Self::default();
        let mut start = 0;
        for (i, pair) in measured.windows(2).enumerate() {
            if is_reset(pair) {
                clock.stretches.extend(measured.get(start..=i).and_then(line));
                start = i + 1;
            }
        }
        clock.stretches.extend(measured.get(start..).and_then(line));
        clock
    }

    pub(crate) fn is_measured(&self) -> bool {
        !self.stretches.is_empty()
    }

    /// Number of resets.
    pub(crate) fn n_resets(&self) -> usize {
        self.stretches.len().saturating_sub(1)
    }

    /// The stretch a time lies in or next to, not before stretch `earliest`: times of a stream are in order.
    pub(crate) fn stretch(&self, time: f64, earliest: usize) -> usize {
        let distance = |s: &Stretch| (s.from - time).max(time - s.to).max(0.0);
        let later = self.stretches.iter().enumerate().skip(earliest);
        later.min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b))).map_or(earliest, |(i, _)| i)
    }

    /// A time on the recorder's clock.
    pub(crate) fn synced(&self, time: f64, stretch: usize) -> f64 {
        self.stretches.get(stretch).map_or(time, |s| time + s.offset + s.slope * (time - s.from))
    }
}

/// A line through measurements, in which those far off count less (Huber 1964, doi:10.1214/aoms/1177703732, by
/// reweighting).
fn line(measured: &[(f64, f64)]) -> Option<Stretch> {
    let (from, to) = (measured.first()?.0, measured.last()?.0);
    let mut weights = vec![1.0; measured.len()];
    let (mut offset, mut slope) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let before = (offset, slope);
        (offset, slope) = weighted_line(measured, &weights, from);
        for ((t, v), weight) in measured.iter().zip(&mut weights) {
            let residual = (v - offset - slope * (t - from)).abs();
            *weight = if residual > OUTLIER_S { OUTLIER_S / residual } else { 1.0 };
        }
        if before == (offset, slope) {
            break;
        }
    }
    Some(Stretch { from, to, offset, slope })
}

/// Offset at `from` and slope by weighted least squares.
fn weighted_line(measured: &[(f64, f64)], weights: &[f64], from: f64) -> (f64, f64) {
    let all = || measured.iter().zip(weights).map(|((t, v), w)| (t - from, *v, *w));
    let total: f64 = all().map(|(_, _, w)| w).sum();
    let mean = |value: &dyn Fn(f64, f64) -> f64| all().map(|(t, v, w)| w * value(t, v)).sum::<f64>() / total;
    let (mean_t, mean_v) = (mean(&|t, _| t), mean(&|_, v| v));
    let spread = mean(&|t, _| (t - mean_t).powi(2));
    let slope = if spread > 0.0 { mean(&|t, v| (t - mean_t) * (v - mean_v)) / spread } else { 0.0 };
    (mean_v - slope * mean_t, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_is_a_line_and_an_outlier_does_not_bend_it() {
        let mut measured: Vec<(f64, f64)> =
            (0..40).map(|k| 100.0 + 5.0 * f64::from(k)).map(|t| (t, 3.0 + 1e-5 * t)).collect();
        measured[7].1 += 0.05;
        let clock = Clock::new(&measured);
        assert_eq!(clock.n_resets(), 0);
        for t in [90.0, 150.0, 400.0] {
            let got = clock.synced(t, clock.stretch(t, 0));
            assert!((got - (t + 3.0 + 1e-5 * t)).abs() < 1e-4, "{got}");
        }
    }

    #[test]
    fn a_reset_begins_another_line() {
        let clock = Clock::new(&[(1000.0, -900.0), (1005.0, -900.0), (2.0, 130.0), (7.0, 130.0)]);
        assert_eq!(clock.n_resets(), 1);
        assert_eq!((clock.stretch(998.0, 0), clock.stretch(1006.0, 0), clock.stretch(3.0, 0)), (0, 0, 1));
        // once it was reset there is no way back
        assert_eq!(clock.stretch(998.0, 1), 1);
        assert_eq!((clock.synced(1001.0, 0), clock.synced(4.0, 1)), (101.0, 134.0));
    }

    #[test]
    fn without_measurements_times_stay_as_they_are() {
        let clock = Clock::new(&[]);
        assert!(!clock.is_measured());
        assert_eq!(clock.synced(5.0, clock.stretch(5.0, 0)), 5.0);
        let once = Clock::new(&[(10.0, 0.5)]);
        assert_eq!(once.synced(99.0, once.stretch(99.0, 0)), 99.5);
    }
}
