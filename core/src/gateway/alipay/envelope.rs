//! The XML envelope of answers (note 5.0).
//!
//! Only what the note shows is read, and everything else refuses the whole answer: a document type (SEC-084), another
//! charset than the account's (SEC-081), an element twice, elements inside values. Entities are decoded once.

use crate::charset::Charset;
use crate::http::Reply;
use crate::params::Params;
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, Event};

/// Samples have 2 KiB; an answer larger than this is none.
const REPLY_BYTES_MAX: usize = 64 * 1024;
/// `alipay`, `response`, `trade`, a field.
const DEPTH_MAX: usize = 4;

/// An answer that was processed, or refused with a code.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The code of a refusal; `None` means `is_success` was `T`.
    pub(super) error: Option<String>,
    /// The node below `response`, whose children are signed.
    pub(super) business: Option<Business>,
    /// The signature over the node's children.
    pub(super) sign: Option<String>,
    /// The kind of the signature.
    pub(super) sign_type: Option<String>,
}

/// The node below `response`.
#[derive(Debug)]
pub(super) struct Business {
    /// `trade`.
    pub(super) name: String,
    /// Its children as parameters, in the account's charset: the signed bytes.
    pub(super) children: Params,
}

impl Envelope {
    /// Reads an answer.
    ///
    /// # Errors
    /// Says what is not as the gateway sends it.
    pub(super) fn read(reply: &Reply, charset: Charset) -> Result<Envelope, &'static str> {
        if reply.status != 200 {
            return Err("the HTTP status is not 200");
        }
        if reply.body.len() > REPLY_BYTES_MAX {
            return Err("the answer is too long");
        }
        let text = charset
            .decode(&reply.body)
            .map_err(|_| "the answer is no text in the account's charset")?;
        let mut document = Document::new(charset);
        let mut reader = Reader::from_str(&text);
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
struct Document {
    charset: Charset,
    declared: bool,
    ended: bool,
    path: Vec<String>,
    text: String,
    is_success: Option<String>,
    error: Option<String>,
    sign: Option<String>,
    sign_type: Option<String>,
    business: Option<Business>,
}

/// What stands at a place in the envelope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A value that is read.
    Value,
    /// A value that is skipped: an echo of the request.
    Echo,
    /// Around values: holds nothing but blanks itself.
    Frame,
}

impl Document {
    fn new(charset: Charset) -> Document {
        Document {
            charset,
            declared: false,
            ended: false,
            path: Vec::new(),
            text: String::new(),
            is_success: None,
            error: None,
            sign: None,
            sign_type: None,
            business: None,
        }
    }

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
            Some(Ok(label)) if Charset::from_label(&label) == Some(self.charset) => Ok(()),
            Some(_) => Err("the answer declares another charset than the account's"),
        }
    }

    fn place(&self) -> Place {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["alipay", "is_success" | "error" | "sign" | "sign_type"]
            | ["alipay", "response", _, _] => Place::Value,
            ["alipay", "request", ..] => Place::Echo,
            _ => Place::Frame,
        }
    }

    fn open(&mut self, name: &str) -> Result<(), &'static str> {
        if self.place() == Place::Value {
            return Err("a value of the answer holds elements");
        }
        if self.ended || self.path.len() == DEPTH_MAX {
            return Err("the answer has more elements than the gateway sends");
        }
        self.path.push(name.to_owned());
        self.text.clear();
        match self.path.as_slice() {
            [root] if root != "alipay" => Err("the answer is no envelope of this gateway"),
            [_, response, name] if response == "response" => {
                let business = Business {
                    name: name.clone(),
                    children: Params::new(),
                };
                match self.business.replace(business) {
                    Some(_) => Err("the answer has more than one result"),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), &'static str> {
        match self.place() {
            Place::Value => self.text.push_str(text),
            Place::Echo => {}
            Place::Frame if text.trim_ascii().is_empty() => {}
            Place::Frame => return Err("the answer has text between its elements"),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let place = self.place();
        let name = self.path.pop().unwrap_or_default();
        self.ended = self.path.is_empty();
        if place != Place::Value {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        let slot = match (name.as_str(), self.path.len()) {
            ("is_success", 1) => &mut self.is_success,
            ("error", 1) => &mut self.error,
            ("sign", 1) => &mut self.sign,
            ("sign_type", 1) => &mut self.sign_type,
            _ => return self.keep_child(&name, &text),
        };
        match slot.replace(text) {
            Some(_) => Err("an element of the answer stands there twice"),
            None => Ok(()),
        }
    }

    /// The text goes back into the charset in which it was signed: a decoded entity may have brought in what that
    /// charset does not hold.
    fn keep_child(&mut self, name: &str, text: &str) -> Result<(), &'static str> {
        let bytes = self
            .charset
            .encode(text)
            .map_err(|_| "the answer has a character outside its charset")?;
        let business = self
            .business
            .as_mut()
            .ok_or("the answer has a value outside its result")?;
        business
            .children
            .push(name, &bytes)
            .map_err(|_| "a field of the answer is repeated, too long or oddly named")
    }

    fn finish(self) -> Result<Envelope, &'static str> {
        if !self.ended {
            return Err("the answer ends too early");
        }
        let error = match (self.is_success.as_deref(), self.error) {
            (Some("T"), None) => None,
            (Some("F"), Some(code)) if is_code(&code) && self.business.is_none() => Some(code),
            _ => return Err("the answer is neither a success nor a failure of this gateway"),
        };
        Ok(Envelope {
            error,
            business: self.business,
            sign: self.sign,
            sign_type: self.sign_type,
        })
    }
}

/// A code may be logged and shown, so it must look like one.
pub(super) fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}
