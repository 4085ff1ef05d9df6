//! How numbers are stored: the types of MAT files and of HDF5 datasets.

use crate::bytes::Endian;

/// The type of stored numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

/// Calls `$body` with `$t` as the Rust type of a storage.
macro_rules! each_type {
    ($storage:expr, $t:ident => $body:expr) => {
        match $storage {
            Storage::I8 => {
                type $t = i8;
                $body
            }
            Storage::U8 => {
                type $t = u8;
                $body
            }
            Storage::I16 => {
                type $t = i16;
                $body
            }
            Storage::U16 => {
                type $t = u16;
                $body
            }
            Storage::I32 => {
                type $t = i32;
                $body
            }
            Storage::U32 => {
                type $t = u32;
                $body
            }
            Storage::I64 => {
                type $t = i64;
                $body
            }
            Storage::U64 => {
                type $t = u64;
                $body
            }
            Storage::F32 => {
                type $t = f32;
                $body
            }
            Storage::F64 => {
                type $t = f64;
                $body
            }
        }
    };
}

impl Storage {
    /// Bytes of one number.
    pub(crate) fn width(self) -> usize {
        each_type!(self, T => size_of::<T>())
    }

    /// Puts every `stride`-th number into `out`, beginning with the `first`: a channel of interleaved samples. Stops
    /// where either ends.
    #[allow(clippy::unnecessary_cast)] // of one of the ten types
    pub(crate) fn decode<'a>(
        self,
        endian: Endian,
        bytes: &[u8],
        (first, stride): (usize, usize),
        out: impl Iterator<Item = &'a mut f64>,
    ) {
        each_type!(self, T => {
            const N: usize = size_of::<T>();
            let from = bytes.get(first * N..).unwrap_or_default();
            let numbers = from.chunks(stride.max(1) * N).filter_map(|frame| frame.first_chunk::<N>());
            match endian {
                Endian::Little => numbers.zip(out).for_each(|(b, o)| *o = T::from_le_bytes(*b) as f64),
                Endian::Big => numbers.zip(out).for_each(|(b, o)| *o = T::from_be_bytes(*b) as f64),
            }
        });
    }

    /// All numbers of `bytes`.
    pub(crate) fn numbers(self, endian: Endian, bytes: &[u8]) -> Vec<f64> {
        let mut out = vec![0.0; bytes.len() / self.width()];
        self.decode(endian, bytes, (0, 1), out.iter_mut());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_in_both_orders() {
        for (storage, little) in [
            (Storage::I8, vec![0xfe]),
            (Storage::I16, vec![0xfe, 0xff]),
            (Storage::I32, vec![0xfe, 0xff, 0xff, 0xff]),
            (Storage::I64, vec![0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            (Storage::F32, (-2.0_f32).to_le_bytes().to_vec()),
            (Storage::F64, (-2.0_f64).to_le_bytes().to_vec()),
        ] {
            let big: Vec<u8> = little.iter().rev().copied().collect();
            assert_eq!(storage.numbers(Endian::Little, &little), [-2.0], "{storage:?}");
            assert_eq!(storage.numbers(Endian::Big, &big), [-2.0], "{storage:?}");
        }
        for (storage, bytes) in [(Storage::U8, 1), (Storage::U16, 2), (Storage::U32, 4), (Storage::U64, 8)] {
            let expected = 256_f64.powi(bytes as i32) - 1.0;
            assert_eq!(storage.numbers(Endian::Little, &vec![0xff; bytes]), [expected]);
        }
    }

    #[test]
    fn one_channel_of_interleaved_samples() {
        let bytes: Vec<u8> = (0..6_i16).flat_map(i16::to_le_bytes).collect();
        let mut out = [9.0; 4];
        Storage::I16.decode(Endian::Little, &bytes, (1, 3), out.iter_mut());
        assert_eq!(out, [1.0, 4.0, 9.0, 9.0]);
    }
}
