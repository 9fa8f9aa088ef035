//! What an account's requests carry besides: `[accounts.NAME.gateway_options]`.

use super::section::{Reader, Section};
use quittance_core::gateway::setting::OptionFault;
use quittance_core::order::GatewayOptions;
use toml::{Table, Value};

/// The section of an account that holds them.
const NAME: &str = "gateway_options";

/// Writes a value that is no text as the wire has it, where the gateway has such a form: the parameter's name, the
/// value's path, the value. What has no such form comes back.
pub(super) type Form = fn(&str, &str, Value, &mut Reader<'_>) -> Result<Option<String>, Value>;

/// The parameters, by their names on the wire. Whether they can be sent is the gateway's own folder's to say.
pub(super) fn read(section: &mut Section, form: Form, reader: &mut Reader<'_>) -> GatewayOptions {
    let given = section.section(NAME, reader);
    let mut options = GatewayOptions::new();
    for (name, path, value) in given.into_iter().flat_map(Section::named) {
        let text = match form(&name, &path, value, reader) {
            Ok(text) => text,
            Err(value) => reader.text(path, value),
        };
        options.extend(text.map(|text| (name, text)));
    }
    options
}

/// Every parameter is a text.
pub(super) fn texts(
    _name: &str,
    _path: &str,
    value: Value,
    _reader: &mut Reader<'_>,
) -> Result<Option<String>, Value> {
    Err(value)
}

/// Notes what the gateway's folder would not send; `page` lists its parameters with their rules.
pub(super) fn refuse(
    faults: Vec<OptionFault>,
    page: &str,
    section: &Section,
    reader: &mut Reader<'_>,
) {
    let names = Section::new(section.path(NAME), Table::new());
    for fault in faults {
        let fix = (
            format!("correct it or remove it; {page} lists the parameters"),
            format!("请改正或删除此项；参数见 {page}"),
        );
        reader.wrong(names.path(&fault.name), (fault.en, fault.zh), fix);
    }
}
