//! "Did you mean": the known name most like an unknown one.

/// The candidate most like `name`, if any is alike enough; ties go to the first.
#[must_use]
pub fn most_alike<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Very long names are noise, and the measure is quadratic.
    if name.len() > 200 {
        return None;
    }
    let lower = name.to_lowercase();
    let mut best: Option<(&str, f64)> = None;
    for candidate in candidates {
        let likeness = if candidate.to_lowercase() == lower {
            2.0
        } else {
            strsim::normalized_damerau_levenshtein(&lower, candidate)
        };
        if likeness >= 0.6 && best.is_none_or(|(_, most)| likeness > most) {
            best = Some((candidate, likeness));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// Most names of a family that are suggested.
const MOST_SUGGESTED: usize = 3;

/// "did you mean `title`?", if a candidate is alike enough; else the candidates of which `name` is a
/// whole word, as "butyrate" is of "butyrate-water" and "butyrate-enema".
#[must_use]
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(candidate) = most_alike(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    let family = of_the_word(name, &candidates);
    let (last, others) = family.split_last()?;
    let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    Some(if others.is_empty() {
        format!("did you mean `{last}`?")
    } else {
        format!("did you mean {} or `{last}`?", others.join(", "))
    })
}

/// The candidates of which `name` is a word, or that are a word of `name`; none if there are many.
fn of_the_word<'a>(name: &str, candidates: &[&'a str]) -> Vec<&'a str> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .map(str::to_lowercase)
            .filter(|word| word.len() > 2)
            .collect()
    };
    if name.len() > 200 {
        return Vec::new();
    }
    let wanted = words(name);
    let holds = |all: &[String], part: &[String]| {
        !part.is_empty() && all.windows(part.len()).any(|stretch| stretch == part)
    };
    let mut found: Vec<&str> = Vec::new();
    for candidate in candidates {
        let own = words(candidate);
        if (holds(&own, &wanted) || holds(&wanted, &own)) && !found.contains(candidate) {
            found.push(candidate);
        }
    }
    if found.len() > MOST_SUGGESTED {
        found.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_longer_names_suggests_them_all() {
        let names = [
            "butyrate-water",
            "butyrate-enema",
            "riluzole",
            "prebiotic-gos",
            "treg-transfer",
        ];
        for (name, expected) in [
            ("riluzol", Some("did you mean `riluzole`?")),
            (
                "butyrate",
                Some("did you mean `butyrate-water` or `butyrate-enema`?"),
            ),
            (
                "Butyrate",
                Some("did you mean `butyrate-water` or `butyrate-enema`?"),
            ),
            ("prebiotic", Some("did you mean `prebiotic-gos`?")),
            ("riluzole in the food", Some("did you mean `riluzole`?")),
            ("treg", Some("did you mean `treg-transfer`?")),
            ("saline", None),
            ("", None),
            ("-", None),
        ] {
            let found = did_you_mean(name, names);
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
