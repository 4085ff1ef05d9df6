//! Writes the marker of a measure of networks: these differ in their measure and their words only.

/// A marker of one [`dosewave_eeg::NetworkMeasure`] of the network of debiased wPLI in a band. `also` lists parameters
/// beyond the band and the thresholds, by the names that they have in [`crate::networks::Sweep`].
macro_rules! network_marker {
    (
        $(#[$doc:meta])*
        $marker:ident,
        kind: $kind:literal,
        measure: $measure:ident,
        also: { $($(#[$about:meta])* $field:ident: $type:ty = $default:expr),* $(,)? },
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
            /// Shares of the possible edges that are kept, the strongest ones, ascending.
            pub densities: Vec<f64>,
            $($(#[$about])* pub $field: $type,)*
        }

        impl Default for $marker {
            fn default() -> Self {
                let densities = $crate::networks::DENSITIES.to_vec();
                Self { band: dosewave_eeg::Band::ALPHA, densities, $($field: $default,)* }
            }
        }

        impl $marker {
            fn sweep(&self) -> $crate::networks::Sweep {
                let measure = dosewave_eeg::NetworkMeasure::$measure;
                #[allow(clippy::needless_update)] // where no parameter is left
                $crate::networks::Sweep {
                    $($field: self.$field,)*
                    ..$crate::networks::Sweep::new(measure, &self.densities)
                }
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
                bands.map(|(name, band)| (format!("{}.{name}", $kind), Self { band, ..Self::default() })).to_vec()
            }

            fn check(&self) -> std::result::Result<(), String> {
                self.sweep().check()
            }

            fn needs(&self) -> $crate::Needs {
                $crate::networks::Sweep::needs(self.band)
            }

            fn muscle_band(&self) -> Option<dosewave_eeg::Band> {
                $crate::connectivity::muscle_band(self.band)
            }

            fn pair_band(&self) -> Option<dosewave_eeg::Band> {
                Some(self.band)
            }

            fn block_stats(&self, segment: &$crate::Segment) -> $crate::Result<$crate::BlockStats> {
                self.sweep().block_stats(segment, self.band, $kind)
            }

            fn evaluate(
                &self,
                stats: &$crate::BlockStats,
                counts: ndarray::ArrayView2<'_, u32>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                self.sweep().evaluate(stats, counts)
            }
        }
    };
}
pub(crate) use network_marker;
