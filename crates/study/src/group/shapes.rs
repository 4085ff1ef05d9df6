//! Group spectra and connectivity.

use super::rows::{FEWEST_SUBJECTS, GROUP, treatments};
use crate::config::Config;
use crate::{ConnectivityMatrix, Result, Results, SpectrumResult};
use dosewave_numerics::stats::{mean, t_interval};
use std::collections::BTreeMap;

/// Adds them for each treatment.
pub(crate) fn add(results: &mut Results, config: &Config) -> Result<()> {
    let (mut spectra, mut matrices) = (Vec::new(), Vec::new());
    for treatment in treatments(results) {
        for window in firsts(results.spectra.iter().filter(|s| s.treatment == treatment).map(|s| &s.window)) {
            let of: Vec<&SpectrumResult> = results
                .spectra
                .iter()
                .filter(|s| s.treatment == treatment && s.window == window && s.site == "global")
                .collect();
            spectra.extend(spectrum(&of, config)?);
        }
        let of_treatment: Vec<&ConnectivityMatrix> =
            results.connectivity.iter().filter(|m| m.treatment == treatment).collect();
        for window in firsts(of_treatment.iter().map(|m| &m.window)) {
            for marker in firsts(of_treatment.iter().map(|m| &m.marker)) {
                let of: Vec<&ConnectivityMatrix> = of_treatment
                    .iter()
                    .copied()
                    .filter(|m| m.window == window && m.marker == marker)
                    .collect();
                matrices.extend(matrix(&of));
            }
        }
    }
    results.spectra.extend(spectra);
    results.connectivity.extend(matrices);
    Ok(())
}

/// Each text once, in order of appearance.
pub(super) fn firsts<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in all {
        if !seen.contains(text) {
            seen.push(text.clone());
        }
    }
    seen
}

/// One entry per subject: sessions of a subject are averaged.
pub(super) fn by_subject<T>(all: impl Iterator<Item = (String, T)>) -> BTreeMap<String, Vec<T>> {
    let mut subjects: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for (subject, item) in all {
        subjects.entry(subject).or_default().push(item);
    }
    subjects
}

/// Mean of subjects in dB with its t interval, over the sessions that share the first one's frequencies.
fn spectrum(of: &[&SpectrumResult], config: &Config) -> Result<Option<SpectrumResult>> {
    let Some(first) = of.first() else { return Ok(None) };
    let alike = of.iter().filter(|s| s.freqs_hz == first.freqs_hz);
    let subjects = by_subject(alike.map(|s| (s.subject.clone(), *s)));
    if subjects.len() < FEWEST_SUBJECTS {
        return Ok(None);
    }
    let power = |db: f64| 10.0_f64.powf(db / 10.0);
    let mut group = SpectrumResult {
        subject: GROUP.into(),
        session: String::new(),
        psd_uv2_hz: Vec::new(),
        ci_low: Vec::new(),
        ci_high: Vec::new(),
        ..(*first).clone()
    };
    for bin in 0..first.freqs_hz.len() {
        let mut levels = Vec::with_capacity(subjects.len());
        for sessions in subjects.values() {
            let db: Vec<f64> =
                sessions.iter().filter_map(|s| s.psd_uv2_hz.get(bin)).map(|p| 10.0 * p.log10()).collect();
            levels.extend(mean(&db));
        }
        let (centre, low, high) = t_interval(&levels, config.inference.confidence)?;
        group.psd_uv2_hz.push(power(centre));
        group.ci_low.push(power(low));
        group.ci_high.push(power(high));
    }
    Ok(Some(group))
}

/// Mean of subjects with the same channels; a pair that is undefined in any of them is missing.
fn matrix(of: &[&ConnectivityMatrix]) -> Option<ConnectivityMatrix> {
    let first = of.first()?;
    let subjects =
        by_subject(of.iter().filter(|m| m.channels == first.channels).map(|m| (m.subject.clone(), *m)));
    if subjects.len() < FEWEST_SUBJECTS {
        return None;
    }
    let values = (0..first.values.len()).map(|pair| {
        let mut all = Vec::with_capacity(subjects.len());
        for sessions in subjects.values() {
            let own: Option<Vec<f64>> =
                sessions.iter().map(|m| m.values.get(pair).copied().flatten()).collect();
            all.push(mean(&own?)?);
        }
        mean(&all)
    });
    Some(ConnectivityMatrix {
        subject: GROUP.into(),
        session: String::new(),
        values: values.collect(),
        ..(*first).clone()
    })
}
