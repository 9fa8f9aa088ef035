//! The second measurement: `require = "confirmed"`. The server asks the sandbox about each notify before it acks.

use crate::child::Running;
use crate::place::{ACCOUNT, PARTNER, Place, free_address};
use crate::report::Report;
use crate::rounds::{self, Target};
use crate::{Failed, Wishes, costs, load, notifies, orders};
use quittance_core::Lang;
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart};
use quittance_core::http::Method;
use quittance_sandbox::{Faults, Handle, Inbound, SandboxSettings, SystemClock as GatewayClock};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::setup::Setup;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// Orders stored, in the full form and the short.
const ORDERS: [usize; 2] = [20_000, 4_000];
/// Rounds.
const ROUNDS: [u8; 2] = [7, 3];
/// Notifies in a round: all of them are sent within the minute in which the gateway stands by them, and the sandbox
/// remembers all of them.
const NOTIFIES: [usize; 2] = [1_200, 500];

/// Measures.
///
/// # Errors
/// Whatever keeps it from measuring.
pub async fn measure(wishes: &Wishes, place: &Place) -> Result<Report, Failed> {
    let form = usize::from(wishes.short);
    let (stored, each) = (ORDERS[form], NOTIFIES[form]);
    let count = wishes.rounds.unwrap_or(ROUNDS[form]).min(ROUNDS[0]);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    // A thread of its own, as a gateway has a machine of its own.
    let gateway = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (gateway_address, sandbox) = serve(&gateway)?;
    let address = free_address()?;
    let setup = place.settle("confirmed", &[address], gateway_address)?;
    orders::make(&setup, &clock, stored).await?;
    place.rest().await?;

    let server = Running::serve(place, 0).await?;
    let target = Target {
        processes: vec![server.id()],
        addresses: vec![address],
        disk: place.disk(),
        store: place.under(),
    };
    let mut numbers = orders::spread(stored);
    let mut rounds = Vec::new();
    let (mut sent, mut failed) = (Vec::new(), BTreeSet::new());
    for round in 1..=count {
        let chosen: Vec<usize> = numbers.by_ref().take(each).collect();
        let requests = pay(&setup, &clock, &sandbox, address, &chosen)?;
        let measured = rounds::measure(&target, &clock, &requests, each).await?;
        eprintln!(
            "round {round} of {count}: {} confirmed notifies per second",
            measured.rate
        );
        failed.extend(measured.unacked.iter().map(|at| chosen[*at]));
        sent.extend(chosen);
        rounds.push(measured);
    }
    server.stop(&clock).await?;
    gateway.shutdown_background();

    let unpaid = orders::unpaid(&setup, &clock, sent.iter().copied()).await?;
    let lost = unpaid
        .iter()
        .filter(|number| !failed.contains(number))
        .count();
    Ok(Report {
        title: format!(
            "MD5 notifies for distinct orders, require = \"confirmed\" by the sandbox on this machine, {} connections, {stored} orders stored",
            load::CONNECTIONS
        ),
        figures: costs::plain(&rounds),
        sent: u64::try_from(sent.len())?,
        unacked: u64::try_from(failed.len())?,
        forgiven: if wishes.short {
            u64::try_from(sent.len())? / 100
        } else {
            0
        },
        lost: u64::try_from(lost)?,
    })
}

/// Serves a sandbox until its runtime ends.
fn serve(runtime: &tokio::runtime::Runtime) -> Result<(SocketAddr, Handle), Failed> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let url = format!("http://{address}");
    let handle = Handle::new(SandboxSettings::new(vec![notifies::merchant()], url));
    // Its own notifies are lost on the way: those that are measured are sent from here.
    let mut faults = Faults::default();
    faults.notify.lose = true;
    handle.with(|gateway| gateway.set_faults(faults));
    let served = handle.clone();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let clock = Arc::new(GatewayClock);
        quittance_sandbox::serve(listener, served, clock, std::future::pending()).await
    });
    Ok((address, handle))
}

/// The buyers pay, as browsers do, and the gateway signs a notify for each payment, whose minute begins.
fn pay(
    setup: &Setup,
    clock: &Arc<dyn Clock>,
    sandbox: &Handle,
    to: SocketAddr,
    numbers: &[usize],
) -> Result<Arc<[Vec<u8>]>, Failed> {
    let path = format!("/notify/{ACCOUNT}");
    let account = setup
        .accounts
        .get(ACCOUNT)
        .ok_or("the account is missing")?;
    let mut requests = Vec::with_capacity(numbers.len());
    for number in numbers {
        let order = orders::order(*number, setup, String::new())?;
        let order_no = order.key.order_no.clone();
        let call = CheckoutCall {
            notify_url: account.notify_address(&setup.public_url),
            return_url: account.return_address(&setup.public_url, ""),
            client_ip: None,
            token: None,
            via_get: true,
            now: clock.wall(),
        };
        let CheckoutStart::Ready(Checkout::Redirect { url }) =
            account.account.gateway().checkout(&order, &call)?
        else {
            return Err("the checkout is no address".into());
        };
        let (gateway_do, query) = url.split_once('?').ok_or("the checkout has no query")?;
        let gateway_url = gateway_do.trim_end_matches("/gateway.do").to_owned();
        let now = clock.wall();
        let form = sandbox.with(|gateway| {
            let cashier = gateway.handle(now, &browser(Method::Get, "/gateway.do", query, ""));
            let cashier = cashier
                .reply
                .header("location")?
                .strip_prefix(&gateway_url)?
                .to_owned();
            gateway.handle(now, &browser(Method::Post, &cashier, "", "action=pay"));
            gateway.genuine_notify(now, PARTNER, &order_no)
        });
        let form = form.ok_or("the sandbox knows no payment of the order")?;
        requests.push(load::request(&path, to, &form));
    }
    Ok(requests.into())
}

fn browser(method: Method, path: &str, query: &str, body: &str) -> Inbound {
    Inbound {
        method,
        path: path.to_owned(),
        query: query.as_bytes().to_vec(),
        body: body.as_bytes().to_vec(),
        lang: Lang::En,
    }
}
