//! What is told of a study of biomarkers.

use super::numbers::{fixed, short};
use super::{Align, Brief, heading};
use crate::results::biomarkers::{BiomarkerSummary, Entry};

/// Quantities of a window that are shown, the panel besides.
const SHOWN: usize = 4;

/// The most telling quantities of every window, and what one visit would have concluded.
#[must_use]
pub fn biomarkers(summary: &BiomarkerSummary) -> Brief {
    let mut brief = Brief::default();
    let arms = summary.arms.join(" and ");
    brief.head(
        &summary.title,
        format!(
            "{}, {arms}: {} of {} animals come to {}, each beside one of the same age that stays healthy",
            summary.subject, summary.cases, summary.followed, summary.event
        ),
    );
    brief.gap();
    let left = format!("days before {}", summary.event);
    let mut rows = vec![heading([
        &left,
        "quantity",
        "n",
        "area",
        "95 %",
        "for \u{b1}0.05",
        "for 80 %",
    ])];
    let mut window = f64::NAN;
    let mut shown = 0;
    for entry in &summary.told {
        if entry.from_d.total_cmp(&window).is_ne() {
            (window, shown) = (entry.from_d, 0);
        }
        if shown <= SHOWN {
            rows.push(row(entry, shown == 0));
        }
        shown += 1;
    }
    use Align::{Left, Right};
    brief.table(rows, &[Left, Left, Right, Right, Right, Right, Right]);
    brief.gap();
    match (summary.cross_section_d, &summary.misleading[..]) {
        (None, _) => brief.line("Too few are ill at any visit for a cross-section."),
        (Some(age), []) => brief.line(format!(
            "One visit alone, at {} d, misleads about none of them.",
            short(age)
        )),
        (Some(age), all) => {
            brief.line(format!(
                "One visit alone, at {} d, of those who are ill by then against the healthy:",
                short(age)
            ));
            for it in all {
                brief.line(format!(
                    "{}: area {} then, {} just before {}: it misleads",
                    it.quantity,
                    fixed(Some(it.area), 2),
                    fixed(it.before, 2),
                    summary.event
                ));
            }
        }
    }
    brief.gap();
    brief.note(
        "Area: the chance that a case has more than a healthy one; 0.5 tells nothing, below it cases have less. For \
         \u{b1}0.05 and for 80 %: cases, and as many healthy, to know the area so well, and to tell it from chance in \
         four of five studies. Windows hold one visit of every case. All of it is a prediction of the model.",
    );
    brief
}

fn row(entry: &Entry, is_first: bool) -> Vec<String> {
    let window = match is_first {
        true => format!("{} to {}", short(entry.from_d), short(entry.to_d)),
        false => String::new(),
    };
    let people = |count: Option<i64>| count.map_or_else(|| "-".to_owned(), |it| it.to_string());
    vec![
        window,
        entry.quantity.clone(),
        entry.n.to_string(),
        fixed(Some(entry.area), 2),
        format!(
            "{} to {}",
            fixed(Some(entry.lower), 2),
            fixed(Some(entry.upper), 2)
        ),
        people(entry.people_for_width),
        people(entry.people_for_power),
    ]
}
