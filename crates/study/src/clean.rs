//! From a window of a recording to the segment that markers see.

use crate::config::{Config, Equalize, LineStep};
use crate::learn::Learned;
use crate::load::Source;
use crate::windows::Window;
use crate::{Result, WindowSummary};
use dosewave_eeg::{
    ArtifactParams, Epochs, Filter, FirDesign, Heart, Hz, LineRemoval, Note, Recording, Reference, Rejection,
    Seconds, Windows,
};
use dosewave_markers::{Segment, SegmentParams};
use dosewave_numerics::spectral::MainsMask;
use std::collections::BTreeMap;

/// Half-width of the mains mask, Hz.
pub(crate) const MAINS_HALF_WIDTH_HZ: f64 = 2.0;

/// What cleaning needs to know beside the configuration.
pub(crate) struct Cleaning<'a> {
    pub(crate) config: &'a Config,
    /// Lowest low-pass, recorded or chosen.
    pub(crate) low_pass: Option<Hz>,
    /// Reference after the decision on too few channels.
    pub(crate) reference: Reference,
    /// What all windows together taught.
    pub(crate) learned: Learned,
}

/// A window's segment with its counts and notes.
pub(crate) struct Cleaned {
    pub(crate) segment: Segment,
    pub(crate) summary: WindowSummary,
    pub(crate) notes: Vec<Note>,
    /// The heart, where there is an ECG channel.
    pub(crate) heart: Option<Heart>,
}

/// Clean epochs with what the steps before them found.
struct CleanEpochs {
    epochs: Epochs,
    notes: Vec<Note>,
    heart: Option<Heart>,
}

impl Cleaning<'_> {
    fn filter(&self) -> Option<FirDesign> {
        let clean = &self.config.clean;
        let design = FirDesign { high_pass_hz: clean.high_pass, low_pass_hz: clean.low_pass };
        (design.high_pass_hz.is_some() || design.low_pass_hz.is_some()).then_some(design)
    }

    /// Length of a block: the whole window where blocks are neither resampled nor drawn by lot, which needs the least memory.
    fn block_s(&self, window: &Window) -> f64 {
        let inference = &self.config.inference;
        let resampled = inference.n_bootstrap > 0 || inference.n_permutations > 0;
        let drawn = self.config.epochs.equalize != Equalize::None;
        if resampled || drawn {
            inference.block
        } else {
            inference.block.max(window.to_s - window.from_s + 1.0)
        }
    }

    /// Settings of a segment with blocks of `block_s` seconds.
    fn segment_params(&self, block_s: f64) -> SegmentParams {
        SegmentParams {
            spectrum: self.config.spectrum.clone(),
            mains: mains(self.config),
            block: Seconds(block_s),
            low_pass: self.low_pass,
        }
    }

    /// A stretch through filter and mains, with its beats; an error where nothing was recorded.
    pub(crate) fn filtered(
        &self,
        source: &mut Source<'_>,
        window: &Window,
        picks: &[usize],
    ) -> Result<(Recording, Option<Heart>)> {
        let sfreq = source.header.sfreq.0;
        let design = self.filter();
        let pad_s = match &design {
            Some(design) => design.coefficients(sfreq)?.len() as f64 / sfreq / 2.0,
            None => 0.0,
        };
        let (from, to) = (Seconds(window.from_s), Seconds(window.to_s));
        let part = source.read(window.from_s, window.to_s, pad_s, picks)?.ok_or(
            dosewave_eeg::Error::EmptyWindow { from, to, start: Seconds(0.0), end: source.header.end() },
        )?;
        let usable = part.without_broken_companions();
        let filtered = match &design {
            Some(design) => usable.into_filtered(&Filter::Fir(*design))?,
            None => usable,
        };
        let cropped = self.without_line(filtered)?.into_cropped(from, to)?;
        let heart = cropped.heart()?;
        Ok((cropped, heart))
    }

    /// A stretch through filter, mains and heart; an error where nothing was recorded.
    pub(crate) fn prepared(
        &self,
        source: &mut Source<'_>,
        window: &Window,
        picks: &[usize],
    ) -> Result<(Recording, Option<Heart>)> {
        let (filtered, heart) = self.filtered(source, window, picks)?;
        match &self.learned.heart {
            Some(field) => Ok((field.apply(&filtered)?, heart)),
            None => Ok((filtered, heart)),
        }
    }

    /// Epochs within the fixed limits, with the notes that the steps added to `known`.
    pub(crate) fn cut(&self, prepared: Recording, known: usize) -> Result<(Epochs, Vec<Note>)> {
        let modelled = match &self.learned.model {
            Some(model) => model.apply(&prepared)?,
            None => prepared,
        };
        let clean: Recording = modelled.into_referenced(&self.reference)?;
        let notes = clean.header().notes.get(known..).unwrap_or_default().to_vec();
        let config = &self.config.epochs;
        let epochs =
            clean.epochs(&Windows::Fixed { length: Seconds(config.length), overlap: config.overlap })?;
        let mut epochs = epochs.into_rejected(&Rejection::from(&self.config.rejection))?;
        if let Some(z) = self.config.rejection.muscle_z {
            let muscle =
                ArtifactParams { muscle_z: Some(z), blink_uv: None, saccade_uv: None, ..Default::default() };
            epochs = epochs.without_artifacts(&clean.artifacts(&muscle)?)?;
        }
        Ok((epochs, notes))
    }

    /// The clean epochs of a stretch and the notes of its steps; an error where nothing was recorded or nothing is left.
    fn epochs(&self, source: &mut Source<'_>, window: &Window, picks: &[usize]) -> Result<CleanEpochs> {
        let known = source.header.notes.len();
        let (prepared, heart) = self.prepared(source, window, picks)?;
        let (mut epochs, mut notes) = self.cut(prepared, known)?;
        if let Some(limits) = &self.learned.limits {
            let repaired = limits.apply(&epochs)?;
            epochs = repaired.epochs;
            let note = limits.note(&repaired.interpolated);
            notes.push(Note { text: format!("window '{}': {}", window.name, note.text), ..note });
        }
        Ok(CleanEpochs { epochs, notes, heart })
    }

    /// Without line noise, where the configuration asks for it.
    fn without_line(&self, recording: Recording) -> Result<Recording> {
        let clean = &self.config.clean;
        let method = match clean.line_removal {
            LineStep::None => return Ok(recording),
            LineStep::SpectrumInterpolation => LineRemoval::SpectrumInterpolation(Default::default()),
            LineStep::Zapline => LineRemoval::Zapline { n_remove: None },
        };
        let Some(line) = clean.line.map(Hz) else { return Ok(recording) };
        match method.not_carried(line, recording.sfreq()) {
            Some(note) => Ok(recording.with_note(note)),
            None => Ok(recording.remove_line(line, &method)?),
        }
    }

    /// The segment of a window.
    pub(crate) fn segment(
        &self,
        source: &mut Source<'_>,
        window: &Window,
        picks: &[usize],
    ) -> Result<Cleaned> {
        let CleanEpochs { epochs, notes, heart } = self.epochs(source, window, picks)?;
        let mut summary = WindowSummary {
            window: window.name.clone(),
            t_start_min: window.t_start_min(),
            t_stop_min: window.t_stop_min(),
            recorded_s: crate::windows::recorded_s(&source.header, window),
            n_epochs: epochs.n_epochs(),
            n_rejected: epochs.rejected().len(),
            n_blocks: 0,
            worst_channel: worst_channel(&epochs),
        };
        let segment = Segment::new(epochs, self.segment_params(self.block_s(window)))?;
        summary.n_blocks = segment.blocks().len();
        Ok(Cleaned { segment, summary, notes, heart })
    }
}

/// The frequencies left out of band means.
pub(crate) fn mains(config: &Config) -> MainsMask {
    MainsMask { line_hz: config.clean.line, half_width_hz: MAINS_HALF_WIDTH_HZ }
}

/// The channel that cost most epochs; the first by name where several did.
fn worst_channel(epochs: &Epochs) -> Option<(String, usize)> {
    let mut cost: BTreeMap<&str, usize> = BTreeMap::new();
    for rejected in epochs.rejected() {
        *cost.entry(rejected.channel.as_str()).or_default() += 1;
    }
    let most = cost.values().max().copied()?;
    cost.into_iter().find(|(_, n)| *n == most).map(|(name, n)| (name.to_owned(), n))
}
