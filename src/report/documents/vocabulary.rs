//! The vocabulary of a model as sections of its page: endpoints, ends of survival, choices of figures,
//! parameters of groups, identities.

use gutbrain_network::Declaration;
use gutbrain_network::declaration::{Endpoint, EndpointRole, Family};

use super::model_page::{row, table};

/// Writes the sections; nothing for a model without a family.
pub(super) fn vocabulary(declaration: &Declaration, page: &mut String) {
    let family = &declaration.family;
    if family.name.is_empty() {
        return;
    }
    page.push_str(&format!(
        "## Vocabulary\n\nThe family `{}` ({}), declared in `families/{}.toml`: {}. Nothing here moves a \
         trajectory; it names what happens in a life, what a study takes for its end, and what summaries, \
         figures and files for other programs show.\n\n",
        family.name,
        family.identifiers.join(", "),
        family.name,
        family.says,
    ));
    endpoints(family, page);
    choices(family, page);
    groups(family, page);
    identities(family, page);
    page.push('\n');
}

fn endpoints(family: &Family, page: &mut String) {
    table(page, &["endpoint", "", "role"]);
    for entry in family.endpoints.entries() {
        let role = entry.role.map_or("", EndpointRole::word);
        let cells = [&code(entry.endpoint.word()), &entry.says, role];
        row(page, &cells.map(str::to_owned));
    }
    page.push('\n');
    table(page, &["end of survival", "", "the first of"]);
    for end in &family.survival {
        let first_of = list(end.first_of.iter().map(Endpoint::word));
        row(page, &[code(&end.word), end.says.clone(), first_of]);
    }
}

fn choices(family: &Family, page: &mut String) {
    if !family.summary.is_empty() {
        let summary = list(family.summary.iter().map(String::as_str));
        page.push_str(&format!("\nA summary that nobody chose shows {summary}.\n"));
    }
    if !family.carriers.is_empty() {
        let carriers = list(family.carriers.iter().map(String::as_str));
        page.push_str(&format!(
            "Attributions pass through the pathways {carriers}.\n"
        ));
    }
    if !family.regions.is_empty() {
        let regions = family.regions.iter();
        let regions: Vec<String> = regions
            .map(|it| format!("{} (`{}`)", it.label, it.word))
            .collect();
        page.push_str(&format!(
            "The boxes of the network map are {}.\n",
            regions.join(", ")
        ));
    }
    if !family.figures.is_empty() {
        page.push('\n');
        table(page, &["figure", "", "panels"]);
        for figure in &family.figures {
            let panels = list(figure.show.iter().map(|it| it.value.as_str()));
            row(page, &[code(&figure.word), figure.says.clone(), panels]);
        }
    }
}

fn groups(family: &Family, page: &mut String) {
    let names = family.group.entries();
    let given: Vec<_> = names
        .iter()
        .filter_map(|(meaning, id)| Some((meaning, id.as_ref()?)))
        .collect();
    if given.is_empty() {
        return;
    }
    page.push('\n');
    table(page, &["draws of animals read", "parameter"]);
    for (meaning, id) in given {
        row(page, &[code(meaning), code(&id.value)]);
    }
}

fn identities(family: &Family, page: &mut String) {
    if family.species.is_empty() {
        return;
    }
    page.push('\n');
    table(page, &["quantity", "in public registries"]);
    for (id, identifiers) in &family.species {
        row(page, &[code(id), identifiers.join(", ")]);
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.map(code).collect::<Vec<_>>().join(", ")
}
