//! Rule 1 in full: what the built-in model declares is named by the model alone. No id of it stands in a
//! string of the program, tests apart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gutbrain::model::{Model, SHIPPED};

/// Strings that are spelt as an id of the model is, and mean something else; with the file and why.
const OTHER_MEANINGS: &[(&str, &str, &str)] = &[
    (
        "crates/exchange/src/sbml.rs",
        "body",
        "the element of XHTML, not the compartment",
    ),
    (
        "crates/explorer/src/model.rs",
        "death",
        "a key of the answer: the role of an endpoint, whose word is the family's",
    ),
    (
        "crates/explorer/src/model.rs",
        "onset",
        "a key of the answer: the role of an endpoint, whose word is the family's",
    ),
    (
        "crates/explorer/src/run.rs",
        "death",
        "a key of the answer: the role of an endpoint",
    ),
    (
        "crates/explorer/src/run.rs",
        "onset",
        "a key of the answer: the role of an endpoint",
    ),
    (
        "crates/figures/src/events.rs",
        "death",
        "a status of a life, as in every family",
    ),
    (
        "crates/figures/src/saved.rs",
        "death",
        "a status of a life, as in every family",
    ),
    (
        "crates/network/src/declaration/digest.rs",
        "axis",
        "a key of an observable: the words on the axis of a figure",
    ),
    (
        "crates/network/src/declaration/read_entry.rs",
        "axis",
        "a key of an observable: the words on the axis of a figure",
    ),
    (
        "crates/network/src/declaration/read_family.rs",
        "clock",
        "a table of a family: what its ages are counted from",
    ),
    (
        "crates/report/src/lib.rs",
        "clock",
        "a key of summary.json: what ages are counted from",
    ),
    (
        "crates/report/src/numbers.rs",
        "clock",
        "a key of summary.json: what ages are counted from",
    ),
    (
        "crates/network/src/declaration/family.rs",
        "death",
        "the role of an endpoint",
    ),
    (
        "crates/network/src/declaration/family.rs",
        "onset",
        "the role of an endpoint",
    ),
    (
        "crates/network/src/unit/names.rs",
        "mouse",
        "a thing that is counted, as in 1/mouse",
    ),
    (
        "crates/report/src/numbers.rs",
        "death",
        "the role of an endpoint, as in summary.json",
    ),
    (
        "crates/report/src/numbers.rs",
        "onset",
        "the role of an endpoint, as in summary.json",
    ),
    (
        "src/analysis/calibrate/file.rs",
        "weight",
        "how much a target counts in a fit",
    ),
    ("src/model.rs", "human", "the name of a shipped model"),
    ("src/model.rs", "mouse", "the name of a shipped model"),
    (
        "src/posterior.rs",
        "weight",
        "how much a vector counts in a posterior",
    ),
];

/// Every id and word that the shipped models declare, but those that are plain words of the field as well.
fn declared() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for name in SHIPPED {
        let model = Model::shipped(name).expect("a shipped model");
        declare(model.expect("a shipped model is sound"), &mut ids);
    }
    ids
}

fn declare(model: Model, ids: &mut BTreeSet<String>) {
    let d = model.declaration;
    ids.extend(d.compartments.into_keys());
    ids.extend(d.species.into_keys());
    ids.extend(d.parameters.into_keys());
    ids.extend(d.processes.into_keys());
    ids.extend(d.modulators.into_keys());
    ids.extend(d.assignments.into_keys());
    ids.extend(d.observables.into_keys());
    ids.extend(d.events.into_keys());
    ids.extend(d.interventions.into_keys());
    ids.extend(d.subjects.into_keys());
    ids.insert(d.family.name);
    ids.extend(d.family.endpoints.iter().map(|it| it.word().to_owned()));
    ids.extend(d.family.survival.iter().map(|it| it.word.clone()));
    ids.extend(d.family.regions.into_iter().map(|it| it.word));
    ids.extend(d.family.figures.into_iter().map(|it| it.word));
    ids.extend(d.family.carriers);
}

/// The files of the program below a folder, tests apart.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = (folder.read_dir().expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if stem == Some("tests") {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The text before the tests of a file.
fn program(text: &str) -> &str {
    let tests = text.match_indices("#[cfg(test)]").find(|(at, mark)| {
        let rest = text[at + mark.len()..].trim_start();
        rest.starts_with("mod tests {")
    });
    tests.map_or(text, |(at, _)| &text[..at])
}

/// The contents of the string literals of a Rust program, comments left out.
fn strings(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(length) = raw_string(rest) {
            let inside = rest[..length]
                .trim_start_matches(['r', '#'])
                .trim_end_matches('#');
            found.push(inside.trim_matches('"').to_owned());
            at += length;
        } else if rest.starts_with('"') {
            let mut end = 1;
            while end < rest.len() && rest.as_bytes()[end] != b'"' {
                end += if rest.as_bytes()[end] == b'\\' { 2 } else { 1 };
            }
            found.push(rest[1..end.min(rest.len())].to_owned());
            at += end + 1;
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            at += rest[1..].find('\'').expect("its end") + 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The length of a raw string that begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix('r')?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    marks[hashes..].starts_with('"').then_some(())?;
    let close = format!("\"{}", "#".repeat(hashes));
    let from = 1 + hashes + 1;
    Some(from + rest[from..].find(&close)? + close.len())
}

/// Ids in a string: the whole of it, or a word in it that only an id is spelt like.
fn named<'i>(string: &str, ids: &'i BTreeSet<String>) -> BTreeSet<&'i str> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let words = string.split(|c| !is_part(c));
    let words = words.filter(|word| word.contains(['_', '-']));
    let all = std::iter::once(string).chain(words);
    all.filter_map(|word| ids.get(word).map(String::as_str))
        .collect()
}

#[test]
fn no_id_of_the_model_stands_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ids = declared();
    assert!(ids.len() > 300, "{} ids", ids.len());
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for package in root.join("crates").read_dir().expect("packages") {
        sources(&package.expect("an entry").path().join("src"), &mut files);
    }
    assert!(files.len() > 300, "{} files", files.len());
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for path in &files {
        let text = std::fs::read_to_string(path).expect("a text");
        let name = path
            .strip_prefix(root)
            .expect("inside")
            .display()
            .to_string();
        for string in strings(program(&text)) {
            for id in named(&string, &ids) {
                *found
                    .entry((name.replace('\\', "/"), id.to_owned()))
                    .or_default() += 1;
            }
        }
    }
    let known = |file: &str, id: &str| {
        let mut listed = OTHER_MEANINGS.iter();
        listed.any(|(where_, what, _)| *where_ == file && *what == id)
    };
    let wrong: Vec<_> = found.keys().filter(|(file, id)| !known(file, id)).collect();
    assert!(
        wrong.is_empty(),
        "ids of the model in strings of the program; declare them in model/families: {wrong:#?}"
    );
    for (file, id, _) in OTHER_MEANINGS {
        let key = ((*file).to_owned(), (*id).to_owned());
        assert!(found.contains_key(&key), "`{id}` is no longer in {file}");
    }
}

#[test]
fn strings_are_told_from_comments_and_characters() {
    let text = "// \"zo1\"\nlet a = \"il17\"; let b = '\"'; let c = r#\"a \"b\" c\"#; let d = \"x \\\" y\";";
    assert_eq!(strings(text), ["il17", "a \"b\" c", "x \\\" y"]);
    let ids = BTreeSet::from(["zo1_turnover".to_owned(), "onset".to_owned()]);
    assert_eq!(
        named("set zo1_turnover=1 before onset", &ids),
        BTreeSet::from(["zo1_turnover"])
    );
    assert_eq!(named("onset", &ids), BTreeSet::from(["onset"]));
    assert_eq!(program("a\n#[cfg(test)]\nmod tests {\n}"), "a\n");
}
