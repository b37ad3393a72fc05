// What the page shows: the scenario as a tree, and everything that follows from it.

const state = {
  hello: null,        // version, presets, figures of the family
  model: null,        // everything that the model declares
  tree: null,         // the scenario, the JSON of its TOML
  preset: "",         // the shipped scenario it began as
  acting: new Set(),  // parameters that act in it
  assumptions: null,
  show: [],           // variables of the panels
  result: null,       // the last run
  ghost: null,        // the run that curves are compared with
  bands: null,        // spread of the last cohort
  listeners: { scenario: [], result: [] },
};

const LONGEST_SCENARIO = 1 << 20;

function on(what, act) {
  state.listeners[what].push(act);
}

function tell(what) {
  for (const act of state.listeners[what]) act();
}

function arms() {
  state.tree.arm ??= [{ name: "control" }];
  return state.tree.arm;
}

// The value of a parameter before the scenario changes it.
function presetValue(id) {
  const subject = state.model.subjects[state.tree.subject?.preset];
  const own = subject?.parameters[id];
  return own ? own.value : state.model.parameters[id].value;
}

function chosenValue(id) {
  const written = state.tree.subject?.parameters?.[id];
  if (written === undefined) return null;
  const value = typeof written === "number" ? written : Number.parseFloat(written);
  return Number.isFinite(value) ? value : null;
}

function chooseValue(id, value) {
  state.tree.subject ??= {};
  const chosen = { ...(state.tree.subject.parameters ?? {}) };
  if (value === null) delete chosen[id];
  else {
    const unit = unitOf(state.model.parameters[id].unit);
    chosen[id] = unit === "" ? value : `${value} ${unit}`;
  }
  if (Object.keys(chosen).length === 0) delete state.tree.subject.parameters;
  else state.tree.subject.parameters = chosen;
}

function isOff(entry) {
  return (state.tree.model?.disable ?? []).includes(entry);
}

function isOn(entry) {
  const [kind, id] = entry.split(".");
  const declared = kind === "process" ? state.model.processes[id] : state.model.modulators[id];
  if (isOff(entry)) return false;
  return declared.enabled || (state.tree.model?.enable ?? []).includes(entry);
}

function switchEntry(entry, on) {
  const [kind, id] = entry.split(".");
  const declared = kind === "process" ? state.model.processes[id] : state.model.modulators[id];
  const model = { ...(state.tree.model ?? {}) };
  const without = (list) => (list ?? []).filter((it) => it !== entry);
  model.disable = without(model.disable);
  model.enable = without(model.enable);
  if (declared.enabled && !on) model.disable.push(entry);
  if (!declared.enabled && on) model.enable.push(entry);
  if (model.disable.length === 0) delete model.disable;
  if (model.enable.length === 0) delete model.enable;
  if (Object.keys(model).length === 0) delete state.tree.model;
  else state.tree.model = model;
}

// The scenario in the address: compressed text behind `#s=`, or a shipped name behind `#p=`.
async function through(stream, bytes, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new Error("the address holds too much");
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function packed(text) {
  const bytes = new TextEncoder().encode(text);
  const small = await through(new CompressionStream("deflate-raw"), bytes, LONGEST_SCENARIO);
  let binary = "";
  for (const byte of small) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function unpacked(text) {
  const bytes = bytesOf(text.replace(/-/g, "+").replace(/_/g, "/"));
  const large = await through(new DecompressionStream("deflate-raw"), bytes, LONGEST_SCENARIO);
  return new TextDecoder("utf-8", { fatal: true }).decode(large);
}

// The scenario that the address names: `{ name }`, `{ text }`, or nothing.
async function fromAddress() {
  const fragment = location.hash.slice(1);
  if (fragment.startsWith("p=")) {
    const name = fragment.slice(2);
    const known = state.hello.presets.some((preset) => preset.path === name);
    if (!known) throw new Error("the address names no scenario of this program");
    return { name };
  }
  if (fragment.startsWith("s=")) return { text: await unpacked(fragment.slice(2)) };
  if (fragment === "" || document.getElementById(fragment)) return null;
  throw new Error("the address holds no scenario");
}

async function toAddress() {
  if (state.result === null) return;
  const fragment = `s=${await packed(state.result.text)}`;
  history.replaceState(null, "", `#${fragment}`);
}
