"""Small HDF5, NWB and MATLAB v7.3 files for the corpora: one kind of dataset each, a few kilobytes.

python fuzz/seeds.py [FOLDER OF RECORDINGS]

Needs h5py and numpy. Small files of a folder of recordings, where one is given, are taken in as well.
"""

import re
import sys
from pathlib import Path

import h5py
import numpy as np

CORPUS = Path(__file__).resolve().parent / "corpus"
VERSIONS = [("earliest", "earliest"), ("v108", ("v108", "v108")), ("latest", ("v110", "v110"))]
# file endings of the formats that are one file, and their targets
ENDINGS = {".edf": "edf", ".bdf": "bdf", ".fif": "fif", ".cnt": "neuroscan", ".xdf": "xdf", ".raw": "egi_raw", ".nwb": "nwb"}
SMALL = 200_000


def places(*shape, dtype="i2"):
    return np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)


def datasets():
    """Name, data and options of each kind."""
    yield "whole", places(3, 5, dtype=">f4"), {}
    yield "chunks", places(12, 6), {"chunks": (5, 4)}
    yield "gzip", places(12, 6), {"chunks": (5, 4), "compression": "gzip", "shuffle": True}
    yield "lzf", np.zeros((16, 10), "i4"), {"chunks": (16, 10), "compression": "lzf"}
    yield "fletcher", places(12, 6), {"chunks": (5, 6), "fletcher32": True}
    yield "grows", places(12, 6), {"chunks": (4, 6), "maxshape": (None, 6)}
    yield "grows_both", places(12, 6), {"chunks": (4, 3), "maxshape": (None, None), "compression": "gzip"}
    yield "max_larger", places(12, 6), {"chunks": (5, 4), "maxshape": (40, 12)}
    yield "many", places(60, dtype="i1"), {"chunks": (1,), "maxshape": (None,)}
    yield "fixed", places(60, dtype="i1"), {"chunks": (1,)}
    yield "texts", np.array(["Fz", "", "µV"], dtype=object), {"dtype": h5py.string_dtype()}
    yield "bytes", np.array([b"Fz", b"long text"]), {}
    yield "pairs", np.array([(1, 2.5)], dtype=[("first", "i4"), ("second", "f8")]), {}
    yield "flags", np.array([True, False]), {}


def hdf5():
    folder = CORPUS / "h5"
    folder.mkdir(parents=True, exist_ok=True)
    for version, libver in VERSIONS:
        for name, data, options in datasets():
            with h5py.File(folder / f"{name}_{version}.h5", "w", libver=libver) as file:
                made = file.create_dataset(name, data=data, **options)
                made.attrs["unit"] = "volts"
                file.create_dataset("reference", data=np.array([made.ref], dtype=h5py.ref_dtype))
        with h5py.File(folder / f"groups_{version}.h5", "w", libver=libver) as file:
            for i in range(12):
                file.create_group(f"group_{i}").attrs["MATLAB_class"] = "struct"
            for i in range(10):
                file["group_0"].attrs[f"a{i}"] = i
            file["group_0/loop"] = file["/"]


def nwb():
    folder = CORPUS / "nwb"
    folder.mkdir(parents=True, exist_ok=True)
    for version, libver in VERSIONS:
        for kind in ["rate", "timestamps"]:
            with h5py.File(folder / f"{kind}_{version}.nwb", "w", libver=libver) as file:
                one_nwb(file, kind)


def one_nwb(file, kind):
    text = h5py.string_dtype()
    file.attrs["nwb_version"] = "2.9.0"
    file.attrs["neurodata_type"] = "NWBFile"
    file.create_dataset("session_start_time", data="2024-03-05T14:07:09.25+00:00", dtype=text)
    file.create_dataset("general/subject/subject_id", data="S1", dtype=text)
    table = file.create_group("general/extracellular_ephys/electrodes")
    table.create_dataset("id", data=[0, 1])
    table.create_dataset("label", data=["Fz", "Cz"], dtype=text)
    for axis, values in {"x": [-57e3, 0], "y": [-76e3, -95e3], "z": [0, 0]}.items():
        table.create_dataset(axis, data=np.array(values, "f4"))
    series = file.create_group("acquisition/eeg")
    series.attrs["neurodata_type"] = "ElectricalSeries"
    data = series.create_dataset("data", data=places(40, 2), chunks=(16, 2), compression="gzip")
    data.attrs["unit"] = "volts"
    data.attrs["conversion"] = 1e-7
    series.create_dataset("electrodes", data=[1, 0])
    if kind == "rate":
        series.create_dataset("starting_time", data=2.0).attrs["rate"] = 10.0
    else:
        times = np.arange(40) / 10 + (np.arange(40) > 20) * 5
        series.create_dataset("timestamps", data=times)
    trials = file.create_group("intervals/trials")
    trials.attrs["neurodata_type"] = "TimeIntervals"
    trials.create_dataset("start_time", data=[0.5, 1.5])
    trials.create_dataset("stop_time", data=[1.0, np.nan])
    trials.create_dataset("condition", data=["a", ""], dtype=text)


def eeglab():
    """Sets of v7.3, with the two bytes in front that the target has."""
    folder = CORPUS / "eeglab"
    folder.mkdir(parents=True, exist_ok=True)
    for version, libver in VERSIONS[:2]:
        path = folder / f"small_{version}"
        with h5py.File(path, "w", libver=libver, userblock_size=512) as file:
            one_set(file)
        path.write_bytes(b"\x00\x00" + path.read_bytes())


def one_set(file):
    eeg = file.create_group("EEG")
    refs = file.create_group("#refs#")

    def put(group, name, values, kind):
        made = group.create_dataset(name, data=values)
        made.attrs["MATLAB_class"] = np.bytes_(kind)
        return made

    def text(group, name, value):
        return put(group, name, np.array([[ord(c)] for c in value], "u2"), "char")

    eeg.attrs["MATLAB_class"] = np.bytes_("struct")
    for name, value in {"srate": 100.0, "nbchan": 2.0, "pnts": 30.0, "trials": 1.0, "xmin": 0.0}.items():
        put(eeg, name, np.array([[value]]), "double")
    put(eeg, "data", places(30, 2, dtype="f4"), "single")
    for struct, fields in {
        "chanlocs": {"labels": ["Fz", "Cz"], "X": [1.0, 0.0], "Y": [0.0, 0.0], "Z": [0.5, 1.0]},
        "event": {"type": ["dose", "boundary"], "latency": [5.0, 10.5], "duration": [0.0, 3.0]},
    }.items():
        group = eeg.create_group(struct)
        group.attrs["MATLAB_class"] = np.bytes_("struct")
        for field, values in fields.items():
            made = []
            for i, value in enumerate(values):
                name = f"{struct}_{field}_{i}"
                is_text = isinstance(value, str)
                made.append(text(refs, name, value) if is_text else put(refs, name, np.array([[value]]), "double"))
            group.create_dataset(field, data=np.array([[m.ref] for m in made], dtype=h5py.ref_dtype))


def shared(folder):
    """Small recordings of a folder, and sets with the two bytes in front."""
    for path in sorted(Path(folder).rglob("*")):
        ending = path.suffix.lower()
        if not path.is_file() or path.stat().st_size > SMALL:
            continue
        if ending in ENDINGS:
            (CORPUS / ENDINGS[ending] / f"shared_{path.name}").write_bytes(path.read_bytes())
        elif ending == ".set":
            (CORPUS / "eeglab" / f"shared_{path.name}").write_bytes(b"\xe8\x03" + path.read_bytes())


def brainvision(folder):
    """Headers of a folder with their markers and the beginning of their samples, as the target has them."""
    for path in sorted(Path(folder).rglob("*.vhdr")):
        header = path.read_bytes()
        stated = dict(re.findall(rb"^(DataFile|MarkerFile)=(.*?)\r?$", header, re.M))
        parts = [re.sub(rb"^DataFile=.*?(\r?)$", rb"DataFile=a.eeg\1", header, flags=re.M)]
        parts[0] = re.sub(rb"^MarkerFile=.*?(\r?)$", rb"MarkerFile=a.vmrk\1", parts[0], flags=re.M)
        for key, n in [(b"MarkerFile", 10_000), (b"DataFile", 6000)]:
            beside = path.parent / stated.get(key, b"none").decode("utf-8", "replace").replace("$b", path.stem)
            parts.append(beside.read_bytes()[:n] if beside.is_file() else b"")
        (CORPUS / "brainvision" / f"shared_{path.stem}").write_bytes(b"\xff".join(parts))


if __name__ == "__main__":
    hdf5()
    nwb()
    eeglab()
    if len(sys.argv) > 1:
        shared(sys.argv[1])
        brainvision(sys.argv[1])
