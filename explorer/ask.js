// Questions to the program: to the module in a worker, or to the server that the page came from.

const asking = { worker: null, waiting: new Map(), number: 0 };

function block(id) {
  return document.getElementById(id).textContent;
}

function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

// The bytes of a text in base 85: five signs for four bytes, the first sign counts most; signs and order are
// those of `crates/explorer/src/base85.rs`.
function moduleBytes(text) {
  const signs = block("signs").trim();
  const values = new Uint8Array(128);
  for (let value = 0; value < signs.length; value += 1) values[signs.charCodeAt(value)] = value;
  const bytes = new Uint8Array(Math.floor(text.length * 4 / 5));
  for (let at = 0, place = 0; at < text.length; at += 5, place += 4) {
    let word = 0;
    for (let sign = at; sign < at + 5; sign += 1) {
      word = word * 85 + (sign < text.length ? values[text.charCodeAt(sign)] : 84);
    }
    for (let byte = 3; byte >= 0; byte -= 1) {
      if (place + byte < bytes.length) bytes[place + byte] = word % 256;
      word = Math.floor(word / 256);
    }
  }
  return bytes;
}

// Starts whatever answers; resolves when it is there.
function startAnswers() {
  const module = block("module").trim();
  if (module === "") return Promise.resolve();
  const address = URL.createObjectURL(new Blob([block("worker")], { type: "text/javascript" }));
  asking.worker = new Worker(address);
  URL.revokeObjectURL(address);
  return new Promise((resolve, reject) => {
    asking.worker.onmessage = ({ data }) => {
      if (data.ready) {
        resolve();
        return;
      }
      const waiting = asking.waiting.get(data.number);
      if (waiting === undefined) {
        reject(new Error(data.fault));
        return;
      }
      asking.waiting.delete(data.number);
      if (data.fault) waiting.reject(new Error(data.fault));
      else waiting.resolve(data.answer);
    };
    asking.worker.onerror = (fault) => reject(new Error(fault.message));
    const bytes = moduleBytes(module);
    asking.worker.postMessage({ module: bytes.buffer }, [bytes.buffer]);
  });
}

async function rawAnswer(question) {
  if (asking.worker === null) {
    const response = await fetch("ask", { method: "POST", body: question });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return response.text();
  }
  asking.number += 1;
  const number = asking.number;
  return new Promise((resolve, reject) => {
    asking.waiting.set(number, { resolve, reject });
    asking.worker.postMessage({ number, question });
  });
}

// What went wrong, as the program says it.
class Refused extends Error {
  constructor(answer) {
    super(answer.error ?? answer.text);
    this.faults = answer.faults ?? [];
  }
}

async function ask(question) {
  const answer = JSON.parse(await rawAnswer(JSON.stringify(question)));
  if (answer.error !== undefined || answer.faults !== undefined) throw new Refused(answer);
  return answer;
}
