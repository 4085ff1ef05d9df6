"""Before and after a dose: results as data frames, files and a page."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Sequence

from . import _native
from ._mne import from_mne
from ._recording import Recording


def _frame(rows: list[dict]):
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("data frames need pandas: pip install 'dosewave[frames]'") from error
    return pd.DataFrame(rows)


class Results:
    """What an analysis found. In Jupyter it shows its report."""

    def __init__(self, native):
        self._native = native
        self._parsed: dict | None = None

    @property
    def json(self) -> str:
        """The text of ``results.json``, the same bytes that the command writes."""
        return self._native.json

    def to_dict(self) -> dict:
        """Everything in ``results.json`` as dictionaries and lists."""
        if self._parsed is None:
            self._parsed = json.loads(self.json)
        return self._parsed

    @property
    def markers(self):
        """One row per session, window, marker and site (``pandas.DataFrame``)."""
        return _frame(self.to_dict()["markers"])

    @property
    def contrasts(self):
        """One row per change from baseline (``pandas.DataFrame``)."""
        return _frame(self.to_dict()["contrasts"])

    @property
    def notes(self):
        """Oddities, decisions and missing values, with their reasons (``pandas.DataFrame``)."""
        return _frame(self.to_dict()["notes"])

    @property
    def methods(self) -> str:
        """The methods paragraph for the paper."""
        return self.to_dict()["methods"]

    def spectra(self):
        """Spectra in long form (``pandas.DataFrame``), µV²/Hz."""
        rows = []
        for s in self.to_dict()["spectra"]:
            where = {key: s[key] for key in ("subject", "session", "treatment", "window", "site")}
            for i, freq in enumerate(s["freqs_hz"]):
                row = {**where, "freq_hz": freq, "psd_uv2_hz": s["psd_uv2_hz"][i]}
                for end in ("ci_low", "ci_high"):
                    row[end] = s[end][i] if s[end] else None
                rows.append(row)
        return _frame(rows)

    def time_courses(self):
        """Time courses on the dose clock in long form (``pandas.DataFrame``)."""
        rows = []
        for course in self.to_dict()["time_courses"]:
            where = {key: course[key] for key in ("subject", "session", "treatment", "marker", "site", "unit")}
            for t, change in zip(course["t_from_dose_min"], course["change"], strict=True):
                rows.append({**where, "t_from_dose_min": t, "change": change})
        return _frame(rows)

    def responses(self):
        """Onset, peak, half-times, end and area of every time course, with intervals (``pandas.DataFrame``)."""
        return _frame(self.to_dict()["responses"])

    def report(self, path: str | os.PathLike) -> None:
        """Write the report, one self-contained HTML page."""
        self._native.write_report(os.fspath(path))

    def save(self, folder: str | os.PathLike) -> None:
        """Write every result file that the command writes."""
        self._native.save(os.fspath(folder))

    def _repr_html_(self) -> str:
        page = self._native.html.replace("&", "&amp;").replace('"', "&quot;")
        return f'<iframe srcdoc="{page}" style="width:100%;height:800px;border:1px solid #ccc"></iframe>'

    def __repr__(self) -> str:
        """Count what is in it."""
        found = self.to_dict()
        return (
            f"<Results {found['title']}: {len(found['sessions'])} session(s), {len(found['markers'])} values, "
            f"{len(found['contrasts'])} contrasts>"
        )


def _native_input(source):
    """A path stays a path; recordings of any kind become native ones."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, Recording):
        return source._native
    if hasattr(source, "get_data") and hasattr(source, "info"):
        return from_mne(source)._native
    raise TypeError(f"expected a path, a dosewave.Recording or an mne.io.Raw, got {type(source).__name__}")


def _config_text(config) -> tuple[str | None, str | None]:
    """``(TOML text, JSON text)`` of a configuration given as a path, TOML text or dictionary."""
    if config is None:
        return None, None
    if isinstance(config, dict):
        return None, json.dumps(config)
    if isinstance(config, os.PathLike) or (isinstance(config, str) and "\n" not in config and config.endswith(".toml")):
        with open(config, encoding="utf-8") as file:
            return file.read(), None
    return str(config), None


def compare(pre, post=None, *, dose_at=None, config=None, n_jobs: int | None = None) -> Results:
    """Compare EEG before and after a dose.

    Parameters
    ----------
    pre, post : path, Recording or mne.io.Raw
        Two recordings; or one, with the dose in it, and ``dose_at``.
    dose_at : float or str, optional
        When the dose was given in a single recording: seconds, ``"mm:ss"``, ``"hh:mm:ss"`` or an annotation's label.
    config : dict, path or TOML text, optional
        Options that differ from the defaults, as in a configuration file; see :func:`config_default`.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    if (post is None) == (dose_at is None):
        raise ValueError("give two recordings, or one recording and dose_at")
    toml_text, json_text = _config_text(config)
    native = _native.compare(
        _native_input(pre),
        None if post is None else _native_input(post),
        None if dose_at is None else str(dose_at),
        toml_text,
        json_text,
        n_jobs,
    )
    return Results(native)


def markers(
    recording,
    names: Sequence[str] | None = None,
    window: tuple[float, float] | None = None,
    *,
    config=None,
    n_jobs: int | None = None,
):
    """Markers of one stretch of a recording (``pandas.DataFrame``).

    Parameters
    ----------
    recording : path, Recording or mne.io.Raw
        The recording.
    names : list of str, optional
        Markers; default all.
    window : (start, stop), optional
        Seconds from the recording's start; default the whole recording.
    config, n_jobs
        As in :func:`compare`.

    Returns
    -------
    pandas.DataFrame
        One row per marker and site; ``.attrs["notes"]`` lists what was found, decided and left out, with its reasons.
        Those that may change how a value is read also come as a ``UserWarning``.
    """
    toml_text, json_text = _config_text(config)
    windows = [] if window is None else [(float(window[0]), float(window[1]))]
    table = _native.markers(
        _native_input(recording), None if names is None else list(names), windows, toml_text, json_text, n_jobs
    )
    table = json.loads(table)
    frame = _frame(table["rows"])
    frame.attrs["notes"] = table["notes"]
    for note in table["notes"]:
        if note["level"] == "warning":
            warnings.warn(f"{note['topic']}: {note['text']}", UserWarning, stacklevel=2)
    return frame


def config_default() -> str:
    """Every option with its meaning and default, as TOML text."""
    return _native.config_default()


def marker_kinds():
    """Every kind of marker: label, unit, formula, source (``pandas.DataFrame``)."""
    return _frame(json.loads(_native.marker_kinds()))
