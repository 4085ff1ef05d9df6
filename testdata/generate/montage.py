"""Template electrode positions as unit vectors: `python testdata/generate/montage.py` from the project's root.

Made with mne 1.13.2 from its `colin27_1005` template (10-05 positions on the Colin27 head). A sphere is fitted to all
positions by least squares; each position becomes the direction from the sphere's centre, turned about the left-right
axis so that Cz points up. Built-in positions are compared with these directions.
"""

import json
from importlib.metadata import version
from pathlib import Path

import mne
import numpy as np


def fitted_centre(points):
    """Centre of the sphere that fits best: |p|^2 = 2 p.c + k, linear in c and k."""
    design = np.c_[2 * points, np.ones(len(points))]
    return np.linalg.lstsq(design, (points**2).sum(axis=1), rcond=None)[0][:3]


def turned_up(points, vertex):
    """Points turned about the x axis so that `vertex` has y = 0 and z > 0."""
    angle = np.arctan2(vertex[1], vertex[2])
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]).T


def main():
    positions = mne.channels.make_standard_montage("colin27_1005").get_positions()["ch_pos"]
    names = list(positions)
    points = np.array([positions[name] for name in names])
    points = points - fitted_centre(points)
    directions = turned_up(points, points[names.index("Cz")])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    out = {
        "made_with": {"mne": version("mne")},
        "directions": {name: [round(float(v), 4) for v in d] for name, d in zip(names, directions, strict=True)},
    }
    path = Path(__file__).parents[1] / "golden" / "eeg_montage.json"
    path.write_text(json.dumps(out, indent=1).replace("\n   ", " ").replace("\n  ]", "]") + "\n")


if __name__ == "__main__":
    main()
