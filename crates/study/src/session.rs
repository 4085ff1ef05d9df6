//! One session, from its recordings to its rows.

use crate::clean::Cleaning;
use crate::config::Config;
use crate::contrast::{Side, adjust, change_unit, empty, is_evidence, rows};
use crate::equalize::equalized;
use crate::gating::on_change;
use crate::learn::{Learned, Session};
use crate::load::{Input, Source};
use crate::measure::{Measured, MeasuredMarker, all_channels, measure};
use crate::plan::{Plan, PlannedMarker};
use crate::spectra::of_segment;
use crate::time_course::{Reference, Timeline, references, responses};
use crate::windows::{BASELINE, Window};
use crate::{
    ChannelSummary, ConnectivityMatrix, ContrastRow, Error, Gate, InputFile, MarkerRow, ResponseRow, Result,
    SessionSummary, SpectrumResult, TimeCourse, parallel,
};
use dosewave_eeg::{Note, Region};
use dosewave_markers::Segment;

/// What is to be analysed.
pub(crate) struct Task<'a> {
    pub(crate) subject: &'a str,
    pub(crate) session: &'a str,
    pub(crate) treatment: &'a str,
    /// One recording, or before and after.
    pub(crate) inputs: Vec<&'a Input>,
    pub(crate) dose_at: Option<&'a str>,
    /// Whether it is one of many: then only the head's spectrum is kept, without an interval.
    pub(crate) of_many: bool,
}

/// Everything that one session gives.
pub(crate) struct SessionResults {
    pub(crate) summary: SessionSummary,
    pub(crate) markers: Vec<MarkerRow>,
    pub(crate) contrasts: Vec<ContrastRow>,
    pub(crate) spectra: Vec<SpectrumResult>,
    pub(crate) time_courses: Vec<TimeCourse>,
    pub(crate) responses: Vec<ResponseRow>,
    pub(crate) connectivity: Vec<ConnectivityMatrix>,
    pub(crate) notes: Vec<Note>,
    pub(crate) files: Vec<InputFile>,
}

impl Task<'_> {
    /// A name for random streams: the draws of a session do not depend on the other sessions.
    fn key(&self) -> String {
        format!("{}/{}", self.subject, self.session)
    }

    /// Opens, plans, cleans, measures, compares.
    pub(crate) fn run(&self, config: &Config) -> Result<SessionResults> {
        let mut sources = self.inputs.iter().map(|input| Source::open(input)).collect::<Result<Vec<_>>>()?;
        let plan = Plan::new(config, &sources, self.dose_at)?;
        let mut cleaning = Cleaning {
            config,
            low_pass: plan.low_pass,
            reference: plan.reference.clone(),
            learned: Learned::default(),
        };
        let mut results = self.opened(&plan, &sources);
        let session = Session { sources: &mut sources, windows: &plan.windows, picks: &plan.picks };
        results.notes.extend(Learned::from_all(&mut cleaning, session)?);
        let mut baseline: Option<Measured> = None;
        let mut timeline = Timeline::new(&plan.windows, config);
        let mut with_course: Vec<Reference<'_>> = Vec::new();
        let mut post_left = plan.windows.len().saturating_sub(1);
        for window in &plan.windows {
            let is_baseline = window.name == BASELINE;
            let (segment, measured) =
                match self.measure(&cleaning, &plan, &mut sources, window, &mut results.notes) {
                    Ok(both) => both,
                    Err(error @ Error::Eeg(dosewave_eeg::Error::NothingLeft { .. }))
                        if !is_baseline && post_left > 1 =>
                    {
                        post_left -= 1;
                        results.notes.push(Note::warning(
                            "epochs",
                            format!("window '{}': {error}; it has no values", window.name),
                        ));
                        continue;
                    }
                    Err(Error::Eeg(error @ dosewave_eeg::Error::NothingLeft { .. })) => {
                        return Err(Error::Design(format!("window '{}': {error}", window.name)));
                    }
                    Err(error) => return Err(error),
                };
            self.keep(&plan, &measured, &mut results);
            if is_baseline {
                with_course = references(&plan, &measured, config);
            }
            timeline.add(window, (&segment, &measured), &with_course)?;
            match &baseline {
                None => baseline = Some(measured),
                Some(before) => results.contrasts.extend(self.compare(&plan, before, &measured, config)?),
            }
        }
        results.notes.extend(timeline.note(config));
        results.time_courses = timeline.finish(&plan, &cleaning, &mut sources, &with_course)?;
        for course in &mut results.time_courses {
            self.subject.clone_into(&mut course.subject);
            self.session.clone_into(&mut course.session);
            self.treatment.clone_into(&mut course.treatment);
        }
        results.responses = responses(&results.time_courses, &results.contrasts, config, &self.key())?;
        Ok(results)
    }

    /// The session before anything is measured.
    pub(crate) fn opened(&self, plan: &Plan, sources: &[Source<'_>]) -> SessionResults {
        let mut notes: Vec<Note> = sources.iter().flat_map(|source| source.header.notes.clone()).collect();
        notes.extend(plan.notes.iter().cloned());
        let mut left_out: Vec<String> = Vec::new();
        for source in sources {
            left_out.extend(
                source
                    .header
                    .other_signals
                    .iter()
                    .map(|signal| format!("{} ({})", signal.name, signal.sfreq)),
            );
        }
        if !left_out.is_empty() {
            notes.push(Note::info(
                "channels",
                format!("signals with another sampling frequency are left out: {}", left_out.join(", ")),
            ));
        }
        SessionResults {
            summary: self.summary(plan, sources),
            markers: Vec::new(),
            contrasts: Vec::new(),
            spectra: Vec::new(),
            time_courses: Vec::new(),
            responses: Vec::new(),
            connectivity: Vec::new(),
            notes,
            files: sources.iter().flat_map(|source| source.files.clone()).collect(),
        }
    }

    fn summary(&self, plan: &Plan, sources: &[Source<'_>]) -> SessionSummary {
        let first = sources.first();
        let picked = first.into_iter().zip(&plan.picks).flat_map(|(source, picks)| {
            picks.iter().take(plan.n_eeg).filter_map(|&i| source.header.channels.get(i))
        });
        SessionSummary {
            subject: self.subject.to_owned(),
            session: self.session.to_owned(),
            treatment: self.treatment.to_owned(),
            files: sources.iter().map(|source| source.name.clone()).collect(),
            format: first.map_or_else(String::new, |source| source.header.format.clone()),
            sfreq_hz: first.map_or(0.0, |source| source.header.sfreq.0),
            low_pass_hz: plan.low_pass.map(|hz| hz.0),
            channels: picked
                .map(|channel| ChannelSummary {
                    name: channel.label().to_owned(),
                    position: channel.position,
                    region: Region::of(channel).map(|region| region.name().to_owned()),
                })
                .collect(),
            dose: plan.dose.clone(),
            windows: Vec::new(),
            failure: None,
        }
    }

    /// One window: clean, then every marker, the spectrum and the evidence.
    fn measure(
        &self,
        cleaning: &Cleaning<'_>,
        plan: &Plan,
        sources: &mut [Source<'_>],
        window: &Window,
        notes: &mut Vec<Note>,
    ) -> Result<(Segment, Measured)> {
        let (Some(source), Some(picks)) = (sources.get_mut(window.file), plan.picks.get(window.file)) else {
            return Err(Error::Design(format!("window '{}' has no recording", window.name)));
        };
        let cleaned = cleaning.segment(source, window, picks)?;
        add_new(notes, &cleaned.notes);
        let task = format!("{}/{}", self.key(), window.name);
        let (segment, mut measured) = measure(cleaned, &plan.markers, cleaning.config, &task)?;
        measured.spectra = of_segment(&segment, cleaning.config, !self.of_many, !self.of_many, &task)?;
        add_new(notes, &marker_notes(plan, &measured));
        Ok((segment, measured))
    }

    /// Rows, spectra and matrices of a window.
    fn keep(&self, plan: &Plan, measured: &Measured, results: &mut SessionResults) {
        results.summary.windows.push(measured.summary.clone());
        results.markers.extend(self.marker_rows(&plan.markers, measured));
        results.markers.extend(self.heart_rows(measured));
        for spectrum in &measured.spectra {
            results.spectra.push(SpectrumResult {
                subject: self.subject.to_owned(),
                session: self.session.to_owned(),
                treatment: self.treatment.to_owned(),
                window: measured.summary.window.clone(),
                site: spectrum.site.clone(),
                freqs_hz: spectrum.freqs_hz.clone(),
                psd_uv2_hz: spectrum.psd_uv2_hz.clone(),
                ci_low: spectrum.ci_low.clone(),
                ci_high: spectrum.ci_high.clone(),
            });
        }
        for (planned, marker) in plan.markers.iter().zip(&measured.markers) {
            if let MeasuredMarker::Values { stats, pairs: Some(pairs), .. } = marker {
                results.connectivity.push(ConnectivityMatrix {
                    subject: self.subject.to_owned(),
                    session: self.session.to_owned(),
                    treatment: self.treatment.to_owned(),
                    window: measured.summary.window.clone(),
                    marker: planned.name.clone(),
                    channels: stats.channels.clone(),
                    values: pairs.clone(),
                });
            }
        }
    }

    /// The rows of `markers.tsv` of one window.
    pub(crate) fn marker_rows(&self, plan: &[PlannedMarker], measured: &Measured) -> Vec<MarkerRow> {
        let window = &measured.summary;
        let mut rows = Vec::new();
        for (planned, marker) in plan.iter().zip(&measured.markers) {
            let row = |site: &str, value: Option<f64>, gate: Gate, note: String| MarkerRow {
                subject: self.subject.to_owned(),
                session: self.session.to_owned(),
                treatment: self.treatment.to_owned(),
                window: window.window.clone(),
                t_start_min: window.t_start_min,
                t_stop_min: window.t_stop_min,
                marker: planned.name.clone(),
                site: site.to_owned(),
                value,
                unit: planned.spec.unit,
                n_epochs: window.n_epochs,
                emg_index_db: planned
                    .marker
                    .contaminable()
                    .then(|| measured.evidence.emg_index_db(planned.marker.view(), site))
                    .flatten(),
                rim_ratio_db: planned
                    .marker
                    .contaminable()
                    .then_some(measured.evidence.rim_ratio_db)
                    .flatten(),
                sp_rate_hz: planned.marker.contaminable().then_some(measured.evidence.sp_rate_hz).flatten(),
                gate,
                note,
            };
            match marker {
                MeasuredMarker::Missing(reason) => {
                    let gate =
                        if planned.marker.contaminable() { Gate::Unknown } else { Gate::NotApplicable };
                    rows.push(row("global", None, gate, reason.clone()));
                }
                MeasuredMarker::Values { stats, values, notes, .. } => {
                    for (k, (site, value)) in stats.sites.iter().zip(values).enumerate() {
                        let note = match (value, notes.get(k)) {
                            (None, _) => "undefined: no power, no phase to relate or no burst".to_owned(),
                            (_, Some(Some(interval))) => interval.clone(),
                            _ => String::new(),
                        };
                        let (gate, why) = measured.evidence.on_value(planned, site);
                        rows.push(row(site, *value, gate, joined_notes(note, why)));
                    }
                }
            }
        }
        rows
    }

    /// The rows of `contrasts.tsv` of one window after the dose.
    fn compare(
        &self,
        plan: &Plan,
        before: &Measured,
        after: &Measured,
        config: &Config,
    ) -> Result<Vec<ContrastRow>> {
        let per_marker = parallel::map(plan.markers.len(), |i| {
            match (plan.markers.get(i), before.markers.get(i), after.markers.get(i)) {
                (Some(planned), Some(first), Some(second)) => {
                    self.compare_marker(planned, (before, first), (after, second), config)
                }
                _ => Ok(Vec::new()),
            }
        });
        let mut all = Vec::new();
        for rows in per_marker {
            all.extend(rows?);
        }
        all.extend(self.heart_changes(before, after));
        let channels = all_channels(before);
        let evidence = plan.markers.iter().filter(|m| is_evidence(m.spec.kind)).map(|m| m.name.as_str());
        adjust(&mut all, &channels, &evidence.collect::<Vec<_>>(), config.inference.correction);
        Ok(all)
    }

    fn compare_marker(
        &self,
        planned: &PlannedMarker,
        (before, first): (&Measured, &MeasuredMarker),
        (after, second): (&Measured, &MeasuredMarker),
        config: &Config,
    ) -> Result<Vec<ContrastRow>> {
        let window = &after.summary.window;
        let named = |row: ContrastRow| ContrastRow {
            subject: self.subject.to_owned(),
            session: self.session.to_owned(),
            treatment: self.treatment.to_owned(),
            ..row
        };
        let (stats, sides) = match (first, second) {
            (
                MeasuredMarker::Values { stats: a, values: x, .. },
                MeasuredMarker::Values { stats: b, values: y, .. },
            ) => ((&**a, &**b), (Side { stats: a, values: x }, Side { stats: b, values: y })),
            (MeasuredMarker::Missing(reason), _) | (_, MeasuredMarker::Missing(reason)) => {
                let gate = if planned.marker.contaminable() { Gate::Unknown } else { Gate::NotApplicable };
                let row = empty(
                    &planned.name,
                    "global",
                    window,
                    change_unit(planned.spec.change, planned.spec.unit),
                );
                return Ok(vec![named(ContrastRow { gate, note: reason.clone(), ..row })]);
            }
        };
        let (first, second) = (sides.0.stats, sides.1.stats);
        let lot = format!("{}/{window}", self.key());
        let cut_before = equalized(&*planned.marker, (first, second), "before", config, &lot)?;
        let cut_after = equalized(&*planned.marker, (second, first), "after", config, &lot)?;
        let (before_side, after_side) = (cut_before.side(sides.0), cut_after.side(sides.1));
        let mut all = rows(planned, &before_side, &after_side, window, config, &self.key())?;
        for row in &mut all {
            let cut = cut_before.note.iter().chain(&cut_after.note).cloned();
            let notes: Vec<String> =
                Some(row.note.clone()).filter(|note| !note.is_empty()).into_iter().chain(cut).collect();
            row.note = notes.join("; ");
        }
        let changes: Vec<Option<f64>> = all.iter().map(|row| row.change).collect();
        let verdicts = on_change(planned, &changes, (&before.evidence, &after.evidence), stats);
        for (row, verdict) in all.iter_mut().zip(verdicts) {
            row.gate = verdict.gate;
            row.change_adjusted = verdict.adjusted;
            row.note = joined_notes(std::mem::take(&mut row.note), verdict.note);
        }
        Ok(all.into_iter().map(named).collect())
    }
}

/// Adds the notes that are not there yet.
pub(crate) fn add_new(notes: &mut Vec<Note>, more: &[Note]) {
    for note in more {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
}

/// What the markers of a window have to say.
pub(crate) fn marker_notes(plan: &Plan, measured: &Measured) -> Vec<Note> {
    let window = &measured.summary.window;
    let of = |(planned, marker): (&PlannedMarker, &MeasuredMarker)| match marker {
        MeasuredMarker::Values { stats, .. } => {
            let note = |text: &String| Note::info(planned.name.clone(), format!("window '{window}': {text}"));
            stats.notes.iter().map(note).collect()
        }
        MeasuredMarker::Missing(_) => Vec::new(),
    };
    plan.markers.iter().zip(&measured.markers).flat_map(of).collect()
}

/// A note and what is to be added to it.
fn joined_notes(note: String, more: Option<String>) -> String {
    match more {
        Some(more) if note.is_empty() => more,
        Some(more) => format!("{note}; {more}"),
        None => note,
    }
}
