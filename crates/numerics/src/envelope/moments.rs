//! Sums over time that a correlation of envelopes is a function of.

use super::kernel::{PairSums, pair_sums};
use super::{EnvelopeScale, Envelopes, PairwiseOrthogonalization};
use crate::{Error, Result};
use ndarray::Array1;

/// An orthogonalised amplitude below this share of the signal's own is rounding: the two channels are one signal, and
/// nothing is left to correlate.
const NOTHING_LEFT: f64 = 1e-9;
/// A variance below this share of the mean square is rounding: the envelope does not vary.
const CONSTANT: f64 = 1e-13;

/// Sums over time of the envelopes of pairs of channels: everything that their correlation takes. Sums of stretches that were
/// centred alike add up to those of the whole ([`Centring::Zero`](super::Centring::Zero)).
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeMoments {
    scale: EnvelopeScale,
    orthogonalize: PairwiseOrthogonalization,
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) n_times: usize,
    centres: Vec<f64>,
    /// Σa, Σa² of each channel.
    pub(super) levels: Vec<[f64; 2]>,
    pub(super) crossed: Vec<PairSums>,
}

impl Envelopes {
    /// Sums over this stretch for `pairs` of channels.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a channel that is not there.
    ///
    /// ```
    /// use dosewave_numerics::envelope::{Centring, EnvelopeScale, Envelopes, PairwiseOrthogonalization};
    /// use num_complex::Complex64;
    /// // one modulation, two carriers of 10 and 13 Hz
    /// let turn = |hz: f64, t: usize| std::f64::consts::TAU * hz * t as f64 / 200.0;
    /// let z = ndarray::Array2::from_shape_fn((2, 2000), |(c, t)| {
    ///     Complex64::from_polar(2.0 + turn(0.5, t).cos(), turn([10.0, 13.0][c], t))
    /// });
    /// let envelopes = Envelopes::new(z.view(), EnvelopeScale::Amplitude, Centring::Mean).unwrap();
    /// let plain = envelopes.moments(&[(1, 0)], PairwiseOrthogonalization::None).unwrap();
    /// assert!((plain.correlation(true)[0] - 1.0).abs() < 1e-12);
    /// let orthogonal = envelopes.moments(&[(1, 0)], PairwiseOrthogonalization::Pairwise).unwrap();
    /// assert!((0.5..0.9).contains(&orthogonal.correlation(true)[0]));
    /// ```
    pub fn moments(
        &self,
        pairs: &[(usize, usize)],
        orthogonalize: PairwiseOrthogonalization,
    ) -> Result<EnvelopeMoments> {
        check_pairs(pairs, self.n_channels())?;
        let levels = self.sums.clone();
        Ok(EnvelopeMoments {
            scale: self.scale(),
            orthogonalize,
            pairs: pairs.to_vec(),
            n_times: self.n_times(),
            centres: self.centres.clone(),
            crossed: pair_sums(self, pairs, orthogonalize, &levels),
            levels,
        })
    }
}

fn check_pairs(pairs: &[(usize, usize)], n_channels: usize) -> Result<()> {
    match pairs.iter().find(|(x, y)| *x >= n_channels || *y >= n_channels) {
        None => Ok(()),
        Some((x, y)) => Err(Error::Invalid {
            parameter: "pairs",
            value: format!("({x}, {y})"),
            allowed: format!("channel indices below {n_channels}"),
        }),
    }
}

impl EnvelopeMoments {
    /// Sums of no sample around zero, to add others to.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a channel that is not there.
    pub fn empty(
        n_channels: usize,
        pairs: &[(usize, usize)],
        scale: EnvelopeScale,
        orthogonalize: PairwiseOrthogonalization,
    ) -> Result<Self> {
        check_pairs(pairs, n_channels)?;
        Ok(Self {
            scale,
            orthogonalize,
            pairs: pairs.to_vec(),
            n_times: 0,
            centres: vec![0.0; n_channels],
            levels: vec![[0.0; 2]; n_channels],
            crossed: vec![[0.0; 6]; pairs.len()],
        })
    }

    /// The pairs of channels.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// Number of samples in the sums.
    #[must_use]
    pub fn n_times(&self) -> usize {
        self.n_times
    }

    /// Adds the sums of another stretch of the same pairs.
    ///
    /// # Errors
    /// [`Error::Shape`] when pairs, channels, scale or centres differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let alike = self.pairs == other.pairs
            && self.centres == other.centres
            && (self.scale, self.orthogonalize) == (other.scale, other.orthogonalize);
        if !alike {
            return Err(Error::Shape {
                what: "pairs of envelopes to merge, centred alike",
                expected: self.pairs.len(),
                got: other.pairs.len(),
            });
        }
        self.n_times += other.n_times;
        let mine = self.levels.iter_mut().flatten().chain(self.crossed.iter_mut().flatten());
        let theirs = other.levels.iter().flatten().chain(other.crossed.iter().flatten());
        mine.zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        Ok(())
    }

    /// The correlation of each pair: the mean of that of `|x|` with `y` at right angles to `x`, and of `|y|` with `x` at right
    /// angles to `y` (of their moduli where `absolute`); without orthogonalisation that of the two envelopes.
    ///
    /// NaN where it is not defined, a missing value with a reason one floor up: an envelope that does not vary, a logarithm of
    /// an amplitude that is zero at a sample, or channels that are one signal up to rounding, of which orthogonalisation leaves
    /// nothing.
    #[must_use]
    pub fn correlation(&self, absolute: bool) -> Array1<f64> {
        let of = |pair: usize| {
            let (x, y) = self.pairs[pair];
            self.formula(x, y).correlation(
                self.n_times as f64,
                self.levels[x],
                self.levels[y],
                self.crossed[pair],
                absolute,
            )
        };
        (0..self.pairs.len()).map(of).collect()
    }

    /// What a pair's correlation depends on beside its sums.
    pub(super) fn formula(&self, x: usize, y: usize) -> Formula {
        let centre = |channel: usize| self.centres.get(channel).copied().unwrap_or(0.0);
        Formula { scale: self.scale, orthogonalize: self.orthogonalize, centres: [centre(x), centre(y)] }
    }
}

/// From sums to a correlation.
#[derive(Clone, Copy)]
pub(super) struct Formula {
    scale: EnvelopeScale,
    orthogonalize: PairwiseOrthogonalization,
    /// Of the envelopes of `x` and `y`.
    centres: [f64; 2],
}

impl Formula {
    pub(super) fn correlation(
        &self,
        n: f64,
        x: [f64; 2],
        y: [f64; 2],
        pair: PairSums,
        absolute: bool,
    ) -> f64 {
        let [u, uu, ua, v, vv, vb] = pair;
        let [centre_x, centre_y] = self.centres;
        let (x, y) = (Spread::new(n, x, centre_x), Spread::new(n, y, centre_y));
        let factor = match self.orthogonalize {
            PairwiseOrthogonalization::None => 1.0,
            PairwiseOrthogonalization::Pairwise => self.scale.mean_factor(),
        };
        let orthogonal_y = Spread::new(n, [u, uu], factor * centre_y);
        let orthogonal_x = Spread::new(n, [v, vv], factor * centre_x);
        let signal_left = self.is_left(&orthogonal_y, &y) && self.is_left(&orthogonal_x, &x);
        if !signal_left && self.orthogonalize == PairwiseOrthogonalization::Pairwise {
            return f64::NAN;
        }
        let with_x = x.correlation(&orthogonal_y, n, ua);
        let with_y = y.correlation(&orthogonal_x, n, vb);
        if absolute { f64::midpoint(with_x.abs(), with_y.abs()) } else { f64::midpoint(with_x, with_y) }
    }

    /// Whether more than rounding is left of a signal.
    fn is_left(&self, orthogonal: &Spread, whole: &Spread) -> bool {
        let (left, all) = (orthogonal.raw_mean, whole.raw_mean);
        match self.scale {
            EnvelopeScale::Amplitude => left > NOTHING_LEFT * all,
            EnvelopeScale::Power => left > NOTHING_LEFT * NOTHING_LEFT * all,
            EnvelopeScale::LogPower => left > all + 2.0 * NOTHING_LEFT.ln(),
        }
    }
}

/// Mean and variance of what was summed around a centre.
struct Spread {
    /// Σ around the centre.
    sum: f64,
    raw_mean: f64,
    /// n × the variance; NaN where it is no more than rounding.
    scatter: f64,
}

impl Spread {
    fn new(n: f64, [sum, squares]: [f64; 2], centre: f64) -> Self {
        let scatter = squares - sum * sum / n;
        let mean_square = (squares + 2.0 * centre * sum) / n + centre * centre;
        let varies = scatter > n * CONSTANT * mean_square.max(CONSTANT);
        Self { sum, raw_mean: sum / n + centre, scatter: if varies { scatter } else { f64::NAN } }
    }

    fn correlation(&self, other: &Self, n: f64, products: f64) -> f64 {
        (products - self.sum * other.sum / n) / (self.scatter * other.scatter).sqrt()
    }
}
