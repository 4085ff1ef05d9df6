//! Graphs of the same degrees.

use super::WeightedGraph;
use crate::stats::Stream;
use std::collections::HashSet;

/// Exchanges that are tried for each edge of a graph that is rewired.
pub const SWAPS_PER_EDGE: usize = 10;

/// A random graph whose nodes have the same degrees and whose edges have the same weights: two edges `a–b` and `c–d`,
/// drawn at random, become `a–d` and `c–b`, taking their weights along, unless such an edge exists or would be a loop;
/// [`SWAPS_PER_EDGE`] tries for each edge (Maslov & Sneppen 2002, 10.1126/science.1065103). A graph that holds nearly all
/// possible edges can hardly be rewired; thin it first.
///
/// ```
/// use dosewave_numerics::{graph::{WeightedGraph, rewired}, stats::Stream};
/// let ring = ndarray::Array2::from_shape_fn((20, 20), |(i, j)| f64::from(u8::from((i + 20 - j) % 20 % 18 <= 2)));
/// let ring = WeightedGraph::new(ring.view()).unwrap();
/// let other = rewired(&ring, &mut Stream::new(1, 0));
/// assert!(other != ring && other.degrees() == ring.degrees());
/// ```
#[must_use]
pub fn rewired(graph: &WeightedGraph, stream: &mut Stream) -> WeightedGraph {
    let mut edges = graph.edges();
    let mut present: HashSet<(usize, usize)> = edges.iter().map(|(i, j, _)| key(*i, *j)).collect();
    let n = edges.len();
    for _ in 0..SWAPS_PER_EDGE * n {
        let (first, second) = (stream.below(n), stream.below(n));
        let (a, b, first_weight) = edges[first];
        // either end of the second edge may be the one that is exchanged
        let (c, d, second_weight) = match (edges[second], stream.below(2)) {
            (edge, 0) => edge,
            ((c, d, weight), _) => (d, c, weight),
        };
        let would_loop = a == d || c == b;
        if first == second || would_loop || present.contains(&key(a, d)) || present.contains(&key(c, b)) {
            continue;
        }
        present.remove(&key(a, b));
        present.remove(&key(c, d));
        present.extend([key(a, d), key(c, b)]);
        edges[first] = (a, d, first_weight);
        edges[second] = (c, b, second_weight);
    }
    WeightedGraph::from_edges(graph.n_nodes(), &edges)
}

fn key(i: usize, j: usize) -> (usize, usize) {
    (i.min(j), i.max(j))
}

#[cfg(test)]
mod tests {
    use super::super::weighted::known::{complete, random, ring, star};
    use super::*;

    #[test]
    fn degrees_and_weights_stay() {
        let graph = random(20, 0.3, 7);
        let other = rewired(&graph, &mut Stream::new(1, 0));
        assert_eq!(other.degrees(), graph.degrees());
        let sorted = |graph: &WeightedGraph| {
            let mut weights: Vec<f64> = graph.edges().iter().map(|edge| edge.2).collect();
            weights.sort_by(f64::total_cmp);
            weights
        };
        assert_eq!(sorted(&other), sorted(&graph));
        assert_ne!(other, graph);
        assert_eq!(other, rewired(&graph, &mut Stream::new(1, 0)));
    }

    #[test]
    fn where_there_is_one_graph_of_these_degrees_it_stays() {
        for graph in [complete(6, 1.0), star(6)] {
            assert_eq!(rewired(&graph, &mut Stream::new(1, 0)), graph);
        }
    }

    /// All graphs of five nodes with two edges each are rings; every edge is in half of them.
    #[test]
    fn every_edge_is_equally_likely() {
        let start = ring(5, 2);
        let mut counts = ndarray::Array2::<f64>::zeros((5, 5));
        for index in 0..4000 {
            counts += &rewired(&start, &mut Stream::new(3, index)).weights();
        }
        for ((i, j), count) in counts.indexed_iter().filter(|((i, j), _)| i != j) {
            // standard deviation 32
            assert!((count - 2000.0).abs() < 160.0, "{i}–{j}: {count}");
        }
    }
}
