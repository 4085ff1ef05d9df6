//! Samples of all channels one after the other, time after time (multiplexed), of any number type.

use crate::bytes::Endian;

/// Number type of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SampleType {
    Int16,
    Int32,
    Float32,
    Float64,
}

impl SampleType {
    /// Bytes of one sample.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Int16 => 2,
            Self::Int32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }
}

/// What turns a recorded number into the channel's unit: `number · gain + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) gain: f64,
    pub(crate) offset: f64,
}

impl Scale {
    pub(crate) fn gain(gain: f64) -> Self {
        Self { gain, offset: 0.0 }
    }
}

/// How samples stand in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) sample_type: SampleType,
    pub(crate) endian: Endian,
    pub(crate) n_channels: usize,
}

impl Layout {
    /// Bytes of one sample of all channels.
    pub(crate) fn frame(&self) -> usize {
        self.sample_type.bytes() * self.n_channels
    }

    /// Decodes channel `index` of multiplexed `bytes`: as many samples as `out` holds.
    pub(crate) fn decode_channel(&self, bytes: &[u8], index: usize, scale: Scale, out: &mut [f64]) {
        let at = index * self.sample_type.bytes();
        self.strided(bytes.get(at..).unwrap_or_default(), self.frame(), scale, out);
    }

    /// Decodes one channel's samples that stand one after the other.
    pub(crate) fn decode_row(&self, bytes: &[u8], scale: Scale, out: &mut [f64]) {
        self.strided(bytes, self.sample_type.bytes(), scale, out);
    }

    /// Samples that stand `step` bytes apart.
    fn strided(&self, bytes: &[u8], step: usize, scale: Scale, out: &mut [f64]) {
        use Endian::{Big, Little};
        match (self.sample_type, self.endian) {
            (SampleType::Int16, Little) => {
                each(bytes, step, scale, out, |b| f64::from(i16::from_le_bytes(b)));
            }
            (SampleType::Int16, Big) => each(bytes, step, scale, out, |b| f64::from(i16::from_be_bytes(b))),
            (SampleType::Int32, Little) => {
                each(bytes, step, scale, out, |b| f64::from(i32::from_le_bytes(b)));
            }
            (SampleType::Int32, Big) => each(bytes, step, scale, out, |b| f64::from(i32::from_be_bytes(b))),
            (SampleType::Float32, Little) => {
                each(bytes, step, scale, out, |b| f64::from(f32::from_le_bytes(b)));
            }
            (SampleType::Float32, Big) => each(bytes, step, scale, out, |b| f64::from(f32::from_be_bytes(b))),
            (SampleType::Float64, Little) => each(bytes, step, scale, out, f64::from_le_bytes),
            (SampleType::Float64, Big) => each(bytes, step, scale, out, f64::from_be_bytes),
        }
    }
}

fn each<const N: usize>(
    bytes: &[u8],
    step: usize,
    scale: Scale,
    out: &mut [f64],
    number: impl Fn([u8; N]) -> f64,
) {
    for (value, sample) in out.iter_mut().zip(bytes.chunks(step.max(1))) {
        // the last frame of a channel other than the first is shorter than a step, but holds its sample
        if let Some(sample) = sample.first_chunk::<N>() {
            *value = number(*sample) * scale.gain + scale.offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_and_order_decodes_to_the_same_numbers() {
        type Encode = fn(i8, Endian) -> Vec<u8>;
        macro_rules! encode {
            ($type:ty) => {
                |v, endian| match endian {
                    Endian::Little => <$type>::from(v).to_le_bytes().into(),
                    Endian::Big => <$type>::from(v).to_be_bytes().into(),
                }
            };
        }
        let types: [(SampleType, Encode); 4] = [
            (SampleType::Int16, encode!(i16)),
            (SampleType::Int32, encode!(i32)),
            (SampleType::Float32, encode!(f32)),
            (SampleType::Float64, encode!(f64)),
        ];
        let scales = [Scale::gain(1.0), Scale { gain: 2.0, offset: 10.0 }, Scale::gain(-1.0)];
        for (sample_type, encode) in types {
            for endian in [Endian::Little, Endian::Big] {
                let layout = Layout { sample_type, endian, n_channels: 3 };
                let bytes: Vec<u8> = (-6..6_i8).flat_map(|v| encode(v, endian)).collect();
                let mut out = [0.0; 4];
                layout.decode_channel(&bytes, 2, scales[2], &mut out);
                assert_eq!(out, [4.0, 1.0, -2.0, -5.0], "{sample_type:?} {endian:?}");
                layout.decode_channel(&bytes, 1, scales[1], &mut out);
                assert_eq!(out, [0.0, 6.0, 12.0, 18.0], "{sample_type:?} {endian:?}");
                let mut row = [0.0; 3];
                layout.decode_row(&bytes, scales[1], &mut row);
                assert_eq!(row, [-2.0, 0.0, 2.0], "{sample_type:?} {endian:?}");
            }
        }
    }
}
