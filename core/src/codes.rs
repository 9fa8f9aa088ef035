//! Codes explained: what each one means, what usually causes it, what to do. The tables are beside those who answer
//! with them: a gateway's in its folder, the server's beside its problems.

use crate::lang::Words;

/// Everything that one speaker answers with, in groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Codes {
    /// Who answers with them: a gateway's name in the settings, or `quittance`.
    pub speaker: &'static str,
    /// The codes, in groups.
    pub groups: &'static [CodeGroup],
    /// Other ways to write a code: what people type, and the code that they mean.
    pub spellings: &'static [(&'static str, &'static str)],
    /// The codes that say that a service is not to be had: by this contract, or now.
    pub no_service: &'static [&'static str],
    /// Where to ask about them.
    pub ask: Words,
}

/// Codes that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeGroup {
    /// What they are.
    pub name: Words,
    /// The codes.
    pub codes: &'static [Explanation],
}

/// One code explained, in whole sentences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The code as its speaker writes it. Where a part of it varies, the code ends with that part in braces.
    pub code: &'static str,
    /// What it means.
    pub meaning: Words,
    /// What usually causes it.
    pub cause: Words,
    /// What to do.
    pub fix: Words,
    /// The page about it in the help of the gateway's guide. Historic: such pages go, and the number stays in old notes.
    pub help: Option<u32>,
}

/// What is said of a code, in English and in Chinese.
type Pair = (&'static str, &'static str);

impl CodeGroup {
    /// A group of this name.
    #[must_use]
    pub const fn new(name: Pair, codes: &'static [Explanation]) -> CodeGroup {
        CodeGroup {
            name: Words::new(name),
            codes,
        }
    }
}

impl Explanation {
    /// A code with its meaning, its usual cause, and what to do.
    #[must_use]
    pub const fn new(code: &'static str, meaning: Pair, cause: Pair, fix: Pair) -> Explanation {
        Explanation {
            code,
            meaning: Words::new(meaning),
            cause: Words::new(cause),
            fix: Words::new(fix),
            help: None,
        }
    }

    /// Whether this explains the word, letter by letter.
    #[must_use]
    pub fn explains(&self, word: &str) -> bool {
        match self.code.split_once('{') {
            Some((fixed, _)) => word.len() > fixed.len() && word.starts_with(fixed),
            None => word == self.code,
        }
    }
}

impl Codes {
    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = &'static Explanation> + use<> {
        self.groups.iter().flat_map(|group| group.codes)
    }

    /// The explanation of exactly this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&'static Explanation> {
        self.all().find(|known| known.explains(code))
    }

    /// The explanation of what somebody typed: in any letter case, with blanks or hyphens for underscores, or spelt in
    /// another way that is known.
    #[must_use]
    pub fn find(&self, typed: &str) -> Option<&'static Explanation> {
        let upper = plain(typed.trim());
        let spelt = self.spellings.iter().find(|(known, _)| *known == upper);
        let wanted = spelt.map_or(upper.as_str(), |(_, code)| code);
        self.get(wanted)
            .or_else(|| self.get(&wanted.to_ascii_lowercase()))
            .or_else(|| self.all().find(|known| plain(known.code) == wanted))
    }
}

/// A code in capital letters, with underscores for everything that separates.
fn plain(code: &str) -> String {
    code.replace([' ', '-'], "_").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Pair = ("", "");
    const CODES: Codes = Codes {
        speaker: "test",
        groups: &[CodeGroup::new(
            PLAIN,
            &[
                Explanation::new("PARAMTER_IS_NULL", PLAIN, PLAIN, PLAIN),
                Explanation::new("differs_in_{field}", PLAIN, PLAIN, PLAIN),
                Explanation::new("csp.orderService.already-exist", PLAIN, PLAIN, PLAIN),
            ],
        )],
        spellings: &[("PARAMETER_IS_NULL", "PARAMTER_IS_NULL")],
        no_service: &[],
        ask: Words::new(PLAIN),
    };

    #[test]
    fn a_code_is_found_as_people_type_it() {
        let check = |typed: &str, expected: Option<&str>| {
            let found = CODES.find(typed).map(|found| found.code);
            assert_eq!(found, expected, "{typed:?}");
        };
        check("PARAMTER_IS_NULL", Some("PARAMTER_IS_NULL"));
        check(" paramter-is null\n", Some("PARAMTER_IS_NULL"));
        check("parameter_is_null", Some("PARAMTER_IS_NULL"));
        check("Differs_in_amount", Some("differs_in_{field}"));
        let dotted = Some("csp.orderService.already-exist");
        check("csp.orderService.already-exist", dotted);
        check("CSP.ORDERSERVICE.already exist", dotted);
        check("differs_in_", None);
        check("PARAMTER", None);
        check("", None);
    }

    /// What came over the wire is compared as it came.
    #[test]
    fn a_code_of_the_wire_is_compared_letter_by_letter() {
        assert!(CODES.get("PARAMTER_IS_NULL").is_some());
        assert!(CODES.get("paramter_is_null").is_none());
        assert!(CODES.get("PARAMETER_IS_NULL").is_none());
    }
}
