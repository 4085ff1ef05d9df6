//! Axes: from values to pixels, with ticks at round values.

use super::{Anchor, num, segment, text, upward};
use crate::text::short;
use maud::{Markup, html};

const GRID: &str = "#e3e3e3";
const INK: &str = "#555";

/// A range of values on a range of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    px: [f64; 2],
}

impl Axis {
    /// A linear axis; a range without width is widened.
    pub(crate) fn linear((low, high): (f64, f64), px: [f64; 2]) -> Self {
        let half =
            if high - low > 1e-12 * high.abs().max(low.abs()) { 0.0 } else { 0.5 * high.abs().max(1.0) };
        Self { low: low - half, high: high + half, log: false, px }
    }

    /// A logarithmic axis over positive values.
    pub(crate) fn log((low, high): (f64, f64), px: [f64; 2]) -> Self {
        let low = low.max(f64::MIN_POSITIVE);
        let high = if high > low * 1.001 { high } else { low * 10.0 };
        Self { low, high, log: true, px }
    }

    fn fraction(&self, value: f64) -> f64 {
        if self.log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// Pixel of a value.
    pub(crate) fn at(&self, value: f64) -> f64 {
        self.px[0] + self.fraction(value) * (self.px[1] - self.px[0])
    }

    /// Pixel of a value, at the axis' end where it lies outside.
    pub(crate) fn clamped(&self, value: f64) -> f64 {
        self.px[0] + self.fraction(value).clamp(0.0, 1.0) * (self.px[1] - self.px[0])
    }

    /// Whether the axis holds a value.
    pub(crate) fn holds(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.fraction(value))
    }

    /// Round values on the axis, at most about `most` of them.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        if self.log { log_ticks(self.low, self.high, most) } else { linear_ticks(self.low, self.high, most) }
    }
}

fn linear_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let rough = (high - low) / most.max(1) as f64;
    let decade = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .iter()
        .map(|s| s * decade)
        .find(|s| *s >= rough * (1.0 - 1e-9))
        .unwrap_or(rough);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|k| k as f64 * step).collect()
}

/// 1, 2, 5 of each decade where there is room, else whole decades.
fn log_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let decades = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let ticks = |steps: &[f64], every: i32| -> Vec<f64> {
        let chosen = decades.clone().filter(|decade| decade % every == 0);
        chosen
            .flat_map(|decade| steps.iter().map(move |s| s * 10.0_f64.powi(decade)))
            .filter(|v| *v >= low * (1.0 - 1e-9) && *v <= high * (1.0 + 1e-9))
            .collect()
    };
    let choices = [ticks(&[1.0, 2.0, 5.0], 1), ticks(&[1.0], 1), ticks(&[1.0], 2), ticks(&[1.0], 3)];
    choices
        .iter()
        .find(|c| c.len() <= most && !c.is_empty())
        .or_else(|| choices.iter().rev().find(|c| !c.is_empty()))
        .cloned()
        .unwrap_or_default()
}

/// A tick's label: plain decimals, powers of ten outside.
pub(crate) fn tick_label(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1.0..100_000.0).contains(&size) {
        short(value)
    } else if (0.000_95..1.0).contains(&size) {
        // neighbours may differ in the fourth decimal
        let text = format!("{value:.4}");
        text.trim_end_matches('0').replace('-', "−")
    } else {
        crate::text::number(value).replace("1.00×10", "10")
    }
}

/// Smallest and largest finite value.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).fold(None, |seen, v| match seen {
        None => Some((v, v)),
        Some((low, high)) => Some((v.min(low), v.max(high))),
    })
}

/// A range with a margin of a share of its width.
pub(crate) fn padded((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let pad = share * (high - low);
    (low - pad, high + pad)
}

/// A rectangle with two axes.
pub(crate) struct Frame {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Frame {
    /// Left, right, top and bottom, px.
    pub(crate) fn edges(&self) -> [f64; 4] {
        [self.x.px[0], self.x.px[1], self.y.px[1], self.y.px[0]]
    }

    /// Pixel of a point, inside the frame.
    pub(crate) fn point(&self, x: f64, y: f64) -> [f64; 2] {
        [self.x.at(x), self.y.clamped(y)]
    }

    /// Grid, ticks and axis titles.
    pub(crate) fn draw(&self, x_title: &str, y_title: &str) -> Markup {
        let [left, right, top, bottom] = self.edges();
        let width = ((right - left) / 55.0) as usize;
        let height = ((bottom - top) / 32.0) as usize;
        html! {
            @for tick in self.y.ticks(height.max(2)) {
                (segment([left, self.y.at(tick)], [right, self.y.at(tick)], GRID, 1.0))
                (text([left - 6.0, self.y.at(tick) + 3.5], Anchor::End, 10.0, &tick_label(tick)))
            }
            @for tick in self.x.ticks(width.max(2)) {
                (segment([self.x.at(tick), bottom], [self.x.at(tick), bottom + 4.0], INK, 1.0))
                (text([self.x.at(tick), bottom + 15.0], Anchor::Middle, 10.0, &tick_label(tick)))
            }
            (segment([left, bottom], [right, bottom], INK, 1.0))
            (segment([left, top], [left, bottom], INK, 1.0))
            @if !x_title.is_empty() { (text([f64::midpoint(left, right), bottom + 31.0], Anchor::Middle, 11.0, x_title)) }
            @if !y_title.is_empty() { (upward([left - 40.0, f64::midpoint(top, bottom)], 11.0, y_title)) }
        }
    }

    /// The frame alone, with the ends of the axes: for small multiples.
    pub(crate) fn outline(&self) -> Markup {
        let [left, right, top, bottom] = self.edges();
        html! { rect x=(num(left)) y=(num(top)) width=(num(right - left)) height=(num(bottom - top)) fill="none" stroke="#bbb" {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let axis = Axis::linear((-30.0, 61.0), [0.0, 100.0]);
        assert_eq!(axis.ticks(5), [-20.0, 0.0, 20.0, 40.0, 60.0]);
        assert_eq!(Axis::log((1.0, 100.0), [0.0, 1.0]).ticks(8), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        assert_eq!(Axis::log((1e-4, 100.0), [0.0, 1.0]).ticks(4), [1e-4, 1e-2, 1.0, 100.0]);
    }

    #[test]
    fn a_logarithmic_axis_gives_each_decade_the_same_room() {
        let axis = Axis::log((1.0, 100.0), [0.0, 200.0]);
        assert!((axis.at(10.0) - 100.0).abs() < 1e-9);
        assert_eq!(axis.clamped(1e6), 200.0);
        assert!(axis.holds(100.0) && !axis.holds(0.5));
    }

    #[test]
    fn an_axis_over_one_value_has_width() {
        let axis = Axis::linear((3.0, 3.0), [0.0, 10.0]);
        assert!((axis.at(3.0) - 5.0).abs() < 1e-9);
        assert!(Axis::linear((0.0, 0.0), [0.0, 10.0]).at(0.0).is_finite());
    }

    #[test]
    fn tick_labels_keep_small_values_apart() {
        let labels = [0.0, 0.001, 0.02, 50.0, 1e-6, -0.5].map(tick_label);
        assert_eq!(labels, ["0", "0.001", "0.02", "50", "10⁻⁶", "−0.5"]);
        for high in [2.6, 0.26, 0.026, 0.0026, 2.6e-5, 260.0] {
            let labels: Vec<String> =
                Axis::linear((0.0, high), [0.0, 500.0]).ticks(9).iter().map(|t| tick_label(*t)).collect();
            let different: std::collections::HashSet<&String> = labels.iter().collect();
            assert_eq!(different.len(), labels.len(), "{labels:?}");
        }
    }
}
