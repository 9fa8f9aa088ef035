//! An account with RSA, the whole way: checkout, notify, return, query, in both charsets.

use crate::world::{KEY, Wishes, World, account_with, bare_setup, open, rsa_keys};
use quittance_core::charset::Charset;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::gateway::alipay::{self, Key};
use quittance_core::gateway::{Account, Gateway};
use quittance_core::settings::Wire;
use quittance_core::{Currency, Lang, Money, Order, OrderKey, Proof};
use quittance_sandbox::Kind;
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::node::Node;
use quittance_server::setup::Setup;
use quittance_server::store::Store;
use quittance_server::transport::HttpTransport;
use serde_json::{Value, json};
use std::sync::Arc;

async fn order(world: &World, account: &str, order_no: &str) -> Value {
    let path = format!("/v1/orders/{account}/{order_no}");
    world.api("GET", &path, None).await.1
}

/// The verdicts of an order's callbacks, and what its queries found.
async fn verdicts(world: &World, account: &str, order_no: &str) -> Vec<(String, String)> {
    let path = format!("/v1/orders/{account}/{order_no}/journal?limit=200");
    let journal = world.api("GET", &path, None).await.1;
    let items = journal["items"].as_array().unwrap();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items
        .iter()
        .map(|entry| (word(&entry["kind"]), word(&entry["verdict"])))
        .collect()
}

#[tokio::test]
async fn an_rsa_account_is_paid_in_both_charsets() {
    let world = World::with(Wishes {
        rsa: true,
        ..Wishes::default()
    })
    .await;
    for account in ["main", "gbk"] {
        let order_no = &format!("RSA-{account}");
        world
            .order_of(json!({
                "account": account, "order_no": order_no, "subject": "测试商品", "amount": "1.00"
            }))
            .await;
        let back = world.pay_silently(order_no);
        // The answer to our question is verified: a wrongly signed one would say "unknown".
        let path = format!("/v1/orders/{account}/{order_no}/verify");
        let (_, verified) = world.api("POST", &path, None).await;
        assert_eq!(verified["answer"], "paid", "{verified}");
        assert!(world.calls(order_no, Kind::Query) > 0);
        // So is what the gateway's server sends, and what the browser brings back.
        let path = format!("/notify/{account}");
        let reply = world.post(&path, world.genuine(order_no)).await;
        assert_eq!(reply.text().await.unwrap(), "success");
        let reply = world.client.get(back).send().await.unwrap();
        assert_eq!(reply.status(), 303);
        assert!(
            reply.headers()["location"]
                .to_str()
                .unwrap()
                .contains("/pay/")
        );
        assert_eq!(order(&world, account, order_no).await["status"], "paid");
        let verdicts = verdicts(&world, account, order_no).await;
        for kind in ["notify", "return"] {
            assert!(
                verdicts.contains(&(kind.into(), "genuine".into())),
                "{verdicts:?}"
            );
        }
    }
}

/// SEC-007: a notify that is rightly signed with the other kind's key is nobody's word.
#[tokio::test]
async fn an_rsa_account_believes_no_md5() {
    let world = World::with(Wishes {
        rsa: true,
        ..Wishes::default()
    })
    .await;
    world.order("RSA-1").await;
    let _ = world.pay_silently("RSA-1");
    let genuine = String::from_utf8(world.genuine("RSA-1")).unwrap();
    let (plain, _) = genuine.split_once("&sign=").unwrap();
    let params = quittance_core::params::Params::parse(plain.as_bytes()).unwrap();
    let sign = quittance_core::sign::md5_sign(&quittance_core::sign::presign(&params), &KEY.into());
    for kind in ["MD5", "RSA"] {
        let body = format!("{plain}&sign={sign}&sign_type={kind}");
        assert_eq!(world.notify(body).await, "fail", "{kind}");
    }
    assert_eq!(world.show("RSA-1").await["status"], "unpaid");
    assert_eq!(world.notify(genuine).await, "success");
}

fn md5_keys() -> alipay::Keys {
    alipay::Keys::Md5(vec![Key {
        key: KEY.into(),
        until: None,
    }])
}

fn with_account(keys: alipay::Keys, charset: Charset) -> Setup {
    let mut setup = bare_setup();
    let account = Arc::make_mut(setup.accounts.get_mut("main").unwrap());
    let contract = account_with(keys, charset, "http://127.0.0.1:9/gateway.do");
    account.policy.key_ids = contract.key_ids();
    account.policy.wire = Some(contract.wire());
    account.account = Account::Alipay(contract);
    setup
}

async fn start(setup: Setup, store: &Arc<dyn Store>) -> Node {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let transport = Arc::new(HttpTransport::new(clock.clone()).unwrap());
    Node::start(setup, clock, transport, store.clone())
        .await
        .unwrap()
}

/// Another charset or kind of signature under orders that are under way is told at the start, with how many there
/// are; without any, and the second time, there is nothing to tell.
#[tokio::test]
async fn a_change_under_orders_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let md5 = || with_account(md5_keys(), Charset::Utf8);
    let store = open(folder.path(), &md5(), &SystemClock::new());
    let first = start(md5(), &store).await;
    assert_eq!(first.rewired, []);
    drop(first);
    let free = start(with_account(md5_keys(), Charset::Gbk), &store).await;
    assert_eq!(free.rewired, [], "no order is under way");
    let key = OrderKey::new("main", "A-1");
    let order = Order {
        key: key.clone(),
        amount: Money::new(100, Currency::CNY),
        subject: "a book".into(),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: Default::default(),
        expires_in_secs: None,
        token: "token".into(),
        require: Proof::Confirmed,
    };
    let record = Record::new(Direction::Own, What::Order(Box::new(order))).about(&key);
    free.app
        .append(free.app.entry(record))
        .await
        .unwrap()
        .unwrap();
    drop(free);

    let changed = start(with_account(rsa_keys(), Charset::Utf8), &store).await;
    let wire = |charset, kind: &str| Wire {
        charset,
        sign_type: kind.into(),
    };
    let [found] = changed.rewired.as_slice() else {
        panic!("{:?}", changed.rewired)
    };
    assert_eq!((found.account.as_str(), found.orders), ("main", 1));
    assert_eq!(found.was, wire(Charset::Gbk, "MD5"));
    assert_eq!(found.is, wire(Charset::Utf8, "RSA"));
    let warning = found.warning();
    assert_eq!(warning.setting, "accounts.main");
    for (lang, parts) in [
        (
            Lang::En,
            [
                "gbk, MD5 to utf-8, RSA",
                "about 1 of its orders",
                "second account",
            ],
        ),
        (
            Lang::Zh,
            ["gbk, MD5 改为 utf-8, RSA", "1 笔订单", "另设一个"],
        ),
    ] {
        let said = warning.say(lang);
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    drop(changed);
    let again = start(with_account(rsa_keys(), Charset::Utf8), &store).await;
    assert_eq!(again.rewired, []);
}
