"""Spectral functions beside MNE, SciPy, specparam and YASA on the same arrays: `python spectral.py [ROUNDS]`.

Every job is a child process on at most two threads, peers and ours in turn. The numbers of both are held against each
other before times are printed: CPU and wall seconds of the call alone, smallest of the rounds, and the peak memory of
the process, data included.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

THREADS = "2"
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), THREADS)
os.environ.setdefault("MNE_LOGGING_LEVEL", "ERROR")

import numpy as np  # noqa: E402

SFREQ, N_CHANNELS, MINUTES = 500.0, 64, 10
TFR_FREQS = np.linspace(4, 80, 40)
N_SPECTRA = 640


def recording():
    """64 channels x 10 min: 1/f with alpha, uV."""
    rng = np.random.default_rng(1)
    n = int(MINUTES * 60 * SFREQ)
    freqs = np.fft.rfftfreq(n, 1 / SFREQ)
    shape = 1 / np.maximum(freqs, 0.5) ** 0.6 + 0.4 * np.exp(-((freqs - 10) ** 2) / 2)
    x = np.empty((N_CHANNELS, n))
    for row in x:
        noise = rng.standard_normal(len(freqs)) + 1j * rng.standard_normal(len(freqs))
        row[:] = np.fft.irfft(noise * shape, n)
    return 20 * x / x.std()


def epochs(x, seconds, n_epochs):
    n = int(seconds * SFREQ)
    return np.ascontiguousarray(x[:, : n * n_epochs].reshape(len(x), n_epochs, n).transpose(1, 0, 2))


def spectra(low, high):
    rng = np.random.default_rng(2)
    freqs = np.arange(low, high + 0.1, 0.5)
    y = -rng.uniform(0.8, 2, (N_SPECTRA, 1)) * np.log10(freqs)
    if low < 10:
        y += rng.uniform(0.2, 1, (N_SPECTRA, 1)) * np.exp(-((freqs - rng.uniform(8, 12, (N_SPECTRA, 1))) ** 2) / 4)
        y += rng.uniform(0.1, 0.4, (N_SPECTRA, 1)) * np.exp(-((freqs - 20) ** 2) / 12)
    return freqs, 10 ** (y + 0.05 * rng.standard_normal(y.shape))


def fir_ours(data):
    import dosewave as dw

    rec = dw.Recording(data, SFREQ, [f"E{i}" for i in range(len(data))])
    return lambda: rec.filter(1.0, 100.0)


def fir_mne(data):
    import mne

    return lambda: mne.filter.filter_data(data, SFREQ, 1.0, 100.0, verbose="error")


def chain_ours(data, method="fir"):
    import dosewave as dw

    rec = dw.Recording(data, SFREQ, [f"E{i}" for i in range(len(data))])
    return lambda: rec.filter(1.0, 100.0).notch(50.0, method=method).resample(250.0)


def one_pass_ours(data):
    import dosewave as dw

    rec = dw.Recording(data, SFREQ, [f"E{i}" for i in range(len(data))])
    return lambda: rec.filter_notch_resample(1.0, 100.0, line=50.0, sfreq=250.0)


def chain_mne(data, **settings):
    import mne

    def run():
        x = mne.filter.filter_data(data, SFREQ, 1.0, 100.0, verbose="error")
        x = mne.filter.notch_filter(x, SFREQ, [50.0, 100.0, 150.0, 200.0], verbose="error", **settings)
        return mne.filter.resample(x, down=2.0, method="polyphase", verbose="error")

    return run


def welch_ours(data):
    import dosewave as dw

    return lambda: dw.psd_welch(data, SFREQ, n_fft=2000, n_overlap=1000, n_jobs=2)[0]


def welch_scipy(data):
    from scipy.signal import welch

    return lambda: welch(data, SFREQ, nperseg=2000, noverlap=1000)[1]


def welch_mne(data):
    import mne

    return lambda: mne.time_frequency.psd_array_welch(
        data, SFREQ, n_fft=2000, n_overlap=1000, n_per_seg=2000, window="hann", verbose="error"
    )[0]


def multitaper_ours(data):
    import dosewave as dw

    return lambda: dw.psd_multitaper(data, SFREQ, bandwidth=4.0, n_jobs=2)[0]


def multitaper_mne(data, n_jobs=1):
    import mne

    return lambda: mne.time_frequency.psd_array_multitaper(
        data, SFREQ, bandwidth=4.0, normalization="full", n_jobs=n_jobs, verbose="error"
    )[0]


def morlet_ours(data):
    import dosewave as dw

    def run():
        found = dw.time_frequency(data, SFREQ, TFR_FREQS, n_cycles=np.maximum(TFR_FREQS / 2, 2.0), n_jobs=2)
        return np.stack([found.power, found.itpc])

    return run


def morlet_mne(data, n_jobs=1):
    import mne

    def run():
        both = mne.time_frequency.tfr_array_morlet(
            data,
            SFREQ,
            TFR_FREQS,
            n_cycles=np.maximum(TFR_FREQS / 2, 2.0),
            output="avg_power_itc",
            zero_mean=True,
            n_jobs=n_jobs,
            verbose="error",
        )
        return np.stack([both.real, both.imag])

    return run


def specparam_ours(data, **settings):
    import dosewave as dw

    freqs, psd = data
    return lambda: dw.aperiodic(freqs, psd, (freqs[0], freqs[-1]), compat="specparam-2", **settings).exponent


def specparam_peer(data, **settings):
    from specparam import SpectralModel

    freqs, psd = data

    def run():
        found = []
        for row in psd:
            model = SpectralModel(aperiodic_mode="fixed", verbose=False, **settings)
            model.fit(freqs, row)
            found.append(model.results.params.aperiodic.params[-1])
        return np.array(found)

    return run


def irasa_ours(data):
    import dosewave as dw

    return lambda: dw.irasa(data, SFREQ, n_jobs=2).exponent


def irasa_yasa(data):
    import yasa

    return lambda: -yasa.irasa(data, sf=SFREQ, band=(1, 30), verbose="error")[3]["Slope"].to_numpy(float)


def whole(x):
    return x


def two_seconds(x):
    return epochs(x, 2.0, 300)


def tfr_epochs(x):
    return epochs(x, 2.0, 100)


def eight_channels(x):
    return np.ascontiguousarray(x[:8])


def four_channels(x):
    return np.ascontiguousarray(x[:4])


def largest(ours, theirs):
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


def largest_absolute(ours, theirs):
    return np.abs(ours - theirs).max()


def share_apart(ours, theirs):
    return np.mean(np.abs(ours - theirs) > 1e-3)


# name: data, jobs (ours first), difference, largest allowed, what the difference is
CASES = {
    "FIR 1-100 Hz, zero-phase": (whole, {"dosewave": fir_ours, "MNE": fir_mne}, largest, 1e-9, "of the largest value"),
    "FIR, FIR notch, resample to 250 Hz, in one pass": (
        whole,
        {"dosewave": one_pass_ours, "MNE": chain_mne},
        largest,
        1e-9,
        "of the largest value",
    ),
    "FIR, FIR notch, resample to 250 Hz, one by one": (
        whole,
        {"dosewave": chain_ours, "MNE": chain_mne},
        largest,
        1e-9,
        "of the largest value",
    ),
    "FIR, mains out by blocks of 10 s, resample, 8 channels": (
        eight_channels,
        {
            "dosewave": lambda data: chain_ours(data, "spectrum_interpolation"),
            "MNE": lambda data: chain_mne(data, method="spectrum_fit", filter_length="10s"),
        },
        None,
        None,
        "interpolated spectra and fitted sines",
    ),
    "Welch, 4 s, 50 %": (
        whole,
        {"dosewave": welch_ours, "SciPy": welch_scipy, "MNE": welch_mne},
        largest,
        1e-10,
        "of the largest value",
    ),
    "multitaper, 2 s, 4 Hz, 300 epochs": (
        two_seconds,
        {
            "dosewave": multitaper_ours,
            "MNE": multitaper_mne,
            "MNE, n_jobs=2": lambda data: multitaper_mne(data, 2),
        },
        largest,
        1e-10,
        "of the largest value",
    ),
    "Morlet power and ITC, 100 epochs x 40 freqs": (
        tfr_epochs,
        {"dosewave": morlet_ours, "MNE": morlet_mne, "MNE, n_jobs=2": lambda data: morlet_mne(data, 2)},
        None,
        None,
        "held in python/tests/test_parity_spectral.py",
    ),
    f"specparam 1-45 Hz, {N_SPECTRA} spectra": (
        lambda _: spectra(1, 45),
        {"dosewave": specparam_ours, "specparam": specparam_peer},
        share_apart,
        0.01,
        "share of exponents more than 1e-3 apart",
    ),
    f"specparam 30-80 Hz, no peaks, {N_SPECTRA} spectra": (
        lambda _: spectra(30, 80),
        {
            "dosewave": lambda data: specparam_ours(data, max_n_peaks=0),
            "specparam": lambda data: specparam_peer(data, max_n_peaks=0),
        },
        share_apart,
        0.0,
        "share of exponents more than 1e-3 apart",
    ),
    "IRASA, 4 channels x 10 min": (
        four_channels,
        {"dosewave": irasa_ours, "YASA": irasa_yasa},
        largest_absolute,
        0.05,
        "exponent",
    ),
}


def one(case, who, path):
    """Run one job in this process and print its times; the first result goes into a file."""
    warnings.filterwarnings("ignore")
    prepare, jobs, *_ = CASES[case]
    job = jobs[who](prepare(np.load(path, mmap_mode="r")[:]))
    result = job() if "spectra" not in case or who == "dosewave" else None
    del result  # a call that finds the memory of the last one still taken pays for new pages
    wall, cpu = time.perf_counter(), time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = job()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu += after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    np.save(Path(path).with_name(f"{who}.npy"), result if isinstance(result, np.ndarray) else result.data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.npy"
        np.save(path, recording())
        print(f"{N_CHANNELS} channels x {MINUTES} min at {SFREQ:g} Hz, two threads, best of {rounds}")
        for case, (_, jobs, difference, allowed, what) in CASES.items():
            times = {who: [] for who in jobs}
            for _ in range(rounds):
                for who, found in times.items():
                    text = subprocess.run(
                        [sys.executable, __file__, "--one", case, who, str(path)],
                        check=True,
                        capture_output=True,
                        text=True,
                    ).stdout
                    found.append(json.loads(text.splitlines()[-1]))
            print(f"\n{case}")
            ours = np.load(path.with_name("dosewave.npy"))
            for who, found in times.items():
                best = {key: min(one[key] for one in found) for key in found[0]}
                line = (
                    f"  {who:15s} wall {best['wall']:8.3f} s   CPU {best['cpu']:8.3f} s   peak {best['peak']:6.0f} MB"
                )
                if who != "dosewave":
                    mine = {key: min(one[key] for one in times["dosewave"]) for key in best}
                    line += f"   x wall {best['wall'] / mine['wall']:6.1f}   x CPU {best['cpu'] / mine['cpu']:6.1f}"
                    if difference is not None:
                        apart = difference(ours, np.load(path.with_name(f"{who}.npy")))
                        line += f"   apart {apart:.2g} {what}"
                        if not apart <= allowed:
                            sys.exit(f"{line}\n{case}: {who} is {apart} apart, allowed {allowed}")
                print(line, flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        one(*sys.argv[2:])
    else:
        main()
