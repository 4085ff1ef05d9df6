//! One file per marker.
