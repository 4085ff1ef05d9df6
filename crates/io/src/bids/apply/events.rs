//! `events.tsv`, merged with the file's own annotations.

use super::Odd;
use crate::bids::{FORMAT, Table};
use dosewave_eeg::{Annotation, Header, Note, Seconds};
use std::collections::HashSet;

/// Labels of a file that are about the recording and no event: they are replaced by an event of the same label only.
fn is_structural(label: &str) -> bool {
    let upper = label.trim().to_ascii_uppercase();
    ["NEW SEGMENT", "BOUNDARY", "BAD", "EDGE", "PADDING"].iter().any(|word| upper.starts_with(word))
}

/// The table's events take the place of the file's annotations at the same time; what the table does not have is kept.
pub(super) fn apply(table: &Table, header: &mut Header, notes: &mut Vec<Note>) {
    let mut events = events(table, header, notes);
    events.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    let labels: HashSet<&str> = events.iter().map(|event| event.label.as_str()).collect();
    let tolerance = (1.0 / header.sfreq.0).max(1e-3) * 1.001;
    let mut kept = Vec::new();
    let mut event = 0;
    // both are in order of time: each event takes the place of one annotation
    for annotation in std::mem::take(&mut header.annotations) {
        if is_structural(&annotation.label) && !labels.contains(annotation.label.as_str()) {
            kept.push(annotation);
            continue;
        }
        let onset = annotation.onset.0;
        while events.get(event).is_some_and(|e| e.onset.0 < onset - tolerance) {
            event += 1;
        }
        match events.get(event) {
            Some(found) if (found.onset.0 - onset).abs() <= tolerance => event += 1,
            _ => kept.push(annotation),
        }
    }
    let mut odd = Odd::new();
    for annotation in kept.iter().filter(|a| !is_structural(&a.label)) {
        odd.add(format!("'{}' at {}", annotation.label, annotation.onset));
    }
    let n = odd.0.len();
    odd.tell(notes, &table.file, &format!("{n} annotation(s) of the file are not in the table and are kept"));
    events.extend(kept);
    events.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    header.annotations = events;
}

/// The rows as annotations.
fn events(table: &Table, header: &Header, notes: &mut Vec<Note>) -> Vec<Annotation> {
    let (mut untimed, mut lengths) = (Odd::new(), Odd::new());
    let mut events = Vec::with_capacity(table.rows.len());
    let mut samples = Vec::with_capacity(table.rows.len());
    for row in 0..table.rows.len() {
        let label = ["trial_type", "value", "stim_type"].iter().find_map(|column| table.field(row, column));
        let label = label.unwrap_or("n/a");
        let number = |column: &str| table.number(row, column).ok().flatten();
        let Some(onset) = number("onset") else {
            untimed.add(format!("line {} '{label}'", row + 2));
            continue;
        };
        let duration = match table.number(row, "duration") {
            Ok(duration) => duration.unwrap_or(0.0),
            Err(_) => -1.0,
        };
        if duration < 0.0 {
            lengths.add(format!("line {} '{label}'", row + 2));
        }
        samples.push(number("sample"));
        events.push(Annotation::new(Seconds(onset), Seconds(duration.max(0.0)), label));
    }
    untimed.warn(notes, &table.file, "event(s) without an onset, left out");
    lengths.warn(notes, &table.file, "duration(s) that are none, taken for 0");
    behind_pauses(table, header, &samples, &mut events, notes);
    outside(table, header, &events, notes);
    events
}

/// Some programs count onsets in recorded samples, as if there were no pause: the column `sample` tells.
fn behind_pauses(
    table: &Table,
    header: &Header,
    samples: &[Option<f64>],
    events: &mut [Annotation],
    notes: &mut Vec<Note>,
) {
    let near = |a: f64, b: f64| (a - b).abs() * header.sfreq.0 < 1.5;
    let mut wrong = Odd::new();
    let mut moved = Vec::new();
    for (event, sample) in events.iter().zip(samples) {
        let Some(sample) = sample.filter(|sample| *sample >= 0.0) else { continue };
        let glued = sample / header.sfreq.0;
        let true_time = header.time_of(sample.round() as u64).map_or(glued, |time| time.0);
        if near(event.onset.0, true_time) {
            continue;
        }
        if near(event.onset.0, glued) {
            moved.push(true_time);
        } else {
            wrong.add(format!("'{}' at {} (sample {sample})", event.label, event.onset));
        }
    }
    wrong.warn(notes, &table.file, "onset and sample do not agree; the onset is taken");
    // a mixture of both countings is not touched
    let said: Vec<f64> = samples.iter().flatten().copied().collect();
    let all_glued = events
        .iter()
        .zip(samples)
        .all(|(event, sample)| sample.is_some_and(|sample| near(event.onset.0, sample / header.sfreq.0)));
    if moved.is_empty() || !all_glued {
        return;
    }
    for (event, sample) in events.iter_mut().zip(said) {
        if let Some(time) = header.time_of(sample.round() as u64) {
            event.onset = time;
        }
    }
    let text = format!(
        "{}: onsets count recorded samples without the pauses; {} event(s) behind a pause stand at their true time",
        table.file,
        moved.len()
    );
    notes.push(Note::warning(FORMAT, text));
}

fn outside(table: &Table, header: &Header, events: &[Annotation], notes: &mut Vec<Note>) {
    let mut odd = Odd::new();
    for event in events.iter().filter(|event| event.onset.0 < 0.0 || event.onset.0 > header.end().0) {
        odd.add(format!("'{}' at {}", event.label, event.onset));
    }
    odd.warn(notes, &table.file, &format!("event(s) outside the recording, which ends at {}", header.end()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Hz, Recording, Run};

    fn header(annotations: &[(f64, &str)]) -> Header {
        let data = ndarray::Array2::zeros((1, 1000));
        let recording = Recording::new(data, Hz(100.0), &["Cz"]).unwrap();
        let all =
            annotations.iter().map(|(t, label)| Annotation::new(Seconds(*t), Seconds(0.0), *label)).collect();
        recording.with_annotations(all).header().clone()
    }

    fn merged(text: &str, mut header: Header) -> (Vec<(f64, f64, String)>, Vec<String>) {
        let mut notes = Vec::new();
        apply(&Table::parse("events.tsv", text.as_bytes()).unwrap(), &mut header, &mut notes);
        let all = header.annotations.iter().map(|a| (a.onset.0, a.duration.0, a.label.clone()));
        (all.collect(), notes.into_iter().map(|n| n.text).collect())
    }

    #[test]
    fn nothing_is_doubled_and_nothing_is_lost() {
        let own =
            [(0.0, "New Segment/"), (1.0, "Stimulus/S  1"), (1.0, "Stimulus/S  2"), (4.0, "Comment/asleep")];
        let text =
            "onset\tduration\ttrial_type\tvalue\tsample\n1.004\tn/a\tdose\t1\t100\n0\t0.5\tn/a\t7\t0\n";
        let (events, notes) = merged(text, header(&own));
        let labels: Vec<(f64, &str)> = events.iter().map(|(t, _, label)| (*t, label.as_str())).collect();
        assert_eq!(
            labels,
            [
                (0.0, "7"),
                (0.0, "New Segment/"),
                (1.0, "Stimulus/S  2"),
                (1.004, "dose"),
                (4.0, "Comment/asleep")
            ]
        );
        assert_eq!(events[0].1, 0.5);
        assert!(notes[0].contains("2 annotation(s) of the file are not in the table"), "{notes:?}");
        // a table that has the segments replaces them
        let (events, _) = merged("onset\tduration\ttrial_type\n0\t0.01\tNew Segment/\n", header(&own[..1]));
        assert_eq!(events, [(0.0, 0.01, "New Segment/".into())]);
    }

    #[test]
    fn events_without_a_time_are_named() {
        let (events, notes) = merged("onset\tduration\tvalue\nn/a\t0\tx\n99\t-1\ty\n", header(&[]));
        assert_eq!(events, [(99.0, 0.0, "y".into())]);
        for expected in ["line 2 'x'", "line 3 'y'", "ends at 10 s: 'y' at 99 s"] {
            assert!(notes.iter().any(|n| n.contains(expected)), "{expected}: {notes:?}");
        }
    }

    #[test]
    fn onsets_that_forgot_the_pauses_are_put_right() {
        let mut paused = header(&[]);
        paused.runs = vec![
            Run { onset: Seconds(0.0), samples: 0..500 },
            Run { onset: Seconds(60.0), samples: 500..1000 },
        ];
        let text = "onset\tduration\ttrial_type\tsample\n1\t0\ta\t100\n6\t0\tdose\t600\n";
        let (events, notes) = merged(text, paused.clone());
        assert_eq!((events[0].0, events[1].0), (1.0, 61.0));
        assert!(notes[0].contains("1 event(s) behind a pause"), "{notes:?}");
        // true times stay
        let (events, notes) =
            merged("onset\tduration\ttrial_type\tsample\n1\t0\ta\t100\n61\t0\tdose\t600\n", paused);
        assert_eq!((events[1].0, notes.len()), (61.0, 0));
        let (_, notes) = merged("onset\tduration\ttrial_type\tsample\n1\t0\ta\t300\n", header(&[]));
        assert!(notes[0].contains("do not agree"), "{notes:?}");
    }
}
