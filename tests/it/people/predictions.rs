//! Registered predictions stay as they were made.

use std::path::Path;

use sha2::{Digest as _, Sha256};

/// SHA-256 of what stands between the marks of every date.
const REGISTERED: [(&str, &str); 1] = [(
    "2026-11-30",
    "b76fe7848f083ae400a6d037d34db058ec0098bf5a1ef2d4a3ab9443b60e4166",
)];

#[test]
fn registered_predictions_are_never_edited() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/registered-predictions.md");
    let page = std::fs::read_to_string(page).expect("the page");
    for (date, hash) in REGISTERED {
        let begin = format!("<!-- registered {date} -->\n");
        let end = format!("<!-- end of {date} -->");
        let text = page
            .split_once(&begin)
            .and_then(|(_, rest)| rest.split_once(&end));
        let (text, _) = text.unwrap_or_else(|| panic!("the marks of {date}"));
        let found: String = Sha256::digest(text.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(found, hash, "the predictions of {date} were edited");
    }
}
