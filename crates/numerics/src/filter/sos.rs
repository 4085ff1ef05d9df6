//! Recursive filters as second-order sections, run forwards and backwards.

use super::extend::reflect_limited;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};
use num_complex::Complex64;
use std::f64::consts::PI;

/// The impulse response counts as over when it stays below this part of its largest value.
const RINGING: f64 = 1e-3;
/// Longest impulse response that is followed, samples.
const LONGEST_RINGING: usize = 1_000_000;

/// `H(z) = (b₀ + b₁z⁻¹ + b₂z⁻²) / (1 + a₁z⁻¹ + a₂z⁻²)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// b₀, b₁, b₂.
    pub b: [f64; 3],
    /// a₁, a₂.
    pub a: [f64; 2],
}

impl Section {
    /// Complex gain at `freq_hz`.
    ///
    /// ```
    /// let delay = dosewave_numerics::filter::Section { b: [0.0, 1.0, 0.0], a: [0.0, 0.0] };
    /// assert!((delay.response(25.0, 100.0).im + 1.0).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn response(&self, freq_hz: f64, sfreq: f64) -> Complex64 {
        let z = Complex64::from_polar(1.0, -2.0 * PI * freq_hz / sfreq);
        (self.b[0] + z * (self.b[1] + z * self.b[2])) / (1.0 + z * (self.a[0] + z * self.a[1]))
    }

    /// Whether both poles lie inside the unit circle (the stability triangle).
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.a[1].abs() < 1.0 && self.a[0].abs() < 1.0 + self.a[1]
    }

    /// State in which a constant 1 has been coming in for ever, and what comes out then.
    fn steady(&self) -> ([f64; 2], f64) {
        let out = self.b.iter().sum::<f64>() / (1.0 + self.a[0] + self.a[1]);
        let second = self.b[2] - self.a[1] * out;
        ([self.b[1] - self.a[0] * out + second, second], out)
    }
}

/// Filters `x` forwards and backwards with second-order sections: no delay, gain `|H|²`, the length of `x`.
///
/// Edges are extended by point reflection for as long as the filter rings (until its impulse response falls below a
/// thousandth) or the signal reaches, as MNE-Python does; both runs start in the steady state of their first sample (Gustafsson 1996,
/// 10.1109/78.492552, discusses the choice).
///
/// # Errors
/// [`Error::TooShort`] when `x` is empty, [`Error::Invalid`] for no section or one that is not stable.
///
/// ```
/// use dosewave_numerics::filter::{ButterworthDesign, sos_zero_phase};
/// let design = ButterworthDesign { order: 4, high_pass_hz: None, low_pass_hz: Some(30.0) };
/// let constant = ndarray::Array1::from_elem(100, 3.0);
/// let y = sos_zero_phase(constant.view(), &design.sections(250.0).unwrap()).unwrap();
/// assert!((y[50] - 3.0).abs() < 1e-9);
/// ```
pub fn sos_zero_phase(x: ArrayView1<'_, f64>, sections: &[Section]) -> Result<Array1<f64>> {
    if x.is_empty() {
        return Err(Error::TooShort { what: "samples to filter", got: 0, need: 1 });
    }
    check(sections)?;
    let edge = ringing(sections).min(x.len() - 1);
    let mut padded = reflect_limited(x, edge, edge);
    run(&mut padded, sections);
    padded.reverse();
    run(&mut padded, sections);
    padded.reverse();
    Ok(Array1::from_vec(padded.split_off(edge)).slice_move(ndarray::s![..x.len()]))
}

fn check(sections: &[Section]) -> Result<()> {
    let problem = match sections.iter().find(|section| !section.is_stable()) {
        _ if sections.is_empty() => "no section".to_owned(),
        Some(section) => format!("a section with a = {:?}", section.a),
        None => return Ok(()),
    };
    Err(Error::Invalid {
        parameter: "sections",
        value: problem,
        allowed: "one or more, with poles inside the unit circle".into(),
    })
}

/// How long a filter rings, samples: the last of its impulse response above a thousandth of the largest.
///
/// ```
/// use dosewave_numerics::filter::{Section, ringing};
/// let halving = Section { b: [1.0, 0.0, 0.0], a: [-0.5, 0.0] };
/// assert_eq!(ringing(&[halving]), 9); // 2⁻⁹ is above 1/1000, 2⁻¹⁰ is not
/// ```
#[must_use]
pub fn ringing(sections: &[Section]) -> usize {
    let mut states = vec![[0.0; 2]; sections.len()];
    let (mut largest, mut last) = (0.0_f64, 0);
    let mut quiet = 0;
    for t in 0..LONGEST_RINGING {
        let h = step(if t == 0 { 1.0 } else { 0.0 }, sections, &mut states).abs();
        largest = largest.max(h);
        if h > RINGING * largest {
            (last, quiet) = (t, 0);
        } else {
            quiet += 1;
        }
        // oscillations cross zero: a long silence is needed
        if quiet > 1000 + last {
            break;
        }
    }
    last
}

/// One sample through all sections (direct form II, transposed).
fn step(x: f64, sections: &[Section], states: &mut [[f64; 2]]) -> f64 {
    let mut value = x;
    for (section, state) in sections.iter().zip(states) {
        let out = section.b[0] * value + state[0];
        state[0] = section.b[1] * value - section.a[0] * out + state[1];
        state[1] = section.b[2] * value - section.a[1] * out;
        value = out;
    }
    value
}

/// Filters in place, from the steady state of the first sample.
fn run(x: &mut [f64], sections: &[Section]) {
    let mut level = x.first().copied().unwrap_or(0.0);
    for section in sections {
        let (steady, gain) = section.steady();
        let mut state = steady.map(|s| s * level);
        level *= gain;
        let ([b0, b1, b2], [a1, a2]) = (section.b, section.a);
        for value in x.iter_mut() {
            let out = b0 * *value + state[0];
            state = [b1 * *value - a1 * out + state[1], b2 * *value - a2 * out];
            *value = out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ButterworthDesign;
    use super::*;

    fn sections() -> Vec<Section> {
        ButterworthDesign { order: 3, high_pass_hz: Some(2.0), low_pass_hz: Some(30.0) }
            .sections(200.0)
            .unwrap()
    }

    #[test]
    fn a_sine_keeps_its_phase_and_gets_the_squared_gain() {
        for freq in [1.0, 2.0, 10.0, 30.0, 60.0] {
            let angle = |t: f64| 2.0 * PI * freq * t / 200.0;
            let gain: f64 = sections().iter().map(|s| s.response(freq, 200.0).norm_sqr()).product();
            let x = Array1::from_iter((0..4000).map(|t| angle(f64::from(t)).sin()));
            let y = sos_zero_phase(x.view(), &sections()).unwrap();
            for t in 1500..2500 {
                assert!((y[t] - gain * x[t]).abs() < 1e-6, "{freq} Hz at {t}");
            }
        }
    }

    #[test]
    fn reversal_and_scale_commute_with_it() {
        let x = Array1::from_iter((0..700).map(|t| ((t * t) % 91) as f64 - 3.0));
        let y = sos_zero_phase(x.view(), &sections()).unwrap();
        let backwards = sos_zero_phase(x.slice(ndarray::s![..;-1]), &sections()).unwrap();
        let twice = sos_zero_phase((&x * 2.0).view(), &sections()).unwrap();
        for t in 0..700 {
            assert!((twice[t] - 2.0 * y[t]).abs() < 1e-9);
        }
        // forwards-backwards and backwards-forwards differ only through the edges
        for t in 300..400 {
            assert!((backwards[699 - t] - y[t]).abs() < 1e-2, "{t}: {} {}", backwards[699 - t], y[t]);
        }
    }

    #[test]
    fn sections_that_cannot_be_run_are_refused() {
        let x = Array1::zeros(10);
        assert!(sos_zero_phase(x.view(), &[]).is_err());
        let unstable = Section { b: [1.0, 0.0, 0.0], a: [-2.1, 1.2] };
        assert!(sos_zero_phase(x.view(), &[unstable]).unwrap_err().to_string().contains("-2.1"));
        assert!(sos_zero_phase(Array1::zeros(0).view(), &sections()).is_err());
        assert_eq!(sos_zero_phase(Array1::ones(1).view(), &sections()).unwrap().len(), 1);
    }
}
