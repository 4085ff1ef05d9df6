//! Times of samples that come regularly: stretches without a pause, each on a line.

/// A longer step than this is a pause, s. Times jitter by less: they are when samples arrived.
const PAUSE_S: f64 = 1.0;

/// Samples without a pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) n: u64,
    /// When its first sample was, on the line.
    pub(crate) onset: f64,
    /// Seconds from sample to sample, on the line; `None` of a single sample.
    pub(crate) step: Option<f64>,
}

/// Takes the times of samples one after the other, and keeps a few sums of each stretch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    pub(crate) done: Vec<Stretch>,
    open: Option<Sums>,
}

/// Sums of a stretch for a line of time on sample, both counted from its first.
#[derive(Clone, Copy, Debug)]
struct Sums {
    first: f64,
    last: f64,
    n: f64,
    i: f64,
    ii: f64,
    t: f64,
    it: f64,
}

impl Times {
    /// The time of the next sample. A step of `reset` begins a new stretch however short it is.
    pub(crate) fn add(&mut self, time: f64, reset: bool) {
        match &mut self.open {
            Some(sums) if !reset && (time - sums.last).abs() <= PAUSE_S => sums.add(time),
            _ => {
                self.close();
                let mut sums = Sums { first: time, last: time, n: 0.0, i: 0.0, ii: 0.0, t: 0.0, it: 0.0 };
                sums.add(time);
                self.open = Some(sums);
            }
        }
    }

    /// Ends the last stretch.
    pub(crate) fn close(&mut self) {
        self.done.extend(self.open.take().map(|sums| sums.line()));
    }

    /// Samples per second over all stretches, each weighted by its length.
    pub(crate) fn rate(&self) -> Option<f64> {
        let steps = self.done.iter().filter_map(|s| Some((s.step?, (s.n - 1) as f64)));
        let (seconds, n) = steps.fold((0.0, 0.0), |(seconds, n), (step, m)| (seconds + step * m, n + m));
        (seconds > 0.0).then_some(n / seconds)
    }
}

impl Sums {
    fn add(&mut self, time: f64) {
        let (i, t) = (self.n, time - self.first);
        self.i += i;
        self.ii += i * i;
        self.t += t;
        self.it += i * t;
        self.n += 1.0;
        self.last = time;
    }

    fn line(&self) -> Stretch {
        let (mean_i, mean_t) = (self.i / self.n, self.t / self.n);
        let spread = self.ii / self.n - mean_i * mean_i;
        let step =
            (spread > 0.0).then(|| (self.it / self.n - mean_i * mean_t) / spread).filter(|step| *step > 0.0);
        let onset = self.first + step.map_or(0.0, |step| mean_t - step * mean_i);
        Stretch { n: self.n as u64, onset, step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(all: impl IntoIterator<Item = f64>) -> Times {
        let mut times = Times::default();
        all.into_iter().for_each(|t| times.add(t, false));
        times.close();
        times
    }

    #[test]
    fn jitter_goes_to_a_line_and_pauses_part() {
        // 250.05 Hz with up to 20 ms of jitter; 3 s of pause
        let jitter = |i: u32| 0.02 * f64::from(i * 7919 % 1000) / 1000.0 - 0.01;
        let at = |i: u32| 5000.0 + f64::from(i) / 250.05 + if i < 5000 { 0.0 } else { 3.0 };
        let times = times((0..20_000).map(|i| at(i) + jitter(i)));
        let lengths: Vec<u64> = times.done.iter().map(|s| s.n).collect();
        assert_eq!(lengths, [5000, 15_000]);
        assert!((times.done[0].onset - 5000.0).abs() < 5e-4 && (times.done[1].onset - at(5000)).abs() < 5e-4);
        assert!((times.rate().unwrap() - 250.05).abs() < 1e-2);
    }

    #[test]
    fn exact_times_stay_exact() {
        let times = times((0..1000).map(|i| 7e5 + f64::from(i) / 100.0));
        assert!((times.done[0].onset - 7e5).abs() < 1e-8 && (times.rate().unwrap() - 100.0).abs() < 1e-6);
    }

    #[test]
    fn single_samples_and_resets() {
        let mut times = Times::default();
        for (t, reset) in [(1.0, false), (1.1, true), (1.2, false)] {
            times.add(t, reset);
        }
        times.close();
        assert_eq!(times.done.len(), 2);
        assert_eq!((times.done[0].step, times.done[0].onset), (None, 1.0));
        assert_eq!(Times::default().rate(), None);
    }
}
