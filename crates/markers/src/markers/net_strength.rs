//! Node strength of the network.

use crate::network_marker::network_marker;

network_marker! {
    /// Node strength, how strongly a channel is coupled with all others at a lag; a pure number.
    ///
    /// ```math
    /// s_i = \sum_{j \ne i} w_{ij}
    /// ```
    ///
    /// The network has a node for each channel and the debiased wPLI (squared; negative ones are no edge) of a band for
    /// weights; of these the strongest are kept, `densities` of all possible ones. The value is the mean over densities: the
    /// area under the curve divided by its range, since no threshold is right (Ginestet et al. 2011,
    /// <https://doi.org/10.1371/journal.pone.0021570>).
    ///
    /// `global` and regions are means over their channels; every channel is a site. It is the covariate of all other measures of
    /// networks, which follow it: report it beside them. Offered as `net_strength.theta`, `.alpha`, `.beta`, `.low_gamma`,
    /// `.high_gamma`. Barrat et al. 2004, <https://doi.org/10.1073/pnas.0400087101>.
    NetStrength,
    kind: "net_strength",
    measure: Strength,
    also: {},
    label: "Node strength",
    description: "Sum of the weights of a channel's edges. Network of debiased wPLI in a band, the strongest 10 to 30 % of edges kept, mean over these thresholds; global and regions: mean over channels. Other measures of networks follow it.",
    formula: r"s_i = \sum_{j \ne i} w_{ij}",
    reference: "Barrat A, Barthelemy M, Pastor-Satorras R, Vespignani A (2004). The architecture of complex weighted networks. PNAS 101, 3747-3752",
    doi: "10.1073/pnas.0400087101",
}
