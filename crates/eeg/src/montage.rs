//! Built-in electrode positions of the 10–20, 10–10 and 10–05 systems, computed from their definition.
//!
//! The 10–05 system (Oostenveld & Praamstra 2001, 10.1016/S1388-2457(00)00527-7; Jurcak et al. 2007,
//! 10.1016/j.neuroimage.2006.09.024) names places by fractions of curves over the head. Here the head is a sphere with
//! Cz at the top and the ring through Fpz, T7, Oz and T8 as its equator:
//!
//! * the midline runs from Nz over Cz to Iz; 10 % of it are 22.5°, so Fpz and Oz lie on the equator;
//! * 10 % of each half of the ring, from Fpz to Oz, are 18°: Fp1, AF7, F7, FT7, T7, TP7, P7, PO7, O1;
//! * a row such as F7–Fz–F8 is the circle through its two ring points and its midline point, in equal steps;
//! * columns 9 and 10 lie 22.5° below their ring points, as Nz and Iz do below Fpz and Oz.
//!
//! A real head is no sphere: see `testdata/README.md` for the distance from a template head.

use crate::label::Site;
use std::f64::consts::PI;

/// Radius of the sphere, metres.
const RADIUS_M: f64 = 0.095;
/// Angle of 10 % of the midline, from the equator at Fpz over the vertex to the equator at Oz in eight steps.
const TENTH_OF_MIDLINE: f64 = PI / 8.0;
/// Columns from the midline to the ring.
const COLUMNS_TO_RING: f64 = 4.0;

/// Position of a 10–05 label in metres (x right, y front, z up; sphere of 0.095 m), case-insensitive.
///
/// Earlier names are known (T3, T4, T5, T6 are T7, T8, P7, P8). Electrodes of the ears (A1, A2) and mastoids (M1, M2)
/// stand at T9, T10 and TP9, TP10. `None` for any other name.
///
/// ```
/// use dosewave_eeg::montage::position;
/// let [x, y, z] = position("Cz").unwrap();
/// assert!(x.abs() < 1e-12 && y.abs() < 1e-12 && (z - 0.095).abs() < 1e-12); // the top of the head
/// let [x, _, z] = position("c3").unwrap();
/// assert!((x + z).abs() < 1e-12 && x < 0.0); // left, half-way down to T7
/// assert_eq!(position("T3"), position("T7"));
/// assert_eq!(position("E17"), None);
/// ```
#[must_use]
pub fn position(label: &str) -> Option<[f64; 3]> {
    let site = Site::parse(label)?;
    Some(direction(site).map(|v| RADIUS_M * v))
}

/// Unit vector of a site.
fn direction(site: Site) -> [f64; 3] {
    let [x, y, z] = left_or_midline(site.percent, site.column.abs());
    [if site.column > 0.0 { -x } else { x }, y, z]
}

fn left_or_midline(percent: f64, steps: f64) -> [f64; 3] {
    if !(10.0..=90.0).contains(&percent) {
        return below_the_end(percent, steps);
    }
    let ring_angle = percent / 100.0 * PI;
    if steps > COLUMNS_TO_RING {
        return below_the_ring(ring_angle, steps - COLUMNS_TO_RING);
    }
    let fraction = if percent == 10.0 || percent == 90.0 { steps } else { steps / COLUMNS_TO_RING };
    along_row(midline(percent), on_ring(ring_angle), fraction)
}

/// A point of the midline.
fn midline(percent: f64) -> [f64; 3] {
    let from_vertex = (50.0 - percent) / 10.0 * TENTH_OF_MIDLINE;
    [0.0, from_vertex.sin(), from_vertex.cos()]
}

/// A point of the ring's left half, by its angle from Fpz.
fn on_ring(angle: f64) -> [f64; 3] {
    [-angle.sin(), angle.cos(), 0.0]
}

/// A point under the ring; one step is a tenth of the midline.
fn below_the_ring(angle: f64, steps: f64) -> [f64; 3] {
    let (sin, cos) = (steps * TENTH_OF_MIDLINE).sin_cos();
    let [x, y, _] = on_ring(angle);
    [x * cos, y * cos, -sin]
}

/// Nz, N1, OI1h, Iz …: a column of the rows in front of Fpz or behind Oz is 10 % of the ring.
fn below_the_end(percent: f64, steps: f64) -> [f64; 3] {
    if percent < 10.0 {
        below_the_ring(0.1 * steps * PI, (10.0 - percent) / 10.0)
    } else {
        below_the_ring(PI - 0.1 * steps * PI, (percent - 90.0) / 10.0)
    }
}

/// The point at `fraction` of the way from the midline to the left ring point, along the circle through the midline
/// point and the ring points of both sides.
fn along_row(middle: [f64; 3], left: [f64; 3], fraction: f64) -> [f64; 3] {
    // the circle lies in a plane that holds the left-right axis; its centre is on the midline plane
    let [half_width, y_left, z_left] = left;
    let (dy, dz) = (middle[1] - y_left, middle[2] - z_left);
    let rise = dy.hypot(dz);
    // from the chord's middle towards the midline point: a circle through (0, rise) and (±half_width, 0)
    let centre = (rise * rise - half_width * half_width) / (2.0 * rise);
    let radius = rise - centre;
    let angle = fraction * (-half_width).atan2(-centre);
    let (across, up) = (-radius * angle.sin(), centre + radius * angle.cos());
    [across, y_left + up * dy / rise, z_left + up * dz / rise]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(label: &str) -> [f64; 3] {
        position(label).unwrap()
    }

    fn close(a: [f64; 3], b: [f64; 3]) -> bool {
        a.iter().zip(b).all(|(u, v)| (u - v).abs() < 1e-12)
    }

    fn angle_deg(a: [f64; 3], b: [f64; 3]) -> f64 {
        let dot: f64 = a.iter().zip(b).map(|(u, v)| u * v).sum();
        (dot / RADIUS_M.powi(2)).clamp(-1.0, 1.0).acos().to_degrees()
    }

    #[test]
    fn the_poles_stand_where_everybody_knows_them() {
        assert!(close(at("Cz"), [0.0, 0.0, RADIUS_M]));
        assert!(close(at("Fpz"), [0.0, RADIUS_M, 0.0]));
        assert!(close(at("Oz"), [0.0, -RADIUS_M, 0.0]));
        assert!(close(at("T7"), [-RADIUS_M, 0.0, 0.0]));
        assert!(close(at("T8"), [RADIUS_M, 0.0, 0.0]));
    }

    #[test]
    fn all_lie_on_the_sphere_and_mirror_over_the_midline() {
        for row in ["Fp", "AF", "F", "FFC", "C", "CP", "PPO", "O", "N", "I"] {
            for (left, right) in [("1", "2"), ("1h", "2h"), ("3", "4"), ("5h", "6h"), ("9", "10")] {
                let (Some(l), Some(r)) =
                    (position(&format!("{row}{left}")), position(&format!("{row}{right}")))
                else {
                    continue;
                };
                assert!(close(l, [-r[0], r[1], r[2]]), "{row}{left}");
                assert!(
                    (l.iter().map(|v| v * v).sum::<f64>().sqrt() - RADIUS_M).abs() < 1e-12,
                    "{row}{left}"
                );
            }
        }
    }

    #[test]
    fn steps_are_equal_along_the_midline_the_ring_and_the_rows() {
        let equal = |labels: &[&str], step: f64| {
            for pair in labels.windows(2) {
                let angle = angle_deg(at(pair[0]), at(pair[1]));
                assert!((angle - step).abs() < 1e-9, "{pair:?}: {angle}");
            }
        };
        equal(&["Nz", "Fpz", "AFz", "Fz", "FCz", "Cz", "CPz", "Pz", "POz", "Oz", "Iz"], 22.5);
        equal(&["Fpz", "AFpz", "AFz", "AFFz", "Fz"], 11.25);
        equal(&["Fpz", "Fp1", "AF7", "F7", "FT7", "T7", "TP7", "P7", "PO7", "O1", "Oz"], 18.0);
        equal(&["Fp1h", "Fp1", "AFp7"], 9.0);
        equal(&["T9", "T7", "C5", "C3", "C1", "Cz", "C2", "C4", "C6", "T8", "T10"], 22.5);
        let step = angle_deg(at("Fz"), at("F1"));
        equal(&["F7", "F5", "F3", "F1", "Fz", "F2"], step);
        assert!((angle_deg(at("F3"), at("F3h")) - angle_deg(at("F3h"), at("F1"))).abs() < 1e-9);
    }

    #[test]
    fn a_row_is_a_circle() {
        // all points of a row lie in one plane with the left-right axis
        let ([_, y0, z0], [_, y1, z1]) = (at("F7"), at("Fz"));
        for label in ["F5", "F3", "F1", "F4h", "F8"] {
            let [_, y, z] = at(label);
            assert!(((y - y0) * (z1 - z0) - (z - z0) * (y1 - y0)).abs() < 1e-15, "{label}");
        }
    }
}
