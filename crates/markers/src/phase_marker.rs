//! Writes the marker of a phase measure: these differ in their measure and their words only.

/// A marker of one [`dosewave_numerics::phase::Measure`] in a band, `kind` by the measure's own name.
macro_rules! phase_marker {
    (
        $(#[$doc:meta])*
        $marker:ident,
        by_default: $by_default:literal,
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

        impl $marker {
            const MEASURE: dosewave_numerics::phase::Measure = dosewave_numerics::phase::Measure::$marker;
        }

        impl Default for $marker {
            fn default() -> Self {
                Self { band: dosewave_eeg::Band::LOW_GAMMA }
            }
        }

        impl $crate::Marker for $marker {
            fn spec() -> $crate::Spec {
                $crate::Spec {
                    kind: Self::MEASURE.name(),
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
                let bands = $crate::connectivity::default_bands();
                let bands = bands.iter().filter(|_| $by_default);
                bands.map(|(name, band)| (format!("{}.{name}", Self::MEASURE.name()), Self { band: *band })).collect()
            }

            fn offered(_: $crate::BandPreset) -> Vec<(String, Self)> {
                let bands = $crate::connectivity::offered_bands();
                bands.map(|(name, band)| (format!("{}.{name}", Self::MEASURE.name()), Self { band })).to_vec()
            }

            fn needs(&self) -> $crate::Needs {
                $crate::connectivity::needs(self.band)
            }

            fn muscle_band(&self) -> Option<dosewave_eeg::Band> {
                $crate::connectivity::muscle_band(self.band)
            }

            fn pair_band(&self) -> Option<dosewave_eeg::Band> {
                Some(self.band)
            }

            fn pair_measure(&self) -> Option<dosewave_numerics::phase::Measure> {
                Some(Self::MEASURE)
            }

            fn block_stats(&self, segment: &$crate::Segment) -> $crate::Result<$crate::BlockStats> {
                $crate::connectivity::block_stats(segment, self.band, Self::MEASURE)
            }

            fn evaluate(
                &self,
                stats: &$crate::BlockStats,
                counts: ndarray::ArrayView2<'_, u32>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                $crate::connectivity::evaluate(Self::MEASURE, stats, counts)
            }

            fn pair_values(&self, stats: &$crate::BlockStats) -> $crate::Result<Option<Vec<Option<f64>>>> {
                $crate::connectivity::pair_values(Self::MEASURE, stats).map(Some)
            }
        }
    };
}
pub(crate) use phase_marker;
