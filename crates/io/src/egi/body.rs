//! Body signals of a folder (PNS): channels beside the EEG's, or a recording of their own.

use super::blocks::SignalFile;
use super::layout;
use super::mff::{FORMAT, blocks_of, n_samples, piece};
use super::texts::Epoch;
use crate::frames::Scale;
use crate::pieces::{Piece, PieceReader};
use crate::{Limits, Result, Source, runs};
use dosewave_eeg::{Channel, Header, Hz, Note, OtherSignal};

/// Body signals, with what their numbers are multiplied by.
pub(crate) struct Body {
    pub(crate) file: SignalFile,
    pub(crate) channels: Vec<Channel>,
    pub(crate) gains: Vec<f64>,
}

/// What the header of the EEG lists of the body signals that are a recording of their own.
pub(crate) fn listed(header: &Header) -> Vec<OtherSignal> {
    let (sfreq, n_samples) = (header.sfreq, header.n_times());
    let one = |c: &Channel| OtherSignal { name: c.name.clone(), sfreq, n_samples, unit: c.unit.clone() };
    header.channels.iter().map(one).collect()
}

impl Body {
    pub(crate) fn new(source: &dyn Source, file: SignalFile) -> Result<Self> {
        let (channels, gains) = layout::body_signals(source, file.n_channels)?;
        Ok(Self { file, channels, gains })
    }

    /// Whether its samples were taken with those of the EEG.
    pub(crate) fn is_beside(&self, eeg: &SignalFile) -> bool {
        self.file.rate == eeg.rate && self.file.blocks.len() == eeg.blocks.len()
    }

    /// A recording of its own, beside an EEG with `header`, whose epochs begin at `onsets_s`.
    pub(crate) fn reader(
        self,
        header: &Header,
        epochs: &[Epoch],
        onsets_s: &[f64],
        (n_eeg_blocks, limits): (usize, Limits),
    ) -> PieceReader {
        let Self { file, channels, gains } = self;
        let sfreq = f64::from(file.rate);
        let mut notes = header.notes.clone();
        let whole = [Epoch { begin: 0.0, end: 0.0, first: 1, last: file.blocks.len() }];
        let epochs = if file.blocks.len() == n_eeg_blocks {
            epochs
        } else {
            let text = "body signals have other blocks than the EEG: their pauses are unknown";
            notes.push(Note::warning(FORMAT, text));
            &whole
        };
        let segments: Vec<(f64, u64)> = epochs
            .iter()
            .zip(onsets_s)
            .map(|(epoch, onset)| (*onset, n_samples(&file, epoch)))
            .filter(|(_, n)| *n > 0)
            .collect();
        let (runs, _) = runs::segments(&segments, sfreq);
        let mut pieces: Vec<Piece> = Vec::new();
        for block in epochs.iter().flat_map(blocks_of).filter_map(|index| file.blocks.get(index)) {
            let first = pieces.last().map_or(0, |piece| piece.samples.end);
            pieces.push(piece(&file, block, (0, 0), first..first + block.n_samples));
        }
        let header = Header {
            channels: channels.into(),
            sfreq: Hz(sfreq),
            runs,
            other_signals: Vec::new(),
            notes,
            ..header.clone()
        };
        PieceReader {
            name: file.part.name.clone(),
            format: FORMAT,
            parts: vec![file.part],
            pieces,
            scales: gains.into_iter().map(Scale::gain).collect(),
            limits,
            header,
            identity: Vec::new(),
            other: None,
        }
    }
}
