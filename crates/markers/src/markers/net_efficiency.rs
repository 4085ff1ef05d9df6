//! Efficiency of the network.

use crate::network_marker::network_marker;

network_marker! {
    /// Efficiency, how short the paths from a channel to all others are; in the unit of the weights.
    ///
    /// ```math
    /// E_i = \frac{1}{n - 1} \sum_{j \ne i} \frac{1}{d_{ij}}
    /// ```
    ///
    /// The network has a node for each channel and the debiased wPLI (squared; negative ones are no edge) of a band for
    /// weights; of these the strongest are kept, `densities` of all possible ones. The value is the mean over densities: the
    /// area under the curve divided by its range, since no threshold is right (Ginestet et al. 2011,
    /// <https://doi.org/10.1371/journal.pone.0021570>).
    ///
    /// `d` is the length of the shortest path, an edge of weight `w` being `1/w` long; what cannot be reached counts 0. `global` is
    /// the global efficiency, the mean over all channels; regions are means over theirs; every channel is a site. It grows with
    /// the weights. Offered as `net_efficiency.alpha` and so on. Latora & Marchiori 2001,
    /// <https://doi.org/10.1103/PhysRevLett.87.198701>.
    NetEfficiency,
    kind: "net_efficiency",
    measure: Efficiency,
    also: {},
    label: "Efficiency",
    description: "Mean of the reciprocals of a channel's distances to all others; global: the global efficiency. Network of debiased wPLI in a band, the strongest 10 to 30 % of edges kept, mean over these thresholds. Grows with the weights.",
    formula: r"E_i = \frac{1}{n - 1} \sum_{j \ne i} \frac{1}{d_{ij}}",
    reference: "Latora V, Marchiori M (2001). Efficient behavior of small-world networks. Physical Review Letters 87, 198701",
    doi: "10.1103/PhysRevLett.87.198701",
}
