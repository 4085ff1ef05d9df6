//! All measures of a graph.

use super::{
    Communities, WeightedGraph, clustering, communities, global_efficiency, harmonic_path_length,
    local_efficiency, path_length,
};
use crate::{Error, Result};

/// All measures of a graph but those that need other graphs.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphSummary {
    /// Share of the possible edges that there are.
    pub density: f64,
    /// Sum of the weights of each node's edges.
    pub strength: Vec<f64>,
    /// [`clustering`] of each node.
    pub clustering: Vec<f64>,
    /// [`local_efficiency`] of each node.
    pub local_efficiency: Vec<f64>,
    /// [`global_efficiency`].
    pub global_efficiency: f64,
    /// [`path_length`]; `None` where the graph falls into parts.
    pub path_length: Option<f64>,
    /// [`harmonic_path_length`]; `None` without an edge.
    pub harmonic_path_length: Option<f64>,
    /// [`communities`] of the nodes.
    pub communities: Communities,
}

impl GraphSummary {
    /// Of a graph; `seed` is that of the search for communities.
    #[must_use]
    pub fn of(graph: &WeightedGraph, seed: u64) -> Self {
        Self {
            density: graph.density(),
            strength: graph.strengths().to_vec(),
            clustering: clustering(graph).to_vec(),
            local_efficiency: local_efficiency(graph),
            global_efficiency: global_efficiency(graph),
            path_length: path_length(graph),
            harmonic_path_length: harmonic_path_length(graph),
            communities: communities(graph, seed),
        }
    }
}

impl GraphSummary {
    /// Measures of the network as a whole by name, means over nodes where nodes have their own; `small_worldness` as it
    /// was found.
    #[must_use]
    pub fn whole(&self, small_worldness: Option<f64>) -> [(&'static str, Option<f64>); 9] {
        let mean = |values: &[f64]| crate::stats::mean(values);
        [
            ("density", Some(self.density)),
            ("strength", mean(&self.strength)),
            ("clustering", mean(&self.clustering)),
            ("path_length", self.path_length),
            ("harmonic_path_length", self.harmonic_path_length),
            ("global_efficiency", Some(self.global_efficiency)),
            ("local_efficiency", mean(&self.local_efficiency)),
            ("modularity", Some(self.communities.modularity)),
            ("small_worldness", small_worldness),
        ]
    }
}

/// Area under a measure over densities by trapezoids: one number for a sweep over thresholds, none of which is right.
///
/// # Errors
/// [`Error::Shape`] when values and densities differ in number, [`Error::TooShort`] below two, [`Error::Invalid`] when
/// densities do not ascend.
///
/// ```
/// use dosewave_numerics::graph::area_under;
/// assert!((area_under(&[0.1, 0.2, 0.3], &[1.0, 2.0, 4.0]).unwrap() - 0.45).abs() < 1e-15);
/// ```
pub fn area_under(densities: &[f64], values: &[f64]) -> Result<f64> {
    if densities.len() != values.len() {
        return Err(Error::Shape {
            what: "values over densities",
            expected: densities.len(),
            got: values.len(),
        });
    }
    if densities.len() < 2 {
        return Err(Error::TooShort { what: "densities of a sweep", got: densities.len(), need: 2 });
    }
    if densities.windows(2).any(|w| w[0] >= w[1] || w[0].is_nan() || w[1].is_nan()) {
        let value = format!("{densities:?}");
        return Err(Error::Invalid {
            parameter: "densities",
            value,
            allowed: "each above the one before".into(),
        });
    }
    let steps = densities.windows(2).zip(values.windows(2));
    Ok(steps.map(|(x, y)| 0.5 * (y[0] + y[1]) * (x[1] - x[0])).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_ascend() {
        assert!(matches!(area_under(&[0.1], &[1.0]), Err(Error::TooShort { .. })));
        assert!(matches!(area_under(&[0.1, 0.1], &[1.0, 2.0]), Err(Error::Invalid { .. })));
        assert!(matches!(area_under(&[0.1, 0.2], &[1.0]), Err(Error::Shape { .. })));
    }
}
