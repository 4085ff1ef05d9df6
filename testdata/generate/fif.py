"""FIF recordings of every dialect, and what MNE reads of them.

python testdata/generate/fif.py

Writes testdata/fif/, two files of testdata/bad/ and testdata/golden/fif.json.
Needs: mne==1.13.2, numpy==2.4.6
"""

import datetime
import json
import pathlib

import mne
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "fif"
SPLIT = FOLDER / "split"
BAD = ROOT / "bad"
SFREQ = 100.0
FIRST_SAMP = 37
N_TIMES = 600

mne.set_log_level("error")


def raw_of(n_times=N_TIMES, first_samp=FIRST_SAMP, date=True):
    """Four EEG channels (one of a long name), EOG, a trigger channel and one that is no voltage."""
    names = ["Fz", "Cz", "Pz", "a long name of an EEG channel", "EOG", "STI 014", "TEMP"]
    kinds = ["eeg", "eeg", "eeg", "eeg", "eog", "stim", "temperature"]
    info = mne.create_info(names, SFREQ, kinds)
    t = np.arange(n_times)
    data = np.array([1e-6 * np.round(40 * np.sin(0.07 * (c + 1) * t + c) + 5 * c) for c in range(7)])
    data[5] = 0
    data[5, 100:103] = 5
    data[5, 200:204] = 7
    data[5, 204:206] = 3
    data[5, 400:403] = 5
    data[6] = 36.5 + 0.01 * (t % 7)
    raw = mne.io.RawArray(data, info, first_samp=first_samp)
    positions = {"Fz": [0.0, 0.07, 0.06], "Cz": [0.0, 0.01, 0.1], "Pz": [0.001, -0.06, 0.08]}
    raw.set_montage(mne.channels.make_dig_montage(positions, coord_frame="head"), on_missing="ignore")
    if date:
        raw.set_meas_date(datetime.datetime(2020, 1, 2, 3, 4, 5, 250000, tzinfo=datetime.timezone.utc))
    raw.set_annotations(
        mne.Annotations(
            [1.0, 2.5, 4.0], [0.0, 0.5, 1.25], ["dose: 0.5 mg/kg", "BAD move", "rest"], ch_names=[[], ["Fz"], []]
        )
    )
    return raw


def without_folder(path):
    """MNE names the part before this one with the folder it was written in; the name alone is kept."""
    data = path.read_bytes()
    whole = str(SPLIT / "split_raw.fif").encode()
    assert data.count(whole) == 1
    path.write_bytes(data.replace(whole, b"split_raw.fif".ljust(len(whole), b"\0")))


def some(rows):
    """Every 11th sample of each row."""
    return [[float(f"{v:.14g}") for v in row[::11]] for row in rows]


def position(loc):
    return [float(v) for v in loc] if np.isfinite(loc).all() else None


def golden(raw):
    data = raw.get_data()
    unit = {"eeg": 1e6, "eog": 1e6}
    kinds = raw.get_channel_types()
    events = mne.find_events(raw, shortest_event=1)
    start = raw.info["meas_date"]
    if start is not None:
        start = (start + datetime.timedelta(seconds=raw.first_time)).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0")
    return {
        "ch_names": raw.ch_names,
        "ch_types": kinds,
        "sfreq": raw.info["sfreq"],
        "n_times": raw.n_times,
        "start": start,
        "data": some([row * unit.get(kind, 1.0) for row, kind in zip(data, kinds, strict=True)]),
        "positions": [
            [float(v) for v in ch["loc"][:3]] if np.isfinite(ch["loc"][:3]).all() else None for ch in raw.info["chs"]
        ],
        "events": [[int(s - raw.first_samp), int(v)] for s, _, v in events],
        "annotations": [
            [float(a["onset"] - raw.first_time), float(a["duration"]), a["description"], list(a.get("ch_names") or [])]
            for a in raw.annotations
        ],
    }


def main():
    for folder in [FOLDER, SPLIT, BAD]:
        folder.mkdir(exist_ok=True)
    out = {"mne": mne.__version__, "files": {}}

    def keep(name):
        out["files"][name] = golden(mne.io.read_raw_fif(FOLDER / name, preload=True))

    raw = raw_of()
    for fmt in ["single", "double", "int", "short"]:
        raw.save(FOLDER / f"{fmt}_raw.fif", fmt=fmt, buffer_size_sec=1.0, overwrite=True)
        keep(f"{fmt}_raw.fif")
    raw_of(300, date=False).save(FOLDER / "undated_raw.fif", buffer_size_sec=0.7, overwrite=True)
    keep("undated_raw.fif")

    # what was not recorded: 1 s to 3 s
    raw = raw_of()
    raw.set_annotations(mne.Annotations([1.0], [2.0], ["BAD_ACQ_SKIP"]))
    raw.save(FOLDER / "skip_raw.fif", buffer_size_sec=0.5, overwrite=True)
    keep("skip_raw.fif")

    # a split recording; MNE keeps 1 MiB of each part free
    raw = raw_of(N_TIMES * 4)
    raw.save(SPLIT / "split_raw.fif", buffer_size_sec=1.0, split_size=(1 << 20) + 40_000, overwrite=True)
    keep("split/split_raw.fif")
    without_folder(SPLIT / "split_raw-1.fif")

    # projections and a bad channel
    raw = raw_of(200)
    raw.info["bads"] = ["Pz"]
    raw.set_eeg_reference(projection=True)
    raw.save(FOLDER / "proj_raw.fif", overwrite=True)
    keep("proj_raw.fif")

    complex_raw = mne.io.RawArray(raw.get_data()[:2] * (1 + 1j), mne.create_info(2, SFREQ, "eeg"))
    complex_raw.save(BAD / "complex_raw.fif", fmt="single", overwrite=True)

    persons()
    epochs(out)
    average(out)
    for path in sorted(FOLDER.glob("**/*.fif")):
        print(path.name, path.stat().st_size)
    (ROOT / "golden" / "fif.json").write_text(json.dumps(out, separators=(",", ":"), default=lambda v: v.item()) + "\n")


def persons():
    """Every field that names a person, a project or a device."""
    raw = raw_of(60)
    raw.set_annotations(mne.Annotations([0.1, 0.2], [0, 0], ["dose", "Haagse asleep"]))
    raw.info["subject_info"] = {
        "id": 234567,
        "his_id": "MCH-0234567",
        "first_name": "Harry",
        "last_name": "Haagse",
        "birthday": datetime.date(1951, 5, 2),
        "sex": 1,
        "hand": 2,
    }
    raw.info["experimenter"] = "Doe"
    raw.info["description"] = "the second dose"
    raw.info["proj_id"] = 77
    raw.info["proj_name"] = "Tuin"
    raw.info["device_info"] = {"type": "EEG", "model": "A", "serial": "SN-4711", "site": "Utrecht"}
    raw.save(FOLDER / "persons_raw.fif", overwrite=True)


def epochs_of(decim=1, tmax=0.5):
    raw = raw_of()
    events = mne.find_events(raw, shortest_event=1)
    return mne.Epochs(
        raw,
        events,
        {"five": 5, "a:seven": 7},
        -0.2,
        tmax,
        baseline=(None, 0),
        preload=True,
        decim=decim,
        reject_by_annotation=False,
    )


def epochs(out):
    for name, decim, tmax, fmt in [
        ("whole", 1, 0.5, "single"),
        ("decimated", 2, 0.5, "double"),
        ("overlap", 1, 1.5, "single"),
    ]:
        file = f"{name}-epo.fif"
        epochs_of(decim, tmax).save(FOLDER / file, fmt=fmt, overwrite=True)
        read = mne.read_epochs(FOLDER / file)
        data = read.get_data()
        units = [1e6 if kind in ("eeg", "eog") else 1.0 for kind in read.get_channel_types()]
        names = {v: k for k, v in read.event_id.items()}
        out["files"][file] = {
            "ch_names": read.ch_names,
            "sfreq": read.info["sfreq"],
            "onsets": [float(s / SFREQ + read.tmin) for s in read.events[:, 0]],
            "events": [[float(s / SFREQ), names[v]] for s, v in read.events[:, [0, 2]]],
            "data": some([data[:, c].ravel() * unit for c, unit in enumerate(units)]),
        }


def average(out):
    epochs_of()["five"].average().save(BAD / "average-ave.fif", overwrite=True)


if __name__ == "__main__":
    main()
