//! The methods paragraph: plain text with paragraphs, lists and headings.

use crate::figure::Figure;
use crate::view::View;
use maud::{Markup, html};

const DOI: &str = "https://doi.org/";

/// A piece of the text.
#[derive(Debug, PartialEq)]
enum Block<'a> {
    Heading(&'a str),
    Paragraph(String),
    Bullets(Vec<&'a str>),
    Numbered(Vec<&'a str>),
}

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let blocks = blocks(&view.results.methods);
    html! {
        @if !blocks.is_empty() {
            p.hint { "For the paper; the same text is in " code { "methods.md" } "." }
            div.methods { @for block in &blocks { (show(block)) } }
        }
    }
}

fn show(block: &Block<'_>) -> Markup {
    html! {
        @match block {
            Block::Heading(text) => h3 { (linked(text)) },
            Block::Paragraph(text) => p { (linked(text)) },
            Block::Bullets(items) => ul { @for item in items { li { (linked(item)) } } },
            Block::Numbered(items) => ol { @for item in items { li { (linked(item)) } } },
        }
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let numbered =
            line.split_once(". ").filter(|(n, _)| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
        if line.is_empty() {
            blocks.push(Block::Paragraph(String::new()));
        } else if line.starts_with('#') {
            blocks.push(Block::Heading(line.trim_start_matches('#').trim()));
        } else if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            match blocks.last_mut() {
                Some(Block::Bullets(items)) => items.push(item),
                _ => blocks.push(Block::Bullets(vec![item])),
            }
        } else if let Some((_, item)) = numbered {
            match blocks.last_mut() {
                Some(Block::Numbered(items)) => items.push(item),
                _ => blocks.push(Block::Numbered(vec![item])),
            }
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(words)) if !words.is_empty() => *words = format!("{words} {line}"),
                Some(Block::Paragraph(words)) => line.clone_into(words),
                _ => blocks.push(Block::Paragraph(line.to_owned())),
            }
        }
    }
    blocks.retain(|block| *block != Block::Paragraph(String::new()));
    blocks
        .into_iter()
        .map(|block| {
            if block == Block::Paragraph("References".into()) { Block::Heading("References") } else { block }
        })
        .collect()
}

/// The text with its DOIs as links.
pub(crate) fn linked(text: &str) -> Markup {
    let words = text.split_inclusive(char::is_whitespace);
    html! {
        @for word in words {
            @let (start, rest) = word.find(DOI).map_or((word, ""), |at| word.split_at(at));
            @let url = rest.trim_end_matches(|c: char| c.is_whitespace() || ".,;)".contains(c));
            (start)
            @if !url.is_empty() { a href=(url) { (url) } (&rest[url.len()..]) }
        }
    }
}

/// A DOI as a link.
pub(crate) fn doi(doi: &str) -> Markup {
    html! { a href={(DOI) (doi)} { "doi:" (doi) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_headings_are_told_apart() {
        let text = "# Title\nOne\ntwo.\n\nThree.\n\nReferences\n\n1. A\n2. B\n\n- x\n- y\n";
        let expected = [
            Block::Heading("Title"),
            Block::Paragraph("One two.".into()),
            Block::Paragraph("Three.".into()),
            Block::Heading("References"),
            Block::Numbered(vec!["A", "B"]),
            Block::Bullets(vec!["x", "y"]),
        ];
        assert_eq!(blocks(text), expected);
    }

    #[test]
    fn dois_are_links_and_nothing_else_is() {
        let shown = linked("See https://doi.org/10.1/x(2). Not https://example.org <b>.").into_string();
        assert!(
            shown.contains(r#"See <a href="https://doi.org/10.1/x(2">https://doi.org/10.1/x(2</a>)."#),
            "{shown}"
        );
        assert!(shown.contains("Not https://example.org &lt;b&gt;.") && shown.matches("<a ").count() == 1);
    }
}
