//! Measures over windows of epochs that slide.

use super::course::Course;
use super::kernel::{TILE, in_blocks};
use super::measure::Sum;
use super::slide::Slide;
use super::{Measure, SplitEpoch};
use crate::lanes::Lanes;
use crate::{Error, Result};
use ndarray::{Array4, Array5};

/// Windows of `length` epochs, each `step` epochs after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlidingWindows {
    /// Epochs of a window.
    pub length: usize,
    /// Epochs from the start of a window to that of the next.
    pub step: usize,
}

impl SlidingWindows {
    /// How many there are in `n_epochs`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a length or step of 0, [`Error::TooShort`] for fewer epochs than one window has.
    ///
    /// ```
    /// use dosewave_numerics::phase::SlidingWindows;
    /// assert_eq!(SlidingWindows { length: 10, step: 5 }.count(600).unwrap(), 119);
    /// ```
    pub fn count(self, n_epochs: usize) -> Result<usize> {
        for (parameter, value) in [("window length", self.length), ("window step", self.step)] {
            if value == 0 {
                let (value, allowed) = ("0 epochs".into(), "1 or more".into());
                return Err(Error::Invalid { parameter, value, allowed });
            }
        }
        if n_epochs < self.length {
            return Err(Error::TooShort { what: "epochs of a window", got: n_epochs, need: self.length });
        }
        Ok((n_epochs - self.length) / self.step + 1)
    }

    /// The largest number of epochs that every window is a whole number of, from its start on.
    pub(crate) fn block(self) -> usize {
        let (mut a, mut b) = (self.length, self.step);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    }
}

/// Measures over sliding windows of epochs, each averaged over the frequencies of each group (a band, or one bin):
/// `[measure, window, pair, group]`, NaN where a measure is undefined.
///
/// Every cross-spectrum is computed once, however many windows it lies in. Windows are whole numbers of blocks of epochs.
/// Cut into groups of as many blocks as a window has, each window is the end of one group and the start of the next (van
/// Herk 1992, 10.1016/0167-8655(92)90069-C), so it costs one addition per sum, whatever its length. Nothing is subtracted:
/// windows are as accurate as if each had been summed alone, and differ from that by the order of additions and by the last
/// digits of roots and divisions, which are made of multiplications.
///
/// # Errors
/// As [`SlidingWindows::count`]; [`Error::Shape`] when epochs differ in their shape, [`Error::Invalid`] for pairs or
/// frequencies that are not there.
///
/// ```
/// use dosewave_numerics::phase::{Measure, SlidingWindows, SplitEpoch, sliding_measures};
/// use num_complex::Complex64;
/// // the second channel lags in the first three epochs and leads in the last three
/// let epochs: Vec<SplitEpoch> = (0..6)
///     .map(|e| {
///         let turn = Complex64::new(0.0, if e < 3 { -1.0 } else { 1.0 });
///         SplitEpoch::new(ndarray::array![[[Complex64::ONE]], [[turn]]].view(), &[1.0]).unwrap()
///     })
///     .collect();
/// let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
/// let windows = SlidingWindows { length: 3, step: 1 };
/// let dpli = sliding_measures(&epochs, &[(0, 1)], windows, &[Measure::Dpli], &[vec![0]]).unwrap();
/// let course: Vec<f64> = dpli.iter().map(|v| (v * 3.0).round()).collect();
/// assert_eq!(course, [3.0, 2.0, 1.0, 0.0]);
/// ```
pub fn sliding_measures(
    epochs: &[&SplitEpoch],
    pairs: &[(usize, usize)],
    windows: SlidingWindows,
    measures: &[Measure],
    groups: &[Vec<usize>],
) -> Result<Array4<f64>> {
    let mut sums = WindowSums::new(epochs, pairs, windows, measures, groups)?;
    for block in 0..sums.n_blocks() {
        sums.add(epochs, block)?;
    }
    Ok(sums.values())
}

/// [`sliding_measures`] of some pairs in steps of eight frequencies, for who has many pairs: with all pairs worked through
/// before the next frequencies, what is read of the epochs stays in the cache.
///
/// ```
/// use dosewave_numerics::phase::{Measure, SlidingWindows, SplitEpoch, WindowSums, sliding_measures};
/// use num_complex::Complex64;
/// let value = |(c, _, f): (usize, usize, usize)| Complex64::cis((c * (f + 1)) as f64);
/// let epoch = SplitEpoch::new(ndarray::Array3::from_shape_fn((3, 1, 20), value).view(), &[1.0]).unwrap();
/// let (epochs, windows, groups) = ([&epoch; 4], SlidingWindows { length: 2, step: 1 }, [vec![3, 4, 17]]);
/// let whole = sliding_measures(&epochs, &[(1, 0), (2, 0)], windows, &[Measure::Pli], &groups).unwrap();
/// let mut parts = [(1, 0), (2, 0)].map(|pair| {
///     WindowSums::new(&epochs, &[pair], windows, &[Measure::Pli], &groups).unwrap()
/// });
/// for block in 0..parts[0].n_blocks() {
///     parts.iter_mut().for_each(|part| part.add(&epochs, block).unwrap());
/// }
/// for (k, part) in parts.into_iter().enumerate() {
///     assert_eq!(part.values().index_axis(ndarray::Axis(2), 0), whole.index_axis(ndarray::Axis(2), k));
/// }
/// ```
pub struct WindowSums {
    course: Course,
    measures: Vec<Measure>,
    groups: Vec<Vec<usize>>,
    n_freqs: usize,
    /// The pairs in the order in which they are worked through, and where each stood.
    pairs: Vec<(usize, usize)>,
    order: Vec<usize>,
    /// Sums over the bins of each group `[tile, measure, group, window, pair]`.
    totals: Array5<f64>,
}

impl WindowSums {
    /// Nothing added yet. `epochs` are those that will be.
    ///
    /// # Errors
    /// As [`sliding_measures`].
    pub fn new(
        epochs: &[&SplitEpoch],
        pairs: &[(usize, usize)],
        windows: SlidingWindows,
        measures: &[Measure],
        groups: &[Vec<usize>],
    ) -> Result<Self> {
        let n_windows = windows.count(epochs.len())?;
        check(epochs, pairs, groups)?;
        let needed = |sum: &Sum| measures.iter().any(|measure| measure.needs().contains(sum));
        let kept: Vec<Sum> = Sum::ALL.into_iter().filter(needed).collect();
        let (n_channels, n_freqs) = epochs.first().map_or((0, 0), |epoch| (epoch.n_channels, epoch.n_freqs));
        let course = Course { windows, n_windows, kept, n_channels };
        let order = in_blocks(pairs);
        let totals =
            Array5::zeros((pairs.len().div_ceil(TILE), measures.len(), groups.len(), n_windows, TILE));
        let pairs = order.iter().map(|pair| pairs[*pair]).collect();
        let (measures, groups) = (measures.to_vec(), groups.to_vec());
        Ok(Self { course, measures, groups, n_freqs, pairs, order, totals })
    }

    /// Blocks of eight frequencies.
    #[must_use]
    pub fn n_blocks(&self) -> usize {
        Lanes::blocks(self.n_freqs)
    }

    /// Adds one block of frequencies of all epochs; each is to be added once.
    ///
    /// # Errors
    /// [`Error::Shape`] for epochs of another number or shape, [`Error::Invalid`] for a block that is not there.
    pub fn add(&mut self, epochs: &[&SplitEpoch], block: usize) -> Result<()> {
        let Course { windows, n_windows, n_channels, .. } = self.course;
        if windows.count(epochs.len())? != n_windows {
            return Err(Error::Shape {
                what: "windows",
                expected: n_windows,
                got: windows.count(epochs.len())?,
            });
        }
        if let Some(other) = epochs.iter().find(|e| (e.n_channels, e.n_freqs) != (n_channels, self.n_freqs)) {
            let (expected, got) = (n_channels * self.n_freqs, other.n_channels * other.n_freqs);
            return Err(Error::Shape { what: "channels × frequencies of an epoch", expected, got });
        }
        if block >= self.n_blocks() {
            let allowed = format!("below {}", self.n_blocks());
            return Err(Error::Invalid {
                parameter: "block of frequencies",
                value: block.to_string(),
                allowed,
            });
        }
        let Self { course, measures, groups, pairs, totals, .. } = self;
        let totals = totals.view_mut();
        pulp::Arch::new().dispatch(Slide { course, epochs, block, pairs, measures, groups, totals });
        Ok(())
    }

    /// `[measure, window, pair, group]`, NaN where a measure is undefined.
    #[must_use]
    pub fn values(&self) -> Array4<f64> {
        let (n_windows, n_groups) = (self.course.n_windows, self.groups.len());
        let mut values = Array4::zeros((self.measures.len(), n_windows, self.pairs.len(), n_groups));
        for ((tile, m, group, window, item), total) in self.totals.indexed_iter() {
            if let Some(pair) = self.order.get(tile * TILE + item) {
                values[[m, window, *pair, group]] = total / self.groups[group].len() as f64;
            }
        }
        values
    }
}

fn check(epochs: &[&SplitEpoch], pairs: &[(usize, usize)], groups: &[Vec<usize>]) -> Result<()> {
    let shape = |epoch: &SplitEpoch| (epoch.n_channels, epoch.n_tapers, epoch.n_freqs);
    let (n_channels, n_tapers, n_freqs) = epochs.first().map_or((0, 0, 0), |epoch| shape(epoch));
    if let Some(other) = epochs.iter().find(|epoch| shape(epoch) != (n_channels, n_tapers, n_freqs)) {
        return Err(Error::Shape {
            what: "channels × tapers × frequencies of an epoch",
            expected: n_channels * n_tapers * n_freqs,
            got: other.n_channels * other.n_tapers * other.n_freqs,
        });
    }
    if let Some((a, b)) = pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
        let (value, allowed) = (format!("({a}, {b})"), format!("channel indices below {n_channels}"));
        return Err(Error::Invalid { parameter: "pairs", value, allowed });
    }
    if let Some(bins) = groups.iter().find(|bins| bins.is_empty() || bins.iter().any(|f| *f >= n_freqs)) {
        let (value, allowed) = (format!("{bins:?}"), format!("one or more bins below {n_freqs}"));
        return Err(Error::Invalid { parameter: "groups of frequencies", value, allowed });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
