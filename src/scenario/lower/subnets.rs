//! Free subnets for the segments that the file gives none, and the order in which the addresses of
//! a subnet are handed out.
//!
//! IPv4 only, so far: the addresses come from 10.0.0.0/8.

use std::{collections::BTreeMap, net::Ipv4Addr, ops::RangeInclusive};

use ipnet::Ipv4Net;

/// The subnets in use: first address to last address. They do not overlap.
#[derive(Debug, Default)]
pub(super) struct Subnets(BTreeMap<u32, u32>);

/// The first address of 10.0.0.0/8, and its last.
const PRIVATE: RangeInclusive<u32> = 0x0a00_0000..=0x0aff_ffff;

impl Subnets {
    /// Takes `net`, unless it overlaps one that is taken; then that one is the answer.
    pub(super) fn take(&mut self, net: Ipv4Net) -> Result<(), Ipv4Addr> {
        let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
        if let Some((start, _)) = self.overlapping(first, last) {
            return Err(Ipv4Addr::from(start));
        }
        self.0.insert(first, last);
        Ok(())
    }

    /// The taken subnet with the highest addresses among those that overlap the range.
    fn overlapping(&self, first: u32, last: u32) -> Option<(u32, u32)> {
        let (&start, &end) = self.0.range(..=last).next_back()?;
        (end >= first).then_some((start, end))
    }

    /// Takes 10.0.`number`.0/24, or the next free one above it; a wider one if `members` do not
    /// fit. `None` if 10.0.0.0/8 is full.
    pub(super) fn take_free(&mut self, number: u32, members: usize) -> Option<Ipv4Net> {
        let length = prefix_for(members)?;
        let size = 1u32 << (32 - length);
        let wanted = PRIVATE.start().checked_add(number.checked_mul(256)?)?;
        let mut first = wanted.checked_next_multiple_of(size)?;
        while first <= *PRIVATE.end() {
            let last = first + (size - 1);
            match self.overlapping(first, last) {
                Some((_, end)) => first = end.checked_add(1)?.checked_next_multiple_of(size)?,
                None => {
                    self.0.insert(first, last);
                    return Ipv4Net::new(Ipv4Addr::from(first), length).ok();
                }
            }
        }
        None
    }
}

/// The longest prefix, at most 24, that has room for `members`, the network and broadcast address
/// and nine addresses kept for routers.
fn prefix_for(members: usize) -> Option<u8> {
    (8..=24)
        .rev()
        .find(|length| (1usize << (32 - length)) >= members + 11)
}

/// The addresses of `net` in the order in which hosts get them: from .10 upward, then those below.
pub(super) fn for_hosts(net: Ipv4Net) -> impl Iterator<Item = Ipv4Addr> {
    let (first, last) = usable(net);
    let tenth = (u32::from(net.network()) + 10).max(first);
    (tenth..=last)
        .chain(first..tenth.min(last + 1))
        .map(Ipv4Addr::from)
}

/// The addresses of `net` in the order in which routers get them: from .1 upward.
pub(super) fn for_routers(net: Ipv4Net) -> impl Iterator<Item = Ipv4Addr> {
    let (first, last) = usable(net);
    (first..=last).map(Ipv4Addr::from)
}

/// The first and the last address a card may have: all but the network's and the broadcast
/// address, and both of a /31 (RFC 3021).
pub(super) fn usable(net: Ipv4Net) -> (u32, u32) {
    let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
    if net.prefix_len() >= 31 {
        (first, last)
    } else {
        (first + 1, last - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    #[test]
    fn free_subnets_follow_the_number_and_skip_what_is_taken() {
        let mut subnets = Subnets::default();
        subnets.take(net("10.0.1.0/24")).unwrap();
        assert_eq!(subnets.take_free(0, 2), Some(net("10.0.0.0/24")));
        assert_eq!(subnets.take_free(1, 2), Some(net("10.0.2.0/24")));
        assert_eq!(subnets.take_free(2, 2), Some(net("10.0.3.0/24")));
    }

    #[test]
    fn many_members_get_a_wider_subnet() {
        // 245 members + 11 = 256 addresses: a /24. One more needs 512: a /23, aligned.
        let mut subnets = Subnets::default();
        assert_eq!(subnets.take_free(0, 245), Some(net("10.0.0.0/24")));
        assert_eq!(subnets.take_free(1, 246), Some(net("10.0.2.0/23")));
        assert_eq!(subnets.take_free(0, 100_000), Some(net("10.2.0.0/15")));
        assert_eq!(subnets.take_free(0, usize::MAX - 11), None);
    }

    #[test]
    fn overlaps_are_found_in_both_directions() {
        let mut subnets = Subnets::default();
        subnets.take(net("10.1.0.0/16")).unwrap();
        assert!(subnets.take(net("10.1.7.0/24")).is_err());
        assert!(subnets.take(net("10.0.0.0/8")).is_err());
        assert!(subnets.take(net("10.2.0.0/16")).is_ok());
    }

    #[test]
    fn hosts_start_at_ten_and_routers_at_one() {
        let first = |mut i: Box<dyn Iterator<Item = Ipv4Addr>>| i.next().unwrap().to_string();
        assert_eq!(first(Box::new(for_hosts(net("10.0.0.0/24")))), "10.0.0.10");
        assert_eq!(first(Box::new(for_routers(net("10.0.0.0/24")))), "10.0.0.1");
        assert_eq!(for_hosts(net("10.0.0.0/29")).count(), 6);
        assert_eq!(for_hosts(net("10.0.0.0/24")).count(), 254);
        assert_eq!(for_hosts(net("10.0.0.4/31")).count(), 2);
    }
}
