//! Symbolic transfer entropy from parietal to frontal.

use crate::nste::nste_marker;

nste_marker! {
    NsteFeedforward,
    Feedforward,
    kind: "nste_feedforward",
    name: "Feedforward (parietal to frontal)",
    from: "parietal",
    to: "frontal"
}
