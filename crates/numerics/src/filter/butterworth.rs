//! Butterworth filters as second-order sections (Butterworth 1930; bilinear transform with pre-warped edges).

use super::Section;
use crate::{Error, Result};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Highest order: beyond it the slopes gain nothing and the sections lose digits.
const MAX_ORDER: usize = 20;

/// Pass band of a Butterworth filter; its edges are the −3 dB points of one pass.
///
/// With both edges the filter has `2·order` poles. Run forwards and backwards ([`super::sos_zero_phase`]) the edges become
/// −6 dB points and the slope doubles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ButterworthDesign {
    /// Order of the low-pass it derives from.
    pub order: usize,
    /// Lower edge, Hz; `None` passes everything below.
    pub high_pass_hz: Option<f64>,
    /// Upper edge, Hz; `None` passes everything above.
    pub low_pass_hz: Option<f64>,
}

impl ButterworthDesign {
    /// The filter's sections at a sampling frequency; the gain is in the first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an order outside 1–20, no edge, an edge not in (0, sfreq/2), or edges not ascending.
    ///
    /// ```
    /// use dosewave_numerics::filter::ButterworthDesign;
    /// let design = ButterworthDesign { order: 4, high_pass_hz: None, low_pass_hz: Some(30.0) };
    /// let sections = design.sections(250.0).unwrap();
    /// assert_eq!(sections.len(), 2);
    /// let at = |f: f64| sections.iter().map(|s| s.response(f, 250.0).norm()).product::<f64>();
    /// assert!((at(0.0) - 1.0).abs() < 1e-12 && (at(30.0) - 0.5_f64.sqrt()).abs() < 1e-12);
    /// ```
    pub fn sections(&self, sfreq: f64) -> Result<Vec<Section>> {
        self.check(sfreq)?;
        let warp = |f: f64| 4.0 * (PI * f / sfreq).tan();
        let (low, high) = (self.high_pass_hz.map(warp), self.low_pass_hz.map(warp));
        let prototype: Vec<Complex64> = (0..self.order)
            .map(|k| {
                Complex64::from_polar(1.0, PI * (2 * k + self.order + 1) as f64 / (2 * self.order) as f64)
            })
            .collect();
        let analog: Vec<Complex64> = match (low, high) {
            (None, Some(high)) => prototype.iter().map(|p| p * high).collect(),
            (Some(low), None) => prototype.iter().map(|p| low / p).collect(),
            (Some(low), Some(high)) => prototype.iter().flat_map(|p| band_poles(*p, low, high)).collect(),
            (None, None) => Vec::new(),
        };
        // s → z with 4 for 2·sfreq at sfreq = 2, as the edges were warped
        let poles: Vec<Complex64> = analog.iter().map(|s| (4.0 + s) / (4.0 - s)).collect();
        let mut sections = self.paired(&poles);
        let peak = self.peak_hz(sfreq);
        let gain: f64 = sections.iter().map(|s| s.response(peak, sfreq).norm()).product();
        if let Some(first) = sections.first_mut() {
            first.b = first.b.map(|b| b / gain);
        }
        Ok(sections)
    }

    /// Poles in conjugate (or real) pairs, each with its share of the zeros at 0 Hz and at half the rate.
    fn paired(&self, poles: &[Complex64]) -> Vec<Section> {
        let zeros = match (self.high_pass_hz, self.low_pass_hz) {
            (Some(_), Some(_)) => [1.0, 0.0, -1.0],
            (Some(_), None) => [1.0, -2.0, 1.0],
            _ => [1.0, 2.0, 1.0],
        };
        let is_real = |p: &Complex64| p.im.abs() < 1e-12 * p.norm().max(1e-300);
        let mut sections: Vec<Section> = poles
            .iter()
            .filter(|p| !is_real(p) && p.im > 0.0)
            .map(|p| Section { b: zeros, a: [-2.0 * p.re, p.norm_sqr()] })
            .collect();
        let mut real: Vec<f64> = poles.iter().filter(|p| is_real(p)).map(|p| p.re).collect();
        real.sort_by(f64::total_cmp);
        for pair in real.chunks(2) {
            sections.push(match pair {
                [p, q] => Section { b: zeros, a: [-(p + q), p * q] },
                _ => Section { b: [1.0, zeros[1] / 2.0, 0.0], a: [-pair[0], 0.0] },
            });
        }
        sections
    }

    /// A frequency of unit gain: 0, half the rate, or the (warped) middle of the band.
    fn peak_hz(&self, sfreq: f64) -> f64 {
        let warp = |f: f64| (PI * f / sfreq).tan();
        match (self.high_pass_hz, self.low_pass_hz) {
            (Some(low), Some(high)) => (warp(low) * warp(high)).sqrt().atan() * sfreq / PI,
            (Some(_), None) => sfreq / 2.0,
            _ => 0.0,
        }
    }

    fn check(&self, sfreq: f64) -> Result<()> {
        if self.order == 0 || self.order > MAX_ORDER {
            return Err(Error::Invalid {
                parameter: "order",
                value: self.order.to_string(),
                allowed: format!("1 to {MAX_ORDER}"),
            });
        }
        super::fir::check_edges(self.high_pass_hz, self.low_pass_hz, sfreq)
    }
}

/// Low-pass pole → the two poles of a band pass: roots of `s² − p·w·s + low·high`.
fn band_poles(p: Complex64, low: f64, high: f64) -> [Complex64; 2] {
    let half = p * (high - low) / 2.0;
    let root = (half * half - low * high).sqrt();
    [half + root, half - root]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(sections: &[Section], f: f64, sfreq: f64) -> f64 {
        sections.iter().map(|s| s.response(f, sfreq).norm()).product()
    }

    /// `1 / √(1 + Ω^(2n))` with the low-pass-equivalent frequency Ω of the pre-warped edges.
    fn textbook(design: &ButterworthDesign, f: f64, sfreq: f64) -> f64 {
        let warp = |f: f64| (PI * f / sfreq).tan();
        let w = warp(f);
        let omega = match (design.high_pass_hz.map(warp), design.low_pass_hz.map(warp)) {
            (None, Some(high)) => w / high,
            (Some(low), None) => low / w,
            (Some(low), Some(high)) => (w * w - low * high) / (w * (high - low)),
            _ => f64::NAN,
        };
        1.0 / (1.0 + omega.powi(2 * design.order as i32)).sqrt()
    }

    #[test]
    fn the_gain_is_butterworths_at_every_frequency() {
        for order in 1..=8 {
            for (high_pass_hz, low_pass_hz) in
                [(None, Some(40.0)), (Some(1.0), None), (Some(8.0), Some(13.0)), (Some(0.5), Some(100.0))]
            {
                let design = ButterworthDesign { order, high_pass_hz, low_pass_hz };
                let sections = design.sections(250.0).unwrap();
                assert!(sections.iter().all(Section::is_stable), "{design:?}");
                for f in [0.2, 1.0, 5.0, 8.0, 10.0, 13.0, 39.0, 80.0, 120.0] {
                    let (found, expected) = (gain(&sections, f, 250.0), textbook(&design, f, 250.0));
                    assert!((found - expected).abs() < 1e-8, "{design:?} at {f}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn orders_and_edges_that_cannot_be_are_named() {
        let text = |order, low, high| {
            ButterworthDesign { order, high_pass_hz: low, low_pass_hz: high }
                .sections(250.0)
                .unwrap_err()
                .to_string()
        };
        assert!(text(0, Some(1.0), None).contains("order = 0"));
        assert!(text(21, Some(1.0), None).contains("1 to 20"));
        assert!(text(4, None, None).contains("no edge"));
        assert!(text(4, None, Some(125.0)).contains("below 125 Hz"));
    }
}
