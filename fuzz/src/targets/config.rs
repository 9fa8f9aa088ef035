//! The settings file: whatever stands in it, the server starts or says what is wrong, and shows no secret (SEC-115).

use crate::target::Outcome;
use quittance_core::Lang;
use quittance_server::config;
use std::path::Path;

/// What the environment holds under every name that ends in `KEY`. No input knows it.
const SECRET: &str = "fromtheenvironment0123456789abcd";
/// What it holds under every name that ends in `SECRET`.
const WEBHOOK: &str = "whsec_ZnJvbXRoZWVudmlyb25tZW50MDEyMzQ1Njc4OWFiY2Q=";

pub(super) fn check(input: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else {
        return Outcome::refused("no text");
    };
    let env = |name: &str| match name {
        name if name.ends_with("KEY") => Some(SECRET.to_owned()),
        name if name.ends_with("SECRET") => Some(WEBHOOK.to_owned()),
        _ => None,
    };
    let silent = |said: &str| {
        assert!(
            !said.contains(SECRET) && !said.contains(WEBHOOK),
            "a secret is shown"
        )
    };
    match config::read(text, Path::new("/nowhere"), &env) {
        Ok((setup, warnings)) => {
            silent(&format!("{setup:?}"));
            warnings
                .iter()
                .for_each(|warning| silent(&warning.say(Lang::En)));
            assert!(!setup.accounts.is_empty() && !setup.public_url.ends_with('/'));
            let sizes = (
                setup.accounts.len().min(3),
                setup.webhooks.len().min(3),
                setup.api_keys.len().min(3),
            );
            Outcome::accepted((
                sizes,
                warnings.len().min(5),
                setup.trusted_proxies.len().min(2),
            ))
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            for problem in &problems {
                Lang::ALL
                    .into_iter()
                    .for_each(|lang| silent(&problem.say(lang)));
            }
            let first = problems[0]
                .cause
                .say(Lang::En)
                .chars()
                .take(40)
                .collect::<String>();
            Outcome::refused((problems.len().min(8), first))
        }
    }
}
