//! Small-worldness of the network.

use crate::network_marker::network_marker;

network_marker! {
    /// Small-worldness, whether a network is clustered as a lattice and yet short as a random one: above 1.
    ///
    /// ```math
    /// \sigma = \frac{C / C_0}{L / L_0}
    /// ```
    ///
    /// The network has a node for each channel and the debiased wPLI (squared; negative ones are no edge) of a band for
    /// weights; of these the strongest are kept, `densities` of all possible ones. The value is the mean over densities: the
    /// area under the curve divided by its range, since no threshold is right (Ginestet et al. 2011,
    /// <https://doi.org/10.1371/journal.pone.0021570>).
    ///
    /// `C` is the mean weighted clustering, `L` the harmonic path length, `C0` and `L0` their means over `n_nulls` random networks
    /// with the same degrees and weights (edges exchanged by lot, ten tries for each). Intervals and p-values, which would need
    /// as many for each draw of blocks, have `n_nulls_drawn` there; that adds a little to their width. Missing where no random
    /// network is clustered. The only site is `global`. Costly: offered as `net_small_world.alpha` and so on. Humphries & Gurney
    /// 2008, <https://doi.org/10.1371/journal.pone.0002051>; Maslov & Sneppen 2002, <https://doi.org/10.1126/science.1065103>.
    NetSmallWorld,
    kind: "net_small_world",
    measure: SmallWorldness,
    also: {
        /// Seed of the random networks.
        seed: u64 = 0,
        /// Random networks of the same degrees behind a value.
        n_nulls: u32 = 1000,
        /// The same behind each draw of an interval or a p-value.
        n_nulls_drawn: u32 = 20,
    },
    label: "Small-worldness",
    description: "Clustering over path length, each beside its mean over 1000 random networks of the same degrees. Network of debiased wPLI in a band, the strongest 10 to 30 % of edges kept, mean over these thresholds.",
    formula: r"\sigma = \frac{C / C_0}{L / L_0}",
    reference: "Humphries MD, Gurney K (2008). Network 'small-world-ness': a quantitative method for determining canonical network equivalence. PLoS ONE 3, e0002051",
    doi: "10.1371/journal.pone.0002051",
}
