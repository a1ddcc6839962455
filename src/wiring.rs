//! The composition root: the only place that puts the rooms together.

use crate::catalog::{Catalog, Loader};
use crate::config::{LoadSettings, ServeSettings};
use crate::gateway::Gateway;
use crate::http::{AccessLog, App, Places};
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;
use std::sync::Arc;

/// A loader for one command, without a server around it.
///
/// # Errors
/// When the metrics cannot be made.
pub fn loader(settings: &LoadSettings) -> Result<Loader, prometheus::Error> {
    Ok(Loader {
        runtimes: runtimes::all(&settings.runtimes),
        runtime: settings.runtime.clone(),
        policy: crate::batcher::Policy::default(),
        sessions: None,
        threads: settings.threads,
        cores: settings.cores,
        metrics: Arc::new(Metrics::new()?),
    })
}

/// The server's parts: the catalog that will hold its models, the loader that fills it, and what
/// the handlers share.
///
/// # Errors
/// When the metrics cannot be made.
pub fn server(
    settings: &ServeSettings,
    shutdown: Shutdown,
) -> Result<(Arc<Catalog>, Loader, Arc<App>), prometheus::Error> {
    let catalog = Arc::new(Catalog::default());
    let loader = Loader {
        policy: settings.policy,
        sessions: settings.sessions,
        ..loader(&settings.load)?
    };
    let app = App {
        gateway: Gateway::new(Arc::clone(&catalog)),
        metrics: Arc::clone(&loader.metrics),
        metrics_compat: settings.http.metrics_compat,
        timeout: settings.http.timeout,
        places: Places::new(settings.http.max_concurrency),
        body_limit: settings.http.body_limit,
        rules: settings.http.compat.rules(),
        extra_columns: settings.http.extra_columns,
        access_log: AccessLog::new(settings.http.access_log),
        shutdown,
    };
    Ok((catalog, loader, Arc::new(app)))
}
