//! Independent component analysis.

use super::blocks::WhiteBlocks;
use super::components;
use super::fast_ica::{fast_ica, nearest_orthogonal};
use super::picard::picard;
use super::point::{Fit, Stop};
use super::whiten::{Whitening, whiten};
use crate::stats::Stream;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// A search that ran out of iterations above this gradient found nothing of use. Where sources are separated the
/// gradient is far below; at a random rotation it is around 0.1.
const FAR_OFF: f64 = 0.01;
/// The search starts on every 16th, then every 4th block of time, as long as these hold so many samples per component.
const COARSE_STRIDES: [usize; 2] = [16, 4];
const COARSE_SAMPLES_PER_COMPONENT: usize = 200;
/// A gradient to stop at on a part of the data: what its sampling error is anyway.
const COARSE_TOLERANCE: f64 = 1e-3;

/// How independence is climbed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IcaMethod {
    /// Fixed-point iteration, all components at once, tanh (Hyvärinen 1999, 10.1109/72.761722). Always finds sources with
    /// sharp and with flat densities.
    FastIca,
    /// Preconditioned L-BFGS under an orthogonal constraint (Ablin, Cardoso & Gramfort 2018, 10.1109/TSP.2018.2844203 and
    /// 10.1109/ICASSP.2018.8461662): the same solution in fewer passes where sources are not quite independent.
    #[default]
    Picard,
}

/// Settings of [`ica`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IcaParams {
    /// Algorithm.
    pub method: IcaMethod,
    /// Cap on the number of components; never more than the rank of the data.
    pub n_components: Option<usize>,
    /// Find sources with densities flatter than the normal one as well (line noise, slow waves); [`IcaMethod::FastIca`]
    /// always does.
    pub extended: bool,
    /// Iterations on all data.
    pub max_iter: usize,
    /// Largest entry of the gradient to stop at.
    pub tolerance: f64,
    /// Seed of the rotation to start from.
    pub seed: u64,
}

impl Default for IcaParams {
    fn default() -> Self {
        Self {
            method: IcaMethod::Picard,
            n_components: None,
            extended: true,
            max_iter: 500,
            tolerance: 1e-7,
            seed: 0,
        }
    }
}

/// Independent components: sources of unit variance, in descending order of the variance that they explain; the largest
/// entry of each map is positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Ica {
    /// Mean `[channel]` of the data.
    pub mean: Array1<f64>,
    /// `[component, channel]`: data without their mean to sources.
    pub unmixing: Array2<f64>,
    /// `[channel, component]`: the maps, in units of the data.
    pub mixing: Array2<f64>,
    /// Share `[component]` of the variance of all channels that each explains. Below 1 in sum where components were left
    /// out.
    pub variances: Array1<f64>,
    /// Iterations on all data.
    pub n_iter: usize,
    /// Largest entry of the gradient at the end: 0 where components are as independent as the method can see.
    pub gradient: f64,
    /// Whether that is within the tolerance.
    pub converged: bool,
}

/// Independent component analysis of `x [channel, time]`: [`whiten`], then the rotation that makes
/// `Σᵢ ± E ln cosh yᵢ` least (+ for sources with densities sharper than the normal one, − for flatter ones).
///
/// Long data are searched on a part of their blocks first; the end is on all of them.
///
/// # Errors
/// As [`whiten`]; [`Error::Invalid`] for no iteration or a tolerance that is not positive; [`Error::NotConverged`] when
/// the iterations run out with a gradient above 0.01. Above the tolerance but below that, [`Ica::converged`] is false.
///
/// ```
/// use dosewave_numerics::decompose::{IcaParams, amari_distance, ica};
/// // a sine and a square wave, mixed
/// let sources = ndarray::Array2::from_shape_fn((2, 2000), |(s, t)| {
///     let t = t as f64;
///     if s == 0 { (0.1 * t).sin() } else { (0.37 * t).sin().signum() }
/// });
/// let mixing = ndarray::array![[1.0, 0.5], [-0.3, 2.0]];
/// let found = ica(mixing.dot(&sources).view(), &IcaParams::default()).unwrap();
/// assert!(found.converged);
/// assert!(amari_distance(found.unmixing.view(), mixing.view()).unwrap() < 0.02);
/// ```
pub fn ica(x: ArrayView2<'_, f64>, params: &IcaParams) -> Result<Ica> {
    check_params(params)?;
    let whitening = whiten(x, params.n_components)?;
    let blocks = WhiteBlocks::new(x, &whitening);
    let fit = search(&blocks, params)?;
    if fit.gradient.is_nan() || fit.gradient > FAR_OFF.max(params.tolerance) {
        return Err(Error::NotConverged { what: "ICA", iterations: fit.n_iter });
    }
    Ok(Ica::new(whitening, &fit, params.tolerance))
}

fn check_params(params: &IcaParams) -> Result<()> {
    let invalid =
        |parameter, value, allowed: &str| Error::Invalid { parameter, value, allowed: allowed.into() };
    if params.max_iter == 0 {
        return Err(invalid("max_iter", "0".into(), "1 or more"));
    }
    if !(params.tolerance.is_finite() && params.tolerance > 0.0) {
        return Err(invalid("tolerance", params.tolerance.to_string(), "a positive number"));
    }
    Ok(())
}

/// From a random rotation, over parts of long data, to all data.
fn search(blocks: &WhiteBlocks, params: &IcaParams) -> Result<Fit> {
    let n = blocks.n_components();
    let mut stream = Stream::new(params.seed, 0);
    let mut rotation = nearest_orthogonal(&Array2::from_shape_fn((n, n), |_| stream.normal()))?;
    let run = |rotation, stride, stop| match params.method {
        IcaMethod::FastIca => fast_ica(blocks, stride, rotation, stop),
        IcaMethod::Picard => Ok(picard(blocks, stride, rotation, stop, params.extended)),
    };
    let coarse = Stop { tolerance: params.tolerance.max(COARSE_TOLERANCE), max_iter: params.max_iter };
    for stride in COARSE_STRIDES {
        if blocks.n_times() / stride >= COARSE_SAMPLES_PER_COMPONENT * n {
            rotation = run(rotation, stride, coarse)?.rotation;
        }
    }
    run(rotation, 1, Stop { tolerance: params.tolerance, max_iter: params.max_iter })
}

impl Ica {
    fn new(whitening: Whitening, fit: &Fit, tolerance: f64) -> Self {
        let unmixing = fit.rotation.dot(&whitening.whitener);
        let mixing = whitening.dewhitener.dot(&fit.rotation.t());
        let shares = mixing.mapv(|a| a * a).sum_axis(Axis(0)) / whitening.total_variance;
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
        let mut found = Self {
            mean: whitening.mean,
            unmixing: unmixing.select(Axis(0), &order),
            mixing: mixing.select(Axis(1), &order),
            variances: shares.select(Axis(0), &order),
            n_iter: fit.n_iter,
            gradient: fit.gradient,
            converged: fit.gradient <= tolerance,
        };
        components::turn_maps_positive(&mut found.mixing, &mut found.unmixing);
        found
    }

    /// Time courses `[component, time]` of `x [channel, time]`: `unmixing · (x − mean)`. Data other than those that the
    /// components were found in are welcome.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of channels.
    pub fn sources(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        components::sources(x, &self.mean, &self.unmixing)
    }

    /// `x [channel, time]` less the projections of the components `removed`: what whitening left out, and the mean, stay.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of channels, [`Error::Invalid`] for a component that is not there.
    pub fn without(&self, x: ArrayView2<'_, f64>, removed: &[usize]) -> Result<Array2<f64>> {
        components::without(x, &self.mean, (&self.unmixing, &self.mixing), removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decompose::amari_distance;

    const N: usize = 8;

    /// Four sharp sources (cubes of normals, scaled), four flat ones (sines of unrelated frequencies), mixed.
    fn mixture(n_times: usize) -> (Array2<f64>, Array2<f64>) {
        let mut stream = Stream::new(5, 0);
        let sources = Array2::from_shape_fn((N, n_times), |(s, t)| match s {
            0..4 => stream.normal().powi(3) / 15.0_f64.sqrt(),
            _ => 2.0_f64.sqrt() * (t as f64 * 0.1 * (s as f64).sqrt() + s as f64).sin(),
        });
        let mixing = Array2::from_shape_fn((N + 2, N), |_| stream.normal());
        (mixing.dot(&sources), mixing)
    }

    fn params(method: IcaMethod) -> IcaParams {
        IcaParams { method, ..IcaParams::default() }
    }

    #[test]
    fn sharp_and_flat_sources_are_found_by_both_methods() {
        let (x, mixing) = mixture(40_000);
        let [fast, picard] = [IcaMethod::FastIca, IcaMethod::Picard].map(|method| {
            let found = ica(x.view(), &params(method)).unwrap();
            assert!(found.converged, "{method:?} {}", found.gradient);
            assert_eq!(found.mixing.dim(), (N + 2, N));
            let distance = amari_distance(found.unmixing.view(), mixing.view()).unwrap();
            assert!(distance < 0.01, "{method:?} {distance}");
            assert!((found.variances.sum() - 1.0).abs() < 1e-9);
            found
        });
        // the same loss has the same minimum
        assert!((&fast.unmixing - &picard.unmixing).iter().all(|d| d.abs() < 1e-5));
    }

    #[test]
    fn without_extension_sharp_sources_are_found_and_flat_ones_are_not() {
        let (x, mixing) = mixture(20_000);
        let plain = IcaParams { extended: false, ..IcaParams::default() };
        let found = ica(x.view(), &plain).unwrap();
        // share of its size that the largest part of each source has in the components: 1 where it was found
        let parts = found.unmixing.dot(&mixing).mapv(f64::abs);
        let shares: Vec<f64> = parts
            .columns()
            .into_iter()
            .map(|part| part.iter().copied().fold(0.0, f64::max) / part.dot(&part).sqrt())
            .collect();
        let (sharp, flat) = shares.split_at(4);
        assert!(sharp.iter().all(|share| *share > 0.99), "sharp: {sharp:?}");
        assert!(flat.iter().all(|share| *share < 0.8), "flat: {flat:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_the_same_components() {
        let (x, _) = mixture(20_000);
        let found = ica(x.view(), &IcaParams::default()).unwrap();
        assert_eq!(found, ica(x.view(), &IcaParams::default()).unwrap());
        let other = ica(x.view(), &IcaParams { seed: 9, ..IcaParams::default() }).unwrap();
        assert!((&found.mixing - &other.mixing).iter().all(|d| d.abs() < 1e-4));
    }

    #[test]
    fn removing_a_component_takes_its_source_and_leaves_the_others() {
        let (x, _) = mixture(5_000);
        let found = ica(x.view(), &IcaParams::default()).unwrap();
        let cleaned = found.without(x.view(), &[2]).unwrap();
        let (before, after) = (found.sources(x.view()).unwrap(), found.sources(cleaned.view()).unwrap());
        for (k, (a, b)) in before.rows().into_iter().zip(after.rows()).enumerate() {
            let expected = if k == 2 { Array1::zeros(a.len()) } else { a.to_owned() };
            assert!((&b - &expected).iter().all(|d| d.abs() < 1e-8));
        }
        assert!((found.variances[2] - variance_share(&x, &cleaned)).abs() < 1e-9);
    }

    fn variance_share(x: &Array2<f64>, cleaned: &Array2<f64>) -> f64 {
        let variance = |x: &Array2<f64>| x.var_axis(Axis(1), 0.0).sum();
        variance(&(x - cleaned)) / variance(x)
    }

    #[test]
    fn settings_are_read_by_name() {
        let read: IcaParams = serde_json::from_str(r#"{"method": "fast_ica", "seed": 3}"#).unwrap();
        assert_eq!(read, IcaParams { method: IcaMethod::FastIca, seed: 3, ..IcaParams::default() });
        assert!(serde_json::from_str::<IcaParams>(r#"{"metod": "picard"}"#).is_err());
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let x = ndarray::array![[1.0, 2.0, 4.0], [3.0, 1.0, 1.0]];
        let message = |params| ica(x.view(), &params).unwrap_err().to_string();
        assert!(message(IcaParams { max_iter: 0, ..IcaParams::default() }).contains("max_iter = 0"));
        assert!(message(IcaParams { tolerance: 0.0, ..IcaParams::default() }).contains("tolerance = 0"));
        assert!(
            message(IcaParams { n_components: Some(0), ..IcaParams::default() }).contains("n_components")
        );
    }
}
