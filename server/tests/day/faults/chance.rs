//! Faults drawn by lot: nobody chose these, and what holds always holds.

use super::row::read_faults;
use super::{Does, PAID_LATE, in_paused_time, play, settle};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::RngSeed;

const CALLBACKS: [&str; 14] = [
    "notify.lose",
    "notify.copies=3",
    "notify.reorder",
    "notify.delay_secs=60",
    "notify.amount=0.50",
    "notify.tamper",
    "notify.forge",
    "return.lose",
    "return.after_notify",
    "return.amount=0.50",
    "return.tamper",
    "return.forge",
    "query.amount=0.50",
    "-",
];
const OPINIONS: [&str; 5] = [
    "-",
    "verify.kind=slow verify.secs=2",
    "verify.kind=false",
    "verify.kind=garbage",
    "verify.kind=down",
];
const QUERIES: [&str; 6] = [
    "-",
    "query.kind=stale",
    "query.kind=stale query.secs=600",
    "query.kind=stale query.secs=86400",
    "query.kind=down",
    "query.kind=garbage",
];
const DOES: [Does; 6] = [
    Does::Leaves,
    Does::Pays,
    Does::Asks,
    Does::PaysLate,
    Does::PaidBackInPart,
    Does::PaidBack,
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    /// Shows that any faults together break no promise. They end while a late check is still to come.
    #[test]
    fn any_faults_together(
        callbacks in subsequence(&CALLBACKS, 0..=5),
        opinions in select(&OPINIONS),
        queries in select(&QUERIES),
        does in select(&DOES),
        lasting in select(&[60_u64, 1_200, 5_000, 30_000, 80_000]),
    ) {
        let words = [&callbacks.join(" "), opinions, queries].join(" ");
        let until = if does == Does::PaysLate { lasting.max(PAID_LATE + 60) } else { lasting };
        let wrong = in_paused_time(async {
            let mut scene = play(does, &read_faults(words.trim()), until).await;
            settle(&mut scene).await
        });
        prop_assert!(wrong.is_empty(), "{words} until {until}: {wrong:?}");
    }
}
