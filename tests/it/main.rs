//! One binary for all integration tests: each file more would link the whole server once more.

mod agree;
mod bad_input;
mod batching;
mod bench;
mod cli;
mod columnar;
mod compat;
mod connections;
mod forms;
mod golden;
mod http;
mod models;
mod native;
mod openapi;
mod overload;
mod page;
mod parity;
mod process;
mod readme;
mod strict;
mod support;
mod validate;
