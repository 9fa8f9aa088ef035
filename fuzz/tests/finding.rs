//! The finder finds: a planted fault, the same inputs from the same seed, and the program around it.

use quittance_fuzz::corpus::Kept;
use quittance_fuzz::hunt::{Failure, Hunt, keep};
use quittance_fuzz::run::{Fault, Plan, replay, run};
use quittance_fuzz::{Outcome, Target, corpus, targets, watch};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const WORD: &[u8] = b"re-cut";

/// Panics on one short word, and tells how much of it an input begins with: less than that no mutator would find.
const PLANTED: Target = Target {
    name: "planted",
    check: |input| {
        let whole = input.windows(WORD.len()).any(|part| part == WORD);
        assert!(!whole, "the planted fault");
        let begun = |len: &usize| input.windows(*len).any(|part| part == &WORD[..*len]);
        let known = (1..WORD.len()).rev().find(begun);
        Outcome::of(known.is_some(), known)
    },
    words: &[&["e-c"]],
    shape: None,
    mend: None,
    floor: 0,
};

fn kept(bytes: &[u8]) -> Vec<Kept> {
    let path = PathBuf::from("planted");
    vec![Kept {
        path,
        bytes: bytes.to_vec(),
    }]
}

fn search(seed: u64) -> (Vec<Vec<u8>>, Failure) {
    let mut hunt = Hunt::new(&PLANTED, seed);
    hunt.replay(&kept(b"a=1&b=cut&c=r")).unwrap();
    let mut inputs = Vec::new();
    loop {
        match hunt.step() {
            Ok(input) => inputs.push(input),
            Err(failure) => return (inputs, failure),
        }
        assert!(inputs.len() < 2_000_000, "never found");
    }
}

#[test]
fn a_planted_fault_is_found_shrunk_and_replayed() {
    let (_, failure) = search(1);
    assert!(failure.said.contains("the planted fault"));
    assert!(failure.said.contains("finding.rs"), "it says where");
    let folder = tempfile::tempdir().unwrap();
    let file = keep(folder.path(), &PLANTED, &failure).unwrap();
    assert!(file.starts_with(folder.path().join("planted")));
    assert_eq!(
        std::fs::read(&file).unwrap(),
        WORD,
        "nothing but the word is left"
    );
    let again = replay(&PLANTED, &file).unwrap();
    assert!(again.unwrap_err().contains("the planted fault"));
}

/// A run says so, and ends badly.
#[test]
fn a_run_reports_a_planted_fault() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    std::fs::create_dir_all(corpus.join("planted")).unwrap();
    std::fs::write(corpus.join("planted/kept"), b"a re-cut text").unwrap();
    let plan = Plan {
        time: Duration::ZERO,
        seed: 1,
        corpus,
        failures: folder.path().join("failures"),
    };
    let reports = run(&[PLANTED], &plan, &|_| ());
    let Some(Fault::Failed(_, file)) = &reports[0].fault else {
        panic!("{:?}", reports[0]);
    };
    assert_eq!(std::fs::read(file).unwrap(), WORD);
    let told = reports[0].to_string();
    assert!(
        told.contains("FAILED") && told.contains("--target planted --replay"),
        "{told}"
    );
    let elsewhere = Target {
        name: "elsewhere",
        ..PLANTED
    };
    let missing = run(&[elsewhere], &plan, &|_| ());
    assert!(
        matches!(missing[0].fault, Some(Fault::Io(_))),
        "a target without a corpus is a fault"
    );
}

/// Too few inputs are a fault: something hangs, or nothing is tried.
#[test]
fn a_run_below_the_floor_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("idle")).unwrap();
    let idle = Target {
        name: "idle",
        check: |_| Outcome::accepted(0),
        floor: u64::MAX,
        ..PLANTED
    };
    let plan = Plan {
        time: Duration::from_secs(1),
        seed: 1,
        corpus: folder.path().to_owned(),
        failures: folder.path().to_owned(),
    };
    let reports = run(&[idle], &plan, &|_| ());
    assert!(matches!(reports[0].fault, Some(Fault::Slow(_))));
}

#[test]
fn the_same_seed_gives_the_same_inputs() {
    let (first, failure) = search(7);
    assert_eq!(search(7), (first.clone(), failure));
    assert_ne!(search(8).0.first(), first.first());
    for target in &targets::ALL {
        let inputs = |seed| {
            let mut hunt = Hunt::new(target, seed);
            hunt.replay(&corpus::load(&corpus::folder(), target.name).unwrap())
                .unwrap();
            (0..20).map(|_| hunt.step().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(inputs(3), inputs(3), "{}", target.name);
        assert_ne!(inputs(3), inputs(4), "{}", target.name);
    }
}

/// Inputs that are mended get past the signature: most new notifies are authentic, and some of them are believed.
#[test]
fn mended_inputs_reach_what_lies_behind_the_signature() {
    for name in ["notify", "return", "query", "recut", "webhook"] {
        let target = targets::ALL
            .iter()
            .find(|target| target.name == name)
            .unwrap();
        let mut hunt = Hunt::new(target, 5);
        hunt.replay(&corpus::load(&corpus::folder(), name).unwrap())
            .unwrap();
        let accepted = |input: Vec<u8>| watch::run(target, &input).unwrap().accepted;
        let taken = (0..300).filter(|_| accepted(hunt.step().unwrap())).count();
        assert!(
            (15..290).contains(&taken),
            "{name}: {taken} of 300 were accepted"
        );
    }
}

fn program(arguments: &[&str]) -> (Option<i32>, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_quittance-fuzz"))
        .args(arguments)
        .output()
        .unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn the_program_runs_and_replays() {
    let (code, said) = program(&["--seconds", "0"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        said.lines().count(),
        targets::ALL.len() + 1,
        "a line per target and a sum: {said}"
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/amount/least");
    let (code, said) = program(&["--replay", file.to_str().unwrap()]);
    assert_eq!(
        (code, said.as_str()),
        (Some(0), "amount: accepted; every property held\n")
    );
    let (code, said) = program(&["--target", "nobody"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("params") && said.contains("nobody"), "{said}");
}
