//! What every recording keeps, checked in one place.

use crate::{Annotation, Error, Header, Hz, Result, Seconds};

/// Rows are channels, the rate is positive, runs cover the columns one after the other and do not overlap in time,
/// annotations have a time.
pub(crate) fn check(header: &Header, (n_rows, n_columns): (usize, usize)) -> Result<()> {
    check_sfreq(header.sfreq)?;
    if header.channels.len() != n_rows {
        return Err(Error::Shape {
            what: "channels for the rows of the data",
            expected: n_rows.to_string(),
            got: header.channels.len().to_string(),
        });
    }
    check_runs(header, n_columns as u64)?;
    match header.annotations.iter().find(|a| !is_timed(a)) {
        None => Ok(()),
        Some(a) => Err(Error::Invalid {
            parameter: "annotation",
            value: format!("'{}' at {} for {}", a.label, a.onset, a.duration),
            allowed: "a finite onset and a finite duration that is not negative".into(),
        }),
    }
}

pub(crate) fn check_sfreq(sfreq: Hz) -> Result<()> {
    if sfreq.0.is_finite() && sfreq.0 > 0.0 {
        return Ok(());
    }
    Err(Error::Invalid {
        parameter: "sfreq",
        value: sfreq.to_string(),
        allowed: "a finite positive rate".into(),
    })
}

/// Whether an annotation names a time.
pub(crate) fn is_timed(annotation: &Annotation) -> bool {
    annotation.onset.0.is_finite() && annotation.duration.0.is_finite() && annotation.duration.0 >= 0.0
}

fn check_runs(header: &Header, n_columns: u64) -> Result<()> {
    let mut next = 0;
    let mut free_from = Seconds(f64::NEG_INFINITY);
    // files write onsets with few decimals, so runs that touch may seem to overlap by less than half a sample
    let slack = 0.5 / header.sfreq.0;
    for (i, run) in header.runs.iter().enumerate() {
        if run.samples.start != next || run.is_empty() {
            return Err(Error::Shape {
                what: "samples of a run",
                expected: format!("run {i} to start at {next} and hold at least one"),
                got: format!("{}..{}", run.samples.start, run.samples.end),
            });
        }
        if !(run.onset.0.is_finite() && run.onset.0 >= free_from.0 - slack) {
            return Err(Error::Invalid {
                parameter: "onset of a run",
                value: format!("{} for run {i}", run.onset),
                allowed: format!("a finite time, not before the end of the run before ({free_from})"),
            });
        }
        next = run.samples.end;
        free_from = run.end(header.sfreq);
    }
    if next == n_columns {
        return Ok(());
    }
    Err(Error::Shape { what: "samples of all runs", expected: n_columns.to_string(), got: next.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, Details, Run};

    fn header(runs: &[(f64, u64, u64)]) -> Header {
        Header {
            format: "array".into(),
            channels: [Channel::from_name("Cz")].into(),
            sfreq: Hz(10.0),
            runs: runs.iter().map(|&(onset, a, b)| Run { onset: Seconds(onset), samples: a..b }).collect(),
            start: None,
            annotations: Vec::new(),
            other_signals: Vec::new(),
            details: Details::default(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn runs_that_cover_the_columns_pass() {
        for runs in [&[(0.0, 0, 20)][..], &[(0.0, 0, 10), (1.0, 10, 20)], &[(-3.0, 0, 10), (99.5, 10, 20)]] {
            check(&header(runs), (1, 20)).unwrap();
        }
        check(&header(&[]), (1, 0)).unwrap();
        // 1 s of samples, the next onset written as 0.96 s: less than half a sample early
        check(&header(&[(0.0, 0, 10), (0.96, 10, 20)]), (1, 20)).unwrap();
    }

    #[test]
    fn runs_that_do_not_are_refused() {
        for runs in [
            &[(0.0, 0, 19)][..],
            &[(0.0, 0, 21)],
            &[(0.0, 1, 20)],
            &[(0.0, 0, 10), (2.0, 11, 20)],
            &[(0.0, 0, 10), (2.0, 9, 20)],
            &[(0.0, 0, 10), (2.0, 10, 10), (3.0, 10, 20)],
            &[],
        ] {
            assert!(matches!(check(&header(runs), (1, 20)), Err(Error::Shape { .. })), "{runs:?}");
        }
        for runs in [
            &[(0.0, 0, 10), (0.5, 10, 20)][..],
            &[(f64::NAN, 0, 20)],
            &[(0.0, 0, 10), (f64::INFINITY, 10, 20)],
        ] {
            assert!(matches!(check(&header(runs), (1, 20)), Err(Error::Invalid { .. })), "{runs:?}");
        }
    }

    #[test]
    fn rate_rows_and_annotations_are_checked() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let header = Header { sfreq: Hz(rate), ..header(&[(0.0, 0, 20)]) };
            assert!(matches!(check(&header, (1, 20)), Err(Error::Invalid { parameter: "sfreq", .. })));
        }
        assert!(matches!(check(&header(&[(0.0, 0, 20)]), (2, 20)), Err(Error::Shape { .. })));
        for (onset, duration) in [(f64::NAN, 0.0), (1.0, -1.0), (1.0, f64::INFINITY)] {
            let annotations = vec![Annotation::new(Seconds(onset), Seconds(duration), "x")];
            let header = Header { annotations, ..header(&[(0.0, 0, 20)]) };
            assert!(matches!(check(&header, (1, 20)), Err(Error::Invalid { parameter: "annotation", .. })));
        }
    }
}
