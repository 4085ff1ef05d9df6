//! Group spectra, time courses and connectivity.

use super::rows::{FEWEST_SUBJECTS, GROUP, treatments};
use crate::config::Config;
use crate::{ConnectivityMatrix, Result, Results, SpectrumResult, TimeCourse};
use dosewave_numerics::stats::{mean, t_interval};
use std::collections::BTreeMap;

/// Adds them for each treatment.
pub(crate) fn add(results: &mut Results, config: &Config) -> Result<()> {
    let (mut spectra, mut courses, mut matrices) = (Vec::new(), Vec::new(), Vec::new());
    for treatment in treatments(results) {
        for window in firsts(results.spectra.iter().filter(|s| s.treatment == treatment).map(|s| &s.window)) {
            let of: Vec<&SpectrumResult> = results
                .spectra
                .iter()
                .filter(|s| s.treatment == treatment && s.window == window && s.site == "global")
                .collect();
            spectra.extend(spectrum(&of, config)?);
        }
        for marker in
            firsts(results.time_courses.iter().filter(|c| c.treatment == treatment).map(|c| &c.marker))
        {
            let of: Vec<&TimeCourse> = results
                .time_courses
                .iter()
                .filter(|c| c.treatment == treatment && c.marker == marker)
                .collect();
            courses.extend(course(&of));
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
    results.time_courses.extend(courses);
    results.connectivity.extend(matrices);
    Ok(())
}

/// Each text once, in order of appearance.
fn firsts<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in all {
        if !seen.contains(text) {
            seen.push(text.clone());
        }
    }
    seen
}

/// One entry per subject: sessions of a subject are averaged.
fn by_subject<T>(all: impl Iterator<Item = (String, T)>) -> BTreeMap<String, Vec<T>> {
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

/// Mean of subjects at the times at which at least half of them, and three, have a value.
fn course(of: &[&TimeCourse]) -> Option<TimeCourse> {
    let first = of.first()?;
    let subjects = by_subject(of.iter().map(|c| (c.subject.clone(), *c)));
    if subjects.len() < FEWEST_SUBJECTS {
        return None;
    }
    // hundredths of a second tell the windows apart
    let key = |minutes: f64| (minutes * 6000.0).round() as i64;
    let mut times: BTreeMap<i64, (f64, Vec<f64>)> = BTreeMap::new();
    for sessions in subjects.values() {
        let mut own: BTreeMap<i64, (f64, Vec<f64>)> = BTreeMap::new();
        for course in sessions {
            for (time, change) in course.t_from_dose_min.iter().zip(&course.change) {
                if let Some(change) = change {
                    own.entry(key(*time)).or_insert_with(|| (*time, Vec::new())).1.push(*change);
                }
            }
        }
        for (key, (time, values)) in own {
            times.entry(key).or_insert_with(|| (time, Vec::new())).1.extend(mean(&values));
        }
    }
    let enough = FEWEST_SUBJECTS.max(subjects.len().div_ceil(2));
    let (mut t_from_dose_min, mut change) = (Vec::new(), Vec::new());
    for (time, values) in times.values() {
        t_from_dose_min.push(*time);
        change.push(mean(values).filter(|_| values.len() >= enough));
    }
    Some(TimeCourse {
        subject: GROUP.into(),
        session: String::new(),
        t_from_dose_min,
        change,
        ..(*first).clone()
    })
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
