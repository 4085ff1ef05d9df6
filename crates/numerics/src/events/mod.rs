//! Moments at which something happens in a channel: heart beats, blinks, saccades and their spikes, bursts of a
//! rhythm.

mod bursts;
mod maxima;
mod moves;
mod r_peaks;
mod saccadic_spike;

pub use bursts::{Burst, BurstParams, Bursts, bursts};
pub use moves::{peaks_above, steps};
pub use r_peaks::{HeartRate, heart_rate, r_peaks};
pub use saccadic_spike::{SPIKE_LEAST_UV, SPIKE_THRESHOLD, saccadic_spikes, score_scale, spike_scores};
