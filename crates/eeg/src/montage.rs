//! Built-in electrode positions of the 10–20, 10–10 and 10–05 systems.
/// Position of a 10–05 label in metres (x right, y front, z up; sphere of 0.095 m), case-insensitive; old names (T3 …) known.
pub fn position(label: &str) -> Option<[f64; 3]> { todo!() }
