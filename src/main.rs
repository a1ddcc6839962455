//! Parse, dispatch; everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    flowgate::cli::main(std::env::args_os())
}
