//! Electrode labels of the 10–05 system, taken apart.

/// Where a label of the 10–05 system sits: its row from front to back and its column from the midline outwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Site {
    /// Place of the row on the midline, in percent of the way from nasion (0) over vertex (50) to inion (100).
    pub(crate) percent: f64,
    /// Steps from the midline: 0 for `z`, 1 for the digits 1 and 2, … 5 for 9 and 10, half a step less with `h`;
    /// negative on the left.
    pub(crate) column: f64,
    /// Whether the row's letters have a `T`.
    pub(crate) temporal: bool,
}

/// Rows in percent of the midline, with the letters of their inner columns.
const ROWS: [(&str, f64); 21] = [
    ("N", 0.0),
    ("NFP", 5.0),
    ("FP", 10.0),
    ("AFP", 15.0),
    ("AF", 20.0),
    ("AFF", 25.0),
    ("F", 30.0),
    ("FFC", 35.0),
    ("FC", 40.0),
    ("FCC", 45.0),
    ("C", 50.0),
    ("CCP", 55.0),
    ("CP", 60.0),
    ("CPP", 65.0),
    ("P", 70.0),
    ("PPO", 75.0),
    ("PO", 80.0),
    ("POO", 85.0),
    ("O", 90.0),
    ("OI", 95.0),
    ("I", 100.0),
];

/// Rows whose outer columns (7 to 10) are named with a `T`.
const TEMPORAL_ROWS: [(&str, f64); 7] =
    [("FFT", 35.0), ("FT", 40.0), ("FTT", 45.0), ("T", 50.0), ("TTP", 55.0), ("TP", 60.0), ("TPP", 65.0)];

/// Rows that end at their first column, on or below the ring through Fpz, T7, Oz and T8.
const SHORT_ROWS: [f64; 6] = [0.0, 5.0, 10.0, 90.0, 95.0, 100.0];

/// Earlier names of the 10–20 system, and the electrodes of ears and mastoids with their neighbours in the 10–10 system.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("T3", "T7"),
    ("T4", "T8"),
    ("T5", "P7"),
    ("T6", "P8"),
    ("A1", "T9"),
    ("A2", "T10"),
    ("M1", "TP9"),
    ("M2", "TP10"),
];

impl Site {
    /// The site of a label, in any case of its letters; `None` when it is not of the 10–05 system.
    pub(crate) fn parse(label: &str) -> Option<Self> {
        let upper = label.trim().to_ascii_uppercase();
        let name = OTHER_NAMES.iter().find(|(old, _)| *old == upper).map_or(upper.as_str(), |(_, new)| new);
        let letters = name.trim_end_matches('H').trim_end_matches(|c: char| c.is_ascii_digit());
        let (letters, column) = match letters.strip_suffix('Z') {
            Some(row) if row.len() + 1 == name.len() => (row, 0.0),
            _ => (letters, column(name.strip_prefix(letters)?)?),
        };
        let find =
            |rows: &[(&str, f64)]| rows.iter().find(|(row, _)| *row == letters).map(|(_, percent)| *percent);
        let inner = find(&ROWS);
        let percent = inner.or_else(|| find(&TEMPORAL_ROWS))?;
        let site = Self { percent, column, temporal: inner.is_none() };
        site.is_named_rightly().then_some(site)
    }

    /// Rows between F and P call their inner columns by `C` and their outer ones by `T`; short rows have one column.
    fn is_named_rightly(&self) -> bool {
        let steps = self.column.abs();
        let has_two_names = TEMPORAL_ROWS.iter().any(|(_, percent)| *percent == self.percent);
        if SHORT_ROWS.contains(&self.percent) {
            steps <= 1.0
        } else {
            !has_two_names || self.temporal == (steps > 3.0)
        }
    }
}

/// `1` is −1, `2` is 1, `3` is −2 … `10` is 5; `h` is half a step nearer to the midline.
fn column(text: &str) -> Option<f64> {
    let (digits, half) = text.strip_suffix('H').map_or((text, 0.0), |digits| (digits, 0.5));
    let number: u8 = digits.parse().ok().filter(|n| (1..=10).contains(n) && !digits.starts_with('0'))?;
    let steps = f64::from(number.div_ceil(2)) - half;
    Some(if number % 2 == 1 { -steps } else { steps })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(label: &str) -> Option<(f64, f64)> {
        Site::parse(label).map(|site| (site.percent, site.column))
    }

    #[test]
    fn rows_and_columns_are_read_from_the_name() {
        for (label, expected) in [
            ("Cz", (50.0, 0.0)),
            ("Fpz", (10.0, 0.0)),
            ("C3", (50.0, -2.0)),
            ("T8", (50.0, 4.0)),
            ("F10", (30.0, 5.0)),
            ("FFT9h", (35.0, -4.5)),
            ("AFp3h", (15.0, -1.5)),
            ("OI2h", (95.0, 0.5)),
            ("Nz", (0.0, 0.0)),
        ] {
            assert_eq!(place(label), Some(expected), "{label}");
            assert_eq!(place(&label.to_lowercase()), Some(expected), "{label}");
        }
    }

    #[test]
    fn earlier_names_are_the_same_places() {
        for (old, new) in
            [("T3", "T7"), ("T4", "T8"), ("T5", "P7"), ("T6", "P8"), ("M1", "TP9"), ("A2", "T10")]
        {
            assert_eq!(place(old), place(new));
        }
    }

    #[test]
    fn other_names_have_no_place() {
        for label in [
            "", "z", "E17", "C7", "T1", "FT3", "Fp3", "O9", "Cz1", "C0", "C03", "C11", "h", "C", "1",
            "F3-C3", "Ç3",
        ] {
            assert_eq!(place(label), None, "{label}");
        }
    }
}
