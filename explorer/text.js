// Elements, numbers and tables. Text that was read goes into the page as text only, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function find(id) {
  return document.getElementById(id);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function put(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
}

const MINUS = "\u2212";

// Four digits, as the program writes them on a terminal.
function short(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace("-", MINUS).replace("e+", "e");
}

function signed(value) {
  if (value === null || !Number.isFinite(value)) return "\u2013";
  return value > 0 ? `+${short(value)}` : short(value);
}

function days(value) {
  if (value === null || value === undefined) return "\u2013";
  return `${value.toFixed(1).replace("-", MINUS)} d`;
}

function unitOf(unit) {
  return unit === "1" || unit === "" || unit === undefined ? "" : unit;
}

function withUnit(value, unit) {
  const words = unitOf(unit);
  return words === "" ? short(value) : `${short(value)}\u00a0${words}`;
}

// Rows of cells of a CSV text; cells keep every digit.
function cellsOf(csv) {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < csv.length; at += 1) {
    const letter = csv[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (csv[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "," || letter === "\n") {
      row.push(cell);
      cell = "";
      if (letter === "\n") {
        rows.push(row);
        row = [];
      }
    } else if (letter !== "\r") cell += letter;
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell]);
  return rows;
}

function tableOf(caption, rows, name) {
  const [head, ...body] = rows;
  const isNumber = (text) => text !== "" && Number.isFinite(Number(String(text).replace(MINUS, "-")));
  return make("table", { "data-table": name },
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, head.map((cell) => make("th", { scope: "col" }, cell)))),
    make("tbody", {}, body.map((row) => make("tr", {}, row.map((cell, place) =>
      (place === 0 ? make("th", { scope: "row" }, cell) : make("td", { class: isNumber(cell) ? "number" : null }, cell)))))));
}

function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// Says something to everybody, those who listen included.
function say(words) {
  find("said").textContent = words;
}

function pretty(id) {
  const words = id.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// A name as part of the name of a file.
function fileName(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "scenario";
}
