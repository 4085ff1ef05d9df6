//! Modularity of the network.

use crate::network_marker::network_marker;

network_marker! {
    /// Modularity, how much more of the weight lies within communities of channels than chance puts there; below 1.
    ///
    /// ```math
    /// Q = \frac{1}{2m} \sum_{ij} \left( w_{ij} - \frac{s_i s_j}{2m} \right) \delta(c_i, c_j)
    /// ```
    ///
    /// The network has a node for each channel and the debiased wPLI (squared; negative ones are no edge) of a band for
    /// weights; of these the strongest are kept, `densities` of all possible ones. The value is the mean over densities: the
    /// area under the curve divided by its range, since no threshold is right (Ginestet et al. 2011,
    /// <https://doi.org/10.1371/journal.pone.0021570>).
    ///
    /// `s` are strengths, `2m` their sum, `c` the communities: the best division of ten searches by the method of Louvain, a lower
    /// bound of the greatest modularity. The only site is `global`. Offered as `net_modularity.alpha` and so on. Newman 2004,
    /// <https://doi.org/10.1103/PhysRevE.70.056131>; Blondel et al. 2008, <https://doi.org/10.1088/1742-5468/2008/10/P10008>.
    NetModularity,
    kind: "net_modularity",
    measure: Modularity,
    also: {
        /// Of the search for communities.
        seed: u64 = 0,
    },
    label: "Modularity",
    description: "Share of the weight within communities of channels above what chance puts there, best division of ten searches. Network of debiased wPLI in a band, the strongest 10 to 30 % of edges kept, mean over these thresholds.",
    formula: r"Q = \frac{1}{2m} \sum_{ij} \left( w_{ij} - \frac{s_i s_j}{2m} \right) \delta(c_i, c_j)",
    reference: "Newman MEJ (2004). Analysis of weighted networks. Physical Review E 70, 056131",
    doi: "10.1103/PhysRevE.70.056131",
}
