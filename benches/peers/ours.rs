//! Our side of the comparison with other simulators: a set of animals in one arm, at one tolerance.
//!
//! ```text
//! ours SCENARIO ARM START STOP RTOL ATOL ANIMALS.tsv REPEATS [STATES.tsv]
//! ```
//!
//! ANIMALS has a header of parameter names and a row of values for each animal. All are simulated together,
//! REPEATS times, with nothing kept but their endpoints; one line is printed: the seconds of processor time
//! of each repeat (of the clock where the system does not count them).
//! With STATES, they are simulated once more and every species is written at every whole day (animal, age,
//! values), or nothing for an animal that did not get to the end.
//!
//! What is timed is more than what peers do: the steady state before birth and the life up to START, which
//! peers are given, and the same span as theirs.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench keeps time, reads and writes its own files, and says what it found"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use gutbrain::model::Model;
use gutbrain::scenario::{Overrides, ScenarioFile};
use gutbrain::simulate::feature::Reading;
use gutbrain::simulate::{Inquiry, Population, Request, simulate_all};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [
        scenario,
        arm,
        start,
        stop,
        rtol,
        atol,
        animals,
        repeats,
        states @ ..,
    ] = words.as_slice()
    else {
        return Err("eight or nine words are needed, see the head of this file".into());
    };
    let model = Model::builtin()?;
    let mut file = ScenarioFile::open(scenario.as_ref())?;
    file.apply(&Overrides {
        set: vec![
            format!("simulation.start=\"{start} d\""),
            format!("simulation.stop=\"{stop} d\""),
            format!("solver.rtol={rtol}"),
            format!("solver.atol={atol}"),
            "output.ages=[]".to_owned(),
        ],
        seed: None,
        arms: vec![arm.clone()],
    })?;
    let population = Population::new(&model, &file.check(&model)?)?;
    let text = std::fs::read_to_string(animals)?;
    let mut lines = text.lines();
    let places: Vec<usize> = lines
        .next()
        .unwrap_or_default()
        .split('\t')
        .map(|name| {
            let place = population.place(name);
            place.ok_or_else(|| format!("the model has no parameter {name}"))
        })
        .collect::<Result<_, _>>()?;
    let mut wanted = Vec::new();
    for line in lines {
        let mut values = population.values().to_vec();
        for (&place, number) in places.iter().zip(line.split('\t')) {
            values[place] = number.parse()?;
        }
        wanted.push(Request {
            population: &population,
            arm: 0,
            values: values.into(),
        });
    }
    let nothing = Inquiry::default();
    let mut seconds = Vec::new();
    for _ in 0..repeats.parse::<usize>()? {
        let (begin, used) = (Instant::now(), processor_seconds());
        black_box(simulate_all(&wanted, &nothing)?);
        let used = processor_seconds()
            .zip(used)
            .map(|(after, before)| after - before);
        let took = used.unwrap_or_else(|| begin.elapsed().as_secs_f64());
        seconds.push(took.to_string());
    }
    println!("{}", seconds.join(" "));
    if let [path] = states {
        let (start, stop) = (start.parse::<u32>()?, stop.parse::<u32>()?);
        std::fs::write(path, written(&model, &wanted, start, stop)?)?;
    }
    Ok(())
}

/// What the threads of this process have used of the processors, if the system says so.
fn processor_seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds * 1e-9)
}

/// Every species at every whole day.
fn written(
    model: &Model,
    wanted: &[Request<'_>],
    start: u32,
    stop: u32,
) -> Result<String, Box<dyn Error>> {
    let names: Vec<&String> = model.declaration.species.keys().collect();
    let mut readings = Vec::new();
    for day in start..=stop {
        readings.extend(names.iter().map(|name| Reading::Value {
            name: (*name).clone(),
            age: f64::from(day),
        }));
    }
    let mut text = String::from("animal\tage");
    for name in &names {
        write!(text, "\t{name}")?;
    }
    text.push('\n');
    for (animal, life) in simulate_all(wanted, &Inquiry { readings })?
        .iter()
        .enumerate()
    {
        let values: Option<Vec<f64>> = life.readings.iter().map(|it| it.clone().ok()).collect();
        for (day, values) in values
            .iter()
            .flat_map(|it| it.chunks(names.len()))
            .enumerate()
        {
            write!(
                text,
                "{animal}\t{}",
                f64::from(start) + f64::from(u32::try_from(day)?)
            )?;
            for value in values {
                write!(text, "\t{value:?}")?;
            }
            text.push('\n');
        }
    }
    Ok(text)
}
