//! The program as people run it: the built binary, real sockets, real signals.

mod demo;
mod journal;
mod kill;
mod program;
mod settings;
