//! The inner loops of measures over sliding windows: windows of one pair after the other, means over groups of frequencies.

use super::course::{Course, Step};
use super::finish::{Finish, WithMeasure, with_measure};
use super::kernel::{Gain, ReAndIm, WithGain, each_gain};
use super::measure::Sum;
use super::part::add_auto;
use super::planes::Planes;
use super::{Measure, SplitEpoch};
use crate::lanes::{Lanes, Transpose, WIDTH, row_sum};
use pulp::Simd;

/// Which of eight neighbouring frequencies belong to a group.
struct Members {
    group: usize,
    /// All bits of a member, none of another: what is undefined there does not matter.
    mask: [u64; WIDTH],
}

impl Members {
    /// Adds the sum over the members of each of eight `values`, or of the first ones, to its total, in a fixed order.
    #[inline(always)]
    fn add(&self, transpose: Transpose, values: &[Lanes; WIDTH], totals: &mut [f64]) {
        if !transpose.is_wide() {
            self.add_each(values, totals);
            return;
        }
        let mut kept = *values;
        if self.mask != [u64::MAX; WIDTH] {
            for kept in &mut kept {
                self.keep(kept);
            }
        }
        let sums = transpose.row_sums(&kept);
        totals.iter_mut().zip(sums.0).for_each(|(total, sum)| *total += sum);
    }

    #[inline(always)]
    fn keep(&self, values: &mut Lanes) {
        for (value, mask) in values.0.iter_mut().zip(&self.mask) {
            *value = f64::from_bits(value.to_bits() & mask);
        }
    }

    /// The same for vectors that cannot be turned.
    ///
    /// A function of its own, so that it is compiled for every processor: for wider vectors the compiler gathers the values
    /// one by one, which takes several times as long.
    #[inline(never)]
    fn add_each(&self, values: &[Lanes; WIDTH], totals: &mut [f64]) {
        for (total, values) in totals.iter_mut().zip(values) {
            let mut kept = *values;
            self.keep(&mut kept);
            *total += row_sum(&kept);
        }
    }
}

/// All windows of all pairs at one block of frequencies, with the widest vectors that the processor has.
pub(super) struct Slide<'a> {
    pub(super) course: &'a Course,
    pub(super) epochs: &'a [&'a SplitEpoch],
    pub(super) block: usize,
    /// In the order in which they are worked through.
    pub(super) pairs: &'a [(usize, usize)],
    pub(super) measures: &'a [Measure],
    pub(super) groups: &'a [Vec<usize>],
    /// `[pair][measure][group][window]`.
    pub(super) totals: &'a mut [f64],
}

impl pulp::WithSimd for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let groups = self.groups_in(self.block);
        if groups.is_empty() || self.pairs.is_empty() || self.measures.is_empty() {
            return;
        }
        let epochs = &self.epochs[..self.course.n_epochs()];
        let n_tapers = epochs.first().map_or(1, |epoch| epoch.n_tapers);
        let mut planes = Planes::new(&self.course.kept, epochs.len(), n_tapers, self.pairs.len());
        let auto = self.auto(simd, self.block);
        let steps = self.course.steps();
        let mut ends: Each<Vec<Lanes>> = Default::default();
        let of_a_pair = self.measures.len() * self.groups.len() * self.course.n_windows;
        let at_once = planes.pairs_at_once();
        for (pairs, totals) in self.pairs.chunks(at_once).zip(self.totals.chunks_mut(at_once * of_a_pair)) {
            planes.fill(simd, epochs, self.block, pairs);
            for ((place, pair), totals) in pairs.iter().enumerate().zip(totals.chunks_mut(of_a_pair)) {
                let sums = PairWindows { course: self.course, planes: &planes, place };
                sums.fill_ends(simd, &mut ends);
                let mut eight = Eight::new(simd, self.course, &auto, *pair);
                for steps in steps.chunks(WIDTH) {
                    sums.next(simd, steps, &ends, &mut eight);
                    for (measure, totals) in
                        self.measures.iter().zip(totals.chunks_mut(self.groups.len() * self.course.n_windows))
                    {
                        with_measure(simd, *measure, &mut eight);
                        for members in &groups {
                            let first = members.group * self.course.n_windows + eight.first;
                            let totals = &mut totals[first..first + steps.len()];
                            members.add(eight.transpose, &eight.values, totals);
                        }
                    }
                    eight.first += steps.len();
                }
            }
        }
    }
}

impl Slide<'_> {
    /// Which lanes of a block belong to which group; groups without any are left out.
    fn groups_in(&self, block: usize) -> Vec<Members> {
        let members = |(group, bins): (usize, &Vec<usize>)| {
            let mut mask = [0; WIDTH];
            bins.iter().filter(|f| *f / WIDTH == block).for_each(|f| mask[f % WIDTH] = u64::MAX);
            Members { group, mask }
        };
        let all = self.groups.iter().enumerate().map(members);
        all.filter(|members| members.mask.contains(&u64::MAX)).collect()
    }

    /// Of the channels of all pairs here.
    #[inline(always)]
    fn auto<S: Simd>(&self, simd: S, block: usize) -> Auto {
        if !self.course.kept.contains(&Sum::AutoX) {
            return Auto::default();
        }
        let mut channels: Vec<usize> = self.pairs.iter().flat_map(|(x, y)| [*x, *y]).collect();
        channels.sort_unstable();
        channels.dedup();
        let n_channels = channels.len();
        let mut sums = vec![Lanes::ZERO; self.course.n_blocks() * n_channels];
        let of_blocks = self.epochs.chunks_exact(self.course.windows.block());
        for (epochs, sums) in of_blocks.zip(sums.chunks_exact_mut(n_channels)) {
            add_auto(simd, epochs, block, channels.iter().copied(), sums);
        }
        let mut windows = Vec::new();
        self.course.of_windows(n_channels, &mut sums, &mut Vec::new(), &mut windows);
        Auto { channels, windows }
    }
}

/// Auto-spectra of windows, of the channels of some pairs; of none where no measure needs them.
#[derive(Default)]
struct Auto {
    channels: Vec<usize>,
    /// `[window][channel]`.
    windows: Vec<Lanes>,
}

impl Auto {
    /// Where both channels stand among those here.
    fn places(&self, (x, y): (usize, usize)) -> [usize; 2] {
        [x, y].map(|channel| self.channels.binary_search(&channel).unwrap_or_default())
    }
}

/// One pair's sums over windows.
struct PairWindows<'a> {
    course: &'a Course,
    planes: &'a Planes,
    place: usize,
}

/// A value for each kind of sum of a pair.
type Each<T> = [T; Sum::PAIR.len()];

impl PairWindows<'_> {
    /// Each sum from each epoch to the last of its group, a group being as many epochs as a window has.
    #[inline(always)]
    fn fill_ends<S: Simd>(&self, simd: S, ends: &mut Each<Vec<Lanes>>) {
        self.each_sum(simd, &mut Backwards { of: self, ends });
    }

    /// The sums of the next windows.
    #[inline(always)]
    fn next<S: Simd>(&self, simd: S, steps: &[Step], ends: &Each<Vec<Lanes>>, eight: &mut Eight<'_>) {
        let Eight { running, sums, .. } = eight;
        self.each_sum(simd, &mut Forwards { of: self, steps, ends, running, sums });
    }

    #[inline(always)]
    fn each_sum<S: Simd>(&self, simd: S, work: &mut impl WithGain) {
        if self.course.kept.contains(&Sum::UnitRe) {
            work.with(simd, ReAndIm, [Sum::UnitRe, Sum::UnitIm]);
        }
        each_gain(simd, |sum| self.course.kept.contains(&sum), work);
    }

    /// Real (where `G` looks at it) and imaginary part of what these sums add up.
    #[inline(always)]
    fn parts<G: Gain<N>, const N: usize>(&self, sums: [Sum; N]) -> [&[Lanes]; 2] {
        let is_unit = sums[0] == Sum::UnitRe;
        let [re, im] = if is_unit { [Sum::UnitRe, Sum::UnitIm] } else { [Sum::Re, Sum::Im] };
        let im = self.planes.of(im, self.place);
        if G::REAL { [self.planes.of(re, self.place), im] } else { [im, im] }
    }
}

/// From what one epoch adds to sums from each epoch to the last of its group.
struct Backwards<'a> {
    of: &'a PairWindows<'a>,
    ends: &'a mut Each<Vec<Lanes>>,
}

impl WithGain for Backwards<'_> {
    #[inline(always)]
    fn with<S: Simd, G: Gain<N>, const N: usize>(&mut self, simd: S, _: G, sums: [Sum; N]) {
        let [re, im] = self.of.parts::<G, N>(sums);
        let Ok(mut ends) = self.ends.get_disjoint_mut(sums.map(|sum| sum as usize)) else { return };
        for ends in &mut ends {
            ends.resize(re.len(), Lanes::ZERO);
        }
        let length = self.of.course.windows.length;
        for first in (0..re.len()).step_by(length) {
            let epochs = first..(first + length).min(re.len());
            let (re, im) = (&re[epochs.clone()], &im[epochs.clone()]);
            for part in 0..WIDTH / S::F64_LANES {
                let mut running = [simd.splat_f64s(0.0); N];
                for (epoch, (re, im)) in epochs.clone().zip(re.iter().zip(im)).rev() {
                    running = G::add(simd, running, re.vectors::<S>()[part], im.vectors::<S>()[part]);
                    for (ends, running) in ends.iter_mut().zip(&running) {
                        ends[epoch].vectors_mut::<S>()[part] = *running;
                    }
                }
            }
        }
    }
}

/// Sums of the windows of some steps: what a group ends with and what the next begins with.
struct Forwards<'a> {
    of: &'a PairWindows<'a>,
    steps: &'a [Step],
    ends: &'a Each<Vec<Lanes>>,
    running: &'a mut Each<Lanes>,
    sums: &'a mut Each<[Lanes; WIDTH]>,
}

impl WithGain for Forwards<'_> {
    #[inline(always)]
    fn with<S: Simd, G: Gain<N>, const N: usize>(&mut self, simd: S, _: G, sums: [Sum; N]) {
        let [re, im] = self.of.parts::<G, N>(sums);
        for part in 0..WIDTH / S::F64_LANES {
            let mut running = [simd.splat_f64s(0.0); N];
            for (running, sum) in running.iter_mut().zip(sums) {
                *running = self.running[sum as usize].vectors::<S>()[part];
            }
            for (k, step) in self.steps.iter().enumerate() {
                if step.is_fresh {
                    running = [simd.splat_f64s(0.0); N];
                }
                for (re, im) in re[step.added.clone()].iter().zip(&im[step.added.clone()]) {
                    running = G::add(simd, running, re.vectors::<S>()[part], im.vectors::<S>()[part]);
                }
                for (running, sum) in running.iter().zip(sums) {
                    let end = self.ends[sum as usize][step.first].vectors::<S>()[part];
                    self.sums[sum as usize][k].vectors_mut::<S>()[part] = simd.add_f64s(end, *running);
                }
            }
            for (running, sum) in running.iter().zip(sums) {
                self.running[sum as usize].vectors_mut::<S>()[part] = *running;
            }
        }
    }
}

/// Eight windows of a pair at eight frequencies.
struct Eight<'a> {
    course: &'a Course,
    auto: &'a Auto,
    /// Both channels among those of `auto`.
    places: [usize; 2],
    /// Number of the first of the eight windows.
    first: usize,
    /// Each sum over what the group of the last window begins with.
    running: Each<Lanes>,
    sums: Each<[Lanes; WIDTH]>,
    /// A measure in every window.
    values: [Lanes; WIDTH],
    transpose: Transpose,
}

impl<'a> Eight<'a> {
    #[inline(always)]
    fn new<S: Simd>(_: S, course: &'a Course, auto: &'a Auto, pair: (usize, usize)) -> Self {
        Self {
            course,
            auto,
            places: auto.places(pair),
            first: 0,
            running: [Lanes::ZERO; Sum::PAIR.len()],
            sums: [[Lanes::ZERO; WIDTH]; Sum::PAIR.len()],
            values: [Lanes::ZERO; WIDTH],
            transpose: Transpose::new::<S>(),
        }
    }
}

impl WithMeasure for Eight<'_> {
    #[inline(always)]
    fn with<S: Simd, F: Finish>(&mut self, simd: S, _: F) {
        let n = self.course.windows.length as f64;
        for (k, value) in self.values.iter_mut().enumerate() {
            for part in 0..WIDTH / S::F64_LANES {
                let auto = |place: usize| {
                    let of_window = (self.first + k) * self.auto.channels.len() + place;
                    self.auto.windows.get(of_window).unwrap_or(&Lanes::ZERO).vectors::<S>()[part]
                };
                let sum = |sum: Sum| match sum {
                    Sum::AutoX => auto(self.places[0]),
                    Sum::AutoY => auto(self.places[1]),
                    _ => self.sums[sum as usize][k].vectors::<S>()[part],
                };
                value.vectors_mut::<S>()[part] = F::of(simd, n, sum);
            }
        }
    }
}
