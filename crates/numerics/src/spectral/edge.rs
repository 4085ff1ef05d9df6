//! The frequency below which a share of the power lies.

use crate::{Error, Result};
use ndarray::ArrayView1;
use std::cmp::Ordering;

/// A step this many times wider than the narrowest is a gap.
const GAP: f64 = 1.5;

/// Frequency (Hz) below which `share` of the power between `low_hz` and `high_hz` lies: 0.95 gives the spectral edge, 0.5 the
/// median frequency (Schüttler et al. 1987, 10.1007/BF01066320, use the latter to follow ketamine).
///
/// The spectrum is taken as straight between its bins, so that its integral is exact: a trapezoid per step, cut at both ends
/// of the range, and a root of a quadratic within the step where the share is reached. Bins that were left out (the mains)
/// leave a gap, a step more than 1.5 times as wide as the narrowest: it holds no power, and the edge does not fall into it.
/// Of a range that reaches beyond the bins the covered part counts.
///
/// # Errors
/// [`Error::Shape`] when frequencies and PSD differ in length, [`Error::Invalid`] for a share outside (0, 1) or frequencies
/// that do not ascend, [`Error::Value`] for a density that is negative or not finite, [`Error::TooShort`] when no step
/// within the range has power.
///
/// ```
/// use dosewave_numerics::spectral::spectral_edge;
/// let freqs = ndarray::Array1::linspace(0.0, 50.0, 101);
/// let flat = freqs.mapv(|_| 3.0);
/// let edge = spectral_edge(freqs.view(), flat.view(), (1.0, 45.0), 0.95).unwrap();
/// assert!((edge - 42.8).abs() < 1e-9); // 1 + 0.95 × 44
/// ```
pub fn spectral_edge(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView1<'_, f64>,
    (low_hz, high_hz): (f64, f64),
    share: f64,
) -> Result<f64> {
    check(freqs_hz, psd, share)?;
    let widths = || (1..freqs_hz.len()).map(|k| freqs_hz[k] - freqs_hz[k - 1]);
    let widest = GAP * widths().fold(f64::INFINITY, f64::min);
    let whole = |k: usize| Step { from: freqs_hz[k - 1], to: freqs_hz[k], start: psd[k - 1], end: psd[k] };
    let steps: Vec<Step> = (1..freqs_hz.len())
        .map(whole)
        .filter(|step| step.to - step.from <= widest)
        .filter_map(|step| step.cut(low_hz, high_hz))
        .collect();
    let total: f64 = steps.iter().map(Step::area).sum();
    if total <= 0.0 {
        return Err(Error::TooShort { what: "steps with power within the range", got: 0, need: 1 });
    }
    let mut missing = share * total;
    for step in &steps {
        if step.area() >= missing {
            return Ok(step.where_area_is(missing));
        }
        missing -= step.area();
    }
    // rounding may leave a hair of the share to the very end
    Ok(steps.last().map_or(high_hz, |step| step.to))
}

/// A stretch between two frequencies on which the density is a straight line.
struct Step {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Step {
    /// The part of it inside the range.
    fn cut(self, low_hz: f64, high_hz: f64) -> Option<Self> {
        let (from, to) = (self.from.max(low_hz), self.to.min(high_hz));
        let density = |f: f64| self.start + (self.end - self.start) * (f - self.from) / (self.to - self.from);
        (to > from).then(|| Self { from, to, start: density(from), end: density(to) })
    }

    fn area(&self) -> f64 {
        0.5 * (self.start + self.end) * (self.to - self.from)
    }

    /// Where the area from its start is `area`, which it holds: the root of `start·x + slope·x²/2 = area`.
    fn where_area_is(&self, area: f64) -> f64 {
        let slope = (self.end - self.start) / (self.to - self.from);
        let root = (self.start * self.start + 2.0 * slope * area).max(0.0).sqrt();
        let x = if area > 0.0 { 2.0 * area / (self.start + root) } else { 0.0 };
        (self.from + x).min(self.to)
    }
}

fn check(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>, share: f64) -> Result<()> {
    let invalid = |parameter, value: String, allowed: &str| {
        Err(Error::Invalid { parameter, value, allowed: allowed.to_owned() })
    };
    if freqs_hz.len() != psd.len() {
        return Err(Error::Shape { what: "PSD bins", expected: freqs_hz.len(), got: psd.len() });
    }
    if !(share > 0.0 && share < 1.0) {
        return invalid("share", share.to_string(), "a number between 0 and 1");
    }
    if let Some(k) =
        (1..freqs_hz.len()).find(|&k| freqs_hz[k].partial_cmp(&freqs_hz[k - 1]) != Some(Ordering::Greater))
    {
        return invalid(
            "freqs_hz",
            format!("{} after {}", freqs_hz[k], freqs_hz[k - 1]),
            "frequencies that ascend",
        );
    }
    match psd.iter().position(|p| !(p.is_finite() && *p >= 0.0)) {
        Some(index) => Err(Error::Value {
            what: "psd",
            index,
            value: psd[index],
            allowed: "must be finite and not negative",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    const RANGE: (f64, f64) = (1.0, 45.0);
    /// Exponent of the spectrum, its spectral edge (95 %) and its median frequency over 1–45 Hz.
    const POWER_LAWS: [(f64, f64, f64); 4] =
        [(0.0, 42.8, 23.0), (1.0, 37.201, 6.708), (1.5, 27.235, 3.029), (2.0, 14.0625, 1.9565)];

    fn edges(exponent: f64, step_hz: f64) -> (f64, f64) {
        let n = (50.0 / step_hz).round() as usize;
        let freqs = Array1::from_iter((0..=n).map(|k| k as f64 * step_hz));
        let psd = freqs.mapv(|f: f64| f.max(0.5 * step_hz).powf(-exponent));
        let edge = |share| spectral_edge(freqs.view(), psd.view(), RANGE, share).unwrap();
        (edge(0.95), edge(0.5))
    }

    #[test]
    fn edges_of_power_laws_are_those_of_their_integrals() {
        for (exponent, sef, median) in POWER_LAWS {
            let fine = edges(exponent, 0.01);
            assert!((fine.0 - sef).abs() < 1e-3 && (fine.1 - median).abs() < 1e-3, "{exponent}: {fine:?}");
        }
    }

    #[test]
    fn half_hertz_bins_move_the_edges_down_by_up_to_0_4_hz() {
        // straight lines between bins lie above a convex spectrum, most between 1 and 2 Hz: the edges move down
        for ((exponent, sef, median), (off_sef, off_median)) in
            POWER_LAWS.into_iter().zip([(0.0, 0.0), (-0.038, -0.065), (-0.213, -0.067), (-0.380, -0.053)])
        {
            let coarse = edges(exponent, 0.5);
            let off = (coarse.0 - sef, coarse.1 - median);
            assert!(
                (off.0 - off_sef).abs() < 2e-3 && (off.1 - off_median).abs() < 2e-3,
                "{exponent}: {off:?}"
            );
        }
    }

    #[test]
    fn the_edge_holds_its_share() {
        // slow twin: a Riemann sum over a spectrum drawn as straight lines
        let freqs = Array1::from_vec(vec![0.0, 1.0, 2.5, 4.0, 5.0, 6.5]);
        let psd = Array1::from_vec(vec![1.0, 5.0, 0.0, 2.0, 2.0, 8.0]);
        let density = |f: f64| {
            let k = (1..6).find(|&k| f <= freqs[k]).unwrap();
            psd[k - 1] + (psd[k] - psd[k - 1]) * (f - freqs[k - 1]) / (freqs[k] - freqs[k - 1])
        };
        let area = |from: f64, to: f64| {
            let n = 20_000;
            let step = (to - from) / f64::from(n);
            (0..n).map(|k| density(from + (f64::from(k) + 0.5) * step) * step).sum::<f64>()
        };
        for share in [0.01, 0.2, 0.5, 0.77, 0.95, 0.999] {
            let edge = spectral_edge(freqs.view(), psd.view(), (0.5, 6.0), share).unwrap();
            assert!((area(0.5, edge) / area(0.5, 6.0) - share).abs() < 1e-6, "{share}: {edge}");
        }
    }

    #[test]
    fn what_was_left_out_counts_neither_above_nor_below() {
        let kept = |f: &f64| (f - 50.0).abs() > 2.0;
        let freqs: Array1<f64> = (0..=200).map(|k| 0.5 * f64::from(k)).filter(kept).collect();
        let psd = freqs.mapv(|_| 1.0);
        let edge = |share| spectral_edge(freqs.view(), psd.view(), (40.0, 60.0), share).unwrap();
        // 40 to 47.5 and 52.5 to 60 Hz remain
        assert!((edge(0.25) - 43.75).abs() < 1e-9 && (edge(0.75) - 56.25).abs() < 1e-9);
        assert!((edge(0.5) - 47.5).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let freqs = ndarray::array![1.0, 2.0, 3.0];
        let edge = |psd: &Array1<f64>, range, share| {
            spectral_edge(freqs.view(), psd.view(), range, share).map_err(|e| e.to_string())
        };
        let good = ndarray::array![1.0, 1.0, 1.0];
        assert!(edge(&ndarray::array![1.0, 1.0, -1.0], (1.0, 3.0), 0.5).unwrap_err().contains("psd[2] = -1"));
        assert!(edge(&good, (1.0, 3.0), 1.0).unwrap_err().contains("between 0 and 1"));
        assert!(edge(&good, (4.0, 5.0), 0.5).unwrap_err().contains("within the range"));
        assert!(edge(&ndarray::array![0.0, 0.0, 0.0], (1.0, 3.0), 0.5).is_err());
        let back = ndarray::array![1.0, 3.0, 2.0];
        assert!(
            spectral_edge(back.view(), good.view(), (1.0, 3.0), 0.5)
                .unwrap_err()
                .to_string()
                .contains("2 after 3")
        );
    }
}
