//! The program as people run it: the built binary, real sockets, real signals.

mod demo;
mod demonstration;
mod init;
mod inspect;
mod journal;
mod kill;
mod program;
mod settings;
mod shop;
