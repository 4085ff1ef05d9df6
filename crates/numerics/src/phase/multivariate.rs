//! Interaction of two groups of channels, blind to mixing at zero lag.

use crate::decompose::dense::{eigen_descending, largest_entry};
use crate::{Error, Result};
use faer::Mat;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use num_complex::Complex64;

/// Smallest eigenvalue of the real part of a cross-spectrum, as a share of the largest, of channels that do not depend on
/// each other.
const RANK_TOLERANCE: f64 = 1e-10;

/// Multivariate interaction of two groups of channels at one frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Multivariate {
    /// Maximised imaginary coherency: the largest that any two weighted sums, one of each group, have; 0 to 1. Its sign is
    /// that of the weights and says nothing, so it is positive.
    pub mic: f64,
    /// Multivariate interaction measure: the sum of the squared imaginary coherencies over all independent pairs of such sums;
    /// from 0 to the smaller rank (half of it for a group with itself, the global interaction measure).
    pub mim: f64,
    /// Where the sums that reach `mic` come from: the pattern over the first group, its largest entry positive.
    pub pattern_seeds: Array1<f64>,
    /// The pattern over the second group, with the sign for which `mic` is positive.
    pub pattern_targets: Array1<f64>,
}

/// Rank of the real part of a cross-spectrum (Hermitian), relative to its largest eigenvalue (1e-10).
///
/// # Errors
/// [`Error::NotConverged`] where the eigenvalues cannot be found.
pub fn cross_spectral_rank(cross: ArrayView2<'_, Complex64>) -> Result<usize> {
    let (values, _) = eigen_descending(&cross.mapv(|z| z.re))?;
    Ok(rank_of(values.view()))
}

/// How many eigenvalues, the largest first, are not 0 beside it.
fn rank_of(values: ArrayView1<'_, f64>) -> usize {
    let largest = values.first().copied().unwrap_or(0.0);
    values.iter().filter(|v| **v > RANK_TOLERANCE * largest).count()
}

/// Interaction of the first `n_seeds` channels with the others, from the cross-spectrum `[channel, channel]` over all of them
/// (Ewald et al. 2012, 10.1016/j.neuroimage.2011.11.084).
///
/// With `A`, `B` the real parts of the two blocks on the diagonal, `E = A^(−1/2) · Im C_ab · B^(−1/2)`; `mic` is the largest
/// singular value of `E`, `mim` the sum of their squares. Where `ranks` are lower than the numbers of channels, each group is
/// first projected on as many principal axes of its real cross-spectrum (equations 32 and 33).
///
/// `same` says that both groups are the same channels, where every pair counts twice and `mim` is halved.
///
/// # Errors
/// [`Error::Invalid`] for a rank of zero, above the number of channels, or above what the cross-spectrum has;
/// [`Error::Shape`] for a matrix that is not square or holds no target.
///
/// ```
/// use dosewave_numerics::phase::multivariate_interaction;
/// use num_complex::Complex64;
/// // two channels with an imaginary coherency of 0.4: nothing to maximise
/// let c = |re, im| Complex64::new(re, im);
/// let cross = ndarray::array![[c(1.0, 0.0), c(0.3, 0.4)], [c(0.3, -0.4), c(1.0, 0.0)]];
/// let found = multivariate_interaction(cross.view(), 1, (1, 1), false).unwrap();
/// assert!((found.mic - 0.4).abs() < 1e-12 && (found.mim - 0.16).abs() < 1e-12);
/// ```
pub fn multivariate_interaction(
    cross: ArrayView2<'_, Complex64>,
    n_seeds: usize,
    ranks: (usize, usize),
    same: bool,
) -> Result<Multivariate> {
    let (n, columns) = cross.dim();
    if n != columns || n_seeds == 0 || n_seeds >= n {
        return Err(Error::Shape {
            what: "channels of a square cross-spectrum, seeds and targets",
            expected: n,
            got: columns,
        });
    }
    let seeds = Group::new(cross.slice(s![..n_seeds, ..n_seeds]), ranks.0, "rank of the seeds")?;
    let targets = Group::new(cross.slice(s![n_seeds.., n_seeds..]), ranks.1, "rank of the targets")?;
    let imaginary = cross.slice(s![..n_seeds, n_seeds..]).mapv(|z| z.im);
    let e = seeds.whitened(&imaginary, &targets);
    let failed = |_| NO_SINGULAR_VALUES;
    let svd = Mat::from_fn(e.nrows(), e.ncols(), |i, j| e[[i, j]]).thin_svd().map_err(failed)?;
    let (alpha, beta) = (svd.U().col(0), svd.V().col(0));
    let mut pattern_seeds = seeds.pattern(|k| alpha[k]);
    let mut pattern_targets = targets.pattern(|k| beta[k]);
    if largest_entry(pattern_seeds.view()) < 0.0 {
        pattern_seeds.mapv_inplace(|v| -v);
        pattern_targets.mapv_inplace(|v| -v);
    }
    let mim: f64 = e.iter().map(|v| v * v).sum();
    Ok(Multivariate {
        mic: svd.S().column_vector()[0],
        mim: if same { 0.5 * mim } else { mim },
        pattern_seeds,
        pattern_targets,
    })
}

const NO_SINGULAR_VALUES: Error =
    Error::NotConverged { what: "singular values of an interaction", iterations: 1 };

/// Which number [`group_interactions`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// [`Multivariate::mic`].
    Mic,
    /// [`Multivariate::mim`].
    Mim,
}

/// Interactions of pairs of groups of channels at one frequency: what [`multivariate_interaction`] says of each pair of
/// two different groups, every group whitened once. A group is projected on as many axes as its cross-spectrum has
/// ([`cross_spectral_rank`]).
///
/// `cross` is `[channel, channel]`, Hermitian; `groups` hold channels, `pairs` numbers of groups. NaN where a group is
/// silent.
///
/// # Errors
/// [`Error::Invalid`] for a channel or a group that is not there, [`Error::NotConverged`] where eigenvalues or singular
/// values cannot be found.
///
/// ```
/// use dosewave_numerics::phase::{Interaction, group_interactions};
/// use num_complex::Complex64;
/// let c = |re, im| Complex64::new(re, im);
/// let cross = ndarray::array![[c(1.0, 0.0), c(0.3, 0.4)], [c(0.3, -0.4), c(1.0, 0.0)]];
/// let mim = group_interactions(cross.view(), &[vec![0], vec![1]], &[(0, 1)], Interaction::Mim).unwrap();
/// assert!((mim[0] - 0.16).abs() < 1e-12);
/// ```
pub fn group_interactions(
    cross: ArrayView2<'_, Complex64>,
    groups: &[Vec<usize>],
    pairs: &[(usize, usize)],
    wanted: Interaction,
) -> Result<Vec<f64>> {
    let n_channels = cross.nrows().min(cross.ncols());
    let invalid = |parameter, value: usize, n: usize| Error::Invalid {
        parameter,
        value: value.to_string(),
        allowed: format!("below {n}"),
    };
    if let Some(channel) = groups.iter().flatten().find(|channel| **channel >= n_channels) {
        return Err(invalid("channels of groups", *channel, n_channels));
    }
    if let Some(group) = pairs.iter().flat_map(|(a, b)| [*a, *b]).find(|group| *group >= groups.len()) {
        return Err(invalid("pairs of groups", group, groups.len()));
    }
    let part = |rows: &[usize], columns: &[usize], of: fn(&Complex64) -> f64| -> Array2<f64> {
        Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| of(&cross[[rows[i], columns[j]]]))
    };
    let whole: Vec<Option<Group>> =
        groups.iter().map(|group| Group::whole(part(group, group, |z| z.re))).collect::<Result<_>>()?;
    let value = |&(a, b): &(usize, usize)| {
        let (Some(seeds), Some(targets)) = (&whole[a], &whole[b]) else { return Ok(f64::NAN) };
        let e = seeds.whitened(&part(&groups[a], &groups[b], |z| z.im), targets);
        match wanted {
            Interaction::Mim => Ok(e.iter().map(|v| v * v).sum()),
            Interaction::Mic => {
                let matrix = Mat::from_fn(e.nrows(), e.ncols(), |i, j| e[[i, j]]);
                let values = matrix.singular_values().map_err(|_| NO_SINGULAR_VALUES)?;
                Ok(values.first().copied().unwrap_or(f64::NAN))
            }
        }
    };
    pairs.iter().map(value).collect()
}

/// One of the two groups.
struct Group {
    real: Array2<f64>,
    /// Principal axes `[channel, rank]`, or the channels themselves.
    axes: Array2<f64>,
    /// `axes · (axesᵀ · real · axes)^(−1/2)`.
    whitening: Array2<f64>,
}

impl Group {
    fn new(cross: ArrayView2<'_, Complex64>, rank: usize, parameter: &'static str) -> Result<Self> {
        let n = cross.nrows();
        let invalid = |allowed: String| Error::Invalid { parameter, value: rank.to_string(), allowed };
        if rank == 0 || rank > n {
            return Err(invalid(format!("1 to {n}, the number of channels")));
        }
        let real = cross.mapv(|z| z.re);
        let (values, vectors) = eigen_descending(&real)?;
        let left = rank_of(values.view());
        if rank > left {
            return Err(invalid(format!("at most {left}, the rank of these channels together")));
        }
        Ok(Self::of_rank(real, rank, &values, &vectors))
    }

    /// With as many axes as it has; `None` of silent channels.
    fn whole(real: Array2<f64>) -> Result<Option<Self>> {
        let (values, vectors) = eigen_descending(&real)?;
        let rank = rank_of(values.view());
        Ok((rank > 0).then(|| Self::of_rank(real, rank, &values, &vectors)))
    }

    fn of_rank(real: Array2<f64>, rank: usize, values: &Array1<f64>, vectors: &Array2<f64>) -> Self {
        let n = real.nrows();
        let kept = vectors.slice(s![..rank, ..]).t().to_owned();
        let roots = values.slice(s![..rank]).mapv(|v| 1.0 / v.sqrt());
        // the axes diagonalise the matrix: its inverse root is the roots turned back
        if rank < n {
            let whitening = &kept * &roots;
            return Self { real, axes: kept, whitening };
        }
        let whitening = (&kept * &roots).dot(&kept.t());
        Self { real, axes: Array2::eye(n), whitening }
    }

    /// `E`: the imaginary part of the cross-spectrum with the targets, both whitened.
    fn whitened(&self, imaginary: &Array2<f64>, targets: &Self) -> Array2<f64> {
        self.whitening.t().dot(imaginary).dot(&targets.whitening)
    }

    /// Equations 46 and 47: `real · axes · weights`.
    fn pattern(&self, weight: impl Fn(usize) -> f64) -> Array1<f64> {
        let weights: Array1<f64> = (0..self.axes.ncols()).map(weight).collect();
        self.real.dot(&self.axes.dot(&weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    /// Summed cross-spectrum of `n` channels over epochs of `z(stream)`.
    fn cross(n: usize, seed: u64, z: impl Fn(&mut Stream) -> Vec<Complex64>) -> Array2<Complex64> {
        let mut stream = Stream::new(seed, 0);
        let mut sum = Array2::default((n, n));
        for _ in 0..200 {
            let z = z(&mut stream);
            for ((i, j), value) in sum.indexed_iter_mut() {
                *value += z[i] * z[j].conj();
            }
        }
        sum
    }

    fn gauss(stream: &mut Stream) -> Complex64 {
        Complex64::new(stream.normal(), stream.normal())
    }

    /// Two groups of three; one source of each is coupled at a lag of 60°, all are mixed within their group.
    fn coupled(seed: u64) -> Array2<Complex64> {
        cross(6, seed, |stream| {
            let mut s: Vec<Complex64> = (0..6).map(|_| gauss(stream)).collect();
            s[3] = s[0] * Complex64::from_polar(0.9, 1.0) + 0.3 * gauss(stream);
            let mix =
                |a: Complex64, b: Complex64, c: Complex64| [a + 0.5 * b, b - 0.4 * c + 0.2 * a, c + 0.3 * a];
            let (x, y) = (mix(s[0], s[1], s[2]), mix(s[4], s[3], s[5]));
            x.into_iter().chain(y).collect()
        })
    }

    /// Random weights never beat `mic`, and good ones come close: the largest over weights found by climbing.
    #[test]
    fn mic_is_the_largest_imaginary_coherency_of_weighted_sums() {
        let c = coupled(1);
        let found = multivariate_interaction(c.view(), 3, (3, 3), false).unwrap();
        let imcoh = |w: &[f64]| {
            let form = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| -> Complex64 {
                rows.flat_map(|i| columns.clone().map(move |j| (i, j)))
                    .map(|(i, j)| c[[i, j]] * w[i] * w[j])
                    .sum()
            };
            (form(0..3, 3..6).im / (form(0..3, 0..3).re * form(3..6, 3..6).re).sqrt()).abs()
        };
        let mut stream = Stream::new(2, 0);
        let mut best = 0.0_f64;
        for _ in 0..20 {
            let mut w: Vec<f64> = (0..6).map(|_| stream.normal()).collect();
            let mut step = 0.5;
            for _ in 0..3000 {
                let trial: Vec<f64> = w.iter().map(|v| v + step * stream.normal()).collect();
                if imcoh(&trial) > imcoh(&w) {
                    w = trial;
                } else {
                    step = (step * 0.995).max(1e-6);
                }
            }
            assert!(imcoh(&w) <= found.mic + 1e-12);
            best = best.max(imcoh(&w));
        }
        assert!(found.mic - best < 1e-5, "{} against {best}", found.mic);
        assert!(found.mic > 0.5 && found.mim >= found.mic * found.mic);
    }

    /// The interacting sources are the first of the first and the second of the second group.
    #[test]
    fn patterns_show_the_interacting_sources() {
        let found = multivariate_interaction(coupled(3).view(), 3, (3, 3), false).unwrap();
        let expected = [[1.0, 0.2, 0.3], [0.5, 1.0, 0.0]];
        for (pattern, expected) in [&found.pattern_seeds, &found.pattern_targets].into_iter().zip(expected) {
            let expected = Array1::from_iter(expected);
            let cosine = pattern.dot(&expected) / (pattern.dot(pattern) * expected.dot(&expected)).sqrt();
            assert!(cosine.abs() > 0.95, "{pattern}: {cosine}");
        }
    }

    #[test]
    fn turning_a_group_changes_nothing_and_zero_lag_is_nothing() {
        let c = coupled(4);
        let found = multivariate_interaction(c.view(), 3, (3, 3), false).unwrap();
        let mut stream = Stream::new(5, 0);
        let mut mix = Array2::<Complex64>::zeros((6, 6));
        for (i, j) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))).filter(|(i, j)| i / 3 == j / 3) {
            mix[[i, j]] = Complex64::from(stream.normal());
        }
        let mixed = mix.dot(&c).dot(&mix.t());
        let again = multivariate_interaction(mixed.view(), 3, (3, 3), false).unwrap();
        assert!((again.mic - found.mic).abs() < 1e-9 && (again.mim - found.mim).abs() < 1e-9);
        // every channel hears every source, at once
        let weight = |i: usize, k: usize| if i == k { 2.0 } else { 1.0 / (1 + i + 2 * k) as f64 };
        let mixture = cross(6, 6, |stream| {
            let s: Vec<f64> = (0..6).map(|_| stream.normal()).collect();
            (0..6).map(|i| Complex64::from((0..6).map(|k| weight(i, k) * s[k]).sum::<f64>())).collect()
        });
        let none = multivariate_interaction(mixture.view(), 3, (3, 3), false).unwrap();
        assert!(none.mic.abs() < 1e-10 && none.mim.abs() < 1e-10);
    }

    #[test]
    fn a_group_of_lower_rank_is_projected() {
        let c = coupled(7);
        // a third channel that is the sum of the other two
        let mut mix = Array2::<Complex64>::eye(6);
        mix.row_mut(2).assign(&ndarray::array![1.0, 1.0, 0.0, 0.0, 0.0, 0.0].mapv(Complex64::from));
        let deficient = mix.dot(&c).dot(&mix.t());
        assert_eq!(cross_spectral_rank(deficient.slice(s![..3, ..3])).unwrap(), 2);
        let error = multivariate_interaction(deficient.view(), 3, (3, 3), false).unwrap_err().to_string();
        assert_eq!(error, "rank of the seeds = 3; allowed: at most 2, the rank of these channels together");
        let projected = multivariate_interaction(deficient.view(), 3, (2, 3), false).unwrap();
        let order = [0, 1, 3, 4, 5];
        let two = c.select(ndarray::Axis(0), &order).select(ndarray::Axis(1), &order);
        let two = multivariate_interaction(two.view(), 2, (2, 3), false).unwrap();
        assert!((projected.mic - two.mic).abs() < 1e-9 && (projected.mim - two.mim).abs() < 1e-9);
        assert!(multivariate_interaction(c.view(), 3, (0, 3), false).is_err());
        assert!(multivariate_interaction(c.view(), 3, (4, 3), false).is_err());
        assert!(multivariate_interaction(c.view(), 6, (3, 3), false).is_err());
    }

    /// Groups together are as each pair alone, in any order of their channels; a silent group has no value.
    #[test]
    fn groups_together_are_as_each_pair_alone() {
        let mut c = coupled(9);
        let groups = [vec![0, 2], vec![4, 1], vec![3], vec![5]];
        let pairs = [(0, 1), (1, 0), (2, 0), (1, 2)];
        let both = |c: &Array2<Complex64>| {
            [Interaction::Mic, Interaction::Mim]
                .map(|wanted| group_interactions(c.view(), &groups, &pairs, wanted).unwrap())
        };
        let [mic, mim] = both(&c);
        for (k, (a, b)) in pairs.into_iter().enumerate() {
            let order = [&groups[a][..], &groups[b][..]].concat();
            let alone = c.select(ndarray::Axis(0), &order).select(ndarray::Axis(1), &order);
            let ranks = (groups[a].len(), groups[b].len());
            let alone = multivariate_interaction(alone.view(), ranks.0, ranks, false).unwrap();
            assert!((mic[k] - alone.mic).abs() < 1e-13 && (mim[k] - alone.mim).abs() < 1e-13);
        }
        c.row_mut(3).fill(Complex64::ZERO);
        c.column_mut(3).fill(Complex64::ZERO);
        let [mic, mim] = both(&c);
        assert!(mic[2].is_nan() && mim[3].is_nan() && mic[0].is_finite());
        let refused = |groups: &[Vec<usize>], pair| {
            group_interactions(c.view(), groups, &[pair], Interaction::Mic).is_err()
        };
        assert!(refused(&[vec![6], vec![1]], (0, 1)) && refused(&groups, (0, 4)));
    }

    /// A group with itself: half the sum over all ordered pairs, the global interaction measure.
    #[test]
    fn a_group_with_itself_counts_each_pair_once() {
        let c = coupled(8);
        let group = c.slice(s![..3, ..3]);
        let twice = ndarray::concatenate![
            ndarray::Axis(0),
            ndarray::concatenate![ndarray::Axis(1), group, group],
            ndarray::concatenate![ndarray::Axis(1), group, group]
        ];
        let whole = multivariate_interaction(twice.view(), 3, (3, 3), false).unwrap();
        let global = multivariate_interaction(twice.view(), 3, (3, 3), true).unwrap();
        assert!((2.0 * global.mim - whole.mim).abs() < 1e-14 && global.mic == whole.mic);
    }
}
