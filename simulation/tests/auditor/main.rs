//! The auditor finds what it is there to find, and nothing where all is well: hand-made journals and truths.

mod cancel;
mod chain;
mod conduct;
mod desk;
mod money;
mod story;
mod told;
mod window;

use std::path::Path;

/// Shows that no line of the auditor's sources, nor of the story's, uses the server's code.
#[test]
fn it_shares_no_code_with_the_server() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("story.rs"), src.join("truth.rs")];
    for file in std::fs::read_dir(src.join("auditor")).unwrap() {
        files.push(file.unwrap().path());
    }
    assert!(files.len() > 10, "the sources were not found");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in ["quittance_server", "quittance_core", "quittance_sandbox"] {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}
