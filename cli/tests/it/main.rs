//! The program as people run it: the built binary, real sockets, real signals.

mod buyer;
mod demo;
mod demonstration;
mod dinpay;
mod doctor;
mod explain;
mod gateway;
mod init;
mod inspect;
mod journal;
mod keeping;
mod kill;
mod migrate;
mod nginx;
mod nodes;
mod opinion;
mod order;
mod postgres;
mod products;
mod program;
mod sabotage;
mod settings;
mod shop;
mod test_payment;
mod upgrade;
