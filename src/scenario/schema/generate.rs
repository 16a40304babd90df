//! `[generate]`: a network drawn by rule instead of written node by node.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    field::{Field, Table},
    link::Cable,
    word::{Center, Paths, Shape},
};
use crate::units::Probability;

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
    /// How many hosts hang on each router at the edge. Default: tree 100, leaf-spine 4, ring, grid,
    /// waxman and barabasi-albert 1.
    #[schemars(extend("examples" = [48]))]
    pub(crate) fan: Field<u32>,
    /// fat-tree: how many ports each router has; an even number.
    #[schemars(extend("examples" = [4]))]
    pub(crate) k: Field<u32>,
    /// leaf-spine: how many leaf routers.
    #[schemars(extend("examples" = [8]))]
    pub(crate) leaves: Field<u32>,
    /// leaf-spine: how many spine routers.
    #[schemars(extend("examples" = [2]))]
    pub(crate) spines: Field<u32>,
    /// dumbbell: how many hosts on the left.
    #[schemars(extend("examples" = [2]))]
    pub(crate) left: Field<u32>,
    /// dumbbell: how many hosts on the right. Left out: as many as on the left.
    #[schemars(extend("examples" = [2]))]
    pub(crate) right: Field<u32>,
    /// ring, waxman, barabasi-albert: how many routers.
    #[schemars(extend("examples" = [5]))]
    pub(crate) routers: Field<u32>,
    /// grid: how many rows of routers.
    #[schemars(extend("examples" = [3]))]
    pub(crate) rows: Field<u32>,
    /// grid: how many routers in a row.
    #[schemars(extend("examples" = [4]))]
    pub(crate) columns: Field<u32>,
    /// waxman: how much longer links are worth; above 0, at most 1. Default 0.4.
    #[schemars(extend("examples" = [0.2]))]
    pub(crate) alpha: Field<Probability>,
    /// waxman: how many links there are; above 0, at most 1. Default 0.4.
    #[schemars(extend("examples" = [0.6]))]
    pub(crate) beta: Field<Probability>,
    /// barabasi-albert: to how many routers each new one is linked.
    #[schemars(extend("examples" = [2]))]
    pub(crate) m: Field<u32>,
    /// star, tree, fat-tree, leaf-spine, dumbbell: who fills the routing tables. "compact": one route
    /// for a whole subtree, so that tables stay small; "shortest": shortest paths, as everywhere
    /// else.
    #[schemars(extend("default" = "compact", "examples" = ["shortest"]))]
    pub(crate) routing: Field<Paths>,
    /// How every generated link treats its frames, over `[defaults.link]`.
    pub(crate) link: Table<Cable>,
    /// The links of hosts, over `link`.
    pub(crate) host_link: Table<Cable>,
    /// The links between routers, over `link`.
    pub(crate) router_link: Table<Cable>,
    /// dumbbell: the link between its two routers, over `link`. Forward leads to the right.
    pub(crate) bottleneck: Table<Cable>,
}
