//! BrainVision: a header (`.vhdr`), markers (`.vmrk`) and samples (`.eeg`, `.dat`, `.seg`).
//!
//! BrainVision Core Data Format 1.0 (Brain Products GmbH), <https://www.brainproducts.com/support-resources/brainvision-core-data-format-1-0/>.

pub(crate) mod date;
mod filters;
mod impedances;
mod ini;
mod reader;
mod samples;
mod vhdr;
mod vmrk;
mod write;

pub use write::write;

use crate::source::find;
use crate::{Error, Format, Limits, Reader, Result, Source};

/// BrainVision recordings.
#[derive(Clone, Copy, Debug)]
pub struct BrainVision;

impl Format for BrainVision {
    fn name(&self) -> &'static str {
        "BrainVision"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["vhdr"]
    }

    fn sniff(&self, name: &str, head: &[u8]) -> bool {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let first = String::from_utf8_lossy(first);
        let is_ours = first.trim_start_matches('\u{feff}').starts_with("Brain");
        // data files have no signature of their own: their name has to do
        (is_ours && (first.contains("Header File") || first.contains("Marker File")))
            || names_data(name) && !head.is_empty()
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        let name = source.name().to_owned();
        if let Some((stem, ending)) = name.rsplit_once('.')
            && (ending.eq_ignore_ascii_case("vmrk") || names_data(&name))
        {
            return Err(Error::Unsupported {
                file: (&name).into(),
                format: "BrainVision",
                what: match find(source.as_ref(), &format!("{stem}.vhdr")) {
                    Some(header) => format!("this is one of three files; open its header '{header}' instead"),
                    None => {
                        format!("this is one of three files; its header '{stem}.vhdr' is missing beside it")
                    }
                },
            });
        }
        Ok(Box::new(reader::BrainVisionReader::open(source.as_ref(), *limits)?))
    }
}

fn names_data(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("eeg"))
}

#[cfg(test)]
mod tests;
