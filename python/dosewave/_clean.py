"""What the cleaning steps find: bad channels, artifacts, components, clean epochs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import _native

if TYPE_CHECKING:
    from ._recording import Recording


@dataclass(frozen=True)
class BadChannels:
    """Channels that are better not used.

    ``names`` in the order of the recording; ``reasons`` gives for each the criteria with the value found and the limit;
    ``bridged`` are pairs that record one place, with the share of variance in which they differ; ``not_applied`` says
    which criteria could not be.
    """

    names: list[str]
    reasons: dict[str, dict[str, tuple[float, float]]]
    bridged: list[tuple[str, str, float]] = field(default_factory=list)
    not_applied: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Artifact:
    """A stretch that is not only EEG: ``kind`` is ``"muscle"``, ``"blink"`` or ``"saccade"``; times in seconds."""

    kind: str
    onset: float
    duration: float
    seen_in: str
    value: float
    limit: float


@dataclass(frozen=True)
class FoundComponent:
    """A component that is not of the brain, or was chosen by hand: its score and its share of the variance."""

    component: int
    source: str
    score: float
    variance: float


class Components:
    """Independent components of the EEG channels, by descending variance.

    ``mixing`` are the maps ``(n_channels, n_components)`` in µV, ``unmixing`` the filters; ``scores`` has one dict for
    each component: ``eye``, ``muscle``, ``heart`` and ``line`` from 0 to 1, with what they are made of.
    """

    def __init__(self, native: _native.Components):
        """Take the native components."""
        self._native = native
        summary = json.loads(native.summary_json)
        self.mixing = native.mixing
        self.unmixing = native.unmixing
        self.ch_names = native.ch_names
        self.scores: list[dict[str, float]] = summary["scores"]
        self.variances = np.array(summary["variances"])
        self.n_iter: int = summary["n_iter"]
        self.gradient: float = summary["gradient"]
        self.converged: bool = summary["converged"]

    def over(self, **limits: float | None) -> list[FoundComponent]:
        """Components whose score reaches a limit: ``eye``, ``muscle``, ``heart``, ``line``; ``None`` leaves one in."""
        return [FoundComponent(**found) for found in json.loads(self._native.over(json.dumps(limits)))]

    def __len__(self) -> int:
        """Return the number of components."""
        return self.mixing.shape[1]

    def __repr__(self) -> str:
        """Count components and channels."""
        return f"<Components: {len(self)} of {len(self.ch_names)} channels, {self.n_iter} iterations>"


@dataclass(frozen=True)
class Cleaning:
    """What :meth:`dosewave.Recording.clean_resting` learnt and did.

    ``limits`` are those of the channels in µV; ``interpolated`` counts epochs in which a channel was put back;
    ``rejected`` lists epochs that were left out; ``settings`` are all parameters.
    """

    bad_channels: list[str]
    removed: list[FoundComponent]
    limits: dict | None
    interpolated: dict[str, int]
    rejected: list[dict]
    notes: list[str]
    settings: dict


def bad_channels(recording: Recording, ransac: bool, seed: int, limits: dict) -> BadChannels:
    """See :meth:`dosewave.Recording.bad_channels`."""
    params = {**limits, "ransac": {"seed": seed} if ransac else None}
    found = json.loads(_native.bad_channels(recording._native, json.dumps(params)))
    reasons = {
        bad["name"]: {criterion: (value, limit) for criterion, value, limit in bad["reasons"]} for bad in found["bad"]
    }
    bridged = [(a, b, share) for a, b, share in found["bridged"]]
    return BadChannels(list(reasons), reasons, bridged, found["not_applied"])


def artifacts(recording: Recording, params: dict) -> list[Artifact]:
    """See :meth:`dosewave.Recording.artifacts`."""
    return [Artifact(**found) for found in json.loads(_native.artifacts(recording._native, json.dumps(params)))]


def found_json(removed: Sequence[FoundComponent | int], components: Components) -> str:
    """Write components to remove, given as found or as indices."""
    found = [
        r
        if isinstance(r, FoundComponent)
        else FoundComponent(int(r), "chosen", 1.0, float(components.variances[int(r)]))
        for r in removed
    ]
    return json.dumps([vars(f) for f in found])


def cleaning(summary: str) -> Cleaning:
    """Read what a chain learnt and did."""
    found = json.loads(summary)
    return Cleaning(
        found["bad_channels"],
        [FoundComponent(**removed) for removed in found["removed"]],
        found["limits"],
        dict(found["interpolated"]),
        found["rejected"],
        found["notes"],
        found["settings"],
    )
