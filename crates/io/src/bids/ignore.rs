//! `.bidsignore`: files that are no part of the standard, by pattern as in `.gitignore`.

/// Patterns, one a line; the last that fits decides, `!` takes back.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignore(Vec<Pattern>);

#[derive(Clone, Debug)]
struct Pattern {
    glob: Vec<u8>,
    takes_back: bool,
    /// Holds for the whole path, not for any file or folder of that name.
    is_anchored: bool,
    folders_only: bool,
}

impl Ignore {
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let patterns = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).take(10_000);
        Self(patterns.map(Pattern::parse).collect())
    }

    /// Whether the file at `path`, or a folder that it is in, is ignored.
    pub(super) fn has(&self, path: &str) -> bool {
        let last = self.0.iter().rev().find(|pattern| pattern.fits(path));
        last.is_some_and(|pattern| !pattern.takes_back)
    }
}

impl Pattern {
    fn parse(line: &str) -> Self {
        let (takes_back, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let is_anchored = line.contains('/') && !line.starts_with("**/");
        let glob = line.trim_start_matches('/').trim_start_matches("**/").as_bytes().to_vec();
        Self { glob, takes_back, is_anchored, folders_only }
    }

    fn fits(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| (at, true)).chain([(path.len(), false)]);
        let starts: Vec<usize> = match self.is_anchored {
            true => vec![0],
            false => [0].into_iter().chain(path.match_indices('/').map(|(at, _)| at + 1)).collect(),
        };
        ends.filter(|(_, is_folder)| *is_folder || !self.folders_only).any(|(end, _)| {
            let parts = starts.iter().filter_map(|start| path.get(*start..end));
            parts.into_iter().any(|part| fits(&self.glob, part.as_bytes()))
        })
    }
}

/// `*` and `?` within a name, `**` across folders. Goes back to the last star only, so that its time is bounded by the product of
/// the lengths.
fn fits(glob: &[u8], text: &[u8]) -> bool {
    let (mut g, mut t) = (0_usize, 0_usize);
    // where to go on after the last star: place in the pattern, place in the text, whether it crosses folders
    let mut star: Option<(usize, usize, bool)> = None;
    while t < text.len() {
        match (glob.get(g), text.get(t)) {
            (Some(b'*'), _) => {
                let crosses = glob.get(g + 1) == Some(&b'*');
                g += if crosses { 2 } else { 1 };
                star = Some((g, t, crosses));
            }
            (Some(b'?'), Some(byte)) if *byte != b'/' => (g, t) = (g + 1, t + 1),
            (Some(a), Some(b)) if a == b => (g, t) = (g + 1, t + 1),
            _ => match star {
                Some((after, from, crosses)) if crosses || text.get(from) != Some(&b'/') => {
                    star = Some((after, from + 1, crosses));
                    (g, t) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
    glob.iter().skip(g).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_gitignore() {
        let ignore = Ignore::parse(
            "\u{feff}# comment\n*_markers.tsv\n/group/\nsub-*/figures\nextra/\n**/x.txt\n!keep_markers.tsv\r\n",
        );
        for path in [
            "sub-01/eeg/sub-01_markers.tsv",
            "a_markers.tsv",
            "group/report.html",
            "sub-01/figures/a.svg",
            "sub-01/extra/b",
            "x.txt",
            "sub-01/eeg/x.txt",
        ] {
            assert!(ignore.has(path), "{path}");
        }
        for path in [
            "sub-01/group/a",
            "sub-01/eeg/figures/a",
            "extra",
            "keep_markers.tsv",
            "sub-01/a_markers.json",
            "xx.txt",
        ] {
            assert!(!ignore.has(path), "{path}");
        }
        assert!(
            fits(b"a*b?c", b"aXXbYc")
                && !fits(b"a*c", b"a/c")
                && fits(b"a**c", b"a/b/c")
                && !fits(b"a", b"ab")
        );
    }
}
