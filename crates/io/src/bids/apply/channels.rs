//! `channels.tsv`: kinds, units, filters, bad channels.

use super::Odd;
use crate::bids::Table;
use crate::bytes::microvolts_per;
use dosewave_eeg::{Channel, ChannelKind, Header, Hz, MarkedBad, Note};
use std::collections::{HashMap, HashSet};

/// What is odd, by kind.
struct Oddities {
    kinds: Odd,
    units: Odd,
    numbers: Odd,
    filters: Odd,
    rates: Odd,
}

pub(super) fn apply(table: &Table, header: &mut Header, factors: &mut [f64], notes: &mut Vec<Note>) {
    let rows = rows_of_channels(table, header, notes);
    let mut odd = Oddities {
        kinds: Odd::new(),
        units: Odd::new(),
        numbers: Odd::new(),
        filters: Odd::new(),
        rates: Odd::new(),
    };
    let mut channels: Vec<Channel> = header.channels.to_vec();
    for ((channel, row), factor) in channels.iter_mut().zip(&rows).zip(factors) {
        let Some(row) = *row else { continue };
        kind(table, row, channel, &mut odd);
        unit(table, row, channel, factor, &mut odd);
        filters(table, row, channel, &mut odd);
        let rate = number(table, row, "sampling_frequency", channel, &mut odd);
        if let Some(rate) = rate.filter(|rate| (rate / header.sfreq.0 - 1.0).abs() > 1e-3) {
            odd.rates.add(format!("{} {rate} Hz", channel.name));
        }
        if table.field(row, "status").is_some_and(|status| status.eq_ignore_ascii_case("bad")) {
            let reason = table.field(row, "status_description").unwrap_or_default().to_owned();
            header.details.bads.push(MarkedBad { channel: channel.name.clone(), reason });
        }
    }
    header.channels = channels.into();
    let file = table.file.as_str();
    odd.kinds.warn(notes, file, "type(s) of channels that the standard does not have, taken for MISC");
    odd.units.warn(notes, file, "unit(s) that are not those of the file, which are kept");
    odd.numbers.warn(notes, file, "not a number, not used");
    odd.filters.warn(notes, file, "filters that are not those of the file; the table's are taken");
    odd.rates.warn(
        notes,
        file,
        &format!("sampling frequencies that are not the file's {}, which is kept", header.sfreq),
    );
    let mut bads = Odd::new();
    for bad in &header.details.bads {
        bads.add(if bad.reason.is_empty() {
            bad.channel.clone()
        } else {
            format!("{} ({})", bad.channel, bad.reason)
        });
    }
    bads.warn(notes, file, "bad channel(s)");
}

/// The row of each channel: by name, by electrode label, or, where there are as many rows as channels, by place.
fn rows_of_channels(table: &Table, header: &mut Header, notes: &mut Vec<Note>) -> Vec<Option<usize>> {
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for row in 0..table.rows.len() {
        if let Some(name) = table.field(row, "name") {
            by_name.entry(name.to_owned()).or_insert(row);
            by_name.entry(name.to_lowercase()).or_insert(row);
        }
    }
    let mut taken = HashSet::new();
    let mut found: Vec<Option<usize>> = vec![None; header.n_channels()];
    // exact names first: no label takes what is another's name
    let keys: [fn(&Channel) -> String; 3] =
        [|c| c.name.clone(), |c| c.name.to_lowercase(), |c| c.label().to_lowercase()];
    for key in keys {
        for (channel, place) in header.channels.iter().zip(&mut found).filter(|(_, place)| place.is_none()) {
            *place = by_name.get(&key(channel)).copied().filter(|row| taken.insert(*row));
        }
    }
    if table.rows.len() == header.n_channels() {
        by_place(table, header, &mut found, &mut taken, notes);
    }
    let (mut without_row, mut without_channel) = (Odd::new(), Odd::new());
    for (channel, _) in header.channels.iter().zip(&found).filter(|(_, row)| row.is_none()) {
        without_row.add(channel.name.clone());
    }
    let other: HashSet<&str> = header.other_signals.iter().map(|signal| signal.name.as_str()).collect();
    for row in (0..table.rows.len()).filter(|row| !taken.contains(row)) {
        let name = table.field(row, "name").unwrap_or("n/a");
        if !other.contains(name) {
            without_channel.add(name.to_owned());
        }
    }
    without_row.warn(notes, &table.file, "no row for the channel(s)");
    without_channel.warn(notes, &table.file, "row(s) for channels that the file does not have");
    found
}

/// Rows and channels that are left over and stand at the same place: the channel gets the table's name.
fn by_place(
    table: &Table,
    header: &mut Header,
    found: &mut [Option<usize>],
    taken: &mut HashSet<usize>,
    notes: &mut Vec<Note>,
) {
    let mut channels: Vec<Channel> = header.channels.to_vec();
    let mut names: HashSet<String> = channels.iter().map(|c| c.name.clone()).collect();
    let mut renamed: HashMap<String, String> = HashMap::new();
    for (i, (channel, place)) in channels.iter_mut().zip(found).enumerate() {
        let Some(name) = table.field(i, "name").filter(|_| place.is_none()) else { continue };
        if names.insert(name.to_owned()) && taken.insert(i) {
            *place = Some(i);
            let old = std::mem::replace(&mut channel.name, name.to_owned());
            let is_known = Channel::from_name(name);
            (channel.kind, channel.position) = (is_known.kind, channel.position.or(is_known.position));
            renamed.insert(old, name.to_owned());
        }
    }
    if renamed.is_empty() {
        return;
    }
    header.channels = channels.into();
    let rename = |name: &mut String| {
        if let Some(new) = renamed.get(name) {
            name.clone_from(new);
        }
    };
    header.annotations.iter_mut().flat_map(|a| &mut a.channels).for_each(rename);
    header.details.projections.iter_mut().flat_map(|p| &mut p.channels).for_each(rename);
    header.details.unmixing.iter_mut().flat_map(|u| &mut u.channels).for_each(rename);
    let mut pairs: Vec<String> = renamed.iter().map(|(old, new)| format!("{old} → {new}")).collect();
    pairs.sort();
    Odd(pairs).warn(
        notes,
        &table.file,
        "channel(s) with another name than in the file, renamed by their place",
    );
}

fn kind(table: &Table, row: usize, channel: &mut Channel, odd: &mut Oddities) {
    let Some(text) = table.field(row, "type") else { return };
    let kind = match text.to_ascii_uppercase().as_str() {
        "EEG" => ChannelKind::Eeg,
        "EOG" | "HEOG" | "VEOG" => ChannelKind::Eog,
        "ECG" | "EKG" => ChannelKind::Ecg,
        "EMG" => ChannelKind::Emg,
        "TRIG" => ChannelKind::Trig,
        "MISC" | "REF" | "GSR" | "RESP" | "TEMP" | "PPG" | "AUDIO" | "ADC" | "DAC" | "EYEGAZE" | "PUPIL"
        | "SYSCLOCK" | "PD" | "HLU" | "OTHER" => ChannelKind::Misc,
        _ => {
            odd.kinds.add(format!("{} {text}", channel.name));
            ChannelKind::Misc
        }
    };
    if kind == channel.kind {
        return;
    }
    channel.kind = kind;
    let built_in = || dosewave_eeg::montage::position(channel.label());
    channel.position = if kind == ChannelKind::Eeg { channel.position.or_else(built_in) } else { None };
}

/// The file's unit is that of its samples. Where it states none, the table's is taken.
fn unit(table: &Table, row: usize, channel: &mut Channel, factor: &mut f64, odd: &mut Oddities) {
    let Some(stated) = table.field(row, "units") else { return };
    let recorded = channel.recorded_unit.clone().unwrap_or_else(|| channel.unit.clone());
    let is_unstated = recorded.is_empty() || recorded == "1";
    match (microvolts_per(&recorded), microvolts_per(stated)) {
        (None, Some(microvolts)) if is_unstated => {
            *factor = microvolts;
            channel.unit = "µV".into();
            channel.recorded_unit = (microvolts != 1.0).then(|| stated.to_owned());
            channel.quantization = None;
        }
        (None, None) if is_unstated => stated.clone_into(&mut channel.unit),
        (Some(a), Some(b)) if a == b => {}
        (None, None) if recorded == stated => {}
        _ => odd.units.add(format!("{} {stated}, in the file {recorded}", channel.name)),
    }
}

/// A number, `n/a` and infinity being none.
fn number(table: &Table, row: usize, column: &str, channel: &Channel, odd: &mut Oddities) -> Option<f64> {
    let text = table.field(row, column)?;
    if ["inf", "infinity", "nan", "dc"].contains(&text.to_ascii_lowercase().as_str()) {
        return None;
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    if value.is_none() {
        odd.numbers.add(format!("{} {column} '{text}'", channel.name));
    }
    value
}

/// BIDS' low cutoff is the edge of the high-pass, its high cutoff that of the low-pass; 0 is no high-pass.
fn filters(table: &Table, row: usize, channel: &mut Channel, odd: &mut Oddities) {
    let mut edge = |column: &str, known: Option<Hz>| {
        let stated = number(table, row, column, channel, odd).filter(|hz| *hz > 0.0)?;
        if let Some(known) = known.filter(|known| (known.0 / stated - 1.0).abs() > 0.01) {
            odd.filters.add(format!("{} {column} {stated}, in the file {}", channel.name, known.0));
        }
        Some(Hz(stated))
    };
    let high_pass = edge("low_cutoff", channel.high_pass);
    let low_pass = edge("high_cutoff", channel.low_pass);
    channel.high_pass = high_pass.or(channel.high_pass);
    channel.low_pass = low_pass.or(channel.low_pass);
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::Recording;

    fn header(names: &[&str]) -> Header {
        let data = ndarray::Array2::zeros((names.len(), 100));
        Recording::new(data, Hz(100.0), names).unwrap().header().clone()
    }

    fn applied(text: &str, header: &mut Header) -> (Vec<f64>, Vec<String>) {
        let (mut factors, mut notes) = (vec![1.0; header.n_channels()], Vec::new());
        apply(&Table::parse("channels.tsv", text.as_bytes()).unwrap(), header, &mut factors, &mut notes);
        (factors, notes.into_iter().map(|n| n.text).collect())
    }

    #[test]
    fn kinds_filters_and_bad_channels() {
        let mut header = header(&["Cz", "EEG Fz-REF", "X1", "T7"]);
        let text = "name\ttype\tunits\tlow_cutoff\thigh_cutoff\tstatus\tstatus_description\n\
                    Cz\tEEG\tuV\t0.1\t70\tgood\tn/a\nFz\tEEG\tµV\t0\tInf\tBad\tloose\nX1\tHEOG\tµV\tn/a\tn/a\tn/a\tn/a\nT7\tSEEG\tV\tx\tn/a\tbad\tn/a\n";
        let (factors, notes) = applied(text, &mut header);
        assert_eq!(factors, [1.0; 4]);
        let kinds: Vec<ChannelKind> = header.channels.iter().map(|c| c.kind).collect();
        assert_eq!(kinds, [ChannelKind::Eeg, ChannelKind::Eeg, ChannelKind::Eog, ChannelKind::Misc]);
        assert_eq!(
            (header.channels[0].high_pass, header.channels[0].low_pass),
            (Some(Hz(0.1)), Some(Hz(70.0)))
        );
        assert_eq!((header.channels[1].high_pass, header.channels[1].low_pass), (None, None));
        let bads: Vec<(&str, &str)> =
            header.details.bads.iter().map(|b| (b.channel.as_str(), b.reason.as_str())).collect();
        assert_eq!(bads, [("EEG Fz-REF", "loose"), ("T7", "")]);
        for expected in
            ["T7 SEEG", "T7 V, in the file µV", "T7 low_cutoff 'x'", "bad channel(s): EEG Fz-REF (loose), T7"]
        {
            assert!(notes.iter().any(|n| n.contains(expected)), "{expected}: {notes:?}");
        }
    }

    #[test]
    fn a_unit_that_the_file_does_not_state_is_the_tables() {
        let mut header = header(&["Cz", "Pz"]);
        let mut channels = header.channels.to_vec();
        channels[0].unit = "1".into();
        header.channels = channels.into();
        let (factors, notes) = applied("name\ttype\tunits\nCz\tEEG\tmV\nPz\tEEG\tµV\n", &mut header);
        assert_eq!((factors, notes), (vec![1000.0, 1.0], vec![]));
        assert!(header.channels[0].is_voltage());
    }

    #[test]
    fn names_by_place_and_rows_without_channels() {
        let mut h = header(&["Cz", "E2"]);
        h.annotations = vec![dosewave_eeg::Annotation {
            channels: vec!["E2".into()],
            ..dosewave_eeg::Annotation::new(dosewave_eeg::Seconds(0.0), dosewave_eeg::Seconds(0.0), "x")
        }];
        let (_, notes) = applied("name\ttype\tunits\nCz\tEEG\tµV\nPz\tEEG\tµV\n", &mut h);
        assert_eq!(
            (h.ch_names(), h.annotations[0].channels.as_slice()),
            (vec!["Cz", "Pz"], &["Pz".to_owned()][..])
        );
        assert!(h.channels[1].position.is_some() && notes[0].contains("E2 → Pz"), "{notes:?}");
        let mut h = header(&["Cz", "E2"]);
        let (_, notes) = applied("name\ttype\tunits\nCz\tEEG\tµV\nPz\tEEG\tµV\nOz\tEEG\tµV\n", &mut h);
        assert!(
            notes[0].contains("no row for the channel(s): E2") && notes[1].contains("does not have: Pz, Oz"),
            "{notes:?}"
        );
    }
}
