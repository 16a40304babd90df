//! How a quantity is spread over the members of a group.

use serde::Serialize;

/// Quantiles by the nearest rank: each is a value that some member has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Quantiles {
    /// The lowest.
    pub min: u64,
    /// Half of the members have at most this.
    pub p50: u64,
    /// Nine of ten have at most this.
    pub p90: u64,
    /// 99 of 100 have at most this.
    pub p99: u64,
    /// The highest.
    pub max: u64,
}

impl Quantiles {
    /// Those of `values`; `None` of nothing.
    pub fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let (&min, &max) = (values.first()?, values.last()?);
        // The least rank that covers the share: ceil(n * share), counted from 1.
        let rank = |percent: usize| (values.len() * percent).div_ceil(100) - 1;
        Some(Self {
            min,
            p50: values[rank(50)],
            p90: values[rank(90)],
            p99: values[rank(99)],
            max,
        })
    }
}
