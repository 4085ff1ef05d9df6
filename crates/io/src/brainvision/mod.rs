//! BrainVision.
