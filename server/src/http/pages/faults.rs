//! What is wrong with a form that a buyer filled in, beside each field, in his language.

use super::shown;
use quittance_core::Lang;
use quittance_core::gateway::{Fault, Refusal};

/// What is wrong with the fields of the direct-pay page.
#[derive(Default)]
pub(super) struct Faults {
    pub title: Option<String>,
    pub amount: Option<String>,
    pub remark: Option<String>,
    pub choice: Option<String>,
    /// What is wrong with none of them.
    pub page: Option<String>,
}

impl Faults {
    /// One that belongs to no field.
    pub fn page(says: &str) -> Faults {
        Faults {
            page: Some(says.to_owned()),
            ..Faults::default()
        }
    }

    /// What the gateway would not take, beside the field that it came from.
    pub fn of(refusal: &Refusal, lang: Lang) -> Faults {
        let says = Some(words(refusal.fault, lang));
        let mut faults = Faults::default();
        match refusal.field {
            "subject" => faults.title = says,
            "amount" => faults.amount = says,
            "body" => faults.remark = says,
            "method" | "bank" => faults.choice = says,
            _ => faults.page = says,
        }
        faults
    }

    /// Whether anything is.
    pub fn any(&self) -> bool {
        [
            &self.title,
            &self.amount,
            &self.remark,
            &self.choice,
            &self.page,
        ]
        .into_iter()
        .any(Option::is_some)
    }
}

/// A fault as buyers read it.
pub(super) fn words(fault: Fault, lang: Lang) -> String {
    let (en, zh) = match fault {
        Fault::Missing => (
            "Please fill this in.".to_owned(),
            "此项不能为空。".to_owned(),
        ),
        Fault::TooLong => (
            "This is too long. Please shorten it.".to_owned(),
            "内容过长，请缩短。".to_owned(),
        ),
        Fault::Forbidden(found) if found.is_control() => (
            "There is an invisible character in it. Please type it anew.".to_owned(),
            "内容含有不可见字符，请重新输入。".to_owned(),
        ),
        Fault::Forbidden(found) => (
            format!(
                "The payment company does not take the character {found} here. Please leave it out."
            ),
            format!("支付公司不接受字符 {found}，请删除。"),
        ),
        Fault::Unmappable(found) => (
            format!("The payment company cannot write the character {found}. Please leave it out."),
            format!("支付公司无法显示字符 {found}，请删除。"),
        ),
        Fault::OutOfRange(least, most) => {
            let (least, most) = (shown(least), shown(most));
            (
                format!("Please write an amount from {least} to {most}."),
                format!("金额须在 {least} 至 {most} 之间。"),
            )
        }
        // What only the shop can say: who the buyer is, of a cross-border order.
        Fault::Code(code) => (
            format!(
                "The payment company asks for more than this page knows ({code}). Please ask the shop."
            ),
            format!("支付公司要求本页没有的资料（{code}），请联系商家。"),
        ),
        Fault::NotTaken => (
            "The payment company does not take this. Please change it.".to_owned(),
            "支付公司不接受此项，请修改。".to_owned(),
        ),
    };
    lang.pick(&en, &zh).to_owned()
}
