//! The server over real sockets: a gateway, a shop and the merchant around it.

mod world;

mod api;
mod callbacks;
mod edge;
mod journal;

mod pages;
mod pairs;
mod products;
mod races;
mod refunds;
mod webhooks;
