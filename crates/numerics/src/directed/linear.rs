//! Small dense matrices, row-major, without allocation in the loops.

use num_complex::Complex64;

/// A pivot below this share of its diagonal means that a signal is a sum of others.
const SMALLEST_PIVOT: f64 = 1e-13;

/// `out −= a · b` of square matrices.
pub(super) fn subtract_product(out: &mut [f64], a: &[f64], b: &[f64], n: usize) {
    for (out_row, a_row) in out.chunks_exact_mut(n).zip(a.chunks_exact(n)) {
        for (scale, b_row) in a_row.iter().zip(b.chunks_exact(n)) {
            out_row.iter_mut().zip(b_row).for_each(|(out, value)| *out -= scale * value);
        }
    }
}

/// `out = aᵀ` of a square matrix.
pub(super) fn transpose(out: &mut [f64], a: &[f64], n: usize) {
    for (i, row) in out.chunks_exact_mut(n).enumerate() {
        row.iter_mut().enumerate().for_each(|(j, out)| *out = a[j * n + i]);
    }
}

/// The lower triangle `L` of `a = L Lᵀ`, zeros above; `None` where `a` is not positive definite.
pub(super) fn cholesky(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut lower = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let products: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
            let rest = a[i * n + j] - products;
            if i > j {
                lower[i * n + j] = rest / lower[j * n + j];
            } else if rest > SMALLEST_PIVOT * a[i * n + i] {
                lower[i * n + i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(lower)
}

/// Solves `x · (L Lᵀ) = b` for each row of `rows`, in place.
pub(super) fn solve_rows(lower: &[f64], rows: &mut [f64], n: usize) {
    for row in rows.chunks_exact_mut(n) {
        for i in 0..n {
            let known: f64 = (0..i).map(|k| lower[i * n + k] * row[k]).sum();
            row[i] = (row[i] - known) / lower[i * n + i];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| lower[k * n + i] * row[k]).sum();
            row[i] = (row[i] - known) / lower[i * n + i];
        }
    }
}

/// `ln det` of a matrix from its Cholesky factor.
pub(super) fn log_det(lower: &[f64], n: usize) -> f64 {
    (0..n).map(|i| 2.0 * lower[i * n + i].ln()).sum()
}

/// `ln det` of a Hermitian matrix, which is overwritten; `None` where it is not positive definite.
pub(super) fn log_det_hermitian(a: &mut [Complex64], n: usize) -> Option<f64> {
    let mut sum = 0.0;
    for i in 0..n {
        let pivot = a[i * n + i].re;
        if !(pivot.is_finite() && pivot > 0.0) {
            return None;
        }
        sum += pivot.ln();
        for row in i + 1..n {
            let factor = a[row * n + i] / pivot;
            for col in i + 1..n {
                let step = factor * a[i * n + col];
                a[row * n + col] -= step;
            }
        }
    }
    Some(sum)
}

/// The inverse of `a`, which is overwritten, by Gauss and Jordan with row pivots; `None` where it is singular.
pub(super) fn invert(a: &mut [Complex64], inverse: &mut [Complex64], n: usize) -> Option<()> {
    inverse.fill(Complex64::ZERO);
    (0..n).for_each(|i| inverse[i * n + i] = Complex64::ONE);
    for col in 0..n {
        let pivot =
            (col..n).max_by(|x, y| a[x * n + col].norm_sqr().total_cmp(&a[y * n + col].norm_sqr()))?;
        let scale = a[pivot * n + col].inv();
        if !scale.is_finite() {
            return None;
        }
        for k in 0..n {
            a.swap(col * n + k, pivot * n + k);
            inverse.swap(col * n + k, pivot * n + k);
            a[col * n + k] *= scale;
            inverse[col * n + k] *= scale;
        }
        for row in (0..n).filter(|row| *row != col) {
            let factor = a[row * n + col];
            for k in 0..n {
                let (step, inverse_step) = (factor * a[col * n + k], factor * inverse[col * n + k]);
                a[row * n + k] -= step;
                inverse[row * n + k] -= inverse_step;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    fn positive(n: usize, stream: &mut Stream) -> Vec<f64> {
        let half: Vec<f64> = (0..n * n).map(|_| stream.normal()).collect();
        let entry = |i: usize, j: usize| (0..n).map(|k| half[i * n + k] * half[j * n + k]).sum();
        (0..n * n).map(|at| entry(at / n, at % n)).collect()
    }

    #[test]
    fn solving_undoes_multiplying() {
        let mut stream = Stream::new(1, 0);
        for n in [1, 2, 5] {
            let a = positive(n, &mut stream);
            let lower = cholesky(&a, n).unwrap();
            let x: Vec<f64> = (0..n * n).map(|_| stream.normal()).collect();
            let mut product = vec![0.0; n * n];
            subtract_product(&mut product, &x, &a, n);
            product.iter_mut().for_each(|v| *v = -*v);
            solve_rows(&lower, &mut product, n);
            assert!(product.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-8));
            let mut complex: Vec<Complex64> = a.iter().map(|v| Complex64::from(*v)).collect();
            let determinant = log_det_hermitian(&mut complex, n).unwrap();
            assert!((determinant - log_det(&lower, n)).abs() < 1e-8);
        }
        assert!(cholesky(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(cholesky(&[f64::NAN], 1).is_none());
    }

    #[test]
    fn an_inverse_times_its_matrix_is_one() {
        let mut stream = Stream::new(2, 0);
        for n in [1, 2, 6] {
            let mut a: Vec<Complex64> =
                (0..n * n).map(|_| Complex64::new(stream.normal(), stream.normal())).collect();
            // a zero on the diagonal asks for a pivot
            if n > 1 {
                a[0] = Complex64::ZERO;
            }
            let (before, mut inverse) = (a.clone(), vec![Complex64::ZERO; n * n]);
            invert(&mut a, &mut inverse, n).unwrap();
            for i in 0..n {
                for j in 0..n {
                    let sum: Complex64 = (0..n).map(|k| inverse[i * n + k] * before[k * n + j]).sum();
                    assert!((sum - f64::from(u8::from(i == j))).norm() < 1e-12);
                }
            }
        }
        let mut singular = [Complex64::ZERO; 4];
        assert!(invert(&mut singular, &mut [Complex64::ZERO; 4], 2).is_none());
    }
}
