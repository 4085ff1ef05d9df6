"""EEG before and after a drug: trustworthy markers on a time axis that starts at the dose.

>>> import dosewave as dw
>>> rec = dw.read("pre.edf")                                  # doctest: +SKIP
>>> res = dw.compare("pre.edf", "post.edf")                   # doctest: +SKIP
>>> res.contrasts                                             # doctest: +SKIP

Arrays are numpy ``float64``; voltages are microvolts everywhere.
"""

from ._arrays import (
    SignedRank,
    band_power,
    psd_multitaper,
    psd_periodogram,
    psd_welch,
    wilcoxon,
)
from ._bids import BidsLayout, bids_layout, read_bids, write_bids
from ._clean import Artifact, BadChannels, Cleaning, Components, FoundComponent
from ._connectivity import (
    SpectralConnectivity,
    sliding_connectivity,
    spectral_connectivity,
    spectral_connectivity_time,
)
from ._coupling import (
    EnvelopeCorrelation,
    MultivariateConnectivity,
    PhaseSlope,
    envelope_correlation,
    lagged_coherence,
    lagged_connectivity,
    phase_slope_index,
    spectral_connectivity_multivariate,
)
from ._directed import (
    GrangerCausality,
    SymbolicTransferEntropy,
    VarModel,
    dtf,
    granger,
    pdc,
    symbolic_transfer_entropy,
    var,
    var_order,
)
from ._mne import from_mne
from ._native import ReadError, __version__
from ._networks import (
    GraphMeasures,
    NetworkComponent,
    NetworkStatistic,
    graph_measures,
    network_based_statistic,
)
from ._recording import BandEnvelope, Epochs, Recording, Spectrum, read
from ._results import Results, compare, config_default, marker_kinds, markers
from ._spectral import AperiodicFit, Bursts, Irasa, TimeFrequency, aperiodic, bursts, irasa, time_frequency
from ._surrogates import ConnectivityNull, connectivity_surrogates, expected_connectivity

__all__ = [
    "AperiodicFit",
    "Artifact",
    "BadChannels",
    "BandEnvelope",
    "BidsLayout",
    "Bursts",
    "Cleaning",
    "Components",
    "ConnectivityNull",
    "EnvelopeCorrelation",
    "Epochs",
    "FoundComponent",
    "GrangerCausality",
    "GraphMeasures",
    "Irasa",
    "MultivariateConnectivity",
    "NetworkComponent",
    "NetworkStatistic",
    "PhaseSlope",
    "ReadError",
    "Recording",
    "Results",
    "SignedRank",
    "SpectralConnectivity",
    "Spectrum",
    "SymbolicTransferEntropy",
    "TimeFrequency",
    "VarModel",
    "__version__",
    "aperiodic",
    "band_power",
    "bids_layout",
    "bursts",
    "compare",
    "config_default",
    "connectivity_surrogates",
    "dtf",
    "envelope_correlation",
    "expected_connectivity",
    "from_mne",
    "granger",
    "graph_measures",
    "irasa",
    "lagged_coherence",
    "lagged_connectivity",
    "marker_kinds",
    "markers",
    "network_based_statistic",
    "pdc",
    "phase_slope_index",
    "psd_multitaper",
    "psd_periodogram",
    "psd_welch",
    "read",
    "read_bids",
    "sliding_connectivity",
    "spectral_connectivity",
    "spectral_connectivity_multivariate",
    "spectral_connectivity_time",
    "symbolic_transfer_entropy",
    "time_frequency",
    "var",
    "var_order",
    "wilcoxon",
    "write_bids",
]
