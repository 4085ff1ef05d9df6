//! Permutation over subjects with the largest component, or the most enhanced edge, of each arrangement.

use super::components::{Component, ComponentSize, components};
use super::tfce::{Exponents, enhance};
use super::{Arrangement, EdgeValues, Tail};
use crate::{Error, Result};
use ndarray::Array1;

/// What is tested of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EdgeStatistic {
    /// The network-based statistic: connected components of the edges whose t is beyond a threshold (Zalesky 2010,
    /// 10.1016/j.neuroimage.2010.06.041). A small p says that there is a component, not that each of its edges differs.
    Components {
        /// Of the modulus of t.
        threshold: f64,
        /// How components are measured.
        size: ComponentSize,
    },
    /// Threshold-free enhancement of each edge, `∫ e(h)^E · h^H dh` up to its t, `e(h)` the number of edges of its
    /// component at threshold `h` (Smith & Nichols 2009, 10.1016/j.neuroimage.2008.03.061; on networks Baggio 2018,
    /// 10.1002/hbm.24007).
    Tfce {
        /// `E`, usually ½.
        extent: f64,
        /// `H`, usually 2.
        height: f64,
    },
}

/// A test of all edges of a network at once, ready to be permuted: [`Self::largest`] of each of
/// [`Self::n_permutations`], in any order and on any thread, then [`Self::finish`].
///
/// ```
/// use dosewave_numerics::stats::{ComponentSize, Design, EdgeStatistic, EdgeValues, NetworkTest, Stream, Tail};
/// // 8 subjects, 4 nodes; the edges around node 0 rise in everybody
/// let edges = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)];
/// let mut stream = Stream::new(1, 0);
/// let values = ndarray::Array2::from_shape_fn((8, 6), |(_, edge)| stream.normal() + 5.0 * f64::from(u8::from(edges[edge].1 == 0)));
/// let values = EdgeValues::new(values.view(), Design::OneSample).unwrap();
/// let statistic = EdgeStatistic::Components { threshold: 4.0, size: ComponentSize::Extent };
/// let test = NetworkTest::new((4, &edges), values, statistic, Tail::Both).unwrap().permuted(1000, 0);
/// let largest: Vec<f64> = (0..test.n_permutations()).map(|index| test.largest(index)).collect();
/// let found = test.finish(&largest).unwrap();
/// // all 2⁸ signs were tried; no p can be below 2/2⁸
/// assert!(found.exact && found.components[0].0.edges == [0, 1, 3] && found.components[0].1 == 2.0 / 256.0);
/// ```
#[derive(Clone, Debug)]
pub struct NetworkTest {
    n_nodes: usize,
    edges: Vec<(usize, usize)>,
    values: EdgeValues,
    statistic: EdgeStatistic,
    tail: Tail,
    n_permutations: u64,
    exact: bool,
    seed: u64,
}

/// What [`NetworkTest`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkResult {
    /// Student's t of each edge.
    pub t: Vec<f64>,
    /// What is tested of each edge: the size of its component (0 without one), or its enhanced strength.
    pub statistic: Vec<f64>,
    /// p of each edge, that of its component (1 without one), corrected for all edges.
    pub p: Vec<f64>,
    /// Components with their p, the largest first; none of the threshold-free statistic.
    pub components: Vec<(Component, f64)>,
    /// Number of arrangements.
    pub n_permutations: u64,
    /// Whether these were all there are, each once.
    pub exact: bool,
    /// No p can be smaller.
    pub smallest_p: f64,
}

impl NetworkTest {
    /// Values of `edges`, pairs of nodes below `n_nodes`.
    ///
    /// # Errors
    /// [`Error::Shape`] when edges and values differ in number, [`Error::Invalid`] for a node that is not there, an edge
    /// from a node to itself, a threshold that is not positive or exponents that are not; [`Error::Value`] for an edge
    /// whose values differ from zero (or between groups) without any variance.
    pub fn new(
        (n_nodes, edges): (usize, &[(usize, usize)]),
        values: EdgeValues,
        statistic: EdgeStatistic,
        tail: Tail,
    ) -> Result<Self> {
        if edges.len() != values.n_edges() {
            return Err(Error::Shape {
                what: "edges with values",
                expected: edges.len(),
                got: values.n_edges(),
            });
        }
        if let Some((i, j)) = edges.iter().find(|(i, j)| i == j || *i >= n_nodes || *j >= n_nodes) {
            let (value, allowed) = (format!("({i}, {j})"), format!("two nodes below {n_nodes}"));
            return Err(Error::Invalid { parameter: "edge", value, allowed });
        }
        check_statistic(statistic)?;
        let t = values.t(&values.observed());
        if let Some((index, &value)) = t.iter().enumerate().find(|(_, t)| !t.is_finite()) {
            return Err(Error::Value {
                what: "t",
                index,
                value,
                allowed: "needs values that vary over subjects",
            });
        }
        let (edges, n_permutations, exact, seed) = (edges.to_vec(), 0, false, 0);
        Ok(Self { n_nodes, edges, values, statistic, tail, n_permutations, exact, seed })
    }

    /// With at most `n_permutations`: every arrangement once if there are no more than that, otherwise as many drawn from
    /// `seed`, with the observed one beside them.
    #[must_use]
    pub fn permuted(self, n_permutations: u64, seed: u64) -> Self {
        let all = self.values.n_arrangements().filter(|all| *all <= n_permutations);
        Self { n_permutations: all.unwrap_or(n_permutations), exact: all.is_some(), seed, ..self }
    }

    /// How many arrangements there are to try.
    #[must_use]
    pub fn n_permutations(&self) -> u64 {
        self.n_permutations
    }

    /// Size of the largest component, or of the most enhanced edge, of arrangement `index`; 0 where there is none,
    /// infinite (which counts against any finding) where an edge has no variance left.
    #[must_use]
    pub fn largest(&self, index: u64) -> f64 {
        let arrangement =
            if self.exact { self.values.arrangement(index) } else { self.values.drawn(self.seed, index) };
        let t = self.t(&arrangement);
        if t.iter().any(|t| !t.is_finite()) {
            return f64::INFINITY;
        }
        self.signs().iter().map(|sign| self.largest_of(&strengths(&t, *sign))).fold(0.0, f64::max)
    }

    fn largest_of(&self, strengths: &[f64]) -> f64 {
        let network = (self.n_nodes, self.edges.as_slice());
        match self.statistic {
            EdgeStatistic::Components { threshold, size } => {
                components(network, strengths, threshold, size).first().map_or(0.0, |largest| largest.size)
            }
            EdgeStatistic::Tfce { extent, height } => {
                enhance(network, strengths, Exponents { extent, height }).into_iter().fold(0.0, f64::max)
            }
        }
    }

    fn t(&self, arrangement: &Arrangement) -> Array1<f64> {
        self.values.t(arrangement)
    }

    /// The directions that are looked at, each by itself.
    fn signs(&self) -> &'static [f64] {
        match self.tail {
            Tail::Both => &[1.0, -1.0],
            Tail::Greater => &[1.0],
            Tail::Less => &[-1.0],
        }
    }

    /// p-values from the largest of every arrangement: the share that reaches what was observed, which counts as one of
    /// them.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number than [`Self::n_permutations`].
    pub fn finish(&self, largest: &[f64]) -> Result<NetworkResult> {
        if largest.len() as u64 != self.n_permutations {
            let expected = self.n_permutations as usize;
            return Err(Error::Shape { what: "permutations", expected, got: largest.len() });
        }
        let mut sorted = largest.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let p_of = |size: f64| {
            // values that differ by rounding only count as equal
            let below = sorted.partition_point(|largest| *largest < size * (1.0 - 1e-9));
            self.p_value((sorted.len() - below) as u64)
        };
        let t = self.t(&self.values.observed());
        let mut statistic = vec![0.0; t.len()];
        let mut found = Vec::new();
        for sign in self.signs() {
            let strengths = strengths(&t, *sign);
            found.extend(self.observed_parts(&strengths, &mut statistic));
        }
        found.sort_by(|a, b| b.size.total_cmp(&a.size));
        let p = statistic.iter().map(|size| if *size > 0.0 { p_of(*size) } else { 1.0 }).collect();
        let components =
            found.into_iter().map(|component| (component.clone(), p_of(component.size))).collect();
        let (n_permutations, exact) = (self.n_permutations, self.exact);
        Ok(NetworkResult {
            t: t.to_vec(),
            statistic,
            p,
            components,
            n_permutations,
            exact,
            smallest_p: self.smallest_p(),
        })
    }

    /// Fills in what is tested of each edge; gives the components.
    fn observed_parts(&self, strengths: &[f64], statistic: &mut [f64]) -> Vec<Component> {
        let network = (self.n_nodes, self.edges.as_slice());
        match self.statistic {
            EdgeStatistic::Components { threshold, size } => {
                let found = components(network, strengths, threshold, size);
                for component in &found {
                    component.edges.iter().for_each(|edge| statistic[*edge] = component.size);
                }
                found
            }
            EdgeStatistic::Tfce { extent, height } => {
                let enhanced = enhance(network, strengths, Exponents { extent, height });
                statistic.iter_mut().zip(enhanced).for_each(|(out, value)| *out = out.max(value));
                Vec::new()
            }
        }
    }

    fn p_value(&self, n_reaching: u64) -> f64 {
        if self.exact {
            n_reaching as f64 / self.n_permutations as f64
        } else {
            (1 + n_reaching) as f64 / (1 + self.n_permutations) as f64
        }
    }

    fn smallest_p(&self) -> f64 {
        // turned round, an arrangement of one sample or of equal groups is as extreme in the other direction
        let mirrored = self.tail == Tail::Both && self.values.is_symmetric();
        self.p_value(if self.exact { 1 + u64::from(mirrored) } else { 0 })
    }
}

fn check_statistic(statistic: EdgeStatistic) -> Result<()> {
    let (parameter, value) = match statistic {
        EdgeStatistic::Components { threshold, .. } => ("threshold", threshold),
        EdgeStatistic::Tfce { extent, height } => ("exponent", extent.min(height)),
    };
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::Invalid { parameter, value: value.to_string(), allowed: "above 0 and finite".into() })
}

fn strengths(t: &Array1<f64>, sign: f64) -> Vec<f64> {
    t.iter().map(|t| sign * t).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Design, Stream, sign_flip_test};
    use ndarray::Array2;

    const N_NODES: usize = 8;

    fn all_edges() -> Vec<(usize, usize)> {
        (0..N_NODES).flat_map(|i| (0..i).map(move |j| (i, j))).collect()
    }

    /// Noise with what subjects have in common, so that edges hang together, and `rise` on the edges between nodes 0–3.
    fn values(n_subjects: usize, rise: f64, seed: u64) -> Array2<f64> {
        let mut stream = Stream::new(seed, 77);
        let edges = all_edges();
        let mut values = Array2::zeros((n_subjects, edges.len()));
        for mut row in values.outer_iter_mut() {
            let common = stream.normal();
            for (value, (i, _)) in row.iter_mut().zip(&edges) {
                *value = stream.normal() + 0.5 * common + if *i <= 3 { rise } else { 0.0 };
            }
        }
        values
    }

    fn run(values: &Array2<f64>, design: Design, statistic: EdgeStatistic, tail: Tail) -> NetworkResult {
        let values = EdgeValues::new(values.view(), design).unwrap();
        let test =
            NetworkTest::new((N_NODES, &all_edges()), values, statistic, tail).unwrap().permuted(500, 3);
        test.finish(&(0..test.n_permutations()).map(|index| test.largest(index)).collect::<Vec<_>>()).unwrap()
    }

    const fn components_above(threshold: f64, size: ComponentSize) -> EdgeStatistic {
        EdgeStatistic::Components { threshold, size }
    }

    const TFCE: EdgeStatistic = EdgeStatistic::Tfce { extent: 0.5, height: 2.0 };

    fn groups(n_first: usize, n: usize) -> Design {
        Design::TwoSample((0..n).map(|i| i < n_first).collect())
    }

    #[test]
    fn what_was_planted_is_found_and_nothing_else() {
        let rising = values(14, 2.5, 1);
        let mut both = rising.clone();
        // subjects of the second group have no rise
        for mut row in both.outer_iter_mut().skip(7) {
            row.iter_mut().zip(all_edges()).for_each(|(v, (i, _))| *v -= if i <= 3 { 2.5 } else { 0.0 });
        }
        let (extent, intensity) = (ComponentSize::Extent, ComponentSize::Intensity);
        for statistic in [components_above(3.2, extent), components_above(3.2, intensity), TFCE] {
            for (values, design) in [(&rising, Design::OneSample), (&both, groups(7, 14))] {
                let found = run(values, design, statistic, Tail::Both);
                for (p, (i, j)) in found.p.iter().zip(all_edges()) {
                    assert_eq!(*p < 0.05, i <= 3, "{statistic:?} {i}–{j}: {p}");
                }
            }
        }
        assert!(
            run(&rising, Design::OneSample, components_above(3.2, extent), Tail::Less)
                .p
                .iter()
                .all(|p| *p > 0.05)
        );
    }

    /// 300 networks without an effect: at 5 %, 15 ± 3.8 have a finding, and p-values that are all multiples of 1/256 or
    /// 1/501 are no smaller than uniform ones.
    #[test]
    fn false_findings_come_as_often_as_announced() {
        for statistic in [components_above(2.2, ComponentSize::Extent), TFCE] {
            for (n_subjects, first) in [(8, None), (12, None), (12, Some(5))] {
                let design = first.map_or(Design::OneSample, |n| groups(n, n_subjects));
                let found = (0..300)
                    .filter(|seed| {
                        let found =
                            run(&values(n_subjects, 0.0, *seed), design.clone(), statistic, Tail::Both);
                        found.p.iter().any(|p| *p <= 0.05)
                    })
                    .count();
                let least = if matches!(statistic, TFCE) { 4 } else { 2 };
                assert!(
                    (least..=28).contains(&found),
                    "{statistic:?} {n_subjects} {first:?}: {found} of 300"
                );
            }
        }
    }

    /// One edge that cannot join another is the sign-flip test of its values.
    #[test]
    fn one_edge_is_the_sign_flip_test() {
        let values =
            Array2::from_shape_vec((9, 1), vec![0.9, -0.2, 1.4, 0.3, -0.5, 0.8, 1.1, 0.1, 0.6]).unwrap();
        let expected = sign_flip_test(&values.column(0).to_vec(), 0, 0).unwrap();
        let own = EdgeValues::new(values.view(), Design::OneSample).unwrap();
        for statistic in [TFCE, EdgeStatistic::Components { threshold: 0.5, size: ComponentSize::Intensity }]
        {
            let test = NetworkTest::new((2, &[(1, 0)]), own.clone(), statistic, Tail::Both)
                .unwrap()
                .permuted(512, 0);
            let largest: Vec<f64> = (0..512).map(|index| test.largest(index)).collect();
            let found = test.finish(&largest).unwrap();
            assert!(found.exact && (found.p[0] - expected).abs() < 1e-12, "{statistic:?}");
            assert_eq!(found.smallest_p, 2.0 / 512.0);
        }
    }

    #[test]
    fn drawn_and_complete_permutations_agree() {
        let values = EdgeValues::new(values(10, 0.6, 2).view(), Design::OneSample).unwrap();
        let test = NetworkTest::new((N_NODES, &all_edges()), values, TFCE, Tail::Both).unwrap();
        let p = |n| {
            let test = test.clone().permuted(n, 5);
            let largest: Vec<f64> = (0..test.n_permutations()).map(|index| test.largest(index)).collect();
            test.finish(&largest).unwrap()
        };
        let (exact, drawn) = (p(1024), p(1023));
        assert!(exact.exact && !drawn.exact && drawn.smallest_p == 1.0 / 1024.0);
        for (exact, drawn) in exact.p.iter().zip(&drawn.p) {
            assert!((exact - drawn).abs() < 0.06, "{exact} {drawn}");
        }
    }

    #[test]
    fn opposite_edges_form_no_component() {
        let mut values = values(10, 0.0, 4);
        values.column_mut(0).mapv_inplace(|v| 0.1 * v + 3.0); // 1–0
        values.column_mut(1).mapv_inplace(|v| 0.1 * v - 3.0); // 2–0
        let found = run(
            &values,
            Design::OneSample,
            EdgeStatistic::Components { threshold: 8.0, size: ComponentSize::Extent },
            Tail::Both,
        );
        assert_eq!(found.components.len(), 2);
        assert!(found.components.iter().all(|(component, _)| component.size == 1.0));
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let own = |values: &Array2<f64>| EdgeValues::new(values.view(), Design::OneSample).unwrap();
        let good = own(&values(5, 0.0, 1));
        let new = |edges: &[(usize, usize)], values: &EdgeValues, statistic| {
            NetworkTest::new((N_NODES, edges), values.clone(), statistic, Tail::Both)
                .map(|test| test.n_permutations())
        };
        assert_eq!(new(&all_edges(), &good, TFCE), Ok(0));
        assert!(matches!(new(&[(1, 0)], &good, TFCE), Err(Error::Shape { .. })));
        let mut loops = all_edges();
        loops[3] = (2, 2);
        assert!(new(&loops, &good, TFCE).unwrap_err().to_string().contains("edge = (2, 2)"));
        let none = EdgeStatistic::Components { threshold: 0.0, size: ComponentSize::Extent };
        assert!(new(&all_edges(), &good, none).unwrap_err().to_string().contains("threshold = 0"));
        let constant = own(&Array2::ones((5, 28)));
        assert!(matches!(new(&all_edges(), &constant, TFCE), Err(Error::Value { index: 0, .. })));
    }
}
