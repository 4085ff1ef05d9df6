//! A figure: drawn once, shown in the page and written as a file.

use crate::svg::num;
use maud::{Markup, html};

/// A figure with what it shows in words.
pub(crate) struct Figure {
    /// File name without ending, unique in a report.
    pub(crate) stem: String,
    /// What it is: the drawing's name for screen readers.
    pub(crate) title: String,
    /// What to know when reading it.
    pub(crate) caption: String,
    /// Width and height, px.
    pub(crate) size: [f64; 2],
    /// The drawing.
    pub(crate) body: Markup,
    /// Whether the page shows it at once, or folded away.
    pub(crate) open: bool,
    /// Whether the page has room for it.
    pub(crate) fits: bool,
}

impl Figure {
    /// A figure that the page shows at once.
    pub(crate) fn new(stem: String, title: String, caption: String, size: [f64; 2], body: Markup) -> Self {
        Self { stem, title, caption, size, body, open: true, fits: true }
    }

    /// Bytes of the drawing.
    pub(crate) fn bytes(&self) -> usize {
        self.body.0.len()
    }

    /// The drawing as a file of its own.
    pub(crate) fn file(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
            self.svg(Some("http://www.w3.org/2000/svg")).into_string()
        )
    }

    fn svg(&self, xmlns: Option<&str>) -> Markup {
        let [width, height] = self.size;
        html! {
            svg xmlns=[xmlns] role="img" aria-label=(self.title) viewBox={"0 0 " (num(width)) " " (num(height))}
                width=(num(width)) height=(num(height)) font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#1a1a1a" {
                title { (self.title) }
                desc { (self.caption) }
                @if xmlns.is_some() { rect width="100%" height="100%" fill="#fff" {} }
                (self.body)
            }
        }
    }

    /// The figure in the page.
    pub(crate) fn show(&self) -> Markup {
        html! {
            figure id={"fig-" (self.stem)} {
                @if self.fits { (self.svg(None)) } @else { p.left-out { "Not shown here for its size: see " code { "figures/" (self.stem) ".svg" } "." } }
                figcaption { b { (self.title) "." } " " (self.caption) }
            }
        }
    }
}

/// Figures shown at once, then the others folded away under `summary`.
pub(crate) fn gallery(figures: &[Figure], summary: &str) -> Markup {
    let folded = figures.iter().filter(|figure| !figure.open).count();
    html! {
        @if folded < figures.len() {
            div.gallery { @for figure in figures.iter().filter(|figure| figure.open) { (figure.show()) } }
        }
        @if folded > 0 {
            details {
                summary { (summary) " (" (folded) ")" }
                div.gallery { @for figure in figures.iter().filter(|figure| !figure.open) { (figure.show()) } }
            }
        }
    }
}
