//! The paragraph for the paper: every parameter and version, with citations that have a DOI.

use crate::config::{Config, Correction, Equalize, LineStep, Preset};
use crate::time_course::MOST_DRAWS;
use crate::{MarkerDefinition, Results};
use dosewave_eeg::{FEWEST_FOR_CORRELATION, IcaMethod, Reference, SpectrumParams};
use dosewave_numerics::spectral::{Average, Detrend, Window};
use std::fmt::Write as _;

/// The methods paragraph.
pub(crate) fn methods(results: &Results, config: &Config) -> String {
    let mut text = String::new();
    let mut say = |sentence: String| {
        if !sentence.is_empty() {
            let _ = write!(text, "{}{sentence}", if text.is_empty() { "" } else { " " });
        }
    };
    say(format!("EEG was analysed with {} {}.", results.provenance.software, results.provenance.version));
    say(recordings(results));
    say(dose(results, config));
    say(cleaning(config));
    say(windows(results));
    say(epochs(config));
    say(spectrum(config));
    let mut paragraphs = vec![text];
    paragraphs.push(markers(&results.definitions));
    paragraphs.push(contrasts(config, results.sessions.len()));
    paragraphs.push(gate());
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n") + "\n\n" + &references(results, config)
}

fn recordings(results: &Results) -> String {
    let ok: Vec<_> = results.sessions.iter().filter(|session| session.failure.is_none()).collect();
    let Some(first) = ok.first() else { return String::new() };
    let same_rate = ok.iter().all(|s| (s.sfreq_hz - first.sfreq_hz).abs() < 1e-9);
    let same_channels = ok.iter().all(|s| s.channels.len() == first.channels.len());
    let rate = if same_rate { format!(" at {} Hz", first.sfreq_hz) } else { " at their own rates".into() };
    let channels = if same_channels {
        format!("{} EEG channel(s)", first.channels.len())
    } else {
        "the EEG channels of each recording".into()
    };
    let failed = results.sessions.len() - ok.len();
    let failures =
        if failed > 0 { format!(" {failed} session(s) could not be analysed.") } else { String::new() };
    match ok.as_slice() {
        [one] => format!("The recording ({}) has {channels}{rate}.{failures}", one.format),
        many => format!("{} sessions with {channels}{rate} were analysed.{failures}", many.len()),
    }
}

fn dose(results: &Results, config: &Config) -> String {
    let dosing = &config.dosing;
    let parts = [dosing.drug.as_str(), dosing.dose.as_str(), dosing.route.as_str()];
    let given: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let given = if given.is_empty() { String::new() } else { format!("Given was {}. ", given.join(", ")) };
    let doses: Vec<_> = results.sessions.iter().filter_map(|session| session.dose.as_ref()).collect();
    let zero = match doses.as_slice() {
        [] => "the start of the recording after the dose; the time between the recordings is not known"
            .to_owned(),
        [one] if one.duration_min > 0.0 => format!("the start of the infusion ({:.1} min)", one.duration_min),
        [_] => "the dose".to_owned(),
        _ => "the start of dosing in each session".to_owned(),
    };
    format!("{given}Time zero is {zero}.")
}

fn cleaning(config: &Config) -> String {
    let clean = &config.clean;
    let filter = match (clean.high_pass, clean.low_pass) {
        (Some(high), Some(low)) => format!("band-pass filtered from {high} to {low} Hz"),
        (Some(high), None) => format!("high-pass filtered at {high} Hz"),
        (None, Some(low)) => format!("low-pass filtered at {low} Hz"),
        (None, None) => "not filtered".into(),
    };
    let how = if clean.high_pass.or(clean.low_pass).is_some() {
        " (zero-phase FIR, Hamming window, each gapless run on its own)"
    } else {
        ""
    };
    let reference = match &clean.reference {
        Reference::Average => {
            "referenced to the average of all EEG channels (a single channel as recorded)".into()
        }
        Reference::Median => "referenced to the median of all EEG channels".into(),
        Reference::LinkedMastoids => "referenced to linked mastoids".into(),
        Reference::Rest => {
            "referenced to infinity by REST (Yao 2001, 10.1088/0967-3334/22/4/305; three spheres, 2000 radial dipoles)".into()
        }
        Reference::AsRecorded => "left at the recorded reference".into(),
        Reference::Channels(names) => format!("referenced to the mean of {}", names.join(" and ")),
    };
    let line = match clean.line {
        Some(hz) => format!(
            " {hz} Hz ± {} Hz and harmonics were left out of band means.",
            crate::clean::MAINS_HALF_WIDTH_HZ
        ),
        None => " No mains frequency was left out.".into(),
    };
    let removal = match (clean.line, clean.line_removal) {
        (None, _) | (_, LineStep::None) => "",
        (_, LineStep::SpectrumInterpolation) => {
            " The mains and harmonics were taken out by spectrum interpolation (Leske & Dalal 2019, \
             10.1016/j.neuroimage.2019.01.026; ± 1 Hz from neighbours of 2 Hz, blocks of 10 s)."
        }
        (_, LineStep::Zapline) => {
            " The mains and harmonics were taken out in space, after ZapLine (de Cheveigné 2020, \
             10.1016/j.neuroimage.2019.116356; components that stand out)."
        }
    };
    let heart = if clean.heart_field {
        " Where an ECG was recorded, the heart's field, averaged over the beats of all windows together (20 or more) from \
         0.25 s before to 0.45 s after the R peak, or to the middle between two beats where that is nearer, was subtracted at \
         each beat, so that EEG unrelated to the heart keeps its power."
    } else {
        ""
    };
    let preset = match config.preset {
        Preset::None => "",
        Preset::Resting => {
            " These are the settings of the preset for resting EEG, as far as none was changed."
        }
    };
    format!(
        "Voltages were {filter}{how} and {reference}.{line}{removal}{heart}{}{}{preset}",
        bad_channels(config),
        components(config)
    )
}

fn bad_channels(config: &Config) -> String {
    let params = crate::learn::model_params(config).and_then(|model| model.bad_channels);
    let Some(params) = params else { return String::new() };
    let mut found = Vec::new();
    found.extend(params.flat_uv.map(|uv| format!("flat (below {uv} µV peak-to-peak)")));
    found.extend(params.amplitude_z.map(|z| format!("of deviant amplitude (1–45 Hz, robust z above {z})")));
    found.extend(params.high_frequency_z.map(|z| format!("of high-frequency noise (robust z above {z})")));
    found.extend(params.correlation.map(|r| {
        format!(
            "uncorrelated with all others (below {r} in more than {} % of windows of {} s; with {FEWEST_FOR_CORRELATION} or more \
             electrodes, and unless this were more than half of them)",
            100.0 * params.uncorrelated_share,
            params.window_s
        )
    }));
    found.extend(params.ransac.map(|ransac| {
        format!(
            "not foretold by the others (RANSAC: {} samples of {} % of the channels, correlation below {} in more than {} % \
             of windows of {} s, seed {})",
            ransac.n_samples,
            100.0 * ransac.fraction,
            ransac.correlation,
            100.0 * ransac.bad_share,
            ransac.window_s,
            ransac.seed
        )
    }));
    format!(
        " Channels that were {} in any window (PREP: Bigdely-Shamlo et al. 2015, 10.3389/fninf.2015.00016) were interpolated \
         in all by spherical splines (Perrin et al. 1989, 10.1016/0013-4694(89)90180-6; order 4, 50 Legendre terms, \
         smoothing 1e-5), and left out where they had no position.",
        found.join("; ")
    )
}

fn components(config: &Config) -> String {
    let step = crate::learn::model_params(config).and_then(|model| model.ica);
    let Some(step) = step else { return String::new() };
    let method = match step.params.method {
        IcaMethod::Picard => "Picard, extended (Ablin, Cardoso & Gramfort 2018, 10.1109/TSP.2018.2844203)",
        IcaMethod::FastIca => "FastICA (Hyvärinen 1999, 10.1109/72.761722)",
    };
    let limits = [
        ("eyes", step.limits.eye),
        ("muscle", step.limits.muscle),
        ("heart", step.limits.heart),
        ("mains", step.limits.line),
    ];
    let limits: Vec<String> =
        limits.iter().filter_map(|(name, limit)| Some(format!("{name} {}", (*limit)?))).collect();
    format!(
        " Independent components were found once in all windows together ({method}; high-pass {} Hz, at most {} s, equal \
         shares of each window, seed {}), and those with a score of at least {} were removed.",
        step.high_pass_hz,
        step.most_s,
        step.params.seed,
        limits.join(", ")
    )
}

fn windows(results: &Results) -> String {
    let ok = results.sessions.iter().find(|session| session.failure.is_none());
    let Some(session) = ok else { return String::new() };
    let shown: Vec<String> = session
        .windows
        .iter()
        .map(|w| {
            format!(
                "{} {:.2} to {:.2} min ({} epochs kept, {} rejected)",
                w.window, w.t_start_min, w.t_stop_min, w.n_epochs, w.n_rejected
            )
        })
        .collect();
    let whose = if results.sessions.len() > 1 { "Windows of the first session" } else { "Windows" };
    format!("{whose}: {}.", shown.join("; "))
}

fn epochs(config: &Config) -> String {
    let rejection = &config.rejection;
    let over = rejection.peak_to_peak_uv.map(|uv| format!("swung by more than {uv} µV peak-to-peak"));
    let under = rejection.flat_uv.map(|uv| format!("swung by less than {uv} µV"));
    let steps = rejection.gradient_uv_ms.map(|uv| format!("stepped by more than {uv} µV/ms"));
    let jumps = rejection.jump_uv.map(|uv| format!("jumped by more than {uv} µV"));
    let limits: Vec<String> = over.into_iter().chain(under).chain(steps).chain(jumps).collect();
    let rejected = if limits.is_empty() {
        "none was rejected".to_owned()
    } else {
        format!("those in which any channel {} were rejected", limits.join(" or "))
    };
    let muscle = rejection.muscle_z.map_or_else(String::new, |z| {
        format!(" So were those that overlap with muscle (z-score of the amplitude at 110–140 Hz above {z}).")
    });
    let learned = if rejection.learned {
        let params = dosewave_eeg::LearnedLimitsParams::default();
        format!(
            " Peak-to-peak limits of each channel, the share of bad channels from which an epoch is rejected and the number \
             of channels interpolated in the others were learnt from at most {} epochs of all windows by {}-fold \
             cross-validation (autoreject: Jas et al. 2017, 10.1016/j.neuroimage.2017.06.030; seed {}).",
            crate::learn::MOST_EPOCHS,
            params.n_folds,
            config.seed
        )
    } else {
        String::new()
    };
    let equalized = match config.epochs.equalize {
        Equalize::None => String::new(),
        which => format!(
            " For contrasts {}the window with more epochs was cut to at most the number of the other, whole blocks of {} s by lot (seed {}), the \
             same for all markers; the notes of the contrasts give the numbers.",
            if which == Equalize::Pairs {
                "of pairs of channels, whose estimators depend on the number of epochs, "
            } else {
                ""
            },
            config.inference.block,
            config.seed
        ),
    };
    format!(
        "Windows were cut into epochs of {} s with {} % overlap, none across a gap; {rejected}.{muscle}{learned}{equalized}",
        config.epochs.length,
        100.0 * config.epochs.overlap
    )
}

fn spectrum(config: &Config) -> String {
    match config.spectrum {
        SpectrumParams::Multitaper { bandwidth, low_bias, adaptive } => format!(
            "Power spectral densities (one-sided, µV²/Hz) were estimated by Slepian multitapers of {bandwidth} Hz full bandwidth{}, {} weights [1].",
            if low_bias { " (tapers with more than 90 % concentration)" } else { "" },
            if adaptive { "adaptive" } else { "eigenvalue" }
        ),
        SpectrumParams::Welch { window, overlap, taper, average, detrend } => format!(
            "Power spectral densities (one-sided, µV²/Hz) were estimated by Welch's method with {} windows of {window} s and {} % overlap, {} over segments, {} [1].",
            taper_in_words(taper),
            100.0 * overlap,
            match average {
                Average::Mean => "the mean",
                Average::Median => "the median (corrected for its bias)",
            },
            match detrend {
                Detrend::None => "nothing removed from a segment",
                Detrend::Constant => "each segment's mean removed",
                Detrend::Linear => "each segment's line removed",
            }
        ),
    }
}

/// `Hann`, `Kaiser (beta 8)`.
fn taper_in_words(taper: Window) -> String {
    match taper {
        Window::Tukey { alpha } => format!("Tukey (alpha {alpha})"),
        Window::Kaiser { beta } => format!("Kaiser (beta {beta})"),
        Window::Gaussian { std } => format!("Gaussian (standard deviation {std} samples)"),
        plain => format!("{plain:?}"),
    }
}

fn markers(definitions: &[MarkerDefinition]) -> String {
    let shown: Vec<String> =
        definitions.iter().map(|d| format!("{} ({}, {})", d.marker, d.kind, parameters(&d.params))).collect();
    format!(
        "Markers: {}. Powers are compared in decibels, 10·log10(post / baseline); all else as differences, post − baseline.",
        shown.join("; ")
    )
}

/// `band = 30–45, fit = robust`.
fn parameters(params: &serde_json::Value) -> String {
    let pairs =
        params.as_object().into_iter().flatten().map(|(key, value)| format!("{key} = {}", plain(value)));
    pairs.collect::<Vec<_>>().join(", ")
}

/// A value without quotes and brackets; a pair of numbers as a range.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(edges)
            if edges.len() == 2 && edges.iter().all(serde_json::Value::is_number) =>
        {
            edges.iter().map(plain).collect::<Vec<_>>().join("–")
        }
        serde_json::Value::Number(number) => {
            number.as_f64().map_or_else(|| number.to_string(), |value| value.to_string())
        }
        other => other.to_string(),
    }
}

fn contrasts(config: &Config, n_sessions: usize) -> String {
    let inference = &config.inference;
    let percent = 100.0 * inference.confidence;
    let among = match inference.correction {
        Correction::Fdr => "by Benjamini–Hochberg [4]",
        Correction::Holm => "by Holm's method",
    };
    let mut text = format!(
        "Within a session, intervals ({percent} %) are percentile intervals of {} bootstrap samples of blocks of {} s [2], moved so \
         that the mean of the samples lies on the estimate: duplicated blocks bias estimators that correct for the number of epochs. \
         Two-sided p-values come from {} relabellings of the pooled blocks of both windows, the observed one included; they treat \
         blocks as exchangeable and say nothing about the population. Fewer than {} blocks in a window give neither. The p-values \
         of the global values of all markers in a window are one family, adjusted by Holm's method, and so are those of the evidence \
         of muscle; the channels, regions or pairs of one marker are a family each, adjusted {among}. Random numbers are ChaCha8 streams of seed {}, one for each session, \
         window and marker. Time courses are changes from the baseline window in windows of {} s at steps of {} s, none straddling the dose. \
         A response begins with the first window from which on all windows lie beyond mean ± 2 SD of those before the dose for two \
         widths; its peak is where the mean over three widths on either side is largest, its half-times part the points above half of \
         the peak from those below, and the area under the effect curve leaves out pauses. Their intervals come from {} courses with the \
         scatter of the windows drawn anew (wild bootstrap), for a group from as many draws of subjects.",
        inference.n_bootstrap,
        inference.block,
        inference.n_permutations,
        crate::inference::FEWEST_BLOCKS,
        config.seed,
        config.time_course.width,
        config.time_course.step,
        config.inference.n_bootstrap.min(MOST_DRAWS)
    );
    if n_sessions > 1 {
        let _ = write!(
            text,
            " Over subjects, changes and within-subject differences between treatments are means with t intervals ({percent} %), \
             sign-flip permutation p-values (exact for few subjects) and Hedges-corrected d_z, for three subjects or more; several \
             sessions of a subject under one treatment are averaged first. Beside the verdict on muscle stands the correlation of the \
             subjects' changes with those of the muscle index, for six subjects or more. Families of p-values are the same as within a session."
        );
    }
    text
}

fn gate() -> String {
    use dosewave_markers::gate;
    format!(
        "Muscle: every value and change that muscle can fake carries a verdict. The evidence is the PSD at {} Hz (or {} Hz), e, at \
         the same place and in the same spatial view, taken as an upper bound of muscle: paralysis lowers scalp power above 20 Hz \
         [3]. A value is confounded when e is at least {} of the PSD of its band. A change is confounded when muscle predicts at \
         least {} of it with the same sign ({} dB, or {} of an exponent or offset, at least). There are two predictions, and either \
         is enough: the change of e, added flat to the baseline; and what the epochs teach, the slope of the value on the muscle \
         index (at the place or over the rim of the cap, whichever predicts more) and on the rate of saccadic spikes within the \
         windows, times their changes. The slope is that of an analysis of covariance with the muscle index measured twice, in \
         the lower and the upper half of its band, so that its error does not flatten it. Where the index over the rim moved by {} \
         dB or more, each prediction is widened by {} dB ({} for exponent and offset); a change smaller than that is confounded \
         unless the index moved against it. Changes of coupling are confounded when the \
         index moved by {} dB or more. The adjusted change is the change minus what the epochs predict; where the muscle index did not \
         vary enough to teach a slope, the flat change stands in for its part. Spikes are counted from the same size in both \
         windows. Where the band of a marker holds part of the band of the evidence, as high-frequency oscillations do, a rise of \
         the brain there cannot be told from muscle: what would be confounded is unknown, and there is no adjusted change. \
         Gamma is given against the reference above, as surface Laplacian (spherical splines of order 4, 50 Legendre terms, \
         smoothing 1e-5, in µV/cm²; 16 electrodes or more) and against linked mastoids where they were recorded; central leads of \
         the Laplacian are the primary ones.",
        edges(gate::EVIDENCE_BAND),
        edges(gate::EVIDENCE_FALLBACK),
        gate::MAX_SHARE,
        gate::MIN_EXPLAINED,
        gate::MIN_EXPECTED_DB,
        gate::MIN_EXPECTED_FIT,
        gate::MIN_MOVED_DB,
        gate::MIN_EXPECTED_DB,
        gate::MIN_EXPECTED_FIT,
        gate::MIN_DELTA_EMG_DB,
    )
}

fn edges(band: dosewave_eeg::Band) -> String {
    format!("{}–{}", band.low().0, band.high().0)
}

fn references(results: &Results, config: &Config) -> String {
    let first = match config.spectrum {
        SpectrumParams::Multitaper { .. } => {
            "Thomson DJ (1982). Spectrum estimation and harmonic analysis. Proceedings of the IEEE 70, 1055-1096. https://doi.org/10.1109/PROC.1982.12433"
        }
        SpectrumParams::Welch { .. } => {
            "Welch PD (1967). The use of fast Fourier transform for the estimation of power spectra. IEEE Transactions on Audio and Electroacoustics 15, 70-73. https://doi.org/10.1109/TAU.1967.1161901"
        }
    };
    let mut list = vec![
        first.to_owned(),
        "Künsch HR (1989). The jackknife and the bootstrap for general stationary observations. Annals of Statistics 17, 1217-1241. https://doi.org/10.1214/aos/1176347265".to_owned(),
        "Whitham EM et al. (2007). Scalp electrical recording during paralysis: quantitative evidence that EEG frequencies above 20 Hz are contaminated by EMG. Clinical Neurophysiology 118, 1877-1888. https://doi.org/10.1016/j.clinph.2007.04.027".to_owned(),
        "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x".to_owned(),
    ];
    for definition in &results.definitions {
        if !definition.doi.is_empty() && list.iter().all(|known| !known.contains(&definition.doi)) {
            list.push(format!(
                "{}. https://doi.org/{}",
                definition.reference.trim_end_matches('.'),
                definition.doi
            ));
        }
    }
    let numbered: Vec<String> =
        list.iter().enumerate().map(|(i, entry)| format!("{}. {entry}", i + 1)).collect();
    format!("References\n\n{}\n", numbered.join("\n"))
}
