//! `flowgate serve`.

use super::Failure;
use super::args::ServeArgs;
use crate::catalog::{Catalog, Loader, State};
use crate::config::ServeSettings;
use crate::http;
use crate::shutdown::{self, Shutdown};
use crate::store::{self, Found};
use crate::{descriptors, telemetry, wiring};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Connections that wait to be accepted, where the system allows that many; one more has to try
/// again a second later.
const BACKLOG: u32 = 4096;

/// Serves until SIGTERM.
pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let settings = ServeSettings::new(args).map_err(|error| Failure::Usage(error.to_string()))?;
    telemetry::start(args.log_format, &args.log)
        .map_err(|error| Failure::Usage(format!("`--log` is not a filter: {error}")))?;
    for flag in args.mlflow.given() {
        tracing::info!("`{flag}` is accepted and does nothing: there is no environment to set up");
    }
    if let Err(error) = descriptors::raise() {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    let found =
        store::resolve(&settings.load.model, &settings.load.store).map_err(Failure::failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.workers)
        .thread_name("http")
        .enable_all()
        .build()
        .map_err(Failure::failed)?;
    runtime.block_on(serve(settings, found))
}

/// The port is taken before the model is loaded, so that a port in use is known at once; it is
/// listened on when the model is ready, since a connection that is accepted must be answered.
async fn serve(settings: ServeSettings, found: Found) -> Result<(), Failure> {
    let (trigger, shutdown) = Shutdown::new();
    shutdown::on_signals(trigger).map_err(Failure::failed)?;
    let socket = bind(settings.http.address)?;
    let (catalog, loader, app) =
        wiring::server(&settings, shutdown.clone()).map_err(Failure::failed)?;
    catalog.aspire(&found.id);
    let edge = http::Edge::new(app);
    let drain = settings.http.drain_timeout;
    let loading = load(catalog, loader, found);
    let mut asked = shutdown.clone();
    if settings.listen_early {
        let listener = listen(socket)?;
        let address = listener.local_addr().map_err(Failure::failed)?;
        let server = http::serve(listener, edge, shutdown, drain);
        tokio::pin!(server);
        // Live at once; not ready until the model is.
        tokio::select! {
            () = &mut server => return Ok(()),
            loaded = loading => loaded?,
        }
        announce(address, settings.ready_file.as_deref())?;
        server.await;
        return Ok(());
    }
    tokio::select! {
        () = asked.asked() => return Ok(()),
        loaded = loading => loaded?,
    }
    let listener = listen(socket)?;
    let address = listener.local_addr().map_err(Failure::failed)?;
    announce(address, settings.ready_file.as_deref())?;
    http::serve(listener, edge, shutdown, drain).await;
    Ok(())
}

fn bind(address: SocketAddr) -> Result<tokio::net::TcpSocket, Failure> {
    let socket = if address.is_ipv4() {
        tokio::net::TcpSocket::new_v4()
    } else {
        tokio::net::TcpSocket::new_v6()
    };
    let bound = socket.and_then(|socket| {
        // A server that was just ended must not keep its successor from the port.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    });
    bound.map_err(|error| in_use(address, &error))
}

fn listen(socket: tokio::net::TcpSocket) -> Result<TcpListener, Failure> {
    let address = socket.local_addr().map_err(Failure::failed)?;
    socket
        .listen(BACKLOG)
        .map_err(|error| in_use(address, &error))
}

fn in_use(address: SocketAddr, error: &std::io::Error) -> Failure {
    let hint = match error.kind() {
        std::io::ErrorKind::AddrInUse => "another program has it; choose another with `--port`",
        std::io::ErrorKind::PermissionDenied => {
            "ports below 1024 need rights; choose another with `--port`"
        }
        _ => "choose another address with `--host` and `--port`",
    };
    Failure::Failed(format!(
        "`{address}` cannot be listened on: {error}\nhint: {hint}"
    ))
}

/// Loads the model on a thread of its own and publishes it.
async fn load(catalog: Arc<Catalog>, loader: Loader, found: Found) -> Result<(), Failure> {
    let (done, loaded) = oneshot::channel();
    let work = move || {
        catalog.note(&found.id, &State::Loading);
        let result = loader.servable(&found);
        match &result {
            Ok(_) => {}
            Err(error) => catalog.note(
                &found.id,
                &State::Failed {
                    reason: error.to_string(),
                },
            ),
        }
        let result = result.map(|servable| catalog.publish(Arc::new(servable)));
        let _ = done.send(result.map_err(Failure::failed));
    };
    std::thread::Builder::new()
        .name("load".to_owned())
        .spawn(work)
        .map_err(Failure::failed)?;
    loaded
        .await
        .unwrap_or_else(|_| Err(Failure::failed("loading the model panicked")))
}

/// Says where the server is: in the log, and in `file` for who started it.
fn announce(address: SocketAddr, file: Option<&Path>) -> Result<(), Failure> {
    tracing::info!("ready on http://{address}");
    let Some(file) = file else { return Ok(()) };
    // Moved into its place, so that nobody reads half an address.
    let draft = file.with_extension("draft");
    fs_err::write(&draft, address.to_string()).map_err(Failure::failed)?;
    fs_err::rename(&draft, file).map_err(Failure::failed)
}
