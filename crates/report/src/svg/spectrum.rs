//! Spectra on logarithmic axes, with their intervals.

use super::axis::{Axis, Frame, range};
use super::color::Style;
use super::legend::{LINE_HEIGHT, lines};
use super::line::{band, line, thinned};
use super::{Anchor, heading, num, text};
use dosewave_study::SpectrumResult;
use maud::{Markup, html};

/// A spectrum with its looks.
pub(crate) struct Curve<'a> {
    pub(crate) spectrum: &'a SpectrumResult,
    pub(crate) style: Style,
    pub(crate) name: String,
}

/// A named band, Hz.
pub(crate) type NamedBand = (String, [f64; 2]);

/// Frequencies and powers that panels share.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) freqs_hz: (f64, f64),
    pub(crate) psd_uv2_hz: (f64, f64),
}

impl Limits {
    /// Limits that hold all curves; `None` where nothing can be drawn.
    pub(crate) fn holding<'a>(spectra: impl Iterator<Item = &'a SpectrumResult> + Clone) -> Option<Self> {
        let positive = |value: &f64| *value > 0.0;
        let freqs = range(spectra.clone().flat_map(|s| s.freqs_hz.iter().copied().filter(positive)))?;
        let drawn = |s: &'a SpectrumResult| {
            s.psd_uv2_hz.iter().chain(&s.ci_low).chain(&s.ci_high).copied().filter(positive)
        };
        let psd = range(spectra.flat_map(drawn))?;
        Some(Self { freqs_hz: freqs, psd_uv2_hz: (psd.0 * 0.8, psd.1 * 1.25) })
    }
}

/// A panel with axes, bands and legend, `size` px in all.
pub(crate) fn panel(
    title: &str,
    curves: &[Curve<'_>],
    limits: Limits,
    bands: &[NamedBand],
    size: [f64; 2],
) -> Markup {
    let frame = Frame {
        x: Axis::log(limits.freqs_hz, [58.0, size[0] - 12.0]),
        y: Axis::log(limits.psd_uv2_hz, [size[1] - 40.0, 42.0]),
    };
    let legend: Vec<_> = curves.iter().map(|curve| (curve.style, curve.name.clone())).collect();
    let [left, _, _, bottom] = frame.edges();
    html! {
        @if !title.is_empty() { (heading([left, 14.0], title)) }
        (band_strip(&frame, bands))
        (frame.draw("Frequency (Hz)", "PSD (µV²/Hz)"))
        @for curve in curves { (interval(&frame, curve)) }
        @for curve in curves { (stroke(&frame, curve, usize::MAX, 1.8)) }
        (lines(&legend, [left + 10.0, bottom - 4.0 - LINE_HEIGHT * legend.len() as f64 + LINE_HEIGHT / 2.0]))
    }
}

/// A small panel without axis labels, for many sessions or channels.
pub(crate) fn small(title: &str, curves: &[Curve<'_>], limits: Limits, size: [f64; 2]) -> Markup {
    let frame = Frame {
        x: Axis::log(limits.freqs_hz, [4.0, size[0] - 4.0]),
        y: Axis::log(limits.psd_uv2_hz, [size[1] - 6.0, 16.0]),
    };
    html! {
        (text([5.0, 11.0], Anchor::Start, 9.0, title))
        (frame.outline())
        @for tick in [10.0, 40.0] {
            @if frame.x.holds(tick) { (super::segment([frame.x.at(tick), 16.0], [frame.x.at(tick), size[1] - 6.0], "#e3e3e3", 1.0)) }
        }
        @for curve in curves { (stroke(&frame, curve, 120, 1.1)) }
    }
}

fn points<'a>(frame: &'a Frame, freqs_hz: &'a [f64], psd: &'a [f64]) -> impl Iterator<Item = [f64; 2]> + 'a {
    let drawable = freqs_hz.iter().zip(psd).filter(|(f, p)| **f > 0.0 && **p > 0.0 && p.is_finite());
    drawable.map(|(f, p)| frame.point(*f, *p))
}

fn stroke(frame: &Frame, curve: &Curve<'_>, most: usize, width: f64) -> Markup {
    let all: Vec<[f64; 2]> = points(frame, &curve.spectrum.freqs_hz, &curve.spectrum.psd_uv2_hz).collect();
    line(thinned(all.len(), most).map(|i| all.get(i).copied()), curve.style, width, 1.0)
}

fn interval(frame: &Frame, curve: &Curve<'_>) -> Markup {
    let s = curve.spectrum;
    let lower: Vec<_> = points(frame, &s.freqs_hz, &s.ci_low).collect();
    let upper: Vec<_> = points(frame, &s.freqs_hz, &s.ci_high).collect();
    band(&lower, &upper, curve.style.color)
}

/// Bands as a strip above the frame, every other one shaded down through it.
fn band_strip(frame: &Frame, bands: &[NamedBand]) -> Markup {
    let [left, right, top, bottom] = frame.edges();
    let inside = |hz: f64| frame.x.clamped(hz).clamp(left, right);
    html! {
        @for (i, (name, [low, high])) in bands.iter().enumerate() {
            @let (from, to) = (inside(*low), inside(*high));
            @if to - from > 2.0 {
                @if i % 2 == 0 { rect x=(num(from)) y=(num(top)) width=(num(to - from)) height=(num(bottom - top)) fill="#f4f4f4" {} }
                (super::segment([from, top - 3.0], [to, top - 3.0], "#999", 2.0))
                @if to - from > 5.0 * name.chars().count() as f64 { (text([f64::midpoint(from, to), top - 8.0], Anchor::Middle, 9.0, name)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::color::style;
    use super::*;

    fn spectrum(psd: &[f64]) -> SpectrumResult {
        SpectrumResult {
            subject: "01".into(),
            session: String::new(),
            treatment: String::new(),
            window: "post".into(),
            site: "global".into(),
            freqs_hz: vec![1.0, 10.0, 100.0],
            psd_uv2_hz: psd.to_vec(),
            ci_low: Vec::new(),
            ci_high: Vec::new(),
        }
    }

    #[test]
    fn decades_are_straight_lines() {
        let s = spectrum(&[100.0, 1.0, 0.01]);
        let limits = Limits { freqs_hz: (1.0, 100.0), psd_uv2_hz: (0.01, 100.0) };
        let curve = Curve { spectrum: &s, style: style(1), name: "post".into() };
        let frame = Frame {
            x: Axis::log(limits.freqs_hz, [0.0, 100.0]),
            y: Axis::log(limits.psd_uv2_hz, [100.0, 0.0]),
        };
        assert!(stroke(&frame, &curve, 10, 1.0).into_string().contains(r#"d="M0 0L50 50L100 100""#));
    }

    #[test]
    fn nothing_drawable_has_no_limits() {
        assert!(Limits::holding([spectrum(&[0.0, 0.0, -1.0])].iter()).is_none());
        assert!(Limits::holding([].iter()).is_none());
        let limits = Limits::holding([spectrum(&[4.0, 1.0, 0.0])].iter()).unwrap();
        assert_eq!((limits.freqs_hz, limits.psd_uv2_hz), ((1.0, 100.0), (0.8, 5.0)));
    }
}
