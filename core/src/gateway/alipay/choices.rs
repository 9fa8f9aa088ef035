//! What a buyer may choose: the balance, or one of the banks of note 1.2, as the shops of the guide offered them.
//! `SDB` is left out: that bank is `SPABANK` today. Orders of merchants may still name it.

use super::words::BANK_METHOD;
use crate::choice::{Choice, ChoiceGroup, ChoiceKind, Choices};

/// The groups in the order in which buyers look for them.
pub(super) const CHOICES: Choices = &[
    ChoiceGroup {
        en: "Alipay balance",
        zh: "支付宝余额",
        kind: ChoiceKind::Balance,
        choices: &[Choice {
            method: "directPay",
            bank: None,
            en: "Account balance",
            zh: "支付宝账户余额",
        }],
    },
    ChoiceGroup {
        en: "Online banking, personal",
        zh: "个人网上银行",
        kind: ChoiceKind::Bank,
        choices: &[
            bank(
                "ICBCB2C",
                "Industrial and Commercial Bank (ICBC)",
                "中国工商银行",
            ),
            bank("ABC", "Agricultural Bank of China", "中国农业银行"),
            bank("BOCB2C", "Bank of China", "中国银行"),
            bank("CCB", "China Construction Bank", "中国建设银行"),
            bank("COMM", "Bank of Communications", "交通银行"),
            bank("CMB", "China Merchants Bank", "招商银行"),
            bank("CITIC", "China CITIC Bank", "中信银行"),
            bank("CEBBANK", "China Everbright Bank", "中国光大银行"),
            bank("CMBC", "China Minsheng Bank", "中国民生银行"),
            bank("CIB", "Industrial Bank", "兴业银行"),
            bank("SPDB", "Shanghai Pudong Development Bank", "浦发银行"),
            bank("GDB", "China Guangfa Bank", "广发银行"),
            bank("SPABANK", "Ping An Bank", "平安银行"),
            bank("BJBANK", "Bank of Beijing", "北京银行"),
            bank("SHBANK", "Bank of Shanghai", "上海银行"),
            bank("NBBANK", "Bank of Ningbo", "宁波银行"),
            bank("HZCBB2C", "Bank of Hangzhou", "杭州银行"),
            bank("BJRCB", "Beijing Rural Commercial Bank", "北京农商银行"),
            bank("FDB", "Fudian Bank", "富滇银行"),
        ],
    },
    ChoiceGroup {
        en: "Debit cards only",
        zh: "仅限借记卡",
        kind: ChoiceKind::DebitCard,
        choices: &[
            bank(
                "ICBC-DEBIT",
                "Industrial and Commercial Bank (ICBC), debit card",
                "中国工商银行（借记卡）",
            ),
            bank(
                "BOC-DEBIT",
                "Bank of China, debit card",
                "中国银行（借记卡）",
            ),
            bank(
                "CCB-DEBIT",
                "China Construction Bank, debit card",
                "中国建设银行（借记卡）",
            ),
            bank(
                "PSBC-DEBIT",
                "Postal Savings Bank, debit card",
                "中国邮政储蓄银行（借记卡）",
            ),
            bank(
                "COMM-DEBIT",
                "Bank of Communications, debit card",
                "交通银行（借记卡）",
            ),
            bank(
                "CMB-DEBIT",
                "China Merchants Bank, debit card",
                "招商银行（借记卡）",
            ),
            bank(
                "CEB-DEBIT",
                "China Everbright Bank, debit card",
                "中国光大银行（借记卡）",
            ),
            bank(
                "SPDB-DEBIT",
                "Shanghai Pudong Development Bank, debit card",
                "浦发银行（借记卡）",
            ),
            bank(
                "GDB-DEBIT",
                "China Guangfa Bank, debit card",
                "广发银行（借记卡）",
            ),
        ],
    },
    ChoiceGroup {
        en: "Online banking, company",
        zh: "企业网上银行",
        kind: ChoiceKind::CompanyBank,
        choices: &[
            bank(
                "ICBCBTB",
                "Industrial and Commercial Bank (ICBC), company",
                "中国工商银行（企业）",
            ),
            bank(
                "ABCBTB",
                "Agricultural Bank of China, company",
                "中国农业银行（企业）",
            ),
            bank(
                "CCBBTB",
                "China Construction Bank, company",
                "中国建设银行（企业）",
            ),
            bank(
                "SPDBB2B",
                "Shanghai Pudong Development Bank, company",
                "浦发银行（企业）",
            ),
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
