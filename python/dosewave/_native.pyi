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
    "bursts",
    "clean_resting",
    "compare",
    "components",
    "config_default",
    "heart",
    "interpolate",
    "irasa",
    "knee",
    "marker_kinds",
    "markers",
    "muscle_z",
    "psd_multitaper",
    "psd_welch",
    "read_bytes",
    "read_path",
    "regress_eog",
    "remove_heart_field",
    "remove_line",
    "remove_muscle_cca",
    "specparam",
    "spectral_connectivity",
    "time_frequency",
    "wilcoxon",
    "without_components",
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

def read_path(path: str | PathLike[str]) -> Recording: ...
def read_bytes(name: str, data: bytes, siblings: list[tuple[str, bytes]]) -> Recording: ...
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
    fmin: list[float],
    fmax: list[float],
    faverage: bool,
    pairs: list[tuple[int, int]],
    bandwidth: float | None,
    low_bias: bool,
    threads: int | None,
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], int]: ...

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
