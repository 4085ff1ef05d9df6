//! The graph itself.

use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// An undirected weighted graph without loops: a symmetric matrix of weights that are not negative, 0 where there is no
/// edge.
///
/// ```
/// use dosewave_numerics::graph::WeightedGraph;
/// let graph = WeightedGraph::new(ndarray::array![[0.0, 0.5, 0.0], [0.5, 0.0, 0.25], [0.0, 0.25, 0.0]].view()).unwrap();
/// assert_eq!((graph.n_edges(), graph.density()), (2, 2.0 / 3.0));
/// assert_eq!(graph.strengths().to_vec(), [0.5, 0.75, 0.25]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedGraph {
    weights: Array2<f64>,
}

impl WeightedGraph {
    /// From a symmetric matrix `[node, node]`. The diagonal is not looked at.
    ///
    /// # Errors
    /// [`Error::TooShort`] below two nodes, [`Error::Shape`] when it is not square, [`Error::Value`] for a weight that is
    /// negative, infinite or NaN, [`Error::Invalid`] when it is not symmetric.
    pub fn new(weights: ArrayView2<'_, f64>) -> Result<Self> {
        let (n, n_columns) = weights.dim();
        if n != n_columns {
            return Err(Error::Shape { what: "columns of a matrix of weights", expected: n, got: n_columns });
        }
        if n < 2 {
            return Err(Error::TooShort { what: "nodes of a graph", got: n, need: 2 });
        }
        let mut own = weights.to_owned();
        own.diag_mut().fill(0.0);
        for ((i, j), &value) in own.indexed_iter() {
            if !value.is_finite() || value < 0.0 {
                let allowed =
                    "must be 0 (no edge) or positive and finite; debiased measures below 0 are no edge";
                return Err(Error::Value { what: "weights", index: i * n + j, value, allowed });
            }
            if own[[j, i]] != value {
                let value = format!("{value} from {i} to {j}, {} back", own[[j, i]]);
                return Err(Error::Invalid {
                    parameter: "weights",
                    value,
                    allowed: "a symmetric matrix".into(),
                });
            }
        }
        Ok(Self { weights: own })
    }

    /// From edges `(node, node, weight)`, each weight being set once.
    pub(crate) fn from_edges(n_nodes: usize, edges: &[(usize, usize, f64)]) -> Self {
        let mut weights = Array2::zeros((n_nodes, n_nodes));
        for (i, j, weight) in edges {
            weights[[*i, *j]] = *weight;
            weights[[*j, *i]] = *weight;
        }
        Self { weights }
    }

    /// Weights `[node, node]`, symmetric, the diagonal 0.
    #[must_use]
    pub fn weights(&self) -> ArrayView2<'_, f64> {
        self.weights.view()
    }

    /// Number of nodes.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.weights.nrows()
    }

    /// Edges `(i, j, weight)` with `i < j`, by node.
    #[must_use]
    pub fn edges(&self) -> Vec<(usize, usize, f64)> {
        let upper = self.weights.indexed_iter().filter(|((i, j), weight)| i < j && **weight > 0.0);
        upper.map(|((i, j), weight)| (i, j, *weight)).collect()
    }

    /// Number of edges.
    #[must_use]
    pub fn n_edges(&self) -> usize {
        self.weights.iter().filter(|weight| **weight > 0.0).count() / 2
    }

    /// Share of the possible edges that there are.
    #[must_use]
    pub fn density(&self) -> f64 {
        self.n_edges() as f64 / possible_edges(self.n_nodes()) as f64
    }

    /// Sum of the weights of each node's edges.
    #[must_use]
    pub fn strengths(&self) -> Array1<f64> {
        self.weights.sum_axis(Axis(1))
    }

    /// Number of edges of each node.
    #[must_use]
    pub fn degrees(&self) -> Vec<usize> {
        self.weights.outer_iter().map(|row| row.iter().filter(|weight| **weight > 0.0).count()).collect()
    }

    /// The strongest edges only, so that `density` of the possible edges are left (rounded to the nearest number; fewer
    /// where there are fewer). Of equal edges those of the first nodes stay.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a density that is not above 0 and at most 1, or that leaves no edge.
    ///
    /// ```
    /// use dosewave_numerics::graph::WeightedGraph;
    /// let weights = ndarray::Array2::from_shape_fn((10, 10), |(i, j)| (i + j) as f64 / 20.0);
    /// let graph = WeightedGraph::new(weights.view()).unwrap().strongest(0.2).unwrap();
    /// assert_eq!(graph.n_edges(), 9);
    /// ```
    pub fn strongest(&self, density: f64) -> Result<Self> {
        let n_kept = (density * possible_edges(self.n_nodes()) as f64).round();
        if !(n_kept >= 1.0 && density <= 1.0) {
            return Err(Error::Invalid {
                parameter: "density",
                value: density.to_string(),
                allowed: format!("above 0 and at most 1, with one edge of {} nodes at least", self.n_nodes()),
            });
        }
        let mut edges = self.edges();
        // stable, so that equal edges stay in the order of their nodes
        edges.sort_by(|a, b| b.2.total_cmp(&a.2));
        edges.truncate(n_kept as usize);
        Ok(Self::from_edges(self.n_nodes(), &edges))
    }
}

fn possible_edges(n_nodes: usize) -> usize {
    n_nodes * (n_nodes - 1) / 2
}

/// Graphs whose measures are known.
#[cfg(test)]
pub(crate) mod known {
    use super::*;
    use crate::stats::Stream;

    /// Every node with every other.
    pub(crate) fn complete(n: usize, weight: f64) -> WeightedGraph {
        WeightedGraph::new(Array2::from_elem((n, n), weight).view()).unwrap()
    }

    /// Node 0 with every other.
    pub(crate) fn star(n: usize) -> WeightedGraph {
        WeightedGraph::from_edges(n, &(1..n).map(|i| (0, i, 1.0)).collect::<Vec<_>>())
    }

    /// Each node with its `k/2` neighbours on either side.
    pub(crate) fn ring(n: usize, k: usize) -> WeightedGraph {
        let edges: Vec<_> =
            (0..n).flat_map(|i| (1..=k / 2).map(move |step| (i, (i + step) % n, 1.0))).collect();
        WeightedGraph::from_edges(n, &edges)
    }

    /// Each edge with a chance, and a uniform weight.
    pub(crate) fn random(n: usize, chance: f64, seed: u64) -> WeightedGraph {
        let mut stream = Stream::new(seed, 0);
        let mut edges = Vec::new();
        for i in 0..n {
            for j in 0..i {
                if stream.uniform() < chance {
                    edges.push((i, j, 1.0 - stream.uniform()));
                }
            }
        }
        WeightedGraph::from_edges(n, &edges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn what_is_no_graph_is_refused_by_its_place() {
        let error = |weights: Array2<f64>| WeightedGraph::new(weights.view()).unwrap_err().to_string();
        assert!(error(array![[0.0, -0.1], [-0.1, 0.0]]).starts_with("weights[1] = -0.1; must be 0"));
        assert!(error(array![[0.0, f64::NAN], [0.0, 0.0]]).starts_with("weights[1] = NaN"));
        assert!(error(array![[0.0, 0.2], [0.1, 0.0]]).contains("0.2 from 0 to 1, 0.1 back"));
        assert!(error(Array2::zeros((2, 3))).contains("expected 2, got 3"));
        assert!(error(Array2::zeros((1, 1))).contains("at least 2"));
        // what stands on the diagonal does not matter
        let with_ones = array![[1.0, 0.3], [0.3, f64::NAN]];
        assert_eq!(WeightedGraph::new(with_ones.view()).unwrap().strengths().to_vec(), [0.3, 0.3]);
    }

    #[test]
    fn the_strongest_edges_stay() {
        let graph = known::random(12, 0.8, 1);
        let kept = graph.strongest(0.3).unwrap();
        assert_eq!(kept.n_edges(), 20); // 0.3 · 66 = 19.8
        let weakest = kept.edges().iter().map(|edge| edge.2).fold(f64::INFINITY, f64::min);
        let stronger = graph.edges().iter().filter(|edge| edge.2 >= weakest).count();
        assert_eq!(stronger, 20);
        assert_eq!(known::complete(5, 1.0).strongest(0.2).unwrap().edges(), [(0, 1, 1.0), (0, 2, 1.0)]);
        assert!(
            graph.strongest(0.0).is_err()
                && graph.strongest(1.1).is_err()
                && graph.strongest(f64::NAN).is_err()
        );
    }

    #[test]
    fn degrees_of_a_star() {
        assert_eq!(known::star(4).degrees(), [3, 1, 1, 1]);
        assert_eq!(known::ring(10, 4).degrees(), [4; 10]);
    }
}
