//! The flags of `bench`.

use super::args::LoadArgs;
use super::values::time;
use crate::bench::schedule::Arrivals;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Flags of `bench`.
#[derive(Debug, Args)]
#[command(mut_arg("model", |model| {
    // With `--url` a model is not needed, and only its input example is used.
    model.required(false).default_value("").hide_default_value(true)
}))]
pub struct BenchArgs {
    #[expect(missing_docs, reason = "a doc comment would become a second help text")]
    #[command(flatten)]
    pub load: LoadArgs,

    /// a server that runs already: where requests are posted, such as
    /// `http://127.0.0.1:5000/invocations` [default: the model is served for the time of the measurement]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// the body of each request; `-` is standard input [default: the input example of the model]
    #[arg(long, short = 'b', value_name = "FILE")]
    pub body: Option<PathBuf>,

    /// the type of the body [default: what the name of the file ends in (.json, .csv, .parquet, .arrow), else JSON]
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,

    /// a further header, as `name: value`; may be given again
    #[arg(long, short = 'H', value_name = "HEADER")]
    pub header: Vec<String>,

    /// measure this one rate, in requests a second [default: search the highest that holds]
    #[arg(long, short = 'r', value_name = "RATE", value_parser = rate, conflicts_with = "rates")]
    pub rate: Option<f64>,

    /// measure these rates, in requests a second, with commas between them
    #[arg(long, value_name = "RATES", value_delimiter = ',', value_parser = rate)]
    pub rates: Vec<f64>,

    /// what a rate must hold: the latency that 99 % of the requests do not exceed [default: 10ms; with --rate none]
    #[arg(long, value_name = "DURATION", value_parser = time)]
    pub p99: Option<Duration>,

    /// how long each rate is measured
    #[arg(long, short = 'd', default_value = "5s", value_name = "DURATION", value_parser = time)]
    pub duration: Duration,

    /// how long each rate is sent before it is measured
    #[arg(long, default_value = "1s", value_name = "DURATION", value_parser = time)]
    pub warm_up: Duration,

    /// how long answers are waited for after the last request was due
    #[arg(long, default_value = "2s", value_name = "DURATION", value_parser = time)]
    pub drain: Duration,

    /// connections, each with one request at a time; what is due while all are busy waits, and its
    /// wait is latency
    #[arg(long, short = 'c', default_value_t = 64, value_name = "N", value_parser = connections)]
    pub connections: usize,

    /// speak HTTP/2, without asking for it first
    #[arg(long)]
    pub http2: bool,

    /// how requests follow each other
    #[arg(long, value_enum, default_value_t, value_name = "KIND")]
    pub arrivals: Arrivals,

    /// write a picture of latencies against rates
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,

    /// write what was measured as JSON; `-` is standard output, and the table goes to standard error
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// after `--`: flags for the server that is started, such as `--sessions 2`
    #[arg(last = true, value_name = "SERVE FLAGS")]
    pub serve: Vec<OsString>,
}

/// A rate in requests a second.
fn rate(text: &str) -> Result<f64, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|rate| (1e-3..=1e7).contains(rate))
        .ok_or_else(|| "a rate is a number of requests a second, from 0.001 to 10000000".to_owned())
}

fn connections(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| (1..=65_536).contains(count))
        .ok_or_else(|| "the connections are a whole number from 1 to 65536".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_above_zero() {
        assert_eq!(rate("0.5"), Ok(0.5));
        for text in ["0", "-1", "NaN", "inf", "fast", ""] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
