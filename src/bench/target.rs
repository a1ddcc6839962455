//! What is sent, and where to.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use std::io;
use std::net::SocketAddr;

/// The request that is sent again and again.
#[derive(Debug, Clone)]
pub struct Target {
    /// The address to connect to.
    pub address: SocketAddr,
    /// Whether HTTP/2 is spoken, without asking for it first, in place of HTTP/1.1.
    pub http2: bool,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A target that cannot be meant.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// What stands for the URL is none that can be used.
    #[error("the url `{url}` is not of the form `http://host:port/path`")]
    Url {
        /// What stands for it.
        url: String,
    },
    /// A URL of another scheme.
    #[error("the url `{url}` has the scheme `{scheme}`, expected `http`")]
    Scheme {
        /// The URL.
        url: String,
        /// Its scheme.
        scheme: String,
    },
    /// A header that is none.
    #[error("the header `{header}` is not of the form `name: value`")]
    Header {
        /// What stands for it.
        header: String,
    },
    /// A host without an address.
    #[error("the host `{host}` has no address: {error}")]
    Host {
        /// The host.
        host: String,
        /// Why.
        error: io::Error,
    },
}

/// What a target is made of.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// The URL that is posted to.
    pub url: &'a str,
    /// The type of the body.
    pub content_type: &'a str,
    /// Further headers, as `name: value`; they win over what is set otherwise.
    pub headers: &'a [String],
    /// The body.
    pub body: Bytes,
    /// Whether HTTP/2 is spoken.
    pub http2: bool,
}

impl Target {
    /// The target that `parts` describe; looks the host up.
    ///
    /// # Errors
    /// When the URL or a header is none, or the host has no address.
    pub async fn new(parts: Parts<'_>) -> Result<Self, TargetError> {
        let url = parts.url.to_owned();
        let Ok(uri) = parts.url.parse::<Uri>() else {
            return Err(TargetError::Url { url });
        };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(TargetError::Url { url });
        };
        if scheme != "http" {
            let scheme = scheme.to_owned();
            return Err(TargetError::Scheme { url, scheme });
        }
        let host = authority.host();
        let port = authority.port_u16().unwrap_or(80);
        // An IPv6 address stands in brackets in a URL only.
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let missing = |error| TargetError::Host {
            host: host.to_owned(),
            error,
        };
        let mut found = tokio::net::lookup_host((name, port))
            .await
            .map_err(missing)?;
        let none = || missing(io::ErrorKind::NotFound.into());
        let address = found.next().ok_or_else(none)?;
        let mut headers = HeaderMap::new();
        if !parts.http2 {
            headers.insert(HOST, value(authority.as_str())?);
        }
        headers.insert(CONTENT_TYPE, value(parts.content_type)?);
        for header in parts.headers {
            let (name, value) = pair(header)?;
            headers.insert(name, value);
        }
        let uri = if parts.http2 { uri.clone() } else { path(&uri) };
        Ok(Self {
            address,
            http2: parts.http2,
            uri,
            headers,
            body: parts.body,
        })
    }

    /// The request, once more; the body is shared.
    pub fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// What stands in the first line of a request: the path with the query.
fn path(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    path.map_or_else(|| Uri::from_static("/"), Uri::from)
}

fn value(text: &str) -> Result<HeaderValue, TargetError> {
    HeaderValue::from_str(text).map_err(|_| TargetError::Header {
        header: text.to_owned(),
    })
}

fn pair(header: &str) -> Result<(HeaderName, HeaderValue), TargetError> {
    let bad = || TargetError::Header {
        header: header.to_owned(),
    };
    let (name, text) = header.split_once(':').ok_or_else(bad)?;
    let name = name.trim().parse().map_err(|_| bad())?;
    Ok((name, value(text.trim()).map_err(|_| bad())?))
}
