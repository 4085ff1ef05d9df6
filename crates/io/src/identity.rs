//! What a file says of a person.

/// Something in a file's header that may say who was recorded, when, where or by whom. No [`crate::Reader`] puts it into
/// the recording; [`crate::anonymize`] looks for its words in what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The field's name, such as `patient`.
    pub field: String,
    /// What stands there.
    pub value: String,
}

impl Identifier {
    /// An identifier.
    #[must_use]
    pub fn new(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self { field: field.into(), value: value.into() }
    }
}
