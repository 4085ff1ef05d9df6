//! The block of annotations.

use super::channel::unescaped;
use super::constants::{block, tag};
use super::info::{self, Info};
use super::tag::TagFile;
use super::tree::Tree;
use crate::Result;
use dosewave_eeg::{Annotation, Seconds};

/// All annotations, their onsets in seconds from the measurement's date (from sample 0 where it has none).
pub(crate) fn read(file: &mut TagFile, tree: &Tree, info: &Info) -> Result<Vec<Annotation>> {
    let mut all = Vec::new();
    for block in tree.within(0, block::ANNOTATIONS) {
        one_block(file, tree, block, info, &mut all)?;
    }
    Ok(all)
}

fn one_block(
    file: &mut TagFile,
    tree: &Tree,
    block: usize,
    info: &Info,
    all: &mut Vec<Annotation>,
) -> Result<()> {
    let (Some(onsets), Some(ends)) =
        (tree.find(block, tag::BASELINE_MIN), tree.find(block, tag::BASELINE_MAX))
    else {
        return Ok(());
    };
    let onsets = file.numbers(&onsets, "onsets of annotations")?;
    file.limits.check_annotations(&file.name, all.len() + onsets.len())?;
    let ends = file.numbers(&ends, "ends of annotations")?;
    let labels = match tree.find(block, tag::COMMENT) {
        Some(tag) => file.text(&tag, "labels of annotations")?,
        None => String::new(),
    };
    let labels: Vec<String> = labels.split(':').map(unescaped).collect();
    let shift = shift_s(file, tree, block, info)?;
    let channels = channels(file, tree, block)?;
    let mut bad = onsets.len().abs_diff(ends.len()).max(onsets.len().abs_diff(labels.len()));
    for (i, ((onset, end), label)) in onsets.iter().zip(&ends).zip(labels).enumerate() {
        if !(onset.is_finite() && end.is_finite()) {
            bad += 1;
            continue;
        }
        // ends are written in single precision
        let mut annotation = Annotation::new(Seconds(onset + shift), Seconds((end - onset).max(0.0)), label);
        if let Some(names) = channels.get(i) {
            annotation.channels = names.iter().map(|name| info.channels.whole_name(name.clone())).collect();
        }
        all.push(annotation);
    }
    if bad > 0 && !onsets.is_empty() {
        let text = format!("{bad} annotation(s) without onset, end or label are left out");
        file.warn(text);
    }
    Ok(())
}

/// From the annotations' own origin to the measurement's date.
fn shift_s(file: &mut TagFile, tree: &Tree, block: usize, info: &Info) -> Result<f64> {
    let Some(tag) = tree.find(block, tag::MEAS_DATE) else { return Ok(0.0) };
    let own = info::date_us(&file.numbers(&tag, "origin of annotations")?);
    Ok(match (own, info.date_us) {
        (Some(own), Some(date)) => own.saturating_sub(date) as f64 * 1e-6,
        _ => 0.0,
    })
}

/// The channels that each annotation is about: lists of names as JSON.
fn channels(file: &mut TagFile, tree: &Tree, block: usize) -> Result<Vec<Vec<String>>> {
    let Some(tag) = tree.find(block, tag::DROP_LOG) else { return Ok(Vec::new()) };
    let text = file.text(&tag, "channels of annotations")?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
