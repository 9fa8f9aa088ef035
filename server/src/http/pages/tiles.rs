//! The ways to pay, as a list to choose from: each with a picture of our own drawing and its name in both languages.
//! No bank's mark is shown: a bank is two letters of its code on a calm ground that is always the same for it.

use askama::Template;
use quittance_core::Lang;
use quittance_core::choice::{Choice, ChoiceKind, Choices};

/// So many grounds have colours in the style.
const TONES: usize = 8;

/// The list, as far as an order leaves it open.
#[derive(Template)]
#[template(path = "pay/choices.html")]
pub(super) struct Tiles {
    lang: Lang,
    groups: Vec<Group>,
    /// Whether nothing is chosen yet.
    none: bool,
    /// What is wrong with the choice, where something is.
    fault: Option<String>,
}

/// Choices that belong together; behind a fold where they are many.
struct Group {
    name: &'static str,
    rows: Vec<Row>,
    /// Whether the fold is open: what is chosen is seen.
    open: bool,
}

/// One choice.
struct Row {
    word: String,
    name: &'static str,
    /// In the other language.
    other: &'static str,
    tile: Tile,
    chosen: bool,
}

/// The picture of a choice.
#[derive(Template)]
#[template(path = "pay/tile.html")]
pub(super) struct Tile {
    kind: ChoiceKind,
    tone: usize,
    letters: String,
}

impl Tiles {
    /// The choices that are open. `chosen` is the word of one of them, or empty.
    pub(super) fn new(
        choices: Choices,
        is_open: impl Fn(&Choice) -> bool,
        chosen: &str,
        fault: Option<String>,
        lang: Lang,
    ) -> Tiles {
        let row = |kind, choice: &Choice| Row {
            word: choice.word(),
            name: choice.name(lang),
            other: choice.name(lang.other()),
            tile: Tile::new(kind, choice),
            chosen: choice.word() == chosen,
        };
        let groups = choices.iter().map(|group| {
            let open = group.choices.iter().filter(|choice| is_open(choice));
            let rows: Vec<Row> = open.map(|choice| row(group.kind, choice)).collect();
            Group {
                name: group.name(lang),
                open: rows.iter().any(|row| row.chosen),
                rows,
            }
        });
        let groups: Vec<Group> = groups.filter(|group| !group.rows.is_empty()).collect();
        Tiles {
            lang,
            none: !groups.iter().any(|group| group.open),
            groups,
            fault,
        }
    }

    /// Whether there is anything to choose.
    pub(super) fn any(&self) -> bool {
        !self.groups.is_empty()
    }
}

impl Tile {
    /// The picture of a choice that stands in these.
    pub(super) fn of(choices: Choices, choice: &Choice) -> Tile {
        let group = choices.iter().find(|group| group.choices.contains(choice));
        Tile::new(group.map_or(ChoiceKind::Bank, |group| group.kind), choice)
    }

    fn new(kind: ChoiceKind, choice: &Choice) -> Tile {
        let code = choice.bank.unwrap_or(choice.method);
        // The codes of one bank begin alike, whatever kind of card they are for.
        let stem = code.bytes().take(3);
        let tone = stem.fold(0, |sum: usize, byte| sum * 31 + usize::from(byte)) % TONES;
        Tile {
            kind,
            tone,
            letters: code.chars().take(2).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn bank(code: &'static str) -> Choice {
        Choice {
            method: "bankPay",
            bank: Some(code),
            en: "A bank",
            zh: "某银行",
        }
    }

    #[test]
    fn a_bank_has_one_ground_whatever_the_card() {
        let tone = |code| Tile::new(ChoiceKind::Bank, &bank(code)).tone;
        assert_eq!(tone("ICBCB2C"), tone("ICBC-DEBIT"));
        assert_eq!(tone("ICBCB2C"), tone("ICBCBTB"));
        assert_ne!(tone("ICBCB2C"), tone("ABC"));
    }

    #[test]
    fn every_ground_has_its_colour() {
        let style = include_str!("../../../../web/styles/pay.css");
        for tone in 0..TONES {
            assert!(style.contains(&format!(".t{tone} rect{{")), "t{tone}");
        }
    }
}
