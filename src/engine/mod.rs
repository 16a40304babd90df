//! The event queue, the world of nodes and links, and the run loop.
