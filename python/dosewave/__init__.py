"""EEG before and after a drug: trustworthy markers on a time axis that starts at the dose.

>>> import dosewave as dw
>>> rec = dw.read("pre.edf")                                  # doctest: +SKIP
>>> res = dw.compare("pre.edf", "post.edf")                   # doctest: +SKIP
>>> res.contrasts                                             # doctest: +SKIP

Arrays are numpy ``float64``; voltages are microvolts everywhere.
"""

from ._arrays import (
    SignedRank,
    SpectralConnectivity,
    band_power,
    psd_multitaper,
    psd_periodogram,
    psd_welch,
    spectral_connectivity,
    wilcoxon,
)
from ._clean import Artifact, BadChannels, Cleaning, Components, FoundComponent
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
from ._mne import from_mne
from ._native import ReadError, __version__
from ._recording import BandEnvelope, Epochs, Recording, Spectrum, read
from ._results import Results, compare, config_default, marker_kinds, markers
from ._spectral import AperiodicFit, Bursts, Irasa, TimeFrequency, aperiodic, bursts, irasa, time_frequency

__all__ = [
    "AperiodicFit",
    "Artifact",
    "BadChannels",
    "BandEnvelope",
    "Bursts",
    "Cleaning",
    "Components",
    "EnvelopeCorrelation",
    "Epochs",
    "FoundComponent",
    "Irasa",
    "MultivariateConnectivity",
    "PhaseSlope",
    "ReadError",
    "Recording",
    "Results",
    "SignedRank",
    "SpectralConnectivity",
    "Spectrum",
    "TimeFrequency",
    "__version__",
    "aperiodic",
    "band_power",
    "bursts",
    "compare",
    "config_default",
    "envelope_correlation",
    "from_mne",
    "irasa",
    "lagged_coherence",
    "lagged_connectivity",
    "marker_kinds",
    "markers",
    "phase_slope_index",
    "psd_multitaper",
    "psd_periodogram",
    "psd_welch",
    "read",
    "spectral_connectivity",
    "spectral_connectivity_multivariate",
    "time_frequency",
    "wilcoxon",
]
