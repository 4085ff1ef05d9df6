"""Recordings, epochs and spectra."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from . import _arrays, _clean, _connectivity, _native


@dataclass(frozen=True)
class Spectrum:
    """A power spectral density with its frequencies."""

    freqs: np.ndarray
    psd: np.ndarray
    ch_names: list[str] = field(default_factory=list)
    seconds_used: np.ndarray | None = None
    """Seconds that each channel's spectrum rests on, where it is of a whole recording."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BandEnvelope:
    """Analytic signal of a band, ``(n_channels, n_times)``: modulus in µV, argument in radians (0 at a crest)."""

    amplitude: np.ndarray
    phase: np.ndarray
    ch_names: list[str]
    valid: list[tuple[int, int]]
    """Per run the samples that the filter does not draw from beyond its ends, ``start:stop``."""


@dataclass(frozen=True)
class Epochs:
    """Stretches of equal length, ``data`` is ``(n_epochs, n_channels, n_times)`` in µV; none spans a pause."""

    data: np.ndarray
    sfreq: float
    ch_names: list[str]
    onsets: np.ndarray
    cleaning: _clean.Cleaning | None = None

    def __len__(self) -> int:
        """Return the number of epochs."""
        return self.data.shape[0]

    def spectrum(self, method: str = "multitaper", bandwidth: float = 4.0) -> Spectrum:
        """PSD of every epoch and channel, µV²/Hz: ``psd`` is ``(n_epochs, n_channels, n_freqs)``."""
        if method == "multitaper":
            psd, freqs = _arrays.psd_multitaper(self.data, self.sfreq, bandwidth=bandwidth)
        elif method == "welch":
            psd, freqs = _arrays.psd_welch(self.data, self.sfreq)
        else:
            raise ValueError(f"method = {method!r}; allowed: 'multitaper', 'welch'")
        return Spectrum(freqs, psd, self.ch_names)

    def connectivity(self, method: str | Sequence[str], bands: dict[str, tuple[float, float]], bandwidth: float = 4.0):
        """Connectivity of all pairs, averaged over each band; see :func:`dosewave.spectral_connectivity`."""
        return _connectivity.spectral_connectivity(
            self.data,
            self.sfreq,
            method=method,
            fmin=[low for low, _ in bands.values()],
            fmax=[high for _, high in bands.values()],
            faverage=True,
            mt_bandwidth=bandwidth,
        )


class Recording:
    """A recording: samples in µV with channels, rate, runs (stretches without a pause) and annotations.

    Parameters
    ----------
    data_uv : array, shape (n_channels, n_times)
        Samples, µV.
    sfreq : float
        Sampling frequency, Hz.
    ch_names : list of str
        Channel names; positions of the 10-20, 10-10 and 10-05 systems follow from them.
    annotations : list of (onset_s, duration_s, label), optional
        Events.
    """

    def __init__(self, data_uv, sfreq: float, ch_names: Sequence[str], annotations=None, name: str = "array"):
        data = np.asarray(data_uv, dtype=np.float64)
        if data.ndim != 2:
            raise ValueError(f"data_uv has {data.ndim} axes; expected (n_channels, n_times)")
        events = [(float(onset), float(duration), str(label)) for onset, duration, label in annotations or []]
        self._native = _native.Recording(data, float(sfreq), list(ch_names), events, name)

    bids: dict | None = None
    """What the sidecars of a dataset say beside; ``None`` for a recording that is from none."""

    @classmethod
    def _wrap(cls, native) -> Recording:
        recording = cls.__new__(cls)
        recording._native = native
        return recording

    @property
    def data(self) -> np.ndarray:
        """A copy of the samples, ``(n_channels, n_times)``, µV."""
        return self._native.data

    @property
    def sfreq(self) -> float:
        """Sampling frequency, Hz."""
        return self._native.sfreq

    @property
    def ch_names(self) -> list[str]:
        """Channel names."""
        return self._native.ch_names

    @property
    def annotations(self) -> list[tuple[float, float, str]]:
        """Events: onset (s, true time from the start), duration (s), label."""
        return self._native.annotations

    @property
    def bads(self) -> list[str]:
        """Channels that the dataset calls bad; ``header["details"]["bads"]`` has the reasons."""
        return [bad["channel"] for bad in self.header.get("details", {}).get("bads", [])]

    @property
    def runs(self) -> list[tuple[float, int, int]]:
        """Stretches without a pause: onset (s), first sample, one past the last sample."""
        return self._native.runs

    @property
    def notes(self) -> list[str]:
        """Oddities that were tolerated while reading."""
        return self._native.notes

    @property
    def header(self) -> dict:
        """Everything the header says."""
        return json.loads(self._native.header_json)

    def filter(self, high_pass: float | None, low_pass: float | None, method: str = "fir", order: int = 4) -> Recording:
        """Zero-phase filter, run by run; ``None`` leaves a side open.

        ``method="fir"`` follows MNE's design rules, ``"butterworth"`` runs a filter of this order forwards and back.
        """
        if method not in ("fir", "butterworth"):
            raise ValueError(f"method = {method!r}; allowed: 'fir', 'butterworth'")
        return self._wrap(self._native.filter(high_pass, low_pass, None if method == "fir" else order))

    def resample(self, sfreq: float, method: str = "polyphase") -> Recording:
        """Another sampling frequency, run by run, by ``"polyphase"`` filter or ``"fft"``."""
        if method not in ("polyphase", "fft"):
            raise ValueError(f"method = {method!r}; allowed: 'polyphase', 'fft'")
        return self._wrap(self._native.resample(float(sfreq), json.dumps(method)))

    def filter_notch_resample(
        self,
        high_pass: float | None = None,
        low_pass: float | None = None,
        line: float | None = None,
        sfreq: float | None = None,
    ) -> Recording:
        """``filter(high_pass, low_pass)``, ``notch(line, "fir")`` and ``resample(sfreq)`` in one pass.

        The same values up to rounding and the same notes in a fraction of the time, most where ``sfreq`` is the old
        rate divided by a whole number. What is ``None`` is left out.
        """
        steps: dict = {"line": line, "sfreq": sfreq}
        if high_pass is not None or low_pass is not None:
            steps["filter"] = {"high_pass_hz": high_pass, "low_pass_hz": low_pass}
        return self._wrap(self._native.filter_notch_resample(json.dumps(steps)))

    def laplacian(
        self,
        stiffness: int = 4,
        n_legendre_terms: int = 50,
        smoothing: float = 1e-5,
        sphere: tuple[float, float, float, float] | None = None,
    ) -> Recording:
        """Surface Laplacian by spherical splines, µV/cm².

        ``sphere`` is ``(x, y, z, radius)`` in metres; without it, the sphere that fits the electrodes best.
        """
        spline = {"stiffness": stiffness, "n_legendre_terms": n_legendre_terms, "smoothing": smoothing}
        params = {"spline": spline, "sphere": None if sphere is None else list(sphere)}
        return self._wrap(self._native.laplacian(json.dumps(params)))

    def set_reference(self, reference: str | Sequence[str] = "average") -> Recording:
        """Re-reference the EEG channels.

        ``"average"``, ``"median"``, ``"linked_mastoids"``, ``"rest"`` (infinity), or the mean of these channels.
        """
        named = ("average", "median", "linked_mastoids", "rest", "as_recorded")
        if isinstance(reference, str):
            reference = reference if reference in named else {"channels": [reference]}
        else:
            reference = {"channels": list(reference)}
        return self._wrap(self._native.set_reference(json.dumps(reference)))

    def notch(
        self, freq: float = 50.0, method: str = "spectrum_interpolation", n_remove: int | None = None
    ) -> Recording:
        """Take the mains and their harmonics out; what is further than 2 Hz from them stays.

        ``"spectrum_interpolation"`` works channel by channel and leaves the level of the neighbours, ``"fir"`` is MNE's
        ``notch_filter`` (a zero-phase band-stop, which takes the brain's part too), ``"zapline"`` works in space, with
        ``n_remove`` components or as many as stand out. :attr:`notes` says what it did to the line and its neighbours.
        """
        if method == "spectrum_interpolation":
            chosen: dict = {method: {}}
        elif method == "fir":
            chosen = {"fir_notch": {}}
        elif method == "zapline":
            chosen = {method: {"n_remove": n_remove}}
        else:
            raise ValueError(f"method = {method!r}; allowed: 'spectrum_interpolation', 'fir', 'zapline'")
        return self._wrap(_native.remove_line(self._native, float(freq), json.dumps(chosen)))

    def bad_channels(self, ransac: bool = True, seed: int = 0, **limits: float | None) -> _clean.BadChannels:
        """Find flat, noisy, uncorrelated, bridged and unforetold EEG channels; nothing is changed.

        ``limits`` are ``window_s``, ``flat_uv``, ``amplitude_z``, ``high_frequency_z``, ``correlation``,
        ``uncorrelated_share`` and ``bridged_share``; ``None`` leaves a criterion out. Judge before an average
        reference.
        """
        return _clean.bad_channels(self, ransac, seed, limits)

    def interpolate(
        self,
        bad: Sequence[str],
        stiffness: int = 4,
        n_legendre_terms: int = 50,
        smoothing: float = 1e-5,
        sphere: tuple[float, float, float, float] | None = None,
    ) -> Recording:
        """Put channels back from the other EEG channels by spherical splines; see :meth:`laplacian` for ``sphere``."""
        spline = {"stiffness": stiffness, "n_legendre_terms": n_legendre_terms, "smoothing": smoothing}
        params = {"spline": spline, "sphere": None if sphere is None else list(sphere)}
        return self._wrap(_native.interpolate(self._native, list(bad), json.dumps(params)))

    def artifacts(self, **params) -> list[_clean.Artifact]:
        """Find stretches with muscle, blinks and saccades, in order of onset.

        ``params`` are ``muscle_z`` (4), ``muscle_band_hz`` ([110, 140]), ``min_length_good_s`` (0.1), ``blink_uv`` (60)
        and ``saccade_uv`` (30); ``None`` does not look for a kind.
        """
        return _clean.artifacts(self, params)

    def muscle_z(self, low: float = 110.0, high: float = 140.0) -> np.ndarray:
        """Muscle score of every sample, as MNE's ``annotate_muscle_zscore``."""
        return _native.muscle_z(self._native, float(low), float(high))

    def heart(self) -> dict | None:
        """R peaks (samples) in the first ECG channel, rate and RMSSD; ``None`` without one."""
        return json.loads(_native.heart(self._native))

    def remove_heart_field(self) -> Recording:
        """Subtract the heart's field, averaged over the beats of the ECG channel."""
        return self._wrap(_native.remove_heart_field(self._native))

    def regress_eog(self, names: Sequence[str] = ()) -> Recording:
        """Take out of the EEG what is a weighted sum of these channels, by default of all EOG channels."""
        return self._wrap(_native.regress_eog(self._native, list(names)))

    def remove_muscle(self, window_s: float = 10.0, fast_share: float = 0.6, line: float | None = 50.0) -> Recording:
        """Take muscle out by canonical correlation (BSS-CCA). Brain gamma in a component of muscle goes with it."""
        params = {"window_s": window_s, "fast_share": fast_share}
        return self._wrap(_native.remove_muscle_cca(self._native, json.dumps(params), line))

    def components(
        self,
        method: str = "picard",
        n_components: int | None = None,
        extended: bool = True,
        max_iter: int = 500,
        tolerance: float = 1e-7,
        seed: int = 0,
        line: float | None = 50.0,
    ) -> _clean.Components:
        """Find independent components of the EEG channels by ``"picard"`` or ``"fast_ica"``, with scores.

        Take drifts out first (``filter(1, None)``); what is found can be removed from the unfiltered recording.
        """
        params = {
            "method": method,
            "n_components": n_components,
            "extended": extended,
            "max_iter": max_iter,
            "tolerance": tolerance,
            "seed": seed,
        }
        return _clean.Components(_native.components(self._native, json.dumps(params), line))

    def remove_components(
        self, components: _clean.Components, removed: Sequence[_clean.FoundComponent | int]
    ) -> Recording:
        """Subtract components from the EEG channels, given as ``components.over()`` gives them or as indices."""
        found = _clean.found_json(removed, components)
        return self._wrap(_native.without_components(self._native, components._native, found))

    def clean_resting(self, **settings) -> Epochs:
        """Clean resting EEG: filter, mains, heart, bad channels, components, reference, epochs, learnt limits.

        ``settings`` change single steps, in the words of ``epochs.cleaning.settings``, for example ``line_hz=60`` or
        ``limits=None``. The epochs come with all that was learnt and done in ``cleaning``.
        """
        data, onsets, ch_names, summary = _native.clean_resting(self._native, json.dumps(settings))
        return Epochs(data, self.sfreq, ch_names, onsets, _clean.cleaning(summary))

    def pick(self, ch_names: Sequence[str]) -> Recording:
        """Only these channels, in this order."""
        return self._wrap(self._native.pick(list(ch_names)))

    def crop(self, tmin: float, tmax: float) -> Recording:
        """Return the part in ``[tmin, tmax)``, seconds of true time."""
        return self._wrap(self._native.crop(float(tmin), float(tmax)))

    def epochs(self, length: float = 2.0, overlap: float = 0.0) -> Epochs:
        """Cut epochs of ``length`` seconds; none spans a pause."""
        data, onsets = self._native.epochs(float(length), float(overlap))
        return Epochs(data, self.sfreq, self.ch_names, onsets)

    def spectrum(
        self,
        window: float = 4.0,
        overlap: float = 0.5,
        taper="hann",
        average: str = "mean",
        detrend: str = "constant",
    ) -> Spectrum:
        """PSD of every channel over the whole recording (Welch), µV²/Hz: ``psd`` is ``(n_channels, n_freqs)``.

        Segments of ``window`` seconds lie inside one run: none spans a pause, an annotation that begins with BAD or
        EDGE, or a sample that is not finite. ``seconds_used`` says what each channel's spectrum rests on.
        """
        params = {"welch": {"window": window, "overlap": overlap, "taper": _taper(taper)}}
        params["welch"] |= {"average": average, "detrend": detrend}
        freqs, psd, names, seconds, notes = self._native.welch(json.dumps(params))
        return Spectrum(freqs, psd, names, np.asarray(seconds), notes)

    def band_envelope(self, low: float, high: float) -> BandEnvelope:
        """Amplitude and phase of the analytic signal between ``low`` and ``high`` Hz, each run by itself."""
        return BandEnvelope(*self._native.band_envelope(float(low), float(high)))

    def save(self, path: str | os.PathLike) -> None:
        """Write the recording in the format of the path's ending: ``.edf`` or ``.h5``."""
        self._native.save(os.fspath(path))

    def to_mne(self):
        """Return an ``mne.io.RawArray`` (volts) with the annotations."""
        from ._mne import to_mne

        return to_mne(self)

    def __repr__(self) -> str:
        """Name, channels, length and rate."""
        n_channels = len(self.ch_names)
        seconds = sum(stop - start for _, start, stop in self.runs) / self.sfreq
        pauses = f", {len(self.runs) - 1} pause(s)" if len(self.runs) > 1 else ""
        return f"<Recording {self._native.name}: {n_channels} channels, {seconds:g} s at {self.sfreq:g} Hz{pauses}>"


def _taper(taper):
    """``"hann"`` or ``("kaiser", 8.0)`` as the configuration has it."""
    if isinstance(taper, str):
        return taper
    name, value = taper
    return {name: {{"tukey": "alpha", "kaiser": "beta", "gaussian": "std"}[name]: float(value)}}


def read(
    source,
    name: str | None = None,
    picks: Sequence[str] | None = None,
    window: tuple[float, float] | None = None,
    signal: str | None = None,
) -> Recording:
    """Read a recording of any supported format, or part of it.

    Parameters
    ----------
    source : path, bytes or file object
        The file. Of a format with several files (BrainVision, EEGLAB) give the path of its header (``.vhdr``,
        ``.set``).
    name : str, optional
        Name of bytes or of a file object; its ending helps to tell the format.
    picks : list of str, optional
        Only these channels, by name or electrode label, in this order; no other is decoded.
    window : (float, float), optional
        Only from the first to before the second time, in seconds of true time from the start; no other part is read.
    signal : str, optional
        A signal of another rate than the recording's (``header["other_signals"]``), in place of the channels.

    Raises
    ------
    FileNotFoundError
        The file, or one that belongs to it, is not there.
    ReadError
        The file cannot be read; ``.path``, ``.offset`` and ``.field`` say where.
    """
    times = None if window is None else (float(window[0]), float(window[1]))
    names = [picks] if isinstance(picks, str) else picks
    wanted = (None if names is None else [str(pick) for pick in names], times, signal)
    if hasattr(source, "read"):
        name = name or os.path.basename(str(getattr(source, "name", "stream")))
        source = source.read()
    if isinstance(source, bytes | bytearray | memoryview):
        return Recording._wrap(_native.read_bytes(name or "bytes", bytes(source), [], wanted))
    return Recording._wrap(_native.read_path(os.fspath(source), wanted))
