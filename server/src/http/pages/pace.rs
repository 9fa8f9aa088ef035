//! How fast strangers may make orders on the direct-pay page: a token bucket per account and client, and one per account.

use crate::clock::Mono;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A bucket of one client: ten at once, then ten a minute.
const CLIENT: Bucket = Bucket {
    every: Duration::from_secs(6),
    burst: 10,
};
/// The bucket of an account: a hundred at once, then four a second.
const ACCOUNT: Bucket = Bucket {
    every: Duration::from_millis(250),
    burst: 100,
};
/// So many clients are remembered at once. Those whose bucket is full again are forgotten, now and then.
const CLIENTS_MAX: usize = 10_000;

#[derive(Clone, Copy)]
struct Bucket {
    every: Duration,
    burst: u32,
}

/// Per bucket, the instant at which it will be full again.
#[derive(Default)]
pub struct Pace(Mutex<Known>);

#[derive(Default)]
struct Known {
    accounts: BTreeMap<String, Mono>,
    clients: BTreeMap<(String, Option<IpAddr>), Mono>,
    swept: Mono,
}

impl Pace {
    /// Takes a token of the account and the client, or says in how long there will be one.
    ///
    /// # Errors
    /// The time to wait.
    pub fn take(&self, now: Mono, account: &str, client: Option<IpAddr>) -> Result<(), Duration> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whom = (account.to_owned(), client.map(network));
        if known.swept + CLIENT.every <= now {
            known.clients.retain(|_, full_at| *full_at > now);
            known.swept = now;
        }
        let of_account = known.accounts.get(account).copied().unwrap_or_default();
        let of_client = known.clients.get(&whom).copied();
        if of_client.is_none() && known.clients.len() >= CLIENTS_MAX {
            return Err(CLIENT.every);
        }
        let of_account = ACCOUNT.without_one(of_account, now)?;
        let of_client = CLIENT.without_one(of_client.unwrap_or_default(), now)?;
        known.accounts.insert(account.to_owned(), of_account);
        known.clients.insert(whom, of_client);
        Ok(())
    }
}

impl Bucket {
    /// When a bucket is full again that has lost one more; or how long it stays empty.
    fn without_one(self, full_at: Mono, now: Mono) -> Result<Mono, Duration> {
        let full_at = full_at.max(now) + self.every;
        let empty_until = full_at.saturating_sub(self.every * self.burst);
        match empty_until.checked_sub(now) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(full_at),
        }
    }
}

/// One client may have a whole IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn one_client_is_slowed_and_others_are_not() {
        let pace = Pace::default();
        let now = Duration::from_secs(5);
        let (one, same) = (from("2001:db8::1"), from("2001:db8::ffff"));
        assert!((0..10).all(|_| pace.take(now, "main", one).is_ok()));
        assert_eq!(pace.take(now, "main", same), Err(CLIENT.every));
        assert_eq!(pace.take(now, "main", from("192.0.2.1")), Ok(()));
        assert_eq!(pace.take(now, "other", one), Ok(()));
        let later = now + CLIENT.every;
        assert_eq!(pace.take(later, "main", same), Ok(()));
        assert!(pace.take(later, "main", one).is_err(), "one came back");
    }

    #[test]
    fn many_clients_are_slowed_together_and_memory_is_bounded() {
        let pace = Pace::default();
        let now = Duration::from_secs(5);
        let client = |n: u32| Some(IpAddr::V4(n.into()));
        let taken = (0..200).filter(|n| pace.take(now, "main", client(*n)).is_ok());
        assert_eq!(taken.count(), 100);
        for account in 0..200 {
            for n in 0..100 {
                let _ = pace.take(now, &account.to_string(), client(n));
            }
        }
        assert!(pace.0.lock().unwrap().clients.len() <= CLIENTS_MAX);
        let later = now + Duration::from_secs(3_600);
        assert_eq!(pace.take(later, "main", client(77)), Ok(()), "forgotten");
    }
}
