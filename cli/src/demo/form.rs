//! What a browser sees of a page: its forms and links. Enough HTML for the pages of this house, and no more.

use quittance_core::charset::Charset;
use quittance_core::params::Params;

/// A form of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// Where it goes, as written.
    pub action: String,
    /// The charset that its fields go out in.
    pub charset: Charset,
    /// Its fields as they stand when the page opens.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The body that a browser would post, with the button that was pressed.
    ///
    /// # Errors
    /// A field that the charset does not hold, or that no form of ours has.
    pub fn body(&self, button: Option<(&str, &str)>) -> Result<String, String> {
        let mut params = Params::new();
        let fields = self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        for (name, value) in fields.chain(button) {
            let bytes = self.charset.encode(value).map_err(|e| e.to_string())?;
            params.push(name, &bytes).map_err(|e| e.to_string())?;
        }
        Ok(params.to_wire())
    }
}

/// Every form of a page.
pub fn forms(html: &str) -> Vec<Form> {
    let form = |part: &str| {
        let (tag, rest) = part.split_once('>')?;
        let inside = rest.split("</form>").next().unwrap_or_default();
        let inputs = inside.split("<input").skip(1);
        let field = |input: &str| {
            let tag = input.split('>').next().unwrap_or_default();
            let choice = attribute(tag, "type").as_deref() == Some("radio");
            if choice && !tag.split_whitespace().any(|word| word == "checked") {
                return None;
            }
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        };
        let charset = attribute(tag, "accept-charset");
        Some(Form {
            action: attribute(tag, "action")?,
            charset: charset
                .and_then(|label| Charset::from_label(&label))
                .unwrap_or(Charset::Utf8),
            fields: inputs.filter_map(field).collect(),
        })
    };
    html.split("<form").skip(1).filter_map(form).collect()
}

/// Where the first link that looks like a button leads.
pub fn button_link(html: &str) -> Option<String> {
    let tags = html.split("<a").skip(1);
    let mut tags = tags.filter_map(|part| part.split('>').next());
    tags.find(|tag| attribute(tag, "class").as_deref() == Some("button"))
        .and_then(|tag| attribute(tag, "href"))
}

/// The value of an attribute, in double quotes, with its escapes undone.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.split_once(&format!(" {name}=\""))?.1;
    Some(unescaped(from.split('"').next()?))
}

/// Numeric escapes and the five named ones.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escape, rest) = part.split_once(';').unwrap_or((part, ""));
        let number = escape.strip_prefix('#').and_then(|digits| {
            let hex = digits.strip_prefix(['x', 'X']);
            let code = match hex {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)
        });
        let named = match escape {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        };
        match number.or(named) {
            Some(character) => {
                plain.push(character);
                plain.push_str(rest);
            }
            None => {
                plain.push('&');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_posted_as_a_browser_does() {
        let html = r#"<form method="post" action="/go?a=1&#38;b=2" accept-charset="gbk">
            <input type="hidden" name="subject" value="茶 &quot;A&#38;B&quot;"><input type="radio" name="bank" value="A"><input type="radio" name="bank" value="B" checked>
            <button>Go</button></form>
            <form action="/other"></form>"#;
        let found = forms(html);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].action, "/go?a=1&b=2");
        assert_eq!(found[0].charset, Charset::Gbk);
        assert_eq!(found[0].fields[0].1, "茶 \"A&B\"");
        let body = found[0].body(Some(("action", "pay")));
        assert_eq!(
            body.as_deref(),
            Ok("subject=%B2%E8+%22A%26B%22&bank=B&action=pay")
        );
        let link = r#"<a href="/x">x</a> <a class="button" href="/y?q=&amp;z">y</a>"#;
        assert_eq!(button_link(link).as_deref(), Some("/y?q=&z"));
    }
}
