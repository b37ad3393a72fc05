// Panels: one variable each, all arms, the baseline as a ghost, onset and death, one age under the cursor.

// Okabe and Ito's colours and the line styles of the program's figures; the first arm has the ink.
const ARM_COLOURS = 8;
const DASHES = ["", "8 3.6", "8.8 2.8 1.8 2.8", "2.4 2.4", "14 3.6", "8.8 2.4 1.8 2.4 1.8 2.4", "4.4 2.8", "14 2.8 2.8 2.8"];

function armClass(place) {
  return `arm-${place % ARM_COLOURS}`;
}

function swatch(place) {
  return draw("svg", { class: "swatch", viewBox: "0 0 28 10", "aria-hidden": "true" },
    draw("line", { x1: 1, x2: 27, y1: 5, y2: 5, class: `curve ${armClass(place)}`, "stroke-dasharray": DASHES[place % 8] }));
}

const FRAME = { width: 320, height: 190, left: 44, right: 10, top: 12, bottom: 24 };
let cursorAge = null;

function niceStep(range, wanted) {
  const raw = range / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  for (const factor of [1, 2, 5, 10]) if (raw <= factor * power) return factor * power;
  return 10 * power;
}

function ticks(low, high, wanted) {
  const step = niceStep(high - low || 1, wanted);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at += 1) found.push(at * step);
  return found.map((value) => (Math.abs(value) < step * 1e-9 ? 0 : value));
}

function variable(id) {
  const declared = state.model.observables[id] ?? state.model.species[id] ?? state.model.assignments[id];
  const label = declared?.label ?? pretty(id);
  const unit = unitOf(declared?.unit ?? "");
  const fold = unit === "fold" ? `fold of ${declared.relative_to ?? "wild type"}` : unit;
  return { id, label, unit: fold, says: declared?.says ?? "" };
}

function extent(series) {
  let low = Infinity;
  let high = -Infinity;
  for (const values of series) {
    for (const value of values) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return [0, 1];
  if (low >= 0 && low < 0.5 * high) low = 0;
  if (high - low < 1e-12 * Math.max(Math.abs(high), 1e-300)) {
    const room = Math.abs(high) * 0.1 || 1;
    return [low - room, high + room];
  }
  const room = 0.06 * (high - low);
  return [low === 0 ? 0 : low - room, high + room];
}

function pathOf(times, values, x, y) {
  let path = "";
  let pen = "M";
  for (let at = 0; at < times.length; at += 1) {
    const value = values[at];
    if (value === null || value === undefined || !Number.isFinite(value)) {
      pen = "M";
      continue;
    }
    path += `${pen}${x(times[at]).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

// The value of a curve at an age, between its ages on a straight line; nothing after the last one.
function valueAt(times, values, age) {
  if (times.length === 0 || age < times[0] - 1e-9 || age > times[times.length - 1] + 1e-9) return null;
  let high = times.findIndex((time) => time >= age - 1e-9);
  if (high <= 0) return values[Math.max(high, 0)];
  const share = (age - times[high - 1]) / (times[high] - times[high - 1]);
  const [before, after] = [values[high - 1], values[high]];
  if (before === null || after === null) return null;
  return before + share * (after - before);
}

function scales(result, series) {
  const [low, high] = extent(series);
  const { width, height, left, right, top, bottom } = FRAME;
  return {
    low,
    high,
    x: (age) => left + ((age - result.start) / (result.stop - result.start || 1)) * (width - left - right),
    y: (value) => height - bottom - ((value - low) / (high - low || 1)) * (height - top - bottom),
    age: (x) => result.start + ((x - left) / (width - left - right)) * (result.stop - result.start),
  };
}

function axes(result, { low, high, x, y }) {
  const { width, height, left, right, bottom } = FRAME;
  const parts = [];
  for (const value of ticks(low, high, 4)) {
    parts.push(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    parts.push(draw("text", { class: "tick", x: left - 5, y: y(value) + 3.5, "text-anchor": "end" }, short(value)));
  }
  for (const age of ticks(result.start, result.stop, 5)) {
    parts.push(draw("text", { class: "tick", x: x(age), y: height - bottom + 14, "text-anchor": "middle" }, short(age)));
  }
  parts.push(draw("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
  return parts;
}

function marks(arm, values, x, y, place) {
  const found = [];
  const at = (age) => {
    const value = valueAt(arm.times, values, age) ?? values[values.length - 1];
    return value === null || value === undefined ? null : [x(age), y(value)];
  };
  if (arm.onset !== null && arm.onset >= state.result.start) {
    const point = at(arm.onset);
    if (point) {
      const [a, b] = point;
      found.push(draw("path", { class: `onset ${armClass(place)}`, d: `M${a - 4} ${b - 8}h8l-4 7z` }));
    }
  }
  if (arm.death !== null) {
    const point = at(arm.death);
    if (point) {
      const [a, b] = point;
      found.push(draw("path", { class: `death ${armClass(place)}`, d: `M${a - 3.5} ${b - 3.5}l7 7m0 -7l-7 7` }));
    }
  }
  return found;
}

function bandsOf(id, result, x, y) {
  if (state.bands === null) return [];
  return result.arms.map((arm, place) => {
    const band = state.bands.get(`${arm.name}\n${id}`);
    if (!band) return null;
    const ages = band.times.filter((time) => time <= result.stop);
    const edge = (values) => ages.map((time, at) => `${x(time).toFixed(1)} ${y(values[at]).toFixed(1)}`);
    const [up, down] = [edge(band.high), edge(band.low).reverse()];
    return draw("path", { class: `band ${armClass(place)}`, d: `M${up.join("L")}L${down.join("L")}Z` });
  });
}

function panel(id, place) {
  const { result, ghost } = state;
  const info = variable(id);
  const series = result.arms.map((arm) => arm.curves[place] ?? []);
  const ghostPlace = ghost ? ghost.show.indexOf(id) : -1;
  const ghosts = ghostPlace < 0 ? [] : ghost.arms.map((arm) => ({ times: arm.times, values: arm.curves[ghostPlace] ?? [] }));
  const bands = state.bands === null ? [] : result.arms.flatMap((arm) => {
    const band = state.bands.get(`${arm.name}\n${id}`);
    return band ? [band.low, band.high] : [];
  });
  const scale = scales(result, [...series, ...ghosts.map((it) => it.values), ...bands]);
  const { x, y } = scale;
  const { width, height, top, bottom } = FRAME;
  // Windows that several arms share are shaded once.
  const windows = new Map(result.done.map((done) => [`${done.start} ${done.stop}`, done]));
  const shades = [...windows.values()].map((done) => {
    const from = x(Math.min(Math.max(done.start, result.start), result.stop));
    const to = x(Math.min(Math.max(done.stop ?? result.stop, result.start), result.stop));
    return draw("rect", { class: "shade", x: from, y: top, width: Math.max(to - from, 1), height: height - top - bottom });
  });
  const cursor = draw("line", { class: "cursor", y1: top, y2: height - bottom, x1: -9, x2: -9 });
  const picture = draw("svg", {
    viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: 0, class: "panel-picture",
    "aria-label": `${info.label} over age. Left and right arrow keys read values.`,
  },
  shades, axes(result, scale),
  bandsOf(id, result, x, y),
  ghosts.map((it) => draw("path", { class: "ghost", d: pathOf(it.times, it.values, x, y) })),
  result.arms.map((arm, at) => draw("path", {
    class: `curve ${armClass(at)}`, "stroke-dasharray": DASHES[at % 8], d: pathOf(arm.times, series[at], x, y),
  })),
  result.arms.map((arm, at) => marks(arm, series[at], x, y, at)), cursor);
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    moveCursor(scale.age(((event.clientX - box.left) / box.width) * width));
  };
  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("keydown", cursorKeys);
  const readout = make("p", { class: "readout" });
  return make("figure", { class: "panel", "data-variable": id, "data-place": place },
    make("figcaption", {},
      make("span", { class: "label" }, info.label), info.unit === "" ? null : make("span", { class: "unit" }, info.unit),
      make("button", { type: "button", class: "quiet", "aria-label": `Table of ${info.label}`, onclick: () => showTable(id, place) }, "Table")),
    picture, readout);
}

function cursorKeys(event) {
  const { start, stop } = state.result;
  const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 };
  const from = cursorAge ?? Math.round((start + stop) / 2);
  if (event.key in steps) moveCursor(Math.round(from) + steps[event.key], true);
  else if (event.key === "Home") moveCursor(start, true);
  else if (event.key === "End") moveCursor(stop, true);
  else if (event.key === "Escape") moveCursor(null);
  else return;
  event.preventDefault();
}

function moveCursor(age, aloud = false) {
  const { result } = state;
  if (result === null) return;
  cursorAge = age === null ? null : Math.min(Math.max(age, result.start), result.stop);
  const { width, left, right } = FRAME;
  const x = cursorAge === null ? -9 : left + ((cursorAge - result.start) / (result.stop - result.start || 1)) * (width - left - right);
  for (const figure of find("panels").children) {
    const line = figure.querySelector(".cursor");
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    const readout = figure.querySelector(".readout");
    const place = Number(figure.dataset.place);
    if (cursorAge === null) {
      put(readout);
      continue;
    }
    put(readout, make("span", { class: "age" }, `${short(cursorAge)} d`), result.arms.map((arm, at) =>
      make("span", { class: `reading ${armClass(at)}` }, swatch(at), short(valueAt(arm.times, arm.curves[place] ?? [], cursorAge)))));
    if (aloud && figure.contains(document.activeElement)) {
      say(`${short(cursorAge)} days: ${result.arms.map((arm) => `${arm.name} ${short(valueAt(arm.times, arm.curves[place] ?? [], cursorAge))}`).join(", ")}`);
    }
  }
}

function drawPanels() {
  const focused = document.activeElement?.closest?.(".panel")?.dataset.variable;
  put(find("panels"), state.result.show.map((id, place) => panel(id, place)));
  if (cursorAge !== null) moveCursor(cursorAge);
  if (focused) find("panels").querySelector(`[data-variable="${CSS.escape(focused)}"] .panel-picture`)?.focus({ preventScroll: true });
}

// A curve as a table, in a window of the page.
function showTable(id, place) {
  const { result } = state;
  const info = variable(id);
  const longest = result.arms.reduce((most, arm) => (arm.times.length > most.length ? arm.times : most), []);
  const rows = longest.map((time, at) => [String(time), ...result.arms.map((arm) => {
    const value = arm.curves[place]?.[at];
    return value === null || value === undefined ? "" : String(value);
  })]);
  showDialog(info.label, [
    make("p", {}, info.says),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table of ${info.label}` },
      tableOf(`${info.label}${info.unit === "" ? "" : `, ${info.unit}`}, by age in days`, [["age, d", ...result.arms.map((arm) => arm.name)], ...rows], "curve")),
  ]);
}

function showDialog(title, content) {
  const dialog = find("dialog");
  put(find("dialog-title"), title);
  put(find("dialog-content"), content);
  dialog.showModal();
}
