//! Moments at which something happens in a channel: heart beats, saccadic spikes.

mod maxima;
mod r_peaks;
mod saccadic_spikes;

pub use r_peaks::{HeartRate, heart_rate, r_peaks};
pub use saccadic_spikes::{SaccadicSpikeParams, saccadic_spikes};
