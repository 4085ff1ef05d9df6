//! How often neighbours are neighbours of each other.

use super::WeightedGraph;
use ndarray::{Array1, Array2};

/// Weighted clustering coefficient of each node, the mean intensity of the triangles around it:
/// `Σ_{jk} (ŵ_ij·ŵ_jk·ŵ_ki)^{1/3} / (k_i(k_i − 1))`, `ŵ = w / max w`, `k_i` its number of edges; 0 with fewer than two
/// edges (Onnela 2005, 10.1103/PhysRevE.71.065103). The scale of the weights does not matter.
///
/// ```
/// use dosewave_numerics::graph::{WeightedGraph, clustering};
/// // a triangle with a tail
/// let weights = ndarray::array![
///     [0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0],
/// ];
/// let found = clustering(&WeightedGraph::new(weights.view()).unwrap());
/// assert!((found[2] - 1.0 / 3.0).abs() < 1e-15 && (found[0], found[3]) == (1.0, 0.0));
/// ```
#[must_use]
pub fn clustering(graph: &WeightedGraph) -> Array1<f64> {
    let weights = graph.weights();
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Array1::zeros(graph.n_nodes());
    }
    let roots: Array2<f64> = weights.mapv(|weight| (weight / largest).cbrt());
    let two_steps = roots.dot(&roots);
    let degrees = graph.degrees();
    let of_node = |i: usize| {
        let degree = degrees[i] as f64;
        // both directions around each triangle
        let triangles = roots.row(i).dot(&two_steps.row(i));
        if degree < 2.0 { 0.0 } else { triangles / (degree * (degree - 1.0)) }
    };
    (0..graph.n_nodes()).map(of_node).collect()
}

/// Mean of [`clustering`] over all nodes.
#[must_use]
pub fn mean_clustering(graph: &WeightedGraph) -> f64 {
    clustering(graph).sum() / graph.n_nodes() as f64
}

#[cfg(test)]
mod tests {
    use super::super::weighted::known::{complete, random, ring, star};
    use super::*;

    #[test]
    fn known_graphs() {
        assert!((mean_clustering(&complete(7, 0.3)) - 1.0).abs() < 1e-15);
        assert_eq!(mean_clustering(&star(7)), 0.0);
        // a ring lattice: 3(k − 2) / 4(k − 1)
        for k in [4, 6, 8] {
            let expected = 3.0 * (k as f64 - 2.0) / (4.0 * (k as f64 - 1.0));
            assert!((mean_clustering(&ring(40, k)) - expected).abs() < 1e-15, "{k}");
        }
        assert_eq!(mean_clustering(&WeightedGraph::new(Array2::zeros((3, 3)).view()).unwrap()), 0.0);
    }

    #[test]
    fn equals_counting_triangles_one_by_one() {
        let graph = random(15, 0.5, 3);
        let (w, found) = (graph.weights(), clustering(&graph));
        let largest = w.iter().copied().fold(0.0, f64::max);
        for i in 0..15 {
            let degree = graph.degrees()[i] as f64;
            let mut sum = 0.0;
            for j in 0..15 {
                for k in 0..j {
                    sum += 2.0 * (w[[i, j]] * w[[j, k]] * w[[k, i]] / largest.powi(3)).cbrt();
                }
            }
            assert!((found[i] - sum / (degree * (degree - 1.0))).abs() < 1e-14);
        }
    }
}
