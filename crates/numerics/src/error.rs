//! What can go wrong in a kernel.

use ndarray::ArrayView1;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong in a kernel.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too few samples, bins or epochs for the method.
    #[error("{what}: {got} given, at least {need} needed")]
    TooShort {
        /// What was counted.
        what: &'static str,
        /// How many there were.
        got: usize,
        /// How many it takes.
        need: usize,
    },
    /// Sizes that must agree and do not.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// As it must be.
        expected: usize,
        /// As it is.
        got: usize,
    },
    /// An iteration that did not settle.
    #[error("{what} did not converge in {iterations} iterations")]
    NotConverged {
        /// Which.
        what: &'static str,
        /// How many were tried.
        iterations: usize,
    },
    /// A parameter outside its range.
    #[error("{parameter} = {value}; allowed: {allowed}")]
    Invalid {
        /// Which.
        parameter: &'static str,
        /// As given.
        value: String,
        /// What would do.
        allowed: String,
    },
    /// NaN, infinity, or a value that the method cannot take (a zero power under a logarithm).
    #[error("{what}[{index}] = {value}; {allowed}")]
    Value {
        /// Which array.
        what: &'static str,
        /// Where in it.
        index: usize,
        /// What stands there.
        value: f64,
        /// What may stand there.
        allowed: &'static str,
    },
}

/// The place of the first NaN or infinity of a signal.
///
/// ```
/// use dosewave_numerics::first_not_finite;
/// assert_eq!(first_not_finite(ndarray::array![1.0, f64::NAN, 2.0].view()), Some(1));
/// assert_eq!(first_not_finite(ndarray::array![1.0, 2.0].view()), None);
/// ```
#[must_use]
pub fn first_not_finite(x: ArrayView1<'_, f64>) -> Option<usize> {
    // blocks are looked through without a branch, several samples at a time
    const BLOCK: usize = 1024;
    let all_finite = |block: &[f64]| block.iter().fold(true, |all, value| all & value.is_finite());
    match x.as_slice() {
        None => x.iter().position(|value| !value.is_finite()),
        Some(samples) => {
            let block = samples.chunks(BLOCK).position(|block| !all_finite(block))?;
            let start = block * BLOCK;
            samples.iter().skip(start).position(|value| !value.is_finite()).map(|at| start + at)
        }
    }
}

/// Refuses NaN and infinities, by their place in `what`.
pub(crate) fn check_finite<'a>(values: impl IntoIterator<Item = &'a f64>, what: &'static str) -> Result<()> {
    match values.into_iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &value)) => Err(Error::Value { what, index, value, allowed: "must be finite" }),
        None => Ok(()),
    }
}
