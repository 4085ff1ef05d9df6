"""Makes the files of testdata/nwb by pynwb, which crates/io/tests/nwb.rs reads.

    python testdata/generate/nwb_files.py

Needs pynwb 4.0 and numpy. Stored numbers are, for channel c and time t, ((7919 t + 31 c) mod 1000) - 500.
"""

from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from hdmf.backends.hdf5.h5_utils import H5DataIO
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.ecephys import LFP, ElectricalSeries
from pynwb.epoch import TimeIntervals
from pynwb.event import DurationVectorData
from pynwb.file import Subject
from pynwb.misc import AnnotationSeries

FOLDER = Path(__file__).resolve().parents[1] / "nwb"
START = datetime(2024, 3, 5, 14, 7, 9, 250000, tzinfo=timezone.utc)


def stored(n_channels, n_times, dtype="i2"):
    """`(time, channel)`."""
    t, c = np.mgrid[0:n_times, 0:n_channels]
    return ((7919 * t + 31 * c) % 1000 - 500).astype(dtype)


def new_file():
    file = NWBFile(session_description="made by a program", identifier="made", session_start_time=START)
    device = file.create_device(name="amplifier")
    group = file.create_electrode_group(name="cap", description="cap", location="scalp", device=device)
    return file, group


def with_rate():
    """A series of integers with a rate, beside a slower one; electrodes with names, places and impedances."""
    file, group = new_file()
    file.add_electrode_column(name="label", description="name")
    # NWB's axes in micrometres: x backwards, y downwards, z to the right
    for label, place in [("Fz", (-57e3, -76e3, 0)), ("C3", (0, -57e3, -76e3)), ("EOG1", (np.nan,) * 3)]:
        x, y, z = place
        file.add_electrode(x=float(x), y=float(y), z=float(z), imp=5e3, location="scalp", group=group, label=label)
    all_rows = file.create_electrode_table_region([2, 0, 1], "another order")
    data = H5DataIO(stored(3, 1000), chunks=(64, 2), compression="gzip", shuffle=True)
    file.add_acquisition(
        ElectricalSeries(
            name="eeg",
            data=data,
            electrodes=all_rows,
            rate=100.0,
            starting_time=2.0,
            conversion=1e-7,
            offset=2e-6,
            channel_conversion=[1.0, 2.0, 0.5],
        )
    )
    lfp = LFP(name="LFP")
    file.create_processing_module("ecephys", "slower").add(lfp)
    rows = file.create_electrode_table_region([0], "one")
    lfp.add_electrical_series(
        ElectricalSeries(name="slow", data=stored(1, 200, "f4"), electrodes=rows, rate=20.0, starting_time=2.0)
    )
    file.add_acquisition(TimeSeries(name="room", data=[20.0, 21.0], unit="degrees", rate=1.0))
    file.add_trial_column(name="condition", description="what was shown")
    file.add_trial(start_time=3.0, stop_time=3.5, condition="square")
    file.add_trial(start_time=5.0, stop_time=5.25, condition="circle µ")
    file.add_invalid_time_interval(start_time=8.0, stop_time=9.0)
    phases = TimeIntervals(name="infusion", description="a drug")
    phases.add_interval(start_time=6.0, stop_time=11.0)
    file.add_time_intervals(phases)
    events = file.create_events_table(name="reports", description="what was said")
    events.add_column(name="duration", description="s", col_cls=DurationVectorData)
    events.add_column(name="annotation", description="what was said")
    events.add_event(timestamp=10.5, duration=0.5, annotation="floating")
    events.add_event(timestamp=4.0, duration=np.nan, annotation="")
    file.add_acquisition(AnnotationSeries(name="notes", data=["dose", "eyes open"], timestamps=[6.125, 7.0]))
    return file


def with_timestamps():
    """Two series beside each other with times of their own and a pause; electrodes named by where they stand."""
    file, group = new_file()
    for label in ["Fz", "Cz"]:
        file.add_electrode(location=label, group=group)
    times = np.arange(400) / 128.0
    times[150:] += 10.0
    rows = file.create_electrode_table_region([0, 1], "both")
    file.add_acquisition(ElectricalSeries(name="a", data=stored(2, 400, "f8"), electrodes=rows, timestamps=times))
    one = file.create_electrode_table_region([1], "one")
    file.add_acquisition(ElectricalSeries(name="b", data=stored(1, 400, "f4"), electrodes=one, timestamps=times))
    return file


def with_persons():
    """What names persons, places and devices."""
    file = NWBFile(
        session_description="a session",
        identifier="S-0815",
        session_start_time=START,
        experimenter=["Doe, Jane", "Roe"],
        institution="Clinic",
        notes="was late",
        session_id="ses-3",
    )
    file.subject = Subject(subject_id="MCH-0234567", date_of_birth=START, sex="M", description="tall")
    device = file.create_device(name="amplifier", serial_number="SN-4711", description="rented")
    group = file.create_electrode_group(name="cap", description="cap", location="scalp", device=device)
    file.add_electrode(location="Fz", group=group)
    rows = file.create_electrode_table_region([0], "one")
    file.add_acquisition(ElectricalSeries(name="eeg", data=stored(1, 20), electrodes=rows, rate=10.0))
    return file


def without_series():
    file, _ = new_file()
    file.add_acquisition(TimeSeries(name="room", data=[20.0, 21.0], unit="degrees", rate=1.0))
    return file


def main():
    FOLDER.mkdir(exist_ok=True)
    made = {"rate": with_rate, "timestamps": with_timestamps, "persons": with_persons, "no_series": without_series}
    for name, make in made.items():
        with NWBHDF5IO(FOLDER / f"{name}.nwb", "w") as io:
            io.write(make(), cache_spec=False)


if __name__ == "__main__":
    main()
