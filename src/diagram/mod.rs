//! Pictures of a run: ladder, OSI stack, encapsulation, topology, plots.
