//! The doctor: a catalogue of set-ups that are broken for real (settings files, sockets, gateways, proxies, shops), each
//! of which has to be diagnosed with its cause first.

mod callbacks;
mod fronts;
mod gateways;
mod good;
mod machine;
mod outside;
mod settings;
mod shop;
mod world;
