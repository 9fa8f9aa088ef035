//! What a buyer may choose: a bank of note 1.3, a bank card without the bank's page, or a code to scan (note 1.2).
//!
//! Offered is what Dinpay's own documents list. Mobile UnionPay, the banks of older documents, prepaid cards and the
//! words of white-labels are left out: orders of merchants may name them.

use super::words::BANK_METHOD;
use crate::choice::{Choice, ChoiceGroup, ChoiceKind, Choices};

/// The groups in the order in which buyers look for them.
pub(super) const CHOICES: Choices = &[
    ChoiceGroup {
        en: "Online banking",
        zh: "网上银行",
        kind: ChoiceKind::Bank,
        choices: &[
            bank(
                "ICBC",
                "Industrial and Commercial Bank (ICBC)",
                "中国工商银行",
            ),
            bank("ABC", "Agricultural Bank of China", "中国农业银行"),
            bank("BOC", "Bank of China", "中国银行"),
            bank("CCB", "China Construction Bank", "中国建设银行"),
            bank("BCOM", "Bank of Communications", "交通银行"),
            bank("CMB", "China Merchants Bank", "招商银行"),
            bank("PSBC", "Postal Savings Bank", "中国邮政储蓄银行"),
            bank("ECITIC", "China CITIC Bank", "中信银行"),
            bank("CEBB", "China Everbright Bank", "中国光大银行"),
            bank("CMBC", "China Minsheng Bank", "中国民生银行"),
            bank("HXB", "Hua Xia Bank", "华夏银行"),
            bank("CIB", "Industrial Bank", "兴业银行"),
            bank("SPDB", "Shanghai Pudong Development Bank", "浦发银行"),
            bank("GDB", "China Guangfa Bank", "广发银行"),
            bank("SPABANK", "Ping An Bank", "平安银行"),
            bank("BOB", "Bank of Beijing", "北京银行"),
            bank("SHB", "Bank of Shanghai", "上海银行"),
            bank("NBB", "Bank of Ningbo", "宁波银行"),
            bank("HZB", "Bank of Hangzhou", "杭州银行"),
        ],
    },
    ChoiceGroup {
        en: "Bank card",
        zh: "银行卡",
        kind: ChoiceKind::DebitCard,
        choices: &[method(
            "express",
            "Bank card, without online banking",
            "快捷支付（无需开通网银）",
        )],
    },
    ChoiceGroup {
        en: "Scan a code",
        zh: "扫码支付",
        kind: ChoiceKind::Code,
        choices: &[
            method("weixin", "WeChat Pay", "微信支付"),
            method("alipay_scan", "Alipay", "支付宝"),
            method("qq_scan", "QQ Wallet", "QQ 钱包"),
            method("union_scan", "UnionPay", "银联扫码"),
            method("jd_scan", "JD Pay", "京东支付"),
        ],
    },
];

const fn bank(code: &'static str, en: &'static str, zh: &'static str) -> Choice {
    Choice {
        method: BANK_METHOD,
        bank: Some(code),
        en,
        zh,
    }
}

const fn method(method: &'static str, en: &'static str, zh: &'static str) -> Choice {
    Choice {
        method,
        bank: None,
        en,
        zh,
    }
}
