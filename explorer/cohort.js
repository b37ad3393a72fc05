// A cohort on demand: animals in pieces, survival as it comes, the spread as bands.

const cohort = { running: false, cancelled: false, answer: null, tree: null };
const ANIMALS_AT_ONCE = 8;
const BAND = ["q05", "q95"];

function survivalPicture(csv) {
  const rows = cellsOf(csv);
  const head = rows.shift() ?? [];
  const column = (name) => head.indexOf(name);
  const { width, height, left, right, top, bottom } = { ...FRAME, width: 640, height: 260 };
  const start = state.result.start;
  const stop = Math.max(...rows.map((row) => Number(row[column("time_d")])), state.result.stop);
  const x = (age) => left + ((Math.min(Math.max(age, start), stop) - start) / (stop - start)) * (width - left - right);
  const y = (share) => height - bottom - share * (height - top - bottom);
  const names = arms().map((arm) => arm.name);
  const curves = names.map((name, place) => {
    const steps = rows.filter((row) => row[column("arm")] === name);
    let path = `M${x(start)} ${y(1)}`;
    for (const step of steps) {
      path += `H${x(Number(step[column("time_d")])).toFixed(1)}V${y(Number(step[column("survival")])).toFixed(1)}`;
    }
    return draw("path", { class: `curve ${armClass(place)}`, "stroke-dasharray": DASHES[place % 8], d: path });
  });
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => [
    draw("line", { class: "grid", x1: left, x2: width - right, y1: y(share), y2: y(share) }),
    draw("text", { class: "tick", x: left - 5, y: y(share) + 3.5, "text-anchor": "end" }, `${100 * share} %`)]);
  const below = ticks(start, stop, 6).map((age) =>
    draw("text", { class: "tick", x: x(age), y: height - bottom + 14, "text-anchor": "middle" }, `${short(age)} d`));
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Share of animals alive over age, one curve for each arm; the table has the numbers" }, lines.flat(), below, curves);
}

function summaryTable(summary) {
  const rows = [["arm", "animals", "deaths seen", "median, d", "95 % interval", "restricted mean, d", "gain, d", "95 % interval"]];
  const number = (value) => (value === null || value === undefined ? "\u2013" : short(value));
  const between = (low, high) => (low === null || high === null || low === undefined || high === undefined ? "\u2013" : `${short(low)} to ${short(high)}`);
  for (const name of summary.arm_order) {
    const arm = summary.arms[name];
    const against = summary.comparisons.find((it) => it.arm === name);
    rows.push([name, String(arm.subjects), String(arm.events), number(arm.median_survival_d), between(arm.median_survival_lower_d, arm.median_survival_upper_d),
      number(arm.mean_survival_d), against ? number(against.rmst_difference_d) : "reference",
      against ? between(against.rmst_difference_lower_d, against.rmst_difference_upper_d) : ""]);
  }
  return tableOf("Survival of the cohort", rows, "cohort");
}

function keepBands(csv) {
  const rows = cellsOf(csv);
  const head = rows.shift() ?? [];
  const [arm, time, name] = ["arm", "time_d", "variable"].map((it) => head.indexOf(it));
  const [low, high] = BAND.map((it) => head.indexOf(it));
  state.bands = new Map();
  for (const row of rows) {
    const key = `${row[arm]}\n${row[name]}`;
    if (row[low] === "" || row[high] === "") continue;
    if (!state.bands.has(key)) state.bands.set(key, { times: [], low: [], high: [] });
    const band = state.bands.get(key);
    band.times.push(Number(row[time]));
    band.low.push(Number(row[low]));
    band.high.push(Number(row[high]));
  }
}

function cohortTree() {
  const tree = structuredClone(state.tree);
  tree.cohort = { ...(tree.cohort ?? {}), subjects: Math.max(1, Math.round(Number(find("animals").value) || 1)) };
  tree.cohort.parameters = find("drawn").value;
  const names = new Set((tree.figure ?? []).map((it) => it.kind));
  if (tree.figure && !names.has("survival")) tree.figure.push({ kind: "survival", name: "survival" });
  return tree;
}

async function runCohort() {
  if (cohort.running) {
    cohort.cancelled = true;
    return;
  }
  cohort.running = true;
  cohort.cancelled = false;
  find("run-cohort").textContent = "Stop";
  find("cohort-files").hidden = true;
  const bar = find("cohort-bar");
  const began = performance.now();
  try {
    cohort.tree = cohortTree();
    let answer = await ask({ do: "cohort", scenario: cohort.tree });
    bar.hidden = false;
    bar.max = answer.total;
    while (!answer.finished && !cohort.cancelled) {
      bar.value = answer.done;
      find("cohort-said").textContent = `${answer.done} of ${answer.total} animals in each of ${arms().length} arms`;
      put(find("survival"), survivalPicture(answer.survival));
      answer = await ask({ do: "cohort-next", animals: asking.worker === null ? 64 : ANIMALS_AT_ONCE });
    }
    put(find("survival"), survivalPicture(answer.survival));
    if (answer.finished) {
      bar.value = answer.total;
      cohort.answer = answer;
      put(find("cohort-table"), summaryTable(answer.summary), make("p", { class: "hint" }, answer.summary.note),
        make("details", {}, make("summary", {}, "The curve as a table"), make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Survival curve" },
          tableOf("Kaplan\u2013Meier estimate, age in days", cellsOf(answer.survival), "survival"))));
      keepBands(answer.bands);
      find("show-bands").disabled = false;
      if (find("show-bands").checked) drawPanels();
      else state.keptBands = state.bands;
      if (!find("show-bands").checked) state.bands = null;
      find("cohort-files").hidden = false;
      const seconds = (performance.now() - began) / 1000;
      find("cohort-said").textContent = `${answer.total} animals in each of ${arms().length} arms, ${seconds.toFixed(1)} s`;
      document.body.dataset.cohortSeconds = seconds.toFixed(3);
    } else {
      find("cohort-said").textContent = `Stopped after ${answer.done} of ${answer.total} animals`;
    }
  } catch (fault) {
    put(find("cohort-table"), make("p", { class: "fault" }, fault.message));
  } finally {
    cohort.running = false;
    bar.hidden = true;
    find("run-cohort").textContent = "Run the cohort";
  }
}

function toggleBands() {
  if (find("show-bands").checked) state.bands = state.keptBands ?? state.bands;
  else {
    state.keptBands = state.bands;
    state.bands = null;
  }
  drawPanels();
}

async function saveCohort(name) {
  const answer = await ask({ do: "cohort-file", name });
  save(name, name.endsWith(".svg") ? "image/svg+xml" : "text/csv", answer.text);
  return answer.text;
}
