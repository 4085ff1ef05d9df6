//! Clustering and paths beside graphs of the same degrees.

use super::{WeightedGraph, harmonic_path_length, mean_clustering, rewired};
use crate::stats::Stream;

/// What is compared of a graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NullGraph {
    /// [`mean_clustering`].
    pub clustering: f64,
    /// [`harmonic_path_length`]; `None` without an edge.
    pub path_length: Option<f64>,
}

impl NullGraph {
    /// Of a graph.
    #[must_use]
    pub fn of(graph: &WeightedGraph) -> Self {
        Self { clustering: mean_clustering(graph), path_length: harmonic_path_length(graph) }
    }
}

/// The same of a graph of the same degrees ([`rewired`]), number `index` of `seed`, each with a stream of its own.
#[must_use]
pub fn null_graph(graph: &WeightedGraph, seed: u64, index: u64) -> NullGraph {
    NullGraph::of(&rewired(graph, &mut Stream::new(seed, index)))
}

/// Small-worldness `σ = (C / C₀) / (L / L₀)`, `C` the mean weighted clustering, `L` the path length, `C₀` and `L₀` their
/// means over `nulls` of the same degrees: above 1 for a graph that is clustered as a lattice and short as a random graph
/// (Humphries & Gurney 2008, 10.1371/journal.pone.0002051). Path lengths are harmonic, so that thin graphs, which fall into
/// parts, have one. `None` without an edge or where no null is clustered.
///
/// ```
/// use dosewave_numerics::graph::{WeightedGraph, NullGraph, null_graph, small_worldness};
/// let ring = ndarray::Array2::from_shape_fn((40, 40), |(i, j)| f64::from(u8::from((i + 40 - j + 3) % 40 <= 6)));
/// let ring = WeightedGraph::new(ring.view()).unwrap();
/// let nulls: Vec<NullGraph> = (0..20).map(|index| null_graph(&ring, 0, index)).collect();
/// let sigma = small_worldness(&NullGraph::of(&ring), &nulls).unwrap();
/// assert!(sigma > 2.0);
/// ```
#[must_use]
pub fn small_worldness(graph: &NullGraph, nulls: &[NullGraph]) -> Option<f64> {
    let n = nulls.len() as f64;
    let clustering = nulls.iter().map(|null| null.clustering).sum::<f64>() / n;
    let lengths: Option<Vec<f64>> = nulls.iter().map(|null| null.path_length).collect();
    let length = lengths?.iter().sum::<f64>() / n;
    let sigma = (graph.clustering / clustering) / (graph.path_length? / length);
    sigma.is_finite().then_some(sigma)
}

#[cfg(test)]
mod tests {
    use super::super::weighted::known::{complete, random, ring, star};
    use super::*;

    fn sigma(graph: &WeightedGraph) -> Option<f64> {
        let nulls: Vec<NullGraph> = (0..50).map(|index| null_graph(graph, 1, index)).collect();
        small_worldness(&NullGraph::of(graph), &nulls)
    }

    #[test]
    fn known_graphs() {
        // one graph of these degrees: the null is the graph
        assert!((sigma(&complete(8, 0.7)).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(sigma(&star(8)), None);
        // a random graph is its own null
        let random = sigma(&random(40, 0.25, 2)).unwrap();
        assert!((random - 1.0).abs() < 0.2, "{random}");
        // a lattice with a few shortcuts
        let lattice = ring(60, 6);
        let mut edges = lattice.edges();
        for k in 0..10 {
            edges[17 * k] = (6 * k, (6 * k + 29) % 60, 1.0);
        }
        let small_world = sigma(&WeightedGraph::from_edges(60, &edges)).unwrap();
        assert!(small_world > 3.0 && small_world > sigma(&lattice).unwrap(), "{small_world}");
    }

    #[test]
    fn by_hand() {
        let of = |clustering, path_length| NullGraph { clustering, path_length: Some(path_length) };
        let nulls = [of(0.1, 2.0), of(0.3, 4.0)];
        assert!((small_worldness(&of(0.4, 6.0), &nulls).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(small_worldness(&of(0.4, 6.0), &[]), None);
    }
}
