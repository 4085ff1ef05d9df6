//! Tests of the whole page.
mod numbers;
mod page;
mod sections;
mod well_formed;
