//! Lines and bands.

use super::color::Style;
use super::num;
use maud::{Markup, html};
use std::fmt::Write as _;

/// Path of a line; `None` breaks it.
pub(crate) fn path(points: impl Iterator<Item = Option<[f64; 2]>>) -> String {
    let mut d = String::new();
    let mut pen_down = false;
    for point in points {
        let Some([x, y]) = point.filter(|p| p.iter().all(|v| v.is_finite())) else {
            pen_down = false;
            continue;
        };
        let _ = write!(d, "{}{} {}", if pen_down { "L" } else { "M" }, num(x), num(y));
        pen_down = true;
    }
    d
}

/// A line.
pub(crate) fn line(
    points: impl Iterator<Item = Option<[f64; 2]>>,
    style: Style,
    width: f64,
    opacity: f64,
) -> Markup {
    let d = path(points);
    let dash = (!style.dash.is_empty()).then_some(style.dash);
    let opacity = (opacity < 1.0).then_some(opacity);
    html! {
        @if !d.is_empty() {
            path d=(d) fill="none" stroke=(style.color) stroke-width=(width) stroke-linejoin="round" stroke-dasharray=[dash]
                stroke-opacity=[opacity] {}
        }
    }
}

/// A band between two lines of the same points.
pub(crate) fn band(lower: &[[f64; 2]], upper: &[[f64; 2]], color: &str) -> Markup {
    let outline = lower.iter().chain(upper.iter().rev()).map(|point| Some(*point));
    let d = path(outline);
    html! { @if !d.is_empty() { path d={(d) "Z"} fill=(color) fill-opacity="0.2" {} } }
}

/// Every k-th of `n` indices, so that at most `most` stay.
pub(crate) fn thinned(n: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..n).step_by(n.div_ceil(most.max(1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_point_breaks_the_line() {
        let points = [
            Some([0.0, 1.0]),
            Some([1.0, 2.0]),
            None,
            Some([3.0, 4.0]),
            Some([f64::NAN, 0.0]),
            Some([5.0, 6.0]),
        ];
        assert_eq!(path(points.into_iter()), "M0 1L1 2M3 4M5 6");
    }

    #[test]
    fn bands_are_closed() {
        let drawn = band(&[[0.0, 1.0], [1.0, 1.0]], &[[0.0, 0.0], [1.0, 0.0]], "#123456").into_string();
        assert_eq!(drawn, r##"<path d="M0 1L1 1L1 0L0 0Z" fill="#123456" fill-opacity="0.2"></path>"##);
    }

    #[test]
    fn thinning_keeps_the_first_and_bounds_the_rest() {
        assert_eq!(thinned(10, 4).collect::<Vec<_>>(), [0, 3, 6, 9]);
        assert_eq!(thinned(3, 10).count(), 3);
        assert_eq!(thinned(0, 10).count(), 0);
    }
}
