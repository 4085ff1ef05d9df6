//! Wall and processor time of a piece of work.

use crate::Failure;
use std::time::Instant;

/// Seconds of each repeat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timing {
    /// Wall time.
    pub wall_s: Vec<f64>,
    /// Processor time of all threads; empty where the system does not tell.
    pub cpu_s: Vec<f64>,
}

impl Timing {
    /// Smallest and median of some repeats; `None` without any.
    #[must_use]
    pub fn min_and_median(seconds: &[f64]) -> Option<(f64, f64)> {
        let mut sorted = seconds.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        let lower = if sorted.len().is_multiple_of(2) { *sorted.get(middle.checked_sub(1)?)? } else { upper };
        Some((*sorted.first()?, f64::midpoint(lower, upper)))
    }
}

/// Seconds on a processor of all threads of this process that still run, from `/proc/self/task/*/schedstat`.
#[must_use]
pub fn cpu_seconds() -> Option<f64> {
    let mut nanoseconds = 0_u64;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(nanoseconds as f64 * 1e-9)
}

/// Runs `work` once to warm caches and memory, then `repeats` times under the watch.
///
/// # Errors
/// What `work` fails with.
pub fn time<T>(repeats: usize, mut work: impl FnMut() -> Result<T, Failure>) -> Result<Timing, Failure> {
    std::hint::black_box(work()?);
    let mut timing = Timing::default();
    for _ in 0..repeats {
        let (cpu, wall) = (cpu_seconds(), Instant::now());
        let result = work()?;
        timing.wall_s.push(wall.elapsed().as_secs_f64());
        timing.cpu_s.extend(cpu_seconds().zip(cpu).map(|(after, before)| after - before));
        // what was computed is dropped after the watch stops
        drop(std::hint::black_box(result));
    }
    Ok(timing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_few() {
        assert_eq!(Timing::min_and_median(&[3.0, 1.0, 2.0]), Some((1.0, 2.0)));
        assert_eq!(Timing::min_and_median(&[4.0, 1.0]), Some((1.0, 2.5)));
        assert_eq!(Timing::min_and_median(&[]), None);
    }

    #[test]
    fn work_takes_processor_time_and_sleep_takes_none() {
        let busy =
            time(1, || Ok((0..30_000_000_u64).fold(0, |sum, k| sum ^ std::hint::black_box(k)))).unwrap();
        let idle = time(1, || {
            std::thread::sleep(std::time::Duration::from_millis(60));
            Ok(())
        })
        .unwrap();
        assert!(idle.wall_s[0] >= 0.06);
        if let (Some(busy), Some(idle)) = (busy.cpu_s.first(), idle.cpu_s.first()) {
            assert!(busy > idle && *idle < 0.05, "{busy} {idle}");
        }
    }
}
