//! One step away from what the protocol says: a change of the guess, and the mistake that it stands for.

use super::super::seal::Theirs;
use super::super::{Account, Keys};
use super::edit::{EDITS, Edit};
use super::fault::Fault;
use super::guess::{Field, Guess, Place, Taken};
use super::known;
use crate::gateway::{Account as AnyAccount, inspection::Subject};
use secrecy::{ExposeSecret, SecretString};

/// So many unknown parameters are left out in every combination.
const UNKNOWN_MAX: usize = 8;

/// A change of the guess.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Values were edited: all, or the one of this number.
    Edit(Edit, Option<usize>),
    /// These were not signed.
    LeaveOut(Vec<Vec<u8>>),
    /// This was signed as well.
    Add(&'static str, Vec<u8>),
    /// Empty values were signed.
    Empty,
    /// The kind of the signature was signed.
    Kind(Vec<u8>),
    /// The parameters were not sorted.
    Unsorted,
    /// Another key.
    Key(Theirs, Fault),
    /// The key at another place.
    Place(Place),
}

impl Change {
    /// The guess with this change; `None` where it changes nothing.
    pub(super) fn apply(&self, guess: &Guess) -> Option<Guess> {
        let mut made = guess.clone();
        match self {
            Change::Edit(edit, only) => {
                let mut edited = false;
                for (number, field) in made.fields.iter_mut().enumerate() {
                    if only.is_none_or(|only| only == number)
                        && let Some(value) = edit.signed(field)
                    {
                        field.value = value;
                        edited = true;
                    }
                }
                return edited.then_some(made);
            }
            Change::LeaveOut(names) => made.fields.retain(|field| !names.contains(&field.name)),
            Change::Add(name, value) => made.fields.push(Field {
                name: name.as_bytes().to_vec(),
                raw: value.clone(),
                value: value.clone(),
            }),
            Change::Empty => made.empty = true,
            Change::Kind(kind) => made.fields.push(Field {
                name: b"sign_type".to_vec(),
                raw: kind.clone(),
                value: kind.clone(),
            }),
            Change::Unsorted => made.sorted = false,
            Change::Key(key, _) => made.key = key.clone(),
            // A key of a pair stands nowhere in the text.
            Change::Place(_) if matches!(made.key, Theirs::Public(_)) => return None,
            Change::Place(place) => made.place = *place,
        }
        Some(made)
    }

    /// The key that it is about.
    pub(super) fn key(&self) -> Option<&Theirs> {
        match self {
            Change::Key(key, _) => Some(key),
            _ => None,
        }
    }

    /// Whether two changes are about different things, or are edits that may follow each other.
    pub(super) fn goes_with(&self, other: &Change) -> bool {
        match (self, other) {
            (Change::Edit(one, _), Change::Edit(other, _)) => one != other,
            _ => std::mem::discriminant(self) != std::mem::discriminant(other),
        }
    }

    /// The mistake that it stands for.
    pub(super) fn fault(&self, guess: &Guess) -> Fault {
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self {
            Change::Edit(edit, only) => {
                let field = only.and_then(|number| guess.fields.get(number));
                Fault::Edit(*edit, field.map(|field| name(&field.name)))
            }
            Change::LeaveOut(names) => {
                let (known, extra): (Vec<_>, Vec<_>) =
                    names.iter().partition(|name| known::is_known(name));
                match extra.as_slice() {
                    [] => Fault::Unsigned(known.into_iter().map(|bytes| name(bytes)).collect()),
                    extra => Fault::Extra(extra.iter().map(|bytes| name(bytes)).collect()),
                }
            }
            Change::Add(added, _) => Fault::Missing(added),
            Change::Empty => Fault::EmptySigned,
            Change::Kind(_) => Fault::KindSigned,
            Change::Unsorted => Fault::Unsorted,
            Change::Key(_, fault) => fault.clone(),
            Change::Place(Place::Front) => Fault::KeyInFront,
            Change::Place(_) => Fault::KeyNamed,
        }
    }
}

/// What is tried: changes that come in pairs too, and those that only come alone.
pub(super) struct Changes {
    pub(super) broad: Vec<Change>,
    pub(super) narrow: Vec<Change>,
}

impl Changes {
    /// Everything that may have happened to this message.
    pub(super) fn of(account: &Account, subject: &Subject<'_>, taken: &Taken) -> Changes {
        let (mut broad, mut narrow) = (keys(account, subject), Vec::new());
        let unknown: Vec<&[u8]> = unknown(taken);
        left_out(&unknown, &mut broad, &mut narrow);
        broad.extend(
            EDITS
                .into_iter()
                .filter(|edit| !edit.single())
                .map(|edit| Change::Edit(edit, None)),
        );
        broad.push(Change::Unsorted);
        broad.push(Change::Empty);
        broad.push(Change::Kind(
            (taken.kind.clone()).unwrap_or_else(|| account.seal.kind().word().into()),
        ));
        broad.push(Change::Place(Place::Named));
        broad.push(Change::Place(Place::Front));
        let absent = |name: &str| {
            !taken
                .fields
                .iter()
                .any(|field| field.name == name.as_bytes())
        };
        for (name, value) in known::constants(account, taken) {
            if absent(name) {
                broad.push(Change::Add(name, value));
            }
        }
        for field in taken
            .fields
            .iter()
            .filter(|field| known::is_known(&field.name))
        {
            narrow.push(Change::LeaveOut(vec![field.name.clone()]));
        }
        for edit in EDITS {
            narrow.extend((0..taken.fields.len()).map(|number| Change::Edit(edit, Some(number))));
        }
        Changes { broad, narrow }
    }
}

fn unknown(taken: &Taken) -> Vec<&[u8]> {
    let names = taken.fields.iter().map(|field| field.name.as_slice());
    names.filter(|name| !known::is_known(name)).collect()
}

/// Every combination of a few unknown parameters; of many each one, each two, and all.
fn left_out(unknown: &[&[u8]], broad: &mut Vec<Change>, narrow: &mut Vec<Change>) {
    let owned =
        |names: &[&[u8]]| Change::LeaveOut(names.iter().map(|name| name.to_vec()).collect());
    broad.extend(unknown.iter().map(|name| owned(&[name])));
    if unknown.len() > 1 {
        broad.push(owned(unknown));
    }
    if unknown.len() > UNKNOWN_MAX {
        for (number, one) in unknown.iter().enumerate() {
            narrow.extend(
                unknown[number + 1..]
                    .iter()
                    .map(|other| owned(&[one, other])),
            );
        }
        return;
    }
    for chosen in 1_usize..1 << unknown.len() {
        let names = (0..unknown.len()).filter(|bit| chosen >> bit & 1 == 1);
        let names: Vec<&[u8]> = names.map(|bit| unknown[bit]).collect();
        if names.len() > 1 && names.len() < unknown.len() {
            narrow.push(owned(&names));
        }
    }
}

/// Other keys than the current one.
fn keys(account: &Account, subject: &Subject<'_>) -> Vec<Change> {
    let mut keys: Vec<Change> = account
        .seal
        .previous()
        .map(|old| Change::Key(old.clone(), Fault::KeyEnded))
        .collect();
    for (name, other) in subject.others {
        let AnyAccount::Alipay(other) = other;
        let theirs = std::iter::once(other.seal.current()).chain(other.seal.previous());
        keys.extend(
            theirs.map(|theirs| Change::Key(theirs.clone(), Fault::KeyOfOther((*name).to_owned()))),
        );
    }
    match &account.settings.keys {
        Keys::Md5(shared) => {
            if let Some(current) = shared.first() {
                copied(current.key.expose_secret(), account, &mut keys);
            }
        }
        Keys::Rsa { gateway, .. } => {
            let own = account.seal.own_public().cloned().map(Theirs::Public);
            keys.extend(own.map(|own| Change::Key(own, Fault::KeyIsOwn)));
            let text = gateway.first().map(|public| public.key.clone());
            keys.extend(text.map(|text| Change::Key(Theirs::Md5(text), Fault::PublicAsShared)));
        }
    }
    keys.push(Change::Key(
        Theirs::Md5(SecretString::from("")),
        Fault::NoKey,
    ));
    keys
}

/// What comes along with a shared key while it is copied, or is taken for it.
fn copied(text: &str, account: &Account, keys: &mut Vec<Change>) {
    let mut key = |text: String, fault: Fault| {
        keys.push(Change::Key(Theirs::Md5(SecretString::from(text)), fault));
    };
    for (before, behind) in [
        ("", " "),
        ("", "\n"),
        ("", "\r\n"),
        ("", "\r"),
        ("", "\t"),
        ("", "\u{a0}"),
        ("", "\u{3000}"),
        (" ", ""),
        ("\n", ""),
        ("\r\n", ""),
        ("\t", ""),
        ("\u{feff}", ""),
        ("\u{3000}", ""),
        (" ", " "),
    ] {
        key(format!("{before}{text}{behind}"), Fault::KeyBlank);
    }
    for quote in ['"', '\''] {
        key(format!("{quote}{text}{quote}"), Fault::KeyQuoted);
    }
    key(account.settings.partner.clone(), Fault::KeyIsPartner);
    for cased in [text.to_ascii_lowercase(), text.to_ascii_uppercase()] {
        if cased != text {
            key(cased, Fault::KeyCase);
        }
    }
}
