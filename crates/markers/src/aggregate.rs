//! Combining values over sites.
