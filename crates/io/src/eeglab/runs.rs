//! Stretches without a gap, at their true times.

use super::events::Event;
use super::mat5_tag::FORMAT;
use dosewave_eeg::{Note, Run, Seconds};

/// How the samples lie in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) sfreq: f64,
    pub(crate) n_times: u64,
    /// Samples of one epoch.
    pub(crate) pnts: u64,
    /// Epochs; 1 for a continuous recording.
    pub(crate) trials: u64,
}

/// Of a continuous recording: a new run behind each boundary, later by the samples that were lost there.
pub(crate) fn continuous(shape: Shape, events: &[Event]) -> (Vec<Run>, Vec<Note>) {
    let mut runs = vec![Run { onset: Seconds(0.0), samples: 0..shape.n_times }];
    let (mut notes, mut unknown) = (Vec::new(), 0_usize);
    for event in events.iter().filter(|event| event.is_boundary()) {
        let next = event.next_sample();
        if next <= 0.0 {
            if let Some(lost) = event.duration.filter(|lost| *lost > 0.0) {
                let text = format!(
                    "{:.3} s were cut off before the first sample, which is time zero",
                    lost / shape.sfreq
                );
                notes.push(Note::info(FORMAT, text));
            }
            continue;
        }
        let Some(run) = runs.last_mut().filter(|_| next < shape.n_times as f64) else { break };
        let next = next as u64;
        let lost = event.duration.unwrap_or_else(|| {
            unknown += 1;
            0.0
        });
        if next == run.samples.start {
            // two cuts at one place
            run.onset.0 += lost / shape.sfreq;
            continue;
        }
        let onset = run.onset.0 + ((next - run.samples.start) as f64 + lost) / shape.sfreq;
        run.samples.end = next;
        runs.push(Run { onset: Seconds(onset), samples: next..shape.n_times });
    }
    if unknown > 0 {
        let text =
            format!("{unknown} boundary event(s) do not say how much was lost: later times may be too early");
        notes.push(Note::warning(FORMAT, text));
    }
    (runs, notes)
}

/// Of epochs: each is a run, at its true time where the events tell it for all epochs, else one after the other.
pub(crate) fn epoched(shape: Shape, events: &[Event]) -> (Vec<Run>, Note) {
    let (starts, note) = match true_starts(shape, events) {
        Ok(starts) => {
            let text = format!(
                "{} epochs of {} samples, each a run at its time in the original recording, as EEG.urevent tells it",
                shape.trials, shape.pnts
            );
            (starts, Note::info(FORMAT, text))
        }
        Err(why) => {
            let text = format!(
                "{} epochs of {} samples, each a run; {why}, so they stand one after the other and their times are \
                 not those of the original recording",
                shape.trials, shape.pnts
            );
            ((0..shape.trials).map(|e| (e * shape.pnts) as f64).collect(), Note::warning(FORMAT, text))
        }
    };
    let run = |(e, start): (u64, f64)| Run {
        onset: Seconds(start / shape.sfreq),
        samples: e * shape.pnts..(e + 1) * shape.pnts,
    };
    ((0..shape.trials).zip(starts).map(run).collect(), note)
}

/// Samples of the original recording at which the epochs begin, or why they are not known.
fn true_starts(shape: Shape, events: &[Event]) -> Result<Vec<f64>, String> {
    let mut starts: Vec<Option<f64>> = vec![None; usize::try_from(shape.trials).unwrap_or(0)];
    for event in events {
        let Some(original) = event.original else { continue };
        let epoch = event.epoch.unwrap_or((event.sample.max(0.0) as u64) / shape.pnts.max(1));
        let Some(start) = usize::try_from(epoch).ok().and_then(|epoch| starts.get_mut(epoch)) else {
            continue;
        };
        let found = original - (event.sample - (epoch * shape.pnts) as f64);
        match start {
            None => *start = Some(found),
            Some(before) if (*before - found).abs() > 1.0 => {
                return Err(format!(
                    "the events of epoch {} contradict each other about its time",
                    epoch + 1
                ));
            }
            Some(_) => {}
        }
    }
    let mut known = Vec::with_capacity(starts.len());
    for (epoch, start) in starts.into_iter().enumerate() {
        let start = start.ok_or(format!("no event tells the time of epoch {}", epoch + 1))?;
        if known.last().is_some_and(|before: &f64| start < before + shape.pnts as f64 - 0.5) {
            return Err(format!("epoch {} begins before the one before it ends", epoch + 1));
        }
        known.push(start);
    }
    Ok(known)
}

/// True time of a sample with a fraction.
pub(crate) fn time_of(runs: &[Run], sfreq: f64, sample: f64) -> Seconds {
    let whole = (sample + 1e-6).floor().max(0.0) as u64;
    let after = runs.partition_point(|run| run.samples.start <= whole);
    let (onset, start) =
        runs.get(after.saturating_sub(1)).map_or((0.0, 0), |run| (run.onset.0, run.samples.start));
    Seconds(onset + (sample - start as f64) / sfreq)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(label: &str, sample: f64) -> Event {
        Event { label: label.into(), sample, duration: None, original: None, epoch: None }
    }

    fn cut(sample: f64, lost: f64) -> Event {
        Event { duration: Some(lost), ..event("boundary", sample) }
    }

    const SHAPE: Shape = Shape { sfreq: 100.0, n_times: 1000, pnts: 1000, trials: 1 };

    #[test]
    fn cuts_shift_what_follows() {
        // MATLAB's 100.5 is between the samples 99 and 100 counted from 0
        let events =
            [cut(-0.5, 20.0), cut(99.5, 50.0), event("a", 120.0), cut(499.5, 100.0), cut(499.5, 10.0)];
        let (runs, notes) = continuous(SHAPE, &events);
        let found: Vec<_> = runs.iter().map(|run| (run.onset.0, run.samples.clone())).collect();
        assert_eq!(found, [(0.0, 0..100), (1.5, 100..500), (6.6, 500..1000)]);
        assert!(notes.len() == 1 && notes[0].text.contains("0.200 s were cut off"), "{notes:?}");
        for (sample, expected) in [(120.25, 1.7025), (1100.0, 12.6), (99.5, 0.995)] {
            let found = time_of(&runs, 100.0, sample).0;
            assert!((found - expected).abs() < 1e-12, "{sample}: {found}");
        }
    }

    #[test]
    fn a_cut_of_unknown_length_says_so_and_a_late_one_is_none() {
        let (runs, notes) = continuous(SHAPE, &[event("-99", 199.5), cut(1000.0, 3.0)]);
        assert_eq!((runs.len(), runs[1].onset), (2, Seconds(2.0)));
        assert!(notes[0].text.contains("1 boundary event(s) do not say"), "{notes:?}");
    }

    #[test]
    fn epochs_stand_where_their_events_stood_unless_these_contradict() {
        let shape = Shape { sfreq: 100.0, n_times: 300, pnts: 100, trials: 3 };
        let at = |sample: f64, original: f64| Event { original: Some(original), ..event("a", sample) };
        let events = [at(20.0, 50.0), at(120.0, 400.0), at(130.5, 410.0), at(220.0, 700.0)];
        let (runs, note) = epoched(shape, &events);
        assert_eq!(runs.iter().map(|r| r.onset.0).collect::<Vec<_>>(), [0.3, 3.8, 6.8]);
        assert_eq!((runs[1].samples.clone(), note.text.contains("EEG.urevent tells it")), (100..200, true));
        for (events, why) in [
            ([at(20.0, 50.0), at(120.0, 140.0), at(220.0, 700.0)], "epoch 2 begins before"),
            ([at(20.0, 50.0), at(30.0, 90.0), at(220.0, 700.0)], "epoch 1 contradict"),
            ([at(20.0, 50.0), event("b", 120.0), at(220.0, 700.0)], "no event tells the time of epoch 2"),
        ] {
            let (runs, note) = epoched(shape, &events);
            assert_eq!(runs.iter().map(|r| r.onset.0).collect::<Vec<_>>(), [0.0, 1.0, 2.0]);
            assert!(note.text.contains(why), "{}", note.text);
        }
    }
}
