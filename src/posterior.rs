//! Posterior ensembles: weighted vectors of the fitted parameters, as the model folder holds them.
//!
//! `model/posterior/PRESET.csv` holds one vector a row for the subject PRESET and every subject that
//! extends it:
//!
//! ```text
//! # what it is, as comments; three of them are read:
//! # interventions: those of the model that the targets read, with spaces between them
//! # dynamics: SHA-256 of what moves in the model that the vectors belong to, with these interventions
//! # calibration: SHA-256 of the calibration file
//! vector,weight,log_likelihood,PARAMETER,…
//! 1,0.005,-4.2,0.0042,…
//! ```
//!
//! Row `n` of every file comes from the same draw. Weights are positive and sum to 1, no likelihood of
//! normal errors is above 1, and every value lies in the range that the model declares: what does not is
//! damaged, and refused.
//! Vectors of a model that moves otherwise are *stale*: they are refused, because they no longer agree
//! with the evidence. Sentences and labels, and interventions that no target reads, make nothing stale.

use std::collections::BTreeSet;
use std::sync::Arc;

use gutbrain_network::fault::Place;
use gutbrain_network::{Code, Declaration, Fault, Faults, Source};

use crate::model::Model;

/// Columns before the parameters.
const LEADING: [&str; 3] = ["vector", "weight", "log_likelihood"];

/// By how much rounding may move the sum of the weights.
const SUM_IS_ONE: f64 = 1e-6;

/// Weighted parameter vectors; see the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// The subject that they are declared for.
    pub preset: String,
    /// Interventions that the targets of the calibration read.
    pub interventions: BTreeSet<String>,
    /// Hash of the dynamics of the model that they belong to, with these interventions.
    pub dynamics: String,
    /// Hash of the calibration file.
    pub calibration: String,
    /// What else the comments say, without `# `.
    pub remarks: Vec<String>,
    /// Ids of the parameters.
    pub parameters: Vec<String>,
    /// The vectors.
    pub vectors: Vec<Weighted>,
}

/// One vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// Its number in the file.
    pub number: u64,
    /// Its share; all of them sum to 1.
    pub weight: f64,
    /// −½ Σ r² over the targets of the calibration.
    pub log_likelihood: f64,
    /// Values in the order of [`Posterior::parameters`].
    pub values: Vec<f64>,
}

impl Posterior {
    /// The ensemble that holds for a preset: its own, or that of the nearest subject that it extends.
    ///
    /// # Errors
    /// A file that cannot be understood, and one that belongs to another model.
    pub fn of(model: &Model, preset: &str) -> Result<Option<Arc<Self>>, Faults> {
        let chain = chain(&model.declaration, preset);
        for subject in chain {
            let source = model.posteriors.iter().find(|it| stem(it) == subject);
            if let Some(source) = source {
                let found = Self::read(source)?;
                found.check(source, model)?;
                return Ok(Some(Arc::new(found)));
            }
        }
        Ok(None)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Missing hashes or columns, numbers that are none, no vectors.
    pub fn read(source: &Source) -> Result<Self, Faults> {
        let fault = |line: usize, message: String| {
            let start = source.text.split_inclusive('\n').take(line).map(str::len);
            let start: usize = start.sum();
            let end = source.text[start..].find('\n');
            let end = end.map_or(source.text.len(), |length| start + length);
            let place = Place::new(source, start..end);
            Faults::from(Fault::new(Code::BadPosterior, message, &place))
        };
        let mut found = Self {
            preset: stem(source).to_owned(),
            interventions: BTreeSet::new(),
            dynamics: String::new(),
            calibration: String::new(),
            remarks: Vec::new(),
            parameters: Vec::new(),
            vectors: Vec::new(),
        };
        let mut header = None;
        let mut last_line = 0;
        for (line, text) in source.text.lines().enumerate() {
            if let Some(remark) = text.strip_prefix('#') {
                let remark = remark.trim();
                if let Some(hash) = remark.strip_prefix("dynamics: ") {
                    found.dynamics = hash.to_owned();
                } else if let Some(names) = remark.strip_prefix("interventions:") {
                    found.interventions = names.split_whitespace().map(str::to_owned).collect();
                } else if let Some(hash) = remark.strip_prefix("calibration: ") {
                    found.calibration = hash.to_owned();
                } else {
                    found.remarks.push(remark.to_owned());
                }
                continue;
            }
            let fields: Vec<&str> = text.split(',').collect();
            if header.is_none() {
                if fields.len() <= LEADING.len() || fields[..LEADING.len()] != LEADING {
                    let wanted = LEADING.join(",");
                    let message = format!("the columns must be {wanted} and parameters");
                    return Err(fault(line, message));
                }
                for &id in &fields[LEADING.len()..] {
                    if found.parameters.iter().any(|known| known == id) {
                        return Err(fault(line, format!("a second column `{id}`")));
                    }
                    found.parameters.push(id.to_owned());
                }
                header = Some(fields.len());
                continue;
            }
            let numbers: Option<Vec<f64>> = fields.iter().map(|it| it.parse().ok()).collect();
            let numbers = numbers
                .filter(|it| Some(it.len()) == header && it.iter().all(|it| it.is_finite()))
                .filter(|it| it[1] > 0.0);
            let (Some(numbers), Ok(number)) = (numbers, fields[0].parse()) else {
                let message =
                    "a vector needs a finite number in every column, and a weight above 0";
                return Err(fault(line, message.to_owned()));
            };
            if found.vectors.last().is_some_and(|it| number <= it.number) {
                let message = format!("vector {number} does not follow the one before it");
                return Err(fault(line, message));
            }
            if numbers[2] > 0.0 {
                let message = "a log-likelihood is at most 0: half the sum of squares, negative";
                return Err(fault(line, message.to_owned()));
            }
            last_line = line;
            found.vectors.push(Weighted {
                number,
                weight: numbers[1],
                log_likelihood: numbers[2],
                values: numbers[LEADING.len()..].to_vec(),
            });
        }
        let sum = found.vectors.iter().map(|it| it.weight);
        let sum = sum.fold(0.0, |sum, weight| sum + weight);
        if found.vectors.is_empty() || found.dynamics.is_empty() {
            let message = "it needs `# dynamics: HASH` and at least one vector".to_owned();
            return Err(fault(0, message));
        }
        // False for a sum that is no number, too.
        if (sum - 1.0).abs() > SUM_IS_ONE || !sum.is_finite() {
            let message =
                format!("the weights sum to {sum}, not to 1: the file is not whole, or changed");
            return Err(fault(last_line, message));
        }
        for vector in &mut found.vectors {
            vector.weight /= sum;
        }
        Ok(found)
    }

    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for remark in &self.remarks {
            text.push_str(&format!("# {remark}\n"));
        }
        let names = self.interventions.iter().map(|name| format!(" {name}"));
        let names: String = names.collect();
        text.push_str(&format!("# interventions:{names}\n"));
        text.push_str(&format!("# dynamics: {}\n", self.dynamics));
        text.push_str(&format!("# calibration: {}\n", self.calibration));
        let mut columns = LEADING.map(str::to_owned).to_vec();
        columns.extend(self.parameters.iter().cloned());
        text.push_str(&columns.join(","));
        text.push('\n');
        for vector in &self.vectors {
            let numbers = [vector.weight, vector.log_likelihood];
            let numbers = numbers.iter().chain(&vector.values);
            let numbers: Vec<String> = numbers.map(|it| format!("{it:?}")).collect();
            text.push_str(&format!("{},{}\n", vector.number, numbers.join(",")));
        }
        text
    }

    fn check(&self, source: &Source, model: &Model) -> Result<(), Faults> {
        let place = Place::new(source, 0..0);
        let dynamics = model.dynamics(&self.interventions);
        if self.dynamics != dynamics {
            let message = format!(
                "these vectors are stale: they belong to another model ({}…) than this one ({}…)",
                short(&self.dynamics),
                short(&dynamics)
            );
            let help = "`gutbrain calibrate calibration/foundation.toml --renew --apply --model \
                        model` weighs them again, `--posterior` instead of `--renew` samples anew";
            return Err(Fault::new(Code::StalePosterior, message, &place)
                .help(help)
                .into());
        }
        let known = |id: &&String| !model.declaration.parameters.contains_key(*id);
        if let Some(id) = self.parameters.iter().find(known) {
            let message = format!("the model has no parameter `{id}`");
            return Err(Fault::new(Code::BadPosterior, message, &place).into());
        }
        for (column, id) in self.parameters.iter().enumerate() {
            let range = model.declaration.parameters[id].range;
            let Some((low, high)) = range else {
                let message = format!("`{id}` has no range: it is never fitted");
                return Err(Fault::new(Code::BadPosterior, message, &place).into());
            };
            let outside = |vector: &&Weighted| !(low..=high).contains(&vector.values[column]);
            if let Some(vector) = self.vectors.iter().find(outside) {
                let message = format!(
                    "`{id}` is {} in vector {}, outside its declared range {low} to {high}",
                    vector.values[column], vector.number
                );
                return Err(Fault::new(Code::BadPosterior, message, &place).into());
            }
        }
        Ok(())
    }

    /// The vector at a place between 0 and 1 of the cumulated weights: a uniform number draws one.
    #[must_use]
    pub fn at(&self, at: f64) -> &Weighted {
        let mut sum = 0.0;
        let found = self.vectors.iter().find(|vector| {
            sum += vector.weight;
            at < sum
        });
        // Rounding may leave the sum a little below 1; a posterior has at least one vector.
        found.unwrap_or(&self.vectors[self.vectors.len() - 1])
    }

    /// `count` vectors that stand for all: evenly spaced over the cumulated weights, each with the
    /// weight `1 / count`. All of them with their weights if there are not more.
    #[must_use]
    pub fn thinned(&self, count: usize) -> Vec<Weighted> {
        if count >= self.vectors.len() || count == 0 {
            return self.vectors.clone();
        }
        let share = 1.0 / count as f64;
        let mut chosen = Vec::with_capacity(count);
        let mut sum = 0.0;
        for vector in &self.vectors {
            sum += vector.weight;
            while chosen.len() < count && (chosen.len() as f64 + 0.5) * share < sum {
                let weight = share;
                chosen.push(Weighted {
                    weight,
                    ..vector.clone()
                });
            }
        }
        chosen
    }

    /// Kish's effective number of vectors, (Σ w)² / Σ w².
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        let squares = self.vectors.iter().map(|it| it.weight * it.weight);
        1.0 / squares.fold(0.0, |sum, square| sum + square)
    }
}

/// The preset, what it extends, and so on.
#[must_use]
pub fn chain<'a>(declaration: &'a Declaration, preset: &'a str) -> Vec<&'a str> {
    let mut chain = vec![preset];
    let mut current = declaration.subjects.get(preset);
    while let Some(next) = current.and_then(|subject| subject.extends.as_ref()) {
        chain.push(&next.value);
        current = declaration.subjects.get(&next.value);
    }
    chain
}

fn stem(source: &Source) -> &str {
    let name = source.name.rsplit(['/', '\\']).next().unwrap_or("");
    name.strip_suffix(".csv").unwrap_or(name)
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# two vectors\n# interventions: butyrate-water\n# dynamics: abc\n# calibration: def\n\
                        vector,weight,log_likelihood,a,b\n1,0.25,-1.0,2.0,3.0\n2,0.75,-2.0,4.0,5.0\n";

    fn read(text: &str) -> Result<Posterior, Faults> {
        Posterior::read(&Source::new("model/posterior/mouse.csv", text))
    }

    #[test]
    fn a_file_is_read_as_it_is_written() {
        let found = read(TEXT).expect("it is valid");
        assert_eq!(found.preset, "mouse");
        let interventions: Vec<&String> = found.interventions.iter().collect();
        assert_eq!(interventions, ["butyrate-water"]);
        assert_eq!(found.parameters, ["a", "b"]);
        assert_eq!(found.vectors[1].values, [4.0, 5.0]);
        let weights: Vec<f64> = found.vectors.iter().map(|it| it.weight).collect();
        assert_eq!(weights, [0.25, 0.75]);
        assert!((found.effective_size() - 1.6).abs() < 1e-12);
        let again = read(&found.to_text()).expect("it is valid");
        assert_eq!(again, found);
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_line() {
        for (text, told) in [
            ("vector,weight\n", "columns"),
            (TEXT, "ok"),
            (
                TEXT.trim_end_matches("2,0.75,-2.0,4.0,5.0\n"),
                "sum to 0.25",
            ),
            (&TEXT.replace("0.75", "0.74"), "sum to 0.99"),
            (&TEXT.replace("0.75", "1e308"), "sum to"),
            (&TEXT.replace("0.75", "-0.75"), "above 0"),
            (&TEXT.replace("2,0.75", "1,0.75"), "vector 1"),
            (&TEXT.replace("-2.0", "2.0"), "at most 0"),
            (&TEXT.replace("a,b", "a,a"), "second column"),
            (&TEXT.replace("4.0", "nan"), "finite"),
            (&TEXT.replace("0.75", "0"), "above 0"),
            (&TEXT.replace("# dynamics: abc\n", ""), "dynamics"),
            (&TEXT.replace(",5.0", ""), "every column"),
            ("", "at least one"),
        ] {
            match read(text) {
                Ok(_) => assert_eq!(told, "ok", "{text}"),
                Err(faults) => assert!(faults.to_string().contains(told), "{faults}"),
            }
        }
        let faults = read(&TEXT.replace("4.0", "x")).expect_err("x is no number");
        assert!(faults.to_string().contains("mouse.csv:7"), "{faults}");
    }

    #[test]
    fn draws_and_thinned_vectors_follow_the_weights() {
        let found = read(TEXT).expect("it is valid");
        let number = |at: f64| found.at(at).number;
        assert_eq!([0.0, 0.249, 0.251, 1.0].map(number), [1, 1, 2, 2]);
        let all = Posterior {
            vectors: (1..=8)
                .map(|number| Weighted {
                    number,
                    weight: if number == 3 { 0.37 } else { 0.09 },
                    log_likelihood: 0.0,
                    values: vec![0.0, 0.0],
                })
                .collect(),
            ..found
        };
        let chosen: Vec<u64> = all.thinned(5).iter().map(|it| it.number).collect();
        // Cumulated weights 0.09, 0.18, 0.55, 0.64, 0.73, 0.82, 0.91, 1 at 0.1, 0.3, 0.5, 0.7, 0.9.
        assert_eq!(chosen, [2, 3, 3, 5, 7]);
        assert_eq!(all.thinned(50).len(), 8);
    }
}
