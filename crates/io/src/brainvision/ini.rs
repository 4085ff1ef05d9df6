//! The text of headers and markers: sections of `key=value` lines.

/// Sections that end a comment; any other line in brackets is part of it.
const SECTIONS: [&str; 7] = [
    "common infos",
    "user infos",
    "channel infos",
    "binary infos",
    "ascii infos",
    "coordinates",
    "marker infos",
];

/// Sections in order; keys and values as written, with the byte offset of each line.
#[derive(Debug, Default)]
pub(crate) struct Ini {
    sections: Vec<Section>,
}

#[derive(Debug, Default)]
pub(crate) struct Section {
    name: String,
    pub(crate) entries: Vec<Entry>,
    /// All lines as they are, for sections of free text.
    pub(crate) lines: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) offset: u64,
}

impl Ini {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut ini = Self::default();
        let mut offset = 0_u64;
        for raw in bytes.split(|byte| *byte == b'\n') {
            let line = crate::bytes::text(raw);
            ini.add(line.trim_start_matches('\u{feff}'), offset);
            offset += raw.len() as u64 + 1;
        }
        ini
    }

    fn add(&mut self, line: &str, offset: u64) {
        let in_comment = self.sections.last().is_some_and(|s| s.name == "comment");
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            let name = name.trim().to_ascii_lowercase();
            if !in_comment || SECTIONS.contains(&name.as_str()) {
                self.sections.push(Section { name, ..Section::default() });
                return;
            }
        }
        let Some(section) = self.sections.last_mut() else { return };
        section.lines.push(line.to_owned());
        if !line.starts_with(';')
            && let Some((key, value)) = line.split_once('=')
        {
            section.entries.push(Entry {
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                offset,
            });
        }
    }

    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.name == name)
    }

    /// All sections of a name: a header may have more than one of free text.
    pub(crate) fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a String> {
        self.sections.iter().filter(move |s| s.name == name).flat_map(|s| &s.lines)
    }

    /// The value of a key in any section but free text.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        let sections = self.sections.iter().filter(|s| s.name != "comment");
        sections.flat_map(|s| &s.entries).find(|e| e.key.eq_ignore_ascii_case(key))
    }
}

/// Fields between commas; `\1` stands for a comma inside a field.
pub(crate) fn fields(value: &str) -> Vec<String> {
    value.split(',').map(|field| field.trim().replace("\\1", ",")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_comments_and_offsets() {
        let ini = Ini::parse(b"First line\r\n[Common Infos]\r\n; no=thing\r\nDataFile=a.eeg\r\n[Comment]\r\nx=1\r\n[still]\r\n[Coordinates]\r\nCh1=1,2,3\r\n");
        let entry = ini.get("datafile").unwrap();
        assert_eq!((entry.value.as_str(), entry.offset), ("a.eeg", 40));
        assert!(ini.get("x").is_none() && ini.get("no").is_none());
        assert_eq!(ini.section("comment").unwrap().lines[1], "[still]");
        assert_eq!(ini.section("coordinates").unwrap().entries[0].value, "1,2,3");
        assert_eq!(fields("a\\1b, , c"), ["a,b", "", "c"]);
    }
}
