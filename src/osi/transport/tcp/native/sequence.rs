//! Sequence numbers: 32 bits on the wire (RFC 9293, section 3.4), 64 bits inside.
//!
//! Inside, a position never wraps: it begins one lap above the initial sequence number, so that
//! what lies a little before it is a position too. The wire carries the low 32 bits.

/// The position of an initial sequence number.
pub(super) fn first(initial: u32) -> u64 {
    LAP + u64::from(initial)
}

/// What the wire says for `position`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the wire has the low 32 bits"
)]
pub(super) const fn to_wire(position: u64) -> u32 {
    position as u32
}

/// The position next to `near` that the wire calls `number`.
pub(super) fn from_wire(number: u32, near: u64) -> u64 {
    let distance = number.wrapping_sub(to_wire(near)).cast_signed();
    near.wrapping_add_signed(i64::from(distance))
}

const LAP: u64 = 1 << 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_on_where_the_wire_wraps() {
        let start = first(u32::MAX);
        assert_eq!(to_wire(start + 1), 0);
        assert_eq!(from_wire(0, start), start + 1);
        assert_eq!(from_wire(u32::MAX - 9, start), start - 9);
        // Half a lap away is behind.
        assert_eq!(from_wire(1 << 31, first(0)), first(0) - (1 << 31));
        assert_eq!(
            from_wire(i32::MAX as u32, first(0)),
            first(0) + (1 << 31) - 1
        );
    }
}
