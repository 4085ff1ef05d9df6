//! Time-stamped annotation lists.

use crate::bytes::text;

/// One time-stamped annotation list: onset and duration in seconds, and its texts (none: it only keeps time).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tal {
    pub(crate) onset_s: f64,
    pub(crate) duration_s: f64,
    pub(crate) texts: Vec<String>,
}

/// The lists of one record's annotation signal; `None` for one that could not be understood.
pub(crate) fn lists(bytes: &[u8]) -> impl Iterator<Item = Option<Tal>> {
    bytes.split(|byte| *byte == 0).filter(|list| !list.is_empty()).map(one)
}

fn one(list: &[u8]) -> Option<Tal> {
    let mut parts = list.split(|byte| *byte == 0x14);
    let mut stamp = parts.next()?.split(|byte| *byte == 0x15);
    let onset_s = seconds(stamp.next()?)?;
    let duration_s = match stamp.next() {
        None | Some(b"") => 0.0,
        Some(bytes) => seconds(bytes).filter(|d| *d >= 0.0)?,
    };
    // the list ends with a separator, so the last part is empty and no text
    let texts: Vec<String> = parts.map(text).filter(|t| !t.is_empty()).collect();
    list.contains(&0x14).then_some(Tal { onset_s, duration_s, texts })
}

fn seconds(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b));
    text.parse().ok().filter(|v: &f64| numeric && v.is_finite())
}

/// The bytes of one list.
pub(crate) fn encode(onset_s: f64, duration_s: f64, texts: &[&str]) -> Vec<u8> {
    let mut bytes = format!("{onset_s:+}").into_bytes();
    if duration_s > 0.0 {
        bytes.push(0x15);
        bytes.extend(format!("{duration_s}").bytes());
    }
    bytes.push(0x14);
    for text in texts {
        // separators inside a text would end it
        bytes.extend(text.bytes().map(|b| if b == 0 || b == 0x14 || b == 0x15 { b' ' } else { b }));
        bytes.push(0x14);
    }
    if texts.is_empty() {
        bytes.push(0x14);
    }
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All lists, and how many could not be understood.
    fn parse(bytes: &[u8]) -> (Vec<Tal>, usize) {
        let bad = lists(bytes).filter(Option::is_none).count();
        (lists(bytes).flatten().collect(), bad)
    }

    #[test]
    fn the_examples_of_the_specification() {
        let (tals, bad) = parse(b"+180\x14Lights off\x14Close door\x14\0+1800.2\x1525.5\x14Apnea\x14\0\0\0");
        assert_eq!(bad, 0);
        assert_eq!(
            tals[0],
            Tal { onset_s: 180.0, duration_s: 0.0, texts: vec!["Lights off".into(), "Close door".into()] }
        );
        assert_eq!((tals[1].onset_s, tals[1].duration_s), (1800.2, 25.5));
        assert_eq!(parse(b"+567\x14\x14\0").0[0].texts.len(), 0);
        assert_eq!(parse("+1\x14阿尔法\x14\0".as_bytes()).0[0].texts, ["阿尔法"]);
    }

    #[test]
    fn nonsense_is_counted() {
        for bad in [
            &b"noon\x14x\x14\0"[..],
            b"+1e5\x14x\x14\0",
            b"+1\x15-3\x14x\x14\0",
            b"+1 no separator\0",
            b"+inf\x14x\x14\0",
        ] {
            assert_eq!(parse(bad), (vec![], 1), "{}", bad.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_parse_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (tals, _) = parse(&bytes);
            prop_assert!(tals.iter().all(|t| t.onset_s.is_finite() && t.duration_s >= 0.0));
        }

        #[test]
        fn what_is_encoded_parses_back(onset in -1e6..1e6_f64, duration in 0.0..1e5_f64, label in "[a-zA-Zäß ]{1,20}x") {
            let (tals, bad) = parse(&encode(onset, duration, &[&label]));
            prop_assert_eq!(bad, 0);
            prop_assert_eq!(&tals[0], &Tal { onset_s: onset, duration_s: duration, texts: vec![label.trim().to_owned()] });
        }
    }
}
