//! What the time courses of a session say.

use crate::config::Config;
use crate::inference::task_id;
use crate::results::gravest;
use crate::{ContrastRow, Gate, ResponseRow, Result, TimeCourse, parallel};
use dosewave_eeg::Unit;
use dosewave_numerics::response::{Feature, Missing, response, response_intervals};
use dosewave_numerics::stats::Stream;

/// Draws behind the interval of a feature.
pub(crate) const MOST_DRAWS: usize = 500;
/// Windows in a width that features are read from: finer steps only repeat what those say.
const STEPS_IN_WIDTH: f64 = 3.0;

/// The features of every course with their intervals.
pub(crate) fn responses(
    courses: &[TimeCourse],
    contrasts: &[ContrastRow],
    config: &Config,
    key: &str,
) -> Result<Vec<ResponseRow>> {
    let rows = parallel::map(courses.len(), |i| of_course(&courses[i], contrasts, config, key));
    Ok(rows.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

fn of_course(
    course: &TimeCourse,
    contrasts: &[ContrastRow],
    config: &Config,
    key: &str,
) -> Result<Vec<ResponseRow>> {
    let (times, values) = thinned(course);
    let width_min = course.width_s / 60.0;
    let found = response(&times, &values, width_min)?;
    let task = format!("{key}/response/{}/{}", course.marker, course.site);
    let mut stream = Stream::new(config.seed, task_id(&task));
    let n_draws = config.inference.n_bootstrap.min(MOST_DRAWS);
    let confidence = config.inference.confidence;
    let intervals = response_intervals(&times, &values, width_min, n_draws, confidence, &mut stream)?;
    let of = |row: &&ContrastRow| row.marker == course.marker && row.site == course.site;
    let gate = gravest(contrasts.iter().filter(of).map(|row| row.gate)).unwrap_or(Gate::NotApplicable);
    Ok(response_rows(course, found.values, intervals, gate))
}

/// One row for each feature.
pub(crate) fn response_rows(
    course: &TimeCourse,
    values: [std::result::Result<f64, Missing>; 7],
    intervals: [Option<(f64, f64)>; 7],
    gate: Gate,
) -> Vec<ResponseRow> {
    let row = |(k, feature): (usize, Feature)| ResponseRow {
        subject: course.subject.clone(),
        session: course.session.clone(),
        treatment: course.treatment.clone(),
        marker: course.marker.clone(),
        site: course.site.clone(),
        feature: feature.name().to_owned(),
        value: values[k].ok(),
        unit: unit(feature, course.unit),
        ci_low: intervals[k].map(|(low, _)| low),
        ci_high: intervals[k].map(|(_, high)| high),
        gate,
        note: values[k].err().map_or_else(String::new, |missing| missing.to_string()),
    };
    Feature::ALL.into_iter().enumerate().map(row).collect()
}

fn unit(feature: Feature, change: Unit) -> String {
    match (feature, change) {
        (Feature::Auec, Unit::One) => "min".into(),
        (Feature::Auec, unit) => format!("{}·min", unit.symbol()),
        (Feature::Peak, unit) => unit.symbol().into(),
        _ => "min".into(),
    }
}

/// Times and changes (NaN where missing) at steps of about a third of a window.
pub(crate) fn thinned(course: &TimeCourse) -> (Vec<f64>, Vec<f64>) {
    let step_min = course.step_s / 60.0;
    let every = (course.width_s / STEPS_IN_WIDTH / course.step_s).round().max(1.0) as i64;
    let half_min = course.width_s / 120.0;
    let points = course.t_from_dose_min.iter().zip(&course.change);
    // windows lie on a grid of steps through the dose
    let kept =
        points.filter(|(time, _)| (((*time - half_min) / step_min).round() as i64).rem_euclid(every) == 0);
    kept.map(|(time, change)| (*time, change.unwrap_or(f64::NAN))).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(step_s: f64) -> TimeCourse {
        let times: Vec<f64> = (-120..=480)
            .map(|k| f64::from(k) * step_s / 60.0 + 0.25)
            .filter(|t| !(-0.2..0.2).contains(t))
            .collect();
        let change =
            times.iter().map(|t| Some(if *t > 5.0 { 3.0 } else { 0.1 * (90.0 * t).sin() })).collect();
        TimeCourse {
            subject: "01".into(),
            session: String::new(),
            treatment: "ketamine".into(),
            marker: "low_gamma".into(),
            site: "global".into(),
            t_from_dose_min: times,
            change,
            unit: Unit::Decibel,
            width_s: 30.0,
            step_s,
        }
    }

    #[test]
    fn finer_steps_say_the_same() {
        let coarse = thinned(&course(10.0));
        let fine = thinned(&course(1.0));
        assert_eq!(coarse.0.len(), course(10.0).t_from_dose_min.len());
        assert!(fine.0.windows(2).all(|pair| pair[1] - pair[0] > 0.16));
        assert!(fine.0.iter().all(|t| coarse.0.iter().any(|other| (other - t).abs() < 1e-9)));
    }

    #[test]
    fn every_feature_has_a_row_with_its_unit_and_the_gravest_gate() {
        let contrast = |gate| ContrastRow {
            gate,
            ..crate::contrast::empty("low_gamma", "global", "post", Unit::Decibel)
        };
        let rows = responses(
            &[course(10.0)],
            &[contrast(Gate::Ok), contrast(Gate::Confounded)],
            &Config::default(),
            "01/",
        )
        .unwrap();
        let shown: Vec<(&str, &str)> = rows.iter().map(|r| (r.feature.as_str(), r.unit.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("t_onset", "min"),
                ("t_half_rise", "min"),
                ("t_peak", "min"),
                ("peak", "dB"),
                ("t_half_fall", "min"),
                ("t_offset", "min"),
                ("auec", "dB·min")
            ]
        );
        assert!(rows.iter().all(|row| row.gate == Gate::Confounded));
        assert!(
            (rows[0].value.unwrap() - 5.08).abs() < 0.1 && rows[0].ci_low.unwrap() <= 5.08,
            "{:?}",
            rows[0]
        );
        assert!(rows[4].value.is_none() && rows[4].note.contains("end of the recording"), "{:?}", rows[4]);
    }
}
