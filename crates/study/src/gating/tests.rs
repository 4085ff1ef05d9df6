use super::on_change::ChangeVerdict;
use super::*;
use dosewave_eeg::{Channel, Epochs, Hz, Seconds, SpectrumParams};
use dosewave_markers::{BlockStats, MarkerConfig, SegmentParams, marker};
use dosewave_numerics::simulate::{saccadic_spike_waveform, shaped_noise};
use dosewave_numerics::spectral::MainsMask;
use dosewave_numerics::stats::Stream;
use ndarray::Array3;

const HEAD: [&str; 16] =
    ["Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P3", "Pz", "P4", "Oz"];
const SFREQ: f64 = 1000.0;
const N_TIMES: usize = 2000;
const N_EPOCHS: usize = 60;

/// Epochs of 2 s of independent noise of PSD `psd(f)`, with up to three spikes in the frontopolar leads of each.
fn segment(seed: u64, has_spikes: bool, psd: impl Fn(f64) -> f64 + Copy) -> Segment {
    let signals: Vec<_> = (0..HEAD.len() as u64)
        .map(|c| shaped_noise(N_EPOCHS * N_TIMES, SFREQ, psd, &mut Stream::new(seed, c)).unwrap())
        .collect();
    let mut data_uv =
        Array3::from_shape_fn((N_EPOCHS, HEAD.len(), N_TIMES), |(e, c, t)| signals[c][e * N_TIMES + t]);
    let waveform = saccadic_spike_waveform(SFREQ);
    for (e, mut epoch) in data_uv.outer_iter_mut().enumerate().filter(|_| has_spikes) {
        for start in [300, 900, 1500].into_iter().take(e * 7 % 4) {
            for (t, v) in waveform.iter().enumerate() {
                epoch[[0, start + t]] += 25.0 * v;
                epoch[[1, start + t]] += 25.0 * v;
            }
        }
    }
    let channels: Vec<Channel> = HEAD.iter().map(|name| Channel::from_name(name)).collect();
    let onsets = (0..N_EPOCHS).map(|e| Seconds(2.0 * e as f64)).collect();
    let params = SegmentParams {
        spectrum: SpectrumParams::default(),
        mains: MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 },
        block: Seconds(6.0),
        low_pass: None,
    };
    Segment::new(Epochs::new(channels.into(), Hz(SFREQ), data_uv, onsets).unwrap(), params).unwrap()
}

fn brain(f: f64) -> f64 {
    20.0 * f.max(0.5).powf(-1.5)
}

/// The same with flat muscle of `part` times the brain's PSD at 40 Hz.
fn with_muscle(part: f64) -> impl Fn(f64) -> f64 + Copy {
    move |f| brain(f) + if f > 15.0 { part * brain(40.0) } else { 0.0 }
}

fn planned(kind: &str, band: [f64; 2]) -> PlannedMarker {
    let config: MarkerConfig =
        serde_json::from_value(serde_json::json!({ "kind": kind, "band": band })).unwrap();
    let marker = marker("it", &config).unwrap();
    PlannedMarker { name: "it".into(), spec: marker.spec(), marker, missing: None }
}

/// Change in dB at a site, its verdict, and the verdict on the second value.
fn judged(before: &Segment, after: &Segment, band: [f64; 2], site: &str) -> (f64, ChangeVerdict, Gate) {
    let markers = [planned("band_power", band)];
    let [first, second] = [before, after]
        .map(|segment| (Evidence::of(segment, &markers), markers[0].marker.block_stats(segment).unwrap()));
    let of = |stats: &BlockStats| values(&*markers[0].marker, stats).unwrap();
    let (p, q) = (of(&first.1), of(&second.1));
    let changes: Vec<Option<f64>> =
        p.iter().zip(&q).map(|(p, q)| Some(10.0 * (q.unwrap() / p.unwrap()).log10())).collect();
    let verdicts = on_change(&markers[0], &changes, (&first.0, &second.0), (&first.1, &second.1));
    let at = first.1.sites.iter().position(|s| s == site).unwrap();
    (changes[at].unwrap(), verdicts[at].clone(), second.0.on_value(&markers[0], site).0)
}

#[test]
fn steady_muscle_that_doubles_is_taken_out_beside_spikes() {
    // muscle does not vary within the windows, saccadic spikes do: only their slope can be learnt
    let (before, after) = (segment(1, true, with_muscle(0.5)), segment(2, true, with_muscle(1.4)));
    for site in ["Fp1", "F3", "Cz"] {
        let (change, verdict, _) = judged(&before, &after, [30.0, 45.0], site);
        assert!(change > 1.0, "{site}: {change} dB");
        assert_eq!(verdict.gate, Gate::Confounded, "{site}");
        let adjusted = verdict.adjusted.unwrap();
        assert!(adjusted.abs() < 0.4, "{site}: {adjusted} dB of {change} are left of nothing but muscle");
    }
}

#[test]
fn a_rise_inside_the_evidence_band_is_unknown_and_elsewhere_judged() {
    let rise = |f: f64| brain(f) * if (95.0..180.0).contains(&f) { 2.0 } else { 1.0 };
    let (before, after) = (segment(3, false, brain), segment(4, false, rise));
    let (change, verdict, value) = judged(&before, &after, [100.0, 170.0], "Cz");
    assert!(change > 2.5, "{change} dB");
    assert_eq!((verdict.gate, verdict.adjusted, value), (Gate::Unknown, None, Gate::Unknown));
    let note = verdict.note.unwrap();
    assert!(note.contains("110") && note.contains("140 Hz"), "{note}");
    // no rise in the index: the evidence still speaks against muscle
    let below = |f: f64| brain(f) * if (95.0..109.0).contains(&f) { 4.0 } else { 1.0 };
    let (_, verdict, _) = judged(&before, &segment(5, false, below), [100.0, 170.0], "Cz");
    assert_eq!((verdict.gate, verdict.note), (Gate::Ok, None));
    // the same muscle as ever in a band apart from the evidence
    let (_, verdict, _) = judged(&before, &segment(6, false, with_muscle(1.0)), [55.0, 90.0], "Cz");
    assert_eq!((verdict.gate, verdict.note), (Gate::Confounded, None));
    assert!(verdict.adjusted.is_some());
}

#[test]
fn pairs_take_the_rim_and_channels_their_own_evidence() {
    let muscle = Powers { sites: vec!["global".into(), "Fz".into()], psd_uv2_hz: vec![Some(0.5), Some(0.1)] };
    let view = ViewEvidence { muscle, rim_db: Some(10.0), ..ViewEvidence::default() };
    let evidence =
        Evidence { band: Some(gate::EVIDENCE_BAND), views: vec![(None, view)], ..Evidence::default() };
    assert!((evidence.emg_index_db(None, "Fz").unwrap() + 10.0).abs() < 1e-12);
    assert!((evidence.emg_index_db(None, "Fz-Cz").unwrap() - 10.0).abs() < 1e-12);
    assert_eq!(evidence.emg_index_db(Some(View::Laplacian), "Fz"), None);
    assert_eq!(Evidence::default().emg_index_db(None, "Fz"), None);
}
