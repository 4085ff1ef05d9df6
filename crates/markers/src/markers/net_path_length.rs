//! Path length of the network.

use crate::network_marker::network_marker;

network_marker! {
    /// Path length, how long the shortest paths between channels are; in the reciprocal unit of the weights.
    ///
    /// ```math
    /// L = \left( \frac{1}{n (n - 1)} \sum_{i \ne j} \frac{1}{d_{ij}} \right)^{-1}
    /// ```
    ///
    /// The network has a node for each channel and the debiased wPLI (squared; negative ones are no edge) of a band for
    /// weights; of these the strongest are kept, `densities` of all possible ones. The value is the mean over densities: the
    /// area under the curve divided by its range, since no threshold is right (Ginestet et al. 2011,
    /// <https://doi.org/10.1371/journal.pone.0021570>).
    ///
    /// `d` is the length of the shortest path, an edge of weight `w` being `1/w` long. The mean is harmonic, so that a thin network
    /// that falls into parts has one. The only site is `global`. It falls as the weights grow. Offered as `net_path_length.alpha`
    /// and so on. Newman 2003, <https://doi.org/10.1137/S003614450342480>.
    NetPathLength,
    kind: "net_path_length",
    measure: PathLength,
    also: {},
    label: "Path length",
    description: "Harmonic mean of the lengths of the shortest paths between all channels. Network of debiased wPLI in a band, the strongest 10 to 30 % of edges kept, mean over these thresholds. Falls as the weights grow.",
    formula: r"L = \left( \frac{1}{n (n - 1)} \sum_{i \ne j} \frac{1}{d_{ij}} \right)^{-1}",
    reference: "Newman MEJ (2003). The structure and function of complex networks. SIAM Review 45, 167-256",
    doi: "10.1137/S003614450342480",
}
