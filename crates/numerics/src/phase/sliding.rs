//! Measures over windows of epochs that slide.

use super::course::Course;
use super::kernel::in_blocks;
use super::measure::Sum;
use super::slide::Slide;
use super::{Measure, SplitEpoch};
use crate::lanes::Lanes;
use crate::{Error, Result};
use ndarray::Array4;
use std::ops::Range;

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
/// Every cross-spectrum is computed once, however many windows it lies in. Epochs are cut into groups of as many as a window
/// has, and each window is the end of one group and the start of the next (van Herk 1992, 10.1016/0167-8655(92)90069-C): a
/// sum costs two additions an epoch and one a window, whatever the length of windows. Nothing is subtracted: windows are as
/// accurate as if each had been summed alone, and differ from that by the order of additions and by the last digits of
/// roots, which are made of multiplications.
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
    /// Sums over the bins of each group `[pair][measure][group][window]`.
    totals: Vec<f64>,
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
        let totals = vec![0.0; pairs.len() * measures.len() * groups.len() * n_windows];
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
        pulp::Arch::new().dispatch(Slide { course, epochs, block, pairs, measures, groups, totals });
        Ok(())
    }

    /// `[measure, window, pair, group]`, NaN where a measure is undefined.
    #[must_use]
    pub fn values(&self) -> Array4<f64> {
        let (n_windows, n_groups) = (self.course.n_windows, self.groups.len());
        let mut values = Array4::zeros((self.measures.len(), n_windows, self.pairs.len(), n_groups));
        for measure in 0..self.measures.len() {
            self.each_value(measure, 0..n_windows, |[window, pair, group], value| {
                values[[measure, window, pair, group]] = value;
            });
        }
        values
    }

    /// Hands the values of one measure (by its place among those asked for) in some windows to
    /// `use_value([window, pair, group], value)`: for threads to share, without an array between.
    ///
    /// ```
    /// use dosewave_numerics::phase::{Measure, SlidingWindows, SplitEpoch, WindowSums};
    /// use num_complex::Complex64;
    /// let epoch = SplitEpoch::new(ndarray::array![[[Complex64::ONE]], [[Complex64::I]]].view(), &[1.0]).unwrap();
    /// let (epochs, windows) = ([&epoch; 4], SlidingWindows { length: 2, step: 1 });
    /// let mut sums = WindowSums::new(&epochs, &[(1, 0)], windows, &[Measure::Plv], &[vec![0]]).unwrap();
    /// sums.add(&epochs, 0).unwrap();
    /// let mut seen = Vec::new();
    /// sums.each_value(0, 1..3, |[window, ..], plv| seen.push((window, (plv * 1e9).round() / 1e9)));
    /// assert_eq!(seen, [(1, 1.0), (2, 1.0)]);
    /// ```
    pub fn each_value(
        &self,
        measure: usize,
        windows: Range<usize>,
        mut use_value: impl FnMut([usize; 3], f64),
    ) {
        let (n_measures, n_groups, n_windows) =
            (self.measures.len(), self.groups.len(), self.course.n_windows);
        for window in windows.start..windows.end.min(n_windows) {
            for (place, pair) in self.order.iter().enumerate() {
                for (group, bins) in self.groups.iter().enumerate() {
                    let row = (place * n_measures + measure) * n_groups + group;
                    let total = self.totals.get(row * n_windows + window).copied().unwrap_or(f64::NAN);
                    use_value([window, *pair, group], total / bins.len() as f64);
                }
            }
        }
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
