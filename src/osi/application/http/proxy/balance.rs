//! Whose turn it is among the upstreams, and who is left alone.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::units::SimTime;

/// Round robin over the upstreams that are well.
#[derive(Debug)]
pub(super) struct Balance(Mutex<Turns>);

#[derive(Debug)]
struct Turns {
    /// Whose turn it is next.
    next: usize,
    /// Until when each is left alone.
    ill_until: Vec<SimTime>,
}

impl Balance {
    pub(super) fn new(upstreams: usize) -> Self {
        Self(Mutex::new(Turns {
            next: 0,
            ill_until: vec![SimTime::ZERO; upstreams],
        }))
    }

    /// The upstreams that are well at `now`, the one whose turn it is first.
    ///
    /// # Errors
    /// If all are ill, the time at which the first of them is tried again.
    pub(super) fn order(&self, now: SimTime) -> Result<Vec<usize>, SimTime> {
        let mut turns = self.lock();
        let count = turns.ill_until.len();
        let round = (0..count).map(|i| (turns.next + i) % count);
        let well: Vec<usize> = round.filter(|i| turns.ill_until[*i] <= now).collect();
        match well.first() {
            Some(first) => {
                turns.next = (first + 1) % count;
                Ok(well)
            }
            None => Err(turns.ill_until.iter().copied().min().unwrap_or(now)),
        }
    }

    /// An upstream failed: it is left alone until then.
    pub(super) fn is_ill(&self, upstream: usize, until: SimTime) {
        self.lock().ill_until[upstream] = until;
    }

    /// An upstream answered.
    pub(super) fn is_well(&self, upstream: usize) {
        self.lock().ill_until[upstream] = SimTime::ZERO;
    }

    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_take_turns_and_the_ill_are_left_out() {
        let balance = Balance::new(3);
        let (now, later) = (SimTime::from_nanos(10), SimTime::from_nanos(20));
        let first = |at| balance.order(at).map(|order| order[0]);
        assert_eq!([first(now), first(now), first(now)], [Ok(0), Ok(1), Ok(2)]);
        balance.is_ill(0, later);
        assert_eq!(balance.order(now), Ok(vec![1, 2]));
        assert_eq!([first(now), first(now)], [Ok(2), Ok(1)]);
        // From the end of its pause on it takes turns again.
        assert_eq!([first(later), first(later)], [Ok(2), Ok(0)]);
    }

    #[test]
    fn if_all_are_ill_the_first_to_come_back_is_told() {
        let balance = Balance::new(2);
        balance.is_ill(0, SimTime::from_nanos(30));
        balance.is_ill(1, SimTime::from_nanos(25));
        assert_eq!(balance.order(SimTime::ZERO), Err(SimTime::from_nanos(25)));
        balance.is_well(0);
        assert_eq!(balance.order(SimTime::ZERO), Ok(vec![0]));
    }
}
