//! Connected parts of the edges above a threshold.

/// How large a component is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComponentSize {
    /// Its number of edges.
    #[default]
    Extent,
    /// The sum over its edges of how far they are above the threshold.
    Intensity,
}

/// A connected part of the edges above a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Indices of its edges, ascending.
    pub edges: Vec<usize>,
    /// Its nodes, ascending.
    pub nodes: Vec<usize>,
    /// Its size.
    pub size: f64,
}

/// Sets of nodes that grow together.
#[derive(Clone, Debug)]
pub(crate) struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    pub(crate) fn new(n_nodes: usize) -> Self {
        Self { parent: (0..n_nodes).collect() }
    }

    /// The node that stands for the set of `node`.
    pub(crate) fn root(&mut self, node: usize) -> usize {
        let mut node = node;
        while self.parent[node] != node {
            self.parent[node] = self.parent[self.parent[node]];
            node = self.parent[node];
        }
        node
    }

    /// Joins two sets; the root of the first stands for both.
    pub(crate) fn join(&mut self, first: usize, second: usize) {
        let (first, second) = (self.root(first), self.root(second));
        self.parent[second] = first;
    }
}

/// Components of the edges whose `strength` is above the threshold, the largest first, ties by their first edge.
pub(crate) fn components(
    (n_nodes, edges): (usize, &[(usize, usize)]),
    strengths: &[f64],
    threshold: f64,
    size: ComponentSize,
) -> Vec<Component> {
    let mut sets = Sets::new(n_nodes);
    let above: Vec<usize> = (0..edges.len()).filter(|edge| strengths[*edge] > threshold).collect();
    for edge in &above {
        sets.join(edges[*edge].0, edges[*edge].1);
    }
    let mut found: Vec<Component> = Vec::new();
    let mut place = vec![None; n_nodes];
    for edge in above {
        let root = sets.root(edges[edge].0);
        let index = *place[root].get_or_insert_with(|| {
            found.push(Component { edges: Vec::new(), nodes: Vec::new(), size: 0.0 });
            found.len() - 1
        });
        let component = &mut found[index];
        component.edges.push(edge);
        component.nodes.extend([edges[edge].0, edges[edge].1]);
        component.size += match size {
            ComponentSize::Extent => 1.0,
            ComponentSize::Intensity => strengths[edge] - threshold,
        };
    }
    for component in &mut found {
        component.nodes.sort_unstable();
        component.nodes.dedup();
    }
    found.sort_by(|a, b| b.size.total_cmp(&a.size));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [(usize, usize); 6] = [(1, 0), (2, 1), (3, 2), (5, 4), (6, 5), (6, 4)];

    #[test]
    fn parts_by_hand() {
        let strengths = [3.0, 2.5, 1.0, 2.1, 9.0, 2.0];
        let extent = components((7, &EDGES), &strengths, 2.0, ComponentSize::Extent);
        // two of two edges each; the edge at the threshold is not above it
        assert_eq!(
            extent.iter().map(|c| (c.size, c.edges.clone())).collect::<Vec<_>>(),
            [(2.0, vec![0, 1]), (2.0, vec![3, 4])]
        );
        assert_eq!(extent[1].nodes, [4, 5, 6]);
        let intensity = components((7, &EDGES), &strengths, 2.0, ComponentSize::Intensity);
        assert_eq!(intensity[0].edges, [3, 4]);
        assert!((intensity[0].size - 7.1).abs() < 1e-12 && (intensity[1].size - 1.5).abs() < 1e-12);
        assert!(components((7, &EDGES), &strengths, 9.0, ComponentSize::Extent).is_empty());
    }
}
