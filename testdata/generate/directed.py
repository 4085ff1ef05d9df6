"""Golden values of PDC, generalised PDC and DTF: `pip install scot==0.2.1; python testdata/generate/directed.py`."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

# SCoT's last release uses names that numpy has dropped
for name, builtin in (("int", int), ("float", float), ("complex", complex)):
    if not hasattr(np, name):
        setattr(np, name, builtin)

from scot.connectivity import Connectivity  # noqa: E402

OUT = Path(__file__).parents[1] / "golden" / "directed_scot.json"
COEFS = [
    [[0.5, 0.0, 0.0, 0.1], [0.0, 0.4, 0.2, 0.0], [0.0, 0.3, 0.3, 0.0], [0.0, 0.0, 0.2, 0.5]],
    [[-0.7, 0.0, 0.0, 0.0], [0.5, -0.3, 0.0, 0.0], [0.0, 0.0, 0.1, 0.0], [0.2, 0.0, 0.0, -0.4]],
]
NOISE = [[1.0, 0.2, 0.0, 0.0], [0.2, 2.0, 0.0, 0.1], [0.0, 0.0, 0.5, 0.0], [0.0, 0.1, 0.0, 1.0]]
N_FREQS = 5


def main():
    coefs, noise = np.array(COEFS), np.array(NOISE)
    # SCoT's columns: all lags of the first signal, then of the second
    scot = Connectivity(coefs.transpose(1, 2, 0).reshape(4, -1), c=noise, nfft=N_FREQS)
    # the values lie at the first bins of a transform of 2 n - 1 points: k Hz at a rate of 2 n - 1 Hz
    measures = {"pdc": scot.PDC(), "gpdc": scot.GPDC(), "dtf": scot.DTF()}
    golden = {
        "versions": {"scot": version("scot"), "numpy": version("numpy")},
        "coefs": COEFS,
        "noise": NOISE,
        "sfreq": 2 * N_FREQS - 1,
        "freqs": list(range(N_FREQS)),
        "measures": {name: np.abs(values).tolist() for name, values in measures.items()},
    }
    OUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
