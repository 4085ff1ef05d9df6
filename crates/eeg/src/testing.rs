//! Recordings for tests.

use crate::{Channel, Details, Header, Hz, Recording, Run, Seconds};
use dosewave_numerics::stats::Stream;
use ndarray::Array2;

pub(crate) fn header(n_channels: usize, sfreq: f64, runs: Vec<Run>) -> Header {
    let names = ["Fz", "Cz", "Pz", "O1", "O2", "C3", "C4", "T7"];
    Header {
        format: "array".into(),
        channels: names[..n_channels].iter().map(|name| Channel::from_name(name)).collect(),
        sfreq: Hz(sfreq),
        runs,
        start: None,
        annotations: Vec::new(),
        other_signals: Vec::new(),
        details: Details::default(),
        notes: Vec::new(),
    }
}

/// One channel at 100 Hz: 4 s from time 0, a pause of 10 s, 6 s from time 14; sample k holds k.
pub(crate) fn with_gap() -> Recording {
    let runs =
        vec![Run { onset: Seconds(0.0), samples: 0..400 }, Run { onset: Seconds(14.0), samples: 400..1000 }];
    let data_uv = Array2::from_shape_fn((1, 1000), |(_, t)| t as f64);
    Recording::from_parts(header(1, 100.0, runs), data_uv).unwrap()
}

/// White noise of 10 µV in one run, the same on every machine.
pub(crate) fn noise(n_channels: usize, n_times: usize, sfreq: f64) -> Recording {
    let mut stream = Stream::new(11, 0);
    let runs = vec![Run { onset: Seconds(0.0), samples: 0..n_times as u64 }];
    let data_uv = Array2::from_shape_simple_fn((n_channels, n_times), || 10.0 * stream.normal());
    Recording::from_parts(header(n_channels, sfreq, runs), data_uv).unwrap()
}
