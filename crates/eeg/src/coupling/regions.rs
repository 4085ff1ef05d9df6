//! Interaction of groups of channels for many resamplings of blocks.

use crate::{CrossSpectra, Error, Result, parallel};
use dosewave_numerics::phase::{Interaction, group_interactions};
use ndarray::{Array2, ArrayView2, Axis};
use num_complex::Complex64;
use std::collections::{BTreeSet, HashMap};

/// Draws that are in memory at a time.
const DRAWS_AT_ONCE: usize = 64;

/// Groups of channels, and pairs of them by number.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPairs {
    /// Channels of each group.
    pub groups: Vec<Vec<usize>>,
    /// Pairs of two different groups.
    pub pairs: Vec<(usize, usize)>,
}

/// The interaction of pairs of groups of channels (`mic` or `mim`, [`group_interactions`]) for many resamplings of blocks
/// of epochs: `counts [draw, block]` says how often each block is taken. Returns `[draw, pair]`, the mean over `bins` where
/// it is defined, NaN where it is nowhere.
///
/// Unlike [`super::group_interaction`], which takes the lowest rank of all bins, a group has the rank of each bin.
///
/// # Errors
/// [`Error::Shape`] for counts of another number of blocks, [`Error::Invalid`] for two channels whose cross-spectrum is not
/// among the sums.
pub fn resample_group_interaction(
    blocks: &[&CrossSpectra],
    counts: ArrayView2<'_, u32>,
    bins: &[usize],
    wanted: Interaction,
    connections: &GroupPairs,
) -> Result<Array2<f64>> {
    if counts.ncols() != blocks.len() {
        let (expected, got) = (blocks.len().to_string(), counts.ncols().to_string());
        return Err(Error::Shape { what: "columns of counts [draw, block]", expected, got });
    }
    let sums = Sums::new(blocks, connections)?;
    let counts = counts.mapv(f64::from);
    let of_bins = parallel::try_map(bins.len(), |k| sums.at(bins[k], &counts, wanted))?;
    let mut values = Array2::zeros((counts.nrows(), connections.pairs.len()));
    let mut defined = Array2::<f64>::zeros(values.dim());
    for of_bin in &of_bins {
        for ((sum, n), value) in
            values.iter_mut().zip(&mut defined).zip(of_bin).filter(|(_, v)| v.is_finite())
        {
            *sum += value;
            *n += 1.0;
        }
    }
    Ok(values / defined)
}

/// Summed cross-spectra of each block, over the channels that are in a group.
struct Sums {
    /// `[pair, bin]` and `[channel, bin]` of each block.
    blocks: Vec<(Array2<Complex64>, Array2<f64>)>,
    /// Channels, as the sums number them.
    used: Vec<usize>,
    /// Where the pair `(used[i], used[j])`, `i > j`, stands, and whether it stands the other way round.
    places: Vec<(usize, bool)>,
    /// Groups by place in `used`.
    groups: Vec<Vec<usize>>,
    pairs: Vec<(usize, usize)>,
}

impl Sums {
    fn new(blocks: &[&CrossSpectra], connections: &GroupPairs) -> Result<Self> {
        let used: BTreeSet<usize> = connections.groups.iter().flatten().copied().collect();
        let used: Vec<usize> = used.into_iter().collect();
        let known: HashMap<(usize, usize), usize> = blocks.first().map_or_else(HashMap::new, |block| {
            block.pairs().iter().enumerate().map(|(place, pair)| (*pair, place)).collect()
        });
        let place = |(x, y): (usize, usize)| match (known.get(&(x, y)), known.get(&(y, x))) {
            (Some(place), _) => Ok((*place, false)),
            (_, Some(place)) => Ok((*place, true)),
            _ => Err(Error::Invalid {
                parameter: "groups",
                value: format!("channels {x} and {y}"),
                allowed: "channels of which every two are a pair of the sums".into(),
            }),
        };
        let below = used.iter().enumerate().flat_map(|(i, &x)| used[..i].iter().map(move |&y| (x, y)));
        let places = below.map(place).collect::<Result<_>>()?;
        let position = |channel: &usize| used.partition_point(|other| other < channel);
        let groups = connections.groups.iter().map(|group| group.iter().map(position).collect()).collect();
        let blocks =
            parallel::map(blocks.len(), |b| (blocks[b].sums().cross_spectra(), blocks[b].sums().auto()));
        Ok(Self { blocks, used, places, groups, pairs: connections.pairs.clone() })
    }

    /// `[draw, pair]` at one bin.
    fn at(&self, bin: usize, counts: &Array2<f64>, wanted: Interaction) -> Result<Array2<f64>> {
        let n = self.used.len();
        let table = self.table(bin);
        let mut values = Array2::zeros((counts.nrows(), self.pairs.len()));
        let lots = values.axis_chunks_iter_mut(Axis(0), DRAWS_AT_ONCE);
        for (mut values, counts) in lots.zip(counts.axis_chunks_iter(Axis(0), DRAWS_AT_ONCE)) {
            let drawn = counts.dot(&table);
            for (sums, mut out) in drawn.outer_iter().zip(values.outer_iter_mut()) {
                let cross = Array2::from_shape_fn((n, n), |(i, j)| match i.cmp(&j) {
                    std::cmp::Ordering::Equal => Complex64::from(sums[i * n + i]),
                    std::cmp::Ordering::Greater => Complex64::new(sums[j * n + i], sums[i * n + j]),
                    std::cmp::Ordering::Less => Complex64::new(sums[i * n + j], -sums[j * n + i]),
                });
                let found = group_interactions(cross.view(), &self.groups, &self.pairs, wanted)?;
                out.iter_mut().zip(found).for_each(|(out, value)| *out = value);
            }
        }
        Ok(values)
    }

    /// `[block, channel × channel]`: real parts on and above the diagonal, imaginary parts below.
    fn table(&self, bin: usize) -> Array2<f64> {
        let n = self.used.len();
        let mut table = Array2::zeros((self.blocks.len(), n * n));
        for ((cross, auto), mut row) in self.blocks.iter().zip(table.outer_iter_mut()) {
            for (i, &channel) in self.used.iter().enumerate() {
                row[i * n + i] = auto[[channel, bin]];
                for j in 0..i {
                    let (place, turned) = self.places[i * (i - 1) / 2 + j];
                    let z = cross[[place, bin]];
                    row[j * n + i] = z.re;
                    row[i * n + j] = if turned { -z.im } else { z.im };
                }
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::ConnectivityMode;
    use crate::coupling::{GroupParams, group_interaction};
    use crate::testing::noise;
    use crate::{Epochs, Hz, Seconds, SpectrumParams, Windows};
    use ndarray::{array, s};

    const BLOCKS: [std::ops::Range<usize>; 3] = [0..8, 8..15, 15..20];

    fn epochs() -> Epochs {
        noise(6, 2000, 100.0).epochs(&Windows::fixed(Seconds(1.0))).unwrap()
    }

    fn sums(pairs: &[(usize, usize)]) -> Vec<CrossSpectra> {
        let fourier = epochs().fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
        fourier.cross_spectra_blocks(pairs, &BLOCKS.map(Iterator::collect)).unwrap()
    }

    fn all_pairs(turned: bool) -> Vec<(usize, usize)> {
        (0..6).flat_map(|i| (0..i).map(move |j| if turned { (j, i) } else { (i, j) })).collect()
    }

    fn groups() -> GroupPairs {
        GroupPairs { groups: vec![vec![0, 3], vec![5, 1], vec![2]], pairs: vec![(0, 1), (2, 1), (0, 2)] }
    }

    /// Drawing blocks is [`group_interaction`] of the drawn epochs.
    #[test]
    fn draws_are_the_interaction_of_their_epochs() {
        let counts = array![[1, 1, 1], [0, 2, 1], [0, 0, 0]];
        let data = epochs().data_uv().to_owned();
        for turned in [false, true] {
            let blocks = sums(&all_pairs(turned));
            let blocks: Vec<&CrossSpectra> = blocks.iter().collect();
            let n_bins = blocks[0].freqs_hz().len();
            let bins: Vec<usize> = (0..n_bins).collect();
            let params = GroupParams {
                mode: ConnectivityMode::Multitaper { bandwidth_hz: Some(4.0), low_bias: true },
                bands: vec![(8.0, blocks[0].freqs_hz()[n_bins - 1])],
                average_bands: true,
                groups: groups()
                    .pairs
                    .iter()
                    .map(|(a, b)| (groups().groups[*a].clone(), groups().groups[*b].clone()))
                    .collect(),
                ranks: None,
            };
            for wanted in [Interaction::Mic, Interaction::Mim] {
                let found =
                    resample_group_interaction(&blocks, counts.view(), &bins, wanted, &groups()).unwrap();
                for (draw, counts) in counts.outer_iter().enumerate().take(2) {
                    let order: Vec<usize> = BLOCKS
                        .iter()
                        .zip(&counts)
                        .flat_map(|(block, count)| (0..*count).flat_map(|_| block.clone()))
                        .collect();
                    let drawn = data.select(Axis(0), &order);
                    let expected = group_interaction(drawn.view(), 100.0, &params).unwrap();
                    let expected = if wanted == Interaction::Mic { expected.mic } else { expected.mim };
                    for (found, expected) in found.row(draw).iter().zip(expected.column(0)) {
                        assert!((found - expected).abs() < 1e-10, "{wanted:?}: {found} {expected}");
                    }
                }
                assert!(found.slice(s![2, ..]).iter().all(|v| v.is_nan()), "nothing was drawn");
            }
        }
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let blocks = sums(&all_pairs(false));
        let blocks: Vec<&CrossSpectra> = blocks.iter().collect();
        let counts = Array2::from_shape_fn((100, 3), |(draw, block)| ((draw * 7 + block) % 3) as u32);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                resample_group_interaction(&blocks, counts.view(), &[0, 1, 3], Interaction::Mic, &groups())
                    .unwrap()
                    .mapv(f64::to_bits)
            })
        };
        let one = with(1);
        assert!(one == with(2) && one == with(16));
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let blocks = sums(&[(1, 0), (2, 0)]);
        let blocks: Vec<&CrossSpectra> = blocks.iter().collect();
        let run = |counts: &Array2<u32>| {
            resample_group_interaction(&blocks, counts.view(), &[0], Interaction::Mic, &groups())
                .unwrap_err()
                .to_string()
        };
        assert!(run(&array![[1, 1]]).contains("counts"));
        assert!(run(&array![[1, 1, 1]]).contains("every two are a pair"));
    }
}
