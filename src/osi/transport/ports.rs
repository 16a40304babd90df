//! Ephemeral ports: 49152 to 65535, one after the other (RFC 6335, section 6).

use std::io;

use smallvec::SmallVec;

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

/// Something for each of some ports, by port. A host has one or two, so they are at hand: nothing has
/// to be followed to them.
#[derive(Debug)]
pub(super) struct ByPort<T> {
    ports: SmallVec<[u16; 4]>,
    items: SmallVec<[T; 2]>,
}

impl<T> ByPort<T> {
    pub(super) fn contains(&self, port: u16) -> bool {
        self.place(port).is_ok()
    }

    pub(super) fn get(&self, port: u16) -> Option<&T> {
        let place = self.place(port).ok()?;
        Some(&self.items[place])
    }

    pub(super) fn get_mut(&mut self, port: u16) -> Option<&mut T> {
        let place = self.place(port).ok()?;
        Some(&mut self.items[place])
    }

    /// Adds what a port has, or replaces it.
    pub(super) fn insert(&mut self, port: u16, item: T) {
        match self.place(port) {
            Ok(place) => self.items[place] = item,
            Err(place) => {
                self.ports.insert(place, port);
                self.items.insert(place, item);
            }
        }
    }

    pub(super) fn remove(&mut self, port: u16) -> Option<T> {
        let place = self.place(port).ok()?;
        self.ports.remove(place);
        Some(self.items.remove(place))
    }

    fn place(&self, port: u16) -> Result<usize, usize> {
        self.ports.binary_search(&port)
    }
}

impl<T> Default for ByPort<T> {
    fn default() -> Self {
        Self {
            ports: SmallVec::new(),
            items: SmallVec::new(),
        }
    }
}

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
