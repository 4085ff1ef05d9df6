//! Channel × channel matrices, lower triangle.

use super::color::ColorScale;
use super::{Anchor, num, text};
use maud::{Markup, html};
use std::fmt::Write as _;

/// Side of a matrix, px.
pub(crate) const SIDE: f64 = 250.0;
/// Room of a matrix with its labels, px.
pub(crate) const CELL: [f64; 2] = [SIDE + 62.0, SIDE + 64.0];
/// Colours of a scale: cells of one colour are one path.
const COLORS: usize = 32;
/// Channels up to which names are written.
const MOST_NAMES: usize = 48;
/// Colour of an undefined pair.
const UNDEFINED: &str = "#b9b9b9";

/// A matrix with its title and channels; `values` is the lower triangle in row order: (1,0), (2,0), (2,1), …
pub(crate) fn matrix(title: &str, channels: &[String], values: &[Option<f64>], scale: ColorScale) -> Markup {
    let n = channels.len();
    let cell = SIDE / n.max(1) as f64;
    let at = |i: usize| cell * i as f64;
    let size = cell.min(9.0);
    html! {
        (text([40.0, 14.0], Anchor::Start, 11.0, title))
        g transform="translate(40 24)" {
            @for (color, d) in paths(n, cell, values, scale) { path d=(d) fill=(color) {} }
            @if n <= MOST_NAMES {
                @for (i, name) in channels.iter().enumerate() {
                    (text([-4.0, at(i) + cell / 2.0 + size / 3.0], Anchor::End, size, name))
                    (downward([at(i) + cell / 2.0 - size / 3.0, SIDE + 4.0], size, name))
                }
            }
        }
    }
}

/// A text that reads downwards from its point.
fn downward([x, y]: [f64; 2], size: f64, name: &str) -> Markup {
    html! { text transform={"translate(" (num(x)) " " (num(y)) ") rotate(90)"} font-size=(num(size)) { (name) } }
}

/// One path for each colour in use; undefined pairs are grey.
fn paths(n: usize, cell: f64, values: &[Option<f64>], scale: ColorScale) -> Vec<(String, String)> {
    // the last one is for undefined pairs
    let mut paths = vec![String::new(); COLORS + 1];
    let pairs = (1..n).flat_map(|row| (0..row).map(move |column| (row, column)));
    for ((row, column), value) in pairs.zip(values) {
        let color = value
            .filter(|v| v.is_finite())
            .map_or(COLORS, |v| (scale.fraction(v) * (COLORS - 1) as f64).round() as usize);
        // a little larger than the cell: no seams between neighbours
        let side = num(cell + 0.1);
        let _ = write!(
            paths[color],
            "M{:.2} {:.2}h{side}v{side}h-{side}z",
            cell * column as f64,
            cell * row as f64
        );
    }
    let name =
        |i: usize| if i < COLORS { scale.at(i as f64 / (COLORS - 1) as f64) } else { UNDEFINED.to_owned() };
    paths.into_iter().enumerate().filter(|(_, d)| !d.is_empty()).map(|(i, d)| (name(i), d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_in_row_order_and_undefined_ones_are_grey() {
        let scale = ColorScale::Sequential { low: 0.0, high: 1.0 };
        let drawn = paths(3, 10.0, &[Some(0.0), None, Some(1.0)], scale);
        let expected = [
            ("#ffffe5", "M0.00 10.00h10.1v10.1h-10.1z"),
            ("#081d58", "M10.00 20.00h10.1v10.1h-10.1z"),
            (UNDEFINED, "M0.00 20.00h10.1v10.1h-10.1z"),
        ];
        assert_eq!(drawn, expected.map(|(color, d)| (color.to_owned(), d.to_owned())));
    }

    #[test]
    fn names_are_left_out_where_they_would_not_be_read() {
        let names = |n: usize| (0..n).map(|i| format!("E{i}")).collect::<Vec<_>>();
        let scale = ColorScale::Sequential { low: 0.0, high: 1.0 };
        assert!(matrix("t", &names(32), &[], scale).into_string().contains(">E31<"));
        assert!(!matrix("t", &names(64), &[], scale).into_string().contains(">E31<"));
    }
}
