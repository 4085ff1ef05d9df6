//! Legends: line samples and colour bars.

use super::axis::tick_label;
use super::color::{ColorScale, Style};
use super::line::line;
use super::{Anchor, num, text};
use maud::{Markup, html};

/// Height of a line of a legend, px.
pub(crate) const LINE_HEIGHT: f64 = 15.0;

/// Line samples with their names, one below the other.
pub(crate) fn lines(entries: &[(Style, String)], [x, y]: [f64; 2]) -> Markup {
    html! {
        @for (i, (style, name)) in entries.iter().enumerate() {
            @let middle = y + LINE_HEIGHT * i as f64;
            (line([Some([x, middle]), Some([x + 26.0, middle])].into_iter(), *style, 2.0, 1.0))
            (text([x + 32.0, middle + 3.5], Anchor::Start, 10.0, name))
        }
    }
}

/// A vertical colour bar with its ends, its middle and the unit.
pub(crate) fn color_bar(scale: ColorScale, unit: &str, [x, y]: [f64; 2], height: f64) -> Markup {
    const STEPS: usize = 24;
    let step = height / STEPS as f64;
    let (low, high) = scale.ends();
    let middle = f64::midpoint(low, high);
    let at = |value: f64| y + height * (1.0 - scale.fraction(value));
    let sign = |value: f64| match scale {
        ColorScale::Diverging { .. } if value > 0.0 => format!("+{}", tick_label(value)),
        _ => tick_label(value),
    };
    html! {
        @for i in 0..STEPS {
            rect x=(num(x)) y=(num(y + height - step * (i + 1) as f64)) width="12" height=(num(step + 0.4))
                fill=(scale.at((i as f64 + 0.5) / STEPS as f64)) {}
        }
        rect x=(num(x)) y=(num(y)) width="12" height=(num(height)) fill="none" stroke="#555" stroke-width="0.7" {}
        @for value in [low, middle, high] { (text([x + 17.0, at(value) + 3.5], Anchor::Start, 10.0, &sign(value))) }
        @if !unit.is_empty() && unit != "1" { (text([x + 6.0, y - 8.0], Anchor::Middle, 10.0, unit)) }
    }
}

/// Line samples with their names, side by side.
pub(crate) fn row(entries: &[(Style, String)], [x, y]: [f64; 2]) -> Markup {
    html! { @for (i, entry) in entries.iter().enumerate() { (lines(std::slice::from_ref(entry), [x + 130.0 * i as f64, y])) } }
}
