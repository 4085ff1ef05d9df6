//! Blocks within blocks, each with its tags.

use super::tag::Tag;

/// All blocks of a file, in the order in which they begin.
pub(crate) struct Tree {
    blocks: Vec<Block>,
}

struct Block {
    kind: i32,
    /// Its parent; the root is its own.
    parent: usize,
    tags: Vec<Tag>,
}

impl Tree {
    pub(crate) fn new(root: i32) -> Self {
        Self { blocks: vec![Block { kind: root, parent: 0, tags: Vec::new() }] }
    }

    /// Begins a block within `parent`.
    pub(crate) fn open(&mut self, kind: i32, parent: usize) -> usize {
        self.blocks.push(Block { kind, parent, tags: Vec::new() });
        self.blocks.len() - 1
    }

    pub(crate) fn add(&mut self, block: usize, tag: Tag) {
        if let Some(block) = self.blocks.get_mut(block) {
            block.tags.push(tag);
        }
    }

    /// The first block of a kind.
    pub(crate) fn first(&self, kind: i32) -> Option<usize> {
        self.blocks.iter().position(|block| block.kind == kind)
    }

    /// All blocks of a kind that lie in `ancestor`, at any depth.
    pub(crate) fn within(&self, ancestor: usize, kind: i32) -> Vec<usize> {
        let all = self.blocks.iter().enumerate().filter(|(_, block)| block.kind == kind);
        all.map(|(i, _)| i).filter(|i| self.lies_in(*i, ancestor)).collect()
    }

    fn lies_in(&self, mut block: usize, ancestor: usize) -> bool {
        while block != ancestor {
            match self.blocks.get(block) {
                Some(Block { parent, .. }) if *parent != block => block = *parent,
                _ => return false,
            }
        }
        true
    }

    /// The tags of a block, without those of the blocks in it.
    pub(crate) fn tags(&self, block: usize) -> &[Tag] {
        self.blocks.get(block).map_or(&[], |block| &block.tags)
    }

    /// The first tag of a kind in a block.
    pub(crate) fn find(&self, block: usize, kind: i32) -> Option<Tag> {
        self.tags(block).iter().find(|tag| tag.kind == kind).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_at_any_depth() {
        let mut tree = Tree::new(999);
        let meas = tree.open(100, 0);
        let info = tree.open(101, meas);
        let names = tree.open(113, info);
        let other = tree.open(113, 0);
        tree.add(names, Tag { kind: 258, kind_of_data: 10, size: 2, position: 7 });
        assert_eq!(tree.first(113), Some(names));
        assert_eq!(tree.within(meas, 113), [names]);
        assert_eq!(tree.within(0, 113), [names, other]);
        assert_eq!(tree.find(names, 258).map(|tag| tag.position), Some(7));
        assert!(tree.find(info, 258).is_none());
    }
}
