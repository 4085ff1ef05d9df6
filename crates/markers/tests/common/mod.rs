//! Segments with known content, shared by the tests.
// each test file includes this one and uses its part of it
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use dosewave_eeg::{Channel, Epochs, Hz, Seconds, SpectrumParams};
use dosewave_markers::{DynMarker, MarkerConfig, Segment, SegmentParams, marker, values};
use dosewave_numerics::simulate::shaped_noise;
use dosewave_numerics::spectral::MainsMask;
use dosewave_numerics::stats::Stream;
use ndarray::{Array3, Axis};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// 50 Hz mains, blocks of three 2-s epochs, default multitaper.
pub fn params() -> SegmentParams {
    SegmentParams {
        spectrum: SpectrumParams::default(),
        mains: MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 },
        block: Seconds(6.0),
        low_pass: None,
    }
}

/// Epochs of 2 s, one after the other.
pub fn epochs(ch_names: &[&str], sfreq: f64, data_uv: Array3<f64>) -> Epochs {
    let channels: Vec<Channel> = ch_names.iter().map(|name| Channel::from_name(name)).collect();
    let length = data_uv.len_of(Axis(2)) as f64 / sfreq;
    let onsets = (0..data_uv.len_of(Axis(0))).map(|e| Seconds(length * e as f64)).collect();
    Epochs::new(channels.into(), Hz(sfreq), data_uv, onsets).unwrap()
}

/// A segment of such epochs.
pub fn segment(ch_names: &[&str], sfreq: f64, data_uv: Array3<f64>) -> Segment {
    Segment::new(epochs(ch_names, sfreq, data_uv), params()).unwrap()
}

/// Continuous signals `[channel][time]` cut into epochs of `n_times`.
pub fn cut(signals: &[ndarray::Array1<f64>], n_times: usize) -> Array3<f64> {
    let n_epochs = signals[0].len() / n_times;
    Array3::from_shape_fn((n_epochs, signals.len(), n_times), |(e, c, t)| signals[c][e * n_times + t])
}

/// Independent noise of PSD `psd(f)` in `n_channels` channels, cut into 2-s epochs.
pub fn noise(
    n_channels: usize,
    n_epochs: usize,
    sfreq: f64,
    seed: u64,
    psd: impl Fn(f64) -> f64 + Copy,
) -> Array3<f64> {
    let n_times = (2.0 * sfreq) as usize;
    let signals: Vec<_> = (0..n_channels)
        .map(|c| shaped_noise(n_epochs * n_times, sfreq, psd, &mut Stream::new(seed, c as u64)).unwrap())
        .collect();
    cut(&signals, n_times)
}

/// The 10–20 system with both mastoids: every region, the rim, the vertex.
pub const HEAD: [&str; 21] = [
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7", "P3", "Pz", "P4", "P8",
    "O1", "O2", "M1", "M2",
];

/// 24 epochs of [`HEAD`] at 700 Hz: 1/f, white noise, an alpha rhythm of 10 Hz, and a source that reaches each channel later
/// than the one before.
pub fn head(seed: u64) -> Array3<f64> {
    let alpha = |f: f64| 8.0 * (-0.5 * ((f - 10.0) / 0.8).powi(2)).exp();
    let density = |f: f64| 20.0 * f.max(0.5).powf(-1.3) + 0.02 + alpha(f);
    let mut data_uv = noise(HEAD.len(), 24, 700.0, seed, density);
    let source = noise(1, 24, 700.0, seed + 100, |f| if f > 5.0 { 0.3 } else { 0.0 });
    for ((epoch, channel, time), value) in data_uv.indexed_iter_mut() {
        *value += source[[epoch, 0, (time + 1400 - 2 * channel) % 1400]];
    }
    data_uv
}

/// A marker of `kind` with parameters in JSON.
pub fn make(kind: &str, params: &str) -> Box<dyn DynMarker> {
    let mut config: MarkerConfig = serde_json::from_str(params).unwrap();
    config.kind = Some(kind.to_owned());
    marker("test", &config).unwrap()
}

/// Values by site; only the length of bursts may be missing, where there is none.
pub fn by_site(marker: &dyn DynMarker, segment: &Segment) -> BTreeMap<String, f64> {
    let stats = marker.block_stats(segment).unwrap();
    let values = values(marker, &stats).unwrap();
    let may_miss = marker.spec().kind == "burst_dwell";
    let defined = stats.sites.into_iter().zip(values).filter(|(_, value)| !may_miss || value.is_some());
    defined.map(|(site, value)| (site, value.unwrap())).collect()
}

/// Channels of the golden input.
pub const GOLDEN_CHANNELS: [&str; 6] = ["Fp1", "F4", "C3", "P3", "O1", "T7"];

/// The input of `testdata/generate/markers.py`.
pub fn golden_input() -> Array3<f64> {
    golden_input_of(GOLDEN_CHANNELS.len())
}

/// The same formula for any number of channels: 24 epochs of 2 s at 500 Hz.
pub fn golden_input_of(n_channels: usize) -> Array3<f64> {
    let (n, sfreq) = (24_000, 500.0);
    let mut state = 1_u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0 - 0.5
    };
    let noise: Vec<Vec<f64>> = (0..n).map(|_| (0..=2 * n_channels).map(|_| uniform()).collect()).collect();
    let mut data = Array3::zeros((24, n_channels, 1000));
    for c in 0..n_channels {
        let mut brown = 0.0;
        for k in 0..n {
            brown = 0.97 * brown + noise[k][c];
            let source = if k >= 2 * c { noise[k - 2 * c][2 * n_channels] } else { 0.0 };
            let t = k as f64 / sfreq;
            let alpha = 3.0
                * (2.0 * PI * 10.2 * t + 0.7 * c as f64).sin()
                * (1.0 + 0.5 * (2.0 * PI * 0.05 * t).sin());
            let mains = 4.0 * (2.0 * PI * 50.0 * t).sin();
            data[[k / 1000, c, k % 1000]] =
                8.0 * brown + alpha + 9.0 * source + 1.5 * noise[k][n_channels + c] + mains;
        }
    }
    data
}
