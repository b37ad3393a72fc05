//! Works as BibTeX, from what the evidence files say and nothing else.
//!
//! Most rows have a short citation ("Zhang 2025 Compr Physiol 15:e70009"). Its first author, journal,
//! volume and page become fields where it has this form; rows may say `authors`, `title`, `journal` and
//! `pmid` in full, which then count. What is not there is left out, and `gutbrain evidence missing` lists
//! it: an author or a title from memory would be an invention.

use std::fmt::Write as _;

use super::references::Reference;

/// Words of surnames that begin small or stand alone.
const PARTICLES: &[&str] = &[
    "van", "der", "den", "de", "di", "du", "la", "le", "von", "al", "el",
];

/// A short citation, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Short<'a> {
    /// One surname, or two joined by `&`, with initials as written.
    authors: Vec<&'a str>,
    year: i64,
    journal: Option<&'a str>,
    volume: Option<&'a str>,
    page: Option<&'a str>,
}

impl<'a> Short<'a> {
    /// Takes a citation apart; none where it has another form.
    fn read(source: &'a str) -> Option<Self> {
        let first = source.split([';', ',']).next().unwrap_or_default().trim();
        let mut words = first.split(' ');
        let year =
            words.find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
        let place = first.find(year)?;
        let authors: Vec<&str> = first[..place].split('&').map(str::trim).collect();
        if authors.len() > 2 || !authors.iter().all(|name| is_surname(name)) {
            return None;
        }
        // "Muscle Nerve 2018;57:937" is a journal and a volume.
        let after_year = source[place + year.len()..].chars().next();
        if after_year == Some(';') && source[place..].contains(':') {
            return None;
        }
        let rest = first[place + year.len()..].trim();
        let (journal, volume, page) = journal(rest);
        Some(Self {
            authors,
            year: year.parse().ok()?,
            journal,
            volume,
            page,
        })
    }
}

/// One capitalized word, with particles before and initials behind it: "van der Beek", "Zhang R".
fn is_surname(name: &str) -> bool {
    let is_particle = |word: &&str| PARTICLES.contains(&word.to_lowercase().as_str());
    let mut words = name.split(' ').skip_while(is_particle);
    let surname = words.next().unwrap_or_default();
    let has_form = surname.chars().next().is_some_and(char::is_uppercase)
        && surname.chars().any(char::is_lowercase)
        && surname
            .chars()
            .all(|it| it.is_alphabetic() || matches!(it, '-' | '\''));
    let is_initial = |word: &str| word.len() <= 2 && word.chars().all(char::is_uppercase);
    has_form && words.all(is_initial)
}

/// "Compr Physiol 15:e70009" as journal, volume and page; nothing from words that are no journal.
fn journal(text: &str) -> (Option<&str>, Option<&str>, Option<&str>) {
    let (name, numbers) = match text.rsplit_once(' ') {
        Some((name, last)) if last.contains(':') => (name, Some(last)),
        _ => (text, None),
    };
    let is_journal = !name.is_empty()
        && name.split(' ').all(|word| {
            word.chars().next().is_some_and(char::is_uppercase)
                && word.chars().all(char::is_alphabetic)
        });
    if !is_journal {
        return (None, None, None);
    }
    let numbers = numbers.and_then(|numbers| numbers.split_once(':'));
    (
        Some(name),
        numbers.map(|(volume, _)| volume),
        numbers.map(|(_, page)| page),
    )
}

/// What an entry should have and the evidence files do not say.
#[must_use]
pub fn missing_from(work: &Reference) -> Vec<&'static str> {
    let short = Short::read(&work.source);
    let mut missing = Vec::new();
    match (&work.authors, &short) {
        (Some(_), _) => {}
        (None, Some(_)) => missing.push("authors after the first"),
        (None, None) => missing.push("authors"),
    }
    if work.title.is_none() {
        missing.push("title");
    }
    let journal = work.journal.as_deref().or(short.and_then(|it| it.journal));
    if journal.is_none() {
        missing.push("journal");
    }
    if work.doi.is_none() && work.pmc.is_none() && work.pmid.is_none() {
        missing.push("identifier (doi, pmid or pmc)");
    }
    missing
}

/// Works as BibTeX.
#[must_use]
pub fn bibtex(works: &[Reference]) -> String {
    let mut text = String::new();
    for work in works {
        entry(&mut text, work);
    }
    text
}

fn entry(text: &mut String, work: &Reference) {
    let short = Short::read(&work.source);
    let journal = work.journal.as_deref();
    let journal = journal.or(short.as_ref().and_then(|it| it.journal));
    let authors = work.authors.as_deref().map(escape);
    let authors = authors.or_else(|| {
        let names = short.as_ref()?.authors.iter();
        let names: Vec<String> = names.map(|name| format!("{{{}}}", escape(name))).collect();
        Some(names.join(" and "))
    });
    let is_article =
        authors.is_some() && (journal.is_some() || work.doi.is_some() || work.pmc.is_some());
    let kind = if is_article { "article" } else { "misc" };
    let _ = writeln!(text, "@{kind}{{{},", work.key);
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name} = {{{value}}},");
    };
    if let Some(authors) = &authors {
        field("author", authors);
    }
    // Without a title and an author the short citation is all there is to know the work by.
    match (&work.title, &authors) {
        (Some(title), _) => field("title", &format!("{{{}}}", escape(title))),
        (None, None) => field("title", &format!("{{{}}}", escape(&work.source))),
        (None, Some(_)) => {}
    }
    if let Some(journal) = journal {
        field("journal", &escape(journal));
    }
    if let Some(volume) = short.as_ref().and_then(|it| it.volume) {
        field("volume", &escape(volume));
    }
    if let Some(page) = short.as_ref().and_then(|it| it.page) {
        field("pages", &escape(page));
    }
    if let Some(year) = work.year.or(short.as_ref().map(|it| it.year)) {
        field("year", &year.to_string());
    }
    if let Some(doi) = &work.doi {
        field("doi", &escape(doi));
    }
    if let Some(pmid) = &work.pmid {
        field("pmid", &escape(pmid));
    }
    if let Some(pmc) = &work.pmc {
        field("pmcid", &escape(pmc));
    }
    let mut notes = vec![format!("evidence rows {}", work.rows.join(", "))];
    if work.title.is_none() && authors.is_some() {
        notes.push(format!("cited as {}", escape(&work.source)));
    }
    let missing = missing_from(work);
    if !missing.is_empty() {
        notes.push(format!("not in the evidence files: {}", missing.join(", ")));
    }
    let _ = writeln!(text, "  note = {{{}}}", notes.join("; "));
    let _ = writeln!(text, "}}\n");
}

/// Text as TeX reads it: what TeX takes for a command is escaped, and braces, which BibTeX counts, become
/// brackets.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' | '%' | '#' | '_' | '$' => out.extend(['\\', letter]),
            '{' => out.push('('),
            '}' => out.push(')'),
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            letter if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(source: &str) -> Reference {
        Reference {
            key: "a-work".to_owned(),
            source: source.to_owned(),
            rows: vec!["S0-01".to_owned()],
            ..Reference::default()
        }
    }

    #[test]
    fn a_short_citation_gives_its_author_and_what_else_it_says() {
        let full = Short::read("Alvarez 2025 Compr Physiol 15:e70009").unwrap();
        assert_eq!(full.authors, ["Alvarez"]);
        assert_eq!((full.year, full.journal), (2025, Some("Compr Physiol")));
        assert_eq!((full.volume, full.page), (Some("15"), Some("e70009")));
        for (source, authors, journal) in [
            ("Høver & Midt 1986", vec!["Høver", "Midt"], None),
            ("van der Beek 2015", vec!["van der Beek"], None),
            ("Zhao W 2012", vec!["Zhao W"], None),
            (
                "Alpha 2017 Clin Ther; press",
                vec!["Alpha"],
                Some("Clin Ther"),
            ),
            ("Acevedo-Arozena 2011", vec!["Acevedo-Arozena"], None),
            ("Li X 2022 (biom12020333)", vec!["Li X"], None),
        ] {
            let short = Short::read(source).unwrap();
            assert_eq!(
                (short.authors, short.journal),
                (authors, journal),
                "{source}"
            );
        }
        for source in [
            "BMC Neurol 2022",
            "Muscle Nerve 2018;57:937",
            "Brain 2018;57:937",
            "JAX blog 2014",
            "probably Alpha-Beta 2016 PNAS (attribution unverified)",
            "BioNumbers 107812",
            "PMC7761722 table 4",
            "not found",
            "",
        ] {
            assert_eq!(Short::read(source), None, "{source}");
        }
    }

    #[test]
    fn what_the_evidence_does_not_say_is_left_out_and_listed() {
        let bare = bibtex(&[work("Alpha 2017 Clin Ther")]);
        assert!(
            bare.starts_with("@article{a-work,\n  author = {{Alpha}},\n"),
            "{bare}"
        );
        assert!(!bare.contains("  title ="), "{bare}");
        assert!(
            bare.contains("not in the evidence files: authors after the first, title"),
            "{bare}"
        );
        let full = Reference {
            authors: Some("Alpha, B and Gamma, D".to_owned()),
            title: Some("A 100 % {test} of_x^2 \\input".to_owned()),
            journal: Some("J. Tests & Trials".to_owned()),
            pmid: Some("1".to_owned()),
            ..work("Alpha 2017")
        };
        assert!(missing_from(&full).is_empty());
        let text = bibtex(&[full]);
        assert!(text.contains("author = {Alpha, B and Gamma, D}"), "{text}");
        let title =
            "title = {{A 100 \\% (test) of\\_x\\textasciicircum{}2 \\textbackslash{}input}}";
        assert!(text.contains(title), "{text}");
        assert!(text.contains("journal = {J. Tests \\& Trials}"), "{text}");
        let nameless = bibtex(&[work("als.ca")]);
        assert!(
            nameless.starts_with("@misc{a-work,\n  title = {{als.ca}},"),
            "{nameless}"
        );
        // Braces balance, whatever the source says.
        for text in [text, nameless, bibtex(&[work("}{\\ {{{ 2017")])] {
            let count = |brace: char| text.chars().filter(|it| *it == brace).count();
            assert_eq!(count('{'), count('}'), "{text}");
        }
    }
}
