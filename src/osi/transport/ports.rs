//! Ephemeral ports: 49152 to 65535, one after the other (RFC 6335, section 6).

use std::io;

#[derive(Debug)]
pub(super) struct Ephemeral(u16);

impl Ephemeral {
    /// The next port that is free.
    pub(super) fn next(&mut self, is_free: impl Fn(u16) -> bool) -> io::Result<u16> {
        for _ in FIRST..=u16::MAX {
            let port = self.0;
            self.0 = port.checked_add(1).unwrap_or(FIRST);
            if is_free(port) {
                return Ok(port);
            }
        }
        Err(io::ErrorKind::AddrNotAvailable.into())
    }
}

impl Default for Ephemeral {
    fn default() -> Self {
        Self(FIRST)
    }
}

const FIRST: u16 = 49_152;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_given_in_order_skip_those_in_use_and_start_over() {
        let mut ports = Ephemeral::default();
        assert_eq!(ports.next(|_| true).unwrap(), 49_152);
        assert_eq!(ports.next(|port| port != 49_153).unwrap(), 49_154);
        assert_eq!(ports.next(|port| port < 49_154).unwrap(), 49_152);
        let error = ports.next(|_| false).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    }
}
