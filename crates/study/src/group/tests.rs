//! The group, on rows whose answer is known.

use super::*;
use crate::contrast::empty;
use crate::{ContrastRow, Gate, TimeCourse};
use dosewave_eeg::Unit;

fn results(rows: Vec<ContrastRow>) -> Results {
    let config = Config::default();
    let mut results = assemble("test".into(), Vec::new(), &config).unwrap();
    let mut seen: Vec<(String, String)> = Vec::new();
    for row in &rows {
        let key = (row.subject.clone(), row.treatment.clone());
        if !seen.contains(&key) {
            seen.push(key);
            let spec = SessionSpec {
                subject: row.subject.clone(),
                session: row.session.clone(),
                treatment: row.treatment.clone(),
                input: SessionInput::DoseAt { input: Input::Path("x.edf".into()), dose_at: "1".into() },
            };
            results
                .sessions
                .push(SessionSummary { failure: None, ..spec.failed(&Error::Design(String::new())).summary });
        }
    }
    results.contrasts = rows;
    results
}

fn row(subject: &str, treatment: &str, change: f64, adjusted: Option<f64>) -> ContrastRow {
    ContrastRow {
        subject: subject.into(),
        treatment: treatment.into(),
        baseline: Some(1.0),
        post: Some(10.0_f64.powf(change / 10.0)),
        change: Some(change),
        change_adjusted: adjusted,
        gate: if adjusted.is_some() { Gate::Ok } else { Gate::NotApplicable },
        ..empty("low_gamma", "global", "post", Unit::Decibel)
    }
}

fn group(results: &Results, treatment: &str) -> Option<ContrastRow> {
    results.contrasts.iter().find(|r| r.subject == "group" && r.treatment == treatment).cloned()
}

#[test]
fn means_intervals_and_effect_sizes_are_those_of_the_textbook() {
    let mut r = results(vec![
        row("a", "placebo", 0.5, None),
        row("a", "ketamine", 1.0, None),
        row("b", "ketamine", 2.0, None),
        row("b", "placebo", 0.0, None),
        row("c", "ketamine", 3.0, None),
        row("c", "placebo", -0.5, None),
    ]);
    rows::add(&mut r, &Config::default()).unwrap();
    let ketamine = group(&r, "ketamine").unwrap();
    assert_eq!((ketamine.change, ketamine.n), (Some(2.0), Some(3)));
    // t(0.975, 2) = 4.30265, sd 1, n 3
    assert!((ketamine.ci_high.unwrap() - (2.0 + 4.302_652_7 / 3.0_f64.sqrt())).abs() < 1e-5);
    // J = 1 − 3/(4·2 − 1) = 4/7, d = 2
    assert!((ketamine.effect_size.unwrap() - 2.0 * 4.0 / 7.0).abs() < 1e-12);
    // exact sign flips: all of one sign, 2 of 8
    assert_eq!(ketamine.p, Some(0.25));
    assert!((ketamine.post.unwrap() - 10.0_f64.powf(0.2)).abs() < 1e-12);
    let difference = group(&r, "ketamine - placebo").unwrap();
    assert!((difference.change.unwrap() - 2.0).abs() < 1e-12);
    assert_eq!((difference.baseline, difference.n), (None, Some(3)));
    assert_eq!(difference.family, "global values of all markers (Holm)");
}

#[test]
fn the_difference_uses_subjects_that_had_both() {
    let mut all: Vec<ContrastRow> =
        ["a", "b", "c", "d"].iter().map(|s| row(s, "ketamine", 1.0 + s.len() as f64, None)).collect();
    all.extend(["a", "b"].iter().map(|s| row(s, "placebo", 0.0, None)));
    let mut r = results(all);
    rows::add(&mut r, &Config::default()).unwrap();
    assert!(group(&r, "ketamine - placebo").is_none());
    assert!(group(&r, "placebo").is_none());
    // four equal changes: a mean, but no interval and no p
    let ketamine = group(&r, "ketamine").unwrap();
    assert_eq!((ketamine.n, ketamine.p, ketamine.ci_low), (Some(4), None, None));
}

#[test]
fn a_group_change_that_muscle_predicts_is_confounded() {
    let of = |adjusted: f64| {
        let mut r = results(
            ["a", "b", "c"]
                .iter()
                .zip([1.0, 1.2, 1.4])
                .map(|(s, c)| row(s, "", c, Some(adjusted * c)))
                .collect(),
        );
        rows::add(&mut r, &Config::default()).unwrap();
        group(&r, "").unwrap()
    };
    assert_eq!(of(0.1).gate, Gate::Confounded);
    assert_eq!(of(0.9).gate, Gate::Ok);
    assert_eq!(of(1.5).gate, Gate::Ok);
    assert!(of(0.1).note.contains("0 of 3 confounded"));
}

#[test]
fn the_note_says_how_the_changes_follow_muscle() {
    let subjects = ["a", "b", "c", "d", "e", "f"];
    let index = |s: &str, treatment: &str, change: f64| ContrastRow {
        marker: "emg_index".into(),
        gate: Gate::NotApplicable,
        ..row(s, treatment, change, None)
    };
    let of = |n: usize| {
        let mut all = Vec::new();
        for (k, s) in subjects[..n].iter().enumerate() {
            // 1 2 3 4 5 6 against 2 1 4 3 6 5: r = 29 / 35; a placebo without any change
            let swapped = if k % 2 == 0 { k + 2 } else { k };
            all.push(row(s, "ketamine", (k + 1) as f64, Some(0.9 * (k + 1) as f64)));
            all.push(index(s, "ketamine", swapped as f64));
            all.push(row(s, "placebo", 0.0, Some(0.0)));
            all.push(index(s, "placebo", 0.0));
        }
        let mut r = results(all);
        rows::add(&mut r, &Config::default()).unwrap();
        ["ketamine", "ketamine - placebo", "placebo"].map(|treatment| group(&r, treatment).unwrap())
    };
    let [active, between, control] = of(6);
    for row in [active, between] {
        assert_eq!(
            row.note,
            "muscle: 0 of 6 confounded, 0 unknown; r = 0.83 with the change of the muscle index over 6 subjects"
        );
    }
    assert!(!control.note.contains("r ="), "nothing varies: {}", control.note);
    assert!(!of(5)[0].note.contains("r ="), "five are too few");
}

#[test]
fn courses_are_averaged_where_most_subjects_have_a_value() {
    let mut r = results(["a", "b", "c"].iter().map(|s| row(s, "", 1.0, None)).collect());
    for (subject, change) in
        [("a", [Some(1.0), Some(1.0)]), ("b", [Some(2.0), None]), ("c", [Some(3.0), Some(5.0)])]
    {
        r.time_courses.push(TimeCourse {
            subject: subject.into(),
            session: String::new(),
            treatment: String::new(),
            marker: "low_gamma".into(),
            site: "global".into(),
            t_from_dose_min: vec![0.25, 0.5],
            change: change.to_vec(),
            unit: Unit::Decibel,
            width_s: 30.0,
            step_s: 15.0,
        });
    }
    courses::add(&mut r, &Config::default()).unwrap();
    let course = r.time_courses.iter().find(|c| c.subject == "group").unwrap();
    assert_eq!(
        (course.t_from_dose_min.clone(), course.change.clone()),
        (vec![0.25, 0.5], vec![Some(2.0), None])
    );
}

#[test]
fn what_a_group_course_says_has_intervals_over_subjects() {
    let mut r = results(["a", "b", "c", "d"].iter().map(|s| row(s, "", 1.0, None)).collect());
    let times: Vec<f64> =
        (-60..=180).map(|k| f64::from(k) / 6.0 + 0.25).filter(|t| !(-0.2..0.2).contains(t)).collect();
    for (i, onset) in [8.0, 9.0, 10.0, 11.0].into_iter().enumerate() {
        let ripple = |t: f64| 0.1 * (31.0 * t + i as f64).sin();
        let change = |t: &f64| Some(if *t > onset { 4.0 + i as f64 } else { 0.0 } + ripple(*t));
        r.time_courses.push(TimeCourse {
            subject: format!("s{i}"),
            session: String::new(),
            treatment: String::new(),
            marker: "low_gamma".into(),
            site: "global".into(),
            change: times.iter().map(change).collect(),
            t_from_dose_min: times.clone(),
            unit: Unit::Decibel,
            width_s: 30.0,
            step_s: 10.0,
        });
    }
    let with_draws = |n: usize| {
        let mut r = r.clone();
        let mut config = Config::default();
        config.inference.n_bootstrap = n;
        courses::add(&mut r, &config).unwrap();
        r.responses
    };
    let rows = with_draws(300);
    let of = |feature: &str| rows.iter().find(|row| row.feature == feature).unwrap();
    assert!(rows.iter().all(|row| row.subject == "group" && row.marker == "low_gamma"));
    // the mean of the four leaves the baseline with the first, and all have risen by 11 min
    let onset = of("t_onset");
    assert!((onset.value.unwrap() - 8.08).abs() < 0.01, "{onset:?}");
    assert!(onset.ci_high.unwrap() >= 9.0 && onset.ci_high.unwrap() < 11.2, "{onset:?}");
    let peak = of("peak");
    assert!((peak.value.unwrap() - 5.5).abs() < 0.1, "{peak:?}");
    assert!(peak.ci_low.unwrap() > 4.0 && peak.ci_low.unwrap() < 5.2, "{peak:?}");
    assert!(peak.ci_high.unwrap() < 7.1 && peak.ci_high.unwrap() > 5.8, "{peak:?}");
    assert!(with_draws(0).iter().all(|row| row.ci_low.is_none()));
}

#[test]
fn sessions_need_names_of_their_own() {
    let spec = |subject: &str| SessionSpec {
        subject: subject.into(),
        session: "1".into(),
        treatment: String::new(),
        input: SessionInput::DoseAt { input: Input::Path("missing.edf".into()), dose_at: "1".into() },
    };
    let message = |specs: &[SessionSpec]| {
        run(specs, &Config::default(), &Execution::default()).unwrap_err().to_string()
    };
    assert!(message(&[]).contains("no sessions"));
    assert!(message(&[spec("a"), spec("a")]).contains("stands twice"));
    assert!(message(&[spec("group")]).contains("no name"));
}

#[test]
fn a_session_that_fails_is_recorded_and_the_run_goes_on() {
    let spec = |subject: &str| SessionSpec {
        subject: subject.into(),
        session: String::new(),
        treatment: String::new(),
        input: SessionInput::DoseAt { input: Input::Path("no/such/file.edf".into()), dose_at: "1".into() },
    };
    let results = run(&[spec("a"), spec("b")], &Config::default(), &Execution::default()).unwrap();
    assert_eq!(results.sessions.len(), 2);
    assert!(
        results
            .sessions
            .iter()
            .all(|s| s.failure.as_deref().is_some_and(|f| f.contains("file.edf") && !f.contains("no/such")))
    );
    assert_eq!(results.sessions[0].files, ["file.edf"]);
}
