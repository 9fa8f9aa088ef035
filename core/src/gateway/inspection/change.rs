//! One step away from what the protocol says: a change of the guess, and the mistake that it stands for.

use super::Subject;
use super::dialect::Dialect;
use super::edit::{EDITS, Edit};
use super::fault::Fault;
use super::guess::{Field, Guess, Shape, Taken};
use crate::gateway::keys::Keys;
use crate::gateway::seal::Theirs;
use crate::sign::Place;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;

/// So many unknown parameters are left out in every combination.
const UNKNOWN_MAX: usize = 8;
/// Which parameter names the kind of the signature.
const KIND: &[u8] = b"sign_type";

/// A change of the guess.
#[derive(Clone, Debug)]
pub(in crate::gateway) enum Change {
    /// These values were edited.
    Edit(Edit, Which),
    /// These were not signed.
    LeaveOut(Vec<Vec<u8>>),
    /// This was signed as well.
    Add(&'static str, Vec<u8>),
    /// Empty values were signed.
    Empty,
    /// What is `null` was signed, as this word.
    Null(&'static str),
    /// The kind of the signature was signed.
    Kind(Vec<u8>),
    /// The parameters were not sorted.
    Unsorted,
    /// Another key.
    Key(Theirs, Fault),
    /// The key at another place than the one where it belongs.
    Place(Place, Place),
}

/// Which values an edit happened to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::gateway) enum Which {
    /// Every one that it may happen to.
    All,
    /// The amounts that came as numbers of JSON.
    Numbers,
    /// The amounts that came as this.
    Like(Vec<u8>),
    /// The one of this number.
    One(usize),
}

impl Which {
    fn holds(&self, edit: Edit, number: usize, field: &Field) -> bool {
        match self {
            Which::All => edit.concerns(field),
            Which::Numbers => field.money && field.shape == Shape::Number,
            Which::Like(value) => field.money && field.value == *value,
            Which::One(only) => *only == number,
        }
    }
}

impl Change {
    /// The guess with this change; `None` where it changes nothing.
    pub(in crate::gateway) fn apply(&self, guess: &Guess) -> Option<Guess> {
        let mut made = guess.clone();
        match self {
            Change::Edit(edit, which) => {
                let mut edited = false;
                for (number, field) in made.fields.iter_mut().enumerate() {
                    if which.holds(*edit, number, field)
                        && let Some(value) = edit.signed(field)
                    {
                        field.value = value;
                        edited = true;
                    }
                }
                return edited.then_some(made);
            }
            Change::LeaveOut(names) => made.fields.retain(|field| !names.contains(&field.name)),
            Change::Add(name, value) => made.fields.push(Field::plain(name.as_bytes(), value)),
            Change::Empty => made.empty = true,
            Change::Null(word) => {
                let nulls = made.fields.iter_mut();
                for field in nulls.filter(|field| field.shape == Shape::Null) {
                    field.value = word.as_bytes().to_vec();
                }
                made.nulls = true;
            }
            Change::Kind(kind) => made.fields.push(Field::plain(KIND, kind)),
            Change::Unsorted => made.sorted = false,
            Change::Key(key, _) => made.key = key.clone(),
            Change::Place(place, _) => match &mut made.key {
                Theirs::Md5(_, stands) => *stands = *place,
                // A key of a pair stands nowhere in the text.
                Theirs::Public(_) => return None,
            },
        }
        Some(made)
    }

    /// The key that it is about.
    pub(in crate::gateway) fn key(&self) -> Option<&Theirs> {
        match self {
            Change::Key(key, _) => Some(key),
            _ => None,
        }
    }

    /// Whether two changes are about different things, or are edits that may follow each other.
    pub(in crate::gateway) fn goes_with(&self, other: &Change) -> bool {
        match (self, other) {
            (Change::Edit(one, _), Change::Edit(other, _)) => one != other,
            _ => std::mem::discriminant(self) != std::mem::discriminant(other),
        }
    }

    /// The mistake that it stands for.
    pub(in crate::gateway) fn fault(&self, dialect: &Dialect<'_>, guess: &Guess) -> Fault {
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self {
            Change::Edit(edit, which) => {
                let edited = |(number, field): &(usize, &Field)| {
                    which.holds(*edit, *number, field) && edit.signed(field).is_some()
                };
                let mut fields = guess.fields.iter().enumerate().filter(edited);
                // Of several none is named.
                let field = match (fields.next(), fields.next()) {
                    (Some((_, field)), None) => Some(field),
                    _ => None,
                };
                Fault::Edit(*edit, field.map(|field| name(&field.name)))
            }
            Change::LeaveOut(names) => {
                let (known, extra): (Vec<_>, Vec<_>) =
                    names.iter().partition(|name| dialect.knows(name));
                match extra.as_slice() {
                    [] => Fault::Unsigned(known.into_iter().map(|bytes| name(bytes)).collect()),
                    extra => Fault::Extra(extra.iter().map(|bytes| name(bytes)).collect()),
                }
            }
            Change::Add(added, _) => Fault::Missing(added),
            Change::Empty => Fault::EmptySigned,
            Change::Null(_) => Fault::NullSigned,
            Change::Kind(_) => Fault::KindSigned,
            Change::Unsorted => Fault::Unsorted,
            Change::Key(_, fault) => fault.clone(),
            Change::Place(stood, belongs) => Fault::KeyPlaced(*stood, *belongs),
        }
    }
}

/// What is tried: changes that come in pairs too, and those that only come alone.
pub(in crate::gateway) struct Changes {
    pub(in crate::gateway) broad: Vec<Change>,
    pub(in crate::gateway) narrow: Vec<Change>,
}

impl Changes {
    /// Everything that may have happened to this message.
    pub(in crate::gateway) fn of(
        dialect: &Dialect<'_>,
        subject: &Subject<'_>,
        taken: &Taken,
    ) -> Changes {
        let (mut broad, mut narrow) = (keys(dialect, subject), Vec::new());
        let unknown: Vec<&[u8]> = unknown(dialect, taken);
        left_out(&unknown, &mut broad, &mut narrow);
        broad.extend(
            EDITS
                .into_iter()
                .filter(|edit| !edit.single())
                .map(|edit| Change::Edit(edit, Which::All)),
        );
        amounts(taken, &mut broad, &mut narrow);
        broad.push(Change::Unsorted);
        broad.push(Change::Empty);
        if taken.fields.iter().any(|field| field.shape == Shape::Null) {
            broad.extend(["", "null", "None"].map(Change::Null));
        }
        broad.push(match dialect.kind_signed {
            true => Change::LeaveOut(vec![KIND.to_vec()]),
            false => Change::Kind(
                (taken.kind.clone()).unwrap_or_else(|| dialect.seal.kind().word().into()),
            ),
        });
        let places = [Place::Behind, Place::Named, Place::Front];
        broad.extend(
            places
                .into_iter()
                .filter(|place| *place != dialect.place)
                .map(|place| Change::Place(place, dialect.place)),
        );
        let absent = |name: &str| {
            !taken
                .fields
                .iter()
                .any(|field| field.name == name.as_bytes())
        };
        for (name, value) in (dialect.constants)(taken) {
            if absent(name) {
                broad.push(Change::Add(name, value));
            }
        }
        for field in taken
            .fields
            .iter()
            .filter(|field| dialect.knows(&field.name))
        {
            narrow.push(Change::LeaveOut(vec![field.name.clone()]));
        }
        for edit in EDITS {
            let each = (0..taken.fields.len()).map(Which::One);
            narrow.extend(each.map(|one| Change::Edit(edit, one)));
        }
        Changes { broad, narrow }
    }
}

/// Amounts that were written anew: the numbers of JSON among them, or those that are the same amount.
fn amounts(taken: &Taken, broad: &mut Vec<Change>, narrow: &mut Vec<Change>) {
    let amounts = taken.fields.iter().filter(|field| field.money);
    let values: Vec<&[u8]> = amounts.map(|field| field.value.as_slice()).collect();
    let shared = |value: &&[u8]| values.iter().filter(|other| *other == value).count() > 1;
    let shared: BTreeSet<&[u8]> = values.iter().copied().filter(shared).collect();
    for edit in EDITS.into_iter().filter(|edit| edit.writes_numbers()) {
        broad.push(Change::Edit(edit, Which::Numbers));
        let like = shared.iter().map(|value| Which::Like(value.to_vec()));
        narrow.extend(like.map(|like| Change::Edit(edit, like)));
    }
}

fn unknown<'a>(dialect: &Dialect<'_>, taken: &'a Taken) -> Vec<&'a [u8]> {
    let names = taken.fields.iter().map(|field| field.name.as_slice());
    names.filter(|name| !dialect.knows(name)).collect()
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
fn keys(dialect: &Dialect<'_>, subject: &Subject<'_>) -> Vec<Change> {
    let mut keys: Vec<Change> = dialect
        .seal
        .previous()
        .map(|old| Change::Key(old.clone(), Fault::KeyEnded))
        .collect();
    for (name, other) in subject.others {
        let (seal, _) = other.sealed();
        let theirs = std::iter::once(seal.current()).chain(seal.previous());
        keys.extend(
            theirs.map(|theirs| Change::Key(theirs.clone(), Fault::KeyOfOther((*name).to_owned()))),
        );
    }
    match dialect.keys {
        Keys::Md5(shared) => {
            if let Some(current) = shared.first() {
                copied(current.key.expose_secret(), dialect, &mut keys);
            }
        }
        Keys::Rsa { gateway, .. } => {
            let own = dialect.seal.own_public().map(Theirs::Public);
            keys.extend(own.map(|own| Change::Key(own, Fault::KeyIsOwn)));
            let text = gateway.first().map(|public| public.key.clone());
            keys.extend(
                text.map(|text| {
                    Change::Key(Theirs::Md5(text, dialect.place), Fault::PublicAsShared)
                }),
            );
        }
    }
    keys.push(Change::Key(
        Theirs::Md5(SecretString::from(""), dialect.place),
        Fault::NoKey,
    ));
    keys
}

/// What comes along with a shared key while it is copied, or is taken for it.
fn copied(text: &str, dialect: &Dialect<'_>, keys: &mut Vec<Change>) {
    let mut key = |text: String, fault: Fault| {
        keys.push(Change::Key(
            Theirs::Md5(SecretString::from(text), dialect.place),
            fault,
        ));
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
    if let Some((identity, words)) = dialect.identity {
        key(identity.to_owned(), Fault::KeyIsIdentity(words));
    }
    for cased in [text.to_ascii_lowercase(), text.to_ascii_uppercase()] {
        if cased != text {
            key(cased, Fault::KeyCase);
        }
    }
}
