//! Events on a trigger channel.

/// Finds where a trigger channel steps up: a sample that is larger than the one before is the onset of an event with its
/// value (MNE's `find_events` with its defaults). What a stretch begins with is no event, unless it follows a pause.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    last: Option<i64>,
}

impl Steps {
    /// Of a channel that was down before its first sample.
    pub(crate) fn from_zero() -> Self {
        Self { last: Some(0) }
    }

    /// At a pause: a trigger that is up just after it is an event.
    pub(crate) fn pause(&mut self) {
        if self.last.is_some() {
            self.last = Some(0);
        }
    }

    /// The value of an event that begins at this sample.
    pub(crate) fn next(&mut self, value: f64) -> Option<i64> {
        let value = value.round().abs() as i64;
        let stepped = self.last.is_some_and(|last| value > last);
        self.last = Some(value);
        stepped.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(values: &[f64]) -> Vec<(usize, i64)> {
        let mut steps = Steps::default();
        values.iter().enumerate().filter_map(|(t, v)| Some((t, steps.next(*v)?))).collect()
    }

    #[test]
    fn steps_up_are_events() {
        assert_eq!(events(&[0.0, 5.0, 5.0, 0.0, 7.0, 0.0]), [(1, 5), (4, 7)]);
        assert_eq!(events(&[3.0, 3.0, 0.0, 3.0]), [(3, 3)]);
        // up to 6, then down to 2: one event; back up to 6: another
        assert_eq!(events(&[0.0, 6.0, 2.0, 6.0]), [(1, 6), (3, 6)]);
        assert_eq!(events(&[0.0, -4.0, 0.0]), [(1, 4)]);
        assert_eq!(events(&[0.0, f64::NAN, 0.0]), []);
    }

    #[test]
    fn a_trigger_that_is_up_after_a_pause_is_an_event() {
        let mut steps = Steps::default();
        steps.pause();
        assert_eq!(steps.next(4.0), None);
        steps.pause();
        assert_eq!(steps.next(4.0), Some(4));
    }
}
