"""Neuroscan recordings of every dialect, and what MNE reads of them.

python testdata/generate/neuroscan.py

Writes testdata/neuroscan/ and testdata/golden/neuroscan.json.
Needs: mne==1.13.2, numpy==2.4.6
"""

import json
import pathlib
import struct

import mne
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "neuroscan"
NAMES = ["FP1", "CZ", "VEOG"]
BASELINES = [0, 12, -3]
SENSITIVITIES = [1.0, 2.5, 0.75]
CALIBRATIONS = [0.5, 1.25, 2.0]
N_TIMES = 240

mne.set_log_level("error")


def samples(size):
    t = np.arange(N_TIMES)
    return np.array([np.round(size * np.sin(0.05 * (c + 1) * t + c)) for c in range(3)]).astype(int)


def setup(n_samples, events_at, channel_bytes=0, date="10/25/02", time="15:08:15"):
    head = bytearray(900)
    head[:12] = b"Version 3.0\0"
    head[20] = 1
    head[225 : 225 + len(date)] = date.encode()
    head[235 : 235 + len(time)] = time.encode()
    struct.pack_into("<H", head, 370, 3)
    struct.pack_into("<H", head, 376, 250)
    struct.pack_into("<I", head, 864, n_samples)
    struct.pack_into("<I", head, 886, events_at)
    struct.pack_into("<I", head, 894, channel_bytes)
    for name, baseline, sensitivity, calibration in zip(NAMES, BASELINES, SENSITIVITIES, CALIBRATIONS, strict=True):
        electrode = bytearray(75)
        electrode[: len(name)] = name.encode()
        struct.pack_into("<h", electrode, 47, baseline)
        struct.pack_into("<f", electrode, 59, sensitivity)
        struct.pack_into("<f", electrode, 71, calibration)
        head += electrode
    return bytes(head)


def table(kind, events, width):
    """`events` are (sample, code, pad); kind 3 counts samples, the others bytes of the file."""
    out = b""
    for sample, code, pad in events:
        place = sample if kind == 3 else 1125 + sample * 3 * width
        out += struct.pack("<HBBI", code, 0, pad, place)
        if kind != 1:
            out += bytes(11)
    return struct.pack("<BII", kind, len(out), 0) + out


def write(
    name, width, kind, size, n_samples=N_TIMES, block=0, events=((10, 7, 0), (99, 109, 0), (150, 0, 5), (200, 7, 0))
):
    data = samples(size)
    if block:
        parts = [data[:, at : at + block].ravel() for at in range(0, N_TIMES, block)]
        data = np.concatenate(parts)
    else:
        data = data.T.ravel()
    data = data.astype("<i2" if width == 2 else "<i4").tobytes()
    events_at = 1125 + len(data)
    content = setup(n_samples, events_at, block * width) + data + table(kind, events, width)
    (FOLDER / name).write_bytes(content)


def golden(name, width):
    raw = mne.io.read_raw_cnt(FOLDER / name, data_format=f"int{8 * width}", date_format="mm/dd/yy", preload=True)
    return {
        "ch_names": raw.ch_names,
        "sfreq": raw.info["sfreq"],
        "n_times": raw.n_times,
        "start": raw.info["meas_date"].strftime("%Y-%m-%dT%H:%M:%S"),
        "data": [[float(f"{v:.14g}") for v in row] for row in raw.get_data() * 1e6],
        "annotations": [[float(a["onset"]), a["description"]] for a in raw.annotations],
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    kinds = {
        "int16_events1.cnt": dict(width=2, kind=1, size=3000),
        "int16_events3.cnt": dict(width=2, kind=3, size=3000),
        "int16_blocks.cnt": dict(width=2, kind=2, size=3000, block=40),
        "int32_events2.cnt": dict(width=4, kind=2, size=2_000_000),
    }
    out = {"mne": mne.__version__, "files": {}}
    for name, options in kinds.items():
        write(name, **options)
        out["files"][name] = golden(name, options["width"])
    # the number of samples is 0: events alone tell the width
    write("int16_unstated.cnt", 2, 2, 3000, n_samples=0)
    # stopped at sample 120 and begun again
    write("int16_boundary.cnt", 2, 2, 3000, events=((50, 3, 0), (120, 0, 0xE0), (130, 3, 0), (N_TIMES, 0, 0xE0)))
    for path in sorted(FOLDER.iterdir()):
        print(path.name, path.stat().st_size)
    (ROOT / "golden" / "neuroscan.json").write_text(
        json.dumps(out, separators=(",", ":"), default=lambda v: v.item()) + "\n"
    )


if __name__ == "__main__":
    main()
