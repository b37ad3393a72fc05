//! The table and the figure of a difference that was split over pathways.

use serde::Serialize;

use crate::analysis::attribute::{Attribution, is_narrow};
use crate::analysis::range::Range;
use crate::report::figure::{Figure, FigureError, PageWidth, Waterfall, WaterfallPart, waterfall};
use crate::report::table::{Column, Table};

/// What was split, between whom, and how sure it is: `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributionSummary {
    /// The arm of reference.
    pub reference: String,
    /// The arm that is compared with it.
    pub arm: String,
    /// What is read.
    pub feature: String,
    /// Unit of all numbers.
    pub unit: String,
    /// The whole difference.
    pub difference: f64,
    /// Pathways that only carry what is given.
    pub carriers: Vec<String>,
    /// Vectors of the posterior that were split; 0 for none.
    pub vectors: usize,
    /// What the posterior leaves open of the difference.
    pub difference_q05: Option<f64>,
    /// The upper end of it.
    pub difference_q95: Option<f64>,
    /// Pathways whose shares are not identifiable.
    pub unidentified: Vec<String>,
}

impl AttributionSummary {
    /// Of a difference that was split, with these pathways as carriers.
    #[must_use]
    pub fn new(found: &Attribution, carriers: &[String]) -> Self {
        let open = found.open.as_ref();
        Self {
            reference: found.reference.clone(),
            arm: found.arm.clone(),
            feature: found.feature.clone(),
            unit: found.unit.clone(),
            difference: found.difference,
            carriers: carriers.to_vec(),
            vectors: open.map_or(0, |open| open.vectors),
            difference_q05: open.and_then(|open| open.difference.q05),
            difference_q95: open.and_then(|open| open.difference.q95),
            unidentified: open.map_or_else(Vec::new, |open| open.unidentified.clone()),
        }
    }

    /// JSON text with a final line feed.
    ///
    /// # Errors
    /// Never for finite numbers.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// The shares as a waterfall from nothing to the whole difference.
///
/// # Errors
/// The shares cannot be drawn.
pub fn figure(found: &Attribution) -> Result<Figure, FigureError> {
    waterfall("attribution", &bars(found), PageWidth::Double)
}

/// The bars of the figure, the rest last.
fn bars(found: &Attribution) -> Waterfall {
    let ends = |range: &Range| range.q05.zip(range.q95);
    let open = found.open.as_ref();
    let shares = found.shares.iter().enumerate();
    let mut parts: Vec<WaterfallPart> = shares
        .map(|(place, share)| WaterfallPart {
            label: label(&share.pathway),
            value: share.share,
            interval: open.and_then(|open| ends(&open.shares[place])),
            // Without a posterior nothing says that a share is more than one of many.
            is_sure: found.is_identified(place) == Some(true),
        })
        .collect();
    parts.push(WaterfallPart {
        label: "past the pathways".to_owned(),
        value: found.rest,
        interval: open.and_then(|open| ends(&open.rest)),
        is_sure: open.is_some_and(|open| is_narrow(found.rest, &open.rest)),
    });
    Waterfall {
        title: format!(
            "{}, {} against {}",
            found.feature, found.arm, found.reference
        ),
        unit: found.unit.clone(),
        parts,
        whole: "difference".to_owned(),
        note: match open {
            Some(_) => "open bars: not identifiable from the data at hand; whiskers: 5 % to 95 % of the posterior",
            None => "open bars: shares at the values of the preset; what the data leave open was not asked",
        }
        .to_owned(),
    }
}

/// A pathway as people write it.
fn label(pathway: &str) -> String {
    match pathway {
        "nfkb" => "NF-κB".to_owned(),
        "treg_th17" => "Treg and Th17".to_owned(),
        "sod1" => "SOD1".to_owned(),
        "nlrp3" => "NLRP3".to_owned(),
        other => other.replace('_', " "),
    }
}

/// `attribution.csv`: one row for every pathway, then what passes by them and the whole difference.
#[must_use]
pub fn table(found: &Attribution) -> Table {
    let unit = &found.unit;
    let shares = &found.shares;
    let mut pathways: Vec<String> = shares.iter().map(|it| it.pathway.clone()).collect();
    pathways.extend(["rest".to_owned(), "difference".to_owned()]);
    let mut values: Vec<f64> = shares.iter().map(|it| it.share).collect();
    values.extend([found.rest, found.difference]);
    let optional = |of: &dyn Fn(usize) -> f64| -> Vec<Option<f64>> {
        let known = (0..shares.len()).map(|index| Some(of(index)));
        known.chain([None, None]).collect()
    };
    let texts = |of: &dyn Fn(usize) -> String| -> Vec<String> {
        let known = (0..shares.len()).map(of);
        known.chain([String::new(), String::new()]).collect()
    };
    let ranges: Vec<Option<Range>> = match &found.open {
        None => vec![None; pathways.len()],
        Some(open) => {
            let whole = [open.rest, open.difference];
            open.shares.iter().copied().chain(whole).map(Some).collect()
        }
    };
    let quantile = |of: &dyn Fn(&Range) -> Option<f64>| -> Vec<Option<f64>> {
        ranges.iter().map(|range| of(range.as_ref()?)).collect()
    };
    let mut identifiable: Vec<Option<i64>> = (0..shares.len())
        .map(|place| found.is_identified(place).map(i64::from))
        .collect();
    identifiable.extend([None, None]);
    Table::new(
        "attribution",
        vec![
            Column::text("pathway", pathways),
            Column::numbers("shapley", unit, values),
            Column::optional_numbers("shapley_q05", unit, quantile(&|it| it.q05)),
            Column::optional_numbers("shapley_q95", unit, quantile(&|it| it.q95)),
            Column::integers("identifiable", identifiable),
            Column::optional_numbers("alone", unit, optional(&|i| shares[i].alone)),
            Column::optional_numbers("lost_without", unit, optional(&|i| shares[i].lost)),
            Column::text(
                "assumed_parameters",
                texts(&|i| shares[i].assumed.join(" ")),
            ),
            Column::text("gates", texts(&|i| shares[i].gates.join(" "))),
        ],
    )
}
