//! Colours that colour-blind readers tell apart.

/// Colour and dash of a line: no two styles differ by colour alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) color: &'static str,
    /// `stroke-dasharray`; empty for a solid line.
    pub(crate) dash: &'static str,
}

/// Okabe–Ito blue, vermillion, green, purple, orange, sky blue (Okabe & Ito 2008, Color Universal Design).
const STYLES: [Style; 6] = [
    Style { color: "#0072B2", dash: "5 2" },
    Style { color: "#D55E00", dash: "" },
    Style { color: "#009E73", dash: "9 2" },
    Style { color: "#AA4A8A", dash: "2 2" },
    Style { color: "#B97A00", dash: "7 2 2 2" },
    Style { color: "#2A86B8", dash: "1 2" },
];

/// The `index`-th style; the first is the baseline's.
pub(crate) fn style(index: usize) -> Style {
    STYLES[index % STYLES.len()]
}

/// Blue – white – red, after ColorBrewer RdBu.
const DIVERGING: [[f64; 3]; 9] = [
    [33.0, 102.0, 172.0],
    [67.0, 147.0, 195.0],
    [146.0, 197.0, 222.0],
    [209.0, 229.0, 240.0],
    [247.0, 247.0, 247.0],
    [253.0, 219.0, 199.0],
    [244.0, 165.0, 130.0],
    [214.0, 96.0, 77.0],
    [178.0, 24.0, 43.0],
];

/// Pale to dark, after ColorBrewer YlGnBu: lightness falls all the way, so it survives a grey print.
const SEQUENTIAL: [[f64; 3]; 9] = [
    [255.0, 255.0, 229.0],
    [237.0, 248.0, 177.0],
    [199.0, 233.0, 180.0],
    [127.0, 205.0, 187.0],
    [65.0, 182.0, 196.0],
    [29.0, 145.0, 192.0],
    [34.0, 94.0, 168.0],
    [37.0, 52.0, 148.0],
    [8.0, 29.0, 88.0],
];

/// Which values a colour scale runs over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ColorScale {
    /// White at zero, the same reach to both sides.
    Diverging { reach: f64 },
    /// From the palest to the darkest colour.
    Sequential { low: f64, high: f64 },
}

impl ColorScale {
    /// A scale that holds all values: diverging where they reach far to both sides of zero.
    pub(crate) fn holding(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (low, high) = super::axis::range(values)?;
        let diverging = low < 0.0 && -low > 0.25 * high;
        Some(if diverging {
            Self::symmetric(low, high)
        } else {
            Self::Sequential { low: low.min(0.0), high: nice_above(high.max(1e-9)) }
        })
    }

    /// Symmetric about zero, up to a round number.
    pub(crate) fn symmetric(low: f64, high: f64) -> Self {
        Self::Diverging { reach: nice_above(low.abs().max(high.abs()).max(1e-9)) }
    }

    /// Its ends.
    pub(crate) fn ends(self) -> (f64, f64) {
        match self {
            Self::Diverging { reach } => (-reach, reach),
            Self::Sequential { low, high } => (low, high),
        }
    }

    /// Where a value lies, 0 to 1; what is outside stands at the ends.
    pub(crate) fn fraction(self, value: f64) -> f64 {
        let (low, high) = self.ends();
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// The colour at a fraction, `#rrggbb`.
    pub(crate) fn at(self, fraction: f64) -> String {
        let stops = match self {
            Self::Diverging { .. } => &DIVERGING,
            Self::Sequential { .. } => &SEQUENTIAL,
        };
        let place = fraction.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
        let below = (place.floor() as usize).min(stops.len() - 2);
        let part = place - below as f64;
        let mix = |channel: usize| {
            (stops[below][channel] * (1.0 - part) + stops[below + 1][channel] * part).round() as u8
        };
        format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
    }
}

/// The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.
fn nice_above(value: f64) -> f64 {
    let decade = 10.0_f64.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|step| step * decade).find(|bound| *bound >= value * (1.0 - 1e-12)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_white_and_the_ends_are_the_last_stops() {
        let scale = ColorScale::symmetric(-1.7, 1.0);
        assert_eq!(scale, ColorScale::Diverging { reach: 2.0 });
        assert_eq!([-9.0, 0.0, 2.0].map(|v| scale.at(scale.fraction(v))), ["#2166ac", "#f7f7f7", "#b2182b"]);
    }

    #[test]
    fn the_kind_of_scale_follows_the_values() {
        assert_eq!(
            ColorScale::holding([0.1, 0.38].into_iter()),
            Some(ColorScale::Sequential { low: 0.0, high: 0.4 })
        );
        assert_eq!(
            ColorScale::holding([-0.01, 0.38].into_iter()),
            Some(ColorScale::Sequential { low: -0.01, high: 0.4 })
        );
        assert_eq!(ColorScale::holding([-0.2, 0.38].into_iter()), Some(ColorScale::Diverging { reach: 0.4 }));
        assert_eq!(ColorScale::holding([f64::NAN].into_iter()), None);
    }

    #[test]
    fn styles_differ_by_more_than_colour() {
        for (i, a) in STYLES.iter().enumerate() {
            assert!(STYLES.iter().skip(i + 1).all(|b| a.dash != b.dash && a.color != b.color));
        }
    }
}
