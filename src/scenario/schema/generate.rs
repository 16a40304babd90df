//! `[generate]`: a network drawn by rule instead of written node by node.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    field::{Field, Table},
    link::Cable,
    word::{Center, Paths, Shape},
};

/// A network drawn by rule. Hosts are called h0, h1 ..., the other nodes after their role.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["kind"]))]
pub(crate) struct Generate {
    /// What kind of network.
    #[schemars(extend("examples" = ["fat-tree"]))]
    pub(crate) kind: Field<Shape>,
    /// star, tree: how many hosts in all.
    #[schemars(extend("examples" = [1000]))]
    pub(crate) hosts: Field<u32>,
    /// star: what all hosts hang on.
    #[schemars(extend("default" = "router", "examples" = ["switch"]))]
    pub(crate) center: Field<Center>,
    /// tree: how many hosts hang on each edge router. Default 100.
    #[schemars(extend("examples" = [48]))]
    pub(crate) fan: Field<u32>,
    /// fat-tree: how many ports each router has; an even number.
    #[schemars(extend("examples" = [4]))]
    pub(crate) k: Field<u32>,
    /// Who fills the routing tables. "compact": one route for a whole subtree, so that tables stay
    /// small; "shortest": shortest paths.
    #[schemars(extend("examples" = ["shortest"]))]
    pub(crate) routing: Field<Paths>,
    /// How every generated link treats its frames, over `[defaults.link]`.
    pub(crate) link: Table<Cable>,
    /// The links of hosts, over `link`.
    pub(crate) host_link: Table<Cable>,
    /// The links between routers, over `link`.
    pub(crate) router_link: Table<Cable>,
}
