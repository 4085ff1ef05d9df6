"""Makes the datasets of testdata/eeglab, in every way in which EEGLAB's sets are written.

    python testdata/generate/eeglab_sets.py

Needs numpy, scipy (MAT files of level 5, deflated and not), eeglabio 0.1 and h5py (v7.3). Samples are, for channel c
and time t, 10 (c + 1) + ((7919 t + 31 c) mod 1000) / 8 - 62.5, which 32-bit floats hold exactly;
crates/io/tests/eeglab.rs repeats the formula.
"""

from pathlib import Path

import h5py
import numpy as np
from eeglabio.raw import export_set
from scipy.io import savemat

FOLDER = Path(__file__).resolve().parents[1] / "eeglab"
N_CHANNELS, N_TIMES, SFREQ = 4, 300, 100.0
LABELS = ["Fz", "C3", "Pz", "EOG1"]
# on a sphere of radius 1, EEGLAB's axes: x to the nose, y to the left
PLACES = [(0.6, 0.0, 0.8), (0.0, 0.8, 0.6), (-0.6, 0.0, 0.8), None]
EMPTY = np.zeros((0, 0))


def samples():
    """`(channel, time)`."""
    c, t = np.mgrid[0:N_CHANNELS, 0:N_TIMES]
    return (10 * (c + 1) + ((7919 * t + 31 * c) % 1000) / 8 - 62.5).astype("f4")


def structs(rows):
    """A struct array, as scipy takes it."""
    fields = list(rows[0])
    array = np.empty((1, len(rows)), dtype=[(name, "O") for name in fields])
    for i, row in enumerate(rows):
        for name in fields:
            array[0, i][name] = row[name]
    return array


def chanlocs(radius=1.0):
    rows = []
    for label, place in zip(LABELS, PLACES, strict=True):
        x, y, z = (EMPTY, EMPTY, EMPTY) if place is None else [radius * v for v in place]
        kind = "EOG" if label == "EOG1" else ""
        rows.append({"labels": label, "type": kind, "X": x, "Y": y, "Z": z})
    return rows


def event(kind, latency, duration=EMPTY, **more):
    """Latencies count from 1."""
    return {"type": kind, "latency": latency, "duration": duration, **more}


def dataset(data, **changes):
    """The fields of a set."""
    fields = {
        "setname": "made by a program",
        "nbchan": float(N_CHANNELS),
        "trials": 1.0,
        "pnts": float(N_TIMES),
        "srate": SFREQ,
        "xmin": 0.0,
        "xmax": (N_TIMES - 1) / SFREQ,
        "times": np.arange(N_TIMES)[None] * 1000 / SFREQ,
        "data": data,
        "icaact": EMPTY,
        "icawinv": EMPTY,
        "icasphere": EMPTY,
        "icaweights": EMPTY,
        "icachansind": EMPTY,
        "chanlocs": chanlocs(),
        "chaninfo": {"nosedir": "+X"},
        "ref": "common",
        "event": [event("square", 51.0), event("rt", 80.25, 20.0), event("dose µg", 201.5)],
        "urevent": EMPTY,
        "epoch": EMPTY,
        "comments": "x" * 2000,
        "datfile": "",
    }
    return {**fields, **changes}


def for_scipy(fields):
    return {name: structs(value) if isinstance(value, list) else value for name, value in fields.items()}


def level5(name, fields, *, deflated, flat=False):
    content = for_scipy(fields)
    content = content if flat else {"EEG": content}
    savemat(FOLDER / name, content, appendmat=False, do_compression=deflated, oned_as="row")
    without_date(FOLDER / name)


def without_date(path):
    """The same bytes whenever the file is made: the first 116 are text with a date."""
    with open(path, "r+b") as file:
        file.write(b"MATLAB 5.0 MAT-file, made by a program".ljust(116))


class Matlab73:
    """Writes values as MATLAB v7.3 does: dimensions reversed, 16-bit characters, references for cells and structs."""

    def __init__(self, path):
        """Begins the file at `path`."""
        self.file = h5py.File(path, "w", userblock_size=512)
        self.refs = self.file.create_group("#refs#")
        self.n = 0

    def reference(self, value):
        """A reference to a value, which is written apart."""
        self.n += 1
        return self.write(self.refs, f"r{self.n}", value).ref

    def write(self, group, name, value):
        """Writes a value under a name."""
        if isinstance(value, list):
            made = group.create_group(name)
            made.attrs["MATLAB_class"] = np.bytes_("struct")
            for field in value[0]:
                refs = np.array([[self.reference(row[field])] for row in value], dtype=h5py.ref_dtype)
                made.create_dataset(field, data=refs)
            return made
        if isinstance(value, dict):
            made = group.create_group(name)
            made.attrs["MATLAB_class"] = np.bytes_("struct")
            for field, inner in value.items():
                self.write(made, field, inner)
            return made
        is_text = isinstance(value, str)
        array = np.frombuffer(value.encode("utf-16le"), "<u2")[:, None] if is_text else np.atleast_2d(value).T
        options = {}
        if array.size == 0:
            array, empty = np.zeros(2, "u8"), True
        else:
            empty = False
            if array.size > 1000:
                options = {"chunks": tuple(min(64, n) for n in array.shape), "compression": "gzip", "shuffle": True}
        made = group.create_dataset(name, data=array, **options)
        kind = "char" if is_text else array.dtype.name.replace("float64", "double")
        made.attrs["MATLAB_class"] = np.bytes_(kind)
        if empty:
            made.attrs["MATLAB_empty"] = np.uint8(1)
        return made

    def close(self, path):
        """Ends the file and gives it MATLAB's first bytes."""
        self.file.close()
        head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: by a program HDF5 schema 1.00 ."
        with open(path, "r+b") as file:
            file.write(head.ljust(124) + b"\x00\x02IM")


def level73(name, fields, *, flat=False):
    path = FOLDER / name
    writer = Matlab73(path)
    if flat:
        for field, value in fields.items():
            writer.write(writer.file, field, value)
    else:
        writer.write(writer.file, "EEG", fields)
    writer.close(path)


def epochs(*, overlapping):
    """Three epochs of 100 samples whose events know where they stood: at samples 50, 350 (or 130) and 700, from 0."""
    original = [71.0, 151.0 if overlapping else 371.0, 721.0]
    rows = [event("square", 21.0 + 100 * e, urevent=e + 1.0, epoch=e + 1.0) for e in range(3)]
    rows.insert(1, event("rt", 41.5, urevent=4.0, epoch=1.0))
    urevents = [{"type": "square", "latency": latency} for latency in original]
    urevents.append({"type": "rt", "latency": 91.5})
    return {"trials": 3.0, "pnts": 100.0, "xmin": -0.2, "xmax": 0.79, "event": rows, "urevent": urevents}


def by_eeglabio():
    """A continuous set by eeglabio, which MNE exports with: places in metres, EEGLAB's axes."""
    places = np.array([(0.06, 0.0, 0.07), (0.0, 0.07, 0.06), (-0.06, 0.0, 0.07), (0.08, -0.03, 0.0)])
    annotations = [np.array(["dose", "eyes/open"]), np.array([0.5, 1.25]), np.array([0.0, 0.5])]
    export_set(str(FOLDER / "eeglabio.set"), samples() * 1e-6, SFREQ, LABELS, ch_locs=places, annotations=annotations)
    without_date(FOLDER / "eeglabio.set")


def main():
    FOLDER.mkdir(exist_ok=True)
    data = samples()
    level5("one_file_v6.set", dataset(data), deflated=False)
    level5("one_file_v7.set", dataset(data), deflated=True)
    level5("double_v7.set", dataset(data.astype("f8"), chanlocs=chanlocs(85.0)), deflated=True)
    level5("flat_v7.set", dataset(data), deflated=True, flat=True)
    level5("int16_v6.set", dataset((8 * data).astype("i2")), deflated=False)
    (FOLDER / "with_fdt.fdt").write_bytes(data.astype("<f4").T.tobytes())
    numeric = [event(1.0, 1.0), event(2.5, 100.0), event(EMPTY, 300.0)]
    level5("with_fdt.set", dataset("with_fdt.fdt", datfile="with_fdt.fdt", event=numeric), deflated=False)
    (FOLDER / "with_dat.dat").write_bytes(data.astype("<f4").tobytes())
    level5("with_dat.set", dataset("with_dat.dat", datfile="with_dat.dat", event=EMPTY), deflated=False)
    cuts = [event("boundary", 0.5, 10.0), event("a", 50.0), event("boundary", 100.5, 250.0), event("b", 150.0)]
    cuts += [event("boundary", 200.5, np.nan), event("c", 250.0)]
    level5("boundaries.set", dataset(data, event=cuts), deflated=True)
    ica = {
        "icaweights": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "icasphere": np.array([[2.0, 0.5], [0.0, 1.0]]),
        "icachansind": np.array([[2.0, 4.0]]),
    }
    trials = data.reshape(N_CHANNELS, 3, 100).transpose(0, 2, 1)
    level5("epochs.set", dataset(trials, **epochs(overlapping=False), **ica), deflated=True)
    level5("epochs_overlapping.set", dataset(trials, **epochs(overlapping=True)), deflated=True)
    by_eeglabio()
    level73("one_file_v73.set", dataset(data))
    level73("flat_v73.set", dataset(data), flat=True)
    level73("epochs_v73.set", dataset(trials, **epochs(overlapping=False), **ica))


if __name__ == "__main__":
    main()
