//! Impedances that the recorder wrote into the comment.

/// Name and impedance in kΩ of each electrode, from the last table of the comment; electrodes that were out of range or not
/// measured (`???`) are left out.
pub(crate) fn impedances(lines: &[String]) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    let mut lines = lines.iter().peekable();
    while let Some(line) = lines.next() {
        let Some(factor) = heading(line) else { continue };
        found.clear();
        let is_row = |line: &&&String| heading(line).is_none();
        while let Some((name, value)) = lines.peek().filter(is_row).and_then(|line| line.rsplit_once(':')) {
            let value: Option<f64> = value.trim().parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
            found.extend(value.map(|value| (name.trim().to_owned(), value * factor)));
            lines.next();
        }
    }
    found
}

/// `Impedance [kOhm] at 16:12:27 :`; the factor to kΩ.
fn heading(line: &str) -> Option<f64> {
    let rest = line.trim().strip_prefix("Impedance [")?;
    let (unit, rest) = rest.split_once(']')?;
    rest.trim().starts_with("at").then_some(())?;
    match unit.trim().to_ascii_lowercase().as_str() {
        "ohm" | "Ω" => Some(1e-3),
        "kohm" | "kω" => Some(1.0),
        "mohm" => Some(1e3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_table_counts_and_unknown_values_are_left_out() {
        let text = "Data Electrodes Selected Impedance Measurement Range: 0 - 100 kOhm
Impedance [kOhm] at 16:12:27 :
Fp1:          9
Impedance [kOhm] at 16:20:00 :
Fp1:          0
F3 3 part:    12.5
Cz:         ???
Ref:          Out of Range!
Gnd:          4

Other: 7";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let found = impedances(&lines);
        let expected = [("Fp1", 0.0), ("F3 3 part", 12.5), ("Gnd", 4.0)];
        assert_eq!(found, expected.map(|(name, kohm)| (name.to_owned(), kohm)));
        assert_eq!(heading("Impedance [Ohm] at 10:00:00 :"), Some(1e-3));
        assert_eq!(heading("Impedance [kOhm]"), None);
    }
}
