//! Writes the marker of an interaction of regions: these differ in their measure and their words only.

/// A marker of one [`dosewave_numerics::phase::Interaction`] of regions in a band.
macro_rules! interaction_marker {
    (
        $(#[$doc:meta])*
        $marker:ident,
        kind: $kind:literal,
        label: $label:literal,
        description: $description:literal,
        formula: $formula:literal,
        reference: $reference:literal,
        doi: $doi:literal $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $marker {
            /// The band, `[low, high)` in Hz.
            pub band: dosewave_eeg::Band,
        }

        impl Default for $marker {
            fn default() -> Self {
                Self { band: dosewave_eeg::Band::LOW_GAMMA }
            }
        }

        impl $crate::Marker for $marker {
            fn spec() -> $crate::Spec {
                $crate::Spec {
                    kind: $kind,
                    label: $label,
                    description: $description,
                    unit: dosewave_eeg::Unit::One,
                    change: $crate::Change::Difference,
                    contaminable: true,
                    formula: $formula,
                    reference: $reference,
                    doi: $doi,
                }
            }

            fn defaults(_: $crate::BandPreset) -> Vec<(String, Self)> {
                Vec::new()
            }

            fn offered(_: $crate::BandPreset) -> Vec<(String, Self)> {
                let bands = $crate::connectivity::offered_bands();
                bands.map(|(name, band)| (format!("{}.{name}", $kind), Self { band })).to_vec()
            }

            fn needs(&self) -> $crate::Needs {
                $crate::interaction::needs(self.band)
            }

            fn muscle_band(&self) -> Option<dosewave_eeg::Band> {
                $crate::connectivity::muscle_band(self.band)
            }

            fn pair_band(&self) -> Option<dosewave_eeg::Band> {
                Some(self.band)
            }

            fn block_stats(&self, segment: &$crate::Segment) -> $crate::Result<$crate::BlockStats> {
                $crate::interaction::block_stats(segment, self.band, $kind)
            }

            fn evaluate(
                &self,
                stats: &$crate::BlockStats,
                counts: ndarray::ArrayView2<'_, u32>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                let wanted = dosewave_numerics::phase::Interaction::$marker;
                $crate::interaction::evaluate(wanted, stats, counts)
            }
        }
    };
}
pub(crate) use interaction_marker;
