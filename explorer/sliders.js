// Parameters of the model on their declared ranges, on the scale of their prior, with the prior as a shade.

const SLIDER_STEPS = 1000;
const MOST_LISTED = 60;

function isLogarithmic(parameter) {
  return parameter.prior === "lognormal" || parameter.prior === "loguniform";
}

function scaleOf(parameter) {
  const [low, high] = parameter.range;
  const forth = isLogarithmic(parameter) ? Math.log
    : parameter.prior === "logitnormal" ? (value) => Math.log(value / (1 - value)) : (value) => value;
  const back = isLogarithmic(parameter) ? Math.exp
    : parameter.prior === "logitnormal" ? (value) => 1 / (1 + Math.exp(-value)) : (value) => value;
  const [from, to] = [forth(low), forth(high)];
  return {
    place: (value) => Math.round(SLIDER_STEPS * (forth(Math.min(Math.max(value, low), high)) - from) / (to - from || 1)),
    value: (place) => {
      if (place <= 0) return low;
      if (place >= SLIDER_STEPS) return high;
      return Number(back(from + (place / SLIDER_STEPS) * (to - from)).toPrecision(4));
    },
  };
}

// Normal priors have their centre in the middle of the range and its ends two standard deviations away.
function priorShade(parameter) {
  const even = parameter.prior === "uniform" || parameter.prior === "loguniform";
  if (parameter.prior === "fixed") return null;
  const points = [];
  for (let at = 0; at <= 40; at += 1) {
    const deviation = (at / 40) * 4 - 2;
    const height = even ? 0.6 : Math.exp(-0.5 * deviation * deviation);
    points.push(`${(at * 5).toFixed(0)} ${(24 - 22 * height).toFixed(1)}`);
  }
  return draw("svg", { class: "prior", viewBox: "0 0 200 24", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("path", { d: `M0 24L${points.join("L")}L200 24Z` }));
}

function sliderRow(id) {
  const parameter = state.model.parameters[id];
  const scale = scaleOf(parameter);
  const before = presetValue(id);
  const own = state.model.subjects[state.tree.subject?.preset]?.parameters[id];
  const assumed = own ? own.assumed : parameter.assumed;
  const value = chosenValue(id) ?? before;
  const unit = unitOf(parameter.unit);
  const output = make("output", {}, withUnit(value, parameter.unit));
  const input = make("input", {
    type: "range", min: 0, max: SLIDER_STEPS, step: 1, value: scale.place(value),
    "aria-label": `${pretty(id)}${unit === "" ? "" : `, ${unit}`}`, "aria-valuetext": withUnit(value, parameter.unit), "data-parameter": id,
  });
  const reset = make("button", { type: "button", class: "quiet", hidden: chosenValue(id) === null, "aria-label": `Back to the preset: ${pretty(id)}` }, "Reset");
  const show = (number, changed) => {
    output.textContent = withUnit(number, parameter.unit);
    input.setAttribute("aria-valuetext", output.textContent);
    reset.hidden = !changed;
    row.classList.toggle("changed", changed);
  };
  input.addEventListener("input", () => {
    const number = scale.value(Number(input.value));
    chooseValue(id, number);
    show(number, true);
    changedScenario();
  });
  reset.addEventListener("click", () => {
    chooseValue(id, null);
    input.value = scale.place(before);
    show(before, false);
    input.focus();
    changedScenario();
  });
  const mark = make("span", { class: "preset-mark", "aria-hidden": "true" });
  mark.style.left = `${(100 * scale.place(before)) / SLIDER_STEPS}%`;
  const row = make("div", { class: "slider" },
    make("div", { class: "slider-head" },
      make("button", { type: "button", class: "name", onclick: () => showEntry(`parameter.${id}`) }, pretty(id)),
      assumed ? make("span", { class: "badge", title: assumed }, "assumed") : null, output),
    make("div", { class: "track" }, priorShade(parameter), mark, input),
    make("div", { class: "slider-foot" },
      make("span", {}, short(parameter.range[0])), make("span", { class: "says" }, parameter.says), make("span", {}, short(parameter.range[1]))),
    reset);
  row.classList.toggle("changed", chosenValue(id) !== null);
  return row;
}

function compartment(id) {
  return pretty(state.model.parameters[id].file.replace(/^.*\//, "").replace(/\.toml$/, ""));
}

// The parameters that a search finds: what acts, has a range, and holds every word.
function foundParameters() {
  const words = find("search").value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const only = find("only").value;
  return Object.entries(state.model.parameters).filter(([id, parameter]) => {
    if (!parameter.range || parameter.prior === "fixed" || parameter.role !== "property") return false;
    const changed = chosenValue(id) !== null;
    if (!state.acting.has(id) && !changed) return false;
    if (only === "changed" && !changed) return false;
    if (only === "assumed" && !parameter.assumed) return false;
    if (only === "evidence" && parameter.evidence.length === 0) return false;
    const text = `${id.replace(/_/g, " ")} ${id} ${parameter.says} ${parameter.evidence.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }).map(([id]) => id);
}

function drawSliders() {
  const found = foundParameters();
  const searching = find("search").value.trim() !== "" || find("only").value !== "all";
  find("found").textContent = `${found.length} parameters`;
  if (searching) {
    put(find("sliders"), found.slice(0, MOST_LISTED).map(sliderRow),
      found.length > MOST_LISTED ? make("p", { class: "hint" }, `and ${found.length - MOST_LISTED} more: search for less`) : null);
    return;
  }
  const groups = new Map();
  for (const id of found) {
    const name = compartment(id);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(id);
  }
  const open = new Set([...find("sliders").querySelectorAll("details[open]")].map((it) => it.dataset.group));
  put(find("sliders"), [...groups].map(([name, ids]) => {
    const changed = ids.filter((id) => chosenValue(id) !== null).length;
    const content = make("div", {});
    const group = make("details", { "data-group": name, open: open.has(name) },
      make("summary", {}, name, make("span", { class: "count" }, changed === 0 ? `${ids.length}` : `${changed} of ${ids.length} changed`)), content);
    const filled = () => { if (group.open && content.childElementCount === 0) put(content, ids.map(sliderRow)); };
    group.addEventListener("toggle", filled);
    filled();
    return group;
  }));
}
