//! New inputs made of known ones: a seeded mutator.
//!
//! Libraries were looked at. `mutatis` works on values and weighs every element of a `Vec<u8>` for each change, without
//! a dictionary or splices; LibAFL is a whole fuzzer with its own runtime. What is needed here is small.

use crate::target::{Shape, Target};
use fastrand::Rng;

/// No input grows beyond this: longer than the longest body that any reader takes.
pub const INPUT_BYTES_MAX: usize = 80 * 1024;
/// Numbers at the edges of what is read as a number.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "01",
    "0.01",
    "0.00",
    "0.001",
    "1e9",
    "255",
    "65536",
    "999999999999.99",
    "1000000000000",
    "9223372036854775807",
    "18446744073709551616",
];

/// Makes inputs. The same seed and the same pools give the same inputs.
#[derive(Debug)]
pub struct Mutator {
    rng: Rng,
}

impl Mutator {
    /// A mutator of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Mutator {
        Mutator {
            rng: Rng::with_seed(seed),
        }
    }

    /// A new input, made of those in the pool. Three of four are mended where the target can mend.
    pub fn next(&mut self, target: &Target, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.any(pool);
        // Mostly one change, seldom many.
        let most = 1 << self.rng.usize(..4);
        let changes = 1 + self.rng.usize(..most);
        for _ in 0..changes {
            match target.shape {
                Some(shape) if self.rng.u8(..4) > 0 => {
                    self.change_pairs(&mut input, shape, target, pool);
                }
                _ => self.change_bytes(&mut input, target, pool),
            }
        }
        input.truncate(INPUT_BYTES_MAX);
        match target.mend {
            Some(mend) if self.rng.u8(..4) > 0 => mend(&input).unwrap_or(input),
            _ => input,
        }
    }

    fn any(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        match pool.len() {
            0 => Vec::new(),
            len => pool[self.rng.usize(..len)].clone(),
        }
    }

    fn word(&mut self, target: &Target) -> &'static str {
        match self.rng.choice(target.words) {
            Some(words) if self.rng.u8(..8) > 0 => self.rng.choice(*words).copied().unwrap_or(""),
            _ => NUMBERS[self.rng.usize(..NUMBERS.len())],
        }
    }

    /// A part of the input, mostly a short one.
    fn span(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.rng.usize(..=len);
        let longest = match self.rng.u8(..4) {
            0 => len - start,
            _ => (len - start).min(16),
        };
        start..start + self.rng.usize(..=longest)
    }

    fn change_bytes(&mut self, input: &mut Vec<u8>, target: &Target, pool: &[Vec<u8>]) {
        let at = self.rng.usize(..=input.len());
        let span = self.span(input.len());
        match self.rng.u8(..12) {
            0 if at < input.len() => input[at] ^= 1 << self.rng.u8(..8),
            1 if at < input.len() => input[at] = self.rng.u8(..),
            0..=2 => input.insert(at, self.rng.u8(..)),
            3 | 4 => drop(input.splice(at..at, self.word(target).bytes())),
            5 => drop(input.splice(span, self.word(target).bytes())),
            6 => drop(input.drain(span)),
            7 => {
                let again = input[span].to_vec();
                input.splice(at..at, again);
            }
            8 => {
                let piece = input[span].to_vec();
                // Seldom often: long inputs are slow.
                let most = self.rng.usize(1..=10);
                let times = 1 << self.rng.usize(..most);
                let times = times.min(INPUT_BYTES_MAX / piece.len().max(1));
                input.splice(at..at, piece.repeat(times));
            }
            9 => {
                let other = self.any(pool);
                let tail = self.rng.usize(..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[tail..]);
            }
            10 => {
                let other = self.any(pool);
                let piece = self.span(other.len());
                input.splice(span, other[piece].iter().copied());
            }
            _ => self.change_number(input),
        }
    }

    /// One run of digits becomes another number.
    fn change_number(&mut self, input: &mut Vec<u8>) {
        let begins = |at: &usize| {
            input[*at].is_ascii_digit() && (*at == 0 || !input[at - 1].is_ascii_digit())
        };
        let runs: Vec<usize> = (0..input.len()).filter(begins).collect();
        let Some(start) = self.rng.choice(&runs).copied() else {
            return;
        };
        let digits = input[start..].iter().take_while(|b| b.is_ascii_digit());
        let end = start + digits.count();
        let number = std::str::from_utf8(&input[start..end]).unwrap_or_default();
        let new = match (self.rng.u8(..3), number.parse::<u64>()) {
            (0, Ok(number)) => number.wrapping_add(1).to_string(),
            (1, Ok(number)) => number.wrapping_sub(1).to_string(),
            _ => NUMBERS[self.rng.usize(..NUMBERS.len())].to_owned(),
        };
        input.splice(start..end, new.bytes());
    }

    /// Changes whole pairs, names, values. What holds none is changed as bytes.
    fn change_pairs(
        &mut self,
        input: &mut Vec<u8>,
        shape: Shape,
        target: &Target,
        pool: &[Vec<u8>],
    ) {
        let read = (shape.read)(input).filter(|pairs| !pairs.is_empty());
        let Some(mut pairs) = read else {
            return self.change_bytes(input, target, pool);
        };
        let at = self.rng.usize(..pairs.len());
        let other = self.rng.usize(..pairs.len());
        match self.rng.u8(..8) {
            0 => drop(pairs.remove(at)),
            1 => pairs.swap(at, other),
            2 => pairs[at].0 = self.word(target).to_owned(),
            3 => pairs[at].1 = self.word(target).as_bytes().to_vec(),
            4 => {
                let pair = (self.word(target).to_owned(), self.word(target).into());
                pairs.insert(at, pair);
            }
            // What a buyer would write to have the text cut in another way.
            5 => {
                let (name, value) = (self.word(target), self.word(target));
                let text = format!("&{name}={value}");
                pairs[at].1.extend_from_slice(text.as_bytes());
            }
            6 => {
                let theirs = (shape.read)(&self.any(pool)).unwrap_or_default();
                pairs.extend(self.rng.choice(theirs));
            }
            _ => {
                let mut value = std::mem::take(&mut pairs[at].1);
                self.change_bytes(&mut value, target, pool);
                pairs[at].1 = value;
            }
        }
        if let Some(written) = (shape.write)(input, pairs) {
            *input = written;
        }
    }
}
