"""Cleaning steps beside MNE-Python, on real recordings."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw

mne = pytest.importorskip("mne")

# number of Legendre terms in interpolate_bads
MNE_TERMS = 50

FILES = [
    "mne-bids/tiny_bids/sub-01/ses-eeg/eeg/sub-01_ses-eeg_task-rest_eeg.vhdr",
    "mne-python/brainvision/test.vhdr",
    "eeglab/testbva.vhdr",
]


@pytest.fixture(params=FILES, ids=["5000Hz-69ch", "1000Hz-32ch", "200Hz-32ch"])
def pair(request, shared_data):
    """Return a recording with its built-in positions and the same samples in MNE, volts."""
    rec = dw.read(shared_data / request.param)
    placed = [c["name"] for c in rec.header["channels"] if c.get("position") and c["unit"] == "µV"]
    rec = rec.pick(placed)
    info = mne.create_info(placed, rec.sfreq, "eeg")
    raw = mne.io.RawArray(rec.data * 1e-6, info, verbose="error")
    positions = {c["name"]: np.array(c["position"]) for c in rec.header["channels"]}
    raw.set_montage(mne.channels.make_dig_montage(positions, coord_frame="head"))
    return rec, raw


def close(ours, theirs, tolerance=1e-9):
    """Agree to this part of the largest value."""
    assert_allclose(ours, theirs, rtol=0, atol=tolerance * np.abs(theirs).max())


def test_fir(pair):
    rec, raw = pair
    theirs = raw.copy().filter(1.0, 40.0, verbose="error").get_data() * 1e6
    close(rec.filter(1.0, 40.0).data, theirs)


@pytest.mark.parametrize(("sfreq", "line", "n_lines"), [(250.0, 60.0, 2), (512.0, 50.0, 5), (500.0, 50.0, 4)])
def test_fir_notch(sfreq, line, n_lines):
    t = np.arange(round(30 * sfreq)) / sfreq
    noise = np.random.default_rng(4).standard_normal((3, t.size)).cumsum(axis=1)
    x = noise + 20 * np.sin(2 * np.pi * line * t) + 5 * np.sin(4 * np.pi * line * t)
    lines = line * np.arange(1, n_lines + 1)
    close(
        dw.Recording(x, sfreq, ["Fz", "Cz", "Pz"]).notch(line, "fir").data,
        mne.filter.notch_filter(x, sfreq, lines, verbose="error"),
    )


@pytest.mark.parametrize("edges", [(1.0, 40.0), (None, 30.0), (2.0, None)])
def test_butterworth(pair, edges):
    rec, raw = pair
    iir = {"order": 4, "ftype": "butter", "output": "sos"}
    theirs = raw.copy().filter(*edges, method="iir", iir_params=iir, verbose="error").get_data() * 1e6
    close(rec.filter(*edges, method="butterworth", order=4).data, theirs)


def test_resample_polyphase(pair):
    rec, raw = pair
    n_times = raw.n_times - raw.n_times % 8
    theirs = mne.filter.resample(raw.get_data()[:, :n_times] * 1e6, up=1, down=4, method="polyphase", verbose="error")
    cut = dw.Recording(rec.data[:, :n_times], rec.sfreq, rec.ch_names)
    close(cut.resample(rec.sfreq / 4).data, theirs)


def test_filter_notch_resample(pair):
    rec, _ = pair
    n_times = rec.data.shape[1] - rec.data.shape[1] % 8
    # long enough for the filters, so that most of it is done in one pass
    x = np.tile(rec.data[:4, :n_times], max(1, round(60 * rec.sfreq / n_times)))
    line = 50.0
    lines = np.arange(line, rec.sfreq / 2 - 2, line)
    theirs = mne.filter.filter_data(x, rec.sfreq, 1.0, 40.0, verbose="error")
    theirs = mne.filter.notch_filter(theirs, rec.sfreq, lines, verbose="error")
    theirs = mne.filter.resample(theirs, down=2, method="polyphase", verbose="error")
    ours = dw.Recording(x, rec.sfreq, rec.ch_names[:4])
    at_once = ours.filter_notch_resample(1.0, 40.0, line=line, sfreq=rec.sfreq / 2)
    close(at_once.data, theirs)
    steps = ours.filter(1.0, 40.0).notch(line, "fir").resample(rec.sfreq / 2)
    close(at_once.data, steps.data, 1e-12)
    assert at_once.header == steps.header


def test_resample_fft(pair):
    rec, raw = pair
    # a length at which MNE rounds neither the padding nor the number of samples
    n_times = 1 << int(np.log2(raw.n_times))
    theirs = mne.filter.resample(
        raw.get_data()[:, :n_times] * 1e6, up=1, down=2, npad="auto", method="fft", verbose="error"
    )
    cut = dw.Recording(rec.data[:, :n_times], rec.sfreq, rec.ch_names)
    close(cut.resample(rec.sfreq / 2, method="fft").data, theirs)


@pytest.mark.parametrize("spline", [(4, 50, 1e-5), (3, 30, 1e-4)])
def test_laplacian(pair, spline):
    rec, raw = pair
    stiffness, n_terms, smoothing = spline
    csd = mne.preprocessing.compute_current_source_density(
        raw,
        sphere=(0.0, 0.0, 0.0, 0.095),
        lambda2=smoothing,
        stiffness=stiffness,
        n_legendre_terms=n_terms,
        verbose="error",
    )
    # V/m² → µV/cm²
    theirs = csd.get_data() * 100.0
    ours = rec.laplacian(stiffness, n_terms, smoothing, sphere=(0.0, 0.0, 0.0, 0.095))
    close(ours.data, theirs)
    # the sphere that fits the built-in positions is theirs
    close(rec.laplacian(stiffness, n_terms, smoothing).data, theirs)


def test_average_reference(pair):
    rec, raw = pair
    theirs = raw.copy().set_eeg_reference("average", verbose="error").get_data() * 1e6
    close(rec.set_reference("average").data, theirs)


def test_rest(pair):
    """Both estimate potentials against infinity; the head models differ in their numerical solution."""
    rec, raw = pair
    sphere = mne.make_sphere_model(
        (0.0, 0.0, 0.0),
        0.095,
        info=raw.info,
        relative_radii=(0.87, 0.92, 1.0),
        sigmas=(0.33, 0.33 / 80, 0.33),
        verbose="error",
    )
    k = np.arange(2000)
    z = 1 - (2 * k + 1) / 2000
    angle = np.pi * (3 - np.sqrt(5)) * k
    place = np.c_[np.sqrt(1 - z**2) * np.cos(angle), np.sqrt(1 - z**2) * np.sin(angle), z]
    sources = mne.setup_volume_source_space(
        pos={"rr": place * 0.869 * 0.095, "nn": place}, sphere=(0.0, 0.0, 0.0, 0.095), verbose="error"
    )
    forward = mne.make_forward_solution(raw.info, None, sources, sphere, meg=False, mindist=0.0, verbose="error")
    forward = mne.convert_forward_solution(forward, force_fixed=False, verbose="error")
    gain = forward["sol"]["data"].reshape(len(raw.ch_names), -1, 3)
    radial = np.einsum("csk,sk->cs", gain, forward["source_rr"] / np.linalg.norm(forward["source_rr"], axis=1)[:, None])
    averaged = radial - radial.mean(axis=0)
    matrix = radial @ np.linalg.pinv(averaged, rcond=1e-6)
    data = rec.set_reference("average").data
    theirs = matrix @ data
    ours = rec.set_reference("rest").data
    assert np.std(ours - theirs) < 0.02 * np.std(theirs)


@pytest.mark.parametrize("n_bad", [1, 3])
def test_interpolate(pair, n_bad):
    rec, raw = pair
    bad = rec.ch_names[2 : 2 + n_bad]
    theirs = raw.copy()
    theirs.info["bads"] = bad
    theirs.interpolate_bads(origin=(0.0, 0.0, 0.04), method={"eeg": "spline"}, verbose="error")
    ours = rec.interpolate(bad, n_legendre_terms=MNE_TERMS, sphere=(0.0, 0.0, 0.04, 0.095))
    close(ours.data, theirs.get_data() * 1e6)


def test_muscle_z(pair):
    rec, raw = pair
    if rec.sfreq < 300:
        pytest.skip("the rate does not carry 140 Hz")
    # MNE pads its Fourier transform to a fast length; this one is fast already
    cut = dw.Recording(rec.data[:, :6000], rec.sfreq, rec.ch_names)
    short = mne.io.RawArray(raw.get_data()[:, :6000], raw.info, verbose="error")
    _, theirs = mne.preprocessing.annotate_muscle_zscore(short, ch_type="eeg", verbose="error")
    close(cut.muscle_z(), theirs)


def test_regress_eog(pair):
    rec, raw = pair
    eog = rec.ch_names[:2]
    types = {name: "eog" for name in eog}
    theirs = raw.copy().set_channel_types(types, verbose="error", on_unit_change="ignore")
    theirs.set_eeg_reference([], verbose="error")
    with theirs.info._unlock():
        theirs.info["custom_ref_applied"] = True
    model = mne.preprocessing.EOGRegression(picks="eeg", picks_artifact="eog").fit(theirs)
    cleaned = model.apply(theirs, copy=True).get_data() * 1e6
    close(rec.regress_eog(eog).data, cleaned)
