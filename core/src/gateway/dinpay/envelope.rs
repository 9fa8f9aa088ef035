//! The XML envelope of the answer to a query (note 3.2).
//!
//! Only what the note shows is read, and everything else refuses the whole answer: a document type (SEC-084), another
//! charset than UTF-8 (SEC-081), an element twice, elements inside values. Entities are decoded once. The root alone
//! may have any name: white-labels change it, and `response` below it is what counts.

use crate::http::Reply;
use crate::params::Params;
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, Event};

/// The example has half a KiB; an answer larger than this is none.
const REPLY_BYTES_MAX: usize = 64 * 1024;
/// `dinpay`, `response`, `trade`, a field.
const DEPTH_MAX: usize = 4;

/// An answer that was processed, or refused with a code.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The code of a refusal; `None` means `is_success` was `T`, which says that the question was answered, not how.
    pub(super) error: Option<String>,
    /// The children of `trade`, in UTF-8: the signed bytes.
    pub(super) trade: Option<Params>,
    /// The signature over them.
    pub(super) sign: Option<String>,
    /// The kind of the signature.
    pub(super) sign_type: Option<String>,
}

impl Envelope {
    /// Reads an answer.
    ///
    /// # Errors
    /// Says what is not as the gateway sends it.
    pub(super) fn read(reply: &Reply) -> Result<Envelope, &'static str> {
        if reply.status != 200 {
            return Err("the HTTP status is not 200");
        }
        if reply.body.len() > REPLY_BYTES_MAX {
            return Err("the answer is too long");
        }
        let text =
            std::str::from_utf8(&reply.body).map_err(|_| "the answer is no text in UTF-8")?;
        let mut document = Document::default();
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            match reader
                .read_event()
                .map_err(|_| "the answer is no well-formed XML")?
            {
                Event::Eof => return document.finish(),
                event => document.take(&event)?,
            }
        }
    }
}

/// A document while it is being read.
#[derive(Default)]
struct Document {
    declared: bool,
    ended: bool,
    path: Vec<String>,
    text: String,
    is_success: Option<String>,
    error: Option<String>,
    sign: Option<String>,
    sign_type: Option<String>,
    trade: Option<Params>,
}

impl Document {
    fn take(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::Start(start) => self.open(start.name().into_inner()),
            Event::End(_) => self.close(),
            Event::Text(text) => self.write(text),
            Event::CData(text) => self.write(text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => self.write(character.encode_utf8(&mut [0; 4])),
                Ok(None) => match quick_xml::escape::resolve_predefined_entity(reference) {
                    Some(text) => self.write(text),
                    None => Err("the answer uses an entity that XML does not know"),
                },
                Err(_) => Err("the answer has a bad character reference"),
            },
            Event::Decl(declaration) => self.declare(declaration),
            Event::DocType(_) => Err("the answer declares a document type"),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Eof => {
                Err("the answer is not as the gateway sends it")
            }
        }
    }

    fn declare(&mut self, declaration: &BytesDecl) -> Result<(), &'static str> {
        if self.declared || self.ended || !self.path.is_empty() {
            return Err("the answer declares its XML in the wrong place");
        }
        self.declared = true;
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(label)) if label.eq_ignore_ascii_case("utf-8") => Ok(()),
            Some(_) => Err("the answer declares another charset than UTF-8"),
        }
    }

    /// Whether a value stands here; everything else holds nothing but blanks itself.
    fn is_value(&self) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        matches!(
            path.as_slice(),
            [
                _,
                "response",
                "is_success" | "error_code" | "sign" | "sign_type"
            ] | [_, "response", "trade", _]
        )
    }

    fn open(&mut self, name: &str) -> Result<(), &'static str> {
        if self.is_value() {
            return Err("a value of the answer holds elements");
        }
        if self.ended || self.path.len() == DEPTH_MAX {
            return Err("the answer has more elements than the gateway sends");
        }
        self.path.push(name.to_owned());
        self.text.clear();
        match self.path.as_slice() {
            [_, response] if response != "response" => Err("the answer is no envelope"),
            [_, _, trade] if trade == "trade" && self.trade.replace(Params::new()).is_some() => {
                Err("the answer has more than one trade")
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), &'static str> {
        if self.is_value() {
            self.text.push_str(text);
        } else if !text.trim_ascii().is_empty() {
            return Err("the answer has text between its elements");
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let value = self.is_value();
        let name = self.path.pop().unwrap_or_default();
        self.ended = self.path.is_empty();
        if !value {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        let slot = match (name.as_str(), self.path.len()) {
            ("is_success", 2) => &mut self.is_success,
            ("error_code", 2) => &mut self.error,
            ("sign", 2) => &mut self.sign,
            ("sign_type", 2) => &mut self.sign_type,
            _ => return self.keep_child(&name, &text),
        };
        match slot.replace(text) {
            Some(_) => Err("an element of the answer stands there twice"),
            None => Ok(()),
        }
    }

    fn keep_child(&mut self, name: &str, text: &str) -> Result<(), &'static str> {
        let trade = self
            .trade
            .as_mut()
            .ok_or("the answer has a value outside its trade")?;
        trade
            .push(name, text.as_bytes())
            .map_err(|_| "a field of the answer is repeated, too long or oddly named")
    }

    fn finish(self) -> Result<Envelope, &'static str> {
        if !self.ended {
            return Err("the answer ends too early");
        }
        let error = match (self.is_success.as_deref(), self.error) {
            (Some("T"), None) => None,
            (Some("F"), Some(code)) if is_code(&code) && self.trade.is_none() => Some(code),
            _ => return Err("the answer is neither a success nor a failure of this gateway"),
        };
        Ok(Envelope {
            error,
            trade: self.trade,
            sign: self.sign,
            sign_type: self.sign_type,
        })
    }
}

/// A code may be logged and shown, so it must look like one.
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}
