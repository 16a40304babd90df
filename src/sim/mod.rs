//! The front door: a scenario in, a run, its outcome and its files out.
