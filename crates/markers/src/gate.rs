//! The muscle gate.
