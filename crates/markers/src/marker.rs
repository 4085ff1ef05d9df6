//! What a marker is.

use crate::{BandPreset, BlockStats, Error, Needs, Result, Segment, View, check_needs, plain_counts};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::phase::Measure;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;

/// How a value before and a value after are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// `10·log10(post / baseline)`, in dB.
    Decibel,
    /// `post − baseline`, in the marker's own unit.
    Difference,
}

/// What a marker is: names, unit, formula, source. Text here is the user's documentation page and the report's glossary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spec {
    /// Kind in a configuration: `band_power`.
    pub kind: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// What it measures, and how its value over channels, regions and `global` is made.
    pub description: &'static str,
    /// Unit of its values.
    pub unit: Unit,
    /// How it is compared.
    pub change: Change,
    /// Whether muscle can fake it: its rows carry gate evidence.
    pub contaminable: bool,
    /// Formula (LaTeX).
    pub formula: &'static str,
    /// Source.
    pub reference: &'static str,
    /// DOI of the source.
    pub doi: &'static str,
}

/// One kind of marker; the struct's fields are its parameters.
pub trait Marker: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names, unit, formula, source.
    fn spec() -> Spec;

    /// Entries of the default configuration: table names with their parameters. Only powers depend on the set of bands.
    fn defaults(bands: BandPreset) -> Vec<(String, Self)> {
        let _ = bands;
        vec![(Self::spec().kind.to_owned(), Self::default())]
    }

    /// Entries of the default configuration in another spatial view.
    fn defaults_in_views(bands: BandPreset) -> Vec<(String, View, Self)> {
        let _ = bands;
        Vec::new()
    }

    /// Entries that are no part of the default configuration and can be asked for by name (`markers.NAME = true`); entries
    /// of the default may stand among them.
    fn offered(bands: BandPreset) -> Vec<(String, Self)> {
        let _ = bands;
        Vec::new()
    }

    /// What is wrong with these parameters beyond what their types hold.
    ///
    /// # Errors
    /// The problem, in words for the author of a configuration.
    fn check(&self) -> std::result::Result<(), String> {
        Ok(())
    }

    /// Refuses a spatial view in which its values would mean nothing: evidence of muscle is measured where muscle is.
    ///
    /// # Errors
    /// Why not, as half a sentence.
    fn takes_view(view: View) -> std::result::Result<(), &'static str> {
        let _ = view;
        Ok(())
    }

    /// What these parameters need.
    fn needs(&self) -> Needs;

    /// The band in which muscle could fake the value with these parameters; `None` where it cannot.
    ///
    /// The gate judges the share of muscle in the PSD of this band (see [`crate::gate`]).
    fn muscle_band(&self) -> Option<Band> {
        None
    }

    /// Whether muscle can fake the value with these parameters (delta power cannot, gamma power can).
    fn contaminable(&self) -> bool {
        self.muscle_band().is_some()
    }

    /// The band whose pair sums it asks of a segment; `None` for markers without pairs.
    fn pair_band(&self) -> Option<Band> {
        None
    }

    /// The measure that its values are; `None` for markers that are no phase measure of pairs.
    fn pair_measure(&self) -> Option<Measure> {
        None
    }

    /// Sufficient statistics per block of epochs.
    ///
    /// # Errors
    /// [`Error::Needs`] when the segment cannot carry the marker, or an error from below.
    fn block_stats(&self, segment: &Segment) -> Result<BlockStats>;

    /// The marker for each draw of blocks: `counts [draw, block]` says how often each block is taken; returns `[draw, site]`
    /// in the order of `stats.sites`; NaN where it is undefined (one floor up that becomes "missing, with a reason").
    ///
    /// # Errors
    /// [`Error::Shape`] when counts and blocks disagree or `stats` are another marker's.
    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>>;

    /// For pair markers: the value of every channel pair with each block taken once, in mne's lower-triangle order
    /// (1,0), (2,0), (2,1) … over `stats.channels`; `None` for markers without pairs.
    ///
    /// # Errors
    /// As [`Marker::evaluate`].
    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        let _ = stats;
        Ok(None)
    }

    /// The value of every single epoch at every site `[epoch, site]`, on the scale of a change (dB for powers): what a
    /// regression over epochs needs. `None` for markers that no single epoch has.
    ///
    /// # Errors
    /// As [`Marker::evaluate`].
    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        let _ = stats;
        Ok(None)
    }
}

/// Object-safe face of [`Marker`]; implemented for all of them.
pub trait DynMarker: Send + Sync {
    /// See [`Marker::spec`].
    fn spec(&self) -> Spec;
    /// The parameters, every one of them, as a JSON object.
    fn params(&self) -> serde_json::Value;
    /// See [`Marker::needs`].
    fn needs(&self) -> Needs;
    /// See [`Marker::contaminable`].
    fn contaminable(&self) -> bool;
    /// See [`Marker::muscle_band`].
    fn muscle_band(&self) -> Option<Band>;
    /// See [`Marker::pair_band`].
    fn pair_band(&self) -> Option<Band>;
    /// See [`Marker::pair_measure`].
    fn pair_measure(&self) -> Option<Measure>;
    /// The spatial view it looks at; `None` for the one that cleaning chose.
    fn view(&self) -> Option<View> {
        None
    }
    /// See [`Marker::block_stats`]; here [`Marker::needs`] is checked first, so that no marker can forget it.
    ///
    /// # Errors
    /// [`Error::Needs`] with the reason why the value is missing, or an error from below.
    fn block_stats(&self, segment: &Segment) -> Result<BlockStats>;
    /// See [`Marker::evaluate`].
    ///
    /// # Errors
    /// As [`Marker::evaluate`].
    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>>;
    /// See [`Marker::pair_values`].
    ///
    /// # Errors
    /// As [`Marker::evaluate`].
    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>>;
    /// See [`Marker::epoch_values`].
    ///
    /// # Errors
    /// As [`Marker::evaluate`].
    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>>;
}

impl<M: Marker> DynMarker for M {
    fn spec(&self) -> Spec {
        M::spec()
    }

    fn params(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn needs(&self) -> Needs {
        Marker::needs(self)
    }

    fn contaminable(&self) -> bool {
        Marker::contaminable(self)
    }

    fn muscle_band(&self) -> Option<Band> {
        Marker::muscle_band(self)
    }

    fn pair_band(&self) -> Option<Band> {
        Marker::pair_band(self)
    }

    fn pair_measure(&self) -> Option<Measure> {
        Marker::pair_measure(self)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        if let Some(what) = check_needs(&Marker::needs(self), &segment.available()) {
            return Err(Error::Needs { marker: M::spec().kind.to_owned(), what });
        }
        Marker::block_stats(self, segment)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        Marker::evaluate(self, stats, counts)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        Marker::pair_values(self, stats)
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        Marker::epoch_values(self, stats)
    }
}

impl fmt::Debug for dyn DynMarker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.spec().kind, self.params())
    }
}

/// The value at each site with every block taken once; `None` where it is undefined.
///
/// # Errors
/// As [`Marker::evaluate`].
pub fn values(marker: &dyn DynMarker, stats: &BlockStats) -> Result<Vec<Option<f64>>> {
    let drawn = marker.evaluate(stats, plain_counts(stats.n_blocks).view())?;
    Ok(drawn.iter().map(|&value| value.is_finite().then_some(value)).collect())
}
