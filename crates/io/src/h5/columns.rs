//! Channels of a dataset whose last dimension is channels and the one before it time.

use super::{Dataset, H5, Kind};
use crate::Result;
use ndarray::{ArrayViewMut2, Axis, s};
use std::ops::Range;

/// Bytes read at once.
const BLOCK: u64 = 4 << 20;

impl H5 {
    /// Fills `out` (one row per column in `picks`, one column per row of `rows`) from a dataset `[row, column]`, from one of
    /// `[row]`, or from the part `lead` of one of `[lead, row, column]`. Chunks without a picked column are not touched,
    /// and each other one is decoded once.
    pub(crate) fn read_columns(
        &mut self,
        dataset: &mut Dataset,
        (lead, rows): (u64, &Range<u64>),
        picks: &[usize],
        out: &mut ArrayViewMut2<'_, f64>,
    ) -> Result<()> {
        let rank = dataset.dims.len();
        let n_columns = if rank < 2 { 1 } else { dataset.dims.last().copied().unwrap_or(1) };
        let tile =
            dataset.chunk_extent(rank.saturating_sub(1)).filter(|_| rank > 1).unwrap_or(n_columns).max(1);
        for columns in (0..n_columns.div_ceil(tile)).map(|i| i * tile..((i + 1) * tile).min(n_columns)) {
            let of_tile: Vec<(usize, usize)> = picks
                .iter()
                .enumerate()
                .filter(|(_, pick)| columns.contains(&(**pick as u64)))
                .map(|(row, pick)| (row, pick - columns.start as usize))
                .collect();
            if !of_tile.is_empty() {
                self.read_tile(dataset, (lead, rows, &columns), &of_tile, out)?;
            }
        }
        Ok(())
    }

    /// Of the columns of one tile: `(row of out, column of the tile)`.
    fn read_tile(
        &mut self,
        dataset: &mut Dataset,
        (lead, rows, columns): (u64, &Range<u64>, &Range<u64>),
        picks: &[(usize, usize)],
        out: &mut ArrayViewMut2<'_, f64>,
    ) -> Result<()> {
        let Kind::Number(storage, endian) = dataset.datatype.kind else { return Ok(()) };
        let n = (columns.end - columns.start) as usize;
        let at_once = (BLOCK / (n * storage.width()) as u64).max(1);
        let mut row = rows.start;
        while row < rows.end {
            let part = row..rows.end.min(row + at_once);
            let ranges = match dataset.dims.len() {
                0 | 1 => vec![part.clone()],
                2 => vec![part.clone(), columns.clone()],
                _ => vec![lead..lead + 1, part.clone(), columns.clone()],
            };
            let bytes = self.read_box(dataset, &ranges)?;
            let (from, to) = ((row - rows.start) as usize, (part.end - rows.start) as usize);
            let mut block = out.slice_mut(s![.., from..to]);
            for (to, from) in picks {
                storage.decode(endian, &bytes, (*from, n), block.index_axis_mut(Axis(0), *to).iter_mut());
            }
            row = part.end;
        }
        Ok(())
    }
}
