//! Windows around the dose, in seconds of the recording and minutes from the dose.

use crate::config::{Baseline, Config, PostWindows};
use crate::{DoseSummary, Problem};
use dosewave_eeg::{Header, Note, Seconds};

/// Name of the window before the dose.
pub(crate) const BASELINE: &str = "baseline";
/// The window after the dose, where there is one only.
pub(crate) const POST: &str = "post";
/// Default windows after the dose, hours.
const DEFAULT_POST_H: [[f64; 2]; 5] = [[0.0, 0.5], [0.5, 1.0], [1.0, 2.0], [2.0, 4.0], [24.0, 25.0]];
const DEFAULT_BASELINE_S: f64 = 1800.0;
/// A default window of which less than this was recorded is left out.
const SHORTEST_DEFAULT_S: f64 = 60.0;
/// Fewest epochs that a baseline must be able to hold.
pub(crate) const FEWEST_EPOCHS: usize = 5;

/// A window of one of the recordings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    /// Name in the tables.
    pub(crate) name: String,
    /// Which recording: 0, or 1 for the one after the dose.
    pub(crate) file: usize,
    /// Start and end, seconds from the recording's start.
    pub(crate) from_s: f64,
    pub(crate) to_s: f64,
    /// Seconds to add to a time of the recording for a time from the dose.
    pub(crate) shift_s: f64,
}

impl Window {
    pub(crate) fn t_start_min(&self) -> f64 {
        (self.from_s + self.shift_s) / 60.0
    }

    pub(crate) fn t_stop_min(&self) -> f64 {
        (self.to_s + self.shift_s) / 60.0
    }
}

/// Windows of two recordings: each is used whole, at `[−length, 0]` and `[0, length]`.
pub(crate) fn of_pair(pre: &Header, post: &Header) -> Vec<Window> {
    let (before, after) = (pre.end().0, post.end().0);
    vec![
        Window { name: BASELINE.into(), file: 0, from_s: 0.0, to_s: before, shift_s: -before },
        Window { name: POST.into(), file: 1, from_s: 0.0, to_s: after, shift_s: 0.0 },
    ]
}

/// Windows of one recording around its dose, baseline first; what cannot be goes to `problems`.
pub(crate) fn around_dose(
    config: &Config,
    header: &Header,
    dose: &DoseSummary,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Vec<Window> {
    let mut windows = Vec::new();
    windows.extend(baseline(config, header, dose, problems, notes));
    windows.extend(post(config, header, dose, problems, notes));
    windows
}

fn problem(key: &str, text: String) -> Problem {
    Problem { key: key.into(), text }
}

fn window(name: &str, dose: &DoseSummary, from_s: f64, to_s: f64) -> Window {
    Window {
        name: name.into(),
        file: 0,
        from_s: dose.onset_s + from_s,
        to_s: dose.onset_s + to_s,
        shift_s: -dose.onset_s,
    }
}

/// Recorded seconds of a window.
pub(crate) fn recorded_s(header: &Header, window: &Window) -> f64 {
    let ranges = header.samples_between(Seconds(window.from_s), Seconds(window.to_s));
    ranges.iter().map(|range| range.end - range.start).sum::<u64>() as f64 / header.sfreq.0
}

fn baseline(
    config: &Config,
    header: &Header,
    dose: &DoseSummary,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Option<Window> {
    let (from_s, to_s) = match config.windows.baseline {
        Baseline::Auto => (-DEFAULT_BASELINE_S.min(dose.onset_s), 0.0),
        Baseline::Fixed([from, to]) => (from.seconds, to.seconds),
    };
    let clipped = from_s.max(-dose.onset_s);
    let need_s = FEWEST_EPOCHS as f64 * config.epochs.length;
    let asked = window(BASELINE, dose, clipped, to_s);
    let have_s = if to_s > clipped { recorded_s(header, &asked) } else { 0.0 };
    if have_s < need_s {
        problems.push(problem(
            "windows.baseline",
            format!(
                "no baseline: the dose is at {} s, and only {have_s} s of the window {from_s} to {to_s} s from the dose \
                 were recorded; need at least {need_s} s ({FEWEST_EPOCHS} epochs). Give another windows.baseline, or \
                 compare with a recording made before the dose",
                dose.onset_s
            ),
        ));
        return None;
    }
    if clipped > from_s {
        notes.push(Note::warning(
            "windows",
            format!(
                "the baseline asked for starts {} s before the recording; it is cut to {} s",
                clipped - from_s,
                to_s - clipped
            ),
        ));
    }
    Some(asked)
}

fn post(
    config: &Config,
    header: &Header,
    dose: &DoseSummary,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Vec<Window> {
    let after_s = header.end().0 - dose.onset_s;
    match &config.windows.post {
        PostWindows::Auto => default_post(config, header, dose, problems, notes),
        PostWindows::Fixed(edges) => {
            let mut windows = Vec::new();
            for [from, to] in edges {
                let name = name(from.seconds, to.seconds, edges.len());
                let asked = window(&name, dose, from.seconds, to.seconds.min(after_s));
                if from.seconds >= after_s || recorded_s(header, &asked) < config.epochs.length {
                    problems.push(problem(
                        "windows.post",
                        format!(
                            "the window {} to {} s from the dose was not recorded; the recording ends {after_s} s after the dose",
                            from.seconds, to.seconds
                        ),
                    ));
                    continue;
                }
                if to.seconds > after_s + 0.5 / header.sfreq.0 {
                    notes.push(Note::warning(
                        "windows",
                        format!(
                            "the window '{name}' is cut at the recording's end, {after_s} s after the dose"
                        ),
                    ));
                }
                windows.push(asked);
            }
            windows
        }
    }
}

fn default_post(
    config: &Config,
    header: &Header,
    dose: &DoseSummary,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Vec<Window> {
    let after_s = header.end().0 - dose.onset_s;
    let whole = window(POST, dose, 0.0, after_s.max(0.0));
    if after_s <= DEFAULT_POST_H[0][1] * 3600.0 {
        let have_s = recorded_s(header, &whole);
        if have_s < config.epochs.length {
            problems.push(problem(
                "windows.post",
                format!(
                    "only {have_s} s were recorded after the dose at {} s; need at least one epoch of {} s",
                    dose.onset_s, config.epochs.length
                ),
            ));
            return Vec::new();
        }
        return vec![whole];
    }
    let mut windows = Vec::new();
    for [from_h, to_h] in DEFAULT_POST_H {
        let (from_s, to_s) = (from_h * 3600.0, to_h * 3600.0);
        let asked = window(&name(from_s, to_s, DEFAULT_POST_H.len()), dose, from_s, to_s.min(after_s));
        let have_s = if from_s < after_s { recorded_s(header, &asked) } else { 0.0 };
        if have_s >= SHORTEST_DEFAULT_S {
            windows.push(asked);
        } else if have_s > 0.0 {
            notes.push(Note::info(
                "windows",
                format!("only {have_s} s of the window '{}' were recorded; it is left out", asked.name),
            ));
        }
    }
    if windows.is_empty() {
        problems.push(problem(
            "windows.post",
            "none of the default windows was recorded; give windows.post".into(),
        ));
    }
    windows
}

/// `post` where there is one; else its edges in the largest unit that keeps them whole.
fn name(from_s: f64, to_s: f64, of: usize) -> String {
    if of == 1 {
        return POST.into();
    }
    let (unit, symbol) = match (from_s, to_s) {
        (from, to) if from >= 3600.0 && from % 3600.0 == 0.0 && to % 3600.0 == 0.0 => (3600.0, "h"),
        (from, to) if from % 60.0 == 0.0 && to % 60.0 == 0.0 => (60.0, "min"),
        _ => (1.0, "s"),
    };
    format!("{} to {} {symbol}", from_s / unit, to_s / unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Channel, ChannelKind, Hz, Run};

    fn header(length_s: f64) -> Header {
        let cz = Channel {
            name: "Cz".into(),
            kind: ChannelKind::Eeg,
            unit: "µV".into(),
            position: None,
            high_pass: None,
            low_pass: None,
            impedance_kohm: None,
            recorded_unit: None,
            quantization: None,
        };
        Header {
            format: "array".into(),
            channels: vec![cz].into(),
            sfreq: Hz(10.0),
            runs: vec![Run { onset: Seconds(0.0), samples: 0..(length_s * 10.0) as u64 }],
            start: None,
            annotations: Vec::new(),
            other_signals: Vec::new(),
            details: dosewave_eeg::Details::default(),
            notes: Vec::new(),
        }
    }

    fn around(length_s: f64, dose_s: f64, settings: &[&str]) -> (Vec<Window>, Vec<Problem>, Vec<Note>) {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let config = Config::layered(None, &settings).unwrap();
        let dose = DoseSummary { label: "x".into(), onset_s: dose_s, duration_min: 0.0 };
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        let windows = around_dose(&config, &header(length_s), &dose, &mut problems, &mut notes);
        (windows, problems, notes)
    }

    fn edges(windows: &[Window]) -> Vec<(&str, f64, f64)> {
        windows.iter().map(|w| (w.name.as_str(), w.from_s, w.to_s)).collect()
    }

    #[test]
    fn a_short_recording_has_one_post_window() {
        let (windows, problems, _) = around(352.0, 100.0, &[]);
        assert_eq!(edges(&windows), [("baseline", 0.0, 100.0), ("post", 100.0, 352.0)]);
        assert_eq!((windows[0].t_start_min(), windows[1].t_stop_min()), (-100.0 / 60.0, 4.2));
        assert!(problems.is_empty());
    }

    #[test]
    fn default_windows_fit_the_recording() {
        let (windows, ..) = around(3600.0 * 2.5, 3600.0, &[]);
        assert_eq!(
            edges(&windows),
            [
                ("baseline", 1800.0, 3600.0),
                ("0 to 30 min", 3600.0, 5400.0),
                ("30 to 60 min", 5400.0, 7200.0),
                ("1 to 2 h", 7200.0, 9000.0)
            ]
        );
        let (windows, _, notes) = around(3600.0 + 1830.0, 3600.0, &[]);
        assert_eq!(windows.len(), 2);
        assert!(notes[0].text.contains("only 30 s"), "{notes:?}");
    }

    #[test]
    fn windows_as_given() {
        let (windows, problems, _) = around(352.0, 100.0, &["windows.post=[[\"200 s\",\"252 s\"]]"]);
        assert_eq!(edges(&windows)[1], ("post", 300.0, 352.0));
        assert!(problems.is_empty());
        let (windows, _, notes) = around(352.0, 100.0, &["windows.baseline=[\"-10 min\", 0]"]);
        assert_eq!((windows[0].from_s, notes.len()), (0.0, 1));
    }

    #[test]
    fn missing_baseline_and_windows_outside_are_reported_together() {
        let (_, problems, _) = around(352.0, 3.0, &["windows.post=[[1,2]]"]);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].text.contains("the dose is at 3 s, and only 3 s"), "{}", problems[0].text);
        assert!(problems[0].text.contains("at least 10 s"));
        assert!(problems[1].text.contains("ends 349 s after the dose"));
    }

    #[test]
    fn pauses_do_not_count_as_recorded() {
        let mut h = header(100.0);
        h.runs = vec![
            Run { onset: Seconds(0.0), samples: 0..500 },
            Run { onset: Seconds(80.0), samples: 500..1000 },
        ];
        let w = Window { name: "post".into(), file: 0, from_s: 40.0, to_s: 100.0, shift_s: 0.0 };
        assert_eq!(recorded_s(&h, &w), 30.0);
    }
}
