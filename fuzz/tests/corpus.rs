//! The kept corpus holds, and is worth keeping; new inputs hold where arithmetic is checked.

use quittance_fuzz::hunt::Hunt;
use quittance_fuzz::{corpus, targets, watch};
use std::collections::BTreeSet;

/// Every kept input over every target: what is refused by one reader is garbage for another.
#[test]
fn every_kept_input_holds_in_every_target() {
    for owner in &targets::ALL {
        for kept in corpus::load(&corpus::folder(), owner.name).unwrap() {
            for target in &targets::ALL {
                if let Err(said) = watch::run(target, &kept.bytes) {
                    panic!("{} over {}: {said}", kept.path.display(), target.name);
                }
            }
        }
    }
}

/// A target that refuses everything at once tries nothing. What a file's name says is what comes of it.
#[test]
fn every_corpus_holds_an_accepted_and_a_refused_input() {
    let mut misnamed = Vec::new();
    for target in &targets::ALL {
        let mut ends = BTreeSet::new();
        let mut prints = BTreeSet::new();
        for kept in corpus::load(&corpus::folder(), target.name).unwrap() {
            let outcome = watch::run(target, &kept.bytes).unwrap();
            let name = kept.path.file_name().unwrap().to_str().unwrap();
            if outcome.accepted == name.starts_with("refused") {
                misnamed.push(format!("{}/{name}", target.name));
            }
            ends.insert(outcome.accepted);
            prints.insert(outcome.print);
        }
        assert_eq!(ends.len(), 2, "{}: {ends:?}", target.name);
        assert!(
            prints.len() >= 4,
            "{}: only {} outcomes",
            target.name,
            prints.len()
        );
    }
    assert!(misnamed.is_empty(), "{misnamed:#?}");
}

/// A folder without a target would never be run.
#[test]
fn every_folder_belongs_to_a_target() {
    let names: BTreeSet<String> = targets::ALL
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    let folders = std::fs::read_dir(corpus::folder()).unwrap();
    let folders = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<BTreeSet<String>>(), names);
}

/// This build checks arithmetic and assertions, which the release build leaves out.
#[test]
fn new_inputs_hold_in_a_build_that_checks_arithmetic() {
    for target in &targets::ALL {
        let mut hunt = Hunt::new(target, 20_240_101);
        hunt.replay(&corpus::load(&corpus::folder(), target.name).unwrap())
            .unwrap();
        let tries = (target.floor * 2).clamp(20, 1_000);
        for _ in 0..tries {
            if let Err(failure) = hunt.step() {
                panic!(
                    "{}: {} on {:?}",
                    target.name,
                    failure.said,
                    String::from_utf8_lossy(&failure.input)
                );
            }
        }
    }
}
