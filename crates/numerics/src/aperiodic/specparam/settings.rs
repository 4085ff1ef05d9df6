//! Settings of the model, by specparam's names.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where least squares end, as in specparam.
pub(super) const TOLERANCE: f64 = 1e-5;

/// Shape of the aperiodic part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AperiodicMode {
    /// A straight line in log–log space.
    #[default]
    Fixed,
    /// A line that bends into a plateau at low frequencies.
    Knee,
}

/// Settings of the model. Names and defaults are specparam's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpecparamSettings {
    /// Shape of the aperiodic part.
    pub aperiodic_mode: AperiodicMode,
    /// Least and largest bandwidth of a peak (twice its standard deviation), Hz.
    pub peak_width_limits: [f64; 2],
    /// Most peaks; without a limit where it is left out.
    pub max_n_peaks: Option<usize>,
    /// Least height of a peak over the aperiodic part, log10 units.
    pub min_peak_height: f64,
    /// Least height of a peak in standard deviations of the flattened spectrum.
    pub peak_threshold: f64,
    /// Percentile of the flattened spectrum up to which bins count as free of peaks, for the first aperiodic fit.
    pub ap_percentile_thresh: f64,
    /// How far a peak may move from where it was found: this many bandwidths on either side.
    pub cf_bound: f64,
    /// Peaks nearer to an edge than this many standard deviations are dropped.
    pub bw_std_edge: f64,
    /// Of two peaks nearer than this many standard deviations of each the lower one is dropped.
    pub gauss_overlap_thresh: f64,
}

impl Default for SpecparamSettings {
    fn default() -> Self {
        Self {
            aperiodic_mode: AperiodicMode::Fixed,
            peak_width_limits: [0.5, 12.0],
            max_n_peaks: None,
            min_peak_height: 0.0,
            peak_threshold: 2.0,
            ap_percentile_thresh: 0.025,
            cf_bound: 1.5,
            bw_std_edge: 1.0,
            gauss_overlap_thresh: 0.75,
        }
    }
}

impl SpecparamSettings {
    /// What is wrong with these settings.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the setting, its value and what is allowed.
    ///
    /// ```
    /// use dosewave_numerics::aperiodic::SpecparamSettings;
    /// let settings = SpecparamSettings { peak_width_limits: [12.0, 0.5], ..SpecparamSettings::default() };
    /// assert!(settings.check().unwrap_err().to_string().contains("peak_width_limits"));
    /// ```
    pub fn check(&self) -> Result<()> {
        let refuse = |parameter, value: String, allowed: &str| {
            Err(Error::Invalid { parameter, value, allowed: allowed.to_owned() })
        };
        let [low, high] = self.peak_width_limits;
        if !(low > 0.0 && high > low && high.is_finite()) {
            return refuse(
                "peak_width_limits",
                format!("[{low}, {high}]"),
                "two ascending positive widths in Hz",
            );
        }
        if !(0.0..=100.0).contains(&self.ap_percentile_thresh) {
            return refuse("ap_percentile_thresh", self.ap_percentile_thresh.to_string(), "0 to 100");
        }
        for (name, value) in [
            ("min_peak_height", self.min_peak_height),
            ("peak_threshold", self.peak_threshold),
            ("cf_bound", self.cf_bound),
            ("bw_std_edge", self.bw_std_edge),
            ("gauss_overlap_thresh", self.gauss_overlap_thresh),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return refuse(name, value.to_string(), "a number from 0 on");
            }
        }
        Ok(())
    }
}
