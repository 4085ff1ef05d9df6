//! Built-in positions against a template head.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

use dosewave_eeg::montage::position;
use std::collections::BTreeMap;

/// Directions of the template's electrodes, from the centre of the sphere that fits them best, Cz up.
fn template() -> BTreeMap<String, [f64; 3]> {
    let text = include_str!("../../../testdata/golden/eeg_montage.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(golden["directions"].clone()).unwrap()
}

fn angle_deg(a: [f64; 3], b: [f64; 3]) -> f64 {
    let dot = |u: [f64; 3], v: [f64; 3]| u.iter().zip(v).map(|(x, y)| x * y).sum::<f64>();
    (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).clamp(-1.0, 1.0).acos().to_degrees()
}

/// A head is no sphere: 3° are 5 mm. Ears and mastoids are no places of the system, only near some.
#[test]
fn every_label_of_the_template_has_a_position_near_the_template() {
    let (mut sum, mut n) = (0.0, 0);
    for (label, direction) in template() {
        let position = position(&label).unwrap_or_else(|| panic!("{label} has no position"));
        let angle = angle_deg(position, direction);
        let allowed = if ["A1", "A2", "M1", "M2"].contains(&label.as_str()) { 16.1 } else { 7.0 };
        assert!(angle < allowed, "{label}: {angle}°");
        (sum, n) = (sum + angle, n + 1);
    }
    assert_eq!(n, 343);
    assert!(sum / f64::from(n) < 3.0, "mean {}°", sum / f64::from(n));
}
