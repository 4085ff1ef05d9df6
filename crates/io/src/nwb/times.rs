//! When samples were taken: a rate with a start, or a time for each.

use super::{FORMAT, Typed};
use crate::Result;
use crate::h5::{Dataset, H5, Kind, Object};
use dosewave_eeg::{Note, Run, Seconds};

/// Timestamps taken at once.
const BLOCK: u64 = 1 << 18;
/// A pause is where two samples lie further apart than so many intervals.
const GAP: f64 = 1.5;
/// How close to a whole number a rate must be to be one, relative.
const WHOLE: f64 = 1e-5;
/// Most runs of a recording.
const MAX_RUNS: usize = 1_000_000;

/// The rate, and the stretches without a gap.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Times {
    pub(crate) sfreq: f64,
    pub(crate) runs: Vec<Run>,
}

/// The times of a series' `n` samples.
pub(crate) fn read(h5: &mut H5, series: &Typed, n: u64, notes: &mut Vec<Note>) -> Result<Times> {
    if let Some(start) = h5.child(&series.object, "starting_time")? {
        let onset = h5.read(&start)?.numbers().first().copied().unwrap_or(0.0);
        let sfreq = h5.number_attribute(&start, "rate")?.unwrap_or(f64::NAN);
        if !(sfreq.is_finite() && sfreq > 0.0 && onset.is_finite()) {
            let found = format!("{onset} s at {sfreq} Hz");
            return Err(h5.wrong(&start, "starting_time", found, "a time and a positive rate"));
        }
        return Ok(Times { sfreq, runs: vec![Run { onset: Seconds(onset), samples: 0..n }] });
    }
    let Some(object) = h5.child(&series.object, "timestamps")? else {
        let allowed = "starting_time with a rate, or timestamps";
        return Err(h5.wrong(&series.object, &series.path, "without times".into(), allowed));
    };
    let mut dataset = h5.dataset(&object)?;
    if dataset.dims != [n] || n < 2 {
        let found = format!("{:?} for {n} samples", dataset.dims);
        return Err(h5.wrong(&object, "timestamps", found, "one for each of at least two samples"));
    }
    let times = from_timestamps(h5, &object, &mut dataset, n)?;
    let text = format!("the rate of '{}', {} Hz, follows from its timestamps", series.path, times.sfreq);
    notes.push(Note::info(FORMAT, text));
    Ok(times)
}

/// Timestamps `from..to`.
fn part(h5: &mut H5, dataset: &mut Dataset, from: u64, to: u64) -> Result<Vec<f64>> {
    let bytes = h5.read_box(dataset, std::slice::from_ref(&(from..to)))?;
    Ok(match &dataset.datatype.kind {
        Kind::Number(storage, endian) => storage.numbers(*endian, &bytes),
        _ => Vec::new(),
    })
}

fn from_timestamps(h5: &mut H5, object: &Object, dataset: &mut Dataset, n: u64) -> Result<Times> {
    let first = part(h5, dataset, 0, n.min(BLOCK))?;
    let mut steps: Vec<f64> =
        first.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?)).collect();
    steps.sort_unstable_by(f64::total_cmp);
    let step = steps.get(steps.len() / 2).copied().unwrap_or(f64::NAN);
    if !(step.is_finite() && step > 0.0) {
        let allowed = "times in seconds that ascend";
        return Err(h5.wrong(object, "timestamps", format!("{step} s apart"), allowed));
    }
    let mut found =
        Stretches { step, n, runs: Vec::new(), inside: 0.0, n_inside: 0, before: f64::NEG_INFINITY };
    for from in (0..n).step_by(BLOCK as usize) {
        let times = part(h5, dataset, from, n.min(from + BLOCK))?;
        for (sample, time) in (from..).zip(times) {
            found
                .add(sample, time)
                .map_err(|(found, allowed)| h5.wrong(object, "timestamps", found, allowed))?;
        }
    }
    let rate = found.n_inside as f64 / found.inside;
    let is_whole = (rate - rate.round()).abs() <= WHOLE * rate && rate.round() > 0.0;
    Ok(Times { sfreq: if is_whole { rate.round() } else { rate }, runs: found.runs })
}

/// The stretches without a gap, as they are found sample by sample.
struct Stretches {
    /// Usual interval of two samples, seconds.
    step: f64,
    n: u64,
    runs: Vec<Run>,
    /// Sum and number of intervals that are no gap.
    inside: f64,
    n_inside: u64,
    before: f64,
}

impl Stretches {
    /// The next sample, or what is wrong with its time and what is allowed.
    fn add(&mut self, sample: u64, time: f64) -> std::result::Result<(), (String, &'static str)> {
        let apart = time - self.before;
        if !time.is_finite() || apart <= 0.0 {
            let found = format!("{time} s at sample {sample}, behind {} s", self.before);
            return Err((found, "times in seconds that ascend"));
        }
        if apart > GAP * self.step {
            if let Some(run) = self.runs.last_mut() {
                run.samples.end = sample;
            }
            if self.runs.len() >= MAX_RUNS {
                return Err((format!("more than {MAX_RUNS} pauses"), "samples that follow one another"));
            }
            self.runs.push(Run { onset: Seconds(time), samples: sample..self.n });
        } else {
            self.inside += apart;
            self.n_inside += 1;
        }
        self.before = time;
        Ok(())
    }
}
