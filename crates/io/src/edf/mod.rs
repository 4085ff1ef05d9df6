//! EDF family.
