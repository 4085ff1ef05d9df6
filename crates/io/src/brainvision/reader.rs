//! Samples of an open recording.

use super::date::seconds_between;
use super::samples::Samples;
use super::vhdr::{self, Vhdr};
use super::vmrk::{self, Marker};
use crate::source::find;
use crate::{Error, Identifier, Limits, ReadAt, ReadSeek, Reader, Result, Source, runs};
use dosewave_eeg::{Annotation, Details, Header, Note, Recording, Run, Seconds, Timestamp};
use ndarray::Array2;
use std::io::Read;
use std::ops::Range;

const FORMAT: &str = "BrainVision";
/// Largest header or marker file.
const MAX_TEXT: u64 = 64 << 20;

/// An open BrainVision recording.
pub(crate) struct BrainVisionReader {
    name: String,
    data_name: String,
    input: Box<dyn ReadAt>,
    limits: Limits,
    vhdr: Vhdr,
    n_times: u64,
    header: Header,
    identity: Vec<Identifier>,
}

impl BrainVisionReader {
    pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<Self> {
        let name = source.name().to_owned();
        let mut vhdr = vhdr::parse(&name, &read_text(&name, source.open()?)?, &limits)?;
        let data_name = sibling(source, &vhdr.data_file, "data file")?;
        let input = source.open_at(&data_name)?;
        let n_times = count_samples(&data_name, &mut vhdr, input.size())?;
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
        let identity = identity(&vhdr, &markers);
        Ok(Self { name, data_name, input, limits, vhdr, n_times, header, identity })
    }

    /// Refuses NaN and infinity, naming where they stand.
    fn check_finite(&self, wanted: &Range<u64>, picks: &[usize], data_uv: &Array2<f64>) -> Result<()> {
        for (c, row) in picks.iter().zip(data_uv.outer_iter()) {
            let Some(channel) = self.header.channels.get(*c) else { continue };
            let Some((t, value)) = row.iter().enumerate().find(|(_, v)| !v.is_finite()) else { continue };
            let sample = wanted.start + t as u64;
            let index = if self.vhdr.vectorized {
                *c as u64 * self.n_times + sample
            } else {
                sample * self.vhdr.channels.len() as u64 + *c as u64
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

    fn part(&self, header: &Header, picks: &[usize], samples: &Range<u64>) -> Result<Recording> {
        let from = samples.start.min(self.n_times);
        let wanted = from..samples.end.min(self.n_times).max(from);
        self.limits.check_samples(&self.name, picks.len() as u64, wanted.end - wanted.start)?;
        let samples = Samples { input: self.input.as_ref(), vhdr: &self.vhdr, n_times: self.n_times, picks };
        let (data_uv, is_finite) =
            samples.read(&wanted).map_err(|source| Error::Io { file: (&self.data_name).into(), source })?;
        if !is_finite {
            self.check_finite(&wanted, picks, &data_uv)?;
        }
        runs::recording(&self.name, header, &wanted, data_uv)
    }
}

impl Reader for BrainVisionReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        self.part(&self.header, &all, &samples)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = runs::picked(&self.name, &self.header, picks)?;
        self.part(&header, picks, &samples)
    }

    fn identity(&self) -> Vec<Identifier> {
        self.identity.clone()
    }
}

/// Free text, dates, and names of files, which often hold a person's.
fn identity(vhdr: &Vhdr, markers: &[Marker]) -> Vec<Identifier> {
    let mut all = vhdr.identity.clone();
    let dated = markers.iter().filter(|marker| marker.date.is_some()).count();
    if dated > 0 {
        all.push(Identifier::new(format!("dates of {dated} segment(s)"), ""));
    }
    let files = [Some(&vhdr.data_file), vhdr.marker_file.as_ref()];
    let stem = |name: &String| name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned());
    all.extend(
        files.into_iter().flatten().map(|name| Identifier::new("file name in the header", stem(name))),
    );
    all
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
