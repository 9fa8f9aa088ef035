//! A database of a test's own in the cluster that the tests were given.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

/// Makes one, and gives its URL.
pub async fn database(name: &str) -> String {
    let cluster = std::env::var("QUITTANCE_TEST_POSTGRES").expect(
        "QUITTANCE_TEST_POSTGRES is not set: run the tests as `scripts/postgres run --fast -- cargo test`",
    );
    let client = connected(&cluster).await;
    let name = format!("{name}_{}", std::process::id());
    // Of two at once one waits for the template.
    while let Err(error) = client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
    {
        assert_eq!(error.code(), Some(&SqlState::OBJECT_IN_USE), "{error}");
    }
    let (place, options) = cluster.split_once('?').unwrap_or((&cluster, ""));
    let place = place.rsplit_once('/').unwrap().0;
    format!("{place}/{name}?{options}")
}

/// Runs statements beside the servers.
pub async fn run(database: &str, statements: &str) {
    let client = connected(database).await;
    client.batch_execute(statements).await.unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "the line to the database ends with the client"
)]
async fn connected(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
