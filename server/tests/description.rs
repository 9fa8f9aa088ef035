//! Shows that the API description in the repository is the one that the server gives out.

use std::path::Path;

#[test]
fn the_committed_description_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let made = quittance_server::http::description()
        .to_pretty_json()
        .unwrap()
        + "\n";
    if std::env::var_os("QUITTANCE_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "docs/openapi.json is old: run QUITTANCE_WRITE_OPENAPI=1 cargo test --test description"
    );
}
