//! Recordings whose answer is known: a placebo-controlled ketamine crossover.
//!
//! The numbers are chosen to be seen, not to be believed: they are no estimate of what ketamine does.

mod expected;
mod head;
mod params;
mod recording;

pub use expected::{Expected, expected_session, truth_rows};
pub use params::{Arm, BrainState, SimulationParams};
pub use recording::simulate_recording;
