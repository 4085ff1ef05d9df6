//! Events in a signal.

mod saccadic_spike;

pub use saccadic_spike::{SPIKE_THRESHOLD, saccadic_spikes, score_scale, spike_scores, spike_waveform};
