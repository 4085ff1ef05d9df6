//! Tests of the edges of networks over subjects: which connected parts differ, with the chance of a false finding
//! anywhere in the network held.

mod components;
mod design;
mod test;
mod tfce;

pub use components::{Component, ComponentSize};
pub use design::{Arrangement, Design, EdgeValues, Tail};
pub use test::{EdgeStatistic, NetworkResult, NetworkTest};
