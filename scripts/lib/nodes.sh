# Quittance's server and the load for several of them, built for release. To be sourced; `root` is the checkout.

# Sets `server_program` and `nodes_program`.
build_nodes() {
  local release
  release=$(cd "$root" && realpath -m "${CARGO_TARGET_DIR:-target}")/release
  # One by one: the server is to be the one that is shipped, with nobody else's features.
  (cd "$root" && cargo build --locked --quiet --release -p quittance &&
    cargo build --locked --quiet --release -p quittance-simulation --bin nodes) || return
  server_program=$release/quittance nodes_program=$release/nodes
}
