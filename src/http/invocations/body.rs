//! The body of a request: what its head says of it, and the data that it holds.

use super::content_type::{self, Body as Kind};
use crate::compression::Packing;
use crate::http::encoding;
use crate::http::error::ApiError;
use crate::scoring::columnar::{self, ColumnarError, Limits};
use crate::scoring::decode::{self, Decoded, Terms};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use flowgate_core::Refusal;

/// What the head of a request says of its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    kind: Kind,
    packing: Option<Packing>,
    /// Octets that it may have, packed and unpacked.
    limit: usize,
}

/// Why a body gives no data.
pub(super) enum Unread {
    /// It was read, and refused.
    Refused(Refusal),
    /// It could not be unpacked.
    Packed(ApiError),
}

impl From<Refusal> for Unread {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ColumnarError> for Unread {
    fn from(error: ColumnarError) -> Self {
        match error {
            ColumnarError::Refused(refusal) => Self::Refused(refusal),
            ColumnarError::TooLarge { limit } => Self::Packed(ApiError::too_large_unpacked(limit)),
        }
    }
}

impl Announced {
    /// Reads the head of a request whose body may have `limit` octets.
    ///
    /// # Errors
    /// When it announces a type or a packing that is not read here.
    pub(super) fn read(headers: &HeaderMap, limit: usize) -> Result<Self, ApiError> {
        // Octets that are not text are shown to the parser as such: it refuses what it does not
        // know.
        let header = headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        let kind = content_type::parse(header.as_deref())
            .map_err(|error| ApiError::unsupported_media_type(error.to_string()))?;
        Ok(Self {
            kind,
            packing: encoding::of_body(headers)?,
            limit,
        })
    }

    /// Whether it may hold far more than it has octets.
    pub(super) fn is_packed(&self) -> bool {
        self.packing.is_some() || matches!(self.kind, Kind::Parquet | Kind::Arrow)
    }

    /// The data of `body`, read by `terms`.
    ///
    /// # Errors
    /// When it is not what was announced, too large, or not what the signature takes.
    pub(super) fn decode(&self, body: Bytes, terms: Terms<'_>) -> Result<Decoded, Unread> {
        let body = match self.packing {
            None => body,
            Some(packing) => encoding::unpacked(packing, &body, self.limit)
                .map_err(Unread::Packed)?
                .into(),
        };
        let limits = Limits::for_body(self.limit);
        Ok(match self.kind {
            Kind::Json => decode::json(&body, terms)?,
            Kind::Csv => decode::csv(&body, terms)?,
            Kind::Parquet => columnar::parquet(&body, terms, limits)?,
            Kind::Arrow => columnar::arrow_stream(&body, terms, limits)?,
        })
    }
}
