//! Tables of HTTP clients and servers: when to try again, how often to answer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::Field;
use crate::units::{Probability, Span};

/// When a client tries again.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retry {
    /// How often to try in all; 1 to 100.
    #[schemars(extend("default" = 3, "examples" = [5]))]
    pub(crate) attempts: Field<u32>,
    /// How long to wait before the second attempt.
    #[schemars(extend("default" = "100ms", "examples" = ["500ms"]))]
    pub(crate) first: Field<Span>,
    /// How much longer each wait is than the one before; 1 to 100.
    #[schemars(extend("default" = 2.0, "examples" = [1.5]))]
    pub(crate) factor: Field<f64>,
    /// No wait is longer than this, before jitter.
    #[schemars(extend("default" = "30s", "examples" = ["5s"]))]
    pub(crate) longest: Field<Span>,
    /// Each wait is up to this share longer or shorter, drawn from the seed.
    #[schemars(extend("default" = "20%", "examples" = ["0%"]))]
    pub(crate) jitter: Field<Probability>,
}

/// How often a route answers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["requests", "per"]))]
pub(crate) struct Limit {
    /// How many requests; at least 1.
    #[schemars(extend("examples" = [10]))]
    pub(crate) requests: Field<u32>,
    /// In each window of this length. The first begins with the first request.
    #[schemars(extend("examples" = ["1s"]))]
    pub(crate) per: Field<Span>,
}
