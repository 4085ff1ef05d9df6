//! Tab-separated tables.

use crate::{ContrastRow, MarkerRow, ResponseRow};

/// Columns of `markers.tsv`, in order.
pub(super) const MARKER_COLUMNS: [&str; 16] = [
    "subject",
    "session",
    "treatment",
    "window",
    "t_start_min",
    "t_stop_min",
    "marker",
    "site",
    "value",
    "unit",
    "n_epochs",
    "emg_index_db",
    "rim_ratio_db",
    "sp_rate_hz",
    "gate",
    "note",
];
/// Columns of `contrasts.tsv`, in order.
pub(super) const CONTRAST_COLUMNS: [&str; 20] = [
    "subject",
    "session",
    "treatment",
    "window",
    "marker",
    "site",
    "baseline",
    "post",
    "change",
    "unit",
    "ci_low",
    "ci_high",
    "p",
    "p_adjusted",
    "family",
    "gate",
    "change_adjusted",
    "note",
    "effect_size",
    "n",
];

/// Columns of `responses.tsv`, in order.
pub(super) const RESPONSE_COLUMNS: [&str; 12] = [
    "subject",
    "session",
    "treatment",
    "marker",
    "site",
    "feature",
    "value",
    "unit",
    "ci_low",
    "ci_high",
    "gate",
    "note",
];

/// Rows as the text of `markers.tsv`: a heading, then one line per row; a missing number is an empty field.
#[must_use]
pub fn markers_tsv(rows: &[MarkerRow]) -> String {
    table(&MARKER_COLUMNS, rows.iter().map(marker_fields))
}

/// Rows as the text of `contrasts.tsv`.
#[must_use]
pub fn contrasts_tsv(rows: &[ContrastRow]) -> String {
    table(&CONTRAST_COLUMNS, rows.iter().map(contrast_fields))
}

/// Rows as the text of `responses.tsv`.
#[must_use]
pub fn responses_tsv(rows: &[ResponseRow]) -> String {
    table(&RESPONSE_COLUMNS, rows.iter().map(response_fields))
}

fn table<const N: usize>(columns: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut text = columns.join("\t") + "\n";
    for row in rows {
        text += &row.join("\t");
        text.push('\n');
    }
    text
}

/// The same table with `n/a` in empty fields, as BIDS has it.
pub(crate) fn with_missing(table: &str) -> String {
    fn field(field: &str) -> &str {
        if field.is_empty() { "n/a" } else { field }
    }
    table.lines().map(|line| line.split('\t').map(field).collect::<Vec<_>>().join("\t") + "\n").collect()
}

/// A text in one field.
fn plain(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

/// Shortest text that reads back to the same number; empty where it is missing.
fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| {
        if value != 0.0 && (value.abs() < 1e-4 || value.abs() >= 1e15) {
            format!("{value:e}")
        } else {
            value.to_string()
        }
    })
}

fn marker_fields(row: &MarkerRow) -> [String; 16] {
    [
        plain(&row.subject),
        plain(&row.session),
        plain(&row.treatment),
        plain(&row.window),
        number(Some(row.t_start_min)),
        number(Some(row.t_stop_min)),
        plain(&row.marker),
        plain(&row.site),
        number(row.value),
        row.unit.symbol().to_owned(),
        row.n_epochs.to_string(),
        number(row.emg_index_db),
        number(row.rim_ratio_db),
        number(row.sp_rate_hz),
        row.gate.name().to_owned(),
        plain(&row.note),
    ]
}

fn contrast_fields(row: &ContrastRow) -> [String; 20] {
    [
        plain(&row.subject),
        plain(&row.session),
        plain(&row.treatment),
        plain(&row.window),
        plain(&row.marker),
        plain(&row.site),
        number(row.baseline),
        number(row.post),
        number(row.change),
        row.unit.symbol().to_owned(),
        number(row.ci_low),
        number(row.ci_high),
        number(row.p),
        number(row.p_adjusted),
        plain(&row.family),
        row.gate.name().to_owned(),
        number(row.change_adjusted),
        plain(&row.note),
        number(row.effect_size),
        row.n.map_or_else(String::new, |n| n.to_string()),
    ]
}

fn response_fields(row: &ResponseRow) -> [String; 12] {
    [
        plain(&row.subject),
        plain(&row.session),
        plain(&row.treatment),
        plain(&row.marker),
        plain(&row.site),
        plain(&row.feature),
        number(row.value),
        plain(&row.unit),
        number(row.ci_low),
        number(row.ci_high),
        row.gate.name().to_owned(),
        plain(&row.note),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gate;
    use crate::contrast::empty;
    use dosewave_eeg::Unit;

    #[test]
    fn rows_are_tidy_and_missing_numbers_empty() {
        let row = MarkerRow {
            subject: "s1".into(),
            session: String::new(),
            treatment: "keta\tmine".into(),
            window: "post".into(),
            t_start_min: 0.0,
            t_stop_min: 0.5,
            marker: "low_gamma".into(),
            site: "Fz".into(),
            value: None,
            unit: Unit::Uv2PerHz,
            n_epochs: 12,
            emg_index_db: Some(-3.25),
            rim_ratio_db: None,
            sp_rate_hz: None,
            gate: Gate::Ok,
            note: "line\nbreak".into(),
        };
        let text = markers_tsv(&[row]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "subject\tsession\ttreatment\twindow\tt_start_min\tt_stop_min\tmarker\tsite\tvalue\tunit\tn_epochs\temg_index_db\t\
             rim_ratio_db\tsp_rate_hz\tgate\tnote"
        );
        assert_eq!(
            lines[1],
            "s1\t\tketa mine\tpost\t0\t0.5\tlow_gamma\tFz\t\tµV²/Hz\t12\t-3.25\t\t\tok\tline break"
        );
    }

    #[test]
    fn contrasts_have_the_documented_columns() {
        let row =
            ContrastRow { n: Some(12), p: Some(1e-5), ..empty("alpha", "global", "post", Unit::Decibel) };
        let text = contrasts_tsv(&[row]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with("p\tp_adjusted\tfamily\tgate\tchange_adjusted\tnote\teffect_size\tn"));
        assert_eq!(lines[1].split('\t').count(), 20);
        assert!(lines[1].contains("\t1e-5\t") && lines[1].ends_with("\t12"));
    }

    #[test]
    fn responses_have_the_documented_columns() {
        let row = ResponseRow {
            subject: "s1".into(),
            session: String::new(),
            treatment: "ketamine".into(),
            marker: "low_gamma".into(),
            site: "global".into(),
            feature: "t_peak".into(),
            value: Some(12.5),
            unit: "min".into(),
            ci_low: Some(11.0),
            ci_high: None,
            gate: Gate::Confounded,
            note: String::new(),
        };
        let text = responses_tsv(&[row]);
        assert_eq!(
            text,
            "subject\tsession\ttreatment\tmarker\tsite\tfeature\tvalue\tunit\tci_low\tci_high\tgate\tnote\n\
             s1\t\tketamine\tlow_gamma\tglobal\tt_peak\t12.5\tmin\t11\t\tconfounded\t\n"
        );
    }

    #[test]
    fn missing_fields_can_be_said() {
        assert_eq!(with_missing("a\tb\tc\n\t1\t\n"), "a\tb\tc\nn/a\t1\tn/a\n");
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for value in [0.1 + 0.2, -1.0 / 3.0, 1e-300, 1e300, 0.0, 123_456.789] {
            assert_eq!(number(Some(value)).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
