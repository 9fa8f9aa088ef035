//! The server over real sockets: a gateway, a shop and the merchant around it.

mod world;

mod api;
mod callbacks;
mod edge;
mod options;

mod pages;
mod phishing;
mod races;
mod sources;
mod webhooks;
