//! Electrodes: names, places and impedances of a table's rows.
//!
//! Axes of the table are x backwards, y downwards, z to the right, in micrometres.

use super::{numbers, texts};
use crate::Result;
use crate::h5::{H5, Object};
use dosewave_eeg::{Channel, montage};

/// The rows of `general/extracellular_ephys/electrodes`.
pub(crate) struct Electrodes {
    names: Vec<String>,
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    impedance_ohm: Vec<f64>,
    /// Whether the places are those of a head in micrometres.
    are_places: bool,
}

/// Columns in which names are looked for.
const NAMES: [&str; 5] = ["label", "channel_name", "electrode_name", "name", "location"];

impl Electrodes {
    pub(crate) fn read(h5: &mut H5) -> Result<Self> {
        let mut found = Self {
            names: Vec::new(),
            x: Vec::new(),
            y: Vec::new(),
            z: Vec::new(),
            impedance_ohm: Vec::new(),
            are_places: false,
        };
        let Some(table) = h5.path("general/extracellular_ephys/electrodes")? else { return Ok(found) };
        found.names = names(h5, &table)?;
        [found.x, found.y, found.z] =
            [numbers(h5, &table, "x")?, numbers(h5, &table, "y")?, numbers(h5, &table, "z")?];
        found.impedance_ohm = numbers(h5, &table, "imp")?;
        found.are_places = found.are_of_a_head();
        Ok(found)
    }

    /// Rows of the table.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether places are stated that are not used.
    pub(crate) fn has_odd_places(&self) -> bool {
        !self.are_places && self.x.iter().any(|v| v.is_finite() && *v != 0.0)
    }

    /// The channel of a row.
    pub(crate) fn channel(&self, row: usize) -> Option<Channel> {
        let mut channel = Channel::from_name(self.names.get(row)?);
        if let Some(place) = self.place(row).filter(|_| self.are_places) {
            channel.position = Some(place);
        }
        // negative values stand for unknown ones
        let impedance = self.impedance_ohm.get(row).filter(|ohm| ohm.is_finite() && **ohm > 0.0);
        channel.impedance_kohm = impedance.map(|ohm| ohm / 1e3);
        Some(channel)
    }

    /// Place in metres, our axes.
    fn place(&self, row: usize) -> Option<[f64; 3]> {
        let (x, y, z) = (self.x.get(row)?, self.y.get(row)?, self.z.get(row)?);
        (x.is_finite() && y.is_finite() && z.is_finite()).then_some([z * 1e-6, -x * 1e-6, -y * 1e-6])
    }

    fn are_of_a_head(&self) -> bool {
        let mut radii: Vec<f64> = (0..self.names.len())
            .filter_map(|row| self.place(row))
            .map(|[x, y, z]| x.hypot(y).hypot(z))
            .collect();
        radii.sort_unstable_by(f64::total_cmp);
        radii.get(radii.len() / 2).is_some_and(|radius| (0.04..0.2).contains(radius))
    }
}

/// A name per row: of a column with names; `location` only where it names places of the 10–05 system, each once; else the
/// rows' ids.
fn names(h5: &mut H5, table: &Object) -> Result<Vec<String>> {
    let ids = numbers(h5, table, "id")?;
    for column in NAMES {
        let found = texts(h5, table, column)?;
        let mut sorted = found.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let are_names = sorted.len() == found.len() && found.iter().all(|name| !name.is_empty());
        let are_places = || found.iter().all(|name| montage::position(name).is_some());
        if !found.is_empty() && are_names && (column != "location" || are_places()) {
            return Ok(found);
        }
    }
    Ok(ids.iter().map(|id| format!("E{id}")).collect())
}
