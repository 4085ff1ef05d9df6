//! Networks: measures of undirected weighted graphs, and graphs of the same degrees to hold them against.
//!
//! A graph is a matrix of weights between 0 ("no edge") and, usually, 1 ("as strong as can be"). Where a path is
//! measured the length of an edge is the reciprocal of its weight. For formulas and their meaning in brains see Rubinov &
//! Sporns 2010, 10.1016/j.neuroimage.2009.10.003.

mod clustering;
mod modularity;
mod paths;
mod rewire;
mod small_world;
mod summary;
mod weighted;

pub use clustering::{clustering, mean_clustering};
pub use modularity::{Communities, communities, modularity};
pub use paths::{
    distances, global_efficiency, harmonic_path_length, local_efficiency, nodal_efficiency, path_length,
};
pub use rewire::{SWAPS_PER_EDGE, rewired};
pub use small_world::{NullGraph, null_graph, small_worldness};
pub use summary::{GraphSummary, area_under};
pub use weighted::WeightedGraph;
