use super::*;
use crate::InterpolationParams;
use dosewave_numerics::stats::Stream;

const NAMES: [&str; 32] = [
    "Fp1", "Fpz", "Fp2", "AF3", "AF4", "F7", "F3", "Fz", "F4", "F8", "FC5", "FC1", "FCz", "FC2", "FC6", "T7",
    "C3", "Cz", "C4", "T8", "CP5", "CP1", "CP2", "CP6", "P7", "P3", "Pz", "P4", "P8", "O1", "Oz", "O2",
];
const SFREQ: f64 = 250.0;

/// A minute of low-pass noise from 40 places, spread over the head, with 1 µV of sensor noise.
pub(crate) fn head(change: impl Fn(&mut Array2<f64>, &mut Stream)) -> Recording {
    let mut stream = Stream::new(3, 0);
    let n = 60 * SFREQ as usize;
    let names: Vec<crate::Channel> = NAMES.iter().map(|n| crate::Channel::from_name(n)).collect();
    let mut data_uv = Array2::zeros((32, n));
    for _ in 0..40 {
        let direction: Vec<f64> = (0..3).map(|_| stream.normal()).collect();
        let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
        let (mut slow, mut source) = (0.0, Vec::with_capacity(n));
        for _ in 0..n {
            slow = 0.9 * slow + stream.normal();
            source.push(slow);
        }
        for (channel, mut row) in names.iter().zip(data_uv.rows_mut()) {
            let place = channel.position.unwrap();
            let near: f64 = place.iter().zip(&direction).map(|(p, d)| p * d / (0.095 * length)).sum();
            let weight = 2.0 * (4.0 * (near - 1.0)).exp();
            row.iter_mut().zip(&source).for_each(|(v, s)| *v += weight * s);
        }
    }
    data_uv.mapv_inplace(|v| v + stream.normal());
    change(&mut data_uv, &mut stream);
    Recording::new(data_uv, Hz(SFREQ), &NAMES).unwrap()
}

/// Blinks of 300 µV every 4.4 s, seen from the eyes backwards.
pub(crate) fn add_blinks(data: &mut Array2<f64>) {
    for (name, mut row) in NAMES.iter().zip(data.rows_mut()) {
        let place = crate::Channel::from_name(name).position.unwrap_or_default();
        let distance: f64 = place.iter().zip([0.0, 0.1, -0.02]).map(|(a, b)| (a - b) * (a - b)).sum();
        let weight = (-0.5 * distance / (0.05 * 0.05)).exp();
        for (t, value) in row.iter_mut().enumerate() {
            let since = (t % 1100) as f64 - 500.0;
            *value += 300.0 * weight * (-0.5 * (since / 18.0).powi(2)).exp();
        }
    }
}

fn reasons(found: &BadChannels, name: &str) -> Vec<Criterion> {
    let bad = found.bad.iter().find(|bad| bad.name == name);
    bad.map_or_else(Vec::new, |bad| bad.reasons.iter().map(|r| r.0).collect())
}

#[test]
fn a_good_head_has_no_bad_channel() {
    let found = head(|_, _| ()).bad_channels(&BadChannelParams::default()).unwrap();
    assert_eq!(found, BadChannels::default());
}

#[test]
fn each_fault_is_found_by_its_criterion() {
    let recording = head(|data, stream| {
        data.row_mut(2).fill(4.0);
        data.row_mut(8).iter_mut().for_each(|v| *v *= 12.0);
        data.row_mut(12).iter_mut().for_each(|v| *v += 8.0 * stream.normal());
        let level = data.row(20).std(0.0);
        let mut slow = 0.0;
        for v in data.row_mut(20) {
            slow = 0.9 * slow + stream.normal();
            *v = level * slow * (1.0_f64 - 0.81).sqrt();
        }
        let copied = data.row(25).to_owned();
        data.row_mut(26).assign(&copied);
    });
    let found = recording.bad_channels(&BadChannelParams::default()).unwrap();
    assert_eq!(reasons(&found, "Fp2"), [Criterion::Flat]);
    assert!(reasons(&found, "F4").contains(&Criterion::Amplitude), "{found:?}");
    assert!(reasons(&found, "FCz").contains(&Criterion::HighFrequency), "{found:?}");
    assert!(reasons(&found, "CP5").contains(&Criterion::Uncorrelated), "{found:?}");
    assert_eq!(found.names(), ["Fp2", "F4", "FCz", "CP5"]);
    let pairs: Vec<(&str, &str)> = found.bridged.iter().map(|(a, b, _)| (a.as_str(), b.as_str())).collect();
    assert_eq!(pairs, [("P3", "Pz")]);
    assert_eq!(found.notes().len(), 5);
    let repaired = recording.interpolate(&found.names(), &InterpolationParams::default()).unwrap();
    let again = repaired.bad_channels(&BadChannelParams::default()).unwrap();
    assert_eq!(again.names(), Vec::<&str>::new(), "{again:?}");
}

#[test]
fn ransac_finds_electrodes_in_the_wrong_sockets() {
    let recording = head(|data, _| {
        // a frontal and an occipital cable are swapped: amplitudes and correlations stay
        let front = data.row(6).to_owned();
        let back = data.row(30).to_owned();
        data.row_mut(6).assign(&back);
        data.row_mut(30).assign(&front);
    });
    let found = recording.bad_channels(&BadChannelParams::default()).unwrap();
    assert_eq!(reasons(&found, "F3"), [Criterion::Ransac], "{found:?}");
    assert_eq!(reasons(&found, "Oz"), [Criterion::Ransac], "{found:?}");
    assert_eq!(found, recording.bad_channels(&BadChannelParams::default()).unwrap());
    let without = BadChannelParams { ransac: None, ..BadChannelParams::default() };
    assert!(recording.bad_channels(&without).unwrap().bad.is_empty());
}

#[test]
fn units_and_order_of_channels_do_not_matter() {
    let recording = head(|data, _| data.row_mut(8).iter_mut().for_each(|v| *v *= 12.0));
    let reversed: Vec<usize> = (0..32).rev().collect();
    let params = BadChannelParams { ransac: None, ..BadChannelParams::default() };
    let found = recording.bad_channels(&params).unwrap();
    assert_eq!(found.names(), ["F4"]);
    assert_eq!(recording.pick(&reversed).unwrap().bad_channels(&params).unwrap().names(), ["F4"]);
}

#[test]
fn few_channels_are_judged_by_what_can_be() {
    let recording = head(|data, _| data.row_mut(1).fill(0.0)).pick(&[0, 1]).unwrap();
    let found = recording.bad_channels(&BadChannelParams::default()).unwrap();
    assert_eq!(found.names(), ["Fpz"]);
    assert_eq!(found.not_applied.len(), 3, "{:?}", found.not_applied);
    let nonsense = BadChannelParams { amplitude_z: Some(-1.0), ..BadChannelParams::default() };
    assert!(recording.bad_channels(&nonsense).unwrap_err().to_string().contains("amplitude_z = -1"));
    let long = BadChannelParams { window_s: 100.0, ..BadChannelParams::default() };
    assert!(matches!(recording.bad_channels(&long), Err(Error::NothingLeft { .. })));
}

/// White noise in each channel for itself, in so many of the 32.
fn scattered(n: usize) -> Recording {
    let own = head(|data, stream| data.mapv_inplace(|_| 10.0 * stream.normal()));
    own.pick(&(0..n).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_montage_that_does_not_correlate_is_not_bad() {
    let params = BadChannelParams { ransac: None, ..BadChannelParams::default() };
    let few = scattered(12).bad_channels(&params).unwrap();
    assert_eq!(few.names(), Vec::<&str>::new());
    assert!(few.not_applied[0].contains("12 channels with a position are too few"), "{:?}", few.not_applied);
    let all = scattered(32).bad_channels(&params).unwrap();
    assert_eq!(all.names(), Vec::<&str>::new());
    assert!(
        all.not_applied[0].contains("32 of 32 channels correlate with no other"),
        "{:?}",
        all.not_applied
    );
}
