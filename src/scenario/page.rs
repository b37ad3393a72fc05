//! The page of the documentation about scenario files, read from the registry of keys.
//!
//! `docs/scenario.md` is this text; a test compares both.

use std::fmt::Write as _;

use gutbrain_network::declaration::Family;

use super::keys::{self, Default, KEYS, Key, Kind};

const BEGINNING: &str = "\
# Scenario files

An experiment is one TOML file: a subject, a span of life, and arms that differ by what is done.
This page is generated from the registry of keys that the program itself reads
(`gutbrain schema` prints the same as a JSON Schema for editors); a test keeps it up to date.

Every quantity is a text with a unit, as in `\"2 %\"`, `\"38 d\"` or `\"0.5 1/h\"`, or a bare number
where the unit is dimensionless. Times are ages. An unknown key, an unknown name, a unit that does
not fit or times out of order are errors: all of them are reported at once, with file and line, and
nothing is run.

## Changes over time

Windows are half-open: `start` belongs to them, `stop` does not. Where windows on one target overlap
they apply in the order set (and off), scale, add; of several that set it the one opened last holds.
At one instant windows close, then open, then impulses act, then the output is read. A zero dose, a
factor of 1 and an addition of 0 add no switch at all: such an arm equals an untouched one bit for
bit.

Times that follow the animal: where an age stands, so can what the animal goes through, with a length of
time after it: `start = \"onset\"`, `stop = \"onset + 14 d\"`. The words are the endpoints of the family of the
model and its events, but those that end the life. Every animal has its own age there, found by the solver
and not read off a grid; the first time counts. What never happens opens no window and closes none, and the
result says for how many animals that was so. A window that would close before it opens never opens. What is
to follow an instant at which something is done already follows 2·10⁻⁹ d later.

Doses: `at = [\"60 d\", \"onset\"]` gives something at each of these times (`lasts` says how long each of them
is), `repeat` again and again, `times` in all or `until` an age; `steps = [{ at = \"38 d\", dose = \"0.5 %\" }, …]` raises
a dose: each step holds until the next one begins. Impulses that come together add; windows of one
intervention that overlap are refused.

| on | set | scale | add | off |
|---|---|---|---|---|
| parameter | takes the value | times the value | plus the value | refused |
| process | its rate is the value | its rate times the value | its rate plus the value | its rate is 0 |
| modulator | its factor is the value | its distance from 1 times the value | its factor plus the value | its factor is 1 |
| species, with `stop` | held at the value | refused | gains the value per time | refused |
| species, without `stop` | once | once | once | refused |

## Own data

`[[data]]` names a file of measurements or of survival, CSV or Parquet, with a header line:

```toml
[[data]]
file = \"il17.csv\"        # time,group,mean,sem,n
observable = \"il17\"
unit = \"pg/ml\"
```

Columns are recognised by the names that the table below lists, in any capitals; `columns = { value = \"IL-17\" }`
names one that is called otherwise. A cell that is no number, a unit that does not fit, an unknown name and an
age that is not simulated are errors with file, line and column. Data change nothing that is simulated: the
folder of a run has what was compared (`data.csv`), its `scenario.toml` leaves `[[data]]` out, and the manifest
has the SHA-256 of the files. The files themselves stay where they are.

A spread is `sd` (between animals), `sem` (of the mean), `ci95` (half the width of the 95 % interval of the mean) or,
with `spread = \"assay\"`, the noise that the model declares for the assay. Residuals are counted in the standard
deviation of the value: `sd` and `assay` over √n where the row says `n`, the `sem`, or the half interval divided by
1.96; of proportions and counts in the signed root of their deviance. A row without a spread has no residual. The same
counts in fits ([calibrating.md](calibrating.md)).

## On the command line

`--set NAME=VALUE` changes one value: a dotted path (`solver.rtol=1e-8`, `arm.ARM.dose=\"1 %\"`,
`arm.ARM.intervention.NAME.start=\"60 d\"`, `arm.knock-out.perturbation.1.value=0.5`),
a parameter for the whole life (`PARAMETER=\"0.5 1/day\"`), or a switch
(`process.NAME.enabled=false`). Elements of a list go by their name, kind or target, or by number
from 1. `--seed N` wins over the file, `--arm NAME` keeps one arm and may be repeated.

## Keys
";

/// The whole page as Markdown; words that a model declares are those of `family`.
#[must_use]
pub fn markdown(family: &Family) -> String {
    let mut out = String::from(BEGINNING);
    write_table(&mut out, "", "At the top of the file", family);
    for key in KEYS
        .iter()
        .filter(|key| matches!(key.kind, Kind::Table | Kind::Tables))
    {
        let heading = match key.kind {
            Kind::Table => format!("`[{}]`", key.path),
            _ => format!("`[[{}]]`", key.path),
        };
        write_table(&mut out, key.path, &heading, family);
    }
    out
}

fn write_table(out: &mut String, path: &str, heading: &str, family: &Family) {
    let _ = write!(
        out,
        "\n### {heading}\n\n| key | takes | if not given | |\n|---|---|---|---|\n"
    );
    for key in keys::keys_of(path) {
        let default = match key.default {
            Default::Required => "must be given".to_owned(),
            Default::RequiredUnless(other) => format!("must be given where `{other}` is not"),
            Default::Words(words) => words.to_owned(),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {default} | {} |",
            key.name(),
            takes(key, family),
            key.says
        );
    }
}

fn takes(key: &Key, family: &Family) -> String {
    match key.kind {
        Kind::Text => "a text".to_owned(),
        Kind::Whole => "a whole number".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Age => "an age".to_owned(),
        Kind::Moment => "an age or an event".to_owned(),
        Kind::Moments => "a list of ages and events".to_owned(),
        Kind::Stop => "an age, an event or `\"end\"`".to_owned(),
        Kind::Duration => "a length of time".to_owned(),
        Kind::Ages => "a list of ages".to_owned(),
        Kind::Quantity => "a quantity".to_owned(),
        Kind::Words(_) | Kind::Method | Kind::Figure | Kind::Survival => {
            let words = keys::words(key.kind, family);
            words
                .iter()
                .map(|word| format!("`\"{word}\"`"))
                .collect::<Vec<_>>()
                .join(", ")
        }
        Kind::Truth => "`true` or `false`".to_owned(),
        Kind::Wholes => "a list of whole numbers".to_owned(),
        Kind::Names => "a list of names".to_owned(),
        Kind::Values => "a list of quantities, words or truth values".to_owned(),
        Kind::Parameters => "names and quantities".to_owned(),
        Kind::Colours => "names of arms and colours such as `\"#0072b2\"`".to_owned(),
        Kind::Paths => "a path or a list of paths".to_owned(),
        Kind::Table => "a table, below".to_owned(),
        Kind::Tables => "tables, below".to_owned(),
    }
}
