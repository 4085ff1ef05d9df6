//! Measures over the samples of one epoch.

use super::kernel::{Crosses, Kinds, TILE, add_crosses, cross_spectra, tile_at};
use super::measure::{Sum, Sums};
use super::{Measure, SplitEpoch};
use crate::lanes::{Lanes, WIDTH};
use crate::{Error, Result};
use ndarray::{Array2, Array3};
use num_complex::Complex64;
use pulp::Simd;
use std::f64::consts::TAU;

/// Smooths cross-spectra over time and frequency before anything else is made of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectralSmoothing {
    times: Vec<f64>,
    freqs: Vec<f64>,
}

impl SpectralSmoothing {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self { times: vec![1.0], freqs: vec![1.0] }
    }

    /// Weights that are all the same, over some samples and some frequencies.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a length of 0.
    pub fn square(n_times: usize, n_freqs: usize) -> Result<Self> {
        let flat = |n: usize| vec![1.0; n];
        Self::normalised(flat(n_times), flat(n_freqs))
    }

    /// The weights of a symmetric Hann window, zeros at its ends included, as mne-connectivity has them.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a length of 0, and for one of 2: such a window holds nothing but zeros.
    ///
    /// ```
    /// use dosewave_numerics::phase::SpectralSmoothing;
    /// assert!(SpectralSmoothing::hanning(5, 1).is_ok() && SpectralSmoothing::hanning(2, 1).is_err());
    /// ```
    pub fn hanning(n_times: usize, n_freqs: usize) -> Result<Self> {
        let hann = |n: usize| match n {
            1 => vec![1.0],
            _ => (0..n).map(|k| 0.5 - 0.5 * (TAU * k as f64 / (n as f64 - 1.0)).cos()).collect(),
        };
        if n_times == 2 || n_freqs == 2 {
            let (value, allowed) = ("2 points".into(), "1, or 3 and more, of a Hann window".into());
            return Err(Error::Invalid { parameter: "smoothing", value, allowed });
        }
        Self::normalised(hann(n_times), hann(n_freqs))
    }

    fn normalised(mut times: Vec<f64>, mut freqs: Vec<f64>) -> Result<Self> {
        for weights in [&mut times, &mut freqs] {
            let total: f64 = weights.iter().sum();
            if weights.is_empty() {
                let (value, allowed) = ("0 points".into(), "1 or more".into());
                return Err(Error::Invalid { parameter: "smoothing", value, allowed });
            }
            weights.iter_mut().for_each(|w| *w /= total);
        }
        Ok(Self { times, freqs })
    }

    /// Over how many frequencies it reaches.
    #[must_use]
    pub fn n_freqs(&self) -> usize {
        self.freqs.len()
    }

    fn is_none(&self) -> bool {
        self.times.len() == 1 && self.freqs.len() == 1
    }

    /// Smooths `[freq][time]`, the middle part of the convolution with zeros beyond the ends.
    fn apply(&self, rows: &mut [Vec<f64>]) {
        let n_freqs = rows.len();
        let over_time: Vec<Vec<f64>> = rows.iter().map(|row| same(row, &self.times)).collect();
        let shift = (self.freqs.len() - 1) / 2;
        for (f, row) in rows.iter_mut().enumerate() {
            row.fill(0.0);
            for (k, w) in self.freqs.iter().enumerate() {
                let Some(from) = (f + shift).checked_sub(k).filter(|from| *from < n_freqs) else { continue };
                row.iter_mut().zip(&over_time[from]).for_each(|(out, value)| *out += w * value);
            }
        }
    }
}

/// The convolution's middle part, as long as `x`.
fn same(x: &[f64], weights: &[f64]) -> Vec<f64> {
    let shift = (weights.len() - 1) / 2;
    let mut out = vec![0.0; x.len()];
    for (k, w) in weights.iter().enumerate() {
        // out[t] += w·x[t + shift − k]
        let (skip_out, skip_in) = (k.saturating_sub(shift), shift.saturating_sub(k));
        let from = x.iter().skip(skip_in);
        out.iter_mut().skip(skip_out).zip(from).for_each(|(out, value)| *out += w * value);
    }
    out
}

/// Measures over the samples of one epoch, and coherency where `with_coherency`: `[measure, pair, freq]` and
/// `[pair, freq]`, NaN where undefined.
///
/// `freqs` holds one frequency after the other, and in each, in place of frequencies, the samples in time of every channel
/// and taper. With `S(t)` the cross-spectrum at a sample (tapers summed, then smoothed), a measure is what
/// [`super::PairSums`] makes of epochs, with samples for epochs: mne-connectivity's `spectral_connectivity_time`. Samples
/// that are neighbours hold nearly the same: their number is no number of observations, so that biased measures of one
/// epoch are large without any coupling, and debiased ones are not unbiased.
///
/// # Errors
/// [`Error::Shape`] when frequencies differ in channels or samples, [`Error::Invalid`] for a pair that is not there.
///
/// ```
/// use dosewave_numerics::phase::{Measure, SpectralSmoothing, SplitEpoch, measures_over_time};
/// use num_complex::Complex64;
/// // a tone, and the same a quarter of a turn later
/// let tone = |lag: f64| ndarray::Array1::from_shape_fn(100, |t| Complex64::cis(0.3 * t as f64 - lag));
/// let rows = ndarray::stack![ndarray::Axis(0), tone(0.0), tone(1.57)];
/// let split = SplitEpoch::new(rows.insert_axis(ndarray::Axis(1)).view(), &[1.0]).unwrap();
/// let none = SpectralSmoothing::none();
/// let (values, _) = measures_over_time(&[split], &[(0, 1)], &none, &[Measure::Plv, Measure::Dpli], false).unwrap();
/// assert!((values[[0, 0, 0]] - 1.0).abs() < 1e-12 && values[[1, 0, 0]] == 1.0);
/// ```
pub fn measures_over_time(
    freqs: &[SplitEpoch],
    pairs: &[(usize, usize)],
    smoothing: &SpectralSmoothing,
    measures: &[Measure],
    with_coherency: bool,
) -> Result<(Array3<f64>, Option<Array2<Complex64>>)> {
    let (n_channels, n_times) = freqs.first().map_or((0, 0), |one| (one.n_channels, one.n_freqs));
    if let Some(other) = freqs.iter().find(|one| (one.n_channels, one.n_freqs) != (n_channels, n_times)) {
        let (expected, got) = (n_channels * n_times, other.n_channels * other.n_freqs);
        return Err(Error::Shape { what: "channels × samples of a frequency", expected, got });
    }
    if let Some((a, b)) = pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
        let (value, allowed) = (format!("({a}, {b})"), format!("channel indices below {n_channels}"));
        return Err(Error::Invalid { parameter: "pairs", value, allowed });
    }
    let mut values = Array3::from_elem((measures.len(), pairs.len(), freqs.len()), f64::NAN);
    let mut coherency = with_coherency.then(|| Array2::zeros((pairs.len(), freqs.len())));
    let power = autos(freqs, smoothing);
    let needed = |sum: &Sum| {
        let coh = with_coherency && Measure::Coh.needs().contains(sum);
        coh || measures.iter().any(|measure| measure.needs().contains(sum))
    };
    let kinds = Sum::PAIR.map(|sum| vec![Lanes::ZERO; if needed(&sum) { freqs.len() * TILE } else { 0 }]);
    for first in (0..pairs.len()).step_by(TILE) {
        let tile = tile_at(pairs, first);
        let sums = pulp::Arch::new().dispatch(OverTime { freqs, tile, smoothing, kinds: kinds.clone() });
        for (k, pair) in (first..pairs.len().min(first + TILE)).enumerate() {
            for f in 0..freqs.len() {
                let of = of_pair(&sums, f * TILE + k, n_times, tile[k], &power[f]);
                for (m, measure) in measures.iter().enumerate() {
                    values[[m, pair, f]] = measure.of(&of);
                }
                if let Some(coherency) = &mut coherency {
                    coherency[[pair, f]] = of.coherency();
                }
            }
        }
    }
    Ok((values, coherency))
}

/// The eight strands of each sum together.
fn of_pair(kinds: &Kinds, at: usize, n_times: usize, (x, y): (usize, usize), power: &[f64]) -> Sums {
    let [re, im, unit_re, unit_im, sign_im, abs_im, im_squared] =
        kinds.each_ref().map(|kind| kind.get(at).map_or(0.0, |lanes| lanes.0.iter().sum()));
    let (auto_x, auto_y) = (power[x], power[y]);
    Sums { n: n_times as f64, re, im, unit_re, unit_im, sign_im, abs_im, im_squared, auto_x, auto_y }
}

/// Smoothed power of each channel summed over time, `[freq][channel]`.
fn autos(freqs: &[SplitEpoch], smoothing: &SpectralSmoothing) -> Vec<Vec<f64>> {
    let n_channels = freqs.first().map_or(0, |one| one.n_channels);
    let mut sums = vec![vec![0.0; n_channels]; freqs.len()];
    for channel in 0..n_channels {
        let power = |one: &SplitEpoch| {
            let of = |block| {
                let row = one.rows(block).of(channel).as_flattened();
                (0..WIDTH).map(|k| row.iter().map(|lanes| lanes.0[k] * lanes.0[k]).sum::<f64>())
            };
            (0..Lanes::blocks(one.n_freqs)).flat_map(of).take(one.n_freqs).collect()
        };
        let mut rows: Vec<Vec<f64>> = freqs.iter().map(power).collect();
        if !smoothing.is_none() {
            smoothing.apply(&mut rows);
        }
        for (sums, row) in sums.iter_mut().zip(&rows) {
            sums[channel] = row.iter().sum();
        }
    }
    sums
}

/// Sums over time of four pairs at all frequencies, `[kind][freq × pair]`.
struct OverTime<'a> {
    freqs: &'a [SplitEpoch],
    tile: [(usize, usize); TILE],
    smoothing: &'a SpectralSmoothing,
    kinds: Kinds,
}

impl pulp::WithSimd for OverTime<'_> {
    type Output = Kinds;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Kinds {
        let Self { freqs, tile, smoothing, mut kinds } = self;
        let real = [Sum::Re, Sum::UnitRe].iter().any(|sum| !kinds[*sum as usize].is_empty());
        let real = real || !smoothing.is_none();
        let n_times = freqs.first().map_or(0, |one| one.n_freqs);
        let zero: Crosses = [[Lanes::ZERO; 2]; TILE];
        let mut crosses: Vec<Vec<Crosses>> = vec![vec![zero; Lanes::blocks(n_times)]; freqs.len()];
        for (one, crosses) in freqs.iter().zip(&mut crosses) {
            for (block, crosses) in crosses.iter_mut().enumerate() {
                let rows = one.rows(block);
                if real {
                    cross_spectra::<S, true>(simd, (rows, rows), &tile, crosses);
                } else {
                    cross_spectra::<S, false>(simd, (rows, rows), &tile, crosses);
                }
            }
        }
        if !smoothing.is_none() {
            smooth(&mut crosses, n_times, smoothing);
        }
        for (f, crosses) in crosses.iter().enumerate() {
            add_crosses(simd, &crosses[..], None, f * TILE, &mut kinds);
        }
        kinds
    }
}

fn smooth(crosses: &mut [Vec<Crosses>], n_times: usize, smoothing: &SpectralSmoothing) {
    for pair in 0..TILE {
        for part in 0..2 {
            let row = |blocks: &Vec<Crosses>| -> Vec<f64> {
                blocks.iter().flat_map(|block| block[pair][part].0).take(n_times).collect()
            };
            let mut rows: Vec<Vec<f64>> = crosses.iter().map(row).collect();
            smoothing.apply(&mut rows);
            for (blocks, row) in crosses.iter_mut().zip(&rows) {
                for (block, values) in blocks.iter_mut().zip(row.chunks(WIDTH)) {
                    block[pair][part].0[..values.len()].copy_from_slice(values);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::PairSums;
    use crate::stats::Stream;
    use ndarray::{Array3, Axis};

    const PAIRS: [(usize, usize); 5] = [(1, 0), (2, 0), (2, 1), (0, 2), (1, 2)];

    /// `[freq][channel, taper, time]`.
    fn random(n_times: usize) -> Vec<Array3<Complex64>> {
        let mut stream = Stream::new(13, 0);
        let mut z = move || Complex64::new(stream.normal(), stream.normal());
        (0..3).map(|_| Array3::from_shape_simple_fn((3, 2, n_times), &mut z)).collect()
    }

    fn split(coefs: &[Array3<Complex64>]) -> Vec<SplitEpoch> {
        coefs.iter().map(|one| SplitEpoch::new(one.view(), &[1.0, 0.7]).unwrap()).collect()
    }

    /// Without smoothing, samples are what epochs are to pair sums.
    #[test]
    fn samples_are_as_epochs() {
        let coefs = random(29);
        let none = SpectralSmoothing::none();
        let (values, coherency) =
            measures_over_time(&split(&coefs), &PAIRS, &none, &Measure::ALL, true).unwrap();
        for (f, one) in coefs.iter().enumerate() {
            let mut sums = PairSums::new(3, &PAIRS, 1).unwrap();
            for t in 0..29 {
                let sample = one.index_axis(Axis(2), t).insert_axis(Axis(2)).to_owned();
                sums.add_epoch(sample.view(), &[1.0, 0.7]).unwrap();
            }
            for pair in 0..PAIRS.len() {
                for (m, measure) in Measure::ALL.into_iter().enumerate() {
                    let gap = values[[m, pair, f]] - sums.measure(measure)[[pair, 0]];
                    assert!(gap.abs() < 1e-12, "{measure:?}: {gap}");
                }
                let gap = coherency.as_ref().unwrap()[[pair, f]] - sums.coherency()[[pair, 0]];
                assert!(gap.norm() < 1e-12);
            }
        }
    }

    /// Coherency of cross-spectra that were smoothed point by point.
    #[test]
    fn smoothing_is_the_middle_of_the_convolution() {
        let coefs = random(20);
        for (n_times, n_freqs) in [(5, 1), (4, 3), (1, 3), (7, 2)] {
            let smoothing = SpectralSmoothing::square(n_times, n_freqs).unwrap();
            let (_, coherency) = measures_over_time(&split(&coefs), &PAIRS, &smoothing, &[], true).unwrap();
            let cross = |x: usize, y: usize, f: usize, t: usize| -> Complex64 {
                [1.0_f64, 0.49]
                    .iter()
                    .enumerate()
                    .map(|(k, w)| coefs[f][[x, k, t]] * coefs[f][[y, k, t]].conj() * *w)
                    .sum()
            };
            let smooth = |x: usize, y: usize, f: usize| -> Complex64 {
                let mut sum = Complex64::ZERO;
                for t in 0..20_usize {
                    for (j, k) in (0..n_freqs).flat_map(|j| (0..n_times).map(move |k| (j, k))) {
                        let from_f = (f + (n_freqs - 1) / 2).checked_sub(j).filter(|f| *f < 3);
                        let from_t = (t + (n_times - 1) / 2).checked_sub(k).filter(|t| *t < 20);
                        if let (Some(f), Some(t)) = (from_f, from_t) {
                            sum += cross(x, y, f, t);
                        }
                    }
                }
                sum
            };
            for (pair, (x, y)) in PAIRS.into_iter().enumerate() {
                for f in 0..3 {
                    let expected = smooth(x, y, f) / (smooth(x, x, f).re * smooth(y, y, f).re).sqrt();
                    let got = coherency.as_ref().unwrap()[[pair, f]];
                    assert!((got - expected).norm() < 1e-12, "{n_times} × {n_freqs}: {got} {expected}");
                }
            }
        }
    }

    #[test]
    fn windows_of_nothing_are_refused() {
        assert!(SpectralSmoothing::square(0, 1).is_err() && SpectralSmoothing::hanning(1, 2).is_err());
        let hann = SpectralSmoothing::hanning(5, 1).unwrap();
        assert!(hann.times.iter().zip([0.0, 0.25, 0.5, 0.25, 0.0]).all(|(a, b)| (a - b).abs() < 1e-15));
        let splits = split(&random(4));
        let none = SpectralSmoothing::none();
        assert!(measures_over_time(&splits, &[(3, 0)], &none, &[Measure::Plv], false).is_err());
    }
}
