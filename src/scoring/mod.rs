//! Bodies of MLflow's scoring protocol: from octets to a typed frame, and from an answer to
//! octets.
//!
//! Responsible for what stands in a body. Headers, statuses and routes belong to `http`; the
//! command line, packing and the warm-up of a load read and write the same bodies without it.
//!
//! Two readers: `decode` types values by the signature while it reads, exact or refused; `mlflow`
//! reads and casts as MLflow's server does. Which of them is asked is a matter of policy
//! (`flowgate_core::compat`).
//!
//! Source: MLflow 3.17.2, `mlflow.pyfunc.scoring_server`, as measured on the real server.

pub mod columnar;
pub mod decode;
pub mod encode;
pub mod mlflow;

use bytes::Bytes;
use columnar::{ColumnarError, Limits};
use decode::{Decoded, Terms};
use flowgate_core::{Rules, compat::Values};

/// A kind of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// `application/vnd.apache.parquet`.
    Parquet,
    /// `application/vnd.apache.arrow.stream`.
    Arrow,
}

/// What MLflow says to clients of its first major version.
pub const PROTOCOL_CHANGED: &str = "IMPORTANT: The MLflow Model scoring protocol has changed in \
MLflow version 2.0. If you are seeing this error, you are likely using an outdated scoring request \
format. To resolve the error, either update your request format or adjust your MLflow Model's \
requirements file to specify an older version of MLflow (for example, change the 'mlflow' \
requirement specifier to 'mlflow==1.30.0'). If you are making a request using the MLflow client \
(e.g. via `mlflow.pyfunc.spark_udf()`), upgrade your MLflow client to a version >= 2.0 in order to \
use the new request format. For more information about the updated MLflow Model scoring protocol in \
MLflow 2.0, see https://mlflow.org/docs/latest/models.html#deploy-mlflow-models.";

/// Reads a body of the kind `format` under `rules`, typed by the signature of `terms`.
///
/// # Errors
/// When it is not of that kind, is larger than `limits` once it is unpacked, or holds what the
/// signature does not take.
pub fn read(
    format: Format,
    rules: &Rules,
    body: &Bytes,
    terms: Terms<'_>,
    limits: Limits,
) -> Result<Decoded, ColumnarError> {
    match (format, rules.values) {
        (Format::Json, Values::Exact) => Ok(decode::json(body, terms)?),
        (Format::Json, Values::Cast) => Ok(mlflow::json(body, terms.signature)?),
        (Format::Csv, Values::Exact) => Ok(decode::csv(body, terms)?),
        (Format::Csv, Values::Cast) => Ok(mlflow::csv(body, terms.signature)?),
        (Format::Parquet, Values::Exact) => columnar::parquet(body, terms, limits),
        (Format::Parquet, Values::Cast) => mlflow::parquet(body, terms.signature, limits),
        // MLflow's server reads none of these.
        (Format::Arrow, _) => columnar::arrow_stream(body, terms, limits),
    }
}
