//! The answer to a request, in the form and the packing that the client likes.

use super::accept::{self, Answer};
use crate::compression::Packing;
use crate::http::encoding;
use crate::http::error::ApiError;
use crate::scoring::columnar::{self, NoTable};
use crate::scoring::{encode, mlflow};
use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Response};
use flowgate_core::{ErrorKind, Failures, Form, Frame, Rules};

/// What a client likes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Liked {
    answer: Answer,
    packing: Option<Packing>,
}

/// An answer that was written.
pub(super) struct Written {
    octets: Vec<u8>,
    answer: Answer,
    packing: Option<Packing>,
}

impl Liked {
    /// Reads the head of a request.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        Self {
            answer: accept::chosen(headers),
            packing: encoding::of_answer(headers),
        }
    }

    /// Writes `frame` as the answer to a request of `form`, as `rules` have it.
    ///
    /// # Errors
    /// When it is not to be written in that form, or the model is at fault.
    pub(super) fn write(
        self,
        frame: &Frame,
        form: Form,
        rules: &Rules,
    ) -> Result<Written, ApiError> {
        let mut octets = Vec::new();
        match self.answer {
            Answer::Json => encode::json(frame, form, rules, &mut octets).map_err(NoTable::from),
            Answer::Csv => columnar::csv(frame, &mut octets),
            Answer::Arrow => columnar::arrow(frame).map(|stream| octets = stream),
        }
        .map_err(|error| unwritten(&error, rules))?;
        self.pack(octets, self.answer)
    }

    /// `text`, which is JSON whatever the client likes.
    ///
    /// # Errors
    /// When it cannot be packed.
    pub(super) fn json(self, text: String) -> Result<Written, ApiError> {
        self.pack(text.into_bytes(), Answer::Json)
    }

    fn pack(self, mut octets: Vec<u8>, answer: Answer) -> Result<Written, ApiError> {
        let packing = self.packing.filter(|_| encoding::is_worth_it(&octets));
        if let Some(packing) = packing {
            octets = packing.pack(&octets).map_err(|error| {
                ApiError::logged(ErrorKind::Internal, format!("packing the answer: {error}"))
            })?;
        }
        Ok(Written {
            octets,
            answer,
            packing,
        })
    }

    /// Whether writing takes longer than the frame is large.
    pub(super) fn is_packed(self) -> bool {
        self.packing.is_some()
    }
}

impl Written {
    /// The answer with its head.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.octets));
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static(self.answer.content_type());
        headers.insert(CONTENT_TYPE, kind);
        // Another client may be given another form of the same answer.
        headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
        if let Some(packing) = self.packing {
            let packing = HeaderValue::from_static(packing.name());
            headers.insert(CONTENT_ENCODING, packing);
        }
        response
    }
}

fn unwritten(error: &NoTable, rules: &Rules) -> ApiError {
    match error.kind() {
        ErrorKind::Internal if rules.failures == Failures::Request => {
            ApiError::refused(&mlflow::not_for_the_model(), rules).with_log(error.to_string())
        }
        ErrorKind::Internal => ApiError::logged(ErrorKind::Internal, error.to_string()),
        _ => ApiError::not_acceptable(error.to_string()),
    }
}
