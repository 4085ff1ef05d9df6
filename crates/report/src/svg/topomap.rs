//! Changes on the scalp, seen from above, nose up.
//!
//! Electrodes are placed by the azimuthal equidistant projection: the distance from the middle is the angle from the
//! vertex, the head's outline is the equator. Colours between electrodes are a thin-plate spline through them.

use super::color::ColorScale;
use super::contour::Grid;
use super::legend::color_bar;
use super::surface::Surface;
use super::{Anchor, moved, num, text};
use maud::{Markup, html};
use std::f64::consts::FRAC_PI_2;

/// An electrode with its value.
#[derive(Clone, Debug)]
pub(crate) struct Electrode {
    /// Metres, x right, y front, z up.
    pub(crate) position: [f64; 3],
    pub(crate) value: f64,
    pub(crate) mark: Mark,
}

/// What is known about an electrode's change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mark {
    /// Nothing special: a dot.
    Plain,
    /// Adjusted p below 0.05: a white disc.
    Clear,
    /// Muscle can explain it: a cross.
    Confounded,
}

/// A map with its title.
pub(crate) struct Map {
    pub(crate) title: String,
    pub(crate) electrodes: Vec<Electrode>,
}

/// Radius of the head, px.
const HEAD: f64 = 55.0;
/// Room of a map, px.
const CELL: [f64; 2] = [160.0, 172.0];
/// Filled steps of colour between the ends of the scale.
const STEPS: usize = 20;
/// Grid of the surface.
const SIDE: usize = 49;
/// Colours reach this far from an electrode, in head radii.
const REACH: f64 = 0.42;
/// And this far from an electrode outside the outline.
const OUTSIDE_REACH: f64 = 0.15;

/// Place on the drawing (y down), in head radii; `None` for a position in the middle of the head.
pub(crate) fn project([x, y, z]: [f64; 3]) -> Option<[f64; 2]> {
    let across = x.hypot(y);
    if across.hypot(z) < 1e-9 {
        return None;
    }
    let radius = across.atan2(z) / FRAC_PI_2;
    if across < 1e-12 { Some([0.0, 0.0]) } else { Some([radius * x / across, -radius * y / across]) }
}

/// Maps in rows, with one colour bar for all. `stem` makes the names of clipping shapes unique in a page.
pub(crate) fn maps(rows: &[Vec<Map>], scale: ColorScale, unit: &str, stem: &str) -> ([f64; 2], Markup) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let [width, height] = [CELL[0] * columns as f64, CELL[1] * rows.len() as f64];
    let body = html! {
        @for (r, row) in rows.iter().enumerate() {
            @for (c, one) in row.iter().enumerate() {
                (moved([CELL[0] * c as f64, CELL[1] * r as f64], &map(one, scale, &format!("{stem}-{r}-{c}"))))
            }
        }
        (color_bar(scale, unit, [width + 8.0, 48.0], 90.0))
    };
    ([width + 54.0, height], body)
}

fn map(map: &Map, scale: ColorScale, id: &str) -> Markup {
    let placed: Vec<([f64; 2], &Electrode)> =
        map.electrodes.iter().filter_map(|e| Some((project(e.position)?, e))).collect();
    html! {
        (text([CELL[0] / 2.0, 14.0], Anchor::Middle, 11.0, &map.title))
        (moved([CELL[0] / 2.0, CELL[1] / 2.0 + 10.0], &html! {
            @if placed.is_empty() { (text([0.0, 4.0], Anchor::Middle, 10.0, "no values")) }
            (colors(&placed, scale, id))
            (head())
            @for (place, electrode) in &placed { (dot([place[0] * HEAD, place[1] * HEAD], electrode, scale)) }
        }))
    }
}

/// The coloured part: filled outlines from the lowest step up, cut at the head and near the electrodes.
fn colors(placed: &[([f64; 2], &Electrode)], scale: ColorScale, id: &str) -> Markup {
    let points: Vec<[f64; 2]> = placed.iter().map(|(place, _)| *place).collect();
    let values: Vec<f64> = placed.iter().map(|(_, electrode)| electrode.value).collect();
    let Some(surface) = Surface::through(&points, &values) else { return html! {} };
    let is_outside = |p: &&[f64; 2]| p[0].hypot(p[1]) > 1.0;
    let outermost = points.iter().map(|p| p[0].hypot(p[1]) + OUTSIDE_REACH).fold(1.0, f64::max);
    let grid = Grid::sampled(SIDE, HEAD * outermost + 4.0, -1.0, |x, y| {
        scale.fraction(surface.at([x / HEAD, y / HEAD]))
    });
    let around = |p: &[f64; 2], reach: f64| html! { circle cx=(num(p[0] * HEAD)) cy=(num(p[1] * HEAD)) r=(num(reach * HEAD)) {} };
    let (inside, near) = (format!("head-{id}"), format!("near-{id}"));
    html! {
        clipPath id=(inside) { circle r=(num(HEAD)) {} @for p in points.iter().filter(is_outside) { (around(p, OUTSIDE_REACH)) } }
        clipPath id=(near) { @for p in &points { (around(p, REACH)) } }
        g clip-path={"url(#" (inside) ")"} {
            g clip-path={"url(#" (near) ")"} fill-rule="evenodd" {
                @for step in 0..STEPS {
                    @let level = step as f64 / STEPS as f64;
                    // a step above which everything still lies is painted over by the next one
                    @if grid.reaches(level) && !covered(&grid, level, step) {
                        path d=(grid.outline(level)) fill=(scale.at(level + 0.5 / STEPS as f64)) {}
                    }
                }
            }
        }
    }
}

/// Whether the next step paints the same places again.
fn covered(grid: &Grid, level: f64, step: usize) -> bool {
    let next = (step + 1) as f64 / STEPS as f64;
    step + 1 < STEPS && grid.same_places(level, next)
}

/// Outline of the head with nose and ears.
fn head() -> Markup {
    let nose = format!(
        "M{} {}L0 {}L{} {}",
        num(-HEAD * 0.13),
        num(-HEAD * 0.99),
        num(-HEAD * 1.13),
        num(HEAD * 0.13),
        num(-HEAD * 0.99)
    );
    let ear = |side: f64| {
        let at = |x: f64, y: f64| format!("{} {}", num(side * HEAD * x), num(HEAD * y));
        format!(
            "M{}C{} {} {}S{} {}",
            at(0.985, -0.17),
            at(1.09, -0.25),
            at(1.11, -0.12),
            at(1.08, 0.0),
            at(1.11, 0.24),
            at(0.985, 0.17)
        )
    };
    html! {
        g fill="none" stroke="#333" stroke-width="1.4" {
            circle r=(num(HEAD)) {}
            path d=(nose) stroke-linejoin="round" {}
            path d=(ear(-1.0)) {}
            path d=(ear(1.0)) {}
        }
    }
}

fn dot([x, y]: [f64; 2], electrode: &Electrode, scale: ColorScale) -> Markup {
    let arm = 2.2;
    html! {
        @match electrode.mark {
            Mark::Plain => circle cx=(num(x)) cy=(num(y)) r="1.5" fill="#222" {},
            Mark::Clear => circle cx=(num(x)) cy=(num(y)) r="2.6" fill="#fff" stroke="#111" stroke-width="1.1" {},
            Mark::Confounded => path d={"M" (num(x - arm)) " " (num(y - arm)) "l4.4 4.4m0 -4.4l-4.4 4.4"} stroke=(cross(electrode, scale)) stroke-width="1.3" {},
        }
    }
}

/// A cross that stands out from the colour under it.
fn cross(electrode: &Electrode, scale: ColorScale) -> &'static str {
    if (scale.fraction(electrode.value) - 0.5).abs() > 0.38 { "#fff" } else { "#111" }
}

/// What the marks mean.
pub(crate) fn marks(y: f64) -> Markup {
    let sample = |mark| Electrode { position: [0.0; 3], value: 0.0, mark };
    let scale = ColorScale::Diverging { reach: 1.0 };
    let entries = [
        (Mark::Plain, "electrode"),
        (Mark::Clear, "p adjusted < 0.05"),
        (Mark::Confounded, "muscle can explain it"),
    ];
    html! {
        @for ((mark, meaning), x) in entries.iter().zip([10.0, 80.0, 196.0]) {
            (dot([x, y], &sample(*mark), scale))
            (text([x + 8.0, y + 3.5], Anchor::Start, 10.0, meaning))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vertex_is_the_middle_and_the_equator_the_outline() {
        assert_eq!(project([0.0, 0.0, 0.095]), Some([0.0, 0.0]));
        let [x, y] = project([0.0, 0.095, 0.0]).unwrap();
        assert!(x.abs() < 1e-12 && (y + 1.0).abs() < 1e-12, "the front is up");
        let [x, y] = project([-0.05, 0.0, 0.05]).unwrap();
        assert!((x + 0.5).abs() < 1e-12 && y.abs() < 1e-12, "45° to the left is half-way");
        assert_eq!(project([0.0; 3]), None);
    }

    fn ring(mark: Mark) -> Vec<Electrode> {
        let places =
            [[0.0, 0.08, 0.02], [0.08, 0.0, 0.02], [0.0, -0.08, 0.02], [-0.08, 0.0, 0.02], [0.0, 0.0, 0.09]];
        places
            .iter()
            .zip([1.0, 0.5, -1.0, 0.0, 0.2])
            .map(|(p, value)| Electrode { position: *p, value, mark })
            .collect()
    }

    #[test]
    fn a_map_is_coloured_and_marks_its_electrodes() {
        let row = vec![Map { title: "A & B".into(), electrodes: ring(Mark::Clear) }];
        let (size, body) = maps(&[row], ColorScale::symmetric(-1.0, 1.0), "dB", "t");
        let body = body.into_string();
        assert_eq!(size, [214.0, 172.0]);
        assert!(body.contains("A &amp; B") && body.contains(">dB<"));
        assert_eq!(body.matches(r#"r="2.6""#).count(), 5);
        assert!(body.matches("evenodd").count() == 1 && body.matches(r##"fill="#"##).count() > 20);
    }

    #[test]
    fn three_electrodes_are_drawn_without_a_surface() {
        let row = vec![Map { title: String::new(), electrodes: ring(Mark::Plain)[..3].to_vec() }];
        let body = maps(&[row], ColorScale::symmetric(-1.0, 1.0), "dB", "t").1.into_string();
        assert!(!body.contains("clipPath") && body.matches(r#"r="1.5""#).count() == 3);
    }
}
