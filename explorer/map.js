// The network map as an instrument, and entries of the model in full.

const map = { answer: null, chosen: null };

function nodeName(id) {
  const first = id.split("+")[0];
  const declared = state.model.species[first] ?? state.model.assignments[first];
  return declared?.label ?? pretty(first);
}

const KIND_WORDS = { flux: "turns into or moves to", raises: "raises", lowers: "lowers" };

function head(way) {
  const points = way.points;
  const [a, b] = points[points.length - 1];
  const before = points[points.length - 2] ?? [a - 1, b];
  const forward = a < before[0] ? -1 : 1;
  if (way.kind === "lowers") return draw("path", { class: "head", d: `M${a - forward * 0.55} ${b - 0.6}v1.2` });
  return draw("path", { class: "head full", d: `M${a} ${b}l${-forward * 1.4} -0.55v1.1Z` });
}

function wayPicture(way, place) {
  const path = `M${way.points.map((point) => point.join(" ")).join("L")}`;
  const group = draw("g", { class: `way ${way.kind}${way.active ? "" : " off"}`, "data-way": place },
    draw("path", { class: "reach", d: path }), draw("path", { class: "line", d: path }), head(way));
  group.addEventListener("click", () => chooseWay(place));
  return group;
}

function boxPicture(it, kind) {
  return draw("rect", { class: `${kind} region-${it.region}`, x: it.left, y: it.top, width: it.right - it.left, height: it.bottom - it.top, rx: kind === "region" ? 1.6 : 1.2 });
}

function titlePicture(it, kind, baseline, step) {
  return it.lines.map((line, at) => draw("text", { class: kind, x: (it.left + it.right) / 2, y: it.top + baseline + at * step }, line));
}

function nodePicture(node, place) {
  const middle = (node.top + node.bottom) / 2 - ((node.lines.length - 1) * 2.5) / 2 + 0.78;
  const group = draw("g", {
    class: `node region-${node.region}${node.derived ? " derived" : ""}`, "data-node": node.id, role: "button",
    tabindex: place === 0 ? 0 : -1,
  },
  draw("rect", { x: node.left, y: node.top, width: node.right - node.left, height: node.bottom - node.top, rx: 1 }),
  draw("text", {}, node.lines.map((line, at) => [at === 0 ? null : " ", draw("tspan", { x: (node.left + node.right) / 2, y: middle + at * 2.5 }, line)])));
  group.addEventListener("click", () => chooseNode(node.id));
  group.addEventListener("keydown", (event) => nodeKeys(event, node));
  return group;
}

// Arrow keys go to the nearest box on that side.
function nodeKeys(event, node) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    chooseNode(node.id);
    return;
  }
  const sides = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const side = sides[event.key];
  if (!side) return;
  event.preventDefault();
  const middle = (it) => [(it.left + it.right) / 2, (it.top + it.bottom) / 2];
  const [x, y] = middle(node);
  let best = null;
  for (const other of map.answer.nodes) {
    const [a, b] = middle(other);
    const along = (a - x) * side[0] + (b - y) * side[1];
    if (other.id === node.id || along < 0.5) continue;
    const across = Math.abs((a - x) * side[1]) + Math.abs((b - y) * side[0]);
    const distance = along + 2 * across;
    if (best === null || distance < best.distance) best = { distance, id: other.id };
  }
  if (best) focusNode(best.id);
}

function focusNode(id) {
  for (const group of find("map").querySelectorAll(".node")) {
    const isIt = group.dataset.node === id;
    group.setAttribute("tabindex", isIt ? 0 : -1);
    if (isIt) group.focus();
  }
}

async function drawMap() {
  const answer = await ask({ do: "map", scenario: state.tree });
  map.answer = answer;
  const picture = draw("svg", { viewBox: `0 0 ${answer.width} ${answer.height}`, role: "group", "aria-label": "Network map. Arrow keys move between boxes, Enter opens one." },
    answer.regions.map((it) => boxPicture(it, "region")), answer.compartments.map((it) => boxPicture(it, "compartment")),
    answer.regions.map((it) => titlePicture(it, "region-title", 3.6, 3)),
    answer.compartments.map((it) => titlePicture(it, "compartment-title", 2.7, 2.4)),
    answer.ways.map(wayPicture), answer.nodes.map(nodePicture));
  put(find("map"), picture);
  put(find("map-choice"), make("option", { value: "" }, "a quantity\u2026"),
    [...answer.nodes].sort((a, b) => nodeName(a.id).localeCompare(nodeName(b.id))).map((node) => make("option", { value: node.id }, nodeName(node.id))));
  light();
}

// What is chosen stands out, and what it is linked with.
function light() {
  const { chosen } = map;
  for (const group of find("map").querySelectorAll(".way")) {
    const way = map.answer.ways[Number(group.dataset.way)];
    const lit = chosen !== null && (chosen.way ? chosen.way.from === way.from && chosen.way.to === way.to : chosen.node === way.from || chosen.node === way.to);
    group.classList.toggle("lit", lit);
    group.classList.toggle("dim", chosen !== null && !lit);
  }
  for (const group of find("map").querySelectorAll(".node")) {
    const id = group.dataset.node;
    const lit = chosen !== null && (chosen.way ? [chosen.way.from, chosen.way.to].includes(id) : chosen.node === id);
    group.classList.toggle("lit", lit);
  }
}

// Opens the entry beside the map, and keeps what was chosen in view.
function openEntry(title, content) {
  put(find("entry-title"), title);
  put(find("entry"), content);
  find("map-and-entry").classList.add("open");
  find("entry-title").focus({ preventScroll: false });
  find("map").querySelector(".node.lit")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function closeEntry() {
  const { chosen } = map;
  find("map-and-entry").classList.remove("open");
  map.chosen = null;
  if (map.answer) light();
  focusNode(chosen?.node ?? chosen?.way?.from ?? map.answer?.nodes[0].id);
}

function chooseWay(place) {
  const way = map.answer.ways[place];
  map.chosen = { way };
  light();
  openEntry(`${nodeName(way.from)} ${KIND_WORDS[way.kind]} ${nodeName(way.to)}`, way.entries.length === 0
    ? make("p", {}, "This arrow follows from several entries that pass through others; open one of its ends.") : way.entries.map((entry) => entryCard(entry)));
}

function chooseNode(id) {
  map.chosen = { node: id };
  if (map.answer) light();
  const ids = id.split("+");
  const arrows = (map.answer?.ways ?? []).map((way, place) => ({ way, place })).filter(({ way }) => way.from === id || way.to === id);
  const button = ({ way, place }) => make("li", {}, make("button", { type: "button", class: "link", onclick: () => chooseWay(place) },
    `${nodeName(way.from)} ${KIND_WORDS[way.kind]} ${nodeName(way.to)}${way.active ? "" : " (off)"}`));
  openEntry(nodeName(id), [
    ids.map((it) => entryCard(state.model.species[it] ? `species.${it}` : `assignment.${it}`)),
    arrows.length === 0 ? null : make("section", { class: "card" }, make("h4", {}, "Arrows of the map"), make("ul", { class: "plain" }, arrows.map(button)))]);
}

function showEntry(entry) {
  map.chosen = null;
  if (map.answer) light();
  openEntry(pretty(entry.split(".")[1]), entryCard(entry));
}

function listed(entry) {
  const [kind, id] = entry.split(".");
  const kinds = { process: "processes", modulator: "modulators", assignment: "assignments", species: "species", parameter: "parameters" };
  return state.model[kinds[kind]]?.[id];
}

function unitWords(unit) {
  return unitOf(unit) === "" ? "without a unit" : `in ${unit}`;
}

function equation(kind, id, it) {
  if (kind === "process") {
    return [make("code", {}, `rate = ${it.rate}`), make("p", { class: "hint" }, `rate ${unitWords(it.unit)}`),
      make("ul", { class: "plain" }, Object.entries(it.changes).map(([species, factor]) => make("li", {}, make("code", {}, `d ${species}/dt  \u00d7 ${factor}`))))];
  }
  if (kind === "modulator") return [make("code", {}, `factor = ${it.factor}`), make("p", { class: "hint" }, `multiplies ${it.acts_on.join(", ")}`)];
  if (kind === "assignment") return [make("code", {}, `${id} = ${it.value}`), make("p", { class: "hint" }, unitWords(it.unit))];
  if (kind === "parameter") {
    return [make("p", {}, make("strong", {}, withUnit(it.value, it.unit)), it.range ? `, range ${short(it.range[0])} to ${short(it.range[1])}, prior ${it.prior}` : "",
      it.spread ? `; between animals, coefficient of variation ${short(it.spread)}` : "")];
  }
  return [make("p", { class: "hint" }, `${unitWords(it.unit)}, ${it.place.replace(/_/g, " ")}`)];
}

function evidenceCard(id) {
  const row = state.model.evidence[id];
  if (!row) return null;
  const unit = unitOf(row.unit ?? "") === "" ? "" : ` ${row.unit}`;
  const value = row.value === undefined ? null
    : `${row.value}${unit}${row.spread === undefined ? "" : ` \u00b1 ${row.spread}${row.spread_kind ? ` (${row.spread_kind})` : ""}`}${row.n === undefined ? "" : `, n = ${row.n}`}`;
  const several = Object.entries(row.values ?? {}).map(([name, number]) => `${name}: ${number}${unit}`).join("; ");
  const whom = [row.species, row.strain, row.age, row.condition].filter((it) => it).join(", ");
  const source = [row.source, row.doi ? `doi:${row.doi}` : null, row.pmc].filter((it) => it).join(", ");
  return make("li", { class: "evidence" },
    make("p", {}, make("span", { class: "id" }, id), make("span", { class: `grade ${row.grade}` }, row.grade), row.says),
    make("dl", {}, [["value", value ?? (several || row.sign)], ["in", whom], ["source", source], ["used to", row.use]].filter(([, text]) => text)
      .map(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])),
    row.conflicts ? make("div", { class: "conflict" }, make("strong", {}, "Contradicted by"), row.conflicts.map((other) =>
      make("p", {}, make("span", { class: "id" }, other), state.model.evidence[other]?.says ?? ""))) : null);
}

function entryCard(entry) {
  const [kind, id] = entry.split(".");
  const it = listed(entry);
  if (!it) return make("p", {}, `The model has no ${entry}.`);
  const canSwitch = kind === "process" || kind === "modulator";
  const toggle = make("input", { type: "checkbox", role: "switch", checked: canSwitch && isOn(entry) });
  toggle.addEventListener("change", () => {
    switchEntry(entry, toggle.checked);
    say(`${pretty(id)} is switched ${toggle.checked ? "on" : "off"}`);
    changedScenario();
    drawMap().catch(showFaults);
  });
  const changing = kind === "species"
    ? Object.entries(state.model.processes).filter(([, process]) => id in process.changes).map(([name]) => name) : [];
  return make("section", { class: "card", "data-entry": entry },
    make("p", { class: "kind" }, `${kind} `, make("code", {}, id), it.pathway ? ` \u00b7 pathway ${it.pathway.replace(/_/g, " ")}` : ""),
    make("p", { class: "sentence" }, it.says),
    canSwitch ? make("label", { class: "switch" }, toggle, "acts in this scenario") : null,
    equation(kind, id, it),
    it.assumed ? make("p", { class: "assumed" }, make("span", { class: "badge" }, "assumed"), it.assumed) : null,
    it.evidence.length === 0 ? make("p", { class: "hint" }, "No row of evidence.") : make("ul", { class: "plain" }, it.evidence.map(evidenceCard)),
    kind === "species" ? sharesCard(id) : null,
    changing.length === 0 ? null : make("details", {}, make("summary", {}, `Changed by ${changing.length} processes`), make("ul", { class: "plain" }, changing.map((name) =>
      make("li", {}, make("button", { type: "button", class: "link", onclick: () => showEntry(`process.${name}`) }, state.model.processes[name].says))))));
}

// Why a species changes at an age: the shares of its derivative.
function sharesCard(species) {
  const age = make("input", { type: "number", min: 0, step: "any", value: Math.round(cursorAge ?? 60) });
  const arm = make("select", {}, arms().map((it) => make("option", { value: it.name }, it.name)));
  const found = make("div", { "aria-live": "polite" });
  const look = async () => {
    try {
      const answer = await ask({ do: "explain", scenario: state.tree, arm: arm.value, species, age: Number(age.value) });
      const most = Math.max(...answer.shares.map((share) => Math.abs(share.contribution)), 1e-300);
      const unit = unitOf(answer.unit);
      put(found, make("p", {}, `${withUnit(answer.value, answer.unit)}, changing by ${signed(answer.derivative)}${unit === "" ? "" : ` ${unit}`} per day`),
        make("ul", { class: "shares" }, answer.shares.map((share) => {
          const bar = make("span", { class: `bar ${share.contribution < 0 ? "down" : "up"}` });
          bar.style.width = `${(100 * Math.abs(share.contribution)) / most}%`;
          return make("li", {}, make("span", { class: "amount" }, signed(share.contribution)), make("span", { class: "bar-room" }, bar),
            make("button", { type: "button", class: "link", onclick: () => showEntry(`process.${share.process}`) }, share.says));
        })));
    } catch (fault) {
      put(found, make("p", { class: "fault" }, fault.message));
    }
  };
  return make("details", { class: "why" }, make("summary", {}, "Why it changes, at an age"),
    make("div", { class: "three" }, field("arm", arm), field("age, d", age), make("button", { type: "button", onclick: look }, "Split")), found);
}
