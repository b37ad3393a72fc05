//! Output folders: what is replaced, what is refused, what survives trouble.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Call, Place, fixtures};

#[test]
fn only_an_earlier_run_of_the_same_identity_is_replaced() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug, "-o", "here"]).expect(0);
    place
        .call(&["run", &drug, "-o", "here", "--set", "simulation.stop=90 d"])
        .expect(0);
    assert!(place.text("here/scenario.toml").contains("stop = \"90 d\""));
    let before = place.files("here");
    let other = place.scenario("other.toml", &[]);
    place
        .call(&["run", &other, "-o", "here"])
        .expect(4)
        .says("it is a run of `gutbrain run drug`");
    std::fs::write(place.path("here/notes.txt"), "mine").unwrap();
    place
        .call(&["run", &drug, "-o", "here"])
        .expect(4)
        .says("notes.txt");
    std::fs::remove_file(place.path("here/notes.txt")).unwrap();
    assert_eq!(place.files("here"), before);
    std::fs::create_dir(place.path("foreign")).unwrap();
    std::fs::write(place.path("foreign/thesis.tex"), "mine").unwrap();
    place
        .call(&["run", &drug, "-o", "foreign"])
        .expect(4)
        .says("--force");
    assert_eq!(place.text("foreign/thesis.tex"), "mine");
    place
        .call(&["run", &drug, "-o", "foreign", "--force"])
        .expect(0);
    assert!(!place.path("foreign/thesis.tex").exists());
    std::fs::create_dir(place.path("empty")).unwrap();
    place.call(&["run", &drug, "-o", "empty"]).expect(0);
}

#[test]
fn bad_places_are_refused_before_anything_is_run() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    std::fs::write(place.path("file"), "mine").unwrap();
    for target in ["file", "file/below"] {
        place
            .call(&["run", &drug, "-o", target])
            .expect(4)
            .says("--output");
        place
            .call(&["run", &drug, "-o", target, "--force"])
            .expect(4);
    }
    assert_eq!(place.text("file"), "mine");
    for target in [".", "..", "/"] {
        place
            .call(&["run", &drug, "-o", target, "--force"])
            .expect(4)
            .says("never replaced");
    }
    place.call(&["run", &drug, "-o", "/proc/nowhere"]).expect(4);
    assert_eq!(place.names(""), ["drug.toml", "file"]);
}

#[test]
fn a_full_disk_leaves_the_earlier_run() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug]).expect(0);
    let before = place.files("outputs/drug");
    // A limit on the size of files is what a test can set; the system then refuses as a full disk does.
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; exec '{}' run {drug} --format csv --model '{}'",
        env!("CARGO_BIN_EXE_gutbrain"),
        fixtures().join("model").display()
    );
    let mut command = Command::new("bash");
    command.current_dir(place.path("")).arg("-c").arg(script);
    Call::of(command.output().unwrap())
        .expect(4)
        .says("cannot write");
    assert_eq!(place.files("outputs/drug"), before);
    assert_eq!(place.names("outputs"), ["drug"]);
}

#[test]
fn what_a_kill_left_is_recovered_by_the_next_start() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place.call(&["run", &drug]).expect(0);
    let before = place.results("outputs/drug");
    // Killed while writing.
    std::fs::create_dir_all(place.path("outputs/.drug.partial/figures")).unwrap();
    std::fs::write(
        place.path("outputs/.drug.partial/manifest.json"),
        "{ \"prog",
    )
    .unwrap();
    std::fs::write(place.path("outputs/.drug.partial/summary.json"), "{").unwrap();
    place.call(&["run", &drug]).expect(0);
    assert_eq!(place.results("outputs/drug"), before);
    // Killed between two renames, where folders cannot be exchanged in one step.
    std::fs::rename(
        place.path("outputs/drug"),
        place.path("outputs/.drug.replaced"),
    )
    .unwrap();
    place.call(&["run", &drug]).expect(0);
    assert_eq!(place.results("outputs/drug"), before);
    assert_eq!(place.names("outputs"), ["drug"]);
    // A folder of that name which no run left is not removed.
    std::fs::create_dir(place.path("outputs/.drug.partial")).unwrap();
    std::fs::write(place.path("outputs/.drug.partial/diary"), "mine").unwrap();
    place.call(&["run", &drug]).expect(4).says(".drug.partial");
    assert_eq!(place.text("outputs/.drug.partial/diary"), "mine");
}

#[test]
fn an_interrupt_ends_with_130_and_the_next_run_goes_through() {
    let place = Place::new();
    let mut text = std::fs::read_to_string(fixtures().join("scenarios/drug.toml")).unwrap();
    let short = place.scenario("long.toml", &[]);
    place.call(&["run", &short]).expect(0);
    let before = place.files("outputs/long");
    // Enough arms to be busy for a while.
    for arm in 0..30_000 {
        text.push_str(&format!(
            "[[arm]]\nname = \"a{arm}\"\n[[arm.perturbation]]\ntarget = \"species.drug\"\n\
             action = \"set\"\nvalue = \"{} mM\"\n",
            f64::from(arm) / 100.0
        ));
    }
    std::fs::write(place.path("long.toml"), text).unwrap();
    let mut command = place.command();
    command.args(["run", "long.toml", "--set", "solver.rtol=1e-13", "--model"]);
    command.arg(fixtures().join("model"));
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The folder appears before the work begins.
    let partial = place.path("outputs/.long.partial");
    for _ in 0..600 {
        if partial.exists() || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(partial.exists(), "no folder before the work");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let call = Call::of(child.wait_with_output().unwrap());
    call.expect(130).says("interrupted");
    assert_eq!(place.files("outputs/long"), before);
    place.scenario("long.toml", &[]);
    place.call(&["run", "long.toml"]).expect(0);
    assert_eq!(place.names("outputs"), ["long"]);
}

#[test]
fn plot_refuses_what_is_no_run_or_was_changed() {
    let place = Place::new();
    let drug = place.scenario("drug.toml", &[]);
    place
        .call(&["plot", "nowhere"])
        .expect(2)
        .says("not a complete run folder");
    place.call(&["run", &drug]).expect(0);
    let path = place.path("outputs/drug/endpoints.csv");
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("93.", "83.");
    std::fs::write(&path, text).unwrap();
    place
        .call(&["plot", "outputs/drug"])
        .expect(2)
        .says("was changed after the run");
}
