//! Rows into columns.

use super::{Lanes, WIDTH};

/// Eight rows of eight values into eight columns, in three steps that compilers make shuffles of whole vectors of: neighbours,
/// pairs and halves change places.
#[inline(always)]
pub(crate) fn transpose([a, b, c, d, e, f, g, h]: [Row; WIDTH]) -> [Lanes; WIDTH] {
    let ([a, b], [c, d], [e, f], [g, h]) = (singles(a, b), singles(c, d), singles(e, f), singles(g, h));
    let ([a, c], [b, d], [e, g], [f, h]) = (pairs(a, c), pairs(b, d), pairs(e, g), pairs(f, h));
    let ([a, e], [b, f], [c, g], [d, h]) = (halves(a, e), halves(b, f), halves(c, g), halves(d, h));
    [Lanes(a), Lanes(b), Lanes(c), Lanes(d), Lanes(e), Lanes(f), Lanes(g), Lanes(h)]
}

type Row = [f64; WIDTH];

#[inline(always)]
fn singles(a: Row, b: Row) -> [Row; 2] {
    [[a[0], b[0], a[2], b[2], a[4], b[4], a[6], b[6]], [a[1], b[1], a[3], b[3], a[5], b[5], a[7], b[7]]]
}

#[inline(always)]
fn pairs(a: Row, b: Row) -> [Row; 2] {
    [[a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5]], [a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7]]]
}

#[inline(always)]
fn halves(a: Row, b: Row) -> [Row; 2] {
    [[a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]], [a[4], a[5], a[6], a[7], b[4], b[5], b[6], b[7]]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let rows: [Row; WIDTH] = std::array::from_fn(|i| std::array::from_fn(|j| (10 * i + j) as f64));
        let columns = transpose(rows);
        for (j, column) in columns.iter().enumerate() {
            assert_eq!(*column, Lanes(std::array::from_fn(|i| (10 * i + j) as f64)));
        }
    }
}
