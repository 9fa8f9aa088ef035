//! The program on its command line.

use std::process::{Command, Output};

fn program(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quittance-simulation"))
        .args(args)
        .output()
        .unwrap()
}

/// Shows that a seed plays the same world in another process, and however many worlds are played beside it.
#[test]
fn a_seed_is_the_same_world_in_every_process() {
    let digests = |threads| {
        let output = program(&["--seeds", "12", "--hashes", "--threads", threads]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let (one, two) = (digests("1"), digests("2"));
    assert_eq!(one.lines().count(), 12);
    assert_eq!(one, two);
}

/// Shows what a short run says, and that it ends well.
#[test]
fn a_run_tells_faults_states_and_time() {
    let output = program(&["--seeds", "5", "--orders", "2", "--days", "1"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for part in ["5 worlds, ", " simulated years in ", "torn_journal_tail"] {
        assert!(said.contains(part), "{said}");
    }
}

/// Shows that an ordinary build says how to get the switches, instead of playing without them.
#[test]
#[cfg(not(feature = "sabotage"))]
fn an_ordinary_build_has_no_switches() {
    for args in [
        &["--list-sabotage"][..],
        &["--prove-sabotage"],
        &["--sabotage", "amount-compare"],
    ] {
        let output = program(args);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("--features sabotage"), "{said}");
    }
}
