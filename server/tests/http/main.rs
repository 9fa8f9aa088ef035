//! The server over real sockets: a gateway, a shop and the merchant around it.

mod world;

mod api;
#[path = "../both/dinpay.rs"]
mod both;
mod callbacks;
mod dinpay;
mod edge;
mod journal;
mod options;

mod pages;
mod pairs;
mod phishing;
mod products;
mod races;
mod refunds;
mod sources;
mod webhooks;
