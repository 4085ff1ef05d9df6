//! The inner loop: some first channels of pairs times a block of second channels, over all epochs.

use super::family::Family;
use pulp::Simd;

/// Channels of a block: what the widest vectors hold, so that the layout does not depend on the processor.
pub(crate) const LANES: usize = 8;
/// First channels of a tile. Their sums stay in registers while the epochs pass by.
pub(crate) const ROWS: usize = 4;

/// Sums of a tile, `[sum][row][lane]`.
pub(crate) type TileSums = [[[f64; LANES]; ROWS]; 3];

/// A tile of cross-spectra `X·conj(Y)`: channels `first_lane..first_lane + ROWS` of the block `x`, all channels of `y`.
/// Both are `[epoch, taper, re and im, channel]`. Products and sums are rounded one by one, so that vectors of any width
/// give the same bits.
#[inline(always)]
pub(crate) fn sum_tile<S: Simd, F: Family>(
    simd: S,
    (x, first_lane): (&[f64], usize),
    y: &[f64],
    n_tapers: usize,
    out: &mut TileSums,
) {
    let width = LANES / S::F64_LANES;
    let (y, _) = S::as_simd_f64s(y);
    for v in 0..width {
        let mut sums = [[simd.splat_f64s(0.0); 3]; ROWS];
        let epochs = x.chunks_exact(2 * LANES * n_tapers).zip(y.chunks_exact(2 * width * n_tapers));
        for (x, y) in epochs {
            let tapers = x.chunks_exact(2 * LANES).zip(y.chunks_exact(2 * width));
            let mut cross = [(simd.splat_f64s(0.0), simd.splat_f64s(0.0)); ROWS];
            for (k, (x, y)) in tapers.enumerate() {
                let (y_re, y_im) = (y[v], y[width + v]);
                let (x_re, x_im) = (&x[first_lane..first_lane + ROWS], &x[LANES + first_lane..][..ROWS]);
                for row in 0..ROWS {
                    let s = times_conj(simd, (x_re[row], x_im[row]), (y_re, y_im));
                    let (re, im) = cross[row];
                    cross[row] = if k == 0 { s } else { (simd.add_f64s(re, s.0), simd.add_f64s(im, s.1)) };
                }
            }
            for (sums, (re, im)) in sums.iter_mut().zip(cross) {
                F::add(simd, sums, re, im);
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (sum, out) in sums.into_iter().zip(out.iter_mut()) {
                S::as_mut_simd_f64s(&mut out[row]).0[v] = sum;
            }
        }
    }
}

#[inline(always)]
fn times_conj<S: Simd>(simd: S, x: (f64, f64), (y_re, y_im): (S::f64s, S::f64s)) -> (S::f64s, S::f64s) {
    let (x_re, x_im) = (simd.splat_f64s(x.0), simd.splat_f64s(x.1));
    let re = simd.add_f64s(simd.mul_f64s(x_re, y_re), simd.mul_f64s(x_im, y_im));
    let im = simd.sub_f64s(simd.mul_f64s(x_im, y_re), simd.mul_f64s(x_re, y_im));
    (re, im)
}
