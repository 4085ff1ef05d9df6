//! Epochs, each a run of its own at its true time.

use super::constants::{block, tag, types};
use super::info::Info;
use super::samples::sample_type;
use super::tag::{Tag, TagFile};
use super::tree::Tree;
use crate::Result;
use crate::bytes::Endian;
use crate::frames::Layout;
use crate::pieces::{Order, Piece};
use dosewave_eeg::{Annotation, Run, Seconds};

/// Epochs of one file or of the parts of a split one, in the order of the file.
#[derive(Default)]
pub(crate) struct Epochs {
    pub(crate) pieces: Vec<Piece>,
    epochs: Vec<Epoch>,
}

/// When an epoch's event was, and what it was.
struct Epoch {
    event_s: f64,
    label: String,
    /// Seconds from its event to its first sample.
    from_s: f64,
    n_times: u64,
}

/// Epochs as runs, with what could not be kept as it was.
pub(crate) struct Timeline {
    pub(crate) runs: Vec<Run>,
    pub(crate) annotations: Vec<Annotation>,
    /// Whether the runs are at their true times.
    pub(crate) is_true: bool,
}

impl Epochs {
    /// Adds the epochs of a part.
    pub(crate) fn add(
        &mut self,
        file: &mut TagFile,
        tree: &Tree,
        epochs: usize,
        part: usize,
        info: &Info,
    ) -> Result<()> {
        let Some(data) = tree.find(epochs, tag::EPOCH) else {
            file.warn("the block of epochs holds no data".into());
            return Ok(());
        };
        let n_channels = info.channels.channels.len();
        let (n_epochs, n_times) = shape(file, &data, n_channels)?;
        let events = events(file, tree, n_epochs)?;
        let from_s = match tree.find(epochs, tag::FIRST_SAMPLE) {
            Some(tag) => file.number(&tag, "the first sample of epochs")? / info.sfreq.0,
            None => 0.0,
        };
        let raw_sfreq = raw_sfreq(file, tree, epochs, info)?;
        note_baseline(file, tree, epochs)?;
        let layout = Layout { sample_type: sample_type(file, &data)?, endian: Endian::Big, n_channels };
        let bytes = layout.frame() as u64 * n_times;
        for (i, (sample, label)) in events.into_iter().enumerate() {
            let start = self.pieces.last().map_or(0, |piece| piece.samples.end);
            let position = data.position + i as u64 * bytes;
            let samples = start..start + n_times;
            self.pieces.push(Piece {
                part,
                position,
                layout,
                order: Order::Vectorized,
                first_channel: 0,
                samples,
                row: None,
            });
            self.epochs.push(Epoch { event_s: sample / raw_sfreq, label, from_s, n_times });
        }
        Ok(())
    }

    /// Epochs as runs, those that overlap one behind the other; each has its event as an annotation.
    pub(crate) fn timeline(&self, sfreq: f64) -> Timeline {
        let segments: Vec<(f64, u64)> =
            self.epochs.iter().map(|e| (e.event_s + e.from_s, e.n_times)).collect();
        let (runs, is_true) = crate::runs::segments(&segments, sfreq);
        let event = |(run, epoch): (&Run, &Epoch)| {
            Annotation::new(Seconds(run.onset.0 - epoch.from_s), Seconds(0.0), epoch.label.clone())
        };
        let annotations = runs.iter().zip(&self.epochs).map(event).collect();
        Timeline { runs, annotations, is_true }
    }
}

/// Number of epochs and of their samples.
fn shape(file: &mut TagFile, data: &Tag, n_channels: usize) -> Result<(u64, u64)> {
    let width = sample_type(file, data)?.bytes() as u64;
    // behind the values: samples, channels, epochs, 3
    let mut tail = [0_u8; 16];
    let dims: Option<[u64; 4]> = match data.size.checked_sub(16) {
        Some(before) if data.kind_of_data & types::MATRIX != 0 => {
            file.read_at(data.position + before, &mut tail)?;
            let (numbers, _) = tail.as_chunks::<4>();
            let mut dims = [0; 4];
            dims.iter_mut().zip(numbers).for_each(|(d, b)| *d = u64::from(u32::from_be_bytes(*b)));
            Some(dims)
        }
        _ => None,
    };
    let fits = |[n_times, n, n_epochs, three]: &[u64; 4]| {
        let size = n_times
            .checked_mul(*n)
            .and_then(|v| v.checked_mul(*n_epochs)?.checked_mul(width)?.checked_add(16));
        *three == 3 && *n == n_channels as u64 && size == Some(data.size)
    };
    match dims.filter(fits) {
        // no epoch without samples: there is one run for each
        Some([n_times, _, n_epochs, _]) => Ok((if n_times > 0 { n_epochs } else { 0 }, n_times)),
        None => {
            let found = dims
                .map_or("no matrix".into(), |[t, c, e, _]| format!("{e} × {c} × {t} in {} bytes", data.size));
            let allowed = format!("epochs × {n_channels} channels × samples; the file is damaged or cut off");
            Err(file.wrong(data.position, "the shape of the epochs", found, &allowed))
        }
    }
}

/// Sample and name of the event of each epoch.
fn events(file: &mut TagFile, tree: &Tree, n_epochs: u64) -> Result<Vec<(f64, String)>> {
    let list =
        tree.within(0, block::EVENTS).into_iter().find_map(|b| Some((b, tree.find(b, tag::EVENT_LIST)?)));
    let Some((events, list)) = list else {
        return Err(file.wrong(
            0,
            "the list of events",
            "missing".into(),
            "one event for each epoch: their times are unknown",
        ));
    };
    let numbers = file.numbers(&list, "the list of events")?;
    let (rows, rest) = numbers.as_chunks::<3>();
    if rows.len() as u64 != n_epochs || !rest.is_empty() {
        let found = format!("{} numbers", numbers.len());
        let allowed = format!("three for each of {n_epochs} epochs");
        return Err(file.wrong(list.position, "the list of events", found, &allowed));
    }
    file.limits.check_annotations(&file.name, rows.len())?;
    let names = match tree.find(events, tag::COMMENT) {
        Some(tag) => event_names(&file.text(&tag, "names of events")?),
        None => Vec::new(),
    };
    let name = |id: f64| names.iter().find(|(_, known)| *known as f64 == id).map(|(name, _)| name.clone());
    Ok(rows.iter().map(|[sample, _, id]| (*sample, name(*id).unwrap_or_else(|| id.to_string()))).collect())
}

/// `name:number;name:number`, where names may hold both signs.
fn event_names(text: &str) -> Vec<(String, i64)> {
    let (mut names, mut begun) = (Vec::new(), String::new());
    for part in text.split(';') {
        match part.rsplit_once(':').and_then(|(name, id)| Some((name, id.trim().parse().ok()?))) {
            Some((name, id)) => names.push((format!("{}{name}", std::mem::take(&mut begun)), id)),
            None => {
                begun.push_str(part);
                begun.push(';');
            }
        }
    }
    names
}

/// Rate of the recording from which epochs were cut, in which their events are counted.
fn raw_sfreq(file: &mut TagFile, tree: &Tree, epochs: usize, info: &Info) -> Result<f64> {
    let stated = match tree.find(epochs, tag::EPOCHS_RAW_SFREQ) {
        Some(tag) => Some(file.number(&tag, "the rate before cutting")?).filter(|rate| *rate > 0.0),
        None => None,
    };
    if stated.is_none() {
        let text = "the rate in which events are counted is not stated; it is taken for that of the epochs, which is wrong where they were decimated";
        file.warn(text.into());
    }
    Ok(stated.unwrap_or(info.sfreq.0))
}

fn note_baseline(file: &mut TagFile, tree: &Tree, epochs: usize) -> Result<()> {
    let (Some(from), Some(to)) = (tree.find(epochs, tag::BASELINE_MIN), tree.find(epochs, tag::BASELINE_MAX))
    else {
        return Ok(());
    };
    let (from, to) = (file.numbers(&from, "a baseline")?, file.numbers(&to, "a baseline")?);
    if let (Some(from), Some(to)) = (from.first(), to.first()) {
        file.inform(format!(
            "the mean from {from:.3} to {to:.3} s was subtracted from each epoch before it was saved"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_events_may_hold_colons_and_semicolons() {
        let names =
            |text| event_names(text).into_iter().map(|(name, id)| format!("{name}={id}")).collect::<Vec<_>>();
        assert_eq!(names("five:5;x;y:z:7"), ["five=5", "x;y:z=7"]);
        assert_eq!(names("a:-1"), ["a=-1"]);
        assert!(names("").is_empty() && names("no number").is_empty());
    }
}
