//! `flowgate bench`: how fast a model or a server answers, at which rate.

use super::args::{ContentType, LoadArgs};
use super::bench_args::BenchArgs;
use super::screen::{Screen, written};
use super::{Failure, input};
use crate::bench::client::{Connection, Exchange};
use crate::bench::search::Search;
use crate::bench::server::Server;
use crate::bench::target::{Parts, Target};
use crate::bench::verdict::{Measured, Verdict};
use crate::bench::{self, Load, body, plot, report};
use crate::store::{self, DirStore};
use crate::telemetry::{self, LogFormat};
use bytes::Bytes;
use flowgate_core::Package;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::LocalSet;

/// What a rate must hold where nothing else was said.
const P99: Duration = Duration::from_millis(10);

/// The longest wait for the first answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a search begins, in requests a second.
const FIRST: f64 = 100.0;

/// Measures; ends with 1 where no rate holds, or the one that was asked for had errors.
pub(super) fn run(args: &BenchArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, "warn").map_err(Failure::Usage)?;
    if args.url.is_none() && args.load.which.model.is_empty() {
        return Err(Failure::Usage(
            "there is nothing to load\nhint: name a model with `--model`, or a server that runs \
             with `--url`"
                .to_owned(),
        ));
    }
    if args.duration.is_zero() {
        return Err(Failure::Usage("`--duration` must be above 0".to_owned()));
    }
    if args.url.is_some() && !args.serve.is_empty() {
        return Err(Failure::Usage(
            "flags after `--` are for a server that is started, and with `--url` none is"
                .to_owned(),
        ));
    }
    let (body, content_type) = content(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::failed)?;
    runtime.block_on(async {
        let mut interrupt = Interrupt::new().map_err(Failure::failed)?;
        let Some(url) = &args.url else {
            return serve_and_measure(args, body, &content_type, &mut interrupt).await;
        };
        measure(args, url, body, &content_type, &mut interrupt).await
    })
}

/// What is sent, and its type.
fn content(args: &BenchArgs) -> Result<(Bytes, String), Failure> {
    let (body, kind) = match &args.body {
        Some(path) => (input::read(path)?, input::kind(None, path)),
        None => (example(args)?, ContentType::Json),
    };
    let content_type = args.content_type.clone();
    let content_type = content_type.unwrap_or_else(|| media_type(kind).to_owned());
    Ok((body.into(), content_type))
}

fn media_type(kind: ContentType) -> &'static str {
    match kind {
        ContentType::Json => "application/json",
        ContentType::Csv => "text/csv",
        ContentType::Parquet => "application/vnd.apache.parquet",
        ContentType::Arrow => "application/vnd.apache.arrow.stream",
    }
}

/// The body that the package of the model brings.
fn example(args: &BenchArgs) -> Result<Vec<u8>, Failure> {
    const HINT: &str = "hint: give the body of a request with `--body FILE`";
    let which = &args.load.which;
    if which.model.is_empty() {
        return Err(Failure::Usage(format!(
            "there is nothing to send to the url\n{HINT}, or with `--model` a package with an \
             input example"
        )));
    }
    let found =
        store::resolve(&which.model, &DirStore::new(&which.store)).map_err(Failure::failed)?;
    let package = Package::open(&found.path).map_err(Failure::failed)?;
    body::example(&package)
        .map_err(Failure::failed)?
        .ok_or_else(|| {
            Failure::failed(format!(
                "the package of `{}` has no input example that can be sent\n{HINT}",
                which.model
            ))
        })
}

/// Serves the model as long as it is measured.
async fn serve_and_measure(
    args: &BenchArgs,
    body: Bytes,
    content_type: &str,
    interrupt: &mut Interrupt,
) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(Failure::failed)?;
    let mut arguments = load_flags(&args.load);
    arguments.extend_from_slice(&args.serve);
    let mut server = Server::start(&program, &arguments).map_err(Failure::failed)?;
    let ready = tokio::select! {
        ready = server.ready() => ready.map(Some).map_err(Failure::failed),
        () = interrupt.asked() => Ok(None),
    };
    let done = match ready {
        Ok(Some(address)) => {
            let url = format!("http://{address}/invocations");
            measure(args, &url, body, content_type, interrupt).await
        }
        Ok(None) => Err(interrupted()),
        // It has ended and told why.
        Err(error) => return Err(error),
    };
    // A server that has ended by itself explains whatever else went wrong.
    server.end().await.map_err(Failure::failed)?;
    done
}

/// The flags of `serve` that say which model is loaded, and how.
fn load_flags(load: &LoadArgs) -> Vec<OsString> {
    let mut flags: Vec<OsString> = vec!["--model".into(), (&load.which.model).into()];
    flags.extend(["--store".into(), (&load.which.store).into()]);
    let threads = load.threads.map(|threads| threads.to_string().into());
    let library = load.ort_library.as_ref().map(OsString::from);
    for (flag, value) in [
        ("--runtime", load.runtime.as_ref().map(OsString::from)),
        ("--ort-library", library),
        ("--threads", threads),
        (
            "--tree-kernel",
            load.tree_kernel.as_ref().map(OsString::from),
        ),
    ] {
        if let Some(value) = value {
            flags.extend([flag.into(), value]);
        }
    }
    flags
}

/// Measures the server at `url` and tells what was found.
async fn measure(
    args: &BenchArgs,
    url: &str,
    body: Bytes,
    content_type: &str,
    interrupt: &mut Interrupt,
) -> Result<(), Failure> {
    let parts = Parts {
        url,
        content_type,
        headers: &args.header,
        body,
        http2: args.http2,
    };
    let target = Target::new(parts)
        .await
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let load = Load {
        target,
        connections: args.connections,
        warm_up: args.warm_up,
        duration: args.duration,
        drain: args.drain,
        arrivals: args.arrivals,
    };
    let limit = args.p99.or_else(|| args.rate.is_none().then_some(P99));
    let mut screen = Screen::new(is_standard(args.json.as_deref()));
    let (rates, ending) = {
        let mut rates = Vec::new();
        let ending = tokio::select! {
            ending = all_rates(args, &load, limit, &mut screen, &mut rates) => ending,
            () = interrupt.asked() => Err(interrupted()),
        };
        (rates, ending)
    };
    screen.clear();
    tell(args, &load, url, limit, &rates, &mut screen)?;
    ending?;
    let held = match limit {
        Some(_) => Measured::highest(&rates).is_some(),
        None => rates.iter().all(|one| one.tally.errors() == 0),
    };
    if held { Ok(()) } else { Err(Failure::Told) }
}

/// Measures one rate after the other; `rates` gets them as they are done.
async fn all_rates(
    args: &BenchArgs,
    load: &Load,
    limit: Option<Duration>,
    screen: &mut Screen,
    rates: &mut Vec<Measured>,
) -> Result<(), Failure> {
    first_answer(&load.target).await?;
    screen.line(&report::head())?;
    let mut search = Search::new(FIRST);
    let given: Vec<f64> = args
        .rate
        .into_iter()
        .chain(args.rates.iter().copied())
        .collect();
    let mut left = given.iter().copied();
    loop {
        let next = if given.is_empty() {
            search.next()
        } else {
            left.next()
        };
        let Some(rate) = next else { return Ok(()) };
        screen.passing(&format!("sending {}/s", report::number(rate)));
        let tally = bench::run(load, rate).await.map_err(Failure::failed)?;
        let verdict = Verdict::of(&tally, limit);
        search.note(rate, verdict == Verdict::Held);
        let measured = Measured {
            rate,
            tally,
            verdict,
        };
        screen.line(&report::row(&measured))?;
        rates.push(measured);
    }
}

/// Sends one request, so that a server that is not there or refuses the body is known at once.
async fn first_answer(target: &Target) -> Result<(), Failure> {
    let asked = async {
        let mut connection = Connection::open(target).await.map_err(|error| {
            Failure::failed(format!(
                "`{}` cannot be connected to: {error}\nhint: is the server running there?",
                target.address
            ))
        })?;
        let mut answer = Vec::new();
        match connection.exchange(target, Some(&mut answer)).await {
            Exchange::Answered(status) if (200..300).contains(&status) => {}
            Exchange::Answered(status) => {
                let answer = String::from_utf8_lossy(&answer);
                let answer = answer.replace(char::is_control, " ");
                tracing::warn!("the first request is answered `{status}`: {answer}");
            }
            Exchange::Unsent | Exchange::Broken => {
                tracing::warn!("the first request is not answered: the connection was closed");
            }
        }
        Ok(())
    };
    let local = LocalSet::new();
    tokio::time::timeout(PATIENCE, local.run_until(asked))
        .await
        .unwrap_or_else(|_| {
            Err(Failure::failed(format!(
                "the first request was not answered within {}",
                report::duration(PATIENCE)
            )))
        })
}

/// Writes what was found to the screen and into the files that were asked for.
fn tell(
    args: &BenchArgs,
    load: &Load,
    url: &str,
    limit: Option<Duration>,
    rates: &[Measured],
    screen: &mut Screen,
) -> Result<(), Failure> {
    let highest = limit.and_then(|_| Measured::highest(rates));
    if let Some(shown) = highest.or(rates.last()) {
        screen.line(&format!("\n{}", report::details(shown)))?;
    }
    if let Some(lateness) = report::lateness(rates) {
        screen.line(&format!("\n{lateness}"))?;
    }
    if let (Some(limit), false) = (limit, rates.is_empty()) {
        let limit = report::duration(limit);
        let found = highest.map_or_else(
            || format!("no rate held a p99 of {limit}"),
            |one| {
                let rate = report::number(one.rate);
                format!("highest rate that held a p99 of {limit}: {rate}/s")
            },
        );
        screen.line(&format!("\n{found}"))?;
    }
    if let (Some(path), false) = (&args.svg, rates.is_empty()) {
        let picture = plot::svg(rates, limit).map_err(Failure::failed)?;
        fs_err::write(path, picture).map_err(Failure::failed)?;
    }
    if let Some(path) = &args.json {
        let json = format!("{:#}\n", report::json(load, url, limit, rates));
        if is_standard(Some(path)) {
            return written(io::stdout().write_all(json.as_bytes()));
        }
        fs_err::write(path, json).map_err(Failure::failed)?;
    }
    Ok(())
}

/// Whether standard output was asked for.
fn is_standard(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.as_os_str() == "-")
}

fn interrupted() -> Failure {
    Failure::failed("interrupted")
}

/// Ctrl-c or SIGTERM, from the start of the program on.
struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! { _ = self.interrupt.recv() => {}, _ = self.terminate.recv() => {} }
    }
}
