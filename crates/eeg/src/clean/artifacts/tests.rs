use super::*;
use crate::Hz;
use dosewave_numerics::stats::Stream;
use ndarray::Array2;

const SFREQ: f64 = 500.0;

fn recording(names: &[&str], add: impl Fn(usize, usize) -> f64) -> Recording {
    let mut stream = Stream::new(8, 0);
    let data_uv = Array2::from_shape_fn((names.len(), 15_000), |(c, t)| 3.0 * stream.normal() + add(c, t));
    Recording::new(data_uv, Hz(SFREQ), names).unwrap()
}

fn kinds(found: &[Artifact]) -> Vec<(&str, f64)> {
    found.iter().map(|a| (a.kind.name(), (a.onset.0 + a.duration.0 / 2.0).round())).collect()
}

fn bump(t: usize, at: f64) -> f64 {
    (-0.5 * ((t as f64 / SFREQ - at) / 0.07).powi(2)).exp()
}

#[test]
fn eyes_are_seen_in_eog_channels_whatever_their_polarity() {
    for sign in [1.0, -1.0] {
        let found = recording(&["Cz", "VEOG", "HEOG"], |c, t| match c {
            1 => sign * 150.0 * (bump(t, 5.0) + bump(t, 12.0)),
            2 if t > 10_000 => 80.0,
            _ => 0.0,
        });
        let found = found.artifacts(&ArtifactParams::default()).unwrap();
        assert_eq!(kinds(&found), [("blink", 5.0), ("blink", 12.0), ("saccade", 20.0)]);
        assert!(found[0].value * sign > 120.0 && found[0].seen_in == "VEOG");
    }
}

#[test]
fn eyes_are_seen_in_frontal_channels_where_there_is_no_eog() {
    let names = ["Fp1", "Fp2", "F7", "F8", "Cz", "O1", "O2"];
    let found = recording(&names, |c, t| match c {
        0 | 1 => 120.0 * bump(t, 7.0),
        2 if t > 10_000 => 20.0,
        3 if t > 10_000 => -20.0,
        _ => 0.0,
    });
    let found = found.artifacts(&ArtifactParams::default()).unwrap();
    assert_eq!(kinds(&found), [("blink", 7.0), ("saccade", 20.0)]);
    assert_eq!(found[1].seen_in, "F7-F8");
}

#[test]
fn bursts_of_muscle_are_seen_and_epochs_with_them_go() {
    let mut stream = Stream::new(4, 0);
    let burst: Vec<f64> = (0..15_000).map(|_| 40.0 * stream.normal()).collect();
    let burst = &burst;
    let noisy = recording(&["Cz", "T7"], move |_, t| if (6000..6400).contains(&t) { burst[t] } else { 0.0 });
    let found = noisy.artifacts(&ArtifactParams::default()).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!((found[0].onset.0 - 12.0).abs() < 0.15 && (found[0].duration.0 - 0.8).abs() < 0.3);
    let epochs = noisy.epochs(&crate::Windows::fixed(Seconds(2.0))).unwrap();
    let clean = epochs.without_artifacts(&found).unwrap();
    let (rejected, onset) = (clean.rejected(), found[0].onset.0);
    assert!(rejected.iter().any(|r| r.onset.0 == 12.0 && r.reason == "muscle"), "{rejected:?} {onset}");
    assert_eq!(clean.n_epochs() + rejected.len(), 15);
}

#[test]
fn slow_recordings_and_nonsense() {
    let slow = Recording::new(Array2::zeros((1, 1000)), Hz(100.0), &["Cz"]).unwrap();
    assert!(slow.artifacts(&ArtifactParams::default()).unwrap().is_empty());
    let bad = ArtifactParams { blink_uv: Some(-1.0), ..Default::default() };
    assert!(slow.artifacts(&bad).unwrap_err().to_string().contains("blink_uv = -1"));
}

#[test]
fn horizontal_eyes_are_known_by_name() {
    for name in ["HEOG", "EOG HEOG", "EOGh", "EOG-H", "EOG horizontal", "hEOG-Ref", "Horizontal EOG"] {
        assert!(is_horizontal(name), "{name}");
    }
    for name in ["VEOG", "EOG", "EOG right", "EOG rechts", "EOG Ch1", "EOG-L", "EOGv"] {
        assert!(!is_horizontal(name), "{name}");
    }
}

#[test]
fn good_stretches_shorter_than_the_limit_are_bridged_and_no_longer_ones() {
    let run = Run { onset: Seconds(0.0), samples: 0..1000 };
    let recording = recording(&["Cz"], |_, _| 0.0);
    // 50 good samples are 0.1 s at 500 Hz: not shorter
    for (gap, n) in [(49, 1), (50, 2), (51, 2)] {
        let mut z = Array1::zeros(1000);
        z.slice_mut(s![100..110]).fill(9.0);
        z.slice_mut(s![110 + gap..120 + gap]).fill(9.0);
        let found = recording.muscle(&run, z.view(), 4.0, &ArtifactParams::default());
        assert_eq!(found.len(), n, "a gap of {gap} samples");
    }
    let none = ArtifactParams { min_length_good_s: 0.0, ..ArtifactParams::default() };
    let z = Array1::from_elem(1000, 9.0);
    assert_eq!(recording.muscle(&run, z.view(), 4.0, &none).len(), 1);
}
