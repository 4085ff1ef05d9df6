//! Channels of the streams that are neither the recording nor annotations.

use super::FORMAT;
use super::chunks::Stream;
use super::open::{rate, runs, scan};
use super::reader::{Samples, XdfReader};
use crate::{Error, Limits, Result};
use dosewave_eeg::{Channel, Header, Hz, OtherSignal};

/// A channel of another stream.
#[derive(Clone, Copy)]
pub(crate) struct Other {
    /// Among the reader's streams.
    stream: usize,
    channel: usize,
}

/// All of them, and what is said of each: `stream/channel`, or the stream's name where it has one channel alone.
pub(crate) fn list(
    file: &str,
    streams: &[Stream],
    (n_channels, limits): (usize, &Limits),
) -> Result<(Vec<Other>, Vec<OtherSignal>)> {
    let n_others: usize = streams.iter().map(|stream| stream.header.n_channels).sum();
    limits.check_channels(file, n_channels as u64 + n_others as u64)?;
    let (mut others, mut signals) = (Vec::new(), Vec::new());
    for (i, stream) in streams.iter().enumerate() {
        let (channels, _) = stream.header.channels(&mut Vec::new());
        let name = &stream.header.name;
        for (channel, described) in channels.iter().enumerate() {
            others.push(Other { stream: i, channel });
            signals.push(OtherSignal {
                name: if channels.len() == 1 { name.clone() } else { format!("{name}/{}", described.name) },
                sfreq: Hz(stream.header.rate),
                n_samples: stream.n_samples,
                unit: described.unit.clone(),
            });
        }
    }
    Ok((others, signals))
}

/// The header of the recording that one of them is, where its samples stand, and which channel of these it is.
pub(crate) fn open(reader: &mut XdfReader, index: usize) -> Result<(Header, Samples, usize)> {
    let other = reader.others.get(index).copied();
    let found = other.and_then(|other| Some((reader.streams.get(other.stream)?, other.channel)));
    let Some((stream, channel)) = found else {
        return Err(crate::runs::no_other(&reader.window.name, &reader.header, index));
    };
    let announced = stream.header.rate;
    if announced <= 0.0 {
        let what = format!(
            "samples of the stream '{}' come irregularly: there is no rate to read them at",
            stream.header.name
        );
        return Err(Error::Unsupported { file: (&reader.window.name).into(), format: FORMAT, what });
    }
    let mut notes = reader.header.notes.clone();
    let (channels, factors) = stream.header.channels(&mut notes);
    let samples = Samples {
        values: stream.header.values,
        chunks: stream.chunks.clone(),
        n_samples: stream.n_samples,
        factors,
    };
    let (times, _) = scan(&mut reader.window, &reader.limits, stream, (&samples, &[]))?;
    let sfreq = rate(announced, &times, &mut notes);
    let stretches = runs(&times, (reader.zero, sfreq), &mut notes);
    let header = Header {
        channels: channels.get(channel).cloned().into_iter().collect::<Vec<Channel>>().into(),
        sfreq: Hz(sfreq),
        runs: stretches.into_iter().map(|(run, _)| run).collect(),
        other_signals: Vec::new(),
        notes,
        ..reader.header.clone()
    };
    Ok((header, samples, channel))
}
