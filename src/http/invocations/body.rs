//! The body of a request: what its head says of it, and the data that it holds.

use super::content_type;
use crate::compression::{Packing, UnpackError};
use crate::http::encoding;
use crate::http::error::ApiError;
use crate::scoring::columnar::{ColumnarError, Limits};
use crate::scoring::decode::{Decoded, Terms};
use crate::scoring::{self, Format};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use flowgate_core::{Additions, Code, Refusal, Rules, Stage, Violation};

/// What the head of a request says of its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    format: Format,
    packing: Option<Packing>,
    /// Octets that it may have, packed and unpacked.
    limit: usize,
}

/// Why a body gives no data.
pub(super) enum Unread {
    /// It was read, and refused.
    Refused(Refusal),
    /// It stands for more octets than it may have.
    TooLarge(ApiError),
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
            ColumnarError::TooLarge { limit } => {
                Self::TooLarge(ApiError::too_large_unpacked(limit))
            }
        }
    }
}

impl From<UnpackError> for Unread {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::TooLarge { limit } => Self::TooLarge(ApiError::too_large_unpacked(limit)),
            UnpackError::Broken { packing } => {
                let violation = Violation::new(Code::BadEncoding, packing.name(), "other octets");
                let summary = format!("the request body is {error}");
                Self::Refused(Refusal::new(Stage::Body, violation).with_summary(summary))
            }
        }
    }
}

impl Announced {
    /// Reads the head of a request whose body may have `limit` octets, under `rules`.
    ///
    /// # Errors
    /// When it announces a type or a packing that is not read here.
    pub(super) fn read(headers: &HeaderMap, rules: &Rules, limit: usize) -> Result<Self, ApiError> {
        // Octets that are not text are shown to the parser as such: it refuses what it does not
        // know.
        let header = headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        let format = content_type::parse(header.as_deref())
            .map_err(|error| ApiError::unsupported_media_type(error.to_string()))?;
        Ok(Self {
            format,
            packing: match rules.additions {
                Additions::Served => encoding::of_body(headers)?,
                Additions::Hidden => None,
            },
            limit,
        })
    }

    /// Whether it may hold far more than it has octets.
    pub(super) fn is_packed(&self) -> bool {
        self.packing.is_some() || matches!(self.format, Format::Parquet | Format::Arrow)
    }

    /// The data of `body` under `rules`, typed by the signature of `terms`.
    ///
    /// # Errors
    /// When it is not what was announced, too large, or not what the signature takes.
    pub(super) fn decode(
        &self,
        rules: &Rules,
        body: Bytes,
        terms: Terms<'_>,
    ) -> Result<Decoded, Unread> {
        let body = match self.packing {
            None => body,
            Some(packing) => packing.unpack(&body, self.limit)?.into(),
        };
        let limits = Limits::for_body(self.limit);
        Ok(scoring::read(self.format, rules, &body, terms, limits)?)
    }
}
