//! Shortest paths and what follows from them.

use super::WeightedGraph;
use ndarray::{Array1, Array2};

/// Length of the shortest path between nodes `[node, node]`, where an edge of weight `w` is `1/w` long (strong edges are
/// short); infinite where there is no path, 0 on the diagonal. By Dijkstra's algorithm (1959, 10.1007/BF01386390).
#[must_use]
pub fn distances(graph: &WeightedGraph) -> Array2<f64> {
    let all: Vec<usize> = (0..graph.n_nodes()).collect();
    distances_within(graph, &all)
}

/// The same over paths that only use `nodes`, in their order.
fn distances_within(graph: &WeightedGraph, nodes: &[usize]) -> Array2<f64> {
    let n = nodes.len();
    let weights = graph.weights();
    let mut lengths = Array2::from_elem((n, n), f64::INFINITY);
    for (start, mut row) in lengths.outer_iter_mut().enumerate() {
        let mut open = vec![true; n];
        row[start] = 0.0;
        while let Some(nearest) = (0..n).filter(|i| open[*i]).min_by(|a, b| row[*a].total_cmp(&row[*b])) {
            if row[nearest].is_infinite() {
                break;
            }
            open[nearest] = false;
            for i in 0..n {
                // 1/0 is infinite: no edge
                let through = row[nearest] + 1.0 / weights[[nodes[nearest], nodes[i]]];
                if open[i] && through < row[i] {
                    row[i] = through;
                }
            }
        }
    }
    lengths
}

/// Characteristic path length: the mean of [`distances`] over all pairs of nodes; `None` where some nodes cannot reach
/// others ([`harmonic_path_length`] is defined there as well).
#[must_use]
pub fn path_length(graph: &WeightedGraph) -> Option<f64> {
    let mean = mean_over_pairs(&distances(graph), |length| length);
    mean.is_finite().then_some(mean)
}

/// Global efficiency: the mean of the reciprocals of [`distances`] over all pairs of nodes, nodes that cannot reach each
/// other counting 0 (Latora & Marchiori 2001, 10.1103/PhysRevLett.87.198701). Proportional to the weights.
///
/// ```
/// use dosewave_numerics::graph::{WeightedGraph, global_efficiency};
/// // a chain of three nodes: distances 1, 1 and 2
/// let chain = ndarray::array![[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
/// assert!((global_efficiency(&WeightedGraph::new(chain.view()).unwrap()) - 2.5 / 3.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn global_efficiency(graph: &WeightedGraph) -> f64 {
    mean_over_pairs(&distances(graph), |length| 1.0 / length)
}

/// Nodal efficiency: the mean of the reciprocals of [`distances`] from each node to all others, those that it cannot reach
/// counting 0. The mean over nodes is the [`global_efficiency`].
///
/// ```
/// use dosewave_numerics::graph::{WeightedGraph, nodal_efficiency};
/// // the middle of a chain reaches both ends in one step
/// let chain = ndarray::array![[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
/// let found = nodal_efficiency(&WeightedGraph::new(chain.view()).unwrap());
/// assert_eq!(found.to_vec(), [0.75, 1.0, 0.75]);
/// ```
#[must_use]
pub fn nodal_efficiency(graph: &WeightedGraph) -> Array1<f64> {
    let others = graph.n_nodes() as f64 - 1.0;
    let of_node = |(node, row): (usize, ndarray::ArrayView1<'_, f64>)| {
        let reached = row.iter().enumerate().filter(|(other, _)| *other != node);
        reached.map(|(_, length)| 1.0 / length).sum::<f64>() / others
    };
    distances(graph).outer_iter().enumerate().map(of_node).collect()
}

/// Reciprocal of [`global_efficiency`]: the harmonic mean of the distances, defined where a graph falls into parts
/// (Newman 2003, 10.1137/S003614450342480); `None` without an edge.
#[must_use]
pub fn harmonic_path_length(graph: &WeightedGraph) -> Option<f64> {
    let efficiency = global_efficiency(graph);
    (efficiency > 0.0).then(|| 1.0 / efficiency)
}

/// Local efficiency of each node, how well its neighbours reach each other without it: the [`global_efficiency`] of the
/// graph of its neighbours alone; 0 with fewer than two (Latora & Marchiori 2001, 10.1103/PhysRevLett.87.198701).
#[must_use]
pub fn local_efficiency(graph: &WeightedGraph) -> Vec<f64> {
    let weights = graph.weights();
    let of_node = |node: usize| {
        let row = weights.row(node);
        let neighbours: Vec<usize> = (0..row.len()).filter(|i| row[*i] > 0.0).collect();
        if neighbours.len() < 2 {
            return 0.0;
        }
        mean_over_pairs(&distances_within(graph, &neighbours), |length| 1.0 / length)
    };
    (0..graph.n_nodes()).map(of_node).collect()
}

fn mean_over_pairs(lengths: &Array2<f64>, of: impl Fn(f64) -> f64) -> f64 {
    let n = lengths.nrows() as f64;
    let off_diagonal = lengths.indexed_iter().filter(|((i, j), _)| i != j);
    off_diagonal.map(|(_, length)| of(*length)).sum::<f64>() / (n * (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::weighted::known::{complete, random, ring, star};
    use super::*;

    #[test]
    fn known_graphs() {
        let whole = complete(6, 0.5);
        assert_eq!((path_length(&whole), global_efficiency(&whole)), (Some(2.0), 0.5));
        assert!(local_efficiency(&whole).iter().all(|e| (e - 0.5).abs() < 1e-15));
        // a star: n − 1 pairs at 1, the others at 2
        let n = 9.0;
        let expected = ((n - 1.0) + (n - 1.0) * (n - 2.0)) / (n * (n - 1.0) / 2.0);
        assert!((path_length(&star(9)).unwrap() - expected).abs() < 1e-14);
        assert_eq!(local_efficiency(&star(9)), [0.0; 9]);
        // a ring of 40 with 4 neighbours each: ⌈s/2⌉ to the node s places on
        let expected = (1..=39).map(|s: usize| s.min(40 - s).div_ceil(2) as f64).sum::<f64>() / 39.0;
        assert!((path_length(&ring(40, 4)).unwrap() - expected).abs() < 1e-13);
    }

    #[test]
    fn neighbours_in_a_ring() {
        // within {−2, −1, 1, 2}: −2–(−1), −1–1 and 1–2 are edges; −2 to 1 and −1 to 2 two steps; −2 to 2 three
        let expected = (3.0 + 2.0 / 2.0 + 1.0 / 3.0) / 6.0;
        assert!(local_efficiency(&ring(40, 4)).iter().all(|e| (e - expected).abs() < 1e-14));
    }

    #[test]
    fn parts_that_are_not_joined() {
        let two_pairs = WeightedGraph::from_edges(4, &[(0, 1, 1.0), (2, 3, 0.5)]);
        assert_eq!(path_length(&two_pairs), None);
        assert!((global_efficiency(&two_pairs) - 1.5 / 6.0).abs() < 1e-15);
        assert!((harmonic_path_length(&two_pairs).unwrap() - 4.0).abs() < 1e-14);
        let none = WeightedGraph::new(Array2::zeros((3, 3)).view()).unwrap();
        assert_eq!((global_efficiency(&none), harmonic_path_length(&none)), (0.0, None));
    }

    #[test]
    fn the_mean_over_nodes_is_that_of_the_graph() {
        for graph in [random(20, 0.25, 6), random(20, 0.05, 7), star(9)] {
            let nodes = nodal_efficiency(&graph);
            assert!((nodes.sum() / nodes.len() as f64 - global_efficiency(&graph)).abs() < 1e-14);
        }
        // the hub of a star reaches all in one step, a leaf the other leaves in two
        assert_eq!(nodal_efficiency(&star(9)).to_vec()[..2], [1.0, (1.0 + 7.0 / 2.0) / 8.0]);
    }

    /// Floyd's and Warshall's algorithm.
    #[test]
    fn equals_trying_every_node_in_between() {
        let graph = random(20, 0.25, 5);
        let mut slow = graph.weights().mapv(|weight| 1.0 / weight);
        slow.diag_mut().fill(0.0);
        for between in 0..20 {
            for i in 0..20 {
                for j in 0..20 {
                    slow[[i, j]] = slow[[i, j]].min(slow[[i, between]] + slow[[between, j]]);
                }
            }
        }
        for (found, slow) in distances(&graph).iter().zip(&slow) {
            assert!(found == slow || (found - slow).abs() < 1e-12);
        }
    }
}
