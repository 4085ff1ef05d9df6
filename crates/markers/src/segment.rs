//! The clean epochs of one window, with everything derived from them computed once.

use crate::sites::{eeg_indices, labels, lower_triangle};
use crate::{Available, DynMarker, Error, Result, View, check_needs};
use dosewave_eeg::{Band, Channel, CrossSpectra, EpochSpectra, Epochs, Fourier, Hz, Seconds, SpectrumParams};
use dosewave_numerics::spectral::MainsMask;
use ndarray::Array1;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Settings shared by all markers of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentParams {
    /// How spectra are estimated.
    pub spectrum: SpectrumParams,
    /// Frequencies left out of band means.
    pub mains: MainsMask,
    /// Length of a resampling block.
    pub block: Seconds,
    /// Lowest low-pass that the recording reports.
    pub low_pass: Option<Hz>,
}

/// Pair sums of each block, by band.
type PairSumsOfBands = Vec<(Band, Vec<Arc<CrossSpectra>>)>;

/// The clean epochs of one window.
///
/// Spectra and pair sums are computed on first use and kept. No lock is held while they are computed, because that work
/// is itself spread over threads: two markers that ask for the same thing at the same moment both compute it, get the
/// same numbers, and one copy is kept. A caller who cares asks one marker after the other for its block statistics and
/// resamples them in parallel.
pub struct Segment {
    epochs: Epochs,
    params: SegmentParams,
    eeg: Vec<usize>,
    labels: Vec<String>,
    blocks: Vec<Vec<usize>>,
    spectra: OnceLock<EpochSpectra>,
    pair_sums: Mutex<PairSumsOfBands>,
    views: [OnceLock<std::result::Result<Arc<Segment>, String>>; View::ALL.len()],
}

impl Segment {
    /// Epochs with the settings that all markers share. Markers use the scalp EEG channels and ignore the others.
    ///
    /// # Errors
    /// [`dosewave_eeg::Error::Invalid`] for a block length that is not positive, [`dosewave_eeg::Error::NothingLeft`]
    /// for no epochs.
    pub fn new(epochs: Epochs, params: SegmentParams) -> Result<Self> {
        if !(params.block.0.is_finite() && params.block.0 > 0.0) {
            return Err(Error::Eeg(dosewave_eeg::Error::Invalid {
                parameter: "block",
                value: params.block.to_string(),
                allowed: "a positive number of seconds".into(),
            }));
        }
        if epochs.n_epochs() == 0 {
            return Err(Error::Eeg(dosewave_eeg::Error::NothingLeft {
                step: "segment",
                hint: "it holds no epoch; widen the window or relax the rejection of epochs".into(),
            }));
        }
        let eeg = eeg_indices(epochs.channels());
        let labels = labels(&eeg.iter().map(|&i| &epochs.channels()[i]).collect::<Vec<_>>());
        let blocks = blocks_of(epochs.onsets(), params.block);
        Ok(Self {
            epochs,
            params,
            eeg,
            labels,
            blocks,
            spectra: OnceLock::new(),
            pair_sums: Mutex::default(),
            views: Default::default(),
        })
    }

    /// The epochs.
    #[must_use]
    pub fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// The settings.
    #[must_use]
    pub fn params(&self) -> &SegmentParams {
        &self.params
    }

    /// Positions of the scalp EEG channels among the channels of the epochs.
    #[must_use]
    pub fn eeg(&self) -> &[usize] {
        &self.eeg
    }

    /// The scalp EEG channels.
    #[must_use]
    pub fn eeg_channels(&self) -> Vec<&Channel> {
        self.eeg.iter().map(|&i| &self.epochs.channels()[i]).collect()
    }

    /// Labels of the scalp EEG channels: electrode labels, or full names where two share a label.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The same epochs in another spatial view; made once.
    ///
    /// # Errors
    /// Why this recording has no such view: too few electrodes with a position, no mastoids.
    pub fn view(&self, view: View) -> std::result::Result<Arc<Self>, String> {
        let slot = View::ALL.iter().position(|other| *other == view).and_then(|i| self.views.get(i));
        let make = || {
            let epochs = view.of(&self.epochs)?;
            Self::new(epochs, self.params.clone()).map(Arc::new).map_err(|error| error.to_string())
        };
        match slot {
            // made outside the lock, as the spectra are
            Some(slot) => match slot.get() {
                Some(made) => made.clone(),
                None => {
                    let made = make();
                    slot.get_or_init(|| made).clone()
                }
            },
            None => make(),
        }
    }

    /// Computes the spectra, and the pair sums that these markers will ask for, in one pass over the epochs. Without this
    /// everything is computed when it is first asked for, to the same bits, in a pass of its own.
    ///
    /// # Errors
    /// Epochs too short for the spectrum's settings.
    pub fn prepare<'m>(&self, markers: impl Iterator<Item = &'m dyn DynMarker>) -> Result<()> {
        let mut bands: Vec<Band> = Vec::new();
        for marker in markers.filter(|marker| check_needs(&marker.needs(), &self.available()).is_none()) {
            bands.extend(marker.pair_band().filter(|band| !bands.contains(band)));
        }
        let plain = matches!(self.params.spectrum, SpectrumParams::Multitaper { adaptive: false, .. });
        if !plain || bands.is_empty() || self.spectra.get().is_some() {
            return Ok(());
        }
        let pairs = lower_triangle(&self.eeg);
        let both = self.epochs.one_pass(&self.params.spectrum, &bands, &pairs, &self.blocks)?;
        self.spectra.get_or_init(|| both.spectra);
        let sums = both.bands.into_iter().map(|blocks| blocks.into_iter().map(Arc::new).collect());
        self.lock().extend(bands.into_iter().zip(sums));
        Ok(())
    }

    /// What it has to offer to a marker's [`crate::Needs`].
    #[must_use]
    pub fn available(&self) -> Available {
        Available {
            sfreq: self.epochs.sfreq(),
            low_pass: self.params.low_pass,
            duration: Seconds(self.epochs.n_epochs() as f64 * self.epochs.length().0),
            n_channels: self.eeg.len(),
            n_epochs: self.epochs.n_epochs(),
        }
    }

    /// PSD of every epoch and channel; computed once.
    ///
    /// # Errors
    /// Epochs too short for the spectrum's settings.
    pub fn spectra(&self) -> Result<&EpochSpectra> {
        if let Some(spectra) = self.spectra.get() {
            return Ok(spectra);
        }
        // computed outside the lock: a thread that waits inside it could pick up another marker and wait for itself
        let spectra = self.epochs.spectrum(&self.params.spectrum)?;
        Ok(self.spectra.get_or_init(|| spectra))
    }

    /// Epoch indices of each block: kept epochs whose onsets lie in the same stretch of [`SegmentParams::block`] seconds of
    /// true time, counted from the first onset.
    ///
    /// Blocks are the units of resampling: epochs close in time resemble each other, so they are drawn together. A stretch
    /// without a kept epoch (a pause) makes no block, and no block reaches over a gap longer than itself.
    #[must_use]
    pub fn blocks(&self) -> &[Vec<usize>] {
        &self.blocks
    }

    /// Pair sums of each block over all EEG pairs and the bins of `band`; computed once per band.
    ///
    /// Pairs run down the lower triangle, (1,0), (2,0), (2,1) …, the later channel first, as mne-connectivity's do. Bins of
    /// the mains are included: measures mask them. Coefficients are multitaper with the segment's settings, or with the
    /// default ones where the segment's spectrum is Welch's. Memory is about 60 bytes × pairs × bins × blocks: 64 channels,
    /// 30 bins and 30 blocks take 110 MB.
    ///
    /// # Errors
    /// A band without a bin, or epochs too short for the tapers.
    pub fn block_sums(&self, band: Band) -> Result<Vec<Arc<CrossSpectra>>> {
        if let Some(sums) = self.cached_sums(band) {
            return Ok(sums);
        }
        let fourier = self.fourier(band)?;
        let sums = fourier.cross_spectra_blocks(&lower_triangle(&self.eeg), &self.blocks)?;
        let sums: Vec<Arc<CrossSpectra>> = sums.into_iter().map(Arc::new).collect();
        if self.cached_sums(band).is_none() {
            self.lock().push((band, sums.clone()));
        }
        Ok(sums)
    }

    /// Coefficients of the bins of `band`.
    fn fourier(&self, band: Band) -> Result<Fourier> {
        let params = match &self.params.spectrum {
            multitaper @ SpectrumParams::Multitaper { .. } => multitaper.clone(),
            SpectrumParams::Welch { .. } => SpectrumParams::default(),
        };
        Ok(self.epochs.fourier(&params, band.low(), band.high())?)
    }

    /// Frequencies of the pair sums of a band.
    pub(crate) fn pair_freqs_hz(&self, band: Band) -> Result<Array1<f64>> {
        if let Some(first) = self.cached_sums(band).and_then(|sums| sums.first().cloned()) {
            return Ok(first.freqs_hz().clone());
        }
        let one = Self::new(self.epochs.select(&[0])?, self.params.clone())?;
        Ok(one.fourier(band)?.freqs_hz().to_owned())
    }

    /// Pair sums over all EEG pairs of windows of epochs, handed over one after the other.
    pub(crate) fn sliding_sums(
        &self,
        band: Band,
        windows: &[Range<usize>],
        mut each: impl FnMut(usize, &CrossSpectra) -> Result<()>,
    ) -> Result<()> {
        let mut problem = Ok(());
        let fourier = self.fourier(band)?;
        fourier.sliding_sums(&lower_triangle(&self.eeg), windows, |window, sums| {
            if problem.is_ok() {
                problem = each(window, sums);
            }
            Ok(())
        })?;
        problem
    }

    fn cached_sums(&self, band: Band) -> Option<Vec<Arc<CrossSpectra>>> {
        self.lock().iter().find(|(cached, _)| *cached == band).map(|(_, sums)| sums.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, PairSumsOfBands> {
        self.pair_sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn blocks_of(onsets: &[Seconds], block: Seconds) -> Vec<Vec<usize>> {
    let first = onsets.iter().map(|onset| onset.0).fold(f64::INFINITY, f64::min);
    let mut stretches: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (epoch, onset) in onsets.iter().enumerate() {
        // onsets are multiples of an epoch up to rounding; a microsecond keeps those on an edge in the later stretch
        let stretch = ((onset.0 - first + 1e-6) / block.0).floor() as u64;
        stretches.entry(stretch).or_default().push(epoch);
    }
    stretches.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(onsets: &[f64], block: f64) -> Vec<Vec<usize>> {
        blocks_of(&onsets.iter().map(|&t| Seconds(t)).collect::<Vec<_>>(), Seconds(block))
    }

    #[test]
    fn blocks_are_stretches_of_true_time_from_the_first_onset() {
        let onsets: Vec<f64> = (0..7).map(|e| 100.3 + 2.0 * f64::from(e)).collect();
        assert_eq!(blocks(&onsets, 6.0), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    }

    #[test]
    fn a_rejected_epoch_leaves_its_place_empty() {
        assert_eq!(blocks(&[0.0, 4.0, 6.0, 8.0], 6.0), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_pause_ends_a_block() {
        assert_eq!(blocks(&[0.0, 2.0, 33.0, 35.0], 10.0), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_block_shorter_than_an_epoch_holds_one_epoch() {
        assert_eq!(blocks(&[0.0, 2.0, 4.0], 0.5), [vec![0], vec![1], vec![2]]);
    }
}
