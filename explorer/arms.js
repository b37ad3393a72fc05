// Arms and what is done to them.

function quantity(text) {
  const number = Number.parseFloat(text);
  return Number.isFinite(number) ? number : null;
}

function changedScenario() {
  tell("scenario");
}

// Days without their unit; what follows the animal, as in "onset + 7 d", as it is written.
function shownTime(text) {
  const plain = String(text).match(/^\s*([0-9.]+)\s*d\s*$/);
  return plain ? plain[1] : String(text);
}

function writtenTime(text) {
  const words = text.trim();
  return /^[0-9.]+$/.test(words) ? `${words} d` : words;
}

function field(label, input) {
  return make("label", { class: "field" }, make("span", {}, label), input);
}

function doseRow(arm, intervention, remove) {
  const known = state.model.interventions;
  const declared = known[intervention.kind];
  const unit = () => unitOf(known[intervention.kind]?.unit ?? "");
  const kind = make("select", {}, Object.keys(known).map((word) =>
    make("option", { value: word, selected: word === intervention.kind }, pretty(word.replace(/-/g, " ")))));
  const dose = make("input", { type: "number", step: "any", min: 0, value: quantity(String(intervention.dose)) ?? "" });
  const doseLabel = make("span", {}, `dose${unit() === "" ? "" : `, ${unit()}`}`);
  const time = (text, otherwise) => make("input", { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", placeholder: otherwise, value: shownTime(text) });
  const start = time(intervention.start ?? (intervention.at ? "" : state.tree.simulation.start), "as in the text");
  const stop = time(intervention.stop ?? "", intervention.lasts ? `after ${intervention.lasts}` : "end");
  kind.addEventListener("change", () => {
    intervention.kind = kind.value;
    const range = known[kind.value].studied;
    const number = range ? range[1] : 1;
    intervention.dose = unit() === "" ? number : `${number} ${unit()}`;
    tell("scenario");
    drawArms();
  });
  dose.addEventListener("input", () => {
    const number = quantity(dose.value);
    if (number === null) return;
    intervention.dose = unit() === "" ? number : `${number} ${unit()}`;
    changedScenario();
  });
  start.addEventListener("change", () => {
    if (start.value.trim() === "") return;
    intervention.start = writtenTime(start.value);
    changedScenario();
  });
  stop.addEventListener("change", () => {
    if (stop.value.trim() === "") delete intervention.stop;
    else intervention.stop = writtenTime(stop.value);
    changedScenario();
  });
  const studied = declared?.studied;
  const others = ["at", "lasts", "repeat", "steps"].filter((key) => intervention[key] !== undefined);
  return make("div", { class: "done" },
    field("what", kind),
    make("div", { class: "three" },
      make("label", { class: "field" }, doseLabel, dose), field("from, d", start), field("to, d", stop)),
    make("p", { class: "hint" }, `${(declared?.says ?? "").replace(/[.]$/, "")}.`,
      studied ? ` Studied: ${short(studied[0])}${studied[0] === studied[1] ? "" : ` to ${short(studied[1])}`}${unit() === "" ? "" : ` ${unit()}`}.` : ""),
    others.length === 0 ? null : make("p", { class: "hint" }, `Also given: ${others.join(", ")}, in the text below.`),
    make("button", { type: "button", class: "quiet", onclick: remove }, "Remove"));
}

function armBox(arm, place) {
  const name = make("input", { type: "text", value: arm.name ?? "", maxlength: 80, "aria-label": `Name of arm ${place + 1}` });
  name.addEventListener("change", () => {
    arm.name = name.value;
    changedScenario();
  });
  const interventions = arm.intervention ?? [];
  const others = arm.perturbation ?? [];
  return make("fieldset", { class: "arm" },
    make("legend", {}, swatch(place), place === 0 ? "First arm, the reference" : `Arm ${place + 1}`),
    name,
    interventions.map((intervention, at) => doseRow(arm, intervention, () => {
      interventions.splice(at, 1);
      if (interventions.length === 0) delete arm.intervention;
      drawArms();
      changedScenario();
    })),
    others.length === 0 ? null : make("p", { class: "hint" },
      `Also changed: ${others.map((it) => `${it.target} ${it.action}${it.value === undefined ? "" : ` ${it.value}`}`).join("; ")}. Edit these in the text below.`),
    make("div", { class: "row" },
      make("button", { type: "button", class: "quiet", onclick: () => {
        arm.intervention = [...interventions, { kind: "butyrate-water", dose: "2 %", start: "38 d" }];
        if (!("butyrate-water" in state.model.interventions)) {
          const [first] = Object.keys(state.model.interventions);
          arm.intervention.at(-1).kind = first;
        }
        drawArms();
        changedScenario();
      } }, "Add an intervention"),
      arms().length < 2 ? null : make("button", { type: "button", class: "quiet", onclick: () => {
        arms().splice(place, 1);
        drawArms();
        changedScenario();
      } }, "Remove the arm")));
}

function addArm() {
  const names = new Set(arms().map((arm) => arm.name));
  let number = arms().length + 1;
  while (names.has(`arm ${number}`)) number += 1;
  const last = arms().at(-1);
  arms().push({ ...structuredClone(last), name: `arm ${number}` });
  drawArms();
  changedScenario();
  find("arms").lastElementChild.querySelector("input").focus();
}

function drawArms() {
  put(find("arms"), arms().map((arm, place) => armBox(arm, place)));
}
