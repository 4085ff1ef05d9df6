//! Writes the marker of a property of bursts: these differ in what is made of their sums, and in their words.

/// A marker of the bursts of a band; `value` is made of the sums that [`crate::bursts::Detector`] keeps.
macro_rules! burst_marker {
    (
        $(#[$doc:meta])*
        $marker:ident,
        kind: $kind:literal,
        label: $label:literal,
        what: $what:literal,
        unit: $unit:expr,
        formula: $formula:literal,
        value: |$sums:ident| $value:expr $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $marker {
            /// The band, Hz.
            pub band: dosewave_eeg::Band,
            /// Height above the median, in median absolute deviations (not scaled to a standard deviation).
            pub threshold_mad: f64,
            /// Shortest burst, cycles of the band's centre.
            pub min_cycles: f64,
        }

        impl Default for $marker {
            fn default() -> Self {
                Self { band: dosewave_eeg::Band::LOW_GAMMA, threshold_mad: 2.5, min_cycles: 3.0 }
            }
        }

        impl $marker {
            fn detector(&self) -> $crate::bursts::Detector {
                let Self { band, threshold_mad, min_cycles } = *self;
                $crate::bursts::Detector { band, threshold_mad, min_cycles }
            }
        }

        impl $crate::Marker for $marker {
            fn spec() -> $crate::Spec {
                $crate::Spec {
                    kind: $kind,
                    label: $label,
                    description: concat!(
                        "Stretches of at least three cycles in which a band's amplitude stays above median + 2.5 MAD of the window: ",
                        $what,
                        "; arithmetic mean over the channels of a region and of the whole head. Burstiness, not power."
                    ),
                    unit: $unit,
                    change: $crate::Change::Difference,
                    contaminable: true,
                    formula: $formula,
                    reference: "Tallon-Baudry C, Bertrand O (1999). Oscillatory gamma activity in humans and its role in object \
                                representation. Trends in Cognitive Sciences 3, 151-162",
                    doi: "10.1016/S1364-6613(99)01299-1",
                }
            }

            fn defaults(_: $crate::BandPreset) -> Vec<(String, Self)> {
                vec![(concat!("gamma_", $kind).to_owned(), Self::default())]
            }

            fn check(&self) -> std::result::Result<(), String> {
                self.detector().check()
            }

            fn needs(&self) -> $crate::Needs {
                self.detector().needs()
            }

            fn muscle_band(&self) -> Option<dosewave_eeg::Band> {
                self.detector().muscle_band()
            }

            fn block_stats(&self, segment: &$crate::Segment) -> $crate::Result<$crate::BlockStats> {
                self.detector().block_stats(segment, $kind)
            }

            fn evaluate(
                &self,
                stats: &$crate::BlockStats,
                counts: ndarray::ArrayView2<'_, u32>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                $crate::bursts::Detector::evaluate(stats, counts, |$sums| $value)
            }
        }
    };
}
pub(crate) use burst_marker;
