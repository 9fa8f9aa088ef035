//! A merchant's call, as the gateway checks and reads it.

use super::super::{StatementService, options, royalty, words};
use super::{Call, Code, Contract, DirectPay, Merchant, refund, statement};
use crate::charset::Charset;
use crate::gateway::RefundWay;
use crate::gateway::setting::url_fault;
use crate::money::{Currency, Money};
use crate::order::GatewayOptions;
use crate::params::Params;
use crate::sign;

/// Checks a call as the gateway would, in the order that the end of note section 6 suggests, and reads it.
///
/// `query` is the raw query string, `body` the raw form body, empty for a `GET`. `_input_charset` may stand in both:
/// it is one parameter, signed once (note 1.3). `notify_verify` is unsigned, and its values are passed on unchecked.
///
/// # Errors
/// The gateway's code, such as `ILLEGAL_SIGN`.
pub fn read_call(
    query: &[u8],
    body: &[u8],
    merchant: &dyn Fn(&str) -> Option<Merchant>,
) -> Result<Call, Code> {
    read_call_under(query, body, merchant, &|_| Contract::default())
}

/// The same, where contracts differ by partner.
///
/// # Errors
/// As [`read_call`].
pub fn read_call_under(
    query: &[u8],
    body: &[u8],
    merchant: &dyn Fn(&str) -> Option<Merchant>,
    contract: &dyn Fn(&str) -> Contract,
) -> Result<Call, Code> {
    if let Some(asked) = asked_for_timestamp(query).or_else(|| asked_for_timestamp(body)) {
        return timestamp(&asked, merchant, contract);
    }
    let params = merged(query, body)?;
    let service = ascii(&params, "service").unwrap_or_default().to_owned();
    let partner = ascii(&params, "partner").unwrap_or_default().to_owned();
    match service.as_str() {
        "notify_verify" => {
            let notify_id = ascii(&params, "notify_id").unwrap_or_default().to_owned();
            return Ok(Call::NotifyVerify { partner, notify_id });
        }
        words::DIRECT_PAY | "single_trade_query" | "close_trade" => {}
        words::REFUND_PAGE | words::REFUND_CALL | words::REFUND_QUERY => {}
        words::REPORT | words::ACCOUNT_PAGE => {}
        _ => return Err(Code("ILLEGAL_SERVICE")),
    }
    let merchant = merchant(&partner).ok_or(Code("ILLEGAL_PARTNER"))?;
    let charset = ascii(&params, "_input_charset")
        .and_then(Charset::from_label)
        .ok_or(Code("ILLEGAL_CHARSET"))?;
    check_signature(&params, &merchant)?;
    let contract = contract(&partner);
    check_privilege(&service, &contract)?;
    let fields = Fields { params, charset };
    match service.as_str() {
        words::DIRECT_PAY => direct_pay(&fields, &merchant, &contract)
            .map(|request| Call::DirectPay(Box::new(request))),
        "single_trade_query" => {
            let (out_trade_no, trade_no) = fields.numbers("out_trade_no")?;
            Ok(Call::SingleTradeQuery {
                partner,
                out_trade_no,
                trade_no,
            })
        }
        words::REFUND_PAGE => refund::batch(&fields, &merchant, RefundWay::Page)
            .map(|batch| Call::Refund(Box::new(batch))),
        words::REFUND_CALL => refund::batch(&fields, &merchant, RefundWay::Call)
            .map(|batch| Call::Refund(Box::new(batch))),
        words::REFUND_QUERY => Ok(Call::RefundQuery {
            partner,
            batch_no: fields
                .text("batch_no", 32)?
                .ok_or(Code("ILLEGAL_ARGUMENT"))?,
            trade_no: fields.text("trade_no", 64)?,
        }),
        words::REPORT => statement::asked(&fields, StatementService::Report, partner)
            .map(|asked| Call::Statement(Box::new(asked))),
        words::ACCOUNT_PAGE => statement::asked(&fields, StatementService::Pages, partner)
            .map(|asked| Call::Statement(Box::new(asked))),
        _ => {
            let (out_order_no, trade_no) = fields.numbers("out_order_no")?;
            Ok(Call::CloseTrade {
                partner,
                out_order_no,
                trade_no,
            })
        }
    }
}

/// The parameters of `query_timestamp` that matter, where a wire asks for it. All others are ignored, whatever they
/// look like: the official Java demo sends `&_input_charsetutf-8` (note 4).
fn asked_for_timestamp(wire: &[u8]) -> Option<Params> {
    let named = |name: &[u8]| {
        let mut fields = wire.split(|byte| *byte == b'&');
        fields.find(|field| {
            field
                .strip_prefix(name)
                .is_some_and(|rest| rest.first() == Some(&b'='))
        })
    };
    let service = named(b"service").filter(|field| *field == b"service=query_timestamp")?;
    let known = [Some(service), named(b"partner"), named(b"_input_charset")];
    Params::parse(&known.into_iter().flatten().collect::<Vec<_>>().join(&b'&')).ok()
}

fn timestamp(
    asked: &Params,
    merchant: &dyn Fn(&str) -> Option<Merchant>,
    contract: &dyn Fn(&str) -> Contract,
) -> Result<Call, Code> {
    let partner = ascii(asked, "partner").unwrap_or_default().to_owned();
    merchant(&partner).ok_or(Code("ILLEGAL_PARTNER"))?;
    let charset = match ascii(asked, "_input_charset") {
        Some(label) => Charset::from_label(label).ok_or(Code("ILLEGAL_CHARSET"))?,
        None => Charset::Utf8,
    };
    check_privilege("query_timestamp", &contract(&partner))?;
    Ok(Call::QueryTimestamp { partner, charset })
}

/// Whether the contract includes the service. The one that is opened in a browser has a code of its own.
fn check_privilege(service: &str, contract: &Contract) -> Result<(), Code> {
    match (contract.without.contains(service), service) {
        (false, _) => Ok(()),
        (true, words::DIRECT_PAY) => Err(Code("HAS_NO_PRIVILEGE")),
        (true, _) => Err(Code("ILLEGAL_PARTNER_EXTERFACE")),
    }
}

/// Query string and body as one list; only `_input_charset` may stand in both, with the same value.
fn merged(query: &[u8], body: &[u8]) -> Result<Params, Code> {
    let illegal = Code("ILLEGAL_ARGUMENT");
    let mut params = Params::parse(query).map_err(|_| illegal)?;
    for (name, value) in Params::parse(body).map_err(|_| illegal)?.iter() {
        if name == "_input_charset" && params.get(name) == Some(value) {
            continue;
        }
        params.push(name, value).map_err(|_| illegal)?;
    }
    Ok(params)
}

fn check_signature(params: &Params, merchant: &Merchant) -> Result<(), Code> {
    match ascii(params, "sign_type") {
        Some(kind) if kind == merchant.key.kind().word() => {}
        Some("MD5" | "RSA" | "DSA") => return Err(Code("ILLEGAL_SECURITY_PROFILE")),
        _ => return Err(Code("ILLEGAL_SIGN_TYPE")),
    }
    let sign = params.get("sign").unwrap_or_default();
    if merchant.key.verifies(&sign::presign(params), sign) {
        Ok(())
    } else {
        Err(Code("ILLEGAL_SIGN"))
    }
}

fn direct_pay(
    fields: &Fields,
    merchant: &Merchant,
    contract: &Contract,
) -> Result<DirectPay, Code> {
    let (anti_phishing_key, exter_invoke_ip) = fields.against_phishing(contract)?;
    check_seller(fields, merchant)?;
    if ascii(&fields.params, "payment_type").is_none() {
        return Err(Code("ILLEGAL_PAYMENT_TYPE"));
    }
    let out_trade_no = fields
        .text("out_trade_no", 64)?
        .filter(|number| words::is_order_no(number))
        .ok_or(Code("ILLEGAL_ARGUMENT"))?;
    let subject = fields
        .text("subject", 256)?
        .ok_or(Code("SUBJECT_MUST_NOT_BE_NULL"))?;
    let paymethod = fields.text("paymethod", 32)?;
    if paymethod
        .as_deref()
        .is_some_and(|method| !words::METHODS.contains(&method))
    {
        return Err(Code("ILLEGAL_ARGUMENT"));
    }
    let defaultbank = fields.text("defaultbank", 32)?;
    if defaultbank
        .as_deref()
        .is_some_and(|bank| !words::BANKS.contains(&bank))
    {
        return Err(Code("DEFAULT_BANK_INVALID"));
    }
    let it_b_pay = fields.text("it_b_pay", 64)?;
    if it_b_pay.is_some() && !contract.timeouts {
        return Err(Code("SELF_TIMEOUT_NOT_SUPPORT"));
    }
    if it_b_pay.as_deref().is_some_and(|time| !is_timeout(time)) {
        return Err(Code("ILLEGAL_OUTTIME_ARGUMENT"));
    }
    let total_fee = fields.fee()?;
    let options = fields.options(total_fee)?;
    if options.contains_key("need_ctu_check") && !contract.risk_check {
        return Err(Code("NEED_CTU_CHECK_NOT_ALLOWED"));
    }
    check_buyer(&options, merchant)?;
    Ok(DirectPay {
        partner: merchant.partner.clone(),
        charset: fields.charset,
        out_trade_no,
        subject,
        total_fee,
        body: fields.text("body", 1000)?,
        extra_common_param: fields
            .text("extra_common_param", 100)
            .map_err(|_| Code("ILLEGAL_EXTRA_COMMON_PARAM"))?,
        show_url: fields.url("show_url", 400)?,
        paymethod,
        defaultbank,
        anti_phishing_key,
        exter_invoke_ip,
        it_b_pay,
        notify_url: fields.url("notify_url", 190)?,
        return_url: fields.url("return_url", 200)?,
        options,
    })
}

/// The payee: the first that is given of number, alias account and login, in the note's order of priority. No merchant
/// has an alias account here.
fn check_seller(fields: &Fields, merchant: &Merchant) -> Result<(), Code> {
    let id = ascii(&fields.params, "seller_id");
    let alias = ascii(&fields.params, "seller_account_name");
    let email = ascii(&fields.params, "seller_email");
    match (id, alias.or(email)) {
        (Some(id), _) if id == merchant.partner => Ok(()),
        (Some(_), _) => Err(Code("SELLER_NOT_IN_SPECIFIED_SELLERS")),
        (None, Some(login)) if alias.is_none() && login == merchant.email => Ok(()),
        (None, Some(_)) => Err(Code("SELLER_NOT_EXIST")),
        (None, None) => Err(Code("ILLEGAL_ARGUMENT")),
    }
}

/// The expected payer, by the first that is given of number, alias account and login: nobody pays himself.
fn check_buyer(options: &GatewayOptions, merchant: &Merchant) -> Result<(), Code> {
    let given = |name| options.get(name).map(String::as_str);
    let pays_himself = match (given("buyer_id"), given("buyer_account_name")) {
        (Some(id), _) => id == merchant.partner,
        (None, Some(alias)) => given("seller_account_name") == Some(alias),
        (None, None) => given("buyer_email") == Some(merchant.email.as_str()),
    };
    if pays_himself {
        return Err(Code("BUYER_SELLER_EQUAL"));
    }
    Ok(())
}

/// Whether this is `5m`, `1h`, `15d` or `1c` within one minute and fifteen days (note 1.1).
fn is_timeout(text: &str) -> bool {
    if text == "1c" {
        return true;
    }
    let (digits, minutes_each) = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((digits, "m")) => (digits, 1),
        Some((digits, "h")) => (digits, 60),
        Some((digits, "d")) => (digits, 24 * 60),
        _ => return false,
    };
    let plain = (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = digits
        .parse::<u32>()
        .unwrap_or_default()
        .saturating_mul(minutes_each);
    plain && (1..=15 * 24 * 60).contains(&minutes)
}

/// The value of this name, where it is there, not empty, and nothing but ASCII.
pub(super) fn ascii<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params
        .get(name)
        .filter(|value| !value.is_empty() && value.is_ascii())
        .and_then(|value| std::str::from_utf8(value).ok())
}

/// The fields of a call with the charset that it declares.
pub(super) struct Fields {
    pub(super) params: Params,
    pub(super) charset: Charset,
}

impl Fields {
    /// The text of this name, `None` where it is absent or empty; too long or not of the charset is refused.
    fn text(&self, name: &str, chars_max: usize) -> Result<Option<String>, Code> {
        let Some(bytes) = self.params.get(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let text = self
            .charset
            .decode(bytes)
            .map_err(|_| Code("ILLEGAL_ARGUMENT"))?;
        if text.chars().count() > chars_max {
            return Err(Code("ILLEGAL_ARGUMENT"));
        }
        Ok(Some(text.into_owned()))
    }

    /// The address of this name, absolute and without a query string.
    pub(super) fn url(&self, name: &str, chars_max: usize) -> Result<Option<String>, Code> {
        let url = self.text(name, chars_max)?;
        match url.as_deref().and_then(url_fault) {
            Some(_) => Err(Code("ILLEGAL_ARGUMENT")),
            None => Ok(url),
        }
    }

    /// The amount: `total_fee`, or `price` with `quantity`, and never both.
    fn fee(&self) -> Result<Money, Code> {
        let given = |name| ascii(&self.params, name);
        let money = |text| Money::parse(text, Currency::CNY).ok();
        let fee = match (given("total_fee"), given("price"), given("quantity")) {
            (Some(fee), None, None) => money(fee),
            (None, Some(price), Some(quantity)) => {
                let quantity = quantity.parse::<u32>().ok().map(i64::from);
                let price = money(price).zip(quantity);
                price.and_then(|(price, quantity)| {
                    Some(Money::new(
                        price.minor.checked_mul(quantity)?,
                        price.currency,
                    ))
                })
            }
            _ => None,
        };
        fee.filter(|fee| (words::AMOUNT_MIN..=words::AMOUNT_MAX).contains(&fee.minor))
            .ok_or(Code("ILLEGAL_FEE_PARAM"))
    }

    /// Timestamp and buyer's address: both where the contract demands them. The address may not be wrong anywhere.
    fn against_phishing(
        &self,
        contract: &Contract,
    ) -> Result<(Option<String>, Option<String>), Code> {
        let key = self.text("anti_phishing_key", 64)?;
        if contract.anti_phishing && key.is_none() {
            return Err(Code("ILLEGAL_ANTI_PHISHING_KEY"));
        }
        let ip = self.text("exter_invoke_ip", 64)?;
        let wrong = match ip.as_deref() {
            Some(ip) => ip.parse::<std::net::Ipv4Addr>().is_err(),
            None => contract.anti_phishing,
        };
        if wrong {
            return Err(Code("ILLEGAL_EXTER_INVOKE_IP"));
        }
        Ok((key, ip))
    }

    /// The further parameters, each as it must be, alone and together.
    fn options(&self, fee: Money) -> Result<GatewayOptions, Code> {
        let royalties = self.text("royalty_parameters", usize::MAX)?;
        match (self.text("royalty_type", 2)?.as_deref(), &royalties) {
            (None, None) | (Some(royalty::KIND), Some(_)) => {}
            (Some(royalty::KIND) | None, _) => return Err(Code("ROYALTY_FORAMT_ERROR")),
            (Some(_), _) => return Err(Code("ROYALTY_TYPE_ERROR")),
        }
        if royalties.is_some_and(|text| text.chars().count() > royalty::CHARS_MAX) {
            return Err(Code("ROYALTY_LENGTH_ERROR"));
        }
        let mut options = GatewayOptions::new();
        for name in options::names() {
            if let Some(text) = self.text(name, usize::MAX)? {
                options.insert(name.to_owned(), text);
            }
        }
        match options::code(&options, fee) {
            Some(code) => Err(Code(code)),
            None => {
                options.retain(|name, text| name != "payment_type" || text != words::GOODS);
                Ok(options)
            }
        }
    }

    /// The two numbers that may name a trade; at least one must.
    fn numbers(&self, order_field: &str) -> Result<(Option<String>, Option<String>), Code> {
        let order_no = self.text(order_field, 64)?;
        let trade_no = self.text("trade_no", 64)?;
        if order_no.is_none() && trade_no.is_none() {
            return Err(Code("ILLEGAL_ARGUMENT"));
        }
        Ok((order_no, trade_no))
    }
}
