//! Weighted clustering of the network.

use crate::network_marker::network_marker;

network_marker! {
    /// Weighted clustering coefficient, how often the neighbours of a channel are neighbours of each other; 0 to 1.
    ///
    /// ```math
    /// C_i = \frac{1}{k_i (k_i - 1)} \sum_{jk} (\hat w_{ij} \hat w_{jk} \hat w_{ki})^{1/3}, \quad \hat w = w / \max w
    /// ```
    ///
    /// The network has a node for each channel and the debiased wPLI (squared; negative ones are no edge) of a band for
    /// weights; of these the strongest are kept, `densities` of all possible ones. The value is the mean over densities: the
    /// area under the curve divided by its range, since no threshold is right (Ginestet et al. 2011,
    /// <https://doi.org/10.1371/journal.pone.0021570>).
    ///
    /// `k` is the number of edges of a channel; with fewer than two it is 0. `global` and regions are means over their channels;
    /// every channel is a site. The scale of the weights does not matter. Offered as `net_clustering.alpha` and so on. Onnela et
    /// al. 2005, <https://doi.org/10.1103/PhysRevE.71.065103>.
    NetClustering,
    kind: "net_clustering",
    measure: Clustering,
    also: {},
    label: "Weighted clustering",
    description: "Mean intensity of the triangles around a channel, the largest weight being 1. Network of debiased wPLI in a band, the strongest 10 to 30 % of edges kept, mean over these thresholds; global and regions: mean over channels.",
    formula: r"C_i = \frac{1}{k_i (k_i - 1)} \sum_{jk} (\hat w_{ij} \hat w_{jk} \hat w_{ki})^{1/3}, \quad \hat w = w / \max w",
    reference: "Onnela JP, Saramaki J, Kertesz J, Kaski K (2005). Intensity and coherence of motifs in weighted complex networks. Physical Review E 71, 065103",
    doi: "10.1103/PhysRevE.71.065103",
}
