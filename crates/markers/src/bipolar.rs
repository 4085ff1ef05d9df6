//! Power of the differences between neighbouring electrodes.

use crate::needs::bins_of;
use crate::{Result, Segment};
use dosewave_eeg::{Band, Fourier, Hz};
use ndarray::Array3;

/// How much further than their nearest ones two electrodes may be apart and still be neighbours. Our own judgement: in the
/// 10–20 system it takes the electrodes in front, behind and at the sides, and leaves out those across.
pub(crate) const NEIGHBOUR_FACTOR: f64 = 1.3;
/// So many epochs have their coefficients in memory at once.
const EPOCHS_AT_ONCE: usize = 8;

/// Pairs of neighbours: two electrodes no further apart than [`NEIGHBOUR_FACTOR`] times the geometric mean of the distances of
/// each to its nearest one; and every electrode with its nearest one. Straight distances; lower index first, ascending.
pub(crate) fn neighbour_pairs(positions: &[[f64; 3]]) -> Vec<(usize, usize)> {
    // electrodes that mirror each other must not be told apart by rounding
    const SLACK: f64 = 1.0 + 1e-9;
    let distance = |i: usize, j: usize| -> f64 {
        positions[i].iter().zip(positions[j]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    };
    let others = |i: usize| (0..positions.len()).filter(move |&j| j != i);
    let nearest: Vec<f64> = (0..positions.len())
        .map(|i| others(i).map(|j| distance(i, j)).fold(f64::INFINITY, f64::min))
        .collect();
    let near = |i: usize, j: usize| {
        let reach = NEIGHBOUR_FACTOR * (nearest[i] * nearest[j]).sqrt();
        distance(i, j) <= reach.max(nearest[i]).max(nearest[j]) * SLACK
    };
    let pairs = (0..positions.len()).flat_map(|i| (i + 1..positions.len()).map(move |j| (i, j)));
    pairs.filter(|&(i, j)| near(i, j)).collect()
}

/// Power of the difference of each pair of channels (indices among those of the epochs) in two bands, `[epoch, pair, band]`,
/// in an arbitrary unit that all pairs share.
///
/// Tapered Fourier coefficients are linear: those of a difference are the difference of those of its channels, so that every
/// channel is transformed once, however many pairs it has. They are made for a few epochs at a time.
pub(crate) fn pair_powers(
    segment: &Segment,
    pairs: &[(usize, usize)],
    bands: [Band; 2],
    marker: &str,
) -> Result<Array3<f64>> {
    let low = bands.iter().map(|band| band.low().0).fold(f64::INFINITY, f64::min);
    let high = bands.iter().map(|band| band.high().0).fold(0.0, f64::max);
    let n_epochs = segment.epochs().n_epochs();
    let mut powers = Array3::zeros((n_epochs, pairs.len(), 2));
    let all: Vec<usize> = (0..n_epochs).collect();
    for chunk in all.chunks(EPOCHS_AT_ONCE) {
        let fourier =
            segment.epochs().select(chunk)?.fourier(&segment.params().spectrum, Hz(low), Hz(high))?;
        for (slot, band) in bands.into_iter().enumerate() {
            let bins = bins_of(fourier.freqs_hz(), band, &segment.params().mains, 1, marker)?;
            for (i, &epoch) in chunk.iter().enumerate() {
                for (p, &pair) in pairs.iter().enumerate() {
                    powers[[epoch, p, slot]] = pair_power(&fourier, i, pair, &bins);
                }
            }
        }
    }
    Ok(powers)
}

fn pair_power(fourier: &Fourier, epoch: usize, (first, second): (usize, usize), bins: &[usize]) -> f64 {
    let coefs = fourier.coefs();
    let mut sum = 0.0;
    for (taper, weight) in fourier.weights().iter().enumerate() {
        let difference = |bin: usize| coefs[[epoch, first, taper, bin]] - coefs[[epoch, second, taper, bin]];
        sum += weight * weight * bins.iter().map(|&bin| difference(bin).norm_sqr()).sum::<f64>();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::montage::position;

    const TEN_TWENTY: [&str; 19] = [
        "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7", "P3", "Pz", "P4",
        "P8", "O1", "O2",
    ];

    fn neighbours(of: &str) -> Vec<&'static str> {
        let positions: Vec<[f64; 3]> = TEN_TWENTY.iter().map(|name| position(name).unwrap()).collect();
        let place = TEN_TWENTY.iter().position(|name| *name == of).unwrap();
        let pairs = neighbour_pairs(&positions);
        let other = |(i, j): (usize, usize)| match place {
            _ if i == place => Some(TEN_TWENTY[j]),
            _ if j == place => Some(TEN_TWENTY[i]),
            _ => None,
        };
        pairs.into_iter().filter_map(other).collect()
    }

    #[test]
    fn neighbours_in_the_ten_twenty_system_are_those_around() {
        assert_eq!(neighbours("Cz"), ["Fz", "C3", "C4", "Pz"]);
        assert_eq!(neighbours("C3"), ["F3", "T7", "Cz", "P3"]);
        assert_eq!(neighbours("Fp1"), ["Fp2", "F7", "F3"]);
        assert_eq!(neighbours("T8"), ["F8", "C4", "P8"]);
        assert_eq!(neighbours("O2"), ["P4", "P8", "O1"]);
    }

    #[test]
    fn an_electrode_far_out_keeps_its_nearest_one() {
        let positions = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [9.0, 0.0, 0.0]];
        assert_eq!(neighbour_pairs(&positions), [(0, 1), (0, 2), (1, 3)]);
        assert!(neighbour_pairs(&positions[..1]).is_empty());
    }
}
