//! netsim
fn main() {}
