//! Measures of phase and amplitude relations.

use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// A bivariate measure, by mne-connectivity's name. With `S` the cross-spectrum of an epoch, `u = S/|S|` and `E` the
/// mean over epochs:
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Coherence `|E S| / √(E Sxx · E Syy)`.
    Coh,
    /// Imaginary coherency `Im(E S) / √(E Sxx · E Syy)`, signed (Nolte 2004, 10.1016/j.clinph.2004.04.029).
    Imcoh,
    /// Phase-locking value `|E u|` (Lachaux 1999).
    Plv,
    /// Corrected imaginary phase locking `|Im E u| / √(1 − (Re E u)²)` (Bruña 2018, 10.1088/1741-2552/aacfe4).
    Ciplv,
    /// Pairwise phase consistency `(|Σu|² − n) / (n(n − 1))` (Vinck 2010, 10.1016/j.neuroimage.2010.01.073).
    Ppc,
    /// Phase lag index `|E sign Im S|` (Stam 2007, 10.1002/hbm.20346).
    Pli,
    /// Unbiased squared phase lag index (Vinck 2011, 10.1016/j.neuroimage.2011.01.055).
    #[serde(rename = "pli2_unbiased")]
    Pli2Unbiased,
    /// Directed phase lag index `E H(Im S)`: above ½ the first leads (Stam & van Straaten 2012,
    /// 10.1016/j.neuroimage.2012.05.050).
    Dpli,
    /// Weighted phase lag index `|E Im S| / E |Im S|` (Vinck 2011).
    Wpli,
    /// Debiased squared weighted phase lag index; may be negative (Vinck 2011).
    #[serde(rename = "wpli2_debiased")]
    Wpli2Debiased,
}

/// The sums of one pair at one frequency.
pub(crate) struct Sums {
    pub(crate) n: f64,
    pub(crate) re: f64,
    pub(crate) im: f64,
    pub(crate) unit_re: f64,
    pub(crate) unit_im: f64,
    pub(crate) sign_im: f64,
    pub(crate) abs_im: f64,
    pub(crate) im_squared: f64,
    pub(crate) auto_x: f64,
    pub(crate) auto_y: f64,
}

impl Sums {
    /// `E S / √(E Sxx · E Syy)`; NaN where a channel is silent.
    pub(crate) fn coherency(&self) -> Complex64 {
        let power = (self.auto_x * self.auto_y).sqrt();
        if power > 0.0 {
            Complex64::new(self.re, self.im) / power
        } else {
            Complex64::new(f64::NAN, f64::NAN)
        }
    }
}

/// The sums of one pair at several frequencies, in the order of [`Sum::ALL`].
pub(crate) struct SumRows<'a> {
    pub(crate) n: f64,
    pub(crate) parts: [&'a [f64]; 9],
}

impl SumRows<'_> {
    #[inline(always)]
    fn each(&self, values: &mut [f64], of: impl Fn(&Sums) -> f64) {
        let n_bins = values.len();
        let [re, im, unit_re, unit_im, sign_im, abs_im, im_squared, auto_x, auto_y] =
            self.parts.map(|part| &part[..n_bins]);
        for (bin, value) in values.iter_mut().enumerate() {
            *value = of(&Sums {
                n: self.n,
                re: re[bin],
                im: im[bin],
                unit_re: unit_re[bin],
                unit_im: unit_im[bin],
                sign_im: sign_im[bin],
                abs_im: abs_im[bin],
                im_squared: im_squared[bin],
                auto_x: auto_x[bin],
                auto_y: auto_y[bin],
            });
        }
    }
}

/// One of the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    Re,
    Im,
    UnitRe,
    UnitIm,
    SignIm,
    AbsIm,
    ImSquared,
    AutoX,
    AutoY,
}

impl Sum {
    /// In the order of the variants.
    pub(crate) const ALL: [Self; 9] = [
        Self::Re,
        Self::Im,
        Self::UnitRe,
        Self::UnitIm,
        Self::SignIm,
        Self::AbsIm,
        Self::ImSquared,
        Self::AutoX,
        Self::AutoY,
    ];
    /// Those that belong to a pair; the auto-spectra belong to its channels.
    pub(crate) const PAIR: [Self; 7] =
        [Self::Re, Self::Im, Self::UnitRe, Self::UnitIm, Self::SignIm, Self::AbsIm, Self::ImSquared];
}

impl Measure {
    /// The sums that it is a function of.
    pub(crate) fn needs(self) -> &'static [Sum] {
        match self {
            Self::Coh => &[Sum::Re, Sum::Im, Sum::AutoX, Sum::AutoY],
            Self::Imcoh => &[Sum::Im, Sum::AutoX, Sum::AutoY],
            Self::Plv | Self::Ciplv | Self::Ppc => &[Sum::UnitRe, Sum::UnitIm],
            Self::Pli | Self::Pli2Unbiased | Self::Dpli => &[Sum::SignIm],
            Self::Wpli => &[Sum::Im, Sum::AbsIm],
            Self::Wpli2Debiased => &[Sum::Im, Sum::AbsIm, Sum::ImSquared],
        }
    }

    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Coh,
        Self::Imcoh,
        Self::Plv,
        Self::Ciplv,
        Self::Ppc,
        Self::Pli,
        Self::Pli2Unbiased,
        Self::Dpli,
        Self::Wpli,
        Self::Wpli2Debiased,
    ];

    /// Its name in mne-connectivity and in our tables.
    ///
    /// ```
    /// use dosewave_numerics::phase::Measure;
    /// assert_eq!(Measure::Wpli2Debiased.name(), "wpli2_debiased");
    /// assert_eq!(Measure::from_name("ciplv"), Some(Measure::Ciplv));
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Coh => "coh",
            Self::Imcoh => "imcoh",
            Self::Plv => "plv",
            Self::Ciplv => "ciplv",
            Self::Ppc => "ppc",
            Self::Pli => "pli",
            Self::Pli2Unbiased => "pli2_unbiased",
            Self::Dpli => "dpli",
            Self::Wpli => "wpli",
            Self::Wpli2Debiased => "wpli2_debiased",
        }
    }

    /// The measure of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// The values of one row of sums. Each measure has a loop of its own, which the compiler can vectorise.
    #[inline(always)]
    pub(crate) fn of_rows(self, rows: &SumRows<'_>, values: &mut [f64]) {
        match self {
            Self::Coh => rows.each(values, |s| Self::Coh.of(s)),
            Self::Imcoh => rows.each(values, |s| Self::Imcoh.of(s)),
            Self::Plv => rows.each(values, |s| Self::Plv.of(s)),
            Self::Ciplv => rows.each(values, |s| Self::Ciplv.of(s)),
            Self::Ppc => rows.each(values, |s| Self::Ppc.of(s)),
            Self::Pli => rows.each(values, |s| Self::Pli.of(s)),
            Self::Pli2Unbiased => rows.each(values, |s| Self::Pli2Unbiased.of(s)),
            Self::Dpli => rows.each(values, |s| Self::Dpli.of(s)),
            Self::Wpli => rows.each(values, |s| Self::Wpli.of(s)),
            Self::Wpli2Debiased => rows.each(values, |s| Self::Wpli2Debiased.of(s)),
        }
    }

    /// The value from the sums; NaN where it is undefined.
    #[inline(always)]
    pub(crate) fn of(self, s: &Sums) -> f64 {
        let unit_squared = s.unit_re * s.unit_re + s.unit_im * s.unit_im;
        let pli = s.sign_im / s.n;
        match self {
            Self::Coh => ratio((s.re * s.re + s.im * s.im).sqrt(), (s.auto_x * s.auto_y).sqrt()),
            Self::Imcoh => ratio(s.im, (s.auto_x * s.auto_y).sqrt()),
            Self::Plv => ratio(unit_squared.sqrt(), s.n),
            Self::Ciplv => {
                let in_phase = s.unit_re / s.n;
                // phases that are all 0 or all 180° have no imaginary part to correct
                if in_phase.abs() >= 1.0 {
                    0.0
                } else {
                    (s.unit_im / s.n).abs() / (1.0 - in_phase * in_phase).sqrt()
                }
            }
            Self::Ppc => ratio(unit_squared - s.n, s.n * (s.n - 1.0)),
            Self::Pli => pli.abs(),
            Self::Pli2Unbiased => ratio(s.n * pli * pli - 1.0, s.n - 1.0),
            Self::Dpli => 0.5 + 0.5 * pli,
            Self::Wpli => ratio(s.im.abs(), s.abs_im),
            Self::Wpli2Debiased => ratio(s.im * s.im - s.im_squared, s.abs_im * s.abs_im - s.im_squared),
        }
    }
}

#[inline(always)]
fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator > 0.0 { numerator / denominator } else { f64::NAN }
}
