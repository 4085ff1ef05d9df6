//! How the channels of a surrogate are rearranged.

use crate::stats::Stream;
use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// How channels are decoupled. Each leaves the auto-spectra of a channel as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurrogateKind {
    /// The epochs of each channel in an order of their own, each order equally likely. Some epochs of a pair may meet
    /// again, one on average, as the identity must be among the orders. Exact where a channel's epochs are
    /// exchangeable; what neighbouring epochs have in common (a slow drift of power) is taken apart as well.
    #[default]
    EpochShuffle,
    /// Each epoch of each channel turned by a phase of its own, uniform over the circle, the same for all its
    /// frequencies and tapers. Amplitudes of an epoch stay together over channels, so the null is "no phase relation"
    /// rather than "nothing in common". One phase per frequency would be no valid null for a band: tapers make
    /// neighbouring bins alike, which the mean over a band must keep to vary as much as the observed one.
    Phase,
    /// The epochs of each channel moved on by a random number of epochs, the last ones coming first: a circular shift in
    /// time by whole epochs. Keeps what neighbouring epochs have in common, but a pair has only as many different
    /// surrogates as there are epochs, and so no p-value much below their reciprocal. (A shift within the epoch is a
    /// ramp of phases, which again would make bins of a band independent.)
    TimeShift,
}

impl SurrogateKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EpochShuffle, Self::Phase, Self::TimeShift];

    /// Its name in configurations and in Python.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EpochShuffle => "epoch_shuffle",
            Self::Phase => "phase",
            Self::TimeShift => "time_shift",
        }
    }

    /// The kind of this name.
    ///
    /// ```
    /// use dosewave_numerics::phase::SurrogateKind;
    /// assert_eq!(SurrogateKind::from_name("time_shift"), Some(SurrogateKind::TimeShift));
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One surrogate: what is done to each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw(pub(crate) Changes);

/// Of each channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Changes {
    /// Epoch `e` is taken from epoch `order[e]`.
    Orders(Vec<Vec<usize>>),
    /// Epoch `e` is turned by `phases[e]`, a number of modulus 1.
    Phases(Vec<Vec<Complex64>>),
}

impl Draw {
    /// Surrogate number `index` of `seed`. Each channel has a stream of its own, named by the surrogate's and the
    /// channel's number.
    ///
    /// ```
    /// use dosewave_numerics::phase::{Draw, SurrogateKind};
    /// let draw = |index| Draw::new(SurrogateKind::EpochShuffle, 2, 10, 1, index);
    /// assert_eq!(draw(0), draw(0));
    /// assert_ne!(draw(0), draw(1));
    /// ```
    #[must_use]
    pub fn new(kind: SurrogateKind, n_channels: usize, n_epochs: usize, seed: u64, index: u32) -> Self {
        let streams =
            (0..n_channels as u64).map(|channel| Stream::new(seed, u64::from(index) << 32 | channel));
        Self(match kind {
            SurrogateKind::EpochShuffle => Changes::Orders(streams.map(|s| shuffled(n_epochs, s)).collect()),
            SurrogateKind::TimeShift => Changes::Orders(streams.map(|s| shifted(n_epochs, s)).collect()),
            SurrogateKind::Phase => Changes::Phases(streams.map(|s| turns(n_epochs, s)).collect()),
        })
    }

    /// Number of epochs of each channel.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        match &self.0 {
            Changes::Orders(orders) => orders.iter().map(Vec::len).collect(),
            Changes::Phases(phases) => phases.iter().map(Vec::len).collect(),
        }
    }
}

fn shuffled(n_epochs: usize, mut stream: Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n_epochs).collect();
    stream.shuffle(&mut order);
    order
}

fn shifted(n_epochs: usize, mut stream: Stream) -> Vec<usize> {
    let shift = stream.below(n_epochs);
    (0..n_epochs).map(|e| (e + shift) % n_epochs).collect()
}

fn turns(n_epochs: usize, mut stream: Stream) -> Vec<Complex64> {
    (0..n_epochs).map(|_| Complex64::cis(2.0 * std::f64::consts::PI * stream.uniform())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(kind: SurrogateKind, n_channels: usize, n_epochs: usize, index: u32) -> Vec<Vec<usize>> {
        match Draw::new(kind, n_channels, n_epochs, 4, index).0 {
            Changes::Orders(orders) => orders,
            Changes::Phases(_) => panic!("{kind:?}"),
        }
    }

    #[test]
    fn orders_hold_every_epoch_once_and_differ_between_channels() {
        for kind in [SurrogateKind::EpochShuffle, SurrogateKind::TimeShift] {
            let orders = orders(kind, 3, 50, 7);
            for order in &orders {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..50).collect::<Vec<_>>());
            }
            assert!(orders[0] != orders[1] && orders[1] != orders[2]);
        }
    }

    #[test]
    fn a_shift_keeps_neighbours_together() {
        for order in orders(SurrogateKind::TimeShift, 4, 20, 0) {
            assert!(order.windows(2).all(|w| w[1] == (w[0] + 1) % 20));
        }
    }

    #[test]
    fn phases_have_modulus_1_and_no_preferred_direction() {
        let Changes::Phases(phases) = Draw::new(SurrogateKind::Phase, 1, 4000, 2, 3).0 else {
            panic!("orders")
        };
        assert!(phases[0].iter().all(|z| (z.norm() - 1.0).abs() < 1e-15));
        assert!(phases[0].iter().sum::<Complex64>().norm() / 4000.0 < 3.0 / 4000.0_f64.sqrt());
    }
}
