"""Write the small recordings of testdata/edf, brainvision and bad, byte by byte from what the formats say.

python testdata/generate/recordings.py
"""

import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORDING = "Startdate 02-MAR-2021 X X X"
ANNOTATIONS = {2: "EDF Annotations", 3: "BDF Annotations"}


def field(value, width, encoding="ascii"):
    """One header field: text, cut or filled with blanks."""
    return str(value).encode(encoding)[:width].ljust(width)


def tal(onset, *texts, duration=None):
    """One time-stamped annotation list."""
    stamp = f"{onset:+g}" + (f"\x15{duration:g}" if duration else "")
    return (stamp + "\x14" + "".join(f"{text}\x14" for text in texts or [""])).encode() + b"\x00"


class Edf:
    """EDF with 2 bytes per sample, BDF with 3."""

    def __init__(self, width=2, reserved="EDF+C", seconds=1, patient="X X X X", recording=RECORDING):
        """Start a file without signals."""
        self.width, self.reserved, self.seconds = width, reserved, seconds
        self.patient, self.recording = patient, recording
        self.signals, self.records, self.n_records, self.encoding = [], [], None, "ascii"

    def signal(self, label, per_record, unit="uV", physical=(-100, 100), digital=None, filters="HP:0.1Hz LP:70Hz"):
        """Add a signal."""
        top = 2 ** (8 * self.width - 1)
        self.signals.append((label, unit, physical, digital or (-top, top - 1), filters, per_record))
        return self

    def list_signal(self, n_bytes=60):
        """Add an annotation signal."""
        return self.signal(ANNOTATIONS[self.width], n_bytes // self.width, "", (-1, 1), filters="")

    def record(self, *contents):
        """Add a record: integers for a signal, bytes for an annotation signal."""
        data = b""
        for content, (*_, per_record) in zip(contents, self.signals, strict=True):
            if isinstance(content, bytes):
                data += content.ljust(per_record * self.width, b"\x00")
            else:
                values = [content(t) if callable(content) else content[t] for t in range(per_record)]
                data += b"".join(int(v).to_bytes(self.width, "little", signed=True) for v in values)
        self.records.append(data)
        return self

    def header(self):
        """The header."""
        n = len(self.signals)
        out = b"\xffBIOSEMI" if self.width == 3 else field("0", 8)
        out += field(self.patient, 80, self.encoding) + field(self.recording, 80, self.encoding)
        out += field("02.03.21", 8) + field("10.20.30", 8) + field(256 * (n + 1), 8) + field(self.reserved, 44)
        out += field(len(self.records) if self.n_records is None else self.n_records, 8)
        out += field(self.seconds, 8) + field(n, 4)
        columns = [
            (16, lambda s: s[0]),
            (80, lambda s: ""),
            (8, lambda s: s[1]),
            (8, lambda s: s[2][0]),
            (8, lambda s: s[2][1]),
            (8, lambda s: s[3][0]),
            (8, lambda s: s[3][1]),
            (80, lambda s: s[4]),
            (8, lambda s: s[5]),
            (32, lambda s: ""),
        ]
        for width, value in columns:
            out += b"".join(field(value(signal), width, self.encoding) for signal in self.signals)
        return out

    def save(self, path, cut=0):
        """Write the file, without its last `cut` bytes."""
        data = self.header() + b"".join(self.records)
        (ROOT / path).write_bytes(data[: len(data) - cut])


def ramp(step, start=0):
    """Integers that rise."""
    return lambda t: start + step * t


def edf_files():
    """What the EDF family allows."""
    plus = Edf().signal("EEG Fz-REF", 8).signal("EEG Cz-REF", 8, "mV", (-1, 1)).list_signal()
    plus.record(ramp(900), ramp(-500), tal(0, "") + tal(0.5, "dose", duration=2)).record(
        ramp(100), ramp(7), tal(1, "") + tal(1.25, "eyes closed", "Augen zu ä")
    )
    plus.save("edf/plus.edf")
    gaps = Edf(reserved="EDF+D").signal("Fz", 8).list_signal()
    for onset in (0, 1, 60, 61):
        gaps.record(ramp(onset + 1), tal(onset, "") + (tal(60.5, "dose") if onset == 60 else b""))
    gaps.save("edf/gaps.edf")
    late = Edf().signal("Fz", 8).list_signal()
    for onset in (0, 30):
        late.record(ramp(5), tal(onset, ""))
    late.save("edf/gaps_not_declared.edf")
    mixed = Edf(reserved="").signal("Fz", 10).signal("Cz", 10).signal("SpO2", 1, "%", (0, 100)).signal("Resp", 5)
    mixed.seconds = 4
    mixed.record(ramp(1), ramp(2), ramp(3, 7), ramp(4)).record(ramp(5), ramp(6), ramp(7, 9), ramp(8))
    mixed.save("edf/mixed_rates.edf")
    doubled = Edf(reserved="").signal("Cz", 4).signal("Pz", 4).signal("Cz", 4)
    doubled.record(ramp(1), ramp(2), ramp(3)).save("edf/doubled_labels.edf")
    early = Edf().signal("Fz", 8).list_signal().record(ramp(1), tal(0.25, "") + tal(1.0, "dose"))
    early.save("edf/subsecond.edf")
    unknown = Edf(reserved="").signal("Fz", 8).record(ramp(1)).record(ramp(2))
    unknown.n_records = -1
    unknown.save("edf/unknown_length.edf")
    Edf(reserved="").signal("Fz", 8).record(ramp(1)).record(ramp(2)).save("edf/truncated.edf", cut=5)
    lists = Edf(seconds=0).list_signal(80)
    lists.record(tal(0, "") + tal(0, "Sleep stage W", duration=30) + tal(30, "Sleep stage 1", duration=30))
    lists.save("edf/annotations_only.edf")
    two = Edf().list_signal(40).signal("Fz", 4).list_signal(40)
    two.record(tal(0, "") + tal(0.1, "a"), ramp(1), tal(0.2, "b")).record(tal(1, ""), ramp(2), tal(1.5, "c"))
    two.save("edf/two_annotation_signals.edf")
    latin = Edf(patient="MCH-0234567 F 02-MAY-1951 Müller_Jürgen", recording="Startdate 02-MAR-2021 EMG561 BK/JOP Sony")
    latin.encoding = "latin-1"
    latin.signal("Fz", 4, "µV").list_signal(120)
    notes = tal(0, "") + tal(0.5, "dose ketamine") + tal(0.75, "Jürgen moves") + tal(0.8, "call 0301234567")
    latin.record(ramp(1), notes.decode().encode("latin-1"))
    latin.save("edf/latin1_with_names.edf")
    trigger = Edf(reserved="").signal("Fz", 8).signal("TRIG", 8, "", (-32768, 32767))
    trigger.record(ramp(1), [0, 0, 5, 5, 0, 0, 9, 9]).record(ramp(2), [9, 0, 0, 0, 0, 5, 0, 0])
    trigger.save("edf/trigger.edf")
    status = (
        Edf(3, "24BIT").signal("A1", 8, physical=(-262144, 262144)).signal("Status", 8, "Boolean", (-8388608, 8388607))
    )
    in_range, epoch, low = 1 << 20, 1 << 16, 1 << 22
    status.record(ramp(1000), [in_range + epoch] * 2 + [in_range + 255] * 2 + [in_range] * 4)
    status.record(ramp(-7), [0, 0] + [in_range + low + 4] * 3 + [in_range + 6] * 3)
    status.save("edf/status.bdf")
    bdf = Edf(3, "BDF+C").signal("Fz", 6).list_signal()
    bdf.record(ramp(-100000), tal(0, "") + tal(0.5, "dose")).record(ramp(7), tal(1, "")).save("edf/plus.bdf")


HEADER = """Brain Vision Data Exchange Header File Version {version}
; written by a formula

[Common Infos]
Codepage={codepage}
DataFile={data}
MarkerFile={markers}
DataFormat=BINARY
DataOrientation={orientation}
DataType=TIMEDOMAIN
NumberOfChannels=3
SamplingInterval=4000

[Binary Infos]
BinaryFormat={kind}

[Channel Infos]
Ch1=Fz,,0.1,{micro}V
Ch2=C\\1z,Ref,2,nV
Ch3=GSR,,0.5,{micro}S

[Comment]
A m p l i f i e r  S e t u p
============================
Channels
--------
#     Name      Phys. Chn.    Resolution / Unit   Low Cutoff [s]   High Cutoff [Hz]   Notch [Hz]
1     Fz          1                0.1 {micro}V             10             70              Off
2     C,z         2                2 nV               10             70              Off
3     GSR         3                0.5 {micro}S             DC             70              Off

Impedance [kOhm] at 10:20:00 :
Fz:           4
C,z:         ???
Gnd:          1
"""
MARKERS = """Brain Vision Data Exchange Marker File, Version {version}

[Common Infos]
Codepage={codepage}
DataFile={data}

[Marker Infos]
Mk1=New Segment,,1,1,0,20210302102030000000
Mk2=Stimulus,S  1,3,1,0
Mk3=Comment,dose\\1 0.5 mg/kg,5,2,0
Mk4=New Segment,,9,1,0,20210302102130500000
Mk5=Response,R  2,10,1,2
"""
KINDS = {"INT_16": "<h", "INT_32": "<i", "IEEE_FLOAT_32": "<f"}


def brainvision(stem, kind, orientation="MULTIPLEXED", ending="eeg", version="1.0", codepage="UTF-8"):
    """Three files with 12 samples of three channels."""
    names = {"data": f"{stem}.{ending}", "markers": f"{stem}.vmrk"}
    if version == "2.0":
        names = {"data": f"$b.{ending}", "markers": "$b.vmrk"}
    values = {"version": version, "codepage": codepage, "kind": kind, "orientation": orientation, "micro": "µ", **names}
    encoding = "utf-8" if codepage == "UTF-8" else "latin-1"
    folder = ROOT / "brainvision"
    (folder / f"{stem}.vhdr").write_bytes(HEADER.format(**values).replace("\n", "\r\n").encode(encoding))
    (folder / f"{stem}.vmrk").write_bytes(MARKERS.format(**values).replace("\n", "\r\n").encode(encoding))
    samples = [[100 * c + (-1) ** t * t for t in range(12)] for c in range(3)]
    order = zip(*samples, strict=True) if orientation == "MULTIPLEXED" else samples
    data = b"".join(struct.pack(KINDS[kind], value) for group in order for value in group)
    (folder / f"{stem}.{ending}").write_bytes(data)


def brainvision_files():
    """The dialects of BrainVision."""
    brainvision("int16", "INT_16")
    brainvision("int32_dat", "INT_32", ending="dat")
    brainvision("float_vectorized", "IEEE_FLOAT_32", "VECTORIZED")
    brainvision("latin1_seg", "INT_16", ending="seg", codepage="ANSI")
    brainvision("version2", "IEEE_FLOAT_32", version="2.0")


def bad_files():
    """Files that must be refused, each with its reason."""
    good = Edf(reserved="").signal("Fz", 8).record(ramp(1))
    header = bytearray(good.header())
    for name, at, value in [
        ("no_signals", 252, b"0   "),
        ("many_signals", 252, b"9999"),
        ("negative_duration", 244, b"-1      "),
        ("no_duration", 244, b"0       "),
        ("no_digital_range", 256 + 120, b"5       5       "),
        ("record_of_gigabytes", 256 + 216, b"99999999"),
        ("words_for_numbers", 236, b"two     "),
    ]:
        damaged = bytearray(header)
        damaged[at : at + len(value)] = value
        (ROOT / f"bad/{name}.edf").write_bytes(bytes(damaged) + good.records[0])
    (ROOT / "bad/header_only_in_part.edf").write_bytes(bytes(header[:300]))
    (ROOT / "bad/text.edf").write_bytes(b"time,Fz\n0,1\n")
    (ROOT / "bad/empty.bdf").write_bytes(b"")
    values = {"version": "1.0", "codepage": "UTF-8", "orientation": "MULTIPLEXED", "micro": "µ", "kind": "INT_16"}
    text = HEADER.format(data="nothing.eeg", markers="nothing.vmrk", **values)
    (ROOT / "bad/data_missing.vhdr").write_text(text, encoding="utf-8")
    (ROOT / "bad/channels_not_described.vhdr").write_text(text.replace("=3", "=300"), encoding="utf-8")


if __name__ == "__main__":
    for folder in ("edf", "brainvision", "bad"):
        (ROOT / folder).mkdir(exist_ok=True)
    edf_files()
    brainvision_files()
    bad_files()
