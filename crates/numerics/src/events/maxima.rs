//! Local maxima that keep a distance.

/// Indices, ascending, of local maxima at least `distance` samples apart: the largest is taken first, then the
/// largest of those far enough from all taken. Of a plateau, its first sample counts; the ends are no maxima.
pub(super) fn separated_maxima(x: &[f64], distance: usize) -> Vec<usize> {
    let mut order: Vec<usize> =
        (1..x.len().saturating_sub(1)).filter(|t| x[t - 1] < x[*t] && x[*t] >= x[t + 1]).collect();
    order.sort_by(|a, b| x[*b].total_cmp(&x[*a]).then(a.cmp(b)));
    let mut taken = std::collections::BTreeSet::new();
    for t in order {
        let near = t.saturating_sub(distance.saturating_sub(1))..t + distance.max(1);
        if taken.range(near).next().is_none() {
            taken.insert(t);
        }
    }
    taken.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_of_two_neighbours_stays() {
        let x = [0.0, 3.0, 0.0, 5.0, 5.0, 0.0, 4.0, 0.0, 0.0, 9.0];
        assert_eq!(separated_maxima(&x, 1), [1, 3, 6]);
        assert_eq!(separated_maxima(&x, 2), [1, 3, 6]);
        assert_eq!(separated_maxima(&x, 3), [3, 6]);
        assert_eq!(separated_maxima(&x, 4), [3]);
        assert_eq!(separated_maxima(&x[..2], 1), [0; 0]);
    }
}
