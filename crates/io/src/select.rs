//! Part of a recording.

use crate::{Error, Reader, Result, runs};
use dosewave_eeg::{Recording, Seconds};

/// What of a file is wanted; by default all of it.
///
/// ```
/// use dosewave_eeg::Seconds;
/// use dosewave_io::{Limits, Selection, open};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("a.edf");
/// # let data = ndarray::Array2::from_shape_fn((2, 1000), |(_, t)| t as f64);
/// # let recording = dosewave_eeg::Recording::new(data, dosewave_eeg::Hz(250.0), &["Fz", "Cz"]).unwrap();
/// # dosewave_io::write(&recording, &path).unwrap();
/// let wanted = Selection { picks: Some(vec!["Cz".into()]), window: Some((Seconds(1.0), Seconds(2.0))), signal: None };
/// let part = wanted.read(open(&path, &Limits::default())?.as_mut())?;
/// assert_eq!((part.header().ch_names(), part.data_uv().ncols()), (vec!["Cz"], 250));
/// # Ok::<(), dosewave_io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Channels by name or electrode label, in this order; `None` is all.
    pub picks: Option<Vec<String>>,
    /// True times from the recording's start, the second not included; `None` is all.
    pub window: Option<(Seconds, Seconds)>,
    /// A signal of another rate, by name, in place of the channels.
    pub signal: Option<String>,
}

impl Selection {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Eeg`] for a channel, a signal or a time that is not there, and what [`Reader::read`] may give.
    pub fn read(&self, reader: &mut dyn Reader) -> Result<Recording> {
        let header = reader.header().clone();
        let eeg = |source| Error::Eeg { file: header.format.clone().into(), source };
        if let Some(name) = &self.signal {
            let index = header.other_signals.iter().position(|signal| signal.name == *name);
            let n = index.and_then(|i| header.other_signals.get(i)).map_or(0, |signal| signal.n_samples);
            let Some(index) = index else {
                return Err(runs::no_other_name(&header.format, &header, name));
            };
            let whole = reader.read_other(index, 0..n)?;
            return match self.window {
                None => Ok(whole),
                Some((from, to)) => whole.crop(from, to).map_err(eeg),
            };
        }
        let samples = match self.window {
            None => 0..header.n_times(),
            Some((from, to)) => {
                let ranges = header.samples_between(from, to);
                let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
                    return Err(eeg(dosewave_eeg::Error::Invalid {
                        parameter: "window",
                        value: format!("{from} to {to}"),
                        allowed: format!("times at which something was recorded, 0 s to {}", header.end()),
                    }));
                };
                first.start..last.end
            }
        };
        match &self.picks {
            None => reader.read(samples),
            Some(names) => {
                let picks: dosewave_eeg::Result<Vec<usize>> =
                    names.iter().map(|name| header.channel_index(name)).collect();
                reader.read_picks(samples, &picks.map_err(eeg)?)
            }
        }
    }
}
