//! Trade numbers, page tokens and notify ids: unique, and the same for the same seed.

use jiff::tz::Offset;
use quittance_core::Timestamp;
use sha2::{Digest, Sha256};

/// Beijing is eight hours ahead of UTC all year.
const BEIJING: Offset = Offset::constant(8);
/// What ten digits hold.
const TEN_DIGITS: u64 = 10_000_000_000;

/// Hands out every number of one sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    seed: u64,
    drawn: u64,
}

impl Numbers {
    /// The numbers of this seed, from the first.
    pub(crate) fn new(seed: u64) -> Numbers {
        Numbers { seed, drawn: 0 }
    }

    /// 28 digits: the day in Beijing, ten that tell sandboxes with different seeds apart, ten that count.
    pub(crate) fn trade_no(&mut self, now: Timestamp) -> String {
        let day = BEIJING.to_datetime(now).date();
        let counter = self.step() % TEN_DIGITS;
        format!(
            "{:04}{:02}{:02}{:010}{counter:010}",
            day.year(),
            day.month(),
            day.day(),
            self.series(b"quittance sandbox trade\0"),
        )
    }

    /// Ten digits, the first of them no zero, as Dinpay's trades have them (protocol note dinpay 2.2). They count from a
    /// number that is the seed's own.
    pub(crate) fn short_trade_no(&mut self) -> String {
        let least = TEN_DIGITS / 10;
        let series = self.series(b"quittance sandbox short trade\0");
        let number = (series + self.step()) % (TEN_DIGITS - least) + least;
        number.to_string()
    }

    /// 23 digits as CodePay's trades have them, the first of them 5 (protocol note codepay 2.4): nine that tell sandboxes
    /// with different seeds apart, the day in UTC, seven that count.
    pub(crate) fn trans_no(&mut self, now: Timestamp) -> String {
        let series = self.series(b"quittance sandbox trans\0") % (TEN_DIGITS / 10);
        let day = Offset::UTC.to_datetime(now).strftime("%y%m%d");
        let counter = self.step() % (TEN_DIGITS / 1_000);
        format!("5{series:09}{day}{counter:07}")
    }

    /// 20 digits, as CodePay numbers calls and notifications (protocol note codepay 1.1, 1.5): the second in UTC, ten that
    /// count from a number that is the seed's own.
    pub(crate) fn serial(&mut self, now: Timestamp) -> String {
        let second = Offset::UTC.to_datetime(now).strftime("%m%d%H%M%S");
        let counter = (self.series(b"quittance sandbox serial\0") + self.step()) % TEN_DIGITS;
        format!("{second}{counter:010}")
    }

    /// Ten digits for a message to a terminal, the first of them 7 (as in vector P1).
    pub(crate) fn message_id(&mut self) -> String {
        format!("7{:09}", self.step() % (TEN_DIGITS / 10))
    }

    /// A processor's number of a payment: twelve digits (as in vector N1).
    pub(crate) fn channel_no(&mut self) -> String {
        let series = self.series(b"quittance sandbox channel\0") % 1_000_000;
        format!("{series:06}{:06}", self.step() % 1_000_000)
    }

    /// A bank's number of a payment: the second in Beijing, and six digits that count.
    pub(crate) fn bank_seq_no(&mut self, now: Timestamp) -> String {
        let second = BEIJING.to_datetime(now).strftime("%Y%m%d%H%M%S");
        let counter = self.step() % 1_000_000;
        format!("{second}{counter:06}")
    }

    /// 20 digits for what was booked by the change of this number: always the same ones. Ten tell sandboxes with
    /// different seeds apart.
    pub(crate) fn flow_no(&self, change: u64) -> String {
        let series = self.series(b"quittance sandbox flow\0");
        format!("{series:010}{:010}", change % TEN_DIGITS)
    }

    /// `[0-9a-f]{32}`: plain enough to survive any number of decodings (protocol note 3.1).
    pub(crate) fn notify_id(&mut self) -> String {
        self.hex(b"quittance sandbox notify\0")
    }

    /// The name of a buyer's pages, `[0-9a-f]{32}`.
    pub(crate) fn token(&mut self) -> String {
        self.hex(b"quittance sandbox page\0")
    }

    /// A timestamp against phishing: 13 bytes in base64, as long as that of the note (protocol note 4).
    pub(crate) fn timestamp(&mut self) -> String {
        data_encoding::BASE64.encode(&self.draw(b"quittance sandbox timestamp\0")[..13])
    }

    fn hex(&mut self, purpose: &[u8]) -> String {
        data_encoding::HEXLOWER.encode(&self.draw(purpose)[..16])
    }

    fn draw(&mut self, purpose: &[u8]) -> [u8; 32] {
        let digest = Sha256::new()
            .chain_update(purpose)
            .chain_update(self.seed.to_be_bytes())
            .chain_update(self.step().to_be_bytes())
            .finalize();
        digest.into()
    }

    /// A number of ten digits that is the seed's own.
    fn series(&self, purpose: &[u8]) -> u64 {
        let digest = Sha256::new()
            .chain_update(purpose)
            .chain_update(self.seed.to_be_bytes())
            .finalize();
        let series = digest.iter().take(8).fold(0_u64, |sum, byte| {
            sum.wrapping_mul(256).wrapping_add(u64::from(*byte))
        });
        series % TEN_DIGITS
    }

    fn step(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dated_in_beijing_unique_and_repeatable() {
        let evening: Timestamp = "2024-01-01T16:30:00Z".parse().unwrap();
        let (mut one, mut same, mut other) = (Numbers::new(7), Numbers::new(7), Numbers::new(8));
        let first = one.trade_no(evening);
        assert!(first.starts_with("20240102"), "{first}");
        assert_eq!(first.len(), 28);
        assert!(first.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(first, same.trade_no(evening));
        assert_ne!(first, other.trade_no(evening));
        assert_ne!(first, one.trade_no(evening));
        let short = one.short_trade_no();
        assert!(short.len() == 10 && short.parse::<u64>().is_ok() && !short.starts_with('0'));
        assert!(short != one.short_trade_no() && short != other.short_trade_no());
        let payment = one.bank_seq_no(evening);
        assert!(payment.len() == 20 && payment.starts_with("20240102003000"));
        assert_ne!(payment, one.bank_seq_no(evening));
        let id = one.notify_id();
        assert!(id.len() == 32 && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
        assert_ne!(id, one.notify_id());
        assert_ne!(one.token(), one.token());
        let flow = one.flow_no(7);
        assert!(flow.len() == 20 && flow.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(flow, same.flow_no(7));
        assert!(flow != one.flow_no(8) && flow != other.flow_no(7));
    }
}
