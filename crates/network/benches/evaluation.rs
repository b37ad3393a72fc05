//! Time of one derivative, one Jacobian and one reading of the shipped model.

use std::hint::black_box;
use std::path::Path;

use gutbrain_native::{InstructionSet, Kernel};
use gutbrain_network::{Color, Declaration, Edits, Network, Prepared, PreparedLanes, Source};
use gutbrain_numbers::{Lanes, Real};

/// Nanoseconds of one call, best of many short rounds: the machine may be busy.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn nanoseconds(calls: u32, mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..(20_000 / calls).clamp(20, 400) {
        let start = std::time::Instant::now();
        for _ in 0..calls {
            call();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
    }
    best
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads its own files")]
fn model_files() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../model");
    let mut files = Vec::new();
    for part in ["", "families/", "subjects/", "evidence/"] {
        for entry in std::fs::read_dir(folder.join(part)).expect("the model folder") {
            let path = entry.expect("an entry of the model folder").path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                let text = std::fs::read_to_string(&path).expect("a model file");
                let name = path.file_name().expect("a file name").to_string_lossy();
                files.push(Source::new(format!("model/{part}{name}"), text));
            }
        }
    }
    files
}

#[expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]
fn main() {
    let files = model_files();
    let declaration = match Declaration::read(&files) {
        Ok(declaration) => declaration,
        Err(faults) => {
            println!("{}", faults.render(Color::Never));
            return;
        }
    };
    let network = declaration.compile(&Edits::default()).expect("no edits");
    let mut parameters = network.parameter_values();
    for index in &network.resting {
        parameters[*index] = 1.0;
    }
    let state: Vec<f64> = network
        .species
        .iter()
        .map(|species| 0.7 * species.scale)
        .collect();
    let (row_starts, columns) = network.jacobian_pattern();
    println!(
        "{} species, {} processes, {} parameters, {} Jacobian entries, {:?} operations",
        row_starts.len() - 1,
        network.processes.len(),
        network.parameters.len(),
        columns.len(),
        network.operations(),
    );
    let read = nanoseconds(1, || {
        black_box(Declaration::read(black_box(&files)).is_ok());
    });
    let compile = nanoseconds(1, || {
        black_box(declaration.compile(&Edits::default()).is_ok());
    });
    println!("read {:.1} ms, compile {:.1} ms", read / 1e6, compile / 1e6);
    let mut prepared = network.prepare(&parameters);
    let mut out = vec![0.0; state.len()];
    let mut values = vec![0.0; columns.len()];
    let derivative = nanoseconds(100, || {
        network.derivative(&mut prepared, black_box(&state), &mut out);
        black_box(&out);
    });
    let jacobian = nanoseconds(100, || {
        network.jacobian(&mut prepared, black_box(&state), &mut values);
        black_box(&values);
    });
    println!("scalar: derivative {derivative:.0} ns, Jacobian {jacobian:.0} ns");
    let lanes =
        |values: &[f64]| -> Vec<Lanes<8>> { values.iter().map(|v| Lanes::from_f64(*v)).collect() };
    let subject = network.prepare(&parameters);
    let wide_state = lanes(&state);
    let mut wide_out = wide_state.clone();
    let mut wide_values = lanes(&values);
    let mut tape = network.prepare(&lanes(&parameters));
    for set in InstructionSet::available() {
        let derivative = nanoseconds(100, || {
            set.run(ByTape {
                network: &network,
                prepared: &mut tape,
                state: black_box(&wide_state),
                out: &mut wide_out,
            });
            black_box(&wide_out);
        });
        let mut wide = network.prepare_lanes::<8>(set);
        for lane in 0..8 {
            network.load_lane(&mut wide, lane, &subject);
        }
        let mut native = |what, out: &mut [Lanes<8>]| {
            nanoseconds(100, || {
                set.run(Native {
                    network: &network,
                    prepared: &mut wide,
                    state: black_box(&wide_state),
                    what,
                    out,
                });
                black_box(&out);
            })
        };
        println!(
            "8 lanes, {}: derivative {derivative:.0} ns by the tape, {:.0} ns as machine code; Jacobian {:.0} ns as machine code",
            set.name(),
            native(What::Derivative, &mut wide_out),
            native(What::Jacobian, &mut wide_values),
        );
    }
}

/// A derivative by the program, compiled for an instruction set. No closure: it would not be.
struct ByTape<'a> {
    network: &'a Network,
    prepared: &'a mut Prepared<Lanes<8>>,
    state: &'a [Lanes<8>],
    out: &'a mut [Lanes<8>],
}

impl Kernel for ByTape<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.network.derivative(self.prepared, self.state, self.out);
    }
}

#[derive(Clone, Copy)]
enum What {
    Derivative,
    Jacobian,
}

/// A derivative or a Jacobian as machine code where there is some.
struct Native<'a> {
    network: &'a Network,
    prepared: &'a mut PreparedLanes<8>,
    state: &'a [Lanes<8>],
    what: What,
    out: &'a mut [Lanes<8>],
}

impl Kernel for Native<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (network, prepared) = (self.network, self.prepared);
        match self.what {
            What::Derivative => network.derivative_of_lanes(prepared, self.state, self.out),
            What::Jacobian => network.jacobian_of_lanes(prepared, self.state, self.out),
        }
    }
}
