"""EGI recordings, simple binary files of every version and a folder, and what MNE reads of them.

python testdata/generate/egi.py

Writes testdata/egi/ and testdata/golden/egi.json.
Needs: mne==1.13.2, numpy==2.4.6
"""

import json
import pathlib
import shutil
import struct
import tempfile

import mne
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "egi"
TYPES = {2: ">i2", 4: ">f4", 6: ">f8"}
CODES = ["DIN1", "dose"]
N_CHANNELS = 3
N_TIMES = 60
EPOCH = (
    "<epoch><beginTime>{}</beginTime><endTime>{}</endTime><firstBlock>{}</firstBlock><lastBlock>{}</lastBlock></epoch>"
)

mne.set_log_level("error")


def samples(n_channels, n_times, size=100.0):
    t = np.arange(n_times)
    return np.array([np.round(size * np.sin(0.2 * (c + 1) * t + c)) for c in range(n_channels)])


def raw_file(version, segments=None, bits=0, full_range=0):
    """Two events; `segments` are (category, milliseconds) of 20 samples each."""
    data = np.vstack([samples(N_CHANNELS, N_TIMES), np.zeros((2, N_TIMES))])
    data[3, 10:13] = 1
    data[3, 30] = 1
    data[4, 45] = 1
    head = struct.pack(">ihhhhhhi", version, 2021, 3, 4, 5, 6, 7, 250)
    head += struct.pack(">hhhhh", 100, N_CHANNELS, 1, bits, full_range)
    codes = struct.pack(">h", len(CODES)) + "".join(CODES).encode()
    kind = TYPES[version - version % 2]
    frames = data.T.astype(kind)
    if segments is None:
        return head + struct.pack(">i", N_TIMES) + codes + frames.tobytes()
    head += struct.pack(">h", 2) + b"\x04rest\x05tasks" + struct.pack(">hi", len(segments), 20) + codes
    for k, (category, millis) in enumerate(segments):
        head += struct.pack(">hi", category, millis) + frames[20 * k : 20 * (k + 1)].tobytes()
    return head


def block(data, rate, with_header=True):
    n_channels, n = data.shape
    body = data.astype("<f4").tobytes()
    if not with_header:
        return struct.pack("<i", 0) + body
    size = 16 + 8 * n_channels + 4
    head = struct.pack("<iiii", 1, size, len(body), n_channels)
    head += b"".join(struct.pack("<i", 4 * n * c) for c in range(n_channels))
    head += struct.pack("<i", rate << 8 | 32) * n_channels + struct.pack("<i", 0)
    return head + body


def xml(folder, name, root, schema, content):
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'
    text = f'{declaration}\n<{root} xmlns="http://www.egi.com/{schema}">{content}</{root}>\n'
    (folder / name).write_text(text)


def tag(name, *content, **attributes):
    """An element of XML."""
    words = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{words}>{''.join(str(part) for part in content)}</{name}>"


def signals(folder, version, body_rate):
    """Three blocks; in the old folder the second and third have no header."""
    slower = 100 // body_rate
    eeg, body = samples(4, 150), samples(2, 149 if slower == 1 else 150 // slower, 7.0)
    cut = 60 if version == 3 else 50
    parts = [slice(0, cut), slice(cut, 100), slice(100, None)]
    eeg_blocks = [block(eeg[:, part], 100, version == 3 or part.start == 0) for part in parts]
    (folder / "signal1.bin").write_bytes(b"".join(eeg_blocks))
    body_parts = [slice(part.start // slower, part.stop and part.stop // slower) for part in parts]
    (folder / "signal2.bin").write_bytes(b"".join(block(body[:, part], body_rate) for part in body_parts))


def infos(folder, version):
    content = tag("mffVersion", version) + tag("recordTime", "2021-03-04T05:06:07.250000+01:00")
    xml(folder, "info.xml", "fileInfo", "info_mff", content)
    edge = tag("cutoffFrequency", 40, units="Hz")
    low_pass = tag("filter", tag("beginTime", 0), tag("method", "Software"), tag("type", "Lowpass"), edge)
    gains = [tag("ch", 1 + 0.01 * n, n=n) for n in range(1, 5)]
    gcal = tag("calibration", tag("beginTime", 0), tag("type", "GCAL"), tag("channels", *gains))
    general = "<generalInformation><fileDataType><{0}/></fileDataType></generalInformation>"
    content = general.format("EEG") + tag("filters", low_pass) + tag("calibrations", gcal)
    xml(folder, "info1.xml", "dataInfo", "info_n_mff", content)
    xml(folder, "info2.xml", "dataInfo", "info_n_mff", general.format("PNSData"))


def sensors(folder):
    def sensor(name, number, kind, x, y, z):
        place = tag("x", x) + tag("y", y) + tag("z", z)
        return tag("sensor", tag("name", name), tag("number", number), tag("type", kind), place)

    all_sensors = [
        sensor("", 1, 0, 1.5, 7.0, 4.0),
        sensor("", 2, 0, -5.0, 0.5, 6.0),
        sensor("", 3, 0, 5.0, 0.5, 6.0),
        sensor("VREF", 4, 1, 0, 0, 9.0),
    ]
    layout = tag("name", "four") + tag("sensors", *all_sensors)
    xml(folder, "sensorLayout.xml", "sensorLayout", "sensorLayout_mff", layout)
    xml(folder, "coordinates.xml", "coordinates", "coordinates_mff", tag("sensorLayout", layout))
    body = [("ECG", 0, "uV"), ("Resp", 1, "mV")]
    own = [tag("sensor", tag("name", name), tag("number", n), tag("unit", unit)) for name, n, unit in body]
    xml(folder, "pnsSet.xml", "PNSSet", "pnsSet_mff", tag("name", "two") + tag("sensors", *own))


def times(folder, unit):
    """`unit` is a second."""
    end = 3 * unit + unit // 2
    epochs = EPOCH.format(0, unit, 1, 2) + EPOCH.format(3 * unit, end, 3, 3)
    xml(folder, "epochs.xml", "epochs", "epochs_mff", epochs)

    def event(time, code, label):
        begin = tag("beginTime", "2021-03-04T", time, "+01:00")
        return tag("event", begin, tag("duration", unit // 10), tag("code", code), tag("label", label), tag("keys"))

    track = tag("name", "ECI") + tag("trackType", "EVNT") + event("05:06:07.750000", "DIN1", "")
    track += event("05:06:10.500000", "dose", "0.5 mg/kg &amp; saline")
    xml(folder, "Events_ECI.xml", "eventTrack", "event_mff", track)

    def segment(status, begin, end):
        span = tag("beginTime", begin) + tag("endTime", end) + tag("evtBegin", begin) + tag("evtEnd", begin)
        return tag("seg", span, status=status)

    rest = tag("cat", tag("name", "rest"), tag("segments", segment("good", 0, unit), segment("bad", 3 * unit, end)))
    xml(folder, "categories.xml", "categories", "categories_mff", rest)


def mff(folder, version=3, body_rate=100):
    """Four electrodes at 100 Hz: 1 s, a pause of 2 s, 0.5 s; two body signals; events; categories."""
    folder.mkdir(exist_ok=True)
    signals(folder, version, body_rate)
    infos(folder, version)
    sensors(folder)
    times(folder, 1_000_000 if version == 3 else 1_000_000_000)


def golden(path):
    raw = mne.io.read_raw_egi(path, preload=True)
    units = [1e6 if kind in ("eeg", "ecg", "bio", "emg", "misc") else 1.0 for kind in raw.get_channel_types()]
    return {
        "ch_names": raw.ch_names,
        "sfreq": raw.info["sfreq"],
        "n_times": raw.n_times,
        "data": [[float(f"{v:.14g}") for v in row * unit] for row, unit in zip(raw.get_data(), units, strict=True)],
        "annotations": [[float(a["onset"]), a["description"]] for a in raw.annotations],
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    out = {"mne": mne.__version__, "files": {}}
    files = {f"version{v}.raw": raw_file(v) for v in (2, 4, 6)}
    files["scaled.raw"] = raw_file(2, bits=12, full_range=5000)
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
        out["files"][name] = golden(FOLDER / name)
    for version in (3, 5, 7):
        (FOLDER / f"version{version}.raw").write_bytes(raw_file(version, [(1, 0), (2, 200), (1, 1500)]))
    (FOLDER / "overlap.raw").write_bytes(raw_file(5, [(1, 0), (2, 100), (1, 1500)]))
    mff(FOLDER / "four.mff")
    # MNE 1.13.2 fails on a recording with a pause and on any event in it
    with tempfile.TemporaryDirectory() as temporary:
        copy = pathlib.Path(temporary) / "four.mff"
        shutil.copytree(FOLDER / "four.mff", copy)
        (copy / "Events_ECI.xml").unlink()
        whole = EPOCH.format(0, 1_500_000, 1, 3)
        xml(copy, "epochs.xml", "epochs", "epochs_mff", whole)
        out["files"]["four.mff"] = golden(copy)
    mff(FOLDER / "old.mff", version=2)
    # MNE 1.13.2 refuses body signals of another rate
    mff(FOLDER / "slow.mff", body_rate=50)
    (ROOT / "golden" / "egi.json").write_text(json.dumps(out, separators=(",", ":"), default=lambda v: v.item()) + "\n")


if __name__ == "__main__":
    main()
