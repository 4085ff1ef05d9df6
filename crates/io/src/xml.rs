//! A small reader of XML, for the headers of recordings: elements, attributes, text, CDATA and the five entities.
//!
//! Declarations, comments and document types are skipped; name spaces are cut off names. Depth and number of elements are
//! bounded, and nothing outside the text is ever looked up.

use crate::{Error, Result};

/// Elements within elements, at most.
const MAX_DEPTH: usize = 64;
/// Elements of a text, at most.
const MAX_ELEMENTS: usize = 1_000_000;

/// An element with what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name without name space.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Its own text, without that of the elements in it, without surrounding blanks.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at the end of a path of first children.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text at the end of a path, where there is any.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|element| element.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The text at the end of a path as a number.
    pub(crate) fn number_at<T: std::str::FromStr>(&self, path: &[&str]) -> Option<T> {
        self.text_at(path)?.parse().ok()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Where a text is read for: messages name it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) format: &'static str,
    /// Where the text begins in the file.
    pub(crate) offset: u64,
}

/// The root element of a text: UTF-8, else Latin-1.
pub(crate) fn parse(place: Place<'_>, bytes: &[u8]) -> Result<Element> {
    let text = crate::bytes::text(bytes);
    let mut parser = Parser { place, text: text.trim_start_matches('\u{feff}'), at: 0, n_elements: 0 };
    parser.document()
}

struct Parser<'a> {
    place: Place<'a>,
    text: &'a str,
    at: usize,
    n_elements: usize,
}

/// What stands at a `<`.
enum Markup {
    Skipped,
    Text(String),
    Open(Element),
    Empty(Element),
    Close(String),
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Element> {
        let mut open: Vec<Element> = Vec::new();
        loop {
            let text = self.text_before_markup()?;
            if let Some(element) = open.last_mut() {
                element.text.push_str(&text);
            }
            let done = match self.markup()? {
                Markup::Skipped => None,
                Markup::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text);
                    }
                    None
                }
                Markup::Open(_) if open.len() >= MAX_DEPTH => {
                    return Err(self.wrong(format!("more than {MAX_DEPTH} elements deep"), "fewer"));
                }
                Markup::Open(element) => {
                    open.push(element);
                    None
                }
                Markup::Empty(element) => Some(element),
                Markup::Close(name) => match open.pop() {
                    Some(element) if element.name == name => Some(element),
                    other => {
                        let expected =
                            other.map_or("none is open".into(), |e| format!("'{}' is open", e.name));
                        return Err(self.wrong(
                            format!("the end of '{name}'"),
                            &format!("elements end in order; {expected}"),
                        ));
                    }
                },
            };
            let Some(mut element) = done else { continue };
            element.text = element.text.trim().to_owned();
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => return Ok(element),
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Moves behind the next `end`, and gives what stands before it.
    fn until(&mut self, end: &str) -> Result<&'a str> {
        let rest = self.rest();
        let Some(n) = rest.find(end) else {
            return Err(self.wrong("cut off".into(), &format!("'{end}'; the file is truncated or damaged")));
        };
        self.at += n + end.len();
        Ok(rest.get(..n).unwrap_or_default())
    }

    fn text_before_markup(&mut self) -> Result<String> {
        let rest = self.rest();
        let Some(n) = rest.find('<') else {
            return Err(
                self.wrong("cut off".into(), "the end of the root element; the file is truncated or damaged")
            );
        };
        self.at += n;
        Ok(unescape(rest.get(..n).unwrap_or_default()))
    }

    fn markup(&mut self) -> Result<Markup> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            return self.until("-->").map(|_| Markup::Skipped);
        }
        if rest.starts_with("<![CDATA[") {
            self.at += "<![CDATA[".len();
            return Ok(Markup::Text(self.until("]]>")?.to_owned()));
        }
        if rest.starts_with("<?") {
            return self.until("?>").map(|_| Markup::Skipped);
        }
        if rest.starts_with("<!") {
            return self.until(">").map(|_| Markup::Skipped);
        }
        self.at += 1;
        let begin = self.at;
        let inside = self.tag()?;
        if let Some(name) = inside.strip_prefix('/') {
            return Ok(Markup::Close(local(name.trim())));
        }
        self.n_elements += 1;
        if self.n_elements > MAX_ELEMENTS {
            return Err(self.wrong(format!("more than {MAX_ELEMENTS} elements"), "fewer"));
        }
        let (inside, is_empty) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
        let element = element(inside).ok_or_else(|| {
            self.at = begin;
            self.wrong(format!("'<{inside}>'"), "a name and attributes in quotes")
        })?;
        Ok(if is_empty { Markup::Empty(element) } else { Markup::Open(element) })
    }

    /// What stands up to the `>` that is not in quotes.
    fn tag(&mut self) -> Result<&'a str> {
        let rest = self.rest();
        let mut quote = None;
        for (i, c) in rest.char_indices() {
            match (c, quote) {
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                ('>', None) => {
                    self.at += i + 1;
                    return Ok(rest.get(..i).unwrap_or_default());
                }
                _ => {}
            }
        }
        Err(self.wrong("cut off".into(), "'>'; the file is truncated or damaged"))
    }

    fn wrong(&self, found: String, allowed: &str) -> Error {
        Error::Malformed {
            file: self.place.file.into(),
            format: self.place.format,
            field: "XML".into(),
            offset: self.place.offset + self.at as u64,
            found,
            allowed: allowed.into(),
        }
    }
}

/// `name key="value" …`
fn element(inside: &str) -> Option<Element> {
    let inside = inside.trim();
    let end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let mut element = Element { name: local(inside.get(..end)?), ..Element::default() };
    let mut rest = inside.get(end..)?.trim_start();
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
        let (value, behind) = value.get(1..)?.split_once(quote)?;
        element.attributes.push((local(key.trim()), unescape(value)));
        rest = behind.trim_start();
    }
    (!element.name.is_empty()).then_some(element)
}

/// A name without its name space.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

/// Entities as what they stand for; unknown ones stay as they are.
fn unescape(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = part.split_once(';').and_then(|(name, rest)| Some((entity(name)?, rest)));
        match known {
            Some((c, rest)) => {
                out.push(c);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { file: "a.xml", format: "XML", offset: 0 };

    fn message(text: &str) -> String {
        parse(PLACE, text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn elements_attributes_and_texts() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!DOCTYPE x>\n<!-- a > b -->\n<m:info v='1 > 0' w=\"&quot;µ&#181;&#xB5;\">\n\
                    <a> one &amp; <![CDATA[<two>]]> </a><b/><a>&unknown; &</a></m:info> behind";
        let root = parse(PLACE, text.as_bytes()).unwrap();
        assert_eq!((root.name.as_str(), root.attribute("v")), ("info", Some("1 > 0")));
        assert_eq!(root.attribute("w"), Some("\"µµµ"));
        let texts: Vec<&str> = root.all("a").map(|a| a.text.as_str()).collect();
        assert_eq!(texts, ["one & <two>", "&unknown; &"]);
        assert_eq!((root.text_at(&["b"]), root.text_at(&["c"])), (None, None));
    }

    #[test]
    fn numbers_at_the_end_of_a_path() {
        let root = parse(PLACE, b"<a><b><c> 2.5 </c></b></a>").unwrap();
        assert_eq!(root.number_at::<f64>(&["b", "c"]), Some(2.5));
        assert_eq!(root.number_at::<u32>(&["b", "c"]), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        assert!(
            message("<a><b></a>")
                .contains("XML at byte 10 is the end of 'a'; elements end in order; 'b' is open")
        );
        assert!(message("<a x=1></a>").contains("'<a x=1>'"));
        assert!(message("<a>").contains("cut off"));
        assert!(message("").contains("cut off"));
        assert!(message(&"<a>".repeat(100)).contains("64 elements deep"));
    }

    #[test]
    fn every_prefix_is_an_error() {
        let whole = "<a k=\"v\"><b>ä</b><!-- c --><c/></a>";
        for n in 0..whole.len() {
            assert!(parse(PLACE, &whole.as_bytes()[..n]).is_err(), "{n}");
        }
        assert!(parse(PLACE, whole.as_bytes()).is_ok());
    }
}
