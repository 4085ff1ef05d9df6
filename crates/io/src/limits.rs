//! What a file may ask of memory.
/// Consulted before each allocation that a file's header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits { /// Bytes of one `read`.
    pub max_alloc: u64, pub max_channels: usize, pub max_annotations: usize }
impl Default for Limits { fn default() -> Self { Self { max_alloc: 16 << 30, max_channels: 4096, max_annotations: 1_000_000 } } }
