"""Datasets in the Brain Imaging Data Structure (BIDS)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import _native
from ._recording import Recording

_KEYS = {"subject": "sub", "session": "ses", "task": "task", "acquisition": "acq", "run": "run"}


@dataclass(frozen=True)
class BidsLayout:
    """What is in a dataset."""

    description: dict
    """``dataset_description.json``."""
    recordings: list[dict]
    """``path`` from the root, ``entities`` (``{"sub": "01", …}``), ``missing``: files whose content is not here."""
    participants: list[dict]
    """Rows of ``participants.tsv`` without missing values."""
    dangling: list[dict] = field(default_factory=list)
    """Links that are not followed: ``path``, ``target``, ``advice``."""
    notes: list[str] = field(default_factory=list)
    """What is odd."""


def bids_layout(root: str | os.PathLike) -> BidsLayout:
    """Find the EEG recordings of a dataset, and what is odd about it; nothing is read but its tables."""
    return BidsLayout(**json.loads(_native.bids_layout(os.fspath(root))))


def read_bids(
    root: str | os.PathLike,
    subject: str | None = None,
    session: str | None = None,
    task: str | None = None,
    acquisition: str | None = None,
    run: str | int | None = None,
    picks: Sequence[str] | None = None,
    window: tuple[float, float] | None = None,
) -> Recording:
    """Read the one recording of a dataset with these labels, its sidecars applied.

    Names, kinds and units of channels, filters and bad channels come from ``channels.tsv``, events from ``events.tsv``
    (the file's own annotations at the same time give way), places from ``electrodes.tsv``. Sidecars of folders above
    apply where a nearer one does not say otherwise. Where a sidecar and the file disagree, the file's samples, rate
    and units are kept and :attr:`Recording.notes` says so. ``recording.bids`` holds the sidecars' other contents:
    ``eeg``, ``coordsystem``, ``participant``, ``session``, ``scan``.

    Labels are given with or without their prefix; ``picks`` and ``window`` are those of :func:`dosewave.read`.

    Raises
    ------
    FileNotFoundError
        The content is not here (git-annex, DataLad).
    ReadError
        No recording has these labels, or several; a sidecar or the file cannot be read.
    """
    given = {"subject": subject, "session": session, "task": task, "acquisition": acquisition, "run": run}
    labels = {_KEYS[name]: str(label) for name, label in given.items() if label is not None}
    entities = "_".join(f"{key}-{label.removeprefix(key + '-')}" for key, label in labels.items())
    times = None if window is None else (float(window[0]), float(window[1]))
    names = [picks] if isinstance(picks, str) else picks
    wanted = (None if names is None else [str(pick) for pick in names], times, None)
    native, said = _native.read_bids(os.fspath(root), entities, wanted)
    recording = Recording._wrap(native)
    recording.bids = json.loads(said)
    return recording


def write_bids(
    recording: Recording,
    root: str | os.PathLike,
    subject: str,
    task: str,
    session: str | None = None,
    acquisition: str | None = None,
    run: str | int | None = None,
    format: str | None = None,
    line_freq: float | None = None,
    reference: str | None = None,
    coordinate_system: str | None = None,
    eeg_json: Mapping | None = None,
    participant: Mapping | None = None,
    columns: Mapping | None = None,
    dataset_name: str | None = None,
    overwrite: bool = False,
) -> dict:
    """Write a recording into the dataset at ``root``, which is made where there is none.

    Parameters
    ----------
    recording : Recording
        What is written: data, ``*_eeg.json``, ``*_channels.tsv``, ``*_events.tsv``, electrodes where their places were
        measured, and rows in ``scans.tsv``, ``sessions.tsv`` and ``participants.tsv``.
    root : path
        The dataset's folder.
    subject, task, session, acquisition, run : str
        Labels, letters and digits only; ``run`` is a number.
    format : {"edf", "bdf", "vhdr"}, optional
        Format of the data; by default that of the recording where it is one of these, else BrainVision.
    line_freq : float, optional
        Frequency of the mains, Hz.
    reference : str, optional
        The reference of the EEG channels.
    coordinate_system : str, optional
        Name of the system of the electrodes' places, such as ``"CapTrak"``; by default ``"Other"``.
    eeg_json : dict, optional
        Further keys of ``*_eeg.json``.
    participant : dict, optional
        Columns of ``participants.tsv``.
    columns : dict, optional
        Columns of ``sessions.tsv`` (of ``scans.tsv`` where there is no session): treatment, dose, ``dose_at`` …
    dataset_name : str, optional
        Name of a new dataset.
    overwrite : bool
        Whether a recording of the same name is replaced.

    Returns
    -------
    dict
        ``path`` of the recording from the root, ``files`` that were written or changed, ``notes``.
    """

    def pairs(fields: Mapping | None) -> list[tuple[str, str]]:
        return [(str(name), "" if value is None else str(value)) for name, value in (fields or {}).items()]

    target = {
        "subject": str(subject).removeprefix("sub-"),
        "session": str(session or "").removeprefix("ses-"),
        "task": str(task).removeprefix("task-"),
        "acquisition": str(acquisition or "").removeprefix("acq-"),
        "run": "" if run is None else str(run).removeprefix("run-"),
        "format": format or "",
        "line_hz": line_freq,
        "reference": reference or "",
        "coordinate_system": coordinate_system or "",
        "eeg": dict(eeg_json or {}),
        "participant": pairs(participant),
        "columns": pairs(columns),
        "dataset_name": dataset_name or "",
        "overwrite": bool(overwrite),
    }
    return json.loads(_native.write_bids(recording._native, os.fspath(root), json.dumps(target)))
