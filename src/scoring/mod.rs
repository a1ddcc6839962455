//! Bodies of MLflow's scoring protocol: from octets to a typed frame, and from an answer to
//! octets.
//!
//! Responsible for what stands in a body. Headers, statuses and routes belong to `http`; the
//! command line, packing and the warm-up of a load read and write the same bodies without it.
//!
//! Source: MLflow 3.17.2, `mlflow.pyfunc.scoring_server`, as measured on the real server; values
//! are used exactly as sent or refused.

pub mod columnar;
pub mod decode;
pub mod encode;
