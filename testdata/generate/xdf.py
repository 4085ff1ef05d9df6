"""XDF recordings of several streams, and what pyxdf reads of them.

python testdata/generate/xdf.py

Writes testdata/xdf/ and testdata/golden/xdf.json.
Needs: pyxdf==1.17.5, numpy==2.4.6
"""

import json
import pathlib
import struct

import numpy as np
import pyxdf

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "xdf"
BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
TYPES = {"int8": "b", "int16": "h", "int32": "i", "int64": "q", "float32": "f", "double64": "d"}


def length(n, width=None):
    width = width or (1 if n < 256 else 4)
    return struct.pack("<B" + {1: "B", 4: "I", 8: "Q"}[width], width, n)


def chunk(tag, content, width=None):
    return length(len(content) + 2, width) + struct.pack("<H", tag) + content


def header(stream, name, kind, rate, values, channels):
    described = "".join(
        f"<channel><label>{label}</label><type>{ch_type}</type><unit>{unit}</unit></channel>"
        for label, ch_type, unit in channels
    )
    xml = (
        f'<?xml version="1.0"?><info><name>{name}</name><type>{kind}</type>'
        f"<channel_count>{max(1, len(channels))}</channel_count><nominal_srate>{rate}</nominal_srate>"
        f"<channel_format>{values}</channel_format><desc><channels>{described}</channels></desc></info>"
    )
    return chunk(2, struct.pack("<I", stream) + xml.encode())


def samples(stream, values, stamps, rows, width=None):
    """`stamps` holds None where a sample bears no time."""
    out = struct.pack("<I", stream) + length(len(rows), width)
    for stamp, row in zip(stamps, rows, strict=True):
        out += b"\0" if stamp is None else struct.pack("<Bd", 8, stamp)
        for value in row:
            if values == "string":
                text = value.encode()
                out += length(len(text)) + text
            else:
                out += struct.pack("<" + TYPES[values], value)
    return chunk(3, out)


def offset(stream, time, value):
    return chunk(4, struct.pack("<Idd", stream, time, value))


def footer(stream, n):
    return chunk(6, struct.pack("<I", stream) + f"<info><sample_count>{n}</sample_count></info>".encode())


def file_header(width=None):
    xml = '<?xml version="1.0"?><info><version>1.0</version><datetime>2021-03-04T05:06:07+0100</datetime></info>'
    return b"XDF:" + chunk(1, xml.encode(), width)


EEG = [("Fz", "EEG", "microvolts"), ("Cz", "EEG", "mV"), ("EOG1", "EOG", "uV"), ("TRIG", "STIM", "")]


def value(c, t):
    if c == 3:
        return 4.0 if 100 <= t < 110 or 300 <= t < 305 else 0.0
    return float(round(20 * np.sin(0.1 * (c + 1) * t)))


def streams(values="float32", pause=7.0, with_accelerometer=True):
    """EEG at 100.002 Hz on a clock that is 50 s ahead and drifts, with a pause; markers; an accelerometer."""
    rng = np.random.default_rng(5)
    n, chunk_size = 500, 25
    rate = 100.002
    true = 1000 + np.arange(n) / rate
    true[350:] += pause
    device = (true + 50) * (1 + 2e-5)
    # an arrival is up to 2 ms late
    stamps = device + rng.uniform(0, 0.002, n)
    parts = [file_header(), header(1, "amp", "EEG", 100, values, EEG), header(2, "keys", "Markers", 0, "string", [])]
    if with_accelerometer:
        parts.append(header(3, "acc", "ACC", 50, "int16", [("X", "", "g"), ("Y", "", "g")]))
    for start in range(0, n, chunk_size):
        rows = [[value(c, t) for c in range(4)] for t in range(start, start + chunk_size)]
        if values != "float32":
            rows = [[int(v) for v in row] for row in rows]
        # the first of each chunk bears a time, and every one of the second half
        times = [stamps[t] if t == start or start >= 250 else None for t in range(start, start + chunk_size)]
        parts.append(samples(1, values, times, rows, width=4))
        at = device[start]
        parts.append(offset(1, at, at / (1 + 2e-5) - 50 - at))
        parts.append(offset(2, true[start], 0.0))
        if with_accelerometer:
            parts.append(samples(3, "int16", [true[start], None], [[1, 2], [3, 4]]))
        if start == 100:
            parts.append(chunk(5, BOUNDARY))
    marks = [
        (true[0] + 0.5, "begin"),
        (true[200], "dose: 0.5 mg/kg"),
        (true[400], "rest"),
        (true[349] + 2, "in the pause"),
    ]
    for time, text in sorted(marks):
        parts.append(samples(2, "string", [time], [[text]]))
    parts += [footer(1, n), footer(2, 4)]
    return parts + ([footer(3, 2 * n // chunk_size)] if with_accelerometer else [])


def reset():
    """The amplifier's clock starts anew after 2 s."""
    parts = [file_header(), header(7, "amp", "EEG", 50, "double64", EEG[:2])]
    for start in range(0, 400, 10):
        clock = 9000.0 if start < 200 else 10.0 - 200 / 50
        shift = 100.0 - clock + (0.0 if start < 200 else 12.0)
        times = [clock + t / 50 for t in range(start, start + 10)]
        rows = [[float(t), float(-t)] for t in range(start, start + 10)]
        parts += [samples(7, "double64", times, rows), offset(7, times[0], shift)]
    return parts


def golden(name):
    streams, _ = pyxdf.load_xdf(FOLDER / name, dejitter_timestamps=True)
    out = []
    for stream in streams:
        info = stream["info"]
        times = stream["time_stamps"]
        rows = stream["time_series"]
        out.append(
            {
                "name": info["name"][0],
                "times": [float(t) for t in (times if isinstance(rows, list) else times[::25])],
                "last": float(times[-1]),
                "rate": float(info["effective_srate"]),
                "rows": rows if isinstance(rows, list) else [[float(v) for v in row] for row in rows[::25]],
            }
        )
    return out


def main():
    FOLDER.mkdir(exist_ok=True)
    out = {"pyxdf": pyxdf.__version__, "files": {}}
    files = {"streams.xdf": streams(), "reset.xdf": reset()}
    for kind in ["int8", "int16", "int32", "int64"]:
        files[f"{kind}.xdf"] = streams(kind, with_accelerometer=False)
    for name, parts in files.items():
        content = b"".join(parts)
        (FOLDER / name).write_bytes(content)
        out["files"][name] = golden(name)
        print(name, len(content))
    # bytes in the middle that are no chunk: read on behind the boundary
    parts = streams()
    at = next(i for i, p in enumerate(parts) if p.endswith(BOUNDARY))
    parts[at - 2] = b"\x07" * 40
    (FOLDER / "damaged.xdf").write_bytes(b"".join(parts))
    # pyxdf takes pauses of less than 500 samples for jitter
    (FOLDER / "short_pause.xdf").write_bytes(b"".join(streams(pause=4.0, with_accelerometer=False)))
    (ROOT / "golden" / "xdf.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
