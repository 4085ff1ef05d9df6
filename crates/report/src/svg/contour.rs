//! Outlines of the places where a grid of values is at least a level (marching squares).

use super::num;
use std::fmt::Write as _;

/// Values at the crossings of a square grid, row by row.
pub(crate) struct Grid {
    side: usize,
    values: Vec<f64>,
    /// Pixel of the first crossing, and pixels between crossings.
    origin: f64,
    step: f64,
}

const NOWHERE: usize = usize::MAX;

impl Grid {
    /// `side` × `side` values of `height(x, y)` over the square from `-reach` to `reach`; the rim lies below everything,
    /// so that every outline closes.
    pub(crate) fn sampled(side: usize, reach: f64, floor: f64, height: impl Fn(f64, f64) -> f64) -> Self {
        let step = 2.0 * reach / (side - 1) as f64;
        let at = |i: usize| -reach + step * i as f64;
        let is_rim = |i: usize| i == 0 || i == side - 1;
        let cells = (0..side).flat_map(|row| (0..side).map(move |column| (row, column)));
        let values = cells
            .map(
                |(row, column)| {
                    if is_rim(row) || is_rim(column) { floor } else { height(at(column), at(row)) }
                },
            )
            .collect();
        Self { side, values, origin: -reach, step }
    }

    /// Whether any value reaches the level.
    pub(crate) fn reaches(&self, level: f64) -> bool {
        self.values.iter().any(|value| *value >= level)
    }

    /// Whether the same places reach both levels.
    pub(crate) fn same_places(&self, level: f64, other: f64) -> bool {
        self.values.iter().all(|value| (*value >= level) == (*value >= other))
    }

    /// SVG path around all places at or above the level; holes are inner outlines, to be filled `evenodd`.
    pub(crate) fn outline(&self, level: f64) -> String {
        let mut next = self.crossings(level);
        let mut d = String::new();
        for start in 0..next.len() {
            let mut edge = start;
            let mut command = "M";
            while next[edge] != NOWHERE {
                let [x, y] = self.crossing(edge, level);
                let _ = write!(d, "{command}{} {}", num(x), num(y));
                command = "L";
                edge = std::mem::replace(&mut next[edge], NOWHERE);
            }
            if command == "L" {
                d.push('Z');
            }
        }
        d
    }

    /// For each edge of the grid at which an outline enters a cell: the edge at which it leaves it.
    ///
    /// Clockwise around a cell, every step from inside to outside begins a piece of the outline, and the next step from
    /// outside to inside ends it; the neighbour behind that edge sees the same step the other way round.
    fn crossings(&self, level: f64) -> Vec<usize> {
        let mut next = vec![NOWHERE; 2 * self.values.len()];
        for row in 0..self.side - 1 {
            for column in 0..self.side - 1 {
                let first = row * self.side + column;
                let below = first + self.side;
                let inside = [first, first + 1, below + 1, below].map(|corner| self.values[corner] >= level);
                // horizontal edges have even numbers, vertical ones odd, counted by their first crossing
                let edges = [2 * first, 2 * (first + 1) + 1, 2 * below, 2 * first + 1];
                for i in (0..4).filter(|i| inside[*i] && !inside[(i + 1) % 4]) {
                    let end = (i + 1..i + 4).find(|j| !inside[j % 4] && inside[(j + 1) % 4]).unwrap_or(i);
                    next[edges[i]] = edges[end % 4];
                }
            }
        }
        next
    }

    /// Where the level is crossed on an edge.
    fn crossing(&self, edge: usize, level: f64) -> [f64; 2] {
        let from = edge / 2;
        let is_vertical = edge % 2 == 1;
        let to = if is_vertical { from + self.side } else { from + 1 };
        let (a, b) = (self.values[from], self.values[to]);
        let part = ((level - a) / (b - a)).clamp(0.0, 1.0);
        let (row, column) = ((from / self.side) as f64, (from % self.side) as f64);
        let [x, y] = if is_vertical { [column, row + part] } else { [column + part, row] };
        [self.origin + self.step * x, self.origin + self.step * y]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peak_has_one_diamond_around_it() {
        let peak = Grid::sampled(5, 2.0, -1.0, |x, y| if x == 0.0 && y == 0.0 { 1.0 } else { -1.0 });
        assert_eq!(peak.outline(0.0), "M0 -0.5L0.5 0L0 0.5L-0.5 0Z");
        assert!(!peak.reaches(2.0) && peak.outline(2.0).is_empty());
    }

    /// Twice the area inside a path of one outline, with sign.
    fn double_area(outline: &str) -> f64 {
        let points: Vec<[f64; 2]> = outline
            .trim_start_matches('M')
            .split('L')
            .map(|pair| {
                let mut numbers = pair.split(' ').map(|n| n.parse::<f64>().unwrap());
                [numbers.next().unwrap(), numbers.next().unwrap()]
            })
            .collect();
        let following = points.iter().cycle().skip(1);
        points.iter().zip(following).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
    }

    #[test]
    fn a_cone_is_cut_into_circles() {
        let cone = Grid::sampled(101, 100.0, -100.0, |x, y| 80.0 - x.hypot(y));
        let path = cone.outline(30.0);
        let outlines: Vec<&str> = path.split('Z').filter(|o| !o.is_empty()).collect();
        assert_eq!(outlines.len(), 1);
        let area = 0.5 * double_area(outlines[0]).abs();
        assert!((area / (std::f64::consts::PI * 2500.0) - 1.0).abs() < 0.003, "{area}");
    }

    #[test]
    fn a_crater_has_a_hole_and_a_saddle_stays_closed() {
        let crater = Grid::sampled(101, 100.0, -100.0, |x, y| 10.0 - (x.hypot(y) - 50.0).abs());
        let path = crater.outline(0.0);
        let areas: Vec<f64> =
            path.split('Z').filter(|o| !o.is_empty()).map(|o| 0.5 * double_area(o).abs()).collect();
        assert_eq!(areas.len(), 2);
        let ring = (areas[0] - areas[1]).abs();
        assert!((ring / (std::f64::consts::PI * (3600.0 - 1600.0)) - 1.0).abs() < 0.01, "{ring}");
        let saddle = Grid::sampled(21, 1.0, -1.0, |x, y| x * y);
        assert_eq!(saddle.outline(0.2).matches('Z').count(), 2);
    }
}
