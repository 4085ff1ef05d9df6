//! A recording of a dataset, read with its sidecars applied.

use super::apply::apply;
use super::{BidsFile, Dataset};
use crate::{Error, Identifier, Reader, Result, open_source};
use dosewave_eeg::{Header, Recording};
use std::ops::Range;

impl Dataset {
    /// Opens a recording with everything that its sidecars say applied: names, kinds and units of channels, filters, bad channels,
    /// places of electrodes, events, time. What the sidecars say otherwise than the file is a note of the header.
    ///
    /// # Errors
    /// [`Error::MissingSibling`] for content that is not here (git-annex), and what [`Dataset::sidecars`] and [`crate::open`]
    /// may give.
    pub fn reader(&self, file: &BidsFile) -> Result<Box<dyn Reader>> {
        if let Some(missing) = self.missing(file).first() {
            return Err(Error::MissingSibling {
                file: (&file.path).into(),
                role: "content",
                sibling: missing.target.clone(),
                advice: format!("{}: {}", missing.path, missing.advice),
            });
        }
        let sidecars = self.sidecars(file)?;
        let inner = open_source(self.tree.source(&file.path)?, &self.limits)?;
        let applied = apply(&file.path, inner.header().clone(), &sidecars, &self.limits)?;
        Ok(Box::new(Described { inner, header: applied.header, factors: applied.factors }))
    }

    /// Name, SHA-256 (lower-case hex) and size of the files that a recording is read from: data first, then sidecars.
    ///
    /// # Errors
    /// [`Error::Io`], and what [`Dataset::sidecars`] may give.
    pub fn hashes(&self, file: &BidsFile) -> Result<Vec<(String, String, u64)>> {
        let sidecars = self.sidecars(file)?.files;
        let stem = file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem);
        let beside = super::layout::COMPANIONS.iter().map(|ending| format!("{stem}{ending}"));
        let beside = beside.filter(|path| self.companions.contains(path));
        let all = std::iter::once(file.path.clone()).chain(beside).chain(sidecars);
        all.map(|path| {
            let (hash, size) = match self.tree.path(&path) {
                Some(place) => crate::sha256(place)?,
                None => crate::source::sha256_of(&self.read(&path)?),
            };
            Ok((path, hash, size))
        })
        .collect()
    }

    /// Reads a whole recording; see [`Self::reader`].
    ///
    /// # Errors
    /// As [`Self::reader`].
    pub fn recording(&self, file: &BidsFile) -> Result<Recording> {
        let mut reader = self.reader(file)?;
        let all = 0..reader.header().n_times();
        reader.read(all)
    }
}

/// A reader whose header is that of the dataset.
struct Described {
    inner: Box<dyn Reader>,
    header: Header,
    factors: Vec<f64>,
}

impl Described {
    /// A part of the recording with the dataset's header; its channels are those at `picks`.
    fn described(&self, part: Recording, picks: &[usize]) -> Result<Recording> {
        let (read, mut data_uv) = part.into_parts();
        for (mut row, pick) in data_uv.outer_iter_mut().zip(picks) {
            let factor = self.factors.get(*pick).copied().unwrap_or(1.0);
            if factor != 1.0 {
                row.mapv_inplace(|value| value * factor);
            }
        }
        let channels = picks.iter().filter_map(|pick| self.header.channels.get(*pick).cloned()).collect();
        let header = Header { runs: read.runs, channels, ..self.header.clone() };
        Recording::from_parts(header, data_uv)
            .map_err(|source| Error::Eeg { file: self.header.format.clone().into(), source })
    }
}

impl Reader for Described {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let part = self.inner.read(samples)?;
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        self.described(part, &all)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let part = self.inner.read_picks(samples, picks)?;
        self.described(part, picks)
    }

    fn read_other(&mut self, index: usize, samples: Range<u64>) -> Result<Recording> {
        self.inner.read_other(index, samples)
    }

    fn identity(&self) -> Vec<Identifier> {
        self.inner.identity()
    }
}
