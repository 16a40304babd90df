//! The seven floors of the OSI model (ISO/IEC 7498-1), as a type.

use std::fmt;

/// One of the seven floors, numbered as in every textbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OsiLayer {
    /// 1: cables, signals, bits.
    Physical = 1,
    /// 2: Ethernet, MAC addresses.
    DataLink = 2,
    /// 3: IP, routing, addressing.
    Network = 3,
    /// 4: TCP, UDP, ports.
    Transport = 4,
    /// 5: connection management.
    Session = 5,
    /// 6: TLS, encryption, compression.
    Presentation = 6,
    /// 7: HTTP, DNS and the rest.
    Application = 7,
}

impl OsiLayer {
    /// All seven, from the cable up.
    pub const ALL: [Self; 7] = [
        Self::Physical,
        Self::DataLink,
        Self::Network,
        Self::Transport,
        Self::Session,
        Self::Presentation,
        Self::Application,
    ];

    /// 1 to 7.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Physical => "Physical",
            Self::DataLink => "Data link",
            Self::Network => "Network",
            Self::Transport => "Transport",
            Self::Session => "Session",
            Self::Presentation => "Presentation",
            Self::Application => "Application",
        }
    }
}

impl fmt::Display for OsiLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
