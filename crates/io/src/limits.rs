//! What a file may ask of memory.

use crate::{Error, Result};

/// Consulted before each allocation that a file's header asks for.
///
/// ```
/// use dosewave_io::{Limits, MemorySource, read_source};
/// let limits = Limits { max_channels: 1, ..Limits::default() };
/// assert!(read_source(Box::new(MemorySource::new("a.edf", vec![])), &limits).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one [`crate::Reader::read`].
    pub max_alloc: u64,
    /// Channels of a file.
    pub max_channels: usize,
    /// Annotations of a file.
    pub max_annotations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_alloc: 16 << 30, max_channels: 4096, max_annotations: 1_000_000 }
    }
}

impl Limits {
    /// Refuses `channels × samples` values of `f64` beyond [`Self::max_alloc`].
    pub(crate) fn check_samples(&self, file: &str, n_channels: u64, n_samples: u64) -> Result<()> {
        let bytes = n_channels.saturating_mul(n_samples).saturating_mul(8);
        self.check_bytes(file, &format!("{n_samples} samples of {n_channels} channels"), bytes)
    }

    /// Refuses `bytes` beyond [`Self::max_alloc`].
    pub(crate) fn check_bytes(&self, file: &str, what: &str, bytes: u64) -> Result<()> {
        if bytes <= self.max_alloc {
            return Ok(());
        }
        Err(Error::Limit {
            file: file.into(),
            what: format!("{what} (bytes)"),
            asked: bytes,
            allowed: self.max_alloc,
        })
    }

    /// Refuses more than [`Self::max_channels`].
    pub(crate) fn check_channels(&self, file: &str, n_channels: u64) -> Result<()> {
        if n_channels <= self.max_channels as u64 {
            return Ok(());
        }
        let what = "the number of channels".into();
        Err(Error::Limit { file: file.into(), what, asked: n_channels, allowed: self.max_channels as u64 })
    }

    /// Refuses more than [`Self::max_annotations`].
    pub(crate) fn check_annotations(&self, file: &str, n: usize) -> Result<()> {
        if n <= self.max_annotations {
            return Ok(());
        }
        let what = "the number of annotations".into();
        Err(Error::Limit { file: file.into(), what, asked: n as u64, allowed: self.max_annotations as u64 })
    }
}
