//! Recordings as sums of components, each a time course and a map over channels: whitening, ICA, BSS-CCA, regression.

mod amari;
mod blocks;
mod cca;
mod components;
pub(crate) mod dense;
mod fast_ica;
mod ica;
mod least_squares;
mod picard;
mod point;
mod tanh;
mod whiten;

pub use amari::amari_distance;
pub(crate) use dense::eigen_descending;

pub use cca::{BssCca, bss_cca};
pub use ica::{Ica, IcaMethod, IcaParams, ica};
pub use least_squares::least_squares;
pub use whiten::{Whitening, whiten};
