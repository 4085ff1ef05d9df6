//! What one unit of a stored sample is worth.

use dosewave_eeg::{Channel, Recording};
use ndarray::ArrayView1;

/// What is stored for a value.
pub(super) fn stored(value: f64, resolution: f64) -> f32 {
    (value / resolution) as f32
}

/// The resolution of each channel: the step of the integers that its values came from, where they come back to the last bit by
/// it; else 1.
pub(super) fn all(recording: &Recording) -> Vec<f64> {
    let rows = recording.data_uv();
    let channels = recording.channels().iter().zip(rows.outer_iter());
    channels.map(|(channel, row)| of_source(channel, &row).unwrap_or(1.0)).collect()
}

fn of_source(channel: &Channel, row: &ArrayView1<'_, f64>) -> Option<f64> {
    let source = channel.quantization?;
    let n_steps = f64::from(source.digital.1) - f64::from(source.digital.0);
    let unit = channel.recorded_unit.as_deref().and_then(crate::bytes::microvolts_per).unwrap_or(1.0);
    let step = (source.physical.1 - source.physical.0) / n_steps * unit;
    // resolutions are written with few digits
    let step: f64 = format!("{step:.10e}").parse().ok()?;
    let comes_back = |value: &f64| f64::from(stored(*value, step)) * step == *value;
    (step.is_finite() && step > 0.0 && row.iter().all(comes_back)).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Hz, Quantization};
    use ndarray::Array2;

    #[test]
    fn values_of_integers_come_back_to_the_last_bit() {
        let of = |offset: f64| {
            let data = Array2::from_shape_fn((1, 2000), |(_, t)| (t as f64 - 1000.0) * 0.1 + offset);
            let (mut header, data) = Recording::new(data, Hz(250.0), &["Cz"]).unwrap().into_parts();
            let quantization = Some(Quantization { digital: (-32_768, 32_767), physical: (-3276.8, 3276.7) });
            header.channels = vec![Channel { quantization, ..header.channels[0].clone() }].into();
            Recording::from_parts(header, data).unwrap()
        };
        let recording = of(0.0);
        assert_eq!(all(&recording), [0.1]);
        for value in recording.data_uv() {
            assert_eq!(f64::from(stored(*value, 0.1)) * 0.1, *value);
        }
        assert_eq!(all(&of(0.05)), [1.0]);
    }
}
