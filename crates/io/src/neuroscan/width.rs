//! Whether samples have 16 or 32 bits: the header does not say, what the file holds does.

use super::FORMAT;
use super::events::{self, Events};
use super::setup::Setup;
use crate::frames::SampleType;
use crate::{Error, ReadSeek, Result};

/// Samples that are looked at, as bytes.
const LOOK: u64 = 1 << 20;
/// Fewer events at even samples than this prove nothing.
const MIN_EVENTS: usize = 12;

/// Reasons for either.
#[derive(Default)]
pub(crate) struct Evidence {
    pub(crate) for_16: Vec<String>,
    pub(crate) for_32: Vec<String>,
}

/// The number type, and the reasons for it. Without a reason, or with reasons for both, the file is refused.
pub(crate) fn decide(
    name: &str,
    input: &mut dyn ReadSeek,
    setup: &Setup,
    events: &Events,
) -> Result<(SampleType, String)> {
    let mut evidence = Evidence::default();
    sizes(setup, events, &mut evidence);
    trailer(name, input, setup, &mut evidence)?;
    places(setup, events, &mut evidence);
    let look = LOOK.min(events.data_end - setup.data_start);
    words(&events::bytes(name, input, setup.data_start, look)?, setup.channels.len(), &mut evidence);
    let refused = |why: String| {
        let what = format!(
            "whether samples have 16 or 32 bits is not stated, and cannot be told: {why}; \
             open the recording in SCAN or EEGLAB and export it as EDF or BrainVision"
        );
        Err(Error::Unsupported { file: name.into(), format: FORMAT, what })
    };
    match (evidence.for_16.is_empty(), evidence.for_32.is_empty()) {
        (false, true) => Ok((SampleType::Int16, evidence.for_16.join("; "))),
        (true, false) => Ok((SampleType::Int32, evidence.for_32.join("; "))),
        (true, true) => refused("nothing in the file speaks for either".into()),
        (false, false) => {
            refused(format!("for 16: {}; for 32: {}", evidence.for_16.join("; "), evidence.for_32.join("; ")))
        }
    }
}

/// The stated number of samples against the bytes there are.
fn sizes(setup: &Setup, events: &Events, evidence: &mut Evidence) {
    let n_channels = setup.channels.len() as u64;
    let bytes = events.data_end - setup.data_start;
    let n = u64::from(setup.n_samples);
    for (width, list) in [(2, &mut evidence.for_16), (4, &mut evidence.for_32)] {
        if n > 0 && n * n_channels * width == bytes {
            list.push(format!("{bytes} bytes are the stated {n} samples of {n_channels} channels"));
        }
    }
    // without a table, other data may follow the samples
    if events.problem.is_none()
        && bytes.is_multiple_of(2 * n_channels)
        && !bytes.is_multiple_of(4 * n_channels)
    {
        evidence.for_16.push(format!("{bytes} bytes are no whole number of 32-bit samples"));
    }
}

/// SCAN 4 writes a section behind the events, in which a byte tells.
fn trailer(name: &str, input: &mut dyn ReadSeek, setup: &Setup, evidence: &mut Evidence) -> Result<()> {
    if setup.next_file == 0 {
        return Ok(());
    }
    let section = events::bytes(name, input, u64::from(setup.next_file), 53)?;
    if section.starts_with(b"NSI TFF") {
        let place = setup.next_file;
        match section.get(52) {
            Some(0) => evidence.for_16.push(format!("the section at byte {place} says so")),
            Some(1) => evidence.for_32.push(format!("the section at byte {place} says so")),
            _ => {}
        }
    }
    Ok(())
}

/// Events at the beginning of samples.
fn places(setup: &Setup, events: &Events, evidence: &mut Evidence) {
    if !matches!(events.table_type, 1 | 2) {
        return;
    }
    let frame = 2 * setup.channels.len() as u64;
    let places: Option<Vec<u64>> =
        events.all.iter().map(|event| u64::from(event.place).checked_sub(setup.data_start)).collect();
    let Some(places) = places.filter(|places| places.iter().all(|place| place.is_multiple_of(frame))) else {
        return;
    };
    let odd = places.iter().filter(|place| !place.is_multiple_of(2 * frame)).count();
    if odd > 0 {
        evidence.for_16.push(format!("{odd} events begin in the middle of what would be 32-bit samples"));
    } else if places.len() >= MIN_EVENTS {
        evidence.for_32.push(format!("all {} events begin at 32-bit samples", places.len()));
    }
}

/// The upper halves of what would be 32-bit samples: of converters with 24 bits or fewer, they are −128 to 127.
fn words(bytes: &[u8], n_channels: usize, evidence: &mut Evidence) {
    let pairs = bytes.as_chunks::<4>().0;
    // with two channels of 16 bits, upper halves are the second channel, which may be quiet
    if pairs.len() < 1000 || n_channels == 2 {
        return;
    }
    let beyond = |at: usize| {
        let word = |pair: &[u8; 4]| {
            i16::from_le_bytes(if at == 0 { [pair[0], pair[1]] } else { [pair[2], pair[3]] })
        };
        let large = pairs.iter().filter(|pair| !(-128..128).contains(&word(pair))).count();
        large as f64 / pairs.len() as f64
    };
    let (lower, upper) = (beyond(0), beyond(1));
    if upper > 0.05 {
        evidence.for_16.push(format!("{:.0} % of 32-bit samples would be beyond 24 bits", 100.0 * upper));
    } else if upper == 0.0 && lower > 0.25 {
        evidence.for_32.push("every second 16-bit number is the upper half of one of 24 bits".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bytes: &[u8], n_channels: usize) -> (usize, usize) {
        let mut evidence = Evidence::default();
        words(bytes, n_channels, &mut evidence);
        (evidence.for_16.len(), evidence.for_32.len())
    }

    #[test]
    fn upper_halves_tell_the_width() {
        // a slow wave of ±3000 and one of ±40
        let wave = |t: usize, size: f64| (size * (t as f64 * 0.01).sin()) as i32;
        let as_16 = |size| (0..8000).flat_map(|t| (wave(t, size) as i16).to_le_bytes()).collect::<Vec<u8>>();
        let as_32 = |size| (0..4000).flat_map(|t| wave(t, size).to_le_bytes()).collect::<Vec<u8>>();
        assert_eq!(verdict(&as_16(3000.0), 4), (1, 0));
        assert_eq!(verdict(&as_32(3000.0), 4), (0, 1));
        assert_eq!(verdict(&as_32(4e6), 4), (0, 1));
        // too small to tell, too short to tell, too few channels to tell
        assert_eq!(verdict(&as_16(40.0), 4), (0, 0));
        assert_eq!(verdict(&as_32(40.0), 4), (0, 0));
        assert_eq!(verdict(&as_32(3000.0)[..2000], 4), (0, 0));
        assert_eq!(verdict(&as_32(3000.0), 2), (0, 0));
    }
}
