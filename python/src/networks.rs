//! Networks: numpy in, numpy out.

use crate::background;
use crate::error::Failure;
use crate::recording::from_json;
use dosewave::eeg;
use dosewave::numerics::stats::{ComponentSize, Design, EdgeStatistic, EdgeValues, NetworkTest, Tail};
use numpy::PyReadonlyArray2;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Of each density: strength, clustering, local efficiency and community of the nodes.
type Nodes = (Vec<f64>, Vec<f64>, Vec<f64>, Vec<usize>);
/// Nodes of each density; name, values over densities and area of each measure of the whole.
type Graphs = (Vec<Nodes>, Vec<(&'static str, Vec<Option<f64>>, Option<f64>)>);

/// Measures of a network over densities; settings as JSON.
#[pyfunction]
pub(crate) fn graph_measures(
    py: Python<'_>,
    weights: PyReadonlyArray2<'_, f64>,
    params: &str,
    threads: Option<usize>,
) -> PyResult<Graphs> {
    let params: eeg::GraphParams = from_json(params)?;
    let weights = weights.as_array().to_owned();
    let found = background::run(py, threads, move || Ok(eeg::graph_measures(weights.view(), &params)?))?;
    let nodes = found
        .graphs
        .into_iter()
        .map(|graph| (graph.strength, graph.clustering, graph.local_efficiency, graph.communities.of_node));
    let whole = found.values.into_iter().zip(found.area).map(|((name, values), area)| (name, values, area));
    Ok((nodes.collect(), whole.collect()))
}

/// t, statistic and p of each edge; edges, nodes, size and p of each component; permutations, whether all, smallest p.
type Network = (Vec<Vec<f64>>, Vec<(Vec<usize>, Vec<usize>, f64, f64)>, (u64, bool, f64));

/// A test of the edges of a network over subjects. `statistic` is a name with its two numbers: a threshold (and nothing),
/// or two exponents. `first` tells the members of the first group.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn network_test(
    py: Python<'_>,
    values: PyReadonlyArray2<'_, f64>,
    n_nodes: usize,
    edges: Vec<(usize, usize)>,
    first: Option<Vec<bool>>,
    statistic: (&str, f64, f64),
    tail: i8,
    n_permutations: u64,
    seed: u64,
    threads: Option<usize>,
) -> PyResult<Network> {
    let components = |size| EdgeStatistic::Components { threshold: statistic.1, size };
    let statistic = match statistic.0 {
        "extent" => components(ComponentSize::Extent),
        "intensity" => components(ComponentSize::Intensity),
        "tfce" => EdgeStatistic::Tfce { extent: statistic.1, height: statistic.2 },
        other => {
            let text = format!("statistic = '{other}'; allowed: 'extent', 'intensity', 'tfce'");
            return Err(PyValueError::new_err(text));
        }
    };
    let tail = match tail {
        0 => Tail::Both,
        1 => Tail::Greater,
        -1 => Tail::Less,
        other => return Err(PyValueError::new_err(format!("tail = {other}; allowed: 0, 1, -1"))),
    };
    let design = first.map_or(Design::OneSample, Design::TwoSample);
    let values = EdgeValues::new(values.as_array(), design).map_err(Failure::from)?;
    let test = NetworkTest::new((n_nodes, &edges), values, statistic, tail).map_err(Failure::from)?;
    let test = test.permuted(n_permutations, seed);
    let found = background::run(py, threads, move || Ok(eeg::permute_network(&test)?))?;
    let components = found.components.into_iter().map(|(part, p)| (part.edges, part.nodes, part.size, p));
    let how = (found.n_permutations, found.exact, found.smallest_p);
    Ok((vec![found.t, found.statistic, found.p], components.collect(), how))
}
