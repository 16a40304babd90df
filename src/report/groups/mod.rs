//! What a run comes to by group: nodes by role, links by the roles of their ends, traffic by
//! pattern. Sums, extremes and quantiles; the members themselves are in the lists of the summary.

mod links;
mod nodes;
mod quantiles;
mod roles;
#[cfg(test)]
mod tests;
mod traffic;

pub use links::LinkGroupSummary;
pub use nodes::NodeGroupSummary;
pub use quantiles::Quantiles;
pub use traffic::TrafficGroupSummary;

use super::summary::Summary;
use roles::Roles;

impl Summary {
    /// The nodes by role: generated ones by their group, others by their kind.
    pub fn node_groups(&self) -> Vec<NodeGroupSummary> {
        nodes::groups(&Roles::of(&self.plan), &self.facts)
    }

    /// The directions of links by the roles of their ends.
    pub fn link_groups(&self) -> Vec<LinkGroupSummary> {
        links::groups(&Roles::of(&self.plan), &self.plan, &self.facts)
    }

    /// The traffic by pattern and application.
    pub fn traffic_groups(&self) -> Vec<TrafficGroupSummary> {
        traffic::groups(&self.plan, &self.facts)
    }
}
