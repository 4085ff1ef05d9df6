//! How a graph falls into communities.

use super::WeightedGraph;
use crate::stats::Stream;
use crate::{Error, Result};
use ndarray::Array2;

/// Starts of the search, each in another order of the nodes; the best is kept.
const STARTS: u64 = 10;
/// A gain in modularity that counts.
const LEAST_GAIN: f64 = 1e-12;

/// Nodes by community.
#[derive(Clone, Debug, PartialEq)]
pub struct Communities {
    /// Number of the community of each node, counted in the order of their first nodes.
    pub of_node: Vec<usize>,
    /// [`modularity`] of this division.
    pub modularity: f64,
}

/// Newman's modularity of a division, `Q = 1/2m·Σ_ij (w_ij − s_i·s_j/2m)` over pairs of nodes of the same community
/// (`s` strengths, `2m` their sum): the share of the weight within communities above what chance puts there (Newman 2004,
/// 10.1103/PhysRevE.70.056131). 0 without an edge.
///
/// # Errors
/// [`Error::Shape`] when nodes and communities differ in number.
///
/// ```
/// use dosewave_numerics::graph::{WeightedGraph, modularity};
/// let two_pairs = ndarray::array![
///     [0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0],
/// ];
/// let graph = WeightedGraph::new(two_pairs.view()).unwrap();
/// assert_eq!(modularity(&graph, &[0, 0, 1, 1]), Ok(0.5));
/// assert_eq!(modularity(&graph, &[0, 0, 0, 0]), Ok(0.0));
/// ```
pub fn modularity(graph: &WeightedGraph, of_node: &[usize]) -> Result<f64> {
    if of_node.len() != graph.n_nodes() {
        let (expected, got) = (graph.n_nodes(), of_node.len());
        return Err(Error::Shape { what: "communities of nodes", expected, got });
    }
    Ok(modularity_of(&graph.weights().to_owned(), of_node))
}

/// With loops counted as they stand on the diagonal, twice each edge within a node.
fn modularity_of(weights: &Array2<f64>, of_node: &[usize]) -> f64 {
    let strengths = weights.sum_axis(ndarray::Axis(1));
    let total = strengths.sum();
    if total == 0.0 {
        return 0.0;
    }
    let within = weights.indexed_iter().filter(|((i, j), _)| of_node[*i] == of_node[*j]);
    within.map(|((i, j), weight)| weight - strengths[i] * strengths[j] / total).sum::<f64>() / total
}

/// Communities of high modularity by the method of Louvain (Blondel et al. 2008, 10.1088/1742-5468/2008/10/P10008): nodes
/// move to the neighbouring community that gains most until none gains, communities become nodes, and so on. The best of
/// ten seeded orders of the nodes. The greatest modularity of all divisions is hard to know; this is a lower bound.
///
/// ```
/// use dosewave_numerics::graph::{WeightedGraph, communities};
/// // two groups of four, joined by one edge
/// let mut weights = ndarray::Array2::from_shape_fn((8, 8), |(i, j)| f64::from(u8::from(i / 4 == j / 4 && i != j)));
/// weights[[3, 4]] = 1.0;
/// weights[[4, 3]] = 1.0;
/// let found = communities(&WeightedGraph::new(weights.view()).unwrap(), 0);
/// assert_eq!(found.of_node, [0, 0, 0, 0, 1, 1, 1, 1]);
/// ```
#[must_use]
pub fn communities(graph: &WeightedGraph, seed: u64) -> Communities {
    let weights = graph.weights().to_owned();
    let mut best = Communities { of_node: vec![0; graph.n_nodes()], modularity: 0.0 };
    for start in 0..STARTS {
        let of_node = in_order(louvain(&weights, &mut Stream::new(seed, start)));
        let modularity = modularity_of(&weights, &of_node);
        if modularity > best.modularity + LEAST_GAIN {
            best = Communities { of_node, modularity };
        }
    }
    best
}

fn louvain(weights: &Array2<f64>, stream: &mut Stream) -> Vec<usize> {
    let mut of_node: Vec<usize> = (0..weights.nrows()).collect();
    let mut merged = weights.clone();
    loop {
        let moved = in_order(move_nodes(&merged, stream));
        let n_communities = moved.iter().max().map_or(0, |last| last + 1);
        for community in &mut of_node {
            *community = moved[*community];
        }
        if n_communities == merged.nrows() {
            return of_node;
        }
        let mut smaller = Array2::zeros((n_communities, n_communities));
        for ((i, j), weight) in merged.indexed_iter() {
            smaller[[moved[i], moved[j]]] += weight;
        }
        merged = smaller;
    }
}

/// Nodes, each its own community at first, go where they gain, in rounds until none does.
fn move_nodes(weights: &Array2<f64>, stream: &mut Stream) -> Vec<usize> {
    let n = weights.nrows();
    let strengths = weights.sum_axis(ndarray::Axis(1));
    let total = strengths.sum();
    let mut of_node: Vec<usize> = (0..n).collect();
    if total == 0.0 {
        return of_node;
    }
    let mut strength_of = strengths.to_vec();
    let mut order: Vec<usize> = (0..n).collect();
    stream.shuffle(&mut order);
    loop {
        let mut any = false;
        for &node in &order {
            let old = of_node[node];
            strength_of[old] -= strengths[node];
            let mut towards = vec![0.0; n];
            for (other, weight) in weights.row(node).iter().enumerate().filter(|(other, _)| *other != node) {
                towards[of_node[other]] += weight;
            }
            let gain = |to: usize| (towards[to] - strength_of[to] * strengths[node] / total) / total;
            let mut best = old;
            for to in (0..n).filter(|to| towards[*to] > 0.0) {
                if gain(to) > gain(best) + LEAST_GAIN {
                    best = to;
                }
            }
            of_node[node] = best;
            strength_of[best] += strengths[node];
            any |= best != old;
        }
        if !any {
            return of_node;
        }
    }
}

/// Communities numbered in the order of their first nodes.
fn in_order(of_node: Vec<usize>) -> Vec<usize> {
    let mut names: Vec<usize> = Vec::new();
    let number = |community: usize| match names.iter().position(|name| *name == community) {
        Some(number) => number,
        None => {
            names.push(community);
            names.len() - 1
        }
    };
    of_node.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::super::weighted::known::{complete, random, ring};
    use super::*;

    /// Every division of a few nodes, by the community of each.
    fn best_of_all(graph: &WeightedGraph) -> f64 {
        let n = graph.n_nodes();
        let mut best = f64::NEG_INFINITY;
        for mut code in 0..n.pow(n as u32) {
            let of_node: Vec<usize> = (0..n)
                .map(|_| {
                    let community = code % n;
                    code /= n;
                    community
                })
                .collect();
            best = best.max(modularity(graph, &of_node).unwrap());
        }
        best
    }

    #[test]
    fn finds_the_best_division_of_small_graphs() {
        for seed in 0..10 {
            let graph = random(6, 0.5, seed);
            let found = communities(&graph, 1);
            assert!((found.modularity - best_of_all(&graph)).abs() < 1e-12, "{seed}");
            assert_eq!(modularity(&graph, &found.of_node), Ok(found.modularity));
        }
    }

    #[test]
    fn known_graphs() {
        // a whole is no better divided
        assert_eq!(communities(&complete(6, 0.4), 0).of_node, [0; 6]);
        // 30 cliques of five in a ring, joined by single edges: modularity is highest for pairs of cliques, each with 21
        // of the 330 edges within (Fortunato & Barthélemy 2007, 10.1073/pnas.0605965104)
        let mut edges: Vec<(usize, usize, f64)> = Vec::new();
        for clique in 0..30 {
            for i in 0..5 {
                edges.extend((0..i).map(|j| (5 * clique + i, 5 * clique + j, 1.0)));
            }
            edges.push((5 * clique, (5 * clique + 5) % 150 + 1, 1.0));
        }
        let found = communities(&WeightedGraph::from_edges(150, &edges), 0);
        let pairs: f64 = 15.0 * (21.0 / 330.0) - 1.0 / 15.0;
        assert!((found.modularity - pairs).abs() < 0.002, "{} {pairs}", found.modularity);
        assert!(communities(&ring(30, 4), 2).modularity > 0.5);
    }

    #[test]
    fn the_same_seed_gives_the_same_division() {
        let graph = random(40, 0.2, 9);
        assert_eq!(communities(&graph, 5), communities(&graph, 5));
        let doubled = WeightedGraph::new((&graph.weights() * 2.0).view()).unwrap();
        assert!((communities(&doubled, 5).modularity - communities(&graph, 5).modularity).abs() < 1e-12);
    }

    #[test]
    fn without_an_edge_nothing_belongs_together() {
        let none = WeightedGraph::new(Array2::zeros((3, 3)).view()).unwrap();
        assert_eq!(communities(&none, 0).modularity, 0.0);
        assert!(matches!(modularity(&none, &[0, 1]), Err(Error::Shape { .. })));
    }
}
