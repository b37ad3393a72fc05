//! Features as a function of parameters: values in lanes, exact derivatives.

use std::collections::BTreeMap;

use gutbrain::analysis::survey::{Changed, Survey};
use gutbrain::model::Model;
use gutbrain::scenario::Output;
use gutbrain::simulate::{Experiment, Feature, SimulateError};
use gutbrain_network::reading::did_you_mean;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors;
use crate::listening::listen;
use crate::question::Question;

/// Vectors between two looks at signals; it changes no result.
const AT_ONCE: usize = 64;

/// A parameter that is varied.
struct Varied {
    id: String,
    /// Its place in the population.
    place: usize,
    unit: String,
    /// Its value in the scenario.
    value: f64,
    range: Option<(f64, f64)>,
    prior: &'static str,
}

/// A scenario compiled once, asked for features at many values of some parameters.
#[pyclass(frozen, module = "gutbrain._gutbrain")]
pub(crate) struct Predictor {
    survey: Survey,
    experiment: Experiment,
    varied: Vec<Varied>,
    /// Label and unit of every feature.
    outputs: Vec<(String, String)>,
}

/// A feature of a vector that has no value: row, column, reason.
type Hole = (usize, usize, String);

#[pymethods]
impl Predictor {
    /// Compiles the scenario of a question for features of its arms at values of its parameters.
    #[new]
    fn new(
        py: Python<'_>,
        question: &Question,
        parameters: Vec<String>,
        features: Vec<String>,
    ) -> PyResult<Self> {
        py.detach(|| Self::compile(question, parameters, &features))
    }

    /// Ids of the parameters, in the order of vectors.
    #[getter]
    fn parameters(&self) -> Vec<&str> {
        self.varied.iter().map(|it| it.id.as_str()).collect()
    }

    /// Units of the parameters.
    #[getter]
    fn parameter_units(&self) -> Vec<&str> {
        self.varied.iter().map(|it| it.unit.as_str()).collect()
    }

    /// Values of the parameters in the scenario.
    #[getter]
    fn values(&self) -> Vec<f64> {
        self.varied.iter().map(|it| it.value).collect()
    }

    /// Declared ranges of the parameters; nothing where there is none.
    #[getter]
    fn ranges(&self) -> Vec<Option<(f64, f64)>> {
        self.varied.iter().map(|it| it.range).collect()
    }

    /// Shapes of the uncertainty of the parameters, as the model's files call them.
    #[getter]
    fn priors(&self) -> Vec<&str> {
        self.varied.iter().map(|it| it.prior).collect()
    }

    /// Labels of the features, in the order of results.
    #[getter]
    fn features(&self) -> Vec<&str> {
        self.outputs
            .iter()
            .map(|(label, _)| label.as_str())
            .collect()
    }

    /// Units of the features; empty for pure numbers.
    #[getter]
    fn feature_units(&self) -> Vec<&str> {
        self.outputs.iter().map(|(_, unit)| unit.as_str()).collect()
    }

    /// The features of every row of `vectors`: doubles row by row, NaN where there is no value, and the
    /// reasons for those.
    fn evaluate<'py>(
        &self,
        vectors: Vec<Vec<f64>>,
        threads: Option<usize>,
        listener: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyBytes>, Vec<Hole>)> {
        let mut changes: Vec<Changed> = Vec::with_capacity(vectors.len());
        for (row, vector) in vectors.iter().enumerate() {
            self.check(row, vector)?;
            let values = self.varied.iter().zip(vector);
            changes.push(values.map(|(it, value)| (it.place, *value)).collect());
        }
        let answers = listen(listener, threads, |progress| {
            let lives = (changes.len() * self.survey.lives()) as u64;
            let stage = gutbrain::study::Stage::begin(progress, "lives", lives);
            let mut answers = Vec::with_capacity(changes.len());
            for block in changes.chunks(AT_ONCE) {
                answers.extend(self.survey.answers(block)?);
                if stage
                    .advance((block.len() * self.survey.lives()) as u64, 0)
                    .is_err()
                {
                    // Whoever cancelled has the reason.
                    break;
                }
            }
            Ok::<_, SimulateError>(answers)
        })?;
        let answers = answers.map_err(|error| errors::of_simulate(&error))?;
        let mut bytes = Vec::with_capacity(8 * answers.len() * self.outputs.len());
        let mut holes = Vec::new();
        for (row, answer) in answers.into_iter().enumerate() {
            for (column, value) in answer.into_iter().enumerate() {
                let value = value.unwrap_or_else(|missing| {
                    holes.push((row, column, missing.to_string()));
                    f64::NAN
                });
                bytes.extend(value.to_ne_bytes());
            }
        }
        Ok((PyBytes::new(listener.py(), &bytes), holes))
    }

    /// The features at a vector, and the derivative of each by each parameter, row by row: both as doubles.
    fn jacobian<'py>(
        &self,
        vector: Vec<f64>,
        threads: Option<usize>,
        listener: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        self.check(0, &vector)?;
        let ids: Vec<String> = self.varied.iter().map(|it| it.id.clone()).collect();
        let values: BTreeMap<String, f64> = ids.iter().cloned().zip(vector).collect();
        let found = listen(listener, threads, |_| {
            self.experiment.sensitivities(&values, &ids)
        })?;
        let found = found
            .map_err(|error| errors::of_simulate(&error))?
            .map_err(|missing| {
                errors::of_missing(format!(
                    "a feature has no value here, so it has no derivative: {missing}"
                ))
            })?;
        let bytes = |values: &mut dyn Iterator<Item = f64>| -> Vec<u8> {
            values.flat_map(f64::to_ne_bytes).collect()
        };
        let py = listener.py();
        let values = bytes(&mut found.values.iter().copied());
        let slopes = bytes(&mut found.derivatives.iter().flatten().copied());
        Ok((PyBytes::new(py, &values), PyBytes::new(py, &slopes)))
    }
}

impl Predictor {
    fn compile(
        question: &Question,
        parameters: Vec<String>,
        features: &[String],
    ) -> PyResult<Self> {
        // Features are read as the outputs of a sensitivity study are.
        let quoted = features.iter().map(|text| quote(text));
        let more = if features.is_empty() {
            Vec::new()
        } else {
            let list = quoted.collect::<Vec<_>>().join(", ");
            vec![format!("sensitivity.outputs=[{list}]")]
        };
        let setup = question.setup_with(&more).map_err(errors::of_study)?;
        let outputs = &setup.scenario.sensitivity.outputs;
        let asked = outputs.iter().map(of_one_animal);
        let asked = asked.collect::<PyResult<Vec<Feature>>>()?;
        let stop = setup.scenario.simulation.stop;
        let of_simulate = |error: SimulateError| errors::of_simulate(&error);
        let survey =
            Survey::new(&setup.model, &setup.scenario, &asked, stop).map_err(of_simulate)?;
        let experiment =
            Experiment::new(&setup.model, &setup.scenario, &asked, stop).map_err(of_simulate)?;
        let mut varied: Vec<Varied> = Vec::with_capacity(parameters.len());
        for id in parameters {
            if varied.iter().any(|known| known.id == id) {
                return Err(errors::of_question(format!(
                    "the parameter `{id}` is named twice"
                )));
            }
            varied.push(parameter(id, &setup.model, &survey)?);
        }
        let outputs = outputs.iter();
        let outputs = outputs
            .map(|it| (it.label.clone(), it.unit.clone()))
            .collect();
        Ok(Self {
            survey,
            experiment,
            varied,
            outputs,
        })
    }

    fn check(&self, row: usize, vector: &[f64]) -> PyResult<()> {
        if vector.len() != self.varied.len() {
            return Err(errors::of_question(format!(
                "vector {row} has {} numbers, and there are {} parameters",
                vector.len(),
                self.varied.len()
            )));
        }
        let wrong = vector
            .iter()
            .zip(&self.varied)
            .find(|(it, _)| !it.is_finite());
        match wrong {
            None => Ok(()),
            Some((value, parameter)) => Err(errors::of_question(format!(
                "vector {row} has {value} for `{}`, which is no finite number",
                parameter.id
            ))),
        }
    }
}

/// A parameter by its id.
fn parameter(id: String, model: &Model, survey: &Survey) -> PyResult<Varied> {
    let declared = &model.declaration.parameters;
    let found = survey.population().place(&id).zip(declared.get(&id));
    let Some((place, entry)) = found else {
        let help = did_you_mean(&id, declared.keys().map(String::as_str));
        let help = help.map_or_else(String::new, |help| format!("\n  help: {help}"));
        return Err(errors::of_question(format!(
            "the model has no parameter `{id}`{help}"
        )));
    };
    Ok(Varied {
        id,
        place,
        unit: entry.unit.to_string(),
        value: survey.population().values()[place],
        range: entry.range,
        prior: entry.prior.word(),
    })
}

/// The feature of an output.
fn of_one_animal(output: &Output) -> PyResult<Feature> {
    output.feature.clone().ok_or_else(|| {
        errors::of_question(format!(
            "`{}` is a number of a cohort, and a predictor asks one animal\n  help: write a feature \
             such as \"life\" or \"observable NAME at AGE\"",
            output.label
        ))
    })
}

/// A text in quotes, as TOML has it.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
