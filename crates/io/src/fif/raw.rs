//! Buffers of raw data, and the pauses between them.

use super::constants::{block, tag};
use super::samples::sample_type;
use super::tag::{Tag, TagFile};
use super::tree::Tree;
use crate::Result;
use crate::bytes::Endian;
use crate::frames::Layout;
use crate::pieces::{Order, Piece};
use dosewave_eeg::{Run, Seconds};

/// Raw data of one file or of the parts of a split one.
#[derive(Default)]
pub(crate) struct Raw {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) runs: Vec<Run>,
    /// Number of the first sample, counted from the start of the acquisition.
    pub(crate) first_sample: i64,
    n_columns: u64,
    /// Number of the sample that would be the next.
    next: i64,
    has_ragged: bool,
}

/// The block of raw data, where there is one.
pub(crate) fn find(file: &mut TagFile, tree: &Tree) -> Option<usize> {
    let shielded = tree.first(block::IAS_RAW_DATA);
    let found = tree.first(block::RAW_DATA).or_else(|| tree.first(block::CONTINUOUS_DATA)).or(shielded);
    if found.is_some() && found == shielded {
        let text = "recorded with internal active shielding: magnetic channels are distorted until they are processed";
        file.warn(text.into());
    }
    found
}

impl Raw {
    /// Adds the buffers of a part.
    pub(crate) fn add(
        &mut self,
        file: &mut TagFile,
        tree: &Tree,
        raw: usize,
        part: usize,
        layout: (usize, f64),
    ) -> Result<()> {
        let (n_channels, sfreq) = layout;
        let mut skipped = self.begin(file, tree, raw, part)?;
        let mut pending_buffers = 0_i64;
        for tag in tree.tags(raw) {
            match tag.kind {
                tag::DATA_SKIP => pending_buffers = pending_buffers.saturating_add(skip(file, tag)?),
                tag::DATA_SKIP_SAMP => skipped = skipped.saturating_add(skip(file, tag)?),
                tag::DATA_BUFFER => {
                    let Some(piece) = self.piece(file, tag, part, n_channels)? else { continue };
                    let n = (piece.samples.end - piece.samples.start) as i64;
                    // a skipped buffer is as long as the next that was recorded
                    skipped = skipped.saturating_add(pending_buffers.saturating_mul(n));
                    self.place(piece, skipped, sfreq);
                    (skipped, pending_buffers) = (0, 0);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where a part begins: samples that were skipped before it.
    fn begin(&mut self, file: &mut TagFile, tree: &Tree, raw: usize, part: usize) -> Result<i64> {
        let first = match tree.find(raw, tag::FIRST_SAMPLE) {
            Some(tag) => Some(file.number(&tag, "the number of the first sample")? as i64),
            None => None,
        };
        if part == 0 {
            self.first_sample = first.unwrap_or(0);
            self.next = self.first_sample;
            return Ok(0);
        }
        let skipped = first.map_or(0, |first| first.saturating_sub(self.next));
        if skipped < 0 {
            let text = format!(
                "'{}' begins {} samples before the end of the part before it; it is put behind",
                file.name,
                skipped.unsigned_abs()
            );
            file.warn(text);
        }
        Ok(skipped.max(0))
    }

    /// A buffer as a piece; none where it holds no whole sample.
    fn piece(
        &mut self,
        file: &mut TagFile,
        tag: &Tag,
        part: usize,
        n_channels: usize,
    ) -> Result<Option<Piece>> {
        let layout = Layout { sample_type: sample_type(file, tag)?, endian: Endian::Big, n_channels };
        let frame = layout.frame() as u64;
        let n = tag.size.checked_div(frame).unwrap_or(0);
        if frame > 0 && !tag.size.is_multiple_of(frame) && !self.has_ragged {
            self.has_ragged = true;
            let text = format!(
                "the buffer at byte {} has {} bytes, no multiple of {frame} ({n_channels} channels); the rest is left out, \
                 here and in any other such buffer",
                tag.position, tag.size
            );
            file.warn(text);
        }
        let samples = self.n_columns..self.n_columns + n;
        let order = Order::Multiplexed;
        Ok((n > 0).then_some(Piece {
            part,
            position: tag.position,
            layout,
            order,
            first_channel: 0,
            samples,
            row: None,
        }))
    }

    /// Puts a buffer behind the others: into the last run, or into a new one after a pause.
    fn place(&mut self, piece: Piece, skipped: i64, sfreq: f64) {
        if self.pieces.is_empty() {
            // what is skipped before anything is recorded is no pause
            self.first_sample = self.first_sample.saturating_add(skipped);
            self.next = self.first_sample;
        }
        let pause = !self.pieces.is_empty() && skipped > 0;
        self.next = self.next.saturating_add(if pause { skipped } else { 0 });
        match self.runs.last_mut().filter(|_| !pause) {
            Some(run) => run.samples.end = piece.samples.end,
            None => {
                let onset = Seconds(self.next.saturating_sub(self.first_sample) as f64 / sfreq);
                self.runs.push(Run { onset, samples: piece.samples.clone() });
            }
        }
        self.n_columns = piece.samples.end;
        self.next = self.next.saturating_add((piece.samples.end - piece.samples.start) as i64);
        self.pieces.push(piece);
    }
}

/// How much was skipped.
fn skip(file: &mut TagFile, tag: &Tag) -> Result<i64> {
    let n = file.number(tag, "the length of a pause")?;
    if n < 0.0 {
        return Err(file.wrong(tag.position, "the length of a pause", n.to_string(), "zero or more"));
    }
    Ok(n as i64)
}
