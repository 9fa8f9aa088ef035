//! Two pairs of keys for sandboxes that nobody gave others: those of the signed examples of protocol note codepay 6. They are
//! in everybody's hands, and open nothing but a sandbox.

/// The merchant's private key: what a shop signs with.
pub const MERCHANT_PRIVATE_KEY: &str = include_str!("keys/merchant_private_key.txt");
/// Its public half: what the gateway has of the merchant.
pub const MERCHANT_PUBLIC_KEY: &str = include_str!("keys/merchant_public_key.txt");
/// The gateway's private key.
pub const GATEWAY_PRIVATE_KEY: &str = include_str!("keys/gateway_private_key.txt");
/// Its public half: what a shop verifies with.
pub const GATEWAY_PUBLIC_KEY: &str = include_str!("keys/gateway_public_key.txt");
