//! The XML envelope of answers (note 5.0).
//!
//! Only what the note shows is read, and everything else refuses the whole answer: a document type (SEC-084), another
//! charset than the account's (SEC-081), an element twice, elements inside values. Entities are decoded once.
//!
//! Statements alone may be longer, and a page of one may hold a list: [`Limits`] says of each kind of answer what it
//! may hold.

use crate::charset::Charset;
use crate::http::Reply;
use crate::params::{Params, VALUE_BYTES_MAX};
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, Event};

/// A statement longer than this is none: 5000 bookings, the most that a page has (note 5.5), with all their 33 fields
/// have less.
pub(super) const STATEMENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What an answer may hold.
#[derive(Debug)]
pub(super) struct Limits {
    /// A longer answer is none.
    bytes_max: usize,
    /// A longer value refuses the whole answer.
    value_bytes_max: usize,
    /// How deep its elements may go.
    depth_max: usize,
    /// The list that may stand among the result's children.
    list: Option<List>,
}

/// A list of entries with fields.
#[derive(Debug)]
struct List {
    /// The element around it.
    name: &'static str,
    /// The element around each entry.
    entry: &'static str,
}

impl Limits {
    /// Every answer but a statement. Samples have 2 KiB. The depth: `alipay`, `response`, `trade`, a field.
    const ANSWER: Limits = Limits {
        bytes_max: 64 * 1024,
        value_bytes_max: VALUE_BYTES_MAX,
        depth_max: 4,
        list: None,
    };
    /// A day's report: one of its values is the whole day (note 5.4).
    pub(super) const REPORT: Limits = Limits {
        bytes_max: STATEMENT_BYTES_MAX,
        value_bytes_max: STATEMENT_BYTES_MAX,
        ..Limits::ANSWER
    };
    /// A page of bookings (note 5.5). The list, written out, is the value of a parameter too.
    pub(super) const PAGE: Limits = Limits {
        depth_max: 6,
        list: Some(List {
            name: "account_log_list",
            entry: "AccountQueryAccountLogVO",
        }),
        ..Limits::REPORT
    };

    fn is_list(&self, name: &str) -> bool {
        self.list.as_ref().is_some_and(|list| list.name == name)
    }

    fn is_entry(&self, name: &str) -> bool {
        self.list.as_ref().is_some_and(|list| list.entry == name)
    }
}

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
    /// Its children as parameters, in the account's charset: the signed bytes. A list's value is its own text, from its
    /// first bracket to its last, with empty elements written out.
    pub(super) children: Params,
    /// What the list holds.
    pub(super) entries: Vec<Params>,
}

impl Envelope {
    /// Reads an answer.
    ///
    /// # Errors
    /// Says what is not as the gateway sends it.
    pub(super) fn read(reply: &Reply, charset: Charset) -> Result<Envelope, &'static str> {
        Envelope::read_within(&Limits::ANSWER, reply, charset)
    }

    /// Reads an answer that may hold more than others.
    ///
    /// # Errors
    /// As [`Envelope::read`].
    pub(super) fn read_within(
        limits: &'static Limits,
        reply: &Reply,
        charset: Charset,
    ) -> Result<Envelope, &'static str> {
        if reply.status != 200 {
            return Err("the HTTP status is not 200");
        }
        if reply.body.len() > limits.bytes_max {
            return Err("the answer is too long");
        }
        let text = charset
            .decode(&reply.body)
            .map_err(|_| "the answer is no text in the account's charset")?;
        let mut document = Document::new(limits, charset);
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
    limits: &'static Limits,
    charset: Charset,
    declared: bool,
    ended: bool,
    path: Vec<String>,
    text: String,
    list: String,
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
    fn new(limits: &'static Limits, charset: Charset) -> Document {
        Document {
            limits,
            charset,
            declared: false,
            ended: false,
            path: Vec::new(),
            text: String::new(),
            list: String::new(),
            is_success: None,
            error: None,
            sign: None,
            sign_type: None,
            business: None,
        }
    }

    fn take(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::Start(start) => {
                self.open(start.name().into_inner())?;
                self.copy(["<", start.trim_ascii_end(), ">"]);
                Ok(())
            }
            Event::End(_) => self.close(),
            Event::Text(text) => {
                self.copy(["", text, ""]);
                self.write(text)
            }
            Event::CData(text) => {
                self.copy(["<![CDATA[", text, "]]>"]);
                self.write(text)
            }
            Event::GeneralRef(reference) => {
                self.copy(["&", reference, ";"]);
                match reference.resolve_char_ref() {
                    Ok(Some(character)) => self.write(character.encode_utf8(&mut [0; 4])),
                    Ok(None) => match quick_xml::escape::resolve_predefined_entity(reference) {
                        Some(text) => self.write(text),
                        None => Err("the answer uses an entity that XML does not know"),
                    },
                    Err(_) => Err("the answer has a bad character reference"),
                }
            }
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
            ["alipay", "response", _, list, _, _] if self.limits.is_list(list) => Place::Value,
            ["alipay", "response", _, list, ..] if self.limits.is_list(list) => Place::Frame,
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
        if self.ended || self.path.len() == self.limits.depth_max {
            return Err("the answer has more elements than the gateway sends");
        }
        self.path.push(name.to_owned());
        self.text.clear();
        match self.path.as_slice() {
            [root] if root != "alipay" => Err("the answer is no envelope of this gateway"),
            [_, response, name] if response == "response" => {
                let business = Business {
                    name: name.clone(),
                    children: Params::holding(self.limits.value_bytes_max),
                    entries: Vec::new(),
                };
                match self.business.replace(business) {
                    Some(_) => Err("the answer has more than one result"),
                    None => Ok(()),
                }
            }
            [_, _, _, _, entry] if self.in_list() => {
                if !self.limits.is_entry(entry) {
                    return Err("the answer's list holds something else");
                }
                if let Some(business) = &mut self.business {
                    business.entries.push(Params::new());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn in_list(&self) -> bool {
        match self.path.as_slice() {
            [_, response, _, list, ..] => response == "response" && self.limits.is_list(list),
            _ => false,
        }
    }

    /// The text of a list is what is signed, so it is kept as it stands.
    fn copy(&mut self, parts: [&str; 3]) {
        if self.in_list() {
            self.list.extend(parts);
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
        let (place, listed) = (self.place(), self.in_list());
        let name = self.path.last().cloned().unwrap_or_default();
        self.copy(["</", &name, ">"]);
        self.path.pop();
        self.ended = self.path.is_empty();
        if listed && !self.in_list() {
            let list = std::mem::take(&mut self.list);
            return self.keep_child(&name, &list);
        }
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
        let fields = match (self.path.len(), business.entries.last_mut()) {
            (5, Some(entry)) => entry,
            _ => &mut business.children,
        };
        fields
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
