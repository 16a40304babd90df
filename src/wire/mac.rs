//! MAC addresses (IEEE 802, EUI-48).

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A 48-bit MAC address, in transmission order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// `ff:ff:ff:ff:ff:ff`: everybody on the segment.
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// The address that netsim gives a card when the file names none: locally administered, the
    /// node's number and the port's number in it.
    pub const fn generated(node: u32, port: u16) -> Self {
        let [_, a, b, c] = node.to_be_bytes();
        let [p, q] = port.to_be_bytes();
        Self([0x02, a, b, c, p, q])
    }

    /// True for group addresses, broadcast included: the lowest bit of the first byte.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The text is not a MAC address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a MAC address; write six hexadecimal bytes like \"02:00:00:00:00:01\"")]
pub struct MacError(String);

impl FromStr for Mac {
    type Err = MacError;
    fn from_str(text: &str) -> Result<Self, MacError> {
        let error = || MacError(text.to_owned());
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next().filter(|p| p.len() == 2).ok_or_else(error)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| error())?;
        }
        if parts.next().is_some() {
            return Err(error());
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_reads_back_what_it_prints() {
        let mac = Mac::generated(258, 3);
        assert_eq!(mac.to_string(), "02:00:01:02:00:03");
        assert_eq!("02:00:01:02:00:03".parse(), Ok(mac));
        assert!("02:00:01:02:00".parse::<Mac>().is_err());
        assert!("02:00:01:02:00:zz".parse::<Mac>().is_err());
    }
}
