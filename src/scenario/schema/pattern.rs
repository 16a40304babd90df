//! What traffic draws at random: the sizes of flows, the times of an on/off source.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    field::Field,
    word::{SizeWord, TimesWord},
};
use crate::units::{ByteSize, Span};

/// How large flows are. One of `distribution` and `file`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sizes {
    /// Its shape.
    #[schemars(extend("examples" = ["exponential"]))]
    pub(crate) distribution: Field<SizeWord>,
    /// A file with the distribution, beside the scenario: on each line a size in bytes and the
    /// share of flows that are at most that large, which rises to 1.
    #[schemars(extend("examples" = ["flow_sizes.cdf"]))]
    pub(crate) file: Field<String>,
    /// constant: the size. exponential, lognormal, pareto: the mean.
    #[schemars(extend("examples" = ["100 kB"]))]
    pub(crate) mean: Field<ByteSize>,
    /// uniform, pareto: the smallest. pareto takes `min` or `mean`.
    #[schemars(extend("examples" = ["1 kB"]))]
    pub(crate) min: Field<ByteSize>,
    /// uniform: the largest. pareto: the largest, if there is to be one; then with `min`.
    #[schemars(extend("examples" = ["10 MB"]))]
    pub(crate) max: Field<ByteSize>,
    /// pareto: the exponent of the tail; 0.05 to 100. The smaller, the heavier.
    #[schemars(extend("examples" = [1.2]))]
    pub(crate) shape: Field<f64>,
    /// lognormal: the deviation of the natural logarithm; 0.01 to 10.
    #[schemars(extend("examples" = [1.5]))]
    pub(crate) sigma: Field<f64>,
}

/// Bursts of datagrams and silence between them, in turn.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["on", "off"]))]
pub(crate) struct OnOff {
    /// How long a burst lasts.
    #[schemars(extend("examples" = ["100ms"]))]
    pub(crate) on: Field<Span>,
    /// How long the silence lasts.
    #[schemars(extend("examples" = ["400ms"]))]
    pub(crate) off: Field<Span>,
    /// Whether these are means of exponential times, or the times themselves.
    #[schemars(extend("default" = "exponential", "examples" = ["constant"]))]
    pub(crate) times: Field<TimesWord>,
}
