//! What a measurement says of itself: channels, rate, date, filters, projections.

use super::FORMAT;
use super::channel::{self, FifChannels};
use super::constants::{block, tag};
use super::tag::TagFile;
use super::tree::Tree;
use crate::{Error, Result};
use dosewave_eeg::{Hz, Projection};

/// The head of a measurement.
pub(crate) struct Info {
    pub(crate) channels: FifChannels,
    pub(crate) sfreq: Hz,
    /// Microseconds from 1970-01-01 to sample 0.
    pub(crate) date_us: Option<i64>,
    pub(crate) projections: Vec<Projection>,
}

/// Reads the first measurement of the file.
pub(crate) fn read(file: &mut TagFile, tree: &Tree) -> Result<Info> {
    let Some(info) = tree.first(block::MEAS_INFO) else {
        return Err(Error::Unsupported {
            file: (&file.name).into(),
            format: FORMAT,
            what: "it holds no measurement (it may be a covariance, a forward model, an ICA or a montage); \
                   name the raw or epochs file"
                .into(),
        });
    };
    let Some(rate) = tree.find(info, tag::SFREQ) else {
        return Err(file.wrong(
            0,
            "the sampling rate",
            "missing".into(),
            "a tag of kind 201; the file is damaged or cut off",
        ));
    };
    let sfreq = file.number(&rate, "the sampling rate")?;
    if sfreq <= 0.0 {
        return Err(file.wrong(rate.position, "the sampling rate", sfreq.to_string(), "more than 0 Hz"));
    }
    let mut channels = channel::read(file, tree, info)?;
    filters(file, tree, info, sfreq, &mut channels)?;
    bads(file, tree, info, &channels)?;
    let projections = projections(file, tree, info, &channels)?;
    let date_us = match tree.find(info, tag::MEAS_DATE) {
        Some(tag) => date_us(&file.numbers(&tag, "the date")?),
        None => None,
    };
    Ok(Info { channels, sfreq: Hz(sfreq), date_us, projections })
}

/// Seconds since 1970 and microseconds.
pub(crate) fn date_us(numbers: &[f64]) -> Option<i64> {
    let seconds = numbers.first().filter(|s| s.is_finite() && s.abs() < 1e11)?;
    let micros = numbers.get(1).copied().filter(|us| us.abs() < 1e12).unwrap_or(0.0);
    Some((*seconds * 1e6).round() as i64 + micros.round() as i64)
}

/// One pair of edges for all channels; those at 0 and at half the rate are no filters.
fn filters(file: &mut TagFile, tree: &Tree, info: usize, sfreq: f64, all: &mut FifChannels) -> Result<()> {
    let mut edge = |kind| match tree.find(info, kind) {
        Some(tag) => Ok(file.numbers(&tag, "a filter's edge")?.first().copied()),
        None => Ok(None),
    };
    let high_pass = edge(tag::HIGHPASS)?.filter(|f| *f > 0.0 && *f < sfreq / 2.0).map(Hz);
    let low_pass = edge(tag::LOWPASS)?.filter(|f| *f > 0.0 && *f < sfreq / 2.0).map(Hz);
    for channel in all.channels.iter_mut().filter(|c| c.is_voltage() || c.is_csd()) {
        (channel.high_pass, channel.low_pass) = (high_pass, low_pass);
    }
    Ok(())
}

fn bads(file: &mut TagFile, tree: &Tree, info: usize, all: &FifChannels) -> Result<()> {
    for block in tree.within(info, block::BAD_CHANNELS) {
        let Some(tag) = tree.find(block, tag::CH_NAME_LIST) else { continue };
        let names = all.names(&file.text(&tag, "bad channels")?);
        if !names.is_empty() {
            let text = format!("the file marks {} as bad; nothing is left out", names.join(", "));
            file.warn(text);
        }
    }
    Ok(())
}

fn projections(file: &mut TagFile, tree: &Tree, info: usize, all: &FifChannels) -> Result<Vec<Projection>> {
    let mut projections = Vec::new();
    for block in tree.within(info, block::PROJ_ITEM) {
        let name = match tree.find(block, tag::NAME).or_else(|| tree.find(block, tag::COMMENT)) {
            Some(tag) => file.text(&tag, "name of a projection")?,
            None => String::new(),
        };
        let is_applied = match tree.find(block, tag::PROJ_ITEM_ACTIVE) {
            Some(tag) => file.number(&tag, "state of a projection")? != 0.0,
            None => false,
        };
        let channels = match tree.find(block, tag::PROJ_ITEM_CH_NAME_LIST) {
            Some(tag) => all.names(&file.text(&tag, "channels of a projection")?),
            None => Vec::new(),
        };
        projections.push(Projection { name, is_applied, channels });
    }
    Ok(projections)
}
