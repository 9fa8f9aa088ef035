//! The store, from outside: one suite for every store, and what holds for the one on SQLite.

mod chain;
mod conformance;
mod examining;
mod faults;
mod keeping;
mod line;
mod migrate;
mod nodes;
mod rebuild;
mod weighing;
mod world;
