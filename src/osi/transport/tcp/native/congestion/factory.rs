//! How a user's own congestion control comes to a connection: each gets a new one.

use std::{fmt, sync::Arc};

use super::CongestionControl;
use crate::rng::Stream;

/// Makes a congestion control for each connection that is established. Clones make the same.
///
/// # Example
/// ```
/// use netsim::osi::transport::{
///     TcpConfig,
///     congestion::{Factory, Reno},
/// };
///
/// let mut tcp = TcpConfig::native();
/// tcp.own_congestion = Some(Factory::new(|mss, _random| Reno::new(mss)));
/// ```
#[derive(Clone)]
pub struct Factory(Arc<Make>);

type Make = dyn Fn(u64, Stream) -> Box<dyn CongestionControl> + Send + Sync;

impl Factory {
    /// Calls `make` with the size of a full segment \[bytes\] and a random stream of the
    /// connection's own, which depends on the seed of the run alone.
    pub fn new<C>(make: impl Fn(u64, Stream) -> C + Send + Sync + 'static) -> Self
    where
        C: CongestionControl + 'static,
    {
        Self(Arc::new(move |mss, random| Box::new(make(mss, random))))
    }

    /// The congestion control of one more connection.
    pub fn make(&self, mss: u64, random: Stream) -> Box<dyn CongestionControl> {
        (self.0)(mss, random)
    }
}

/// Two are equal if one is a clone of the other.
impl PartialEq for Factory {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Factory {}

impl fmt::Debug for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Factory")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reno;
    use super::*;
    use crate::rng::RootSeed;

    #[test]
    fn each_connection_gets_one_of_its_own() {
        // Two segments of 20 000 bytes are the least window of one; the other stays at ten segments.
        let factory = Factory::new(|mss, _| Reno::new(mss));
        let random = || RootSeed(1).stream(&["congestion"]);
        let mut first = factory.make(1000, random());
        first.on_mss(20_000);
        let second = factory.make(1000, random());
        assert_eq!((first.window(), second.window()), (40_000, 10_000));
    }

    #[test]
    fn a_clone_is_equal_and_another_one_is_not() {
        let factory = || Factory::new(|mss, _| Reno::new(mss));
        let one = factory();
        assert_eq!(one, one.clone());
        assert_ne!(one, factory());
    }
}
