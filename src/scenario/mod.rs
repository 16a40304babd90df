//! The scenario file: what a person writes, and the checked plan that it stands for.
//!
//! [`load_file`] reads a TOML file in two steps. `schema` mirrors the file, key by key; `lower`
//! makes a [`plan::Plan`] of the mirror, which holds only valid things: addresses, MACs, routes
//! and names are filled in, and every mistake is a [`ScenarioError`] that knows its line.
//! [`json_schema`] publishes the mirror, [`gallery()`] holds scenarios to start from, and
//! [`check::describe`] shows what a plan holds.
//!
//! Not here: running anything.

pub mod check;
mod gallery;
pub mod limits;
mod load;
mod lower;
mod overrides;
pub mod plan;
mod schema;
mod structure;
mod text;

pub use gallery::{Example, gallery};
pub use load::{load_file, load_str};
pub use lower::vantage_points;
pub use overrides::Override;
pub use structure::json_schema;
pub use text::{Diagnostic, ScenarioError};
