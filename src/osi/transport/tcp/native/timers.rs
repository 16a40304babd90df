//! The timers of a connection. As on Linux, retransmission, tail loss probe, reordering and
//! persist timer share one alarm: at most one of them is needed at a time.

use crate::units::SimTime;

/// What the alarm is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// RFC 6298: nothing came back.
    Retransmit,
    /// RFC 8985, section 7: the end of the flight may be lost.
    TailProbe,
    /// RFC 8985, section 6.3: what may be out of order has had its time.
    Reorder,
    /// RFC 9293, section 3.8.6.1: the window is closed.
    Persist,
}

#[derive(Debug, Default)]
pub(super) struct Timers {
    pub(super) alarm: Option<(SimTime, Alarm)>,
    /// Keep-alive.
    pub(super) idle: Option<SimTime>,
    /// The end of TIME-WAIT.
    pub(super) time_wait: Option<SimTime>,
    /// When pacing lets the next segment go.
    pub(super) paced: Option<SimTime>,
}

impl Timers {
    pub(super) fn set(&mut self, at: SimTime, alarm: Alarm) {
        self.alarm = Some((at, alarm));
    }

    pub(super) fn clear(&mut self) {
        self.alarm = None;
    }

    pub(super) fn is(&self, kind: Alarm) -> bool {
        self.alarm.is_some_and(|(_, alarm)| alarm == kind)
    }

    pub(super) fn next(&self) -> Option<SimTime> {
        let alarm = self.alarm.map(|(at, _)| at);
        SimTime::earliest([alarm, self.idle, self.time_wait, self.paced])
    }

    /// Takes the alarm if its time has come.
    pub(super) fn take_due(&mut self, now: SimTime) -> Option<Alarm> {
        let due = self.alarm.filter(|(at, _)| *at <= now)?;
        self.alarm = None;
        Some(due.1)
    }
}
