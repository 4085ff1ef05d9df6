//! Copies of boxes between arrays of several dimensions.

use super::chunks::Tiling;

/// Puts the part of a chunk that lies in the box into it.
pub(crate) fn paste(
    chunk: &[u8],
    tiling: &Tiling,
    place: &[u64],
    (from, counts): (&[u64], &[u64]),
    (out, size): (&mut [u8], usize),
) {
    let (mut of_chunk, mut of_box, mut common) = (Vec::new(), Vec::new(), Vec::new());
    for (((place, width), at), n) in place.iter().zip(&tiling.chunk).zip(from).zip(counts) {
        let start = place.saturating_mul(*width);
        let (low, high) = (start.max(*at), start.saturating_add(*width).min(at.saturating_add(*n)));
        of_chunk.push(low.saturating_sub(start));
        of_box.push(low.saturating_sub(*at));
        common.push(high.saturating_sub(low));
    }
    let source = Side { dims: &tiling.chunk, from: &of_chunk };
    copy((out, &Side { dims: counts, from: &of_box }), (chunk, &source), &common, size);
}

/// The number of the element at an index.
fn element_at(index: &[u64], strides: &[u64]) -> u64 {
    index.iter().zip(strides).fold(0, |all: u64, (i, stride)| all.saturating_add(i.saturating_mul(*stride)))
}

/// An array's dimensions and where in it a copy begins.
pub(crate) struct Side<'a> {
    pub(crate) dims: &'a [u64],
    pub(crate) from: &'a [u64],
}

impl Side<'_> {
    /// The element at which the copy begins, and the elements from one index of a dimension to the next.
    fn strides(&self) -> (u64, Vec<u64>) {
        let mut stride = 1_u64;
        let mut strides: Vec<u64> = Vec::with_capacity(self.dims.len());
        for n in self.dims.iter().rev() {
            strides.push(stride);
            stride = u64::saturating_mul(stride, *n);
        }
        strides.reverse();
        (element_at(self.from, &strides), strides)
    }
}

/// Copies `counts` elements of `size` bytes from one array into another.
pub(crate) fn copy(
    (out, to): (&mut [u8], &Side<'_>),
    (bytes, from): (&[u8], &Side<'_>),
    counts: &[u64],
    size: usize,
) {
    let ((out_start, out_strides), (start, strides)) = (to.strides(), from.strides());
    let Some((last, outer)) = counts.split_last() else {
        // a single element without dimensions
        if let (Some(slot), Some(element)) = (out.get_mut(..size), bytes.get(..size)) {
            slot.copy_from_slice(element);
        }
        return;
    };
    if counts.contains(&0) {
        return;
    }
    let n = (*last as usize).saturating_mul(size);
    let mut index = vec![0_u64; outer.len()];
    loop {
        let byte = |start: u64, strides: &[u64]| {
            let element = start.saturating_add(element_at(&index, strides));
            usize::try_from(element).unwrap_or(usize::MAX).saturating_mul(size)
        };
        let (o, b) = (byte(out_start, &out_strides), byte(start, &strides));
        if let (Some(slot), Some(row)) =
            (out.get_mut(o..o.saturating_add(n)), bytes.get(b..b.saturating_add(n)))
        {
            slot.copy_from_slice(row);
        }
        let Some(d) = (0..outer.len()).rev().find(|d| index.get(*d).map(|i| i + 1) < outer.get(*d).copied())
        else {
            return;
        };
        for (i, at) in index.iter_mut().enumerate() {
            if i == d {
                *at += 1;
            } else if i > d {
                *at = 0;
            }
        }
    }
}
