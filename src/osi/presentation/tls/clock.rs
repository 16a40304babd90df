//! The calendar of the scenario, for the dates of certificates and the age of tickets.

use std::time::Duration;

use rustls::{pki_types::UnixTime, time_provider::TimeProvider};

use crate::task::Host;

/// Virtual time as a date.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) host: Host,
    /// When virtual time begins \[ns since 1970-01-01 UTC\].
    pub(super) epoch: u64,
}

impl TimeProvider for Calendar {
    fn current_time(&self) -> Option<UnixTime> {
        let now = self.epoch.saturating_add(self.host.now().as_nanos());
        Some(UnixTime::since_unix_epoch(Duration::from_nanos(now)))
    }
}
