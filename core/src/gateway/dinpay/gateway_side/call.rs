//! A merchant's call, as the gateway checks and reads it.

use super::super::{options, words};
use super::{Call, Code, DirectPay, Merchant};
use crate::charset::Charset;
use crate::gateway::beijing;
use crate::gateway::setting::url_fault;
use crate::money::{Currency, Money};
use crate::order::GatewayOptions;
use crate::params::Params;
use crate::sign::{self, Kind};
use jiff::Timestamp;

/// What the gateway answers to a request that it cannot read.
const ILLEGAL_REQUEST: Code = Code("ILLEGAL_REQUEST");

/// Checks a call as the gateway would, in the order that note section 5 infers (presence, format, merchant, signature,
/// business), and reads it. A repeated number is the simulator's to know.
///
/// `query` is the raw query string, `body` the raw form body. `input_charset` may stand in both, with the same value
/// (note 1.1); nothing else may stand in the query string. Merchants have no code of their own for one that is not
/// known: `ILLEGAL_REQUEST` (inferred).
///
/// # Errors
/// The gateway's code, such as `ILLEGAL_SIGN`.
pub fn read_call(
    query: &[u8],
    body: &[u8],
    merchant: &dyn Fn(&str) -> Option<Merchant>,
) -> Result<Call, Code> {
    let params = posted(query, body)?;
    let service = ascii(&params, "service_type").unwrap_or_default();
    let paying = match service {
        words::DIRECT_PAY => true,
        words::QUERY => false,
        _ => return Err(Code("ILLEGAL_SERVICE_TYPE")),
    };
    let charset = match paying {
        true => ascii(&params, "input_charset")
            .and_then(words::charset_of)
            .ok_or(ILLEGAL_REQUEST)?,
        false => Charset::Utf8,
    };
    let fields = Fields {
        params: &params,
        charset,
    };
    let code = common(&fields)?.to_owned();
    let read = if paying {
        Call::DirectPay(Box::new(direct_pay(&fields, code.clone())?))
    } else {
        single_trade_query(&fields, code.clone())?
    };
    let merchant = merchant(&code).ok_or(ILLEGAL_REQUEST)?;
    check_signature(&fields, &merchant)?;
    match merchant.without.contains(service) {
        true => Err(Code("ILLEGAL_PAY_BUSINESS")),
        false => Ok(read),
    }
}

/// The body; `input_charset` of the query string must be the body's.
fn posted(query: &[u8], body: &[u8]) -> Result<Params, Code> {
    let params = Params::parse(body).map_err(|_| ILLEGAL_REQUEST)?;
    let query = Params::parse(query).map_err(|_| ILLEGAL_REQUEST)?;
    let same =
        |(name, value): (&str, &[u8])| name == "input_charset" && params.get(name) == Some(value);
    match query.iter().all(same) {
        true => Ok(params),
        false => Err(ILLEGAL_REQUEST),
    }
}

/// What every call must name. Gives back who calls.
fn common<'a>(fields: &Fields<'a>) -> Result<&'a str, Code> {
    let code = ascii(fields.params, "merchant_code").ok_or(Code("MERCHANT_CODE_IS_NULL"))?;
    let version =
        ascii(fields.params, "interface_version").ok_or(Code("INTERFACE_VERSION_IS_NULL"))?;
    let kind = ascii(fields.params, "sign_type").ok_or(Code("SIGN_TYPE_IS_NULL"))?;
    let sign = fields.params.get("sign").unwrap_or_default();
    if sign.is_empty() {
        return Err(Code("SIGN_IS_NULL"));
    }
    if version != words::VERSION {
        return Err(Code("ILLEGAL_INTERFACE_VERSION"));
    }
    // `RSA`, a CMS, is not answered here: there is no example to hold it to (note 1.4).
    match kind == Kind::Md5.word() || kind == Kind::RsaS.word() {
        true => Ok(code),
        false => Err(Code("ILLEGAL_SIGN_TYPE")),
    }
}

/// MD5 is made over the bytes that came, RSA-S over the same text in UTF-8 (note 1.4).
fn check_signature(fields: &Fields<'_>, merchant: &Merchant) -> Result<(), Code> {
    let kind = merchant.key.kind();
    if ascii(fields.params, "sign_type") != Some(kind.word()) {
        return Err(Code("ILLEGAL_SIGN_TYPE"));
    }
    let bytes = match kind {
        Kind::RsaS => sign::presign(&fields.in_utf8()?),
        _ => sign::presign(fields.params),
    };
    let sign = fields.params.get("sign").unwrap_or_default();
    match merchant.key.verifies(&bytes, sign) {
        true => Ok(()),
        false => Err(Code("ILLEGAL_SIGN")),
    }
}

fn single_trade_query(fields: &Fields<'_>, merchant_code: String) -> Result<Call, Code> {
    Ok(Call::SingleTradeQuery {
        merchant_code,
        order_no: fields.order_no()?,
        trade_no: fields.text("trade_no", 64, ILLEGAL_REQUEST)?,
    })
}

fn direct_pay(fields: &Fields<'_>, merchant_code: String) -> Result<DirectPay, Code> {
    let illegal = Code("ILLEGAL_PARAMS");
    let null = |name: &str, code| match fields.params.get(name).unwrap_or_default() {
        [] => Err(Code(code)),
        _ => Ok(()),
    };
    null("notify_url", "NOTIFY_URL_IS_NULL")?;
    let order_no = fields.order_no()?;
    null("order_time", "ORDER_TIME_IS_NULL")?;
    null("order_amount", "ORDER_AMOUNT_IS_NULL")?;
    null("product_name", "PRODUCT_NAME_IS_NULL")?;
    let (order_time, ordered_at) = fields.order_time()?;
    let (order_amount, amount) = fields.amount()?;
    let bank_code = fields.text("bank_code", 40, illegal)?;
    Ok(DirectPay {
        merchant_code,
        charset: fields.charset,
        notify_url: fields
            .url("notify_url", "NOTIFY_URL_IS_TOO_LONG", "ILLEGAL_URL_FORMAT")?
            .ok_or(Code("NOTIFY_URL_IS_NULL"))?,
        return_url: fields.url("return_url", "ILLEGAL_URL_FORMAT", "ILLEGAL_URL_FORMAT")?,
        order_no,
        order_time,
        ordered_at,
        order_amount,
        amount,
        product_name: fields
            .text("product_name", 100, Code("PRODUCT_NAME_IS_TOO_LONG"))?
            .ok_or(Code("PRODUCT_NAME_IS_NULL"))?,
        product_desc: fields.text("product_desc", 300, Code("PRODUCT_DESC_IS_TOO_LONG"))?,
        show_url: fields.url(
            "show_url",
            "SHOW_URL_IS_TOO_LONG",
            "ILLEGAL_SHOW_URL_FORMAT",
        )?,
        bank_code: bank_code.filter(|bank| words::BANKS.contains(&bank.as_str())),
        pay_type: fields.text("pay_type", 100, illegal)?,
        client_ip: fields.client_ip()?,
        extra_return_param: fields.text(
            "extra_return_param",
            100,
            Code("EXTRA_RETURN_PARAM_IS_TOO_LONG"),
        )?,
        options: fields.options()?,
    })
}

/// The value of this name, where it is there, not empty, and nothing but ASCII.
fn ascii<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params
        .get(name)
        .filter(|value| !value.is_empty() && value.is_ascii())
        .and_then(|value| std::str::from_utf8(value).ok())
}

/// The fields of a call with the charset that it declares.
struct Fields<'a> {
    params: &'a Params,
    charset: Charset,
}

impl Fields<'_> {
    /// The text of this name, `None` where it is absent or empty. What is not of the charset is illegal.
    fn text(&self, name: &str, chars_max: usize, too_long: Code) -> Result<Option<String>, Code> {
        let Some(bytes) = self.params.get(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let text = self
            .charset
            .decode(bytes)
            .map_err(|_| Code("ILLEGAL_PARAMS"))?;
        match text.chars().count() > chars_max {
            true => Err(too_long),
            false => Ok(Some(text.into_owned())),
        }
    }

    /// All of them in UTF-8.
    fn in_utf8(&self) -> Result<Params, Code> {
        let illegal = Code("ILLEGAL_PARAMS");
        let mut params = Params::new();
        for (name, value) in self.params.iter() {
            let text = self.charset.decode(value).map_err(|_| illegal)?;
            params.push(name, text.as_bytes()).map_err(|_| illegal)?;
        }
        Ok(params)
    }

    fn order_no(&self) -> Result<String, Code> {
        let number = self
            .text("order_no", 64, Code("ORDER_NO_IS_TOO_LONG"))?
            .ok_or(Code("ORDER_NO_IS_NULL"))?;
        match words::is_order_no(&number) {
            true => Ok(number),
            false => Err(Code("ILLEGAL_PARAMS")),
        }
    }

    /// An absolute address. A query string may be there: vector V1 has one.
    fn url(
        &self,
        name: &str,
        too_long: &'static str,
        illegal: &'static str,
    ) -> Result<Option<String>, Code> {
        let url = self.text(name, words::URL_CHARS_MAX, Code(too_long))?;
        let bare = |url: &str| url.split('?').next().and_then(url_fault).is_some();
        match url.as_deref().is_some_and(bare) {
            true => Err(Code(illegal)),
            false => Ok(url),
        }
    }

    /// The time as it was sent, and as an instant. Month and day may be of one digit (inferred, note 1.2).
    fn order_time(&self) -> Result<(String, Timestamp), Code> {
        let illegal = Code("ILLEGAL_ORDER_TIME_FORMAT");
        let text = self
            .text("order_time", 19, illegal)?
            .ok_or(Code("ORDER_TIME_IS_NULL"))?;
        let at = padded(&text).and_then(|padded| beijing::read(&padded));
        Ok((text, at.ok_or(illegal)?))
    }

    /// The amount as it was sent, and as an amount.
    fn amount(&self) -> Result<(String, Money), Code> {
        let illegal = Code("ILLEGAL_ORDER_AMOUNT_FORMAT");
        let text = self
            .text("order_amount", 40, illegal)?
            .ok_or(Code("ORDER_AMOUNT_IS_NULL"))?;
        let figures = text.bytes().filter(u8::is_ascii_digit).count();
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if plain && figures > words::AMOUNT_FIGURES_MAX {
            return Err(Code("ORDER_AMOUNT_IS_TOO_LARGE"));
        }
        let amount = Money::parse(&text, Currency::CNY).map_err(|_| illegal)?;
        match amount.minor >= words::AMOUNT_MIN {
            true => Ok((text, amount)),
            false => Err(illegal),
        }
    }

    fn client_ip(&self) -> Result<Option<String>, Code> {
        let illegal = Code("ILLEGAL_CLIENT_IP");
        let ip = self.text("client_ip", 15, illegal)?;
        match ip.as_deref().map(str::parse::<std::net::Ipv4Addr>) {
            Some(Err(_)) => Err(illegal),
            _ => Ok(ip),
        }
    }

    /// The further parameters. The gateway is not as careful as we are: any member of `extend_param` passes.
    fn options(&self) -> Result<GatewayOptions, Code> {
        let code = self.text("product_code", 60, Code("PRODUCT_CODE_IS_TOO_LONG"))?;
        let number = self.text("product_num", 10, Code("ILLEGAL_PRODUCT_NUM_FORMAT"))?;
        if number
            .as_deref()
            .is_some_and(|text| !options::is_number(text))
        {
            return Err(Code("ILLEGAL_PRODUCT_NUM_FORMAT"));
        }
        let flag = self.text("redo_flag", 1, Code("ILLEGAL_PARAMS"))?;
        if flag
            .as_deref()
            .is_some_and(|text| !["0", "1"].contains(&text))
        {
            return Err(Code("ILLEGAL_PARAMS"));
        }
        let extended = self.text("extend_param", usize::MAX, Code("ILLEGAL_PARAMS"))?;
        if extended
            .as_deref()
            .is_some_and(|text| options::pairs(text).is_none())
        {
            return Err(Code("ILLEGAL_EXTEND_PARAM_FORMAT"));
        }
        let goods = self.text("orders_info", 4000, Code("ILLEGAL_PARAMS"))?;
        let named = [
            ("product_code", code),
            ("product_num", number),
            ("redo_flag", flag),
            ("extend_param", extended),
            ("orders_info", goods),
        ];
        let given = named
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text?)));
        Ok(given.collect())
    }
}

/// `yyyy-M-d HH:mm:ss` with two digits for month and day.
fn padded(text: &str) -> Option<String> {
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    match parts.next() {
        Some(_) => None,
        None => Some(format!("{year}-{month:0>2}-{day:0>2} {time}")),
    }
}
