//! Filter settings that the recorder wrote into the comment, as tables.

use std::f64::consts::PI;

/// High-pass and low-pass edge of one channel, Hz.
pub(crate) type Edges = (Option<f64>, Option<f64>);

/// The edges of each channel (by position) from the amplifier and software filter tables: of two filters in a row the
/// narrower counts.
pub(crate) fn edges(lines: &[String], n_channels: usize) -> Vec<Edges> {
    let mut all = vec![(None, None); n_channels];
    let mut lines = lines.iter();
    while let Some(line) = lines.next() {
        let heading = columns(line);
        let find = |name: &str| heading.iter().position(|c| c.starts_with(name));
        let (Some("#"), Some(low), Some(high)) =
            (heading.first().map(String::as_str), find("Low Cutoff"), find("High Cutoff"))
        else {
            continue;
        };
        let in_seconds = |at: usize| heading.get(at).is_some_and(|c| c.contains("[s]"));
        let physical = find("Phys. Chn.");
        for row in lines.by_ref().map_while(|line| table_row(line)) {
            let row = split_long_name(row, physical);
            let Some(edges) = row
                .first()
                .and_then(|n| n.parse::<usize>().ok())
                .and_then(|n| all.get_mut(n.wrapping_sub(1)))
            else {
                continue;
            };
            let edge = |at: usize| row.get(at).and_then(|text| cutoff(text, in_seconds(at)));
            if let Some(f) = edge(low) {
                edges.0 = Some(edges.0.map_or(f, |old: f64| old.max(f)));
            }
            if let Some(f) = edge(high) {
                edges.1 = Some(edges.1.map_or(f, |old: f64| old.min(f)));
            }
        }
    }
    all
}

/// Fields between two or more blanks.
fn columns(line: &str) -> Vec<String> {
    line.split("  ").map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect()
}

/// A row that begins with a channel number; `None` ends the table.
fn table_row(line: &str) -> Option<Vec<String>> {
    let row = columns(line);
    let first = row.first()?;
    // narrow tables have one blank between number and name
    match first.split_once(' ') {
        Some((number, name)) if number.parse::<usize>().is_ok() => {
            let rest = row.iter().skip(1).cloned();
            Some([number.to_owned(), name.trim().to_owned()].into_iter().chain(rest).collect())
        }
        _ => first.parse::<usize>().is_ok().then_some(row),
    }
}

/// A name as long as its column leaves one blank before the number of the physical channel, which stands at `physical`.
fn split_long_name(mut row: Vec<String>, physical: Option<usize>) -> Vec<String> {
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    let Some(at) = physical.filter(|at| row.get(*at).is_some_and(|text| !is_number(text))) else {
        return row;
    };
    let joined = row.get(at.wrapping_sub(1)).and_then(|text| text.rsplit_once(' '));
    if let Some((name, number)) = joined.filter(|(_, number)| is_number(number)) {
        let (name, number) = (name.trim().to_owned(), number.to_owned());
        row.splice(at - 1..at, [name, number]);
    }
    row
}

/// A cut-off frequency in Hz, from Hz or from a time constant in seconds: `1 / (2πτ)`.
fn cutoff(text: &str, in_seconds: bool) -> Option<f64> {
    let value: f64 = text.replace(',', ".").parse().ok().filter(|v: &f64| v.is_finite() && *v > 0.0)?;
    Some(if in_seconds { 1.0 / (2.0 * PI * value) } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amplifier_and_software_filters_combine() {
        let text =
            "#     Name      Phys. Chn.    Resolution / Unit   Low Cutoff [s]   High Cutoff [Hz]   Notch [Hz]
1     FP1         1                0.5 µV             10             1000              50
2     FP2         2                0.5 µV             DC              250              Off

#     Low Cutoff [s]   High Cutoff [Hz]   Notch [Hz]
1      0.9              50                 50
2      Off              Off                50";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let edges = edges(&lines, 2);
        assert!((edges[0].0.unwrap() - 0.176_838_825).abs() < 1e-9);
        assert_eq!((edges[0].1, edges[1]), (Some(50.0), (None, Some(250.0))));
    }

    #[test]
    fn a_name_as_long_as_its_column_moves_nothing() {
        let text = "#     Name      Phys. Chn.    Resolution / Unit   Low Cutoff [Hz]   High Cutoff [Hz]   Notch [Hz]
1     Left mastoid 31               0.5 µV             0.1             250              50";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(edges(&lines, 1), [(Some(0.1), Some(250.0))]);
    }
}
