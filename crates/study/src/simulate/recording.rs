//! Samples.

use super::head::{CHANNELS, Head, LAG_S, channels};
use super::params::{Arm, BrainState, SimulationParams};
use crate::Result;
use dosewave_eeg::{Annotation, Details, Header, Hz, Recording, Run, Seconds, Timestamp};
use dosewave_numerics::simulate::{delayed, shaped_noise};
use dosewave_numerics::stats::Stream;
use ndarray::{Array2, Axis, s};

/// One session of a simulated subject: baseline, infusion (an annotation with its length, over which the effects
/// rise), and the time after. The same seed gives the same bytes.
///
/// # Errors
/// [`crate::Error::Kernel`] for lengths or rates that make no recording.
///
/// ```
/// use dosewave_study::simulate::{Arm, SimulationParams, simulate_recording};
/// let short = SimulationParams { baseline_s: 4.0, infusion_s: 2.0, post_s: 4.0, ..SimulationParams::default() };
/// let rec = simulate_recording(&short, 1, 0, Arm::Ketamine).unwrap();
/// assert_eq!((rec.channels().len(), rec.header().end().0), (32, 10.0));
/// assert_eq!(rec.annotations()[0].label, "ketamine infusion");
/// ```
pub fn simulate_recording(params: &SimulationParams, seed: u64, subject: u64, arm: Arm) -> Result<Recording> {
    let samples = |seconds: f64| (seconds * params.sfreq_hz).round() as usize;
    let (baseline, infusion, post) =
        (samples(params.baseline_s), samples(params.infusion_s), samples(params.post_s));
    let (before, after) = params.states(seed, subject, arm);
    let head = Head::new();
    // far from the streams of the states
    let stream = 1_000_000 + 64 * subject + 16 * u64::from(arm == Arm::Placebo);
    let pre = window(&head, &before, baseline + infusion, params.sfreq_hz, seed, stream)?;
    let post_uv = window(&head, &after, infusion + post, params.sfreq_hz, seed, stream + 8)?;
    let mut data_uv = Array2::zeros((CHANNELS.len(), baseline + infusion + post));
    for (t, mut column) in data_uv.axis_iter_mut(Axis(1)).enumerate() {
        // powers add up to one on the way, since the two are independent
        let risen = match t.checked_sub(baseline) {
            None => 0.0,
            Some(since) if since < infusion => since as f64 / infusion as f64,
            Some(_) => 1.0,
        };
        if risen < 1.0 {
            column.scaled_add((1.0 - risen).sqrt(), &pre.column(t));
        }
        if risen > 0.0 {
            column.scaled_add(risen.sqrt(), &post_uv.column(t - baseline));
        }
    }
    let header = header(params, subject, arm, data_uv.ncols() as u64);
    Ok(Recording::from_parts(header, data_uv)?)
}

/// One stationary stretch, `[channel, time]`.
fn window(
    head: &Head,
    state: &BrainState,
    n: usize,
    sfreq: f64,
    seed: u64,
    stream: u64,
) -> Result<Array2<f64>> {
    let noise = |psd: &dyn Fn(f64) -> f64, stream: &mut Stream| shaped_noise(n, sfreq, psd, stream);
    let n_channels = CHANNELS.len();
    let mut background = Stream::new(seed, stream);
    let mut patches = Array2::zeros((n_channels, n));
    for mut row in patches.outer_iter_mut() {
        row.assign(&noise(&|f| state.background(f), &mut background)?);
    }
    let mut muscle = Stream::new(seed, stream + 1);
    let mut muscles = Array2::zeros((n_channels, n));
    for mut row in muscles.outer_iter_mut() {
        row.assign(&noise(&|f| state.muscle(f), &mut muscle)?);
    }
    let mut single = Stream::new(seed, stream + 2);
    let alpha = noise(&|f| state.alpha(f), &mut single)?;
    let coupled = noise(&|f| state.coupled(f), &mut single)?;
    let later = delayed(coupled.view(), sfreq, LAG_S)?;
    let mut data_uv = head.background.dot(&patches) + head.muscle.dot(&muscles);
    for (c, mut row) in data_uv.outer_iter_mut().enumerate() {
        row.scaled_add(head.alpha[c], &alpha);
        row.scaled_add(head.front[c], &coupled);
        row.scaled_add(head.back[c], &later);
    }
    Ok(data_uv.slice(s![.., ..]).to_owned())
}

fn header(params: &SimulationParams, subject: u64, arm: Arm, n_times: u64) -> Header {
    let label = format!("{} infusion", arm.name());
    Header {
        format: "simulated".into(),
        channels: channels(params.sfreq_hz),
        sfreq: Hz(params.sfreq_hz),
        runs: vec![Run { onset: Seconds(0.0), samples: 0..n_times }],
        start: Some(Timestamp {
            year: 2000,
            month: 1,
            day: (1 + subject % 28) as u8,
            hour: if arm == Arm::Ketamine { 9 } else { 14 },
            minute: 0,
            second: 0,
            nanosecond: 0,
        }),
        annotations: vec![Annotation::new(Seconds(params.baseline_s), Seconds(params.infusion_s), label)],
        other_signals: Vec::new(),
        details: Details::default(),
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_arms_differ() {
        let short =
            SimulationParams { baseline_s: 3.0, infusion_s: 1.0, post_s: 3.0, ..SimulationParams::default() };
        let make = |seed, arm| simulate_recording(&short, seed, 2, arm).unwrap();
        assert_eq!(make(1, Arm::Ketamine), make(1, Arm::Ketamine));
        assert_ne!(make(1, Arm::Ketamine).data_uv(), make(1, Arm::Placebo).data_uv());
        assert_ne!(make(1, Arm::Ketamine).data_uv(), make(2, Arm::Ketamine).data_uv());
    }
}
