//! Files by the HDF Group's own library (`testdata/generate/hdf5_kinds.py`), of three versions of the format.

use super::{H5, Kind, walk};
use crate::{FileSource, Limits, Source};

const FILES: [&str; 3] = ["earliest.h5", "v108.h5", "latest.h5"];

fn open(name: &str) -> H5 {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/hdf5/");
    let source = FileSource::new(format!("{folder}{name}")).unwrap();
    H5::open(name, source.open().unwrap(), Limits::default()).unwrap()
}

#[test]
fn numbers_of_all_types_layouts_and_filters() {
    for name in FILES {
        let mut h5 = open(name);
        let group = h5.path("numbers").unwrap().unwrap();
        let links = h5.links(&group).unwrap();
        assert_eq!(links.len(), 29, "{name}: {links:?}");
        for (member, address) in links.into_iter().filter(|(member, _)| member != "loop") {
            let object = h5.object(address).unwrap();
            let array = h5.read(&object).unwrap_or_else(|e| panic!("{name} {member}: {e}"));
            let n: u64 = array.dims.iter().product();
            let expected: Vec<f64> = (0..n).map(|i| i as f64).collect();
            assert_eq!(array.numbers(), expected, "{name} {member}");
        }
    }
}

#[test]
fn boxes_are_cut_out_of_every_layout() {
    for name in FILES {
        let mut h5 = open(name);
        for (member, dims) in [
            ("cube", [4, 5, 6]),
            ("cube_chunks", [4, 5, 6]),
            ("gzip", [40, 10, 0]),
            ("one_chunk", [40, 10, 0]),
        ] {
            let object = h5.path(&format!("numbers/{member}")).unwrap().unwrap();
            let mut dataset = h5.dataset(&object).unwrap();
            let ranges = if dims[2] == 0 { vec![5..23, 2..9] } else { vec![1..4, 1..3, 2..6] };
            let bytes = h5.read_box(&mut dataset, &ranges).unwrap();
            let Kind::Number(storage, endian) = dataset.datatype.kind else { panic!("{member}") };
            let expected: Vec<f64> = if dims[2] == 0 {
                (5..23).flat_map(|r| (2..9).map(move |c| f64::from(10 * r + c))).collect()
            } else {
                (1..4)
                    .flat_map(|a| {
                        (1..3).flat_map(move |b| (2..6).map(move |c| f64::from(30 * a + 6 * b + c)))
                    })
                    .collect()
            };
            assert_eq!(storage.numbers(endian, &bytes), expected, "{name} {member}");
        }
    }
}

#[test]
fn what_was_never_written_has_the_fill_value() {
    for name in FILES {
        let mut h5 = open(name);
        let whole = h5.path("filled/whole").unwrap().unwrap();
        assert_eq!(h5.read(&whole).unwrap().numbers(), [7.0; 80], "{name}");
        let chunks = h5.path("filled/chunks").unwrap().unwrap();
        let numbers = h5.read(&chunks).unwrap().numbers();
        let written = |i: usize| (4..8).contains(&(i / 8)) && i % 8 < 4;
        assert!(numbers.iter().enumerate().all(|(i, v)| *v == if written(i) { 1.0 } else { 7.0 }), "{name}");
    }
}

#[test]
fn texts_references_and_truth_values() {
    for name in FILES {
        let mut h5 = open(name);
        let texts = |h5: &mut H5, path: &str| {
            let object = h5.path(path).unwrap().unwrap();
            let array = h5.read(&object).unwrap();
            h5.strings(&array).unwrap()
        };
        assert_eq!(texts(&mut h5, "texts/varying"), ["Fz", "", "µV ä", &"x".repeat(300)], "{name}");
        assert_eq!(texts(&mut h5, "texts/fixed"), ["Fz", "Cz", "long text"], "{name}");
        assert_eq!(texts(&mut h5, "texts/scalar"), ["one"], "{name}");
        let object = h5.path("references").unwrap().unwrap();
        let array = h5.read(&object).unwrap();
        let addresses = h5.references(&array);
        assert_eq!(addresses[0], h5.path("numbers/cube").unwrap().unwrap().address, "{name}");
        let flags = h5.path("flags").unwrap().unwrap();
        assert_eq!(h5.read(&flags).unwrap().numbers(), [1.0, 0.0, 1.0], "{name}");
        let pairs = h5.path("pairs").unwrap().unwrap();
        let dataset = h5.dataset(&pairs).unwrap();
        let Kind::Compound(members) = dataset.datatype.kind else { panic!("{name}") };
        let found: Vec<_> = members.iter().map(|(name, offset, _)| (name.as_str(), *offset)).collect();
        assert_eq!(found, [("first", 0), ("second", 4)], "{name}");
    }
}

#[test]
fn many_members_and_attributes_are_all_found_and_no_link_leads_out() {
    for name in FILES {
        let mut h5 = open(name);
        let root = h5.root().unwrap();
        let names: Vec<String> = h5.links(&root).unwrap().into_iter().map(|(name, _)| name).collect();
        for gone in ["soft", "elsewhere", "dangling"] {
            assert!(!names.iter().any(|name| name == gone), "{name}: {names:?}");
        }
        let many = h5.path("many").unwrap().unwrap();
        assert_eq!(h5.links(&many).unwrap().len(), 120, "{name}");
        for i in 0..120 {
            let member = h5.child(&many, &format!("member_{i}")).unwrap().unwrap();
            assert_eq!(h5.read(&member).unwrap().numbers(), [f64::from(i)], "{name}");
        }
        for i in 0..40 {
            let found = h5.number_attribute(&many, &format!("attribute_{i}")).unwrap();
            assert_eq!(found, Some(f64::from(i)), "{name} {i}");
        }
        assert_eq!(h5.text_attribute(&many, "text").unwrap().as_deref(), Some("words"), "{name}");
        assert_eq!(h5.text_attribute(&many, "fixed").unwrap().as_deref(), Some("chars"), "{name}");
        assert_eq!(h5.text_attribute(&many, "missing").unwrap(), None, "{name}");
    }
}

#[test]
fn all_that_can_be_reached_is_read_once_and_boxes_are_cuts_of_the_whole() {
    for name in FILES {
        let bytes =
            std::fs::read(format!("{}/../../testdata/hdf5/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        // 28 of numbers, 2 filled, 3 of texts, 120 of many, references, flags and pairs
        assert_eq!(walk(name, bytes.clone(), Limits::default()).unwrap(), 156, "{name}");
        let some = walk(name, bytes[..bytes.len() / 2].to_vec(), Limits::default());
        assert!(some.is_err() || some.is_ok_and(|n| n < 156), "{name}");
    }
}

#[test]
fn a_file_that_is_none_and_one_that_is_cut_off_say_so() {
    let bytes = b"\x89HDF\r\n\x1a\n\x07".to_vec();
    let source = crate::MemorySource::new("a.h5", bytes);
    let text = H5::open("a.h5", source.open().unwrap(), Limits::default()).err().unwrap().to_string();
    assert!(text.contains("a.h5: HDF5: superblock of version 7"), "{text}");
    let source = crate::MemorySource::new("a.h5", vec![0; 5000]);
    let text = H5::open("a.h5", source.open().unwrap(), Limits::default()).err().unwrap().to_string();
    assert!(text.contains("signature at byte 0 is missing"), "{text}");
}
