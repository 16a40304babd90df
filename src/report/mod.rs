//! Tables for the terminal and `summary.json`.
