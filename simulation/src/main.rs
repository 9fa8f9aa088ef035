//! The program of the simulation.

fn main() {}
