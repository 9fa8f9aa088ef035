//! What the search for mistakes needs to know of an account and its protocol.

use super::guess::Taken;
use crate::gateway::keys::Keys;
use crate::gateway::seal::Seal;
use crate::sign::Place;

/// Name and value of a parameter that got lost.
pub(in crate::gateway) type Constant = (&'static str, Vec<u8>);

/// An account as the search sees it.
#[derive(Clone, Copy)]
pub(in crate::gateway) struct Dialect<'a> {
    /// Its keys, ready to use.
    pub(in crate::gateway) seal: &'a Seal,
    /// The same as they are configured.
    pub(in crate::gateway) keys: &'a Keys,
    /// Where a key that both sides know stands.
    pub(in crate::gateway) place: Place,
    /// Its number at the gateway, which people take for the key; of a gateway without shared keys none.
    pub(in crate::gateway) identity: Option<(&'a str, Identity)>,
    /// Every name that the gateway signs, of all messages together: the search leaves them in, strangers out.
    pub(in crate::gateway) names: &'static [&'static str],
    /// Which of them are amounts of money.
    pub(in crate::gateway) money: &'static [&'static str],
    /// Whether the kind of the signature is signed too.
    pub(in crate::gateway) kind_signed: bool,
    /// Whether nothing else is ever signed.
    pub(in crate::gateway) only_names: bool,
    /// Parameters that say the same every time, or what another one says: one that got lost can be put back.
    pub(in crate::gateway) constants: &'a dyn Fn(&Taken) -> Vec<Constant>,
}

impl Dialect<'_> {
    /// Whether the gateway signs a parameter of this name.
    pub(in crate::gateway) fn knows(&self, name: &[u8]) -> bool {
        self.names.iter().any(|known| known.as_bytes() == name)
    }

    /// A message taken apart, without what this gateway never signs, and with its amounts known as such.
    pub(in crate::gateway) fn signed(&self, mut taken: Taken) -> Taken {
        if self.only_names {
            taken.fields.retain(|field| self.knows(&field.name));
        }
        for field in &mut taken.fields {
            let mut amounts = self.money.iter();
            field.money = amounts.any(|known| known.as_bytes() == field.name);
        }
        taken
    }
}

/// The number of a merchant at a gateway, in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::gateway) struct Identity {
    /// The name of the mistake for scripts.
    pub(in crate::gateway) code: &'static str,
    /// What happened, in English and Chinese.
    pub(in crate::gateway) cause: (&'static str, &'static str),
    /// What to do, in both.
    pub(in crate::gateway) fix: (&'static str, &'static str),
}
