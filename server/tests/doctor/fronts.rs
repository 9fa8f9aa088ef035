//! What stands in front of a server: proxies and other things that answer in its place, or change what they pass on.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What is in front.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Front {
    /// A proxy that passes everything on as it is.
    Honest,
    /// A login that everybody has to pass.
    Login,
    /// A proxy that ends every answer with a line break.
    LineBreak,
    /// A proxy that keeps a session with every caller.
    Session,
    /// A firewall's page with a challenge.
    Challenge,
    /// A page of nothing.
    Blank,
    /// A proxy that does not reach the server.
    BadGateway,
    /// An old script that answers every stranger as the guide wants it.
    Script,
    /// A firewall that takes away empty values from what is posted.
    Filter,
    /// A firewall that forbids everything.
    Forbidden,
    /// A page that must be opened by another scheme or host.
    Moved,
}

/// Puts it in front of a server, and gives its address.
pub async fn put(tasks: &mut JoinSet<()>, front: Front, upstream: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let router = axum::Router::new()
        .fallback(answer)
        .with_state((front, upstream, client));
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

type Proxy = (Front, String, reqwest::Client);

async fn answer(State((front, upstream, client)): State<Proxy>, request: Request) -> Response {
    match front {
        Front::Login => {
            let headers = [("location", "/login?next=notify"), ("set-cookie", "sid=1")];
            (StatusCode::FOUND, headers).into_response()
        }
        Front::Moved => {
            let headers = [("location", "https://www.example.com/notify/main")];
            (StatusCode::MOVED_PERMANENTLY, headers).into_response()
        }
        Front::Challenge => {
            axum::response::Html("<!doctype html><title>One moment</title>").into_response()
        }
        Front::Blank => "".into_response(),
        Front::BadGateway => (StatusCode::BAD_GATEWAY, "<h1>502</h1>").into_response(),
        Front::Forbidden => (StatusCode::FORBIDDEN, "denied").into_response(),
        Front::Script => "fail".into_response(),
        Front::Honest | Front::LineBreak | Front::Session | Front::Filter => {
            passed_on(front, &upstream, &client, request).await
        }
    }
}

async fn passed_on(
    front: Front,
    upstream: &str,
    client: &reqwest::Client,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    if front == Front::Filter {
        let text = String::from_utf8(body).unwrap();
        let kept: Vec<&str> = text
            .split('&')
            .filter(|pair| !pair.ends_with('=') && !pair.starts_with("buyer_"))
            .collect();
        body = kept.join("&").into_bytes();
    }
    let target = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut call = client.request(parts.method, format!("{upstream}{target}"));
    for (name, value) in &parts.headers {
        if name != "host" && name != "content-length" {
            call = call.header(name, value);
        }
    }
    let reply = call.body(body).send().await.unwrap();
    let mut response = Response::builder().status(reply.status());
    for (name, value) in reply.headers() {
        if name != "content-length" && name != "transfer-encoding" {
            response = response.header(name, value);
        }
    }
    if front == Front::Session {
        response = response.header("set-cookie", "lb=2; Path=/");
    }
    let mut body = reply.bytes().await.unwrap().to_vec();
    if front == Front::LineBreak {
        body.push(b'\n');
    }
    response.body(Body::from(body)).unwrap()
}
