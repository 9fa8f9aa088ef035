//! Requests and replies as values, so that protocols can make and read them without a network.

/// So much of a reply's body is read where a request does not say otherwise; a longer one is no reply (SEC-094).
pub const REPLY_BYTES_MAX: usize = 1024 * 1024;

/// A request that we send: to a gateway, or to a merchant's endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// The absolute URL, query string included.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
    /// At most so many bytes of the reply's body are read.
    pub reply_bytes_max: usize,
}

/// The two methods that any of this needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

/// What came back. The transport has bounded its size; nothing else about it is trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Request {
    /// A `GET` of this URL.
    #[must_use]
    pub fn get(url: String) -> Request {
        Request {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            reply_bytes_max: REPLY_BYTES_MAX,
        }
    }

    /// A `POST` of a body with its content type.
    #[must_use]
    pub fn post(url: String, content_type: &str, body: Vec<u8>) -> Request {
        Request {
            method: Method::Post,
            url,
            headers: vec![("content-type".into(), content_type.into())],
            body,
            reply_bytes_max: REPLY_BYTES_MAX,
        }
    }

    /// The same request, whose reply may be so long.
    #[must_use]
    pub fn with_reply_max(mut self, bytes: usize) -> Request {
        self.reply_bytes_max = bytes;
        self
    }
}

impl std::fmt::Debug for Request {
    /// Method and URL up to the query: the rest may hold a signature.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} {}",
            self.method,
            self.url.split('?').next().unwrap_or_default()
        )
    }
}

impl Reply {
    /// A reply with a status and a body, for simulators and tests.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The first value of this header (name in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}
