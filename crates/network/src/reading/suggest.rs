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

/// "did you mean `title`?", if a candidate is alike enough.
#[must_use]
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    most_alike(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}
