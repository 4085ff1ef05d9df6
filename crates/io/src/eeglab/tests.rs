//! MAT files written here byte by byte: both byte orders, bombs, and odd contents.

use super::mat5_array::Want;
use super::value::{Numbers, Value};
use super::{mat5, set};
use crate::bytes::Endian;
use crate::{Error, Limits, MemorySource, open_source};
use flate2::{Compression, write::ZlibEncoder};
use std::io::{Cursor, Write};

/// Writes elements in a byte order.
#[derive(Clone, Copy)]
struct Writer(Endian);

impl Writer {
    fn number(self, value: u32) -> [u8; 4] {
        match self.0 {
            Endian::Little => value.to_le_bytes(),
            Endian::Big => value.to_be_bytes(),
        }
    }

    fn element(self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = [self.number(kind), self.number(bytes.len() as u32)].concat();
        out.extend(bytes);
        if kind != 15 {
            out.resize(out.len().next_multiple_of(8), 0);
        }
        out
    }

    /// Up to four bytes beside their type and number.
    fn small(self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.number((bytes.len() as u32) << 16 | kind).to_vec();
        out.extend(bytes);
        out.resize(8, 0);
        out
    }

    fn array(self, class: u32, dims: &[u32], name: &str, contents: &[Vec<u8>]) -> Vec<u8> {
        let flags = [self.number(class), self.number(0)].concat();
        let dims: Vec<u8> = dims.iter().flat_map(|d| self.number(*d)).collect();
        let name =
            if name.len() < 5 { self.small(1, name.as_bytes()) } else { self.element(1, name.as_bytes()) };
        let parts = [self.element(6, &flags), self.element(5, &dims), name, contents.concat()];
        self.element(14, &parts.concat())
    }

    fn double(self, name: &str, value: f64) -> Vec<u8> {
        let bytes = match self.0 {
            Endian::Little => value.to_le_bytes(),
            Endian::Big => value.to_be_bytes(),
        };
        self.array(6, &[1, 1], name, &[self.element(9, &bytes)])
    }

    fn text(self, name: &str, text: &str) -> Vec<u8> {
        let bytes: Vec<u8> = text
            .encode_utf16()
            .flat_map(|code| match self.0 {
                Endian::Little => code.to_le_bytes(),
                Endian::Big => code.to_be_bytes(),
            })
            .collect();
        self.array(4, &[1, text.encode_utf16().count() as u32], name, &[self.element(4, &bytes)])
    }

    fn structure(self, dims: &[u32], name: &str, (fields, values): (&[&str], &[Vec<u8>])) -> Vec<u8> {
        let mut names = Vec::new();
        for field in fields {
            names.extend(field.as_bytes());
            names.resize(names.len().next_multiple_of(16), 0);
        }
        let contents = [self.small(5, &self.number(16)), self.element(1, &names), values.concat()];
        self.array(2, dims, name, &contents)
    }

    fn file(self, elements: &[Vec<u8>]) -> Vec<u8> {
        let mut out = vec![b' '; 124];
        out.extend(if self.0 == Endian::Little { [0, 1, b'I', b'M'] } else { [1, 0, b'M', b'I'] });
        out.extend(elements.concat());
        out
    }

    fn deflated(self, array: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(array).unwrap();
        self.element(15, &encoder.finish().unwrap())
    }
}

const LITTLE: Writer = Writer(Endian::Little);

fn variables(file: Vec<u8>) -> Result<Vec<(String, Value)>, Error> {
    mat5::read("a.set", &mut Cursor::new(file), |_| Want::Load)
}

fn message(file: Vec<u8>) -> String {
    variables(file).unwrap_err().to_string()
}

/// A set of two channels and three samples.
fn whole_set(w: Writer) -> Vec<u8> {
    let samples: Vec<u8> = [1_i16, 10, 2, 20, 3, 30]
        .iter()
        .flat_map(|v| if w.0 == Endian::Little { v.to_le_bytes() } else { v.to_be_bytes() })
        .collect();
    let data = w.array(7, &[2, 3], "", &[w.element(3, &samples)]);
    let labels = [w.text("", "Cz"), w.text("", "Pz")];
    let chanlocs = w.structure(&[1, 2], "", (&["labels"], &labels));
    let fields = ["srate", "nbchan", "data", "chanlocs", "junk"];
    let junk = w.array(17, &[], "", &[vec![9; 40]]);
    let values = [w.double("", 250.0), w.double("", 2.0), data, chanlocs, junk];
    w.structure(&[1, 1], "EEG", (&fields, &values))
}

#[test]
fn sets_of_both_byte_orders_deflated_and_not() {
    for w in [LITTLE, Writer(Endian::Big)] {
        let set = whole_set(w);
        for elements in [vec![set.clone()], vec![w.double("other", 1.0), w.deflated(&set)]] {
            let source = MemorySource::new("a.set", w.file(&elements));
            let mut reader = open_source(Box::new(source), &Limits::default()).unwrap();
            let recording = reader.read(0..3).unwrap();
            assert_eq!(recording.data_uv(), ndarray::arr2(&[[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]));
            assert_eq!((recording.header().ch_names(), recording.sfreq().0), (vec!["Cz", "Pz"], 250.0));
        }
    }
}

#[test]
fn text_and_numbers_in_the_ways_that_writers_choose() {
    let w = LITTLE;
    let utf8 = w.array(4, &[1, 2], "a", &[w.small(16, "µV".as_bytes())]);
    let latin = w.array(4, &[1, 2], "b", &[w.small(1, &[0xb5, b'V'])]);
    let rows = w.array(4, &[2, 3], "c", &[w.element(4, b"a\0d\0b\0e\0c\0 \0")]);
    let byte = w.array(6, &[1, 3], "d", &[w.small(2, &[1, 2, 255])]);
    let cell = w.array(1, &[1, 2], "e", &[w.double("", 7.0), w.element(14, &[])]);
    let found = variables(w.file(&[utf8, latin, rows, byte, cell])).unwrap();
    let text = |t: &str| Value::Text(t.into());
    let values: Vec<&Value> = found.iter().map(|(_, value)| value).collect();
    assert_eq!(values[..3], [&text("µV"), &text("µV"), &text("abc\nde")]);
    assert_eq!(values[3], &Value::Numbers(Numbers { dims: vec![1, 3], values: vec![1.0, 2.0, 255.0] }));
    let Value::Cell(items) = values[4] else { panic!("{values:?}") };
    assert_eq!((items[0].number(), items[1].numbers().len()), (Some(7.0), 0));
}

#[test]
fn what_a_file_claims_beyond_what_it_holds_is_refused() {
    let w = LITTLE;
    // a cell of 2³¹ elements in a few bytes
    let text = message(w.file(&[w.array(1, &[1 << 16, 1 << 15], "a", &[])]));
    assert!(
        text.contains("array dimensions at byte") && text.contains("2147483648 elements in 0 bytes"),
        "{text}"
    );
    let text = message(w.file(&[w.array(6, &[1, 3], "a", &[w.element(9, &[0; 16])])]));
    assert!(text.contains("16 bytes for dimensions [1, 3]; 24 bytes"), "{text}");
    let mut long = w.file(&[w.double("a", 1.0)]);
    long[132..136].copy_from_slice(&u32::MAX.to_le_bytes());
    let text = message(long);
    assert!(text.contains("a variable at byte 136 is an element of 4294967295 bytes where"), "{text}");
    let text = message(w.file(&[w.element(77, &[0; 8])]));
    assert!(text.contains("of type 77"), "{text}");
    let text = message(vec![0; 200]);
    assert!(text.contains("version at byte 124"), "{text}");
}

#[test]
fn depth_ends() {
    let nest = |n: usize| {
        let mut inner = LITTLE.double("", 1.0);
        for _ in 0..n {
            inner = LITTLE.array(1, &[1, 1], "a", &[inner]);
        }
        LITTLE.file(&[inner])
    };
    assert!(variables(nest(16)).is_ok());
    let text = message(nest(17));
    assert!(text.contains("an array at byte") && text.contains("nested 17 deep; at most 16"), "{text}");
}

/// A few kilobytes that unfold to a cell of 32 MB of bytes, which are 256 MB of numbers.
#[test]
fn a_deflated_bomb_is_stopped() {
    let zeros = vec![0_u8; 8 << 20];
    let inner = LITTLE.array(9, &[zeros.len() as u32, 1], "", &[LITTLE.element(2, &zeros)]);
    let n = 4;
    let bomb = LITTLE.array(1, &[n, 1], "event", &vec![inner; n as usize]);
    let file = LITTLE.file(&[LITTLE.deflated(&bomb)]);
    assert!(file.len() < 1 << 18, "{}", file.len());
    let text = message(file);
    assert!(text.contains("what the file holds beside samples (bytes)"), "{text}");
}

#[test]
fn a_damaged_deflated_part_says_where_it_stands() {
    let mut file = LITTLE.file(&[LITTLE.deflated(&whole_set(LITTLE))]);
    file[160] ^= 0xff;
    let error = mat5::read("a.set", &mut Cursor::new(file), set::plan).err().map(|e| e.to_string());
    assert!(
        error.as_deref().is_some_and(|e| e.contains("inflated, byte") && e.contains("at byte 136")),
        "{error:?}"
    );
}

#[test]
fn other_mat_files_say_what_they_hold() {
    let file = LITTLE.file(&[LITTLE.double("PSD", 1.0), LITTLE.double("freqs", 1.0)]);
    let source = MemorySource::new("a.mat", file);
    let text = open_source(Box::new(source), &Limits::default()).err().unwrap().to_string();
    assert!(text.contains("a.mat: EEGLAB: this MAT file holds PSD, freqs, and no EEG structure"), "{text}");
}
