//! The seven floors of the OSI model, one folder each, from the cable up.
//!
//! A floor imports only floors below it. Floors 1 to 4 are sans-I/O: they take `now` and frames
//! or packets and give back frames, packets and a next deadline. Floors 5 to 7 are async tasks
//! over the sockets of floor 4.

pub mod application;
pub mod data_link;
pub mod network;
pub mod physical;
pub mod presentation;
pub mod session;
pub mod transport;
