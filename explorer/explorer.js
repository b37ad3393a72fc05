// The page as a whole: starts the answers, runs what changes, shows what comes back.

const running = { busy: false, again: false, ghostTree: null, addressTimer: 0, since: 0 };

function showFaults(fault) {
  const box = find("faults");
  const faults = fault.faults ?? [];
  put(box, faults.length > 0
    ? [make("p", {}, "The scenario cannot be run:"), make("ul", {}, faults.map((it) => make("li", {}, it.message, it.label ? ` (${it.label})` : "", it.help ? make("span", { class: "hint" }, ` ${it.help}`) : null)))]
    : make("p", {}, fault.message));
  box.hidden = false;
  document.body.dataset.state = "fault";
}

function clearFaults() {
  find("faults").hidden = true;
  put(find("faults"));
}

async function runScenario() {
  if (running.busy) {
    running.again = true;
    return;
  }
  running.busy = true;
  document.body.dataset.state = "running";
  try {
    do {
      running.again = false;
      const began = running.since || performance.now();
      running.since = 0;
      const result = await ask({ do: "run", scenario: state.tree, show: state.show });
      state.result = { ...result, show: [...state.show], stop: lastShown(result) };
      const changed = running.ghostTree !== null && state.ghost !== null && state.ghost.text !== result.text;
      const ghost = state.ghost;
      if (!changed) state.ghost = null;
      clearFaults();
      tell("result");
      state.ghost = ghost;
      const spent = performance.now() - began;
      find("spent").textContent = `${result.arms.length} ${result.arms.length === 1 ? "arm" : "arms"}, simulated from birth and drawn in ${spent.toFixed(0)} ms`;
      document.body.dataset.milliseconds = spent.toFixed(2);
      document.body.dataset.runs = String(Number(document.body.dataset.runs ?? 0) + 1);
    } while (running.again);
    document.body.dataset.state = "ready";
  } catch (fault) {
    showFaults(fault);
  } finally {
    running.busy = false;
    if (running.again) runScenario();
  }
}

// Where every arm has died no axis goes on for long after.
function lastShown(result) {
  if (result.arms.some((arm) => arm.death === null)) return result.stop;
  const last = Math.max(...result.arms.map((arm) => arm.death), ...(state.ghost?.arms ?? []).map((arm) => arm.death ?? result.stop));
  return Math.min(result.stop, Math.max(result.start + 10, Math.ceil((last + 4) / 10) * 10));
}

async function setGhost() {
  running.ghostTree = structuredClone(state.tree);
  const result = await ask({ do: "run", scenario: running.ghostTree, show: state.show });
  state.ghost = { ...result, show: [...state.show] };
}

function headline() {
  const [first, ...others] = state.result.arms;
  const onset = state.hello.onset;
  const of = (arm) => {
    if (arm.failed) return `failed: ${arm.failed}`;
    const end = arm.death === null ? `alive at ${short(arm.last)} d` : `dies at ${days(arm.death)}`;
    return `${arm.onset === null ? `no ${onset}` : `${onset} at ${days(arm.onset)}`}, ${end}`;
  };
  const gain = (arm) => {
    if (arm.failed || first.failed) return null;
    if (arm.death === null || first.death === null) return null;
    const life = arm.death - first.death;
    if (Math.abs(life) < 0.05) return "no gain of life";
    return `${Math.abs(life).toFixed(1)} d ${life > 0 ? "longer" : "shorter"} life`;
  };
  return make("ul", { class: "arms-line" }, [first, ...others].map((arm, place) => make("li", {},
    swatch(place), make("span", { class: "arm-name" }, arm.name), make("span", { class: "ends" }, of(arm)),
    place === 0 || gain(arm) === null ? null : make("strong", {}, gain(arm)))));
}

function showResult() {
  const { result } = state;
  put(find("title"), result.title);
  put(find("headline"), headline());
  const rows = cellsOf(result.endpoints);
  const [head] = rows;
  const kept = head.map((name, place) => place).filter((place) =>
    !["subject", "sex"].includes(head[place]) && !(head[place] === "reason" && rows.slice(1).every((row) => row[place] === "")));
  const words = (name) => name.replace(/_d$/, ", d").replace(/_/g, " ");
  put(find("endpoints"), tableOf("Endpoints to the last digit, as endpoints.csv has them; ages in days",
    rows.map((row, at) => kept.map((place) => (at === 0 ? words(row[place]) : row[place]))), "endpoints"));
  find("endpoints").dataset.csv = result.endpoints;
  put(find("remarks"), [...result.warnings, ...result.remarks].map((words) => make("li", {}, words)));
  drawPanels();
  if (document.activeElement !== find("text")) {
    find("text").value = result.text;
    find("text").dataset.clean = result.text;
  }
  clearTimeout(running.addressTimer);
  running.addressTimer = setTimeout(() => toAddress().catch(() => {}), 400);
}

function showGround() {
  const counts = state.assumptions;
  const all = counts.evidence + counts.both + counts.assumed;
  put(find("ground"), `Of ${all} parameters that act here ${counts.evidence} rest on evidence alone, ${counts.both} on evidence with an assumed size, `,
    make("strong", {}, `${counts.assumed} on assumptions alone`), ". The numbers are those of one animal, without an interval; a cohort with the posterior gives one.");
}

function fillFigures() {
  const figures = (state.tree.figure ?? []).filter((it) => !["survival", "events", "forest"].includes(it.kind));
  put(find("figure-choice"), figures.map((it) => make("option", { value: it.name ?? it.kind }, it.name ?? it.kind)));
  find("save-figure").disabled = figures.length === 0;
}

// Opens a scenario and makes it the baseline. What refuses leaves everything as it was.
async function open(question, preset) {
  const answer = await ask({ do: "open", ...question });
  state.tree = answer.tree;
  // Figures of the resolved text have names only where they were given.
  const seen = {};
  for (const figure of state.tree.figure ?? []) {
    seen[figure.kind] = (seen[figure.kind] ?? 0) + 1;
    figure.name ??= seen[figure.kind] === 1 ? figure.kind : `${figure.kind}-${seen[figure.kind]}`;
  }
  state.preset = preset;
  state.acting = new Set(answer.parameters);
  state.assumptions = answer.assumptions;
  state.bands = null;
  state.keptBands = null;
  find("show-bands").checked = false;
  find("show-bands").disabled = true;
  find("animals").value = state.tree.cohort?.subjects ?? 100;
  find("drawn").value = state.tree.cohort?.parameters ?? "preset";
  const says = state.hello.presets.find((it) => it.path === preset)?.says;
  put(find("says"), says ?? "A scenario of your own.");
  find("preset").value = preset;
  drawArms();
  drawSliders();
  showGround();
  fillFigures();
  state.ghost = null;
  running.ghostTree = structuredClone(state.tree);
  await runScenario();
  state.ghost = state.result;
}

async function openAndDraw(question, preset) {
  // What is chosen while the scenario is read stays open.
  find("map-and-entry").classList.remove("open");
  map.chosen = null;
  await open(question, preset);
  await drawMap();
}

function fillChoices() {
  const group = (label, presets) => make("optgroup", { label }, presets.map((it) =>
    make("option", { value: it.path }, pretty(it.path.replace(/^.*\//, "").replace(/\.toml$/, "").replace(/-/g, " ")))));
  const { presets } = state.hello;
  put(find("preset"), make("option", { value: "" }, "of your own"),
    group("Experiments", presets.filter((it) => !it.path.includes("/base/"))), group("Untreated animals", presets.filter((it) => it.path.includes("/base/"))));
  put(find("panels-choice"), state.hello.figures.map((it) => make("option", { value: it.word, title: it.says }, pretty(it.word.replace(/-/g, " ")))), make("option", { value: "" }, "chosen below"));
  const names = [...Object.keys(state.model.observables), ...Object.keys(state.model.species)].sort();
  put(find("variables"), names.map((id) => make("option", { value: id }, variable(id).label)));
}

async function showVariables(ids) {
  state.show = ids;
  if (running.ghostTree) {
    const result = await ask({ do: "run", scenario: running.ghostTree, show: state.show });
    state.ghost = { ...result, show: [...state.show] };
  }
  await runScenario();
}

async function applyText() {
  try {
    await openAndDraw({ text: find("text").value }, "");
    say("The text is the scenario now");
  } catch (fault) {
    showFaults(fault);
    find("faults").scrollIntoView({ block: "nearest" });
  }
}

async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    say(words);
  } catch {
    find("text").select();
    say("This browser does not let pages copy: the text is selected, copy it by keyboard");
  }
}

function asPython() {
  const text = state.result.text.replace(/\\/g, "\\\\").replace(/'''/g, "\\'\\'\\'");
  return `import gutbrain as gb\n\nrun = gb.run('''\n${text}''')\nprint(run.endpoints.to_csv())\n`;
}

async function saveFigure() {
  const name = find("figure-choice").value;
  try {
    const answer = await ask({ do: "figure", scenario: state.tree, name });
    save(`${name}.svg`, "image/svg+xml", answer.svg);
    say(`${name}.svg is saved`);
  } catch (fault) {
    showFaults(fault);
  }
}

async function saveTable(name) {
  try {
    const answer = await ask({ do: "table", scenario: state.tree, name });
    save(`${name}.csv`, "text/csv", answer.csv);
    say(`${name}.csv is saved`);
  } catch (fault) {
    showFaults(fault);
  }
}

function chooseTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function wire() {
  const press = (id, act) => find(id).addEventListener("click", () => Promise.resolve(act()).catch(showFaults));
  const change = (id, act) => find(id).addEventListener("change", () => Promise.resolve(act()).catch(showFaults));
  change("preset", () => (find("preset").value === "" ? null : openAndDraw({ name: find("preset").value }, find("preset").value)));
  change("theme", () => chooseTheme(find("theme").value));
  change("panels-choice", () => {
    const figure = state.hello.figures.find((it) => it.word === find("panels-choice").value);
    return figure ? showVariables([...figure.show]) : null;
  });
  change("variable", () => {
    const id = find("variable").value.trim();
    const known = id in state.model.observables || id in state.model.species;
    find("variable").value = "";
    if (!known || state.show.includes(id)) return null;
    find("panels-choice").value = "";
    return showVariables([...state.show, id]);
  });
  change("map-choice", () => {
    if (find("map-choice").value !== "") chooseNode(find("map-choice").value);
  });
  change("show-bands", toggleBands);
  find("search").addEventListener("input", drawSliders);
  find("only").addEventListener("change", drawSliders);
  press("add-arm", addArm);
  press("baseline", async () => {
    await setGhost();
    await runScenario();
    say("This is the baseline now");
  });
  press("start-again", () => (state.preset === "" ? null : openAndDraw({ name: state.preset }, state.preset)));
  press("apply", applyText);
  press("copy", () => copy(find("text").value, "The scenario is copied"));
  press("copy-python", () => copy(asPython(), "Copied as Python"));
  press("save-scenario", () => save(`${fileName(state.result.title)}.toml`, "text/plain", find("text").value));
  press("save-figure", saveFigure);
  press("save-trajectories", () => saveTable("trajectories"));
  press("save-endpoints", () => saveTable("endpoints"));
  press("share", async () => {
    await toAddress();
    await copy(location.href, "The address of this scenario is copied");
  });
  press("run-cohort", runCohort);
  press("save-survival", () => saveCohort("survival.svg"));
  press("save-survival-data", () => saveCohort("survival.csv"));
  press("save-cohort-endpoints", () => saveCohort("endpoints.csv"));
  press("entry-close", closeEntry);
  press("dialog-close", () => find("dialog").close());
  find("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) applyText();
  });
  window.addEventListener("hashchange", () => {
    fromAddress().then((found) => (found ? openAndDraw(found, found.name ?? "") : null)).catch(showFaults);
  });
  on("scenario", () => {
    running.since ||= performance.now();
    runScenario();
  });
  on("result", showResult);
}

async function begin() {
  try {
    await startAnswers();
    state.hello = await ask({ do: "hello" });
    state.model = await ask({ do: "model" });
    put(find("version"), `gutbrain ${state.hello.version}, model ${state.hello.model.slice(0, 8)}`);
    state.show = [...(state.hello.figures.find((it) => it.word === "axis")?.show ?? state.hello.summary)];
    fillChoices();
    wire();
    // On a narrow screen the result comes first.
    if (matchMedia("(max-width: 62rem)").matches) for (const fold of document.querySelectorAll(".fold")) fold.open = false;
    const usual = state.hello.presets.find((it) => it.path.endsWith("/butyrate-g93a.toml")) ?? state.hello.presets[0];
    let first = { name: usual.path };
    let refusal = null;
    try {
      first = (await fromAddress()) ?? first;
      await open(first, first.name ?? "");
    } catch (fault) {
      refusal = fault;
      await open({ name: usual.path }, usual.path);
    }
    if (refusal) showFaults(refusal);
    find("waiting").hidden = true;
    document.body.dataset.ready = performance.now().toFixed(0);
    await drawMap();
    document.body.dataset.complete = performance.now().toFixed(0);
  } catch (fault) {
    showFaults(fault);
    find("waiting").textContent = "The page could not start. It needs a browser that runs WebAssembly with SIMD: Chromium 91, Firefox 89, Safari 16.4 or later.";
  }
}

begin();
