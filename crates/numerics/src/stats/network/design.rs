//! Values of edges over subjects, their t, and how subjects are rearranged.

use crate::stats::Stream;
use crate::{Error, Result, error::check_finite};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Design {
    /// Whether values (differences within subjects) are zero on average; subjects' signs are flipped.
    OneSample,
    /// Whether subjects that are `true` have higher values than the others; who is which is shuffled.
    TwoSample(Vec<bool>),
}

/// Which differences count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tail {
    /// Both. Edges that differ upwards and downwards never form one component.
    #[default]
    Both,
    /// Above zero, or above the other group.
    Greater,
    /// Below.
    Less,
}

/// Values `[subject, edge]` with their design.
#[derive(Clone, Debug)]
pub struct EdgeValues {
    /// One-sample: as given; two-sample: less the mean of all, which no t depends on.
    values: Array2<f64>,
    /// Σ value² of each edge, which no rearrangement changes.
    squares: Array1<f64>,
    design: Design,
}

/// An arrangement of the subjects: of one sample `true` is a flipped sign, of two samples a member of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrangement(pub(crate) Vec<bool>);

impl EdgeValues {
    /// Checked values.
    ///
    /// # Errors
    /// [`Error::TooShort`] for fewer than two subjects (three of two samples, both with one) or no edge,
    /// [`Error::Shape`] when groups and subjects differ in number, [`Error::Value`] for NaN or infinity.
    pub fn new(values: ArrayView2<'_, f64>, design: Design) -> Result<Self> {
        let (n_subjects, n_edges) = values.dim();
        let need = if design == Design::OneSample { 2 } else { 3 };
        if n_subjects < need {
            return Err(Error::TooShort { what: "subjects", got: n_subjects, need });
        }
        if n_edges == 0 {
            return Err(Error::TooShort { what: "edges", got: 0, need: 1 });
        }
        check_finite(values, "values of edges")?;
        let mut values = values.to_owned();
        if let Design::TwoSample(first) = &design {
            check_groups(first, n_subjects)?;
            let mean = values.sum_axis(Axis(0)) / n_subjects as f64;
            values -= &mean;
        }
        let squares = values.map_axis(Axis(0), |edge| edge.dot(&edge));
        Ok(Self { values, squares, design })
    }

    /// Number of edges.
    #[must_use]
    pub fn n_edges(&self) -> usize {
        self.values.ncols()
    }

    /// Number of subjects.
    #[must_use]
    pub fn n_subjects(&self) -> usize {
        self.values.nrows()
    }

    /// The subjects as they are.
    #[must_use]
    pub fn observed(&self) -> Arrangement {
        match &self.design {
            Design::OneSample => Arrangement(vec![false; self.n_subjects()]),
            Design::TwoSample(first) => Arrangement(first.clone()),
        }
    }

    /// Number of different arrangements, the observed one being one of them: `2ⁿ` or `n` over the size of a group; `None`
    /// above a million million.
    #[must_use]
    pub fn n_arrangements(&self) -> Option<u64> {
        const MANY: u64 = 1_000_000_000_000;
        let n = self.n_subjects() as u64;
        let count = match &self.design {
            Design::OneSample => 2_u64.checked_pow(n as u32)?,
            Design::TwoSample(first) => {
                let chosen = first.iter().filter(|first| **first).count() as u64;
                let mut count = 1_u64;
                for k in 0..chosen.min(n - chosen) {
                    // exact at every step: a binomial coefficient
                    count = count.checked_mul(n - k)? / (k + 1);
                    if count > MANY {
                        return None;
                    }
                }
                count
            }
        };
        (count <= MANY).then_some(count)
    }

    /// Every arrangement once, by number; for counts below [`Self::n_arrangements`].
    #[must_use]
    pub fn arrangement(&self, number: u64) -> Arrangement {
        let n = self.n_subjects();
        match &self.design {
            Design::OneSample => Arrangement((0..n).map(|i| i < 64 && number >> i & 1 == 1).collect()),
            Design::TwoSample(first) => {
                Arrangement(combination(n, first.iter().filter(|first| **first).count(), number))
            }
        }
    }

    /// A random arrangement, number `index` of `seed`.
    #[must_use]
    pub fn drawn(&self, seed: u64, index: u64) -> Arrangement {
        let mut stream = Stream::new(seed, index);
        match &self.design {
            Design::OneSample => Arrangement((0..self.n_subjects()).map(|_| stream.below(2) == 1).collect()),
            Design::TwoSample(first) => {
                let mut shuffled = first.clone();
                stream.shuffle(&mut shuffled);
                Arrangement(shuffled)
            }
        }
    }

    /// Whether every arrangement has a counterpart with all t negated.
    pub(crate) fn is_symmetric(&self) -> bool {
        match &self.design {
            Design::OneSample => true,
            Design::TwoSample(first) => 2 * first.iter().filter(|first| **first).count() == first.len(),
        }
    }

    /// Student's t of each edge: of the mean of one sample, or of the difference of two with their variance pooled. 0
    /// where all values are zero (or equal), infinite where they differ without any variance.
    #[must_use]
    pub fn t(&self, arrangement: &Arrangement) -> Array1<f64> {
        match self.design {
            Design::OneSample => self.t_one(arrangement),
            Design::TwoSample(_) => self.t_two(arrangement),
        }
    }

    fn t_one(&self, flipped: &Arrangement) -> Array1<f64> {
        let n = self.n_subjects() as f64;
        let mut sums = Array1::zeros(self.n_edges());
        for (row, flipped) in self.values.outer_iter().zip(&flipped.0) {
            sums.scaled_add(if *flipped { -1.0 } else { 1.0 }, &row);
        }
        let of_edge = |sum: f64, squares: f64| {
            let mean = sum / n;
            ratio(mean, rest(squares, n * mean * mean) / (n - 1.0) / n)
        };
        sums.iter().zip(&self.squares).map(|(sum, squares)| of_edge(*sum, *squares)).collect()
    }

    fn t_two(&self, first: &Arrangement) -> Array1<f64> {
        let n = self.n_subjects() as f64;
        let n_first = first.0.iter().filter(|first| **first).count() as f64;
        let n_other = n - n_first;
        let mut sums = Array1::zeros(self.n_edges());
        for (row, _) in self.values.outer_iter().zip(&first.0).filter(|(_, first)| **first) {
            sums += &row;
        }
        // values sum to zero, so the other group's sum is minus the first's
        let of_edge = |sum: f64, squares: f64| {
            let within = rest(squares, sum * sum / n_first + sum * sum / n_other);
            ratio(sum / n_first + sum / n_other, within / (n - 2.0) * (1.0 / n_first + 1.0 / n_other))
        };
        sums.iter().zip(&self.squares).map(|(sum, squares)| of_edge(*sum, *squares)).collect()
    }
}

fn check_groups(first: &[bool], n_subjects: usize) -> Result<()> {
    if first.len() != n_subjects {
        return Err(Error::Shape { what: "groups of subjects", expected: n_subjects, got: first.len() });
    }
    let n_first = first.iter().filter(|first| **first).count();
    match n_first.min(n_subjects - n_first) {
        0 => Err(Error::TooShort { what: "subjects of a group", got: 0, need: 1 }),
        _ => Ok(()),
    }
}

/// What is left of a sum of squares; rounding is nothing.
fn rest(squares: f64, explained: f64) -> f64 {
    let rest = squares - explained;
    if rest <= 1e-13 * squares { 0.0 } else { rest }
}

fn ratio(mean: f64, variance: f64) -> f64 {
    if mean == 0.0 { 0.0 } else { mean / variance.sqrt() }
}

/// Subset number `number` of `chosen` of `n`, in lexicographic order.
fn combination(n: usize, chosen: usize, mut number: u64) -> Vec<bool> {
    let mut left = chosen;
    (0..n)
        .map(|i| {
            let with = if left == 0 { 0 } else { binomial(n - i - 1, left - 1) };
            let taken = number < with;
            if taken {
                left -= 1;
            } else {
                number -= with;
            }
            taken
        })
        .collect()
}

fn binomial(n: usize, k: usize) -> u64 {
    (0..k.min(n - k.min(n))).fold(1, |count, i| count * (n - i) as u64 / (i + 1) as u64) * u64::from(k <= n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use std::collections::HashSet;

    #[test]
    fn t_by_hand() {
        // 1, 2, 3: mean 2, sd 1, t = 2√3
        let one = EdgeValues::new(array![[1.0], [2.0], [3.0]].view(), Design::OneSample).unwrap();
        assert!((one.t(&one.observed())[0] - 2.0 * 3.0_f64.sqrt()).abs() < 1e-14);
        assert!((one.t(&Arrangement(vec![true; 3]))[0] + 2.0 * 3.0_f64.sqrt()).abs() < 1e-14);
        // 5, 7 against 1, 2, 3: difference 4, pooled variance (2 + 2)/3, t = 4/√(4/3·5/6)
        let design = Design::TwoSample(vec![true, false, false, true, false]);
        let two = EdgeValues::new(array![[5.0], [1.0], [2.0], [7.0], [3.0]].view(), design).unwrap();
        let expected = 4.0 / (4.0 / 3.0 * 5.0 / 6.0_f64).sqrt();
        assert!((two.t(&two.observed())[0] - expected).abs() < 1e-14);
    }

    #[test]
    fn every_arrangement_comes_once() {
        let one = EdgeValues::new(Array2::ones((5, 1)).view(), Design::OneSample).unwrap();
        let design = Design::TwoSample(vec![true, true, false, false, false, false, false]);
        let two = EdgeValues::new(Array2::ones((7, 1)).view(), design).unwrap();
        for (values, count) in [(one, 32), (two, 21)] {
            assert_eq!(values.n_arrangements(), Some(count));
            let all: HashSet<Vec<bool>> = (0..count).map(|number| values.arrangement(number).0).collect();
            assert_eq!(all.len(), count as usize);
            assert!(all.contains(&values.observed().0));
        }
    }

    #[test]
    fn many_arrangements_are_not_counted() {
        let values = |n: usize| EdgeValues::new(Array2::ones((n, 1)).view(), Design::OneSample).unwrap();
        assert_eq!(values(39).n_arrangements(), Some(1 << 39));
        assert_eq!(values(70).n_arrangements(), None);
    }

    #[test]
    fn drawn_arrangements_keep_the_groups_sizes() {
        let design = Design::TwoSample(vec![true, true, false, false, false, false]);
        let values = EdgeValues::new(Array2::ones((6, 1)).view(), design).unwrap();
        let mut counts = [0; 6];
        for index in 0..3000 {
            let Arrangement(first) = values.drawn(1, index);
            assert_eq!(first.iter().filter(|first| **first).count(), 2);
            first.iter().zip(&mut counts).for_each(|(first, count)| *count += i32::from(*first));
        }
        assert!(counts.iter().all(|count| (count - 1000).abs() < 130), "{counts:?}");
    }

    #[test]
    fn edges_without_variance() {
        let values = array![[0.0, 2.0], [0.0, 2.0], [0.0, 2.0]];
        let one = EdgeValues::new(values.view(), Design::OneSample).unwrap();
        assert_eq!(one.t(&one.observed()).to_vec(), [0.0, f64::INFINITY]);
        let two = EdgeValues::new(values.view(), Design::TwoSample(vec![true, false, false])).unwrap();
        assert_eq!(two.t(&two.observed()).to_vec(), [0.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let values = Array2::<f64>::ones((4, 2));
        let error = |values: &Array2<f64>, design| EdgeValues::new(values.view(), design).unwrap_err();
        assert!(matches!(error(&values, Design::TwoSample(vec![true; 3])), Error::Shape { .. }));
        assert!(matches!(error(&values, Design::TwoSample(vec![true; 4])), Error::TooShort { .. }));
        assert!(matches!(error(&Array2::ones((1, 2)), Design::OneSample), Error::TooShort { .. }));
        assert!(matches!(error(&Array2::ones((4, 0)), Design::OneSample), Error::TooShort { .. }));
        assert!(matches!(error(&(values * f64::NAN), Design::OneSample), Error::Value { index: 0, .. }));
    }
}
