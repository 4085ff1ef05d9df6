//! Bytes of an HDF5 file by address, and a cursor over a piece of them.

use crate::{Error, Limits, ReadSeek, Result};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

pub(crate) const FORMAT: &str = "HDF5";

/// Memory and reading that everything but samples may take, bytes.
const MAX_METADATA: u64 = 1 << 30;
/// Bytes read at once for metadata, and how many such pages are kept.
const PAGE: u64 = 1 << 16;
const MAX_PAGES: usize = 64;
/// Address that names nothing.
const UNDEFINED: u64 = u64::MAX;

/// A file, read by address.
pub(crate) struct Input {
    pub(crate) file: String,
    reader: Box<dyn ReadSeek>,
    /// Where address 0 stands: behind the user block.
    base: u64,
    size: u64,
    /// Bytes of an address.
    pub(crate) address_bytes: usize,
    /// Bytes of a length.
    pub(crate) length_bytes: usize,
    pub(crate) limits: Limits,
    spent: u64,
    pages: HashMap<u64, Vec<u8>>,
}

impl Input {
    pub(crate) fn new(file: &str, mut reader: Box<dyn ReadSeek>, limits: Limits) -> Result<Self> {
        let size = reader.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: file.into(), source })?;
        let file = file.to_owned();
        Ok(Self {
            file,
            reader,
            base: 0,
            size,
            address_bytes: 8,
            length_bytes: 8,
            limits,
            spent: 0,
            pages: HashMap::new(),
        })
    }

    /// Bytes behind the user block.
    pub(crate) fn size(&self) -> u64 {
        self.size.saturating_sub(self.base)
    }

    pub(crate) fn set_base(&mut self, base: u64) {
        self.base = base;
    }

    /// Counts metadata before it is taken, so that a file that leads in circles or unfolds without end comes to an end.
    pub(crate) fn spend(&mut self, bytes: u64) -> Result<()> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent <= MAX_METADATA {
            return Ok(());
        }
        let what = "what the file holds beside samples (bytes)".into();
        Err(Error::Limit { file: (&self.file).into(), what, asked: self.spent, allowed: MAX_METADATA })
    }

    /// `n` bytes of metadata at an address.
    pub(crate) fn metadata(&mut self, address: u64, n: u64, what: &'static str) -> Result<Vec<u8>> {
        self.spend(n.saturating_add(64))?;
        self.check(address, n, what)?;
        let mut bytes = Vec::with_capacity(n as usize);
        while (bytes.len() as u64) < n {
            let at = self.base + address + bytes.len() as u64;
            let page = self.page(at / PAGE)?;
            let from = page.get((at % PAGE) as usize..).unwrap_or_default();
            let wanted = (n as usize - bytes.len()).min(from.len());
            if wanted == 0 {
                return Err(Error::Io { file: (&self.file).into(), source: ErrorKind::UnexpectedEof.into() });
            }
            bytes.extend(from.iter().take(wanted));
        }
        Ok(bytes)
    }

    /// A piece of the file, kept because metadata are many small pieces close to each other.
    fn page(&mut self, number: u64) -> Result<&[u8]> {
        if self.pages.len() >= MAX_PAGES && !self.pages.contains_key(&number) {
            self.pages.clear();
        }
        let failed = |source| Error::Io { file: (&self.file).into(), source };
        match self.pages.entry(number) {
            Entry::Occupied(page) => Ok(page.into_mut()),
            Entry::Vacant(place) => {
                let mut bytes = Vec::new();
                self.reader.seek(SeekFrom::Start(number * PAGE)).map_err(failed)?;
                Read::take(&mut self.reader, PAGE).read_to_end(&mut bytes).map_err(failed)?;
                Ok(place.insert(bytes))
            }
        }
    }

    /// Refuses what does not lie in the file.
    fn check(&self, address: u64, n: u64, what: &'static str) -> Result<()> {
        if address != UNDEFINED && address.saturating_add(n) <= self.size() {
            return Ok(());
        }
        let found = format!("{n} bytes at address {address}, of {} in the file", self.size());
        Err(self.wrong(address, what, found, "addresses within the file; it is damaged or cut off"))
    }

    /// `n` bytes at an address. Nothing is taken from memory for bytes that the file does not have.
    pub(crate) fn bytes(&mut self, address: u64, n: u64, what: &'static str) -> Result<Vec<u8>> {
        self.check(address, n, what)?;
        let failed = |source| Error::Io { file: (&self.file).into(), source };
        self.reader.seek(SeekFrom::Start(self.base + address)).map_err(failed)?;
        let mut bytes = vec![0; usize::try_from(n).unwrap_or(usize::MAX)];
        self.reader.read_exact(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }

    /// A cursor over `bytes`, which stand at `address`.
    pub(crate) fn cursor<'a>(&'a self, bytes: &'a [u8], address: u64, what: &'static str) -> Cursor<'a> {
        Cursor { input: self, bytes, at: 0, address, what }
    }

    /// Metadata that begins with a signature, which is taken off.
    pub(crate) fn signed(
        &mut self,
        address: u64,
        n: u64,
        signature: &[u8; 4],
        what: &'static str,
    ) -> Result<Vec<u8>> {
        let bytes = self.metadata(address, n, what)?;
        match bytes.strip_prefix(signature.as_slice()) {
            Some(rest) => Ok(rest.to_vec()),
            None => {
                let found = format!("\"{}\"", bytes.get(..4).unwrap_or(&bytes).escape_ascii());
                let allowed = format!("\"{}\"; the file is damaged", signature.escape_ascii());
                Err(self.wrong(address, what, found, &allowed))
            }
        }
    }

    pub(crate) fn wrong(&self, address: u64, what: &str, found: String, allowed: &str) -> Error {
        Error::Malformed {
            file: (&self.file).into(),
            format: FORMAT,
            field: what.into(),
            offset: self.base.saturating_add(address),
            found,
            allowed: allowed.into(),
        }
    }

    pub(crate) fn unsupported(&self, what: impl Into<String>) -> Error {
        Error::Unsupported { file: (&self.file).into(), format: FORMAT, what: what.into() }
    }
}

/// Takes numbers one after the other; all of HDF5's own are little-endian.
pub(crate) struct Cursor<'a> {
    input: &'a Input,
    bytes: &'a [u8],
    at: usize,
    address: u64,
    what: &'static str,
}

impl<'a> Cursor<'a> {
    pub(crate) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.at.saturating_add(n);
        let Some(bytes) = self.bytes.get(self.at..end) else {
            let found = format!("cut off after {} of {n} bytes", self.left());
            return Err(self.wrong(found, "the file is damaged"));
        };
        self.at = end;
        Ok(bytes)
    }

    pub(crate) fn skip(&mut self, n: usize) -> Result<()> {
        self.take(n).map(|_| ())
    }

    /// Goes on to the next multiple of eight bytes from where the cursor began.
    pub(crate) fn align(&mut self) -> Result<()> {
        self.skip((8 - self.at % 8) % 8)
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    /// Address of the next byte.
    pub(crate) fn here(&self) -> u64 {
        self.address.saturating_add(self.at as u64)
    }

    /// A number of `n` bytes, at most eight.
    pub(crate) fn uint(&mut self, n: usize) -> Result<u64> {
        Ok(self.take(n)?.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.uint(1)? as u8)
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        Ok(self.uint(2)? as u16)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(self.uint(4)? as u32)
    }

    /// An address; `None` where it names nothing.
    pub(crate) fn address(&mut self) -> Result<Option<u64>> {
        let n = self.input.address_bytes;
        let undefined = if n >= 8 { UNDEFINED } else { (1 << (8 * n)) - 1 };
        Ok(Some(self.uint(n)?).filter(|address| *address != undefined))
    }

    /// An address that must name something.
    pub(crate) fn some_address(&mut self) -> Result<u64> {
        match self.address()? {
            Some(address) => Ok(address),
            None => Err(self.wrong("no address".into(), "an address; the file is damaged")),
        }
    }

    pub(crate) fn length(&mut self) -> Result<u64> {
        self.uint(self.input.length_bytes)
    }

    /// Text up to a NUL.
    pub(crate) fn text(&mut self) -> Result<String> {
        let n = self.bytes.iter().skip(self.at).position(|byte| *byte == 0).unwrap_or(self.left());
        let text = String::from_utf8_lossy(self.take(n)?).into_owned();
        self.skip(1.min(self.left()))?;
        Ok(text)
    }

    pub(crate) fn wrong(&self, found: String, allowed: &str) -> Error {
        self.input.wrong(self.here(), self.what, found, allowed)
    }

    pub(crate) fn unsupported(&self, what: impl Into<String>) -> Error {
        self.input.unsupported(what)
    }
}
