"""Types of the native half; the package's own functions document them."""

from os import PathLike
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Components",
    "ReadError",
    "Recording",
    "Results",
    "aperiodic",
    "artifacts",
    "bad_channels",
    "band_power",
    "bids_layout",
    "bursts",
    "clean_resting",
    "compare",
    "components",
    "config_default",
    "connectivity_surrogates",
    "envelope_correlation",
    "envelope_correlation_analytic",
    "expected_connectivity",
    "granger",
    "granger_measures",
    "granger_time",
    "graph_measures",
    "group_interaction",
    "heart",
    "interpolate",
    "irasa",
    "knee",
    "lagged_coherence",
    "lagged_connectivity",
    "marker_kinds",
    "markers",
    "muscle_z",
    "network_test",
    "phase_slope_index",
    "portmanteau",
    "psd_multitaper",
    "psd_welch",
    "read_bids",
    "read_bytes",
    "read_path",
    "regress_eog",
    "remove_heart_field",
    "remove_line",
    "remove_muscle_cca",
    "sliding_connectivity",
    "specparam",
    "spectral_connectivity",
    "spectral_connectivity_time",
    "symbolic_transfer_entropy",
    "time_frequency",
    "var",
    "var_connectivity",
    "var_order",
    "wilcoxon",
    "without_components",
    "write_bids",
]

__version__: str

class ReadError(ValueError): ...

@final
class Recording:
    def __new__(
        cls,
        data_uv: NDArray[np.float64],
        sfreq: float,
        ch_names: list[str],
        annotations: list[tuple[float, float, str]],
        name: str,
    ) -> Recording: ...
    @property
    def sfreq(self) -> float: ...
    @property
    def ch_names(self) -> list[str]: ...
    @property
    def name(self) -> str: ...
    @property
    def data(self) -> NDArray[np.float64]: ...
    @property
    def runs(self) -> list[tuple[float, int, int]]: ...
    @property
    def annotations(self) -> list[tuple[float, float, str]]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def header_json(self) -> str: ...
    def filter(self, high_pass: float | None, low_pass: float | None, order: int | None) -> Recording: ...
    def resample(self, sfreq: float, method: str) -> Recording: ...
    def filter_notch_resample(self, steps: str) -> Recording: ...
    def laplacian(self, params: str) -> Recording: ...
    def set_reference(self, reference: str) -> Recording: ...
    def pick(self, ch_names: list[str]) -> Recording: ...
    def crop(self, from_s: float, to_s: float) -> Recording: ...
    def epochs(self, length: float, overlap: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def band_envelope(
        self, low: float, high: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str], list[tuple[int, int]]]: ...
    def welch(
        self, params: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str], list[float], list[str]]: ...
    def save(self, path: str | PathLike[str]) -> None: ...

@final
class Results:
    @property
    def json(self) -> str: ...
    @property
    def html(self) -> str: ...
    def write_report(self, path: str | PathLike[str]) -> None: ...
    def save(self, folder: str | PathLike[str]) -> None: ...

def read_path(
    path: str | PathLike[str], wanted: tuple[list[str] | None, tuple[float, float] | None, str | None]
) -> Recording: ...
def read_bytes(
    name: str,
    data: bytes,
    siblings: list[tuple[str, bytes]],
    wanted: tuple[list[str] | None, tuple[float, float] | None, str | None],
) -> Recording: ...
def bids_layout(root: str | PathLike[str]) -> str: ...
def read_bids(
    root: str | PathLike[str],
    entities: str,
    wanted: tuple[list[str] | None, tuple[float, float] | None, str | None],
) -> tuple[Recording, str]: ...
def write_bids(recording: Recording, root: str | PathLike[str], target: str) -> str: ...
def compare(
    pre: str | PathLike[str] | Recording,
    post: str | PathLike[str] | Recording | None,
    dose_at: str | None,
    toml_text: str | None,
    json_text: str | None,
    threads: int | None,
) -> Results: ...
def markers(
    recording: str | PathLike[str] | Recording,
    names: list[str] | None,
    windows: list[tuple[float, float]],
    toml_text: str | None,
    json_text: str | None,
    threads: int | None,
) -> str: ...
def config_default() -> str: ...
def marker_kinds() -> str: ...
def psd_welch(
    x: NDArray[np.float64],
    sfreq: float,
    n_fft: int,
    n_per_seg: int,
    n_overlap: int,
    window: tuple[str, float | None],
    own_window: list[float] | None,
    average: str,
    detrend: str,
    threads: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def psd_multitaper(
    x: NDArray[np.float64],
    sfreq: float,
    bandwidth: float | None,
    adaptive: bool,
    low_bias: bool,
    threads: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def band_power(
    freqs: NDArray[np.float64],
    psd: NDArray[np.float64],
    band: tuple[float, float],
    line_hz: float | None,
    half_width_hz: float,
    bins: bool,
) -> NDArray[np.float64]: ...
def knee(
    freqs: NDArray[np.float64], psd: NDArray[np.float64], robust: bool
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]], list[str | None]]: ...
def specparam(
    freqs: NDArray[np.float64], psd: NDArray[np.float64], settings: str
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]], list[str | None]]: ...
def irasa(
    x: NDArray[np.float64],
    sfreq: float,
    band: tuple[float, float],
    hset: list[float],
    win_sec: float,
    window: tuple[str, float | None],
    average: str,
    limits: tuple[float, float | None],
    threads: int | None,
) -> tuple[NDArray[np.float64], list[NDArray[np.float64]], list[tuple[float, float, float]]]: ...
def time_frequency(
    data: NDArray[np.float64], sfreq: float, params: str, threads: int | None
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], list[tuple[int, int]]]: ...
def bursts(
    runs: list[NDArray[np.float64]], sfreq: float, centre_hz: float, threshold_mads: float, min_cycles: float
) -> tuple[list[tuple[int, int, int]], float, float, float, float | None, float | None, float]: ...
def wilcoxon(differences: NDArray[np.float64]) -> tuple[float, float, float, int]: ...
def aperiodic(freqs: NDArray[np.float64], psd: NDArray[np.float64], robust: bool) -> list[NDArray[np.float64]]: ...
def spectral_connectivity(
    data: NDArray[np.float64],
    sfreq: float,
    methods: list[str],
    mode: str,
    bands: tuple[list[float], list[float], bool],
    pairs: list[tuple[int, int]],
    tapers: tuple[float | None, bool],
    wavelets: tuple[list[float], list[float]],
    edge_s: float | None,
    threads: int | None,
) -> tuple[list[NDArray[np.float64]], NDArray[np.complex128] | None, NDArray[np.float64], int, int]: ...
def sliding_connectivity(
    data: NDArray[np.float64],
    sfreq: float,
    windows: tuple[int, int],
    methods: list[str],
    mode: str,
    bands: tuple[list[float], list[float], bool],
    pairs: list[tuple[int, int]],
    tapers: tuple[float | None, bool],
    edge_s: float | None,
    threads: int | None,
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], list[int], int]: ...
def spectral_connectivity_time(
    data: NDArray[np.float64],
    sfreq: float,
    methods: list[str],
    wavelets: tuple[list[float], list[float], float | None] | None,
    bands: tuple[list[float], list[float], bool],
    pairs: list[tuple[int, int]],
    smoothing: tuple[int, int, str],
    padding_s: float | None,
    decim: int,
    average_epochs: bool,
    threads: int | None,
) -> tuple[list[NDArray[np.float64]], NDArray[np.complex128] | None, NDArray[np.float64]]: ...
def granger(
    data: NDArray[np.float64],
    sfreq: float,
    connections: list[tuple[list[int], list[int]]],
    ranks: list[tuple[int, int]] | None,
    n_lags: int,
    mode: tuple[str, float | None, bool],
    band: tuple[float, float, bool],
    threads: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str | None], list[tuple[int, int]]]: ...
def granger_measures() -> list[str]: ...
def granger_time(
    coefs: NDArray[np.float64], noise: NDArray[np.float64], seeds: list[int], targets: list[int]
) -> float: ...
def portmanteau(residuals: NDArray[np.float64], order: int, n_lags: int) -> tuple[float, int, float]: ...
def symbolic_transfer_entropy(
    data: NDArray[np.float64],
    connections: list[tuple[int, int]],
    pattern: tuple[int, int, int],
    bias: tuple[int, str],
    interval: tuple[float, int],
    seed: int,
    threads: int | None,
) -> tuple[list[NDArray[np.float64]], list[tuple[float, float, float]]]: ...
def var(
    data: NDArray[np.float64], order: int, ridge: float, demean: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int, float, list[float]]: ...
def var_connectivity(
    coefs: NDArray[np.float64],
    noise: NDArray[np.float64],
    measure: str,
    freqs: NDArray[np.float64],
    sfreq: float,
) -> NDArray[np.float64]: ...
def var_order(data: NDArray[np.float64], max_order: int, demean: bool) -> tuple[list[float], list[float]]: ...
def connectivity_surrogates(
    data: NDArray[np.float64],
    sfreq: float,
    method: str,
    kind: str,
    n_surrogates: int,
    seed: int,
    keep: bool,
    estimation: tuple[str, float | None, bool],
    bands: list[tuple[float, float]],
    faverage: bool,
    pairs: list[tuple[int, int]],
    threads: int | None,
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], int, float, NDArray[np.float64] | None]: ...
def graph_measures(
    weights: NDArray[np.float64], params: str, threads: int | None
) -> tuple[
    list[tuple[list[float], list[float], list[float], list[int]]],
    list[tuple[str, list[float | None], float | None]],
]: ...
def network_test(
    values: NDArray[np.float64],
    n_nodes: int,
    edges: list[tuple[int, int]],
    first: list[bool] | None,
    statistic: tuple[str, float, float],
    tail: int,
    n_permutations: int,
    seed: int,
    threads: int | None,
) -> tuple[list[list[float]], list[tuple[list[int], list[int], float, float]], tuple[int, bool, float]]: ...
def expected_connectivity(method: str, n_epochs: int, n_tapers: int) -> float: ...

@final
class Components:
    @property
    def mixing(self) -> NDArray[np.float64]: ...
    @property
    def unmixing(self) -> NDArray[np.float64]: ...
    @property
    def ch_names(self) -> list[str]: ...
    @property
    def summary_json(self) -> str: ...
    def over(self, limits: str) -> str: ...

def bad_channels(recording: Recording, params: str) -> str: ...
def interpolate(recording: Recording, bad: list[str], params: str) -> Recording: ...
def remove_line(recording: Recording, line: float, method: str) -> Recording: ...
def regress_eog(recording: Recording, names: list[str]) -> Recording: ...
def remove_heart_field(recording: Recording) -> Recording: ...
def remove_muscle_cca(recording: Recording, params: str, line: float | None) -> Recording: ...
def artifacts(recording: Recording, params: str) -> str: ...
def muscle_z(recording: Recording, low: float, high: float) -> NDArray[np.float64]: ...
def heart(recording: Recording) -> str: ...
def components(recording: Recording, params: str, line: float | None) -> Components: ...
def without_components(recording: Recording, components: Components, removed: str) -> Recording: ...
def clean_resting(
    recording: Recording, params: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str], str]: ...
def envelope_correlation(
    data: NDArray[np.float64],
    pairs: list[tuple[int, int]],
    params: str,
    bands: tuple[float, list[tuple[float, float]]] | None,
    threads: int | None,
) -> list[NDArray[np.float64]]: ...
def envelope_correlation_analytic(
    data: NDArray[np.complex128], pairs: list[tuple[int, int]], params: str, threads: int | None
) -> NDArray[np.float64]: ...
def group_interaction(
    data: NDArray[np.float64],
    sfreq: float,
    mode_of: tuple[str, float | None, bool],
    bands: list[tuple[float, float]],
    faverage: bool,
    groups: tuple[list[tuple[list[int], list[int]]], list[tuple[int, int]] | None],
    threads: int | None,
) -> tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    list[tuple[NDArray[np.float64], NDArray[np.float64]]],
    list[tuple[int, int]],
    int,
]: ...
def phase_slope_index(
    data: NDArray[np.float64],
    sfreq: float,
    mode_of: tuple[str, float | None, bool],
    bands: list[tuple[float, float]],
    pairs: list[tuple[int, int]],
    threads: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int]: ...
def lagged_connectivity(
    data: NDArray[np.float64],
    sfreq: float,
    mode_of: tuple[str, float | None, bool],
    bands: list[tuple[float, float]],
    faverage: bool,
    pairs: list[tuple[int, int]],
    logarithm: bool,
    threads: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]: ...
def lagged_coherence(
    x: NDArray[np.float64], sfreq: float, freqs: list[float], n_cycles: float, threads: int | None
) -> NDArray[np.float64]: ...
