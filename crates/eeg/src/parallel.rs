//! The one place of this crate where work is spread over threads.
