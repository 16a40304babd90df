//! The keys of `[generate]`: which belong to which kind of network, and their ranges.

use std::ops::RangeInclusive;

use crate::{
    scenario::{
        lower::ranges,
        schema::{Center, Field, Generate, Paths, Shape},
        text::{Findings, Place},
    },
    units::Probability,
};

/// The keys as one kind of network reads them.
pub(super) struct Keys<'a> {
    table: &'a Generate,
    shape: Shape,
    place: &'a Place,
    findings: &'a mut Findings,
}

/// The links that every kind has.
const LINKS: [&str; 2] = ["link", "host_link"];

/// The keys of one kind, beside those that all have.
const fn own_keys(shape: Shape) -> &'static [&'static str] {
    match shape {
        Shape::Star => &["hosts", "center", "routing"],
        Shape::Tree => &["hosts", "fan", "router_link", "routing"],
        Shape::FatTree => &["k", "router_link", "routing"],
        Shape::LeafSpine => &["leaves", "spines", "fan", "router_link", "routing"],
        Shape::Dumbbell => &["left", "right", "bottleneck", "routing"],
        Shape::Ring => &["routers", "fan", "router_link"],
        Shape::Grid => &["rows", "columns", "fan", "router_link"],
        Shape::Waxman => &["routers", "alpha", "beta", "fan", "router_link"],
        Shape::BarabasiAlbert => &["routers", "m", "fan", "router_link"],
    }
}

impl<'a> Keys<'a> {
    /// Reports the keys that do not belong to `shape`.
    pub(super) fn new(
        table: &'a Generate,
        shape: Shape,
        place: &'a Place,
        findings: &'a mut Findings,
    ) -> Self {
        let own = own_keys(shape);
        let foreign = given(table)
            .into_iter()
            .filter(|(key, _)| !own.contains(key));
        for (key, at) in foreign.filter(|(_, at)| at.is_some()) {
            let kind = shape.name();
            let all: Vec<&str> = own.iter().chain(&LINKS).copied().collect();
            findings
                .error(at, format!("`{key}` is no key of kind \"{kind}\""))
                .help(format!("keys of kind \"{kind}\": {}", all.join(", ")));
        }
        Self {
            table,
            shape,
            place,
            findings,
        }
    }

    /// The table itself.
    pub(super) const fn table(&self) -> &'a Generate {
        self.table
    }

    /// A number that must be there.
    pub(super) fn number(
        &mut self,
        field: &Field<u32>,
        key: &str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        if !field.is_given() {
            let kind = self.shape.name();
            self.findings
                .missing(
                    Some(self.place.clone()),
                    format!("kind \"{kind}\" needs `{key}`"),
                )
                .help(format!("write something like `{key} = 4`"));
        }
        ranges::within(field, key, range, self.findings)
    }

    /// A number that may be left out.
    pub(super) fn number_or(
        &mut self,
        usual: u32,
        field: &Field<u32>,
        key: &str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        if field.is_given() {
            ranges::within(field, key, range, self.findings)
        } else {
            Some(usual)
        }
    }

    /// A number above 0 and at most 1 that may be left out.
    pub(super) fn share_or(
        &mut self,
        usual: f64,
        field: &Field<Probability>,
        key: &str,
    ) -> Option<f64> {
        if !field.is_given() {
            return Some(usual);
        }
        let value = field.read(self.findings)?.value();
        if value == 0.0 {
            let message = format!("`{key}` is 0, but must be above 0 and at most 1");
            self.findings.error(field.place(), message);
            return None;
        }
        Some(value)
    }

    /// What stands in the middle.
    pub(super) fn center(&mut self) -> Center {
        self.table.center.read(self.findings).unwrap_or_default()
    }

    /// Reports a value that is in its range, but impossible all the same.
    pub(super) fn refuse<T>(&mut self, field: &Field<T>, message: String, help: &str) {
        self.findings.error(field.place(), message).help(help);
    }

    /// Whether the network writes its own routes.
    pub(super) fn compact(&mut self) -> bool {
        self.table.routing.read(self.findings) != Some(Paths::Shortest)
    }
}

/// Every key that not all kinds know, and where it was written.
fn given(table: &Generate) -> [(&'static str, Option<Place>); 17] {
    [
        ("hosts", table.hosts.place()),
        ("center", table.center.place()),
        ("fan", table.fan.place()),
        ("k", table.k.place()),
        ("leaves", table.leaves.place()),
        ("spines", table.spines.place()),
        ("left", table.left.place()),
        ("right", table.right.place()),
        ("routers", table.routers.place()),
        ("rows", table.rows.place()),
        ("columns", table.columns.place()),
        ("alpha", table.alpha.place()),
        ("beta", table.beta.place()),
        ("m", table.m.place()),
        ("routing", table.routing.place()),
        ("router_link", table.router_link.place.clone()),
        ("bottleneck", table.bottleneck.place.clone()),
    ]
}
