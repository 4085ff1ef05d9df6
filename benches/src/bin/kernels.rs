//! Time of single steps on 64 channels × 10 min at 500 Hz, on one and two threads: `kernels [MINUTES [REPEATS]]`.
//!
//! Before a step is timed its result is held against its definition, and the two numbers of threads must give the same
//! bits.

use dosewave::eeg::{Epochs, Filter, FirDesign, Fourier, Hz, Recording, Seconds, SpectrumParams, Windows};
use dosewave::numerics::aperiodic::fit_fixed_robust;
use dosewave::numerics::phase::Measure;
use dosewave::numerics::spectral::{Multitaper, MultitaperParams};
use dosewave_benches::{CH_NAMES, Failure, Part, Timing, recording, time, twin};
use ndarray::{Array1, s};
use std::io::Write;
use std::path::{Path, PathBuf};

const SFREQ: f64 = 500.0;
const MEASURES: [Measure; 5] =
    [Measure::Coh, Measure::Imcoh, Measure::Ciplv, Measure::Wpli, Measure::Wpli2Debiased];
const FIR: FirDesign = FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(100.0) };
const WELCH: SpectrumParams = SpectrumParams::welch(4.0, 0.5);

/// What the steps work on.
struct Inputs {
    edf: PathBuf,
    recording: Recording,
    /// Epochs of 2 s.
    epochs: Epochs,
    /// The whole recording as one epoch.
    whole: Epochs,
    /// Coefficients of 8–45 Hz.
    fourier: Fourier,
    pairs: Vec<(usize, usize)>,
}

impl Inputs {
    fn new(folder: &Path, minutes: f64) -> Result<Self, Failure> {
        let recording = recording(60.0 * minutes, SFREQ, Part::Before)?;
        let edf = folder.join("kernels.edf");
        dosewave::io::write(&recording, &edf)?;
        let epochs = recording.epochs(&Windows::fixed(Seconds(2.0)))?;
        let whole = recording.epochs(&Windows::fixed(recording.header().end()))?;
        let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(45.0))?;
        let pairs = (0..CH_NAMES.len()).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        Ok(Self { edf, recording, epochs, whole, fourier, pairs })
    }
}

/// A step: its name, its work, which gives a number that every result takes part in.
type Step = (&'static str, fn(&Inputs) -> Result<f64, Failure>);

const STEPS: [Step; 7] = [
    ("EDF to µV", |i| Ok(dosewave::io::read(&i.edf)?.data_uv().sum())),
    ("FIR 1–100 Hz, zero-phase", |i| Ok(i.recording.filter(&Filter::Fir(FIR))?.data_uv().sum())),
    ("Welch, 4 s, 50 %", |i| Ok(i.whole.spectrum(&WELCH)?.psd_uv2_hz().sum())),
    ("multitaper, 2 s, 4 Hz (7 tapers)", |i| {
        Ok(i.epochs.spectrum(&SpectrumParams::default())?.psd_uv2_hz().sum())
    }),
    ("Fourier coefficients, 8–45 Hz", |i| {
        let fourier = i.epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(45.0))?;
        Ok(fourier.coefs().iter().map(|z| z.re).sum())
    }),
    ("pair sums and 5 measures, all pairs, 8–45 Hz", |i| {
        let cross = i.fourier.cross_spectra(&i.pairs)?;
        Ok(MEASURES.iter().map(|measure| cross.connectivity(*measure).values().sum()).sum())
    }),
    ("robust 1/f fits, 10 000", |_| {
        let freqs = Array1::linspace(1.0, 44.5, 88);
        let mut sum = 0.0;
        for k in 0..10_000 {
            let bump = |f: f64| 1.0 + f64::from(k % 7) * (-(f - 10.0).powi(2) / 2.0).exp();
            let psd = freqs.mapv(|f: f64| f.powf(-1.5) * bump(f) * (1.0 + 0.1 * (f * f64::from(k)).sin()));
            sum += fit_fixed_robust(freqs.view(), psd.view())?.exponent;
        }
        Ok(sum)
    }),
];

fn main() -> Result<(), Failure> {
    let arguments: Vec<f64> = std::env::args().skip(1).map(|a| a.parse()).collect::<Result<_, _>>()?;
    let minutes = arguments.first().copied().unwrap_or(10.0);
    let repeats = arguments.get(1).map_or(7, |n| *n as usize).max(1);
    let folder = std::env::temp_dir().join(format!("dosewave-kernels-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = measure(&folder, minutes, repeats);
    std::fs::remove_dir_all(&folder)?;
    outcome
}

fn measure(folder: &Path, minutes: f64, repeats: usize) -> Result<(), Failure> {
    let inputs = Inputs::new(folder, minutes)?;
    check(&inputs)?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "64 channels × {minutes} min at 500 Hz; {repeats} repeats; results checked before timing\n"
    )?;
    writeln!(out, "| step | threads | wall min, s | wall median, s | CPU min, s | CPU median, s |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for (name, work) in STEPS {
        let mut seen: Option<f64> = None;
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let sum = pool.install(|| work(&inputs))?;
            if seen.replace(sum).is_some_and(|other| other.to_bits() != sum.to_bits()) {
                return Err(format!("{name}: one and two threads give different bits").into());
            }
            let timing = pool.install(|| time(repeats, || work(&inputs)))?;
            let show = |seconds: &[f64]| {
                Timing::min_and_median(seconds)
                    .map_or("– | –".to_owned(), |(min, median)| format!("{min:.4} | {median:.4}"))
            };
            writeln!(out, "| {name} | {threads} | {} | {} |", show(&timing.wall_s), show(&timing.cpu_s))?;
        }
    }
    Ok(())
}

/// Every step against its definition, at a value or two.
fn check(inputs: &Inputs) -> Result<(), Failure> {
    let (c, t, sfreq) = (29, inputs.recording.data_uv().ncols() / 2, SFREQ);
    let data_uv = inputs.recording.data_uv();

    let read = dosewave::io::read(&inputs.edf)?;
    for (written, row) in data_uv.outer_iter().zip(read.data_uv().outer_iter()) {
        let (low, high) = written.iter().fold((0.0_f64, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        // half a step of 16 bits over a range that the header rounds outwards
        let furthest = written.iter().zip(row).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        ensure("EDF, in steps", furthest / ((high - low) / 65_535.0), 0.0, 0.6)?;
    }

    let filtered = inputs.recording.filter(&Filter::Fir(FIR))?;
    let expected = twin::fir_at(&data_uv.row(c).to_vec(), &FIR.coefficients(sfreq)?.to_vec(), t);
    ensure("FIR", filtered.data_uv()[[c, t]], expected, 1e-9)?;

    let (x, bin) = (data_uv.row(c).to_vec(), 40);
    let welch = inputs.whole.spectrum(&WELCH)?;
    let expected = twin::welch_at(&x, 2000, sfreq, welch.freqs_hz()[bin]);
    ensure("Welch", welch.psd_uv2_hz()[[0, c, bin]] / expected, 1.0, 1e-9)?;

    let spectra = inputs.epochs.spectrum(&SpectrumParams::default())?;
    let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
    let multitaper = Multitaper::new(1000, sfreq, params)?;
    let epoch = inputs.epochs.data_uv().slice(s![3, c, ..]).to_vec();
    let expected = twin::multitaper_at(&epoch, multitaper.tapers(), sfreq, spectra.freqs_hz()[bin]);
    ensure("multitaper", spectra.psd_uv2_hz()[[3, c, bin]] / expected, 1.0, 1e-9)?;

    let cross = inputs.fourier.cross_spectra(&inputs.pairs)?;
    let pair = 1000;
    let expected = twin::coherence_at(&inputs.fourier, inputs.pairs[pair], 4);
    ensure("coherence", cross.connectivity(Measure::Coh).values()[[pair, 4]], expected, 1e-12)?;

    let freqs = Array1::linspace(1.0, 44.5, 88);
    let line = fit_fixed_robust(freqs.view(), freqs.mapv(|f: f64| 3.0 * f.powf(-1.5)).view())?;
    ensure("1/f fit", line.exponent, 1.5, 1e-9)
}

fn ensure(what: &str, got: f64, expected: f64, tolerance: f64) -> Result<(), Failure> {
    if (got - expected).abs() <= tolerance {
        return Ok(());
    }
    Err(format!("{what}: {got}, expected {expected} ± {tolerance}").into())
}
