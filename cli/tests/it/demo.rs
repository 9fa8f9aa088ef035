//! `demo --auto`: the eleven stories, end to end.

use crate::program::{run, said};

/// Eleven ticks, no cross, exit 0, in both languages; and an address that is taken is told with what to do.
#[test]
fn eleven_stories_end_right() {
    for (lang, ended) in [
        ("en", "All eleven ended right"),
        ("zh", "十一个场景全部正确"),
    ] {
        let output = run(&["demo", "--auto", "--lang", lang]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        let begins = |mark: char| text.lines().filter(|line| line.starts_with(mark)).count();
        assert_eq!((begins('✓'), begins('✗')), (11, 0), "{text}");
        assert!(text.contains(ended), "{text}");
    }
}

/// An address that somebody else listens on.
#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["demo", "--auto", "--listen", &address]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains(&address) && text.contains("To do:"), "{text}");
}
