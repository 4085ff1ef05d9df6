//! `results.h5`: spectra, connectivity and time courses as named arrays with units.

use crate::{ConnectivityMatrix, Result, Results, SpectrumResult, TimeCourse};
use dosewave_io::store::{Dataset, write_datasets};
use ndarray::{Array1, Array2, ArrayD};
use std::path::Path;

/// Writes the arrays of `results`.
pub(super) fn write(results: &Results, path: &Path) -> Result<()> {
    let mut datasets = Vec::new();
    for spectrum in &results.spectra {
        datasets.extend(of_spectrum(spectrum));
    }
    for matrix in &results.connectivity {
        datasets.push(of_matrix(matrix));
    }
    for course in &results.time_courses {
        datasets.extend(of_course(course));
    }
    let root = [
        ("software".to_owned(), results.provenance.software.clone()),
        ("version".to_owned(), results.provenance.version.clone()),
        ("title".to_owned(), results.title.clone()),
        ("config".to_owned(), results.provenance.config.to_string()),
    ];
    write_datasets(path, &root, &datasets)?;
    Ok(())
}

/// One level of a dataset's name: no slash, never empty.
fn level(text: &str, otherwise: &str) -> String {
    let text = text.replace('/', "_");
    if text.is_empty() || text == "." { otherwise.to_owned() } else { text }
}

/// `sub/ses/treatment`; what is not stated is left out.
fn place(subject: &str, session: &str, treatment: &str) -> String {
    let mut parts = vec![level(subject, "recording")];
    parts.extend(
        [session, treatment].into_iter().filter(|text| !text.is_empty()).map(|text| level(text, "_")),
    );
    parts.join("/")
}

fn vector(name: String, values: Vec<f64>, unit: &str, axis: &str) -> Dataset {
    Dataset {
        name,
        values: Array1::from(values).into_dyn(),
        unit: unit.to_owned(),
        axes: vec![axis.to_owned()],
        labels: Vec::new(),
        attributes: Vec::new(),
    }
}

fn of_spectrum(s: &SpectrumResult) -> Vec<Dataset> {
    let folder = format!(
        "spectra/{}/{}/{}",
        place(&s.subject, &s.session, &s.treatment),
        level(&s.window, "_"),
        level(&s.site, "_")
    );
    let psd =
        |name: &str, values: &Vec<f64>| vector(format!("{folder}/{name}"), values.clone(), "µV²/Hz", "freq");
    let mut all =
        vec![vector(format!("{folder}/freqs"), s.freqs_hz.clone(), "Hz", "freq"), psd("psd", &s.psd_uv2_hz)];
    if !s.ci_low.is_empty() {
        all.extend([psd("ci_low", &s.ci_low), psd("ci_high", &s.ci_high)]);
    }
    all
}

fn of_course(c: &TimeCourse) -> Vec<Dataset> {
    let folder = format!(
        "time_courses/{}/{}/{}",
        place(&c.subject, &c.session, &c.treatment),
        level(&c.marker, "_"),
        level(&c.site, "_")
    );
    // HDF5 has no empty cell: a missing point is NaN there, and only there
    let values = c.change.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    vec![
        vector(format!("{folder}/t_from_dose"), c.t_from_dose_min.clone(), "min", "time"),
        vector(format!("{folder}/change"), values, c.unit.symbol(), "time"),
    ]
}

fn of_matrix(m: &ConnectivityMatrix) -> Dataset {
    let n = m.channels.len();
    // the diagonal and undefined pairs are NaN
    let mut full = Array2::from_elem((n, n), f64::NAN);
    let mut values = m.values.iter();
    for row in 1..n {
        for column in 0..row {
            let value = values.next().copied().flatten().unwrap_or(f64::NAN);
            for cell in [(row, column), (column, row)] {
                if let Some(cell) = full.get_mut(cell) {
                    *cell = value;
                }
            }
        }
    }
    Dataset {
        name: format!(
            "connectivity/{}/{}/{}",
            place(&m.subject, &m.session, &m.treatment),
            level(&m.window, "_"),
            level(&m.marker, "_")
        ),
        values: full.into_dyn() as ArrayD<f64>,
        unit: "1".into(),
        axes: vec!["channel".into(), "channel".into()],
        // rows and columns are the same channels, so they are named once
        labels: vec![(0, m.channels.clone())],
        attributes: vec![("marker".into(), m.marker.clone())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_symmetric_in_mne_order() {
        let matrix = ConnectivityMatrix {
            subject: String::new(),
            session: String::new(),
            treatment: String::new(),
            window: "post".into(),
            marker: "coh.alpha".into(),
            channels: vec!["A".into(), "B".into(), "C".into()],
            values: vec![Some(0.1), Some(0.2), None],
        };
        let dataset = of_matrix(&matrix);
        assert_eq!(dataset.name, "connectivity/recording/post/coh.alpha");
        let at = |i: usize, j: usize| dataset.values[[i, j]];
        assert_eq!((at(1, 0), at(0, 1), at(2, 0)), (0.1, 0.1, 0.2));
        assert!(at(2, 1).is_nan() && at(0, 0).is_nan());
    }
}
