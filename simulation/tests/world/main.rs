//! Worlds end well, and the same seed is the same world.

use quittance_simulation::reached::REQUIRED;
use quittance_simulation::world::{Scale, play};

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
