//! Samples of an open recording.

use super::date::seconds_between;
use super::vhdr::{self, SampleType, Vhdr};
use super::vmrk::{self, Marker};
use crate::source::find;
use crate::{Error, Limits, ReadSeek, Reader, Result, Source};
use dosewave_eeg::{Annotation, Details, Header, Note, Recording, Run, Seconds, Timestamp};
use ndarray::{Array2, Axis};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

const FORMAT: &str = "BrainVision";
/// Largest header or marker file.
const MAX_TEXT: u64 = 64 << 20;
/// Bytes that one pass over the disk takes.
const CHUNK: u64 = 1 << 20;

/// An open BrainVision recording.
pub(crate) struct BrainVisionReader {
    name: String,
    data_name: String,
    input: Box<dyn ReadSeek>,
    limits: Limits,
    vhdr: Vhdr,
    n_times: u64,
    header: Header,
}

impl BrainVisionReader {
    pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<Self> {
        let name = source.name().to_owned();
        let mut vhdr = vhdr::parse(&name, &read_text(&name, source.open()?)?, &limits)?;
        let data_name = sibling(source, &vhdr.data_file, "data file")?;
        let mut input = source.open_sibling(&data_name)?;
        let size =
            input.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: (&data_name).into(), source })?;
        let n_times = count_samples(&data_name, &mut vhdr, size)?;
        let markers = match vhdr.marker_file.clone() {
            None => {
                vhdr.notes.push(Note::info(
                    FORMAT,
                    "the header names no marker file: no events, and pauses are unknown",
                ));
                Vec::new()
            }
            Some(file) => {
                let file = sibling(source, &file, "marker file")?;
                let (markers, bad) = vmrk::parse(&read_text(&file, source.open_sibling(&file)?)?);
                if bad > 0 {
                    let text =
                        format!("{bad} marker(s) of '{file}' could not be understood and are left out");
                    vhdr.notes.push(Note::warning(FORMAT, text));
                }
                markers
            }
        };
        limits.check_annotations(&name, markers.len())?;
        let n_segments = vhdr.segment_points.map_or(0, |n| n_times / n);
        limits.check_annotations(&name, usize::try_from(n_segments).unwrap_or(usize::MAX))?;
        let header = describe(&mut vhdr, &markers, n_times);
        Ok(Self { name, data_name, input, limits, vhdr, n_times, header })
    }

    fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> Result<()> {
        let failed = |source| Error::Io { file: (&self.data_name).into(), source };
        self.input.seek(SeekFrom::Start(position)).map_err(failed)?;
        self.input.read_exact(buffer).map_err(failed)
    }

    fn read_multiplexed(&mut self, wanted: &Range<u64>, data_uv: &mut Array2<f64>) -> Result<()> {
        let n_channels = self.vhdr.channels.len();
        let width = self.vhdr.sample_type.bytes();
        let frame = width * n_channels as u64;
        let at_once = (CHUNK / frame).max(1);
        let mut buffer = Vec::new();
        let mut first = wanted.start;
        while first < wanted.end {
            let n = at_once.min(wanted.end - first);
            buffer.resize((n * frame) as usize, 0_u8);
            self.read_at(first * frame, &mut buffer)?;
            for (i, bytes) in buffer.chunks_exact(frame as usize).enumerate() {
                let column = (first - wanted.start) as usize + i;
                let values = bytes.chunks_exact(width as usize).zip(&self.vhdr.factors);
                for ((sample, factor), out) in values.zip(data_uv.index_axis_mut(Axis(1), column)) {
                    *out = self.vhdr.value(sample) * factor;
                }
            }
            first += n;
        }
        Ok(())
    }

    fn read_vectorized(&mut self, wanted: &Range<u64>, data_uv: &mut Array2<f64>) -> Result<()> {
        let width = self.vhdr.sample_type.bytes();
        let mut buffer = vec![0_u8; ((wanted.end - wanted.start) * width) as usize];
        for (channel, mut row) in data_uv.outer_iter_mut().enumerate() {
            self.read_at((channel as u64 * self.n_times + wanted.start) * width, &mut buffer)?;
            let factor = self.vhdr.factors.get(channel).copied().unwrap_or(1.0);
            for (out, sample) in row.iter_mut().zip(buffer.chunks_exact(width as usize)) {
                *out = self.vhdr.value(sample) * factor;
            }
        }
        Ok(())
    }

    /// Refuses NaN and infinity, naming where they stand.
    fn check_finite(&self, wanted: &Range<u64>, data_uv: &Array2<f64>) -> Result<()> {
        for (c, (channel, row)) in self.header.channels.iter().zip(data_uv.outer_iter()).enumerate() {
            let Some((t, value)) = row.iter().enumerate().find(|(_, v)| !v.is_finite()) else { continue };
            let sample = wanted.start + t as u64;
            let index = if self.vhdr.vectorized {
                c as u64 * self.n_times + sample
            } else {
                sample * self.vhdr.channels.len() as u64 + c as u64
            };
            return Err(Error::Malformed {
                file: (&self.data_name).into(),
                format: FORMAT,
                field: format!("sample {sample} of channel '{}'", channel.name),
                offset: index * self.vhdr.sample_type.bytes(),
                found: value.to_string(),
                allowed: "finite values; repair or cut the recording there".into(),
            });
        }
        Ok(())
    }
}

impl Reader for BrainVisionReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let wanted = samples.start.min(self.n_times)
            ..samples.end.min(self.n_times).max(samples.start.min(self.n_times));
        let n = wanted.end - wanted.start;
        self.limits.check_samples(&self.name, self.vhdr.channels.len() as u64, n)?;
        let mut data_uv = Array2::zeros((self.vhdr.channels.len(), n as usize));
        if n > 0 && self.vhdr.vectorized {
            self.read_vectorized(&wanted, &mut data_uv)?;
        } else if n > 0 {
            self.read_multiplexed(&wanted, &mut data_uv)?;
        }
        self.check_finite(&wanted, &data_uv)?;
        crate::runs::recording(&self.name, &self.header, &wanted, data_uv)
    }
}

impl Vhdr {
    /// One sample; `bytes` has the width of the type.
    fn value(&self, bytes: &[u8]) -> f64 {
        fn array<const N: usize>(bytes: &[u8], big_endian: bool) -> [u8; N] {
            let mut array = [0_u8; N];
            array.iter_mut().zip(bytes).for_each(|(a, b)| *a = *b);
            if big_endian {
                array.reverse();
            }
            array
        }
        match self.sample_type {
            SampleType::Int16 => f64::from(i16::from_le_bytes(array(bytes, self.big_endian))),
            SampleType::Uint16 => f64::from(u16::from_le_bytes(array(bytes, self.big_endian))),
            SampleType::Int32 => f64::from(i32::from_le_bytes(array(bytes, self.big_endian))),
            SampleType::Float32 => f64::from(f32::from_le_bytes(array(bytes, self.big_endian))),
            SampleType::Float64 => f64::from_le_bytes(array(bytes, self.big_endian)),
        }
    }
}

fn read_text(name: &str, input: Box<dyn ReadSeek>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input
        .take(MAX_TEXT + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Io { file: name.into(), source })?;
    if bytes.len() as u64 > MAX_TEXT {
        let what = "the size of a header or marker file (bytes)".into();
        return Err(Error::Limit { file: name.into(), what, asked: bytes.len() as u64, allowed: MAX_TEXT });
    }
    Ok(bytes)
}

/// The name of a file that the header names, as it stands beside it.
fn sibling(source: &dyn Source, name: &str, role: &'static str) -> Result<String> {
    if let Some(found) = find(source, name) {
        return Ok(found);
    }
    let stem = source.name().rsplit_once('.').map_or(source.name(), |(stem, _)| stem);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let renamed = find(source, &format!("{stem}.{ending}"));
    let advice = match renamed {
        Some(other) => format!(
            "'{other}' stands beside the header: if the files were renamed, correct the name in the header"
        ),
        None => "copy it beside the header".into(),
    };
    Err(Error::MissingSibling { file: source.name().into(), role, sibling: name.into(), advice })
}

fn count_samples(data_name: &str, vhdr: &mut Vhdr, size: u64) -> Result<u64> {
    let wrong = |found: String, allowed: &str| Error::Malformed {
        file: data_name.into(),
        format: FORMAT,
        field: "the end of the samples".into(),
        offset: size,
        found,
        allowed: allowed.into(),
    };
    let frame = vhdr.sample_type.bytes() * vhdr.channels.len() as u64;
    let (whole, rest) = (size / frame, size % frame);
    if whole == 0 {
        return Err(wrong(
            format!("less than one sample of {frame} bytes"),
            "the data file is empty; copy it again from where it was recorded",
        ));
    }
    let claimed = vhdr.data_points.filter(|n| *n != whole);
    if vhdr.vectorized && (rest > 0 || claimed.is_some()) {
        let claimed = claimed.map_or(String::new(), |n| format!(", where the header claims {n} samples"));
        return Err(wrong(
            format!("after {whole} samples of {frame} bytes and {rest} bytes{claimed}"),
            "channels stand one after the other, and where each begins is only known when the size is right; \
             copy or export the recording again",
        ));
    }
    if rest > 0 {
        let text = format!(
            "the data file ends in the middle of a sample ({rest} of {frame} bytes), which is left out"
        );
        vhdr.notes.push(Note::warning(FORMAT, text));
    }
    if let Some(claimed) = claimed {
        let text =
            format!("the header claims {claimed} samples, the data file holds {whole}, which are read");
        vhdr.notes.push(Note::warning(FORMAT, text));
    }
    Ok(whole)
}

fn describe(vhdr: &mut Vhdr, markers: &[Marker], n_times: u64) -> Header {
    let start = markers.iter().find(|m| m.is_new_segment()).and_then(|m| m.date);
    let runs = runs(vhdr, markers, n_times);
    let mut header = Header {
        format: FORMAT.into(),
        channels: vhdr.channels.clone().into(),
        sfreq: vhdr.sfreq,
        runs,
        start,
        annotations: Vec::new(),
        other_signals: Vec::new(),
        details: Details::default(),
        notes: Vec::new(),
    };
    let mut beyond = 0;
    for marker in markers.iter().filter(|m| !(m.is_new_segment() && m.sample == 0)) {
        beyond += usize::from(marker.sample >= n_times);
        let onset = header.time_of(marker.sample).unwrap_or_else(|| {
            // a marker just behind the last sample
            Seconds(header.end().0 + marker.sample.saturating_sub(n_times) as f64 / vhdr.sfreq.0)
        });
        let mut annotation =
            Annotation::new(onset, Seconds(marker.size as f64 / vhdr.sfreq.0), marker.label());
        if let Some(channel) = marker.channel.checked_sub(1).and_then(|i| vhdr.channels.get(i)) {
            annotation.channels.push(channel.name.clone());
        }
        header.annotations.push(annotation);
    }
    header.annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    if beyond > 0 {
        vhdr.notes.push(Note::warning(FORMAT, format!("{beyond} marker(s) lie behind the last sample")));
    }
    header.notes.clone_from(&vhdr.notes);
    header
}

/// Where segments begin, with their dates: at `New Segment` markers, else at every multiple of the segments' length.
fn segments(vhdr: &Vhdr, markers: &[Marker], n_times: u64) -> Vec<(u64, Option<Timestamp>)> {
    let marked = markers.iter().filter(|m| m.is_new_segment() && m.sample < n_times);
    let mut all: Vec<_> = marked.map(|m| (m.sample, m.date)).collect();
    if let Some(length) = vhdr.segment_points.filter(|_| all.len() < 2) {
        if all.is_empty() {
            all.push((0, None));
        }
        let multiples = (1..).map_while(|i: u64| i.checked_mul(length)).take_while(|at| *at < n_times);
        all.extend(multiples.map(|at| (at, None)));
    }
    all
}

/// A segment that begins later than its place says is a pause.
fn runs(vhdr: &mut Vhdr, markers: &[Marker], n_times: u64) -> Vec<Run> {
    let mut runs = vec![Run { onset: Seconds(0.0), samples: 0..n_times }];
    let mut segments = segments(vhdr, markers, n_times).into_iter();
    let Some((first, first_date)) = segments.next() else { return runs };
    let sfreq = vhdr.sfreq.0;
    let mut undated = Vec::new();
    for (sample, date) in segments {
        let Some(run) = runs.last_mut() else { break };
        if sample <= run.samples.start {
            continue;
        }
        let expected = run.onset.0 + (sample - run.samples.start) as f64 / sfreq;
        let stated = match (first_date, date) {
            (Some(from), Some(to)) => seconds_between(from, to) + first as f64 / sfreq,
            _ => {
                undated.push(sample);
                expected
            }
        };
        // clocks of recorder and samples differ by a little; filters must not see across the joint even so
        let onset = Seconds(stated.max(expected));
        run.samples.end = sample;
        runs.push(Run { onset, samples: sample..n_times });
    }
    if let Some(at) = undated.first() {
        let text = format!(
            "{} segment(s) have no date, the first at sample {at}: the pauses before them are unknown",
            undated.len()
        );
        vhdr.notes.push(Note::warning(FORMAT, text));
    }
    runs
}
