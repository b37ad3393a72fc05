//! What is done to the arms, above the panels: one row of bars for every course of treatment.
//!
//! A course is what arms share: the same thing at the same times. A window is a bar, an impulse a small
//! triangle at its moment; a course given many times is a row of many, never one bar over all of them.

use super::curves::Shade;
use super::legend::{Entry, Key};
use super::palette::{ArmStyle, Colour};
use super::panel::Item;
use super::terms::Clock;
use super::ticks::Range;
use std::collections::BTreeMap;

/// More rows than this do not fit above a panel: the last one holds all further courses.
const MOST_ROWS: usize = 6;
/// Gaps narrower than this share of the axis are not seen: their windows are drawn as one.
const NARROWEST_GAP: f64 = 2e-3;

/// A course of treatment as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course {
    /// Windows on the axis.
    windows: Vec<(f64, f64)>,
    /// Moments on the axis.
    moments: Vec<f64>,
    colour: Colour,
    text: String,
}

/// Start and stop in thousandths of a day: the same window whatever the last digit.
type Span = (i64, i64);

/// What is done at the same times, and to which arms.
#[derive(Default)]
struct Shared<'a> {
    labels: Vec<&'a str>,
    colours: Vec<Colour>,
}

/// The courses in the order of their start, one for all arms that share it.
pub(super) fn courses(
    arms: &[&str],
    shades: &[Shade],
    styles: &[ArmStyle],
    ages: Range,
    clock: &Clock,
) -> Vec<Course> {
    let mut given: BTreeMap<(usize, &str), Vec<Span>> = BTreeMap::new();
    for shade in shades {
        let Some(arm) = arms.iter().position(|arm| *arm == shade.arm) else {
            continue;
        };
        if shade.start <= shade.stop {
            let span = ((shade.start * 1e3) as i64, (shade.stop * 1e3) as i64);
            given.entry((arm, &shade.label)).or_default().push(span);
        }
    }
    let mut shared: BTreeMap<Vec<Span>, Shared<'_>> = BTreeMap::new();
    for ((arm, label), mut spans) in given {
        spans.sort_unstable();
        spans.dedup();
        let seen = |span: &&Span| days(span.0) <= ages.high && days(span.1) >= ages.low;
        if spans.iter().find(seen).is_none() {
            continue;
        }
        let course = shared.entry(spans).or_default();
        if !course.labels.contains(&label) {
            course.labels.push(label);
        }
        if !course.colours.contains(&styles[arm].colour) {
            course.colours.push(styles[arm].colour);
        }
    }
    let mut courses: Vec<Course> = shared
        .into_iter()
        .map(|(spans, Shared { labels, colours })| {
            let colour = match colours[..] {
                [colour] => colour.tint(0.6),
                _ => Colour::GREY.tint(0.6),
            };
            Course {
                windows: windows(&spans, ages),
                moments: moments(&spans, ages),
                colour,
                text: format!("{}, {}", what(&labels), when(&spans, clock)),
            }
        })
        .collect();
    if courses.len() > MOST_ROWS {
        let others = courses.split_off(MOST_ROWS - 1);
        let mut spans: Vec<(f64, f64)> = others.iter().flat_map(|it| it.windows.clone()).collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        courses.push(Course {
            windows: merged(spans, ages),
            moments: others.iter().flat_map(|it| it.moments.clone()).collect(),
            colour: Colour::GREY.tint(0.6),
            text: format!("{} further courses of treatment", others.len()),
        });
    }
    courses
}

fn days(thousandths: i64) -> f64 {
    thousandths as f64 / 1e3
}

/// The windows on the axis.
fn windows(spans: &[Span], ages: Range) -> Vec<(f64, f64)> {
    let windows = spans.iter().filter(|(start, stop)| start < stop);
    let clipped =
        windows.map(|(start, stop)| (days(*start).max(ages.low), days(*stop).min(ages.high)));
    merged(clipped.filter(|(from, to)| from < to).collect(), ages)
}

/// Windows between which no gap is seen, as one.
fn merged(windows: Vec<(f64, f64)>, ages: Range) -> Vec<(f64, f64)> {
    let gap = NARROWEST_GAP * (ages.high - ages.low);
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for (from, to) in windows {
        match merged.last_mut() {
            Some(last) if from - last.1 < gap => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// The moments on the axis.
fn moments(spans: &[Span], ages: Range) -> Vec<f64> {
    let moments = spans.iter().filter(|(start, stop)| start == stop);
    let moments = moments.map(|(at, _)| days(*at));
    moments
        .filter(|at| (ages.low..=ages.high).contains(at))
        .collect()
}

/// What is done, in words.
fn what(labels: &[&str]) -> String {
    match labels.len() {
        0..=3 => labels.join("; "),
        count => match common_words(labels) {
            shared if shared.is_empty() => format!("{count} interventions"),
            shared => format!("{shared} ({count} arms)"),
        },
    }
}

/// When it is done, in words. What never stops has the largest stop that a number can have.
fn when(spans: &[Span], clock: &Clock) -> String {
    let age = |thousandths: i64| clock.number(days(thousandths));
    let (unit, birth) = (clock.unit_since(), clock.beginning());
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return String::new();
    };
    if let [(start, stop)] = *spans {
        return match (start <= 0, stop == i64::MAX) {
            (true, true) => format!("from {birth}"),
            (true, false) => format!("from {birth} to {} {unit}", age(stop)),
            (false, true) => format!("from {} {unit}", age(start)),
            _ if start == stop => format!("once at {} {unit}", age(start)),
            _ => format!("{}–{} {unit}", age(start), age(stop)),
        };
    }
    let step = spans[1].0 - first.0;
    let even = spans
        .windows(2)
        .all(|pair| (pair[1].0 - pair[0].0 - step).abs() <= 1);
    let every = match (even, step) {
        (true, 1000) => ", daily".to_owned(),
        (true, 7000) => ", weekly".to_owned(),
        (true, step) => format!(", every {}", clock.length(days(step))),
        (false, _) => String::new(),
    };
    let to = match last.1 {
        i64::MAX => last.0,
        stop => stop,
    };
    format!(
        "{} times{every}, {}–{} {unit}",
        spans.len(),
        age(first.0),
        age(to)
    )
}

/// The words with which all labels begin.
fn common_words(labels: &[&str]) -> String {
    let Some((first, others)) = labels.split_first() else {
        return String::new();
    };
    let words = first
        .split_whitespace()
        .enumerate()
        .take_while(|(index, word)| {
            others
                .iter()
                .all(|label| label.split_whitespace().nth(*index) == Some(*word))
        });
    words.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

/// A row above the frame for every course, and a light area if there is one window only.
pub(super) fn course_items(courses: &[Course]) -> Vec<Item> {
    let mut items = Vec::new();
    if let [course] = courses
        && let [(from, to)] = course.windows[..]
    {
        items.push(Item::Shade {
            from,
            to,
            colour: course.colour.tint(0.11),
        });
    }
    for (row, course) in courses.iter().rev().enumerate() {
        let colour = course.colour;
        let windows = course.windows.iter();
        items.extend(windows.map(|(from, to)| Item::Window {
            from: *from,
            to: *to,
            row,
            colour,
        }));
        let moments = course.moments.iter();
        items.extend(moments.map(|at| Item::Moment {
            at: *at,
            row,
            colour,
        }));
    }
    items
}

/// The legend's word for every course.
pub(super) fn course_entries(courses: &[Course]) -> impl Iterator<Item = Entry> {
    courses.iter().map(|course| {
        let key = match (course.windows.is_empty(), course.moments.is_empty()) {
            (true, false) => Key::Moment(course.colour),
            _ => Key::Window(course.colour),
        };
        Entry::new(key, course.text.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::super::palette::SOLID;
    use super::*;

    const AGES: Range = Range {
        low: 21.0,
        high: 165.0,
    };

    fn shade(arm: &str, label: &str, start: f64, stop: f64) -> Shade {
        Shade {
            arm: arm.to_owned(),
            label: label.to_owned(),
            start,
            stop,
            jumps: vec![start, stop],
        }
    }

    fn drawn(shades: &[Shade]) -> Vec<Course> {
        let style = |red| ArmStyle {
            colour: Colour(red, 0, 0),
            dashes: SOLID,
        };
        courses(
            &["control", "treated"],
            shades,
            &[style(0), style(200)],
            AGES,
            &Clock::default(),
        )
    }

    fn texts(shades: &[Shade]) -> Vec<String> {
        drawn(shades)
            .into_iter()
            .map(|course| course.text)
            .collect()
    }

    #[test]
    fn windows_are_named_by_when_they_are_not_by_where_the_axis_begins() {
        let never = f64::INFINITY;
        for (start, stop, expected) in [
            (0.0, never, "x, from birth"),
            (0.0, 60.0, "x, from birth to 60 d"),
            (10.0, never, "x, from 10 d"),
            (10.0, 60.0, "x, 10–60 d"),
            (38.0, 165.5, "x, 38–165.5 d"),
            (60.0, 60.0, "x, once at 60 d"),
        ] {
            assert_eq!(texts(&[shade("treated", "x", start, stop)]), [expected]);
        }
        assert!(
            texts(&[shade("treated", "x", 1.0, 20.0)]).is_empty(),
            "before the axis"
        );
        assert!(texts(&[shade("nobody", "x", 40.0, 50.0)]).is_empty());
    }

    #[test]
    fn repeated_doses_are_one_row_of_many_marks_in_the_colour_of_their_arm() {
        for (every, length, word) in [
            (1.0, 0.5, "daily"),
            (7.0, 0.0, "weekly"),
            (3.0, 1.0, "every 3 d"),
        ] {
            let times = (0..9).map(|time| 40.0 + every * f64::from(time));
            let shades: Vec<Shade> = times
                .map(|at| shade("treated", "x", at, at + length))
                .collect();
            let found = drawn(&shades);
            let last = 40.0 + 8.0 * every + length;
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].text, format!("x, 9 times, {word}, 40–{last} d"));
            assert_eq!(found[0].windows.len() + found[0].moments.len(), 9);
            assert_eq!(found[0].colour, Colour(200, 0, 0).tint(0.6));
            let items = course_items(&found);
            assert_eq!(items.len(), 9, "no area over the whole panel");
        }
    }

    #[test]
    fn arms_that_share_a_course_share_its_row_and_many_courses_fit() {
        let both = [
            shade("control", "x", 40.0, 50.0),
            shade("treated", "x", 40.0, 50.0),
        ];
        let found = drawn(&both);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].colour, Colour::GREY.tint(0.6));
        let many: Vec<Shade> = (0..9)
            .map(|course| {
                let start = 40.0 + f64::from(course);
                shade("treated", &format!("x{course}"), start, 60.0)
            })
            .collect();
        let found = drawn(&many);
        assert_eq!(found.len(), MOST_ROWS);
        assert_eq!(found[5].text, "4 further courses of treatment");
        assert_eq!(found[5].windows, [(45.0, 60.0)]);
    }
}
