"""Golden values of time-frequency transforms: `python testdata/generate/time_frequency.py` from the project's root.

Made with mne 1.13.2, scipy 1.17.1 and numpy 2.4.6. The input is a formula that
`crates/numerics/tests/time_frequency_common/mod.rs` repeats sample by sample (a 10 Hz rhythm, an offset, and uniform
noise from a 32-bit LCG, cut into trials), so it is not stored. Every case stores its settings: the test reads them.
"""

import json
from pathlib import Path

import mne
import numpy as np
from mne.baseline import rescale
from mne.filter import filter_data
from mne.time_frequency import morlet, tfr_array_morlet, tfr_array_multitaper

mne.set_log_level("ERROR")
SFREQ = 250.0
N_TRIALS, N_TIMES = 12, 400
GOLDEN = Path(__file__).parents[1] / "golden"

# (freqs, n_cycles, sigma, zero_mean)
WAVELETS = [
    ([10.0, 40.0], 7.0, None, True),
    ([10.0], 7.0, None, False),
    ([6.0, 45.5], [2.0, 9.0], None, True),
    ([10.0, 30.0], 5.0, 20.0, True),
]

# (freqs, n_cycles, zero_mean, decim)
MORLET = [
    ([9.0, 17.5, 40.0, 100.0], [4.0, 5.0, 7.0, 7.0], True, 7),
    ([10.0, 25.0], 5.0, False, 1),
    ([12.0, 60.0], 7.0, True, 3),
]

# (freqs, n_cycles, zero_mean, decim, time_bandwidth)
MULTITAPER = [
    ([6.0, 17.5, 40.0], [4.0, 5.0, 9.0], True, 5, 4.0),
    ([10.0, 25.0], 5.0, False, 3, 4.0),
    ([10.0, 31.0], 6.0, True, 4, 2.0),
    ([10.0, 31.0], 7.3, True, 4, 5.5),
]

MODES = ["mean", "ratio", "logratio", "percent", "zscore", "zlogratio"]

# (l_freq, h_freq, n_times, n_fft)
HILBERT = [(8.0, 13.0, 1000, None), (30.0, 45.0, 999, None), (8.0, 13.0, 1000, 1024), (4.0, 8.0, 777, 1600)]


def signal(n):
    state, noise = 7, np.empty(n)
    for t in range(n):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        noise[t] = state / 2**32 - 0.5
    t = np.arange(n)
    return 20.0 + 3.0 * np.sin(2 * np.pi * 10.0 * t / SFREQ) + 30.0 * noise


def parts(z):
    return {"re": np.ravel(z.real).tolist(), "im": np.ravel(z.imag).tolist()}


def wavelets():
    cases = []
    for freqs, n_cycles, sigma, zero_mean in WAVELETS:
        found = morlet(SFREQ, freqs, n_cycles=n_cycles, sigma=sigma, zero_mean=zero_mean)
        settings = {"freqs": freqs, "n_cycles": n_cycles, "sigma": sigma, "zero_mean": zero_mean}
        cases.append({**settings, "wavelets": [parts(w) for w in found]})
    return cases


def averages(function, trials, n_tapers, **settings):
    def run(output):
        return function(trials[:, None], SFREQ, output=output, **settings)

    first = run("complex")[0, 0]
    power = run("power")
    return {
        "complex": parts(first),
        "power_0": power[0, 0].ravel().tolist(),
        "avg_power": run("avg_power")[0].ravel().tolist(),
        # MNE's array function adds up the tapers' coherences; its Epochs.compute_tfr divides by their number
        "itc": (run("itc")[0] / n_tapers).ravel().tolist(),
    }


def transforms(trials):
    cases = []
    for freqs, n_cycles, zero_mean, decim in MORLET:
        settings = {"freqs": freqs, "n_cycles": n_cycles, "zero_mean": zero_mean, "decim": decim}
        values = averages(tfr_array_morlet, trials, 1, **settings)
        cases.append({**settings, "time_bandwidth": None, **values})
    for freqs, n_cycles, zero_mean, decim, time_bandwidth in MULTITAPER:
        settings = {"freqs": freqs, "n_cycles": n_cycles, "zero_mean": zero_mean, "decim": decim}
        settings["time_bandwidth"] = time_bandwidth
        n_tapers = int(np.floor(time_bandwidth - 1))
        cases.append({**settings, **averages(tfr_array_multitaper, trials, n_tapers, **settings)})
    return cases


def baselines(trials):
    power = tfr_array_morlet(trials[:, None], SFREQ, [10.0, 30.0], n_cycles=5.0, decim=4, output="avg_power")[0]
    times = np.arange(power.shape[-1])
    rescaled = {mode: rescale(power, times, (20, 49), mode=mode).ravel().tolist() for mode in MODES}
    return {"power": power.tolist(), "from": 20, "to": 50, "modes": rescaled}


def hilbert():
    cases = []
    for l_freq, h_freq, n_times, n_fft in HILBERT:
        x = filter_data(signal(n_times), SFREQ, l_freq, h_freq)
        raw = mne.io.RawArray(x[None], mne.create_info(1, SFREQ, "eeg"))
        z = raw.apply_hilbert(envelope=False, n_fft=n_fft).get_data()[0]
        settings = {"l_freq": l_freq, "h_freq": h_freq, "n_times": n_times, "n_fft": n_fft}
        cases.append({**settings, **parts(z[::3])})
    return cases


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.14g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def write(name, value):
    (GOLDEN / name).write_text(json.dumps(rounded(value), separators=(",", ":")) + "\n")


def main():
    x = signal(N_TRIALS * N_TIMES)
    trials = x.reshape(N_TRIALS, N_TIMES)
    samples = [x[0], x[1], x[-1], x.sum()]
    write("time_frequency_transforms.json", {"samples": samples, "cases": transforms(trials)})
    write("time_frequency_parts.json", {"wavelets": wavelets(), "baselines": baselines(trials), "hilbert": hilbert()})


if __name__ == "__main__":
    main()
