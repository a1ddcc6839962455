//! Input that is wrong, too large or made to do harm, tried one by one: a clear message or a 4xx,
//! within bounded time and memory, and a server that goes on serving.

mod command_line;
mod connections;
mod heavy;
mod values;
