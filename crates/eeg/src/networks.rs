//! Networks over thresholds and over subjects: the kernels, spread over threads.

use crate::{Error, Result, parallel};
use dosewave_numerics::graph::{
    GraphSummary, NullGraph, WeightedGraph, area_under, clustering, communities, harmonic_path_length,
    nodal_efficiency, null_graph, small_worldness,
};
use dosewave_numerics::stats::{NetworkResult, NetworkTest};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Nulls of the same degrees for small-worldness.
const N_NULLS: u32 = 1000;

/// How [`graph_measures`] looks at a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphParams {
    /// Shares of the possible edges to keep, the strongest ones, ascending; empty for the network as it is.
    pub densities: Vec<f64>,
    /// Graphs of the same degrees that small-worldness is held against; 0 for none.
    pub n_nulls: u32,
    /// Of the nulls and of the search for communities.
    pub seed: u64,
}

impl Default for GraphParams {
    /// 10 to 30 % of the edges in steps of 5 %, 1000 nulls each.
    fn default() -> Self {
        Self { densities: vec![0.1, 0.15, 0.2, 0.25, 0.3], n_nulls: N_NULLS, seed: 0 }
    }
}

/// A network at one or more thresholds.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphMeasures {
    /// At each density, in the order asked; one where none was asked.
    pub graphs: Vec<GraphSummary>,
    /// Small-worldness at each; `None` without nulls and where it is undefined.
    pub small_worldness: Vec<Option<f64>>,
    /// Names of the measures of the network as a whole, and for each its values over densities.
    pub values: Vec<(&'static str, Vec<Option<f64>>)>,
    /// Area under each of these over densities; `None` where a value is missing or there are fewer than two densities.
    pub area: Vec<Option<f64>>,
}

/// Measures of a network of connectivities `[node, node]`, over proportional thresholds. Any threshold is a choice: the
/// areas over all of them, [`GraphMeasures::area`], hang on none (Ginestet et al. 2011, 10.1371/journal.pone.0021570). Report
/// mean strength and density beside them, since all other measures follow these.
///
/// # Errors
/// [`Error::Kernel`] for weights that are negative, not symmetric or not finite, for densities that do not ascend or that
/// are not there.
///
/// ```
/// use dosewave_eeg::{GraphParams, graph_measures};
/// // two groups that are strongly connected within
/// let weights = ndarray::Array2::from_shape_fn((20, 20), |(i, j)| if i / 10 == j / 10 { 0.9 } else { 0.1 });
/// let params = GraphParams { densities: vec![0.2, 0.4], n_nulls: 10, seed: 0 };
/// let found = graph_measures(weights.view(), &params).unwrap();
/// assert_eq!(found.graphs[1].communities.of_node[..10], [0; 10]);
/// assert!(found.small_worldness[1].unwrap() > 1.0);
/// ```
pub fn graph_measures(weights: ArrayView2<'_, f64>, params: &GraphParams) -> Result<GraphMeasures> {
    let graph = WeightedGraph::new(weights)?;
    let graphs = if params.densities.is_empty() {
        vec![graph]
    } else {
        params.densities.iter().map(|density| Ok(graph.strongest(*density)?)).collect::<Result<_>>()?
    };
    let summaries = parallel::map(graphs.len(), |i| GraphSummary::of(&graphs[i], params.seed));
    let sigmas: Vec<Option<f64>> = graphs.iter().map(|graph| sigma(graph, params)).collect();
    let rows: Vec<_> = summaries.iter().zip(&sigmas).map(|(graph, sigma)| graph.whole(*sigma)).collect();
    let names = rows.first().map(|row| row.map(|(name, _)| name)).unwrap_or_default();
    let values: Vec<(&str, Vec<Option<f64>>)> = names
        .iter()
        .enumerate()
        .map(|(k, name)| (*name, rows.iter().map(|row| row[k].1).collect()))
        .collect();
    let area = values.iter().map(|(_, values)| area(&params.densities, values)).collect::<Result<_>>()?;
    Ok(GraphMeasures { graphs: summaries, small_worldness: sigmas, values, area })
}

/// One measure of a network, for [`network_sweep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkMeasure {
    /// Sum of the weights of each node's edges.
    Strength,
    /// Weighted clustering of each node ([`clustering`]).
    Clustering,
    /// Efficiency of each node ([`nodal_efficiency`]); its mean over nodes is the global efficiency.
    Efficiency,
    /// Harmonic path length of the network ([`harmonic_path_length`]).
    PathLength,
    /// Modularity of the best division that was found ([`communities`]).
    Modularity,
    /// Small-worldness against graphs of the same degrees ([`small_worldness`]).
    SmallWorldness,
}

impl NetworkMeasure {
    /// Whether every node has a value; otherwise the network has one.
    #[must_use]
    pub fn has_nodes(self) -> bool {
        matches!(self, Self::Strength | Self::Clustering | Self::Efficiency)
    }

    /// Of each node, or of the network as a whole; NaN where it is undefined.
    fn of(self, graph: &WeightedGraph, params: &GraphParams) -> Array1<f64> {
        let whole = |value: Option<f64>| Array1::from_elem(1, value.unwrap_or(f64::NAN));
        match self {
            Self::Strength => graph.strengths(),
            Self::Clustering => clustering(graph),
            Self::Efficiency => nodal_efficiency(graph),
            Self::PathLength => whole(harmonic_path_length(graph)),
            Self::Modularity => whole(Some(communities(graph, params.seed).modularity)),
            Self::SmallWorldness => whole(sigma(graph, params)),
        }
    }
}

/// One measure of many networks, averaged over proportional thresholds: `[network, node]`, or `[network, 1]` for what a
/// network has as a whole; NaN where it is undefined at one of the thresholds.
///
/// The average is the area under the measure over densities ([`area_under`]) divided by their range, so that it reads as
/// the measure itself; at one density it is the value there. Path lengths are harmonic, so that a thin network that falls
/// into parts has one.
///
/// # Errors
/// As [`graph_measures`]; [`Error::Invalid`] without a density.
///
/// ```
/// use dosewave_eeg::{GraphParams, NetworkMeasure, network_sweep};
/// // every node is as close to every other: 0.4 at all thresholds that keep the graph whole
/// let whole = ndarray::Array2::from_elem((8, 8), 0.4);
/// let params = GraphParams { densities: vec![1.0], ..GraphParams::default() };
/// let found = network_sweep(&[whole], NetworkMeasure::Efficiency, &params).unwrap();
/// assert!(found.iter().all(|e| (e - 0.4).abs() < 1e-15));
/// ```
pub fn network_sweep(
    networks: &[Array2<f64>],
    measure: NetworkMeasure,
    params: &GraphParams,
) -> Result<Array2<f64>> {
    let n_nodes = networks.first().map_or(0, Array2::nrows);
    let n_columns = if measure.has_nodes() { n_nodes } else { 1 };
    let rows = parallel::try_map(networks.len(), |k| {
        if networks[k].nrows() != n_nodes {
            let (expected, got) = (n_nodes.to_string(), networks[k].nrows().to_string());
            return Err(Error::Shape { what: "nodes of networks that are compared", expected, got });
        }
        one_sweep(networks[k].view(), measure, params)
    })?;
    let mut values = Array2::zeros((networks.len(), n_columns));
    for (mut out, row) in values.outer_iter_mut().zip(&rows) {
        out.assign(row);
    }
    Ok(values)
}

/// [`network_sweep`] of one network.
fn one_sweep(
    weights: ArrayView2<'_, f64>,
    measure: NetworkMeasure,
    params: &GraphParams,
) -> Result<Array1<f64>> {
    let graph = WeightedGraph::new(weights)?;
    let densities = &params.densities;
    let at_each: Vec<Array1<f64>> = densities
        .iter()
        .map(|density| Ok(measure.of(&graph.strongest(*density)?, params)))
        .collect::<Result<_>>()?;
    let (Some(first), Some(low), Some(high)) = (at_each.first(), densities.first(), densities.last()) else {
        let allowed = "at least one share of the edges".into();
        return Err(Error::Invalid { parameter: "densities", value: "none".into(), allowed });
    };
    if at_each.len() == 1 {
        return Ok(first.clone());
    }
    let mean = |node: usize| -> Result<f64> {
        let values: Vec<f64> = at_each.iter().map(|values| values[node]).collect();
        Ok(area_under(densities, &values)? / (high - low))
    };
    (0..first.len()).map(mean).collect()
}

fn sigma(graph: &WeightedGraph, params: &GraphParams) -> Option<f64> {
    if params.n_nulls == 0 {
        return None;
    }
    let nulls = parallel::map(params.n_nulls as usize, |index| null_graph(graph, params.seed, index as u64));
    small_worldness(&NullGraph::of(graph), &nulls)
}

fn area(densities: &[f64], values: &[Option<f64>]) -> Result<Option<f64>> {
    let known: Option<Vec<f64>> = values.iter().copied().collect();
    match known {
        Some(known) if densities.len() > 1 => Ok(Some(area_under(densities, &known)?)),
        _ => Ok(None),
    }
}

/// All permutations of a test of the edges of a network, and its p-values.
///
/// # Errors
/// [`Error::Invalid`] for a test that was not told its permutations.
pub fn permute_network(test: &NetworkTest) -> Result<NetworkResult> {
    let n = test.n_permutations();
    if n == 0 {
        let (value, allowed) = ("0".into(), "at least 1".into());
        return Err(Error::Invalid { parameter: "n_permutations", value, allowed });
    }
    let largest = parallel::map(n as usize, |index| test.largest(index as u64));
    Ok(test.finish(&largest)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_numerics::stats::{Design, EdgeStatistic, EdgeValues, Stream, Tail};

    fn weights() -> Array2<f64> {
        let mut stream = Stream::new(4, 0);
        let mut weights = Array2::zeros((15, 15));
        for i in 0..15 {
            for j in 0..i {
                weights[[i, j]] = stream.uniform();
                weights[[j, i]] = weights[[i, j]];
            }
        }
        weights
    }

    fn params(densities: &[f64], n_nulls: u32) -> GraphParams {
        GraphParams { densities: densities.to_vec(), n_nulls, seed: 1 }
    }

    #[test]
    fn each_density_is_measured_as_if_alone_and_the_area_is_over_all() {
        let sweep = graph_measures(weights().view(), &params(&[0.2, 0.3, 0.5], 20)).unwrap();
        let alone = graph_measures(weights().view(), &params(&[0.3], 20)).unwrap();
        assert_eq!(
            (&sweep.graphs[1], sweep.small_worldness[1]),
            (&alone.graphs[0], alone.small_worldness[0])
        );
        assert!(alone.area.iter().all(Option::is_none));
        let place = sweep.values.iter().position(|(name, _)| *name == "global_efficiency").unwrap();
        let e: Vec<f64> = sweep.graphs.iter().map(|graph| graph.global_efficiency).collect();
        let expected = 0.05 * (e[0] + e[1]) + 0.1 * (e[1] + e[2]);
        assert!((sweep.area[place].unwrap() - expected).abs() < 1e-14);
        // a thin graph that falls into parts has no path length, and so no area under it
        let thin = graph_measures(weights().view(), &params(&[0.05, 0.5], 0)).unwrap();
        let place = thin.values.iter().position(|(name, _)| *name == "path_length").unwrap();
        assert_eq!((thin.values[place].1[0], thin.area[place]), (None, None));
    }

    #[test]
    fn without_densities_it_is_the_network_as_it_is() {
        let whole = graph_measures(weights().view(), &params(&[], 0)).unwrap();
        assert_eq!((whole.graphs.len(), whole.graphs[0].density, whole.small_worldness[0]), (1, 1.0, None));
        let descending = graph_measures(weights().view(), &params(&[0.3, 0.2], 0)).unwrap_err().to_string();
        assert!(descending.contains("densities"), "{descending}");
    }

    /// The sweep is the area of [`graph_measures`] over the range of densities, and of nodes as of the whole.
    #[test]
    fn a_sweep_is_the_area_by_its_width() {
        use NetworkMeasure::*;
        let params = params(&[0.2, 0.3, 0.5], 20);
        let all = graph_measures(weights().view(), &params).unwrap();
        let area = |name: &str| {
            let place = all.values.iter().position(|(known, _)| *known == name).unwrap();
            all.area[place].unwrap() / (0.5 - 0.2)
        };
        let names = [
            (Strength, "strength"),
            (Clustering, "clustering"),
            (Efficiency, "global_efficiency"),
            (PathLength, "harmonic_path_length"),
            (Modularity, "modularity"),
            (SmallWorldness, "small_worldness"),
        ];
        for (measure, name) in names {
            let found = network_sweep(&[weights(), weights()], measure, &params).unwrap();
            assert_eq!(found.dim(), (2, if measure.has_nodes() { 15 } else { 1 }));
            assert_eq!(found.row(0), found.row(1), "{name}");
            let mean = found.row(0).sum() / found.ncols() as f64;
            assert!((mean - area(name)).abs() < 1e-12, "{name}: {mean} {}", area(name));
        }
        assert!(network_sweep(&[weights()], Strength, &GraphParams { densities: vec![], ..params }).is_err());
        let other = Array2::zeros((3, 3));
        assert!(network_sweep(&[weights(), other], Strength, &GraphParams::default()).is_err());
    }

    /// Two cliques without an edge between, a ring lattice, a complete graph.
    #[test]
    fn known_networks_have_their_measures() {
        use NetworkMeasure::*;
        let one = |weights: &Array2<f64>, measure, densities: &[f64]| {
            network_sweep(std::slice::from_ref(weights), measure, &params(densities, 50)).unwrap()[[0, 0]]
        };
        // 2 · C(8, 2) of C(16, 2) edges are within
        let cliques = Array2::from_shape_fn((16, 16), |(i, j)| if i / 8 == j / 8 { 0.5 } else { 0.0 });
        let within = 56.0 / 120.0;
        assert!((one(&cliques, Modularity, &[within, 1.0]) - 0.5).abs() < 1e-12);
        assert!((one(&cliques, Clustering, &[within]) - 1.0).abs() < 1e-12);
        assert!((one(&cliques, Efficiency, &[within]) - 0.5 * 7.0 / 15.0).abs() < 1e-12);
        assert!((one(&cliques, PathLength, &[within]) - 15.0 / (0.5 * 7.0)).abs() < 1e-12);
        assert!((one(&cliques, Strength, &[within]) - 3.5).abs() < 1e-12);
        // each with three neighbours on either side: clustered, and longer than a random graph of these degrees
        let ring = Array2::from_shape_fn((40, 40), |(i, j)| {
            f64::from(u8::from(i != j && (i + 40 - j + 3) % 40 <= 6))
        });
        assert!((one(&ring, Clustering, &[1.0]) - 0.6).abs() < 1e-12);
        assert!(one(&ring, SmallWorldness, &[1.0]) > 2.0);
        let whole = Array2::from_elem((16, 16), 0.25);
        for (measure, expected) in
            [(Strength, 3.75), (Clustering, 1.0), (Efficiency, 0.25), (PathLength, 4.0), (Modularity, 0.0)]
        {
            assert!((one(&whole, measure, &[1.0]) - expected).abs() < 1e-12, "{measure:?}");
        }
        assert!((one(&whole, SmallWorldness, &[1.0]) - 1.0).abs() < 1e-12);
    }

    fn test() -> NetworkTest {
        let edges: Vec<(usize, usize)> = (0..6).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        let mut stream = Stream::new(2, 0);
        let values = Array2::from_shape_simple_fn((20, edges.len()), || stream.normal());
        let values = EdgeValues::new(values.view(), Design::OneSample).unwrap();
        let statistic = EdgeStatistic::Tfce { extent: 0.5, height: 2.0 };
        NetworkTest::new((6, &edges), values, statistic, Tail::Both).unwrap()
    }

    #[test]
    fn permutations_have_to_be_asked_for() {
        assert!(matches!(permute_network(&test()), Err(Error::Invalid { .. })));
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let networks = permute_network(&test().permuted(300, 1)).unwrap();
                let params = params(&[0.2, 0.4], 30);
                let sweep = network_sweep(&[weights()], NetworkMeasure::SmallWorldness, &params).unwrap();
                (networks, graph_measures(weights().view(), &params).unwrap(), sweep)
            })
        };
        assert_eq!(with(1), with(4));
    }
}
