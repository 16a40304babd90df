//! Floor 7: the applications of `[[traffic]]` and `[[server]]`, as async programs.
//!
//! `spec` says what an application is asked to do (the plan is made of it), `report` what came of
//! it (the summary is made of it).

pub mod report;
pub mod spec;
