//! Threshold-free enhancement of the edges of a network.

use super::components::Sets;

/// Exponents of Smith & Nichols 2009, 10.1016/j.neuroimage.2008.03.061.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exponents {
    pub(crate) extent: f64,
    pub(crate) height: f64,
}

/// A component while the threshold falls: its number of edges, what its edges have gathered since it began, and at which
/// height that was last brought up to date.
#[derive(Clone, Copy)]
struct Growing {
    extent: f64,
    gathered: f64,
    at: f64,
}

impl Growing {
    fn fall_to(&mut self, height: f64, exponents: Exponents) {
        let integral = |h: f64| h.powf(exponents.height + 1.0) / (exponents.height + 1.0);
        if self.extent > 0.0 {
            self.gathered += self.extent.powf(exponents.extent) * (integral(self.at) - integral(height));
        }
        self.at = height;
    }
}

/// `∫₀^s e(h)^E · h^H dh` for each edge of strength `s`, `e(h)` the number of edges of its component above the threshold
/// `h`. Exact, without steps: components only change where an edge joins, so the threshold falls from edge to edge and
/// the integral in between is a closed form.
pub(crate) fn enhance(
    (n_nodes, edges): (usize, &[(usize, usize)]),
    strengths: &[f64],
    exponents: Exponents,
) -> Vec<f64> {
    let mut order: Vec<usize> = (0..edges.len()).filter(|edge| strengths[*edge] > 0.0).collect();
    order.sort_by(|a, b| strengths[*b].total_cmp(&strengths[*a]));
    let mut sets = Sets::new(n_nodes);
    let mut growing = vec![Growing { extent: 0.0, gathered: 0.0, at: 0.0 }; n_nodes];
    // what a node's set had gathered before it was joined to the one that it is in: by node, added up on the way
    let mut members: Vec<Vec<usize>> = (0..n_nodes).map(|_| Vec::new()).collect();
    let mut before = vec![0.0; edges.len()];
    for edge in order {
        let height = strengths[edge];
        let (mut large, mut small) = (sets.root(edges[edge].0), sets.root(edges[edge].1));
        if members[large].len() < members[small].len() {
            (large, small) = (small, large);
        }
        growing[large].fall_to(height, exponents);
        if large != small {
            growing[small].fall_to(height, exponents);
            // edges of the smaller one go on from where they are
            let ahead = growing[large].gathered - growing[small].gathered;
            let moved = std::mem::take(&mut members[small]);
            moved.iter().for_each(|edge| before[*edge] += ahead);
            members[large].extend(moved);
            growing[large].extent += growing[small].extent;
            sets.join(large, small);
        }
        before[edge] = growing[large].gathered;
        members[large].push(edge);
        growing[large].extent += 1.0;
    }
    let mut enhanced = vec![0.0; edges.len()];
    for (members, mut component) in members.into_iter().zip(growing) {
        component.fall_to(0.0, exponents);
        for edge in members {
            enhanced[edge] = component.gathered - before[edge];
        }
    }
    enhanced
}

#[cfg(test)]
mod tests {
    use super::super::components::{ComponentSize, components};
    use super::*;
    use crate::stats::Stream;

    const EXPONENTS: Exponents = Exponents { extent: 0.5, height: 2.0 };

    #[test]
    fn one_edge_and_two_by_hand() {
        // alone: s³/3
        let alone = enhance((2, &[(1, 0)]), &[3.0], EXPONENTS);
        assert!((alone[0] - 9.0).abs() < 1e-12);
        // joined below 1: √2·1/3 for both, the stronger 8/3 − 1/3 before
        let two = enhance((3, &[(1, 0), (2, 1)]), &[2.0, 1.0], EXPONENTS);
        let both = 2.0_f64.sqrt() / 3.0;
        assert!((two[0] - (7.0 / 3.0 + both)).abs() < 1e-12 && (two[1] - both).abs() < 1e-12);
        assert_eq!(enhance((2, &[(1, 0)]), &[-1.0], EXPONENTS), [0.0]);
    }

    /// Fine steps of the threshold, components anew at each.
    #[test]
    fn equals_many_small_steps() {
        let mut stream = Stream::new(8, 0);
        let edges: Vec<(usize, usize)> = (0..9).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        let strengths: Vec<f64> = edges.iter().map(|_| 1.5 * stream.normal()).collect();
        let found = enhance((9, &edges), &strengths, EXPONENTS);
        let step = 1e-3;
        let mut slow = vec![0.0; edges.len()];
        for k in 0..6000 {
            let height = (f64::from(k) + 0.5) * step;
            for component in components((9, &edges), &strengths, height, ComponentSize::Extent) {
                for edge in component.edges {
                    slow[edge] += component.size.sqrt() * height * height * step;
                }
            }
        }
        for (found, slow) in found.iter().zip(&slow) {
            assert!((found - slow).abs() < 0.005 * (1.0 + slow), "{found} {slow}");
        }
    }

    #[test]
    fn equal_strengths_do_not_depend_on_the_order_of_edges() {
        let edges = [(1, 0), (2, 1), (3, 2), (3, 0)];
        let found = enhance((4, &edges), &[1.0; 4], EXPONENTS);
        assert!(found.iter().all(|value| (value - 2.0 / 3.0).abs() < 1e-12), "{found:?}");
    }
}
