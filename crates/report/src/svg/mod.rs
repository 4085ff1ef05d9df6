//! Drawing: pure functions from positions and labels to SVG elements.
//!
//! Elements are written with `maud`, which escapes every text; styles are attributes, so that a figure is a file by itself.

pub(crate) mod axis;
pub(crate) mod color;
pub(crate) mod contour;
pub(crate) mod forest;
pub(crate) mod legend;
pub(crate) mod line;
pub(crate) mod matrix;
pub(crate) mod spectrum;
pub(crate) mod surface;
pub(crate) mod time_course;
pub(crate) mod topomap;

use maud::{Markup, html};

/// A coordinate: a tenth of a pixel is enough.
pub(crate) fn num(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A text; `size` in px.
pub(crate) fn text([x, y]: [f64; 2], anchor: Anchor, size: f64, content: &str) -> Markup {
    html! { text x=(num(x)) y=(num(y)) text-anchor=(anchor.name()) font-size=(num(size)) { (content) } }
}

/// A bold text from its start.
pub(crate) fn heading([x, y]: [f64; 2], content: &str) -> Markup {
    html! { text x=(num(x)) y=(num(y)) font-size="12" font-weight="bold" { (content) } }
}

/// A text that reads upwards.
pub(crate) fn upward([x, y]: [f64; 2], size: f64, content: &str) -> Markup {
    html! { text transform={"translate(" (num(x)) " " (num(y)) ") rotate(-90)"} text-anchor="middle" font-size=(num(size)) { (content) } }
}

/// Something drawn elsewhere.
pub(crate) fn moved([x, y]: [f64; 2], body: &Markup) -> Markup {
    html! { g transform={"translate(" (num(x)) " " (num(y)) ")"} { (body) } }
}

/// A straight line.
pub(crate) fn segment(from: [f64; 2], to: [f64; 2], color: &str, width: f64) -> Markup {
    html! { line x1=(num(from[0])) y1=(num(from[1])) x2=(num(to[0])) y2=(num(to[1])) stroke=(color) stroke-width=(width) {} }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        assert_eq!([1.0, 1.25, -0.01, 100.06].map(num), ["1", "1.2", "0", "100.1"]);
    }

    #[test]
    fn texts_are_escaped() {
        let drawn = text([1.0, 2.0], Anchor::End, 9.0, "<b> & \"c\"").into_string();
        assert_eq!(
            drawn,
            r#"<text x="1" y="2" text-anchor="end" font-size="9">&lt;b&gt; &amp; &quot;c&quot;</text>"#
        );
    }
}
