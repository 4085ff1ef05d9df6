//! Transfer entropy of symbols, with its bias taken off.

use crate::stats::{Stream, bootstrap_counts, quantile};
use crate::{Error, Result};

/// How a source is made one that tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    /// Turned round in time by a random amount of at least a tenth of the window: what the source does by itself stays,
    /// and so does the bias that it makes.
    Shift,
    /// Its symbols in random order, as published. The bias of symbols that resemble their neighbours is larger than that
    /// of shuffled ones, so independent rhythms come out above 0.
    Permutation,
}

/// What transfer entropy is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteParams {
    /// Number of symbols there are, 1 to 250.
    pub n_symbols: usize,
    /// How far ahead the target is foretold, samples.
    pub horizon: usize,
    /// Number of shuffled sources; 0 takes no bias off.
    pub n_shuffles: usize,
    /// How they are shuffled.
    pub shuffle: Shuffle,
}

impl SteParams {
    /// Refuses parameters that cannot be, symbols that are none, and runs that all end before the horizon.
    fn check(&self, runs: &[Vec<u8>]) -> Result<()> {
        if self.horizon == 0 || self.n_symbols == 0 || self.n_symbols > 250 {
            return Err(Error::Invalid {
                parameter: "horizon, n_symbols",
                value: format!("{}, {}", self.horizon, self.n_symbols),
                allowed: "1 sample or more, 1 to 250".into(),
            });
        }
        let none = |code: &u8| usize::from(*code) >= self.n_symbols;
        if let Some((index, &code)) = runs.iter().flatten().enumerate().find(|(_, code)| none(code)) {
            let allowed = "must be below the number of symbols";
            return Err(Error::Value { what: "symbols", index, value: f64::from(code), allowed });
        }
        let got = runs.iter().map(Vec::len).max().unwrap_or(0);
        if got > self.horizon {
            return Ok(());
        }
        Err(Error::TooShort { what: "symbols of a run", got, need: self.horizon + 1 })
    }
}

/// Symbols of a target in one window: each with the one `horizon` samples later.
#[derive(Clone, Debug, PartialEq)]
pub struct SteTarget {
    n_symbols: usize,
    /// `next × n_symbols + now`.
    steps: Vec<u16>,
    /// `k log₂ k` for counts up to the number of steps.
    k_log_k: Vec<f64>,
    /// `Σ k log₂ k` over counts of (next, now), and over counts of now.
    joint: f64,
    alone: f64,
}

/// Symbols of a source in one window, as they are and shuffled.
#[derive(Clone, Debug, PartialEq)]
pub struct SteSource {
    n_symbols: usize,
    entropy_bits: f64,
    codes: Vec<u8>,
    shuffled: Vec<Vec<u8>>,
}

/// Transfer entropy from a source to a target in one window, in bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransferEntropy {
    /// `Σ p(y⁺, y, x) log₂ [p(y⁺ | y, x) / p(y⁺ | y)]`.
    pub bits: f64,
    /// Its mean over shuffled sources: the bias.
    pub shuffled_bits: f64,
    /// `H(y⁺ | y)`: what there is to be told.
    pub conditional_entropy_bits: f64,
    /// `H(x)`: 0 of a silent source.
    pub source_entropy_bits: f64,
    /// Number of triples `(y⁺, y, x)`.
    pub n: usize,
}

impl TransferEntropy {
    /// `(bits − shuffled_bits) / H(y⁺ | y)`; `None` where the target's next symbol holds no surprise, or the
    /// source is silent.
    #[must_use]
    pub fn normalised(&self) -> Option<f64> {
        (self.conditional_entropy_bits > 1e-12 && self.source_entropy_bits > 1e-12)
            .then(|| (self.bits - self.shuffled_bits) / self.conditional_entropy_bits)
    }
}

impl SteTarget {
    /// From the symbols of each run, a stretch without a gap.
    ///
    /// # Errors
    /// [`Error::Invalid`] for no horizon or more than 250 symbols, [`Error::Value`] for a symbol that is none,
    /// [`Error::TooShort`] where no run is longer than the horizon.
    pub fn new(runs: &[Vec<u8>], params: &SteParams) -> Result<Self> {
        params.check(runs)?;
        let (n_symbols, horizon) = (params.n_symbols, params.horizon);
        let step = |run: &[u8], t: usize| u16::from(run[t + horizon]) * n_symbols as u16 + u16::from(run[t]);
        let mut steps = Vec::new();
        for run in runs {
            steps.extend((0..run.len().saturating_sub(horizon)).map(|t| step(run, t)));
        }
        let k_log_k: Vec<f64> =
            (0..=steps.len()).map(|k| if k == 0 { 0.0 } else { k as f64 * (k as f64).log2() }).collect();
        let mut joint = vec![0_usize; n_symbols * n_symbols];
        steps.iter().for_each(|step| joint[usize::from(*step)] += 1);
        let mut alone = vec![0_usize; n_symbols];
        joint.iter().enumerate().for_each(|(at, count)| alone[at % n_symbols] += count);
        let total = |counts: &[usize]| counts.iter().map(|count| k_log_k[*count]).sum();
        let (joint, alone) = (total(&joint), total(&alone));
        Ok(Self { n_symbols, steps, k_log_k, joint, alone })
    }

    /// Transfer entropy from `source` (Schreiber 2000, 10.1103/PhysRevLett.85.461; of ordinal patterns: Staniek & Lehnertz
    /// 2008, 10.1103/PhysRevLett.100.158101), with its mean over the shuffled sources.
    ///
    /// # Errors
    /// [`Error::Shape`] for a source of another length or other symbols.
    pub fn from(&self, source: &SteSource) -> Result<TransferEntropy> {
        let n = self.steps.len();
        for (what, expected, got) in [
            ("symbols of the source", n, source.codes.len()),
            ("kinds of symbols of the source", self.n_symbols, source.n_symbols),
        ] {
            if expected != got {
                return Err(Error::Shape { what, expected, got });
            }
        }
        let mut counts = vec![0_u32; self.n_symbols.pow(3)];
        let mut bits = |codes: &[u8]| (self.told(codes, &mut counts) + self.alone - self.joint) / n as f64;
        let shuffled: f64 = source.shuffled.iter().map(|codes| bits(codes)).sum();
        let n_shuffled = source.shuffled.len().max(1) as f64;
        Ok(TransferEntropy {
            bits: bits(&source.codes),
            shuffled_bits: shuffled / n_shuffled,
            conditional_entropy_bits: (self.alone - self.joint) / n as f64,
            source_entropy_bits: source.entropy_bits,
            n,
        })
    }

    /// `Σ k log₂ k` over counts of (next, now, source) less that over counts of (now, source).
    fn told(&self, codes: &[u8], counts: &mut [u32]) -> f64 {
        let k = self.n_symbols;
        for (&step, &code) in self.steps.iter().zip(codes) {
            counts[usize::from(step) * k + usize::from(code)] += 1;
        }
        let mut sum = 0.0;
        for now in 0..k {
            for code in 0..k {
                let mut with_any_next = 0;
                for next in 0..k {
                    let count = &mut counts[(next * k + now) * k + code];
                    sum += self.k_log_k[*count as usize];
                    with_any_next += *count;
                    *count = 0;
                }
                sum -= self.k_log_k[with_any_next as usize];
            }
        }
        sum
    }
}

impl SteSource {
    /// From the symbols of each run, those that have a target's symbol `horizon` samples later, with shuffled copies.
    ///
    /// # Errors
    /// As [`SteTarget::new`].
    pub fn new(runs: &[Vec<u8>], params: &SteParams, stream: &mut Stream) -> Result<Self> {
        params.check(runs)?;
        let mut codes: Vec<u8> = Vec::new();
        for run in runs {
            codes.extend(&run[..run.len().saturating_sub(params.horizon)]);
        }
        let n = codes.len();
        let mut one = || {
            let mut copy = codes.clone();
            match params.shuffle {
                Shuffle::Permutation => stream.shuffle(&mut copy),
                Shuffle::Shift => copy.rotate_left((n / 10 + stream.below(n - 2 * (n / 10))) % n),
            }
            copy
        };
        let shuffled = (0..params.n_shuffles).map(|_| one()).collect();
        let mut counts = vec![0_usize; params.n_symbols];
        codes.iter().for_each(|code| counts[usize::from(*code)] += 1);
        let share = |count: usize| count as f64 / n as f64;
        let surprise = |count: &usize| if *count == 0 { 0.0 } else { -share(*count) * share(*count).log2() };
        let entropy_bits = counts.iter().map(surprise).sum();
        Ok(Self { n_symbols: params.n_symbols, entropy_bits, codes, shuffled })
    }
}

/// The mean of some values and the interval that holds it with probability `level`, from `n_draws` bootstrap samples
/// (percentiles; Efron 1979, 10.1214/aos/1176344552). One value has no interval.
///
/// # Errors
/// [`Error::TooShort`] without a value, [`Error::Invalid`] for a level outside 0 to 1 or no draws.
pub fn mean_and_interval(
    values: &[f64],
    level: f64,
    n_draws: usize,
    stream: &mut Stream,
) -> Result<(f64, Option<(f64, f64)>)> {
    if values.is_empty() {
        return Err(Error::TooShort { what: "values", got: 0, need: 1 });
    }
    if !(level > 0.0 && level < 1.0) || n_draws == 0 {
        let value = format!("{level}, {n_draws}");
        return Err(Error::Invalid {
            parameter: "level, n_draws",
            value,
            allowed: "above 0 and below 1; 1 or more".into(),
        });
    }
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    if n == 1 {
        return Ok((mean, None));
    }
    let means: Vec<f64> = (0..n_draws)
        .map(|_| {
            let counts = bootstrap_counts(n, stream);
            values.iter().zip(counts).map(|(value, count)| value * f64::from(count)).sum::<f64>() / n as f64
        })
        .collect();
    let tail = (1.0 - level) / 2.0;
    Ok((mean, quantile(&means, tail).zip(quantile(&means, 1.0 - tail))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directed::{n_patterns, ordinal_patterns};
    use ndarray::Array1;
    use std::collections::HashMap;

    fn params(n_symbols: usize, horizon: usize, shuffle: Shuffle) -> SteParams {
        SteParams { n_symbols, horizon, n_shuffles: 20, shuffle }
    }

    fn entropy(source: &[Vec<u8>], target: &[Vec<u8>], params: SteParams) -> TransferEntropy {
        let source = SteSource::new(source, &params, &mut Stream::new(1, 0)).unwrap();
        SteTarget::new(target, &params).unwrap().from(&source).unwrap()
    }

    /// Next and present symbol of the target, present symbol of the source.
    type Triple = (u8, u8, u8);

    /// The slow twin: entropies of tuples, counted in maps.
    fn slow(source: &[Vec<u8>], target: &[Vec<u8>], horizon: usize) -> (f64, f64) {
        let mut triples = Vec::new();
        for (x, y) in source.iter().zip(target) {
            for t in 0..y.len().saturating_sub(horizon) {
                triples.push((y[t + horizon], y[t], x[t]));
            }
        }
        let h = |key: &dyn Fn(&Triple) -> Triple| -> f64 {
            let mut counts: HashMap<Triple, usize> = HashMap::new();
            triples.iter().for_each(|triple| *counts.entry(key(triple)).or_default() += 1);
            let n = triples.len() as f64;
            -counts.values().map(|c| *c as f64 / n * (*c as f64 / n).log2()).sum::<f64>()
        };
        let conditional = h(&|t| (t.0, t.1, 0)) - h(&|t| (0, t.1, 0));
        (conditional - (h(&|t| *t) - h(&|t| (0, t.1, t.2))), conditional)
    }

    #[test]
    fn counting_in_tables_equals_counting_in_maps() {
        let mut stream = Stream::new(2, 0);
        let mut runs = |lengths: &[usize]| -> Vec<Vec<u8>> {
            lengths.iter().map(|n| (0..*n).map(|_| stream.below(6) as u8).collect()).collect()
        };
        let (x, y) = (runs(&[200, 3, 120]), runs(&[200, 3, 120]));
        for horizon in [1, 4] {
            let found = entropy(&x, &y, params(6, horizon, Shuffle::Permutation));
            let (bits, conditional) = slow(&x, &y, horizon);
            assert!((found.bits - bits).abs() < 1e-12, "{} against {bits}", found.bits);
            assert!((found.conditional_entropy_bits - conditional).abs() < 1e-12);
            assert_eq!(found.n, if horizon == 1 { 199 + 2 + 119 } else { 196 + 116 });
        }
    }

    /// `y(t+1) = x(t)`, flipped with probability ε, `x` fair coins: 1 − h(ε) bits there, none back.
    #[test]
    fn a_noisy_copy_tells_what_its_channel_carries() {
        let (mut stream, flip, n) = (Stream::new(3, 0), 0.1_f64, 200_000);
        let x: Vec<u8> = (0..n).map(|_| stream.below(2) as u8).collect();
        let mut y = vec![0_u8; n];
        for t in 1..n {
            y[t] = x[t - 1] ^ u8::from(stream.uniform() < flip);
        }
        let expected = 1.0 + flip * flip.log2() + (1.0 - flip) * (1.0 - flip).log2();
        let there =
            entropy(std::slice::from_ref(&x), std::slice::from_ref(&y), params(2, 1, Shuffle::Permutation));
        assert!((there.bits - expected).abs() < 0.005, "{} against {expected}", there.bits);
        assert!((there.normalised().unwrap() - expected).abs() < 0.005);
        let back =
            entropy(std::slice::from_ref(&y), std::slice::from_ref(&x), params(2, 1, Shuffle::Permutation));
        assert!(back.bits < 1e-4 && back.normalised().unwrap().abs() < 1e-4);
        // two samples ahead the next coin is unknown
        assert!(entropy(&[x], &[y], params(2, 2, Shuffle::Shift)).bits < 1e-4);
    }

    /// A chain that follows a chain: `y(t+1)` is `x(t)` with probability q, else `y(t)`; `x` stays with probability s. Its
    /// transfer entropy is a sum over the stationary distribution, which is iterated here.
    #[test]
    fn a_coupled_chain_has_its_entropy() {
        let (q, s, n) = (0.3_f64, 0.8_f64, 400_000);
        let mut p = [[0.25_f64; 2]; 2];
        let next_y = |y1: usize, y: usize, x: usize| {
            q * f64::from(u8::from(y1 == x)) + (1.0 - q) * f64::from(u8::from(y1 == y))
        };
        for _ in 0..200 {
            let mut new = [[0.0; 2]; 2];
            for (x, y, x1, y1) in (0..16).map(|c| (c & 1, c >> 1 & 1, c >> 2 & 1, c >> 3 & 1)) {
                new[x1][y1] += p[x][y] * if x1 == x { s } else { 1.0 - s } * next_y(y1, y, x);
            }
            p = new;
        }
        let mut expected = 0.0;
        for (y, y1) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let (low, high) = (p[0][y], p[1][y]);
            let unknowing = (low * next_y(y1, y, 0) + high * next_y(y1, y, 1)) / (low + high);
            for (x, share) in [(0, low), (1, high)] {
                let known = next_y(y1, y, x);
                expected += if known > 0.0 { share * known * (known / unknowing).log2() } else { 0.0 };
            }
        }
        let mut stream = Stream::new(4, 0);
        let (mut x, mut y) = (vec![0_u8; n], vec![0_u8; n]);
        for t in 1..n {
            x[t] = if stream.uniform() < s { x[t - 1] } else { 1 - x[t - 1] };
            y[t] = if stream.uniform() < q { x[t - 1] } else { y[t - 1] };
        }
        let found = entropy(&[x], &[y], params(2, 1, Shuffle::Shift));
        assert!((found.bits - expected).abs() < 0.003, "{} against {expected}", found.bits);
        assert!(expected > 0.05);
    }

    /// An oscillation of its own random phase and frequency, at 250 Hz.
    fn rhythm(n: usize, stream: &mut Stream) -> Array1<f64> {
        let (mut phase, mut x) = (stream.uniform() * 6.3, Array1::zeros(n));
        for value in &mut x {
            phase += 2.0 * std::f64::consts::PI * 10.0 / 250.0 + 0.15 * stream.normal();
            *value = phase.sin() + 0.3 * stream.normal();
        }
        x
    }

    #[test]
    fn independent_rhythms_come_out_near_zero() {
        let mut stream = Stream::new(5, 0);
        let mut means = [0.0; 3];
        for _ in 0..40 {
            let mut patterns = || vec![ordinal_patterns(rhythm(2500, &mut stream).view(), 3, 5).unwrap()];
            let (x, y) = (patterns(), patterns());
            let k = n_patterns(3);
            let shift = entropy(&x, &y, params(k, 5, Shuffle::Shift));
            means[0] += shift.normalised().unwrap() / 40.0;
            means[1] += entropy(&x, &y, params(k, 5, Shuffle::Permutation)).normalised().unwrap() / 40.0;
            means[2] += shift.bits / shift.conditional_entropy_bits / 40.0;
        }
        assert!(means[0].abs() < 0.002, "{means:?}");
        assert!(means[2] > 10.0 * means[0].abs(), "what the correction takes off: {means:?}");
    }

    /// Of this process 0.374 there and 0.137 back (half a million samples, counted by another program): the rhythm goes on, so
    /// that its late copy, with noise of its own, tells something of what comes even to the one that leads. A longer recording
    /// brings the ratio no further from 2.73 than its spread, 0.03 of 50 000 samples.
    #[test]
    fn a_lag_that_was_put_in_has_its_direction() {
        const N: usize = 50_000;
        let mut stream = Stream::new(6, 0);
        let x = rhythm(N, &mut stream);
        let y = Array1::from_shape_fn(N, |t| if t >= 6 { x[t - 6] + 0.3 * stream.normal() } else { 0.0 });
        let patterns = |x: &Array1<f64>| vec![ordinal_patterns(x.view(), 3, 3).unwrap()];
        let (x, y) = (patterns(&x), patterns(&y));
        let there = entropy(&x, &y, params(6, 6, Shuffle::Shift)).normalised().unwrap();
        let back = entropy(&y, &x, params(6, 6, Shuffle::Shift)).normalised().unwrap();
        assert!((there - 0.374).abs() < 0.01 && (back - 0.137).abs() < 0.01, "{there} and {back}");
        assert!((there / back - 2.73).abs() < 0.15, "{}", there / back);
    }

    #[test]
    fn a_target_without_surprise_has_no_normalised_value() {
        let constant = vec![vec![0_u8; 100]];
        let found = entropy(&constant, &constant, params(6, 1, Shuffle::Shift));
        assert_eq!((found.bits, found.normalised()), (0.0, None));
        let mut stream = Stream::new(8, 0);
        let lively = vec![(0..100).map(|_| stream.below(6) as u8).collect::<Vec<u8>>()];
        let found = entropy(&constant, &lively, params(6, 1, Shuffle::Shift));
        assert_eq!((found.source_entropy_bits, found.normalised()), (0.0, None), "a silent source");
        let found = entropy(&lively, &lively, params(6, 1, Shuffle::Shift));
        assert!(found.source_entropy_bits > 2.0 && found.source_entropy_bits < 6.0_f64.log2());
        let target = |runs: &[Vec<u8>], horizon| SteTarget::new(runs, &params(6, horizon, Shuffle::Shift));
        assert!(target(&[vec![0, 6, 1]], 1).is_err(), "a symbol that is none");
        assert!(target(&[vec![0, 1]], 2).is_err() && target(&[vec![0, 1]], 0).is_err());
        for (length, n_symbols) in [(50, 6), (100, 5)] {
            let other = params(n_symbols, 1, Shuffle::Shift);
            let source = SteSource::new(&[vec![0; length]], &other, &mut Stream::new(1, 0)).unwrap();
            assert!(target(&constant, 1).unwrap().from(&source).is_err());
        }
    }

    #[test]
    fn an_interval_holds_the_mean_as_often_as_it_says() {
        let covered = (0..400_u64)
            .filter(|&k| {
                let mut stream = Stream::new(7, k);
                let values: Vec<f64> = (0..25).map(|_| 3.0 + stream.normal()).collect();
                let (_, interval) = mean_and_interval(&values, 0.9, 400, &mut stream).unwrap();
                interval.is_some_and(|(low, high)| low <= 3.0 && 3.0 <= high)
            })
            .count();
        assert!((330..=380).contains(&covered), "{covered} of 400 at 90 %");
        let mut stream = Stream::new(1, 0);
        assert_eq!(mean_and_interval(&[2.0], 0.9, 10, &mut stream).unwrap(), (2.0, None));
        assert!(mean_and_interval(&[], 0.9, 10, &mut stream).is_err());
        assert!(mean_and_interval(&[1.0, 2.0], 1.0, 10, &mut stream).is_err());
    }
}
