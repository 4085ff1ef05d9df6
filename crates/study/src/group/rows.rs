//! Group rows of the contrasts.

use crate::config::Config;
use crate::contrast::{adjust, is_evidence};
use crate::results::gravest;
use crate::{ContrastRow, Gate, Result, Results};
use dosewave_eeg::Unit;
use dosewave_markers::gate::{MIN_EXPECTED_DB, MIN_EXPECTED_FIT, MIN_EXPLAINED};
use dosewave_numerics::stats::{correlation, hedges_dz, mean, sign_flip_test, t_interval};
use ndarray::Array1;
use std::collections::BTreeMap;

/// The subject of group rows.
pub(crate) const GROUP: &str = "group";
/// Fewest subjects of a group row.
pub(crate) const FEWEST_SUBJECTS: usize = 3;
/// Fewest subjects of a correlation with the muscle index. Our own judgement: over fewer, any size comes about by chance.
const FEWEST_CORRELATED: usize = 6;
/// Treatments that others are compared with.
const CONTROLS: [&str; 6] = ["placebo", "saline", "vehicle", "control", "sham", "midazolam"];

/// A subject's change under one treatment: the mean over its sessions.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    change: f64,
    adjusted: Option<f64>,
    baseline: Option<f64>,
    post: Option<f64>,
    gate: Option<Gate>,
}

/// One cell of the design: a marker at a site in a window.
type Cell = (String, String, String);

/// Adds the group's rows to `results.contrasts`.
pub(crate) fn add(results: &mut Results, config: &Config) -> Result<()> {
    let treatments = treatments(results);
    let (cells, changes) = collect(&results.contrasts);
    let mut channels: Vec<String> =
        results.sessions.iter().flat_map(|s| s.channels.iter().map(|c| c.name.clone())).collect();
    channels.sort();
    channels.dedup();
    let mut blocks: Vec<(String, Comparison<'_>)> =
        treatments.iter().map(|t| (t.clone(), Comparison::Of(t))).collect();
    for (active, control) in pairs(&treatments) {
        blocks.push((format!("{active} - {control}"), Comparison::Between(active, control)));
    }
    let evidence: Vec<String> =
        results.definitions.iter().filter(|d| is_evidence(&d.kind)).map(|d| d.marker.clone()).collect();
    let evidence: Vec<&str> = evidence.iter().map(String::as_str).collect();
    let index = results.definitions.iter().find(|d| d.kind == "emg_index").map(|d| d.marker.clone());
    for (label, comparison) in &blocks {
        let mut windows: Vec<&String> = Vec::new();
        for (window, ..) in cells.iter().map(|(cell, _)| cell) {
            if !windows.contains(&window) {
                windows.push(window);
            }
        }
        for window in windows {
            let mut rows = Vec::new();
            for (cell, unit) in cells.iter().filter(|(cell, _)| cell.0 == *window) {
                let Some(mut row) = row(label, comparison, cell, *unit, &changes, config)? else { continue };
                if row.gate != Gate::NotApplicable {
                    let index =
                        index.as_ref().map(|index| (window.clone(), index.clone(), "global".to_owned()));
                    let together = index.and_then(|index| follows(comparison, cell, &index, &changes));
                    row.note = [row.note, together.unwrap_or_default()].join("");
                }
                rows.push(row);
            }
            adjust(&mut rows, &channels, &evidence, config.inference.correction);
            results.contrasts.extend(rows);
        }
    }
    Ok(())
}

enum Comparison<'a> {
    Of(&'a str),
    Between(&'a str, &'a str),
}

/// Treatments in the order in which they first appear.
pub(crate) fn treatments(results: &Results) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for session in results.sessions.iter().filter(|session| session.failure.is_none()) {
        if !all.contains(&session.treatment) {
            all.push(session.treatment.clone());
        }
    }
    all
}

/// Every treatment against the control; without one, every later treatment against the first.
fn pairs(treatments: &[String]) -> Vec<(&str, &str)> {
    let is_control = |name: &String| CONTROLS.contains(&name.to_lowercase().as_str());
    let Some(control) = treatments.iter().find(|name| is_control(name)).or_else(|| treatments.first()) else {
        return Vec::new();
    };
    treatments.iter().filter(|name| *name != control).map(|name| (name.as_str(), control.as_str())).collect()
}

/// The cells in table order, and the change of each (cell, treatment, subject).
type Changes = BTreeMap<(Cell, String), BTreeMap<String, Change>>;

fn collect(rows: &[ContrastRow]) -> (Vec<(Cell, Unit)>, Changes) {
    let mut cells: Vec<(Cell, Unit)> = Vec::new();
    let mut known = std::collections::HashSet::new();
    let mut raw: BTreeMap<(Cell, String), BTreeMap<String, Vec<Change>>> = BTreeMap::new();
    for row in rows {
        let Some(change) = row.change else { continue };
        let cell: Cell = (row.window.clone(), row.marker.clone(), row.site.clone());
        if known.insert(cell.clone()) {
            cells.push((cell.clone(), row.unit));
        }
        let one = Change {
            change,
            adjusted: row.change_adjusted,
            baseline: row.baseline,
            post: row.post,
            gate: Some(row.gate),
        };
        raw.entry((cell, row.treatment.clone()))
            .or_default()
            .entry(row.subject.clone())
            .or_default()
            .push(one);
    }
    let averaged = raw.into_iter().map(|(key, subjects)| {
        (key, subjects.into_iter().map(|(subject, all)| (subject, average(&all))).collect())
    });
    (cells, averaged.collect())
}

/// Several sessions of a subject under one treatment as one.
fn average(all: &[Change]) -> Change {
    let over = |pick: fn(&Change) -> Option<f64>| {
        let values: Option<Vec<f64>> = all.iter().map(pick).collect();
        values.and_then(|values| mean(&values))
    };
    Change {
        change: over(|c| Some(c.change)).unwrap_or_default(),
        adjusted: over(|c| c.adjusted),
        baseline: over(|c| c.baseline),
        post: over(|c| c.post),
        gate: gravest(all.iter().filter_map(|c| c.gate)),
    }
}

/// The subjects' changes that a comparison is about, by subject.
fn subjects<'a>(comparison: &Comparison<'_>, cell: &Cell, changes: &'a Changes) -> BTreeMap<&'a str, Change> {
    let of = |treatment: &str| changes.get(&(cell.clone(), treatment.to_owned())).into_iter().flatten();
    match comparison {
        Comparison::Of(treatment) => {
            of(treatment).map(|(subject, change)| (subject.as_str(), *change)).collect()
        }
        Comparison::Between(active, control) => {
            let second: BTreeMap<&String, &Change> = of(control).collect();
            of(active)
                .filter_map(|(subject, a)| Some((subject.as_str(), difference(a, second.get(subject)?))))
                .collect()
        }
    }
}

/// How the subjects' changes follow those of the muscle index, as an addition to a note; `None` over too few subjects.
fn follows(comparison: &Comparison<'_>, cell: &Cell, index: &Cell, changes: &Changes) -> Option<String> {
    let of_index = subjects(comparison, index, changes);
    let pairs: Vec<(f64, f64)> = subjects(comparison, cell, changes)
        .into_iter()
        .filter_map(|(subject, change)| Some((change.change, of_index.get(subject)?.change)))
        .collect();
    if pairs.len() < FEWEST_CORRELATED {
        return None;
    }
    let (of_cell, of_index): (Array1<f64>, Array1<f64>) =
        (pairs.iter().map(|pair| pair.0).collect(), pairs.iter().map(|pair| pair.1).collect());
    let r = correlation(of_cell.view(), of_index.view()).filter(|r| r.is_finite())?;
    Some(format!("; r = {r:.2} with the change of the muscle index over {} subjects", pairs.len()))
}

fn difference(a: &Change, b: &Change) -> Change {
    Change {
        change: a.change - b.change,
        adjusted: a.adjusted.zip(b.adjusted).map(|(x, y)| x - y),
        baseline: None,
        post: None,
        gate: gravest(a.gate.into_iter().chain(b.gate)),
    }
}

fn row(
    label: &str,
    comparison: &Comparison<'_>,
    cell: &Cell,
    unit: Unit,
    changes: &Changes,
    config: &Config,
) -> Result<Option<ContrastRow>> {
    let subjects: Vec<Change> = subjects(comparison, cell, changes).into_values().collect();
    if subjects.len() < FEWEST_SUBJECTS {
        return Ok(None);
    }
    let values: Vec<f64> = subjects.iter().map(|s| s.change).collect();
    let settings = &config.inference;
    // no spread, no interval: identical changes are the sign of a fault, not of certainty
    let spread = dosewave_numerics::stats::sd(&values).is_some_and(|sd| sd > 0.0);
    let interval = if spread { Some(t_interval(&values, settings.confidence)?) } else { None };
    let p = if settings.n_permutations > 0 && spread {
        Some(sign_flip_test(&values, settings.n_permutations, config.seed)?)
    } else {
        None
    };
    let adjusted: Option<Vec<f64>> = subjects.iter().map(|s| s.adjusted).collect();
    let change = mean(&values);
    let change_adjusted = adjusted.and_then(|values| mean(&values));
    let (gate, note) = verdict(&subjects, change, change_adjusted, unit);
    Ok(Some(ContrastRow {
        subject: GROUP.into(),
        treatment: label.to_owned(),
        baseline: level(&subjects, unit, |s| s.baseline),
        post: level(&subjects, unit, |s| s.post),
        change,
        ci_low: interval.map(|(_, low, _)| low),
        ci_high: interval.map(|(_, _, high)| high),
        p,
        gate,
        change_adjusted,
        effect_size: if spread { hedges_dz(&values).filter(|d| d.is_finite()) } else { None },
        n: Some(subjects.len()),
        note,
        ..crate::contrast::empty(&cell.1, &cell.2, &cell.0, unit)
    }))
}

/// Mean of a value over subjects: geometric where changes are in dB and all are positive, so that it fits the mean change.
fn level(subjects: &[Change], unit: Unit, pick: fn(&Change) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = subjects.iter().map(pick).collect::<Option<_>>()?;
    if unit == Unit::Decibel && values.iter().all(|value| *value > 0.0) {
        let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        return mean(&logs).map(f64::exp);
    }
    mean(&values)
}

/// The group's verdict on muscle: where the change of muscle predicts a change in every subject, the rule of single changes on
/// the means; else that of the majority.
fn verdict(subjects: &[Change], change: Option<f64>, adjusted: Option<f64>, unit: Unit) -> (Gate, String) {
    let count = |gate: Gate| subjects.iter().filter(|s| s.gate == Some(gate)).count();
    let n = subjects.len();
    if count(Gate::NotApplicable) == n {
        return (Gate::NotApplicable, String::new());
    }
    let (confounded, unknown) = (count(Gate::Confounded), count(Gate::Unknown));
    let note = format!("muscle: {confounded} of {n} confounded, {unknown} unknown");
    let gate = match change.zip(adjusted) {
        Some((change, adjusted)) => {
            let expected = change - adjusted;
            let trifle = if unit == Unit::Decibel { MIN_EXPECTED_DB } else { MIN_EXPECTED_FIT };
            let explains = expected.abs() >= trifle
                && expected.signum() == change.signum()
                && expected.abs() >= MIN_EXPLAINED * change.abs();
            if explains { Gate::Confounded } else { Gate::Ok }
        }
        None if 2 * confounded >= n => Gate::Confounded,
        None if 2 * (confounded + unknown) >= n => Gate::Unknown,
        None => Gate::Ok,
    };
    (gate, note)
}
