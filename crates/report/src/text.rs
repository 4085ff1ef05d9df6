//! Numbers and times as people read them.

/// What stands for a missing value.
pub(crate) const MISSING: &str = "–";

/// Three significant digits: `0.0123`, `12.3`, `1230`, `1.23×10⁻⁵`.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.into();
    }
    if value == 0.0 {
        return "0".into();
    }
    // the exponent after rounding: 9.999 is 1.00e1
    let scientific = format!("{value:.2e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = match exponent {
        -3..=4 => format!("{value:.*}", usize::try_from(2 - exponent).unwrap_or(0)),
        _ => format!("{mantissa}×10{}", superscript(exponent)),
    };
    text.replace('-', "−")
}

/// The same with its sign, for changes.
pub(crate) fn signed(value: f64) -> String {
    let text = number(value);
    if value > 0.0 && value.is_finite() { format!("+{text}") } else { text }
}

/// A p-value: three decimals, `<0.001` below.
pub(crate) fn p_value(p: f64) -> String {
    if !p.is_finite() {
        MISSING.into()
    } else if p < 0.001 {
        "<0.001".into()
    } else {
        format!("{p:.3}")
    }
}

/// At most two decimals, none that are zero: minutes, Hz, axis ticks.
pub(crate) fn short(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.into();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
}

/// `−30 to 0 min`.
pub(crate) fn minutes(from: f64, to: f64) -> String {
    format!("{} to {} min", short(from), short(to))
}

/// `1 subject`, `2 subjects`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// A difference of treatments with a minus sign for people: `ketamine − placebo`.
pub(crate) fn treatment(name: &str) -> String {
    name.replace(" - ", " − ")
}

/// A name as part of a file name: lower-case letters, digits and `_`.
pub(crate) fn stem(name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    plain.take(60).collect()
}

fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).and_then(|d| DIGITS.get(d as usize).copied()).unwrap_or('⁻');
    exponent.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let shown: Vec<String> =
            [0.0, 1.0, -3.7, 9.999, 0.012_345, 123.456, 12_345.6, 1.234e-5, -2.5e7, f64::NAN]
                .map(number)
                .into();
        assert_eq!(
            shown,
            ["0", "1.00", "−3.70", "10.0", "0.0123", "123", "12346", "1.23×10⁻⁵", "−2.50×10⁷", "–"]
        );
        assert_eq!([signed(1.0), signed(-1.0), signed(0.0)], ["+1.00", "−1.00", "0"]);
    }

    #[test]
    fn small_p_values_are_bounded() {
        assert_eq!(
            [p_value(0.0002), p_value(0.001), p_value(0.0496), p_value(1.0)],
            ["<0.001", "0.001", "0.050", "1.000"]
        );
    }

    #[test]
    fn times_lose_idle_zeros() {
        assert_eq!(minutes(-30.0, 4.2), "−30 to 4.2 min");
        assert_eq!(short(-0.001), "0");
    }

    #[test]
    fn stems_hold_nothing_that_a_folder_could_mistake() {
        assert_eq!(stem("../wPLI.low gamma<"), "___wpli_low_gamma_");
    }
}
