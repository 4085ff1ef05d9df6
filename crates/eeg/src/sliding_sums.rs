//! Pair sums of windows of epochs that move forward.

use crate::fourier::sums_of;
use crate::{CrossSpectra, Error, Fourier, Result};
use dosewave_numerics::phase::SplitEpoch;
use std::ops::Range;

impl Fourier {
    /// Pair sums of each of some windows of epochs, handed to `each` one after the other with the number of the window;
    /// windows without an epoch are passed over. Windows may overlap and differ in length; their starts and ends ascend.
    ///
    /// Each cross-spectrum is computed once, however many windows it lies in. The epochs between neighbouring edges of
    /// windows are summed once; a window is the sum of two: of the pieces since the last turn, and of those before it,
    /// which were summed from the turn backwards (a queue of two stacks). So a window costs about three additions of sums,
    /// whatever its length, and nothing is subtracted. In memory are two sums for each piece of one window.
    ///
    /// # Errors
    /// [`Error::Invalid`] for windows that do not ascend or reach beyond the epochs, as [`Self::cross_spectra`], and what
    /// `each` returns.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds, SpectrumParams, Windows};
    /// use dosewave_numerics::phase::Measure;
    /// let noise = |t: usize| ((t * t * 31 + 7 * t) % 997) as f64;
    /// // the second channel follows the first for 10 s, then it leads
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 4000), |(c, t)| {
    ///     noise(if (t < 2000) == (c == 0) { t + 2 } else { t })
    /// });
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Pz"])?;
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0)))?;
    /// let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0))?;
    /// let mut course = Vec::new();
    /// fourier.sliding_sums(&[(0, 1)], &[0..5, 2..7, 5..10], |_, sums| {
    ///     course.push(sums.connectivity(Measure::Dpli).value(0, 0));
    ///     Ok(())
    /// })?;
    /// assert_eq!((course[0], course[2]), (Some(1.0), Some(0.0)));
    /// # Ok::<(), dosewave_eeg::Error>(())
    /// ```
    pub fn sliding_sums(
        &self,
        pairs: &[(usize, usize)],
        windows: &[Range<usize>],
        mut each: impl FnMut(usize, &CrossSpectra) -> Result<()>,
    ) -> Result<()> {
        self.check_windows(windows)?;
        let split = self.split()?;
        let mut queue = Queue::default();
        let mut edges: Vec<usize> = windows.iter().flat_map(|w| [w.start, w.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut pieces = edges.windows(2).map(|edge| edge[0]..edge[1]).peekable();
        for (k, window) in windows.iter().enumerate().filter(|(_, window)| !window.is_empty()) {
            while let Some(piece) = pieces.next_if(|piece| piece.start < window.end) {
                // epochs that no window holds lie before every window that is still to come
                if piece.end > window.start {
                    queue.push(piece.start, self.piece(pairs, &split[piece.clone()])?)?;
                }
            }
            queue.forget_before(window.start)?;
            if let Some(sums) = queue.sum()? {
                each(k, &sums)?;
            }
        }
        Ok(())
    }

    fn piece(&self, pairs: &[(usize, usize)], epochs: &[SplitEpoch]) -> Result<CrossSpectra> {
        let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
        Ok(self.labelled(sums_of(&epochs, self.channels().len(), pairs, self.freqs_hz().len())?))
    }

    fn check_windows(&self, windows: &[Range<usize>]) -> Result<()> {
        let n_epochs = self.onsets().len();
        let ascend =
            windows.windows(2).all(|pair| pair[0].start <= pair[1].start && pair[0].end <= pair[1].end);
        match windows.iter().find(|window| window.start > window.end || window.end > n_epochs) {
            None if ascend => Ok(()),
            found => Err(Error::Invalid {
                parameter: "windows of epochs",
                value: found.map_or_else(|| "not in order".into(), |window| format!("{window:?}")),
                allowed: format!("ranges within 0..{n_epochs} whose starts and ends ascend"),
            }),
        }
    }
}

/// Sums of pieces, first in first out, with their total.
#[derive(Default)]
struct Queue {
    /// Each piece before the turn, summed with all from it to the turn; the oldest is last.
    before: Vec<(usize, CrossSpectra)>,
    /// The pieces since the turn.
    since: Vec<(usize, CrossSpectra)>,
    since_sum: Option<CrossSpectra>,
}

impl Queue {
    fn push(&mut self, start: usize, piece: CrossSpectra) -> Result<()> {
        self.since_sum = Some(plus(self.since_sum.take(), &piece)?);
        self.since.push((start, piece));
        Ok(())
    }

    /// Drops the pieces that start before this epoch.
    fn forget_before(&mut self, epoch: usize) -> Result<()> {
        loop {
            if self.before.is_empty() {
                if self.since.first().is_none_or(|(start, _)| *start >= epoch) {
                    return Ok(());
                }
                self.turn()?;
            }
            while self.before.pop_if(|(start, _)| *start < epoch).is_some() {}
            if !self.before.is_empty() {
                return Ok(());
            }
        }
    }

    fn turn(&mut self) -> Result<()> {
        self.since_sum = None;
        let mut sum = None;
        while let Some((start, piece)) = self.since.pop() {
            let with_later = plus(sum.take(), &piece)?;
            sum = Some(with_later.clone());
            self.before.push((start, with_later));
        }
        Ok(())
    }

    fn sum(&self) -> Result<Option<CrossSpectra>> {
        let before = self.before.last().map(|(_, sum)| sum.clone());
        match &self.since_sum {
            Some(since) => plus(before, since).map(Some),
            None => Ok(before),
        }
    }
}

fn plus(sum: Option<CrossSpectra>, piece: &CrossSpectra) -> Result<CrossSpectra> {
    match sum {
        Some(mut sum) => {
            sum.merge(piece)?;
            Ok(sum)
        }
        None => Ok(piece.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hz, Seconds, SpectrumParams, Windows};
    use dosewave_numerics::phase::Measure;

    fn fourier() -> Fourier {
        let epochs = crate::testing::noise(3, 4000, 100.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap()
    }

    /// Each window against the sums of its epochs alone.
    fn agrees(windows: &[Range<usize>]) {
        let (fourier, pairs) = (fourier(), [(1, 0), (2, 1)]);
        let mut seen = Vec::new();
        fourier
            .sliding_sums(&pairs, windows, |k, sums| {
                let alone = fourier.cross_spectra_blocks(&pairs, &[windows[k].clone().collect()])?.remove(0);
                assert_eq!(sums.n_epochs(), windows[k].len());
                for measure in [Measure::Coh, Measure::Wpli2Debiased, Measure::Ciplv] {
                    let gap = sums.connectivity(measure).values() - alone.connectivity(measure).values();
                    assert!(gap.iter().all(|v| v.abs() < 1e-12), "{measure:?} of {:?}", windows[k]);
                }
                seen.push(k);
                Ok(())
            })
            .unwrap();
        let filled: Vec<usize> = (0..windows.len()).filter(|&k| !windows[k].is_empty()).collect();
        assert_eq!(seen, filled);
    }

    #[test]
    fn windows_are_the_sums_of_their_epochs() {
        agrees(&(0..14).map(|k| k..k + 6).collect::<Vec<_>>());
        agrees(&[0..5, 5..10, 10..20]);
        agrees(&[0..3, 0..3, 1..8, 4..8, 4..9, 12..12, 12..15, 18..20]);
        agrees(&[2..2, 3..20]);
    }

    #[test]
    fn windows_that_go_back_or_beyond_are_refused() {
        for windows in [vec![3..5, 2..6], vec![0..5, 1..4], vec![0..5, 0..21]] {
            let found = fourier().sliding_sums(&[(1, 0)], &windows, |_, _| Ok(()));
            assert!(matches!(found, Err(Error::Invalid { .. })), "{windows:?}");
        }
    }
}
