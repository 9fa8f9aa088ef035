//! Worlds end well, and the same seed is the same world.

use quittance_simulation::reached::REQUIRED;
use quittance_simulation::world::{Cut, Scale, play, play_outage};
use std::time::Duration;

/// Shows that in these worlds every promise is kept, whatever goes wrong in them.
#[test]
fn worlds_end_well() {
    for seed in 1..=40 {
        let ended = play(seed, Scale::default()).unwrap();
        let broken: Vec<String> = ended.broken.iter().map(ToString::to_string).collect();
        assert!(
            broken.is_empty() && ended.wrong.is_empty(),
            "seed {seed}: {broken:?} {:?}\n{}",
            ended.wrong,
            ended.story.unwrap_or_default()
        );
        for state in &ended.reached {
            assert!(
                REQUIRED.iter().any(|(required, _)| required == state),
                "{state} is in no list"
            );
        }
    }
}

/// Shows that the same seed plays the same world, to the last message, and another seed another one.
#[test]
fn the_same_seed_is_the_same_world() {
    let trace = |seed| play(seed, Scale::default()).unwrap().trace;
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

/// Shows that what an outage of two hours loses is found: Dinpay's six sends are over by then, and no return came. A
/// question finds the money before the gateway ceases to answer: one that was due meanwhile, where the node was down;
/// the next one after half an hour, where the gateway could not be reached, whether or not the order has a limit.
#[test]
fn an_outage_of_two_hours_is_made_good_inside_of_the_window() {
    const MINUTE: u64 = 60;
    const OVER: u64 = 10 * MINUTE + 2 * 60 * MINUTE;
    let day = Duration::from_secs(86_400);
    for (cut, expires_in, from, to) in [
        (Cut::Node, None, OVER, OVER + MINUTE),
        (Cut::Network, Some(day), OVER, OVER + 31 * MINUTE),
        (Cut::Network, None, OVER, OVER + 31 * MINUTE),
    ] {
        let outage = play_outage(cut, expires_in).unwrap();
        let told = outage.ended.story.unwrap();
        assert_eq!((outage.sends, outage.sends_again), (6, false), "{told}");
        assert_eq!(outage.order["status"], "paid", "{told}");
        let witnesses = &outage.order["trades"][0]["witnesses"];
        assert_eq!(*witnesses, serde_json::json!(["query"]), "{told}");
        let learnt = outage.learnt_after.as_secs();
        assert!((from..to).contains(&learnt), "{learnt} s\n{told}");
        assert_eq!(outage.ended.broken, [], "{told}");
        assert!(outage.ended.wrong.is_empty(), "{:?}", outage.ended.wrong);
        let reached = &outage.ended.reached;
        assert!(
            reached.contains("windowed_found_after_the_resends"),
            "{told}"
        );
    }
}
