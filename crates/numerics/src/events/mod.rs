//! Moments at which something happens in a channel: heart beats, saccadic spikes.

mod maxima;
mod r_peaks;
mod saccadic_spike;

pub use r_peaks::{HeartRate, heart_rate, r_peaks};
pub use saccadic_spike::{SPIKE_THRESHOLD, saccadic_spikes, score_scale, spike_scores};
