//! What can go wrong in a kernel.

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

/// Refuses NaN and infinities, by their place in `what`.
pub(crate) fn check_finite<'a>(values: impl IntoIterator<Item = &'a f64>, what: &'static str) -> Result<()> {
    match values.into_iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &value)) => Err(Error::Value { what, index, value, allowed: "must be finite" }),
        None => Ok(()),
    }
}
