//! A marker in another spatial view.

use crate::{BlockStats, DynMarker, Needs, Result, Segment, Spec, View};
use dosewave_eeg::Band;
use dosewave_numerics::phase::Measure;
use ndarray::{Array2, ArrayView2};

/// A marker that looks at its segment in `view`.
pub(crate) struct Viewed {
    pub(crate) marker: Box<dyn DynMarker>,
    pub(crate) view: View,
}

impl DynMarker for Viewed {
    fn spec(&self) -> Spec {
        let spec = self.marker.spec();
        Spec { unit: self.view.unit(spec.unit), ..spec }
    }

    fn params(&self) -> serde_json::Value {
        let mut params = self.marker.params();
        if let Some(map) = params.as_object_mut() {
            map.insert("view".into(), self.view.name().into());
        }
        params
    }

    fn needs(&self) -> Needs {
        self.marker.needs()
    }

    fn contaminable(&self) -> bool {
        self.marker.contaminable()
    }

    fn muscle_band(&self) -> Option<Band> {
        self.marker.muscle_band()
    }

    /// Pair sums of another view are its own segment's affair.
    fn pair_band(&self) -> Option<Band> {
        None
    }

    fn pair_measure(&self) -> Option<Measure> {
        None
    }

    fn view(&self) -> Option<View> {
        Some(self.view)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let viewed = segment
            .view(self.view)
            .map_err(|what| crate::Error::Needs { marker: self.marker.spec().kind.to_owned(), what })?;
        self.marker.block_stats(&viewed)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        self.marker.evaluate(stats, counts)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        self.marker.pair_values(stats)
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        self.marker.epoch_values(stats)
    }
}
