//! The command that lives a failed life again, from the resolved scenario of its results.

use std::path::Path;

use super::options::ScenarioOptions;
use super::terminal::Terminal;
use gutbrain::results::failures::FailedLife;

/// Says which life failed first and how to run it again; `target` is the folder of the results.
pub(super) fn say(
    failed: Option<&FailedLife>,
    target: &Path,
    changes: &ScenarioOptions,
    terminal: &Terminal,
) {
    let Some(failed) = failed else { return };
    let scenario = target.join("scenario.toml");
    let mut words = vec![
        "gutbrain".to_owned(),
        "run".to_owned(),
        scenario.display().to_string(),
    ];
    for setting in &failed.settings {
        words.extend(["--set".to_owned(), setting.clone()]);
    }
    if let Some(model) = &changes.model.model {
        words.extend(["--model".to_owned(), model.display().to_string()]);
    }
    if let Some(variant) = &changes.model.variant {
        words.extend(["--variant".to_owned(), variant.clone()]);
    }
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    terminal.warn(&format!(
        "the first of them: {failed}\n  help: `{}` runs it again",
        words.join(" ")
    ));
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,+:@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_with_blanks_and_quotes_stay_one_word() {
        assert_eq!(quoted("cohort.only=17"), "cohort.only=17");
        assert_eq!(quoted("arm.drug.dose=2 %"), "'arm.drug.dose=2 %'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("$HOME"), "'$HOME'");
        assert_eq!(quoted(""), "''");
    }
}
