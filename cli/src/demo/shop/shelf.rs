//! What is for sale.

use super::book::yuan;
use quittance_core::{Lang, Money};

/// An article. Titles go to the gateway in the account's charset.
pub struct Article {
    /// Its name in forms.
    pub id: &'static str,
    /// The account that is paid, where the buyer chooses no other way.
    account: &'static str,
    /// Whether the sum goes to the buyer's balance when it is paid; else something is sent by post.
    pub top_up: bool,
    en: &'static str,
    zh: &'static str,
    fen: i64,
}

/// The shelf: both kinds of credit, both charsets.
pub const GOODS: [Article; 4] = [
    Article {
        id: "tea",
        account: "main",
        top_up: false,
        en: "Longjing tea",
        zh: "龙井茶",
        fen: 1,
    },
    Article {
        id: "cup",
        account: "main",
        top_up: false,
        en: "White porcelain cup",
        zh: "白瓷杯",
        fen: 1280,
    },
    Article {
        id: "book",
        account: "gbk",
        top_up: false,
        en: "The Classic of Tea",
        zh: "《茶经》",
        fen: 3500,
    },
    Article {
        id: "card",
        account: "main",
        top_up: true,
        en: "Tea card top-up",
        zh: "茶卡充值",
        fen: 1000,
    },
];

/// What a shop buys from itself to see whether its title arrives unmangled: the same title, once through each account.
pub const SAMPLES: [Article; 3] = [
    Article {
        id: "test-utf8",
        account: "main",
        top_up: false,
        en: "测试商品",
        zh: "测试商品",
        fen: 1,
    },
    Article {
        id: "test-gbk",
        account: "gbk",
        top_up: false,
        en: "测试商品",
        zh: "测试商品",
        fen: 1,
    },
    Article {
        id: "test-dinpay",
        account: "dinpay",
        top_up: false,
        en: "测试商品",
        zh: "测试商品",
        fen: 1,
    },
];

/// A way to pay what is on the shelf.
pub struct Way {
    /// Its name in forms.
    pub id: &'static str,
    /// The account that is paid, where that is not the article's own.
    account: Option<&'static str>,
    /// How it is paid there, where the account knows more than one way.
    pub method: Option<&'static str>,
    en: &'static str,
    zh: &'static str,
}

/// The ways to pay, the usual one first. The samples have none to choose: each goes through its own account.
pub const WAYS: [Way; 4] = [
    Way {
        id: "alipay",
        account: None,
        method: None,
        en: "Alipay",
        zh: "支付宝",
    },
    Way {
        id: "dinpay",
        account: Some("dinpay"),
        method: None,
        en: "Dinpay",
        zh: "智付",
    },
    Way {
        id: "counter",
        account: Some("codepay"),
        method: Some("terminal"),
        en: "Pay at the counter",
        zh: "柜台付款",
    },
    Way {
        id: "online",
        account: Some("codepay"),
        method: Some("online"),
        en: "Pay online",
        zh: "在线付款",
    },
];

impl Way {
    /// The way of this name.
    pub fn find(id: &str) -> Option<&'static Way> {
        WAYS.iter().find(|way| way.id == id)
    }

    /// What the buyer reads.
    pub fn name(&self, lang: &Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }
}

impl Article {
    /// The article of this name.
    pub fn find(id: &str) -> Option<&'static Article> {
        let mut all = GOODS.iter().chain(&SAMPLES);
        all.find(|article| article.id == id)
    }

    /// The account that is paid this way.
    pub fn account(&self, way: Option<&Way>) -> &'static str {
        way.and_then(|way| way.account).unwrap_or(self.account)
    }

    /// The title on the page.
    pub fn title(&self, lang: &Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }

    /// The title at the cashier: in both languages, where they differ.
    pub fn subject(&self) -> String {
        match self.en == self.zh {
            true => self.zh.to_owned(),
            false => format!("{} {}", self.zh, self.en),
        }
    }

    /// The price.
    pub fn price(&self) -> Money {
        yuan(self.fen)
    }

    /// How the account writes.
    pub fn charset(&self) -> &'static str {
        match self.account {
            "gbk" => "GBK",
            _ => "UTF-8",
        }
    }
}
