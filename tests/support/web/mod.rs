//! A small threaded HTTP/1.1 server, as much of one as the two simulators need.

pub mod faults;
pub mod journal;
pub mod message;
pub mod packing;
pub mod server;
pub mod service;
