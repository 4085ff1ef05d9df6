//! Symbolic transfer entropy from frontal to parietal.

use crate::nste::nste_marker;

nste_marker! {
    NsteFeedback,
    Feedback,
    kind: "nste_feedback",
    name: "Feedback (frontal to parietal)",
    from: "frontal",
    to: "parietal"
}
