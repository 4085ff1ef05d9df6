//! A file read from front to back, a piece at a time, without copying it.

use crate::{Error, ReadSeek, Result};
use std::io::{Read, Seek, SeekFrom};

/// Bytes in memory, unless more are asked for at once.
const BUFFER: usize = 1 << 20;

/// A stretch of a file in memory that moves with what is asked for.
pub(crate) struct Window {
    pub(crate) name: String,
    input: Box<dyn ReadSeek>,
    pub(crate) size: u64,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    start: u64,
}

impl Window {
    pub(crate) fn new(name: &str, mut input: Box<dyn ReadSeek>) -> Result<Self> {
        let size = input.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: name.into(), source })?;
        Ok(Self { name: name.to_owned(), input, size, buffer: Vec::new(), start: 0 })
    }

    /// The `n` bytes at `at`; fewer where the file ends. What may be asked for at once, the caller has to bound.
    pub(crate) fn bytes(&mut self, at: u64, n: usize) -> Result<&[u8]> {
        let inside = |start: u64, len: usize| {
            let from = usize::try_from(at.checked_sub(start)?).ok()?;
            (from.checked_add(n)? <= len).then_some(from)
        };
        let from = match inside(self.start, self.buffer.len()) {
            Some(from) => from,
            None => {
                self.load(at, n.max(BUFFER))?;
                0
            }
        };
        let end = from.saturating_add(n).min(self.buffer.len());
        Ok(self.buffer.get(from..end).unwrap_or_default())
    }

    /// Exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Result<Option<[u8; N]>> {
        Ok(self.bytes(at, N)?.first_chunk().copied())
    }

    fn load(&mut self, at: u64, n: usize) -> Result<()> {
        let failed = |source| Error::Io { file: (&self.name).into(), source };
        self.buffer.clear();
        self.start = at;
        let left = self.size.saturating_sub(at);
        self.input.seek(SeekFrom::Start(at)).map_err(failed)?;
        self.input.by_ref().take(left.min(n as u64)).read_to_end(&mut self.buffer).map_err(failed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn any_place_can_be_asked_for() {
        let all: Vec<u8> = (0..3 * BUFFER).map(|i| (i % 251) as u8).collect();
        let mut window = Window::new("a", Box::new(Cursor::new(all.clone()))).unwrap();
        for (at, n) in
            [(0, 4), (BUFFER - 2, 8), (5, 3), (2 * BUFFER, BUFFER), (3 * BUFFER - 1, 1), (7, 2 * BUFFER)]
        {
            assert_eq!(window.bytes(at as u64, n).unwrap(), &all[at..at + n], "{at} {n}");
        }
        assert_eq!(window.bytes(3 * BUFFER as u64 - 1, 9).unwrap().len(), 1);
        assert_eq!(window.bytes(u64::MAX, 9).unwrap().len(), 0);
        assert_eq!(window.array::<4>(3 * BUFFER as u64 - 3).unwrap(), None);
    }
}
