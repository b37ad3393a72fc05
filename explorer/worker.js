// The module in a thread of its own: one question at a time, answers by number.
"use strict";
let compiled = null;
let instance = null;

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

// The module needs nothing of the page: what its libraries name and never call answers with an error.
function imports() {
  const found = {};
  for (const { module, name } of WebAssembly.Module.imports(compiled)) {
    found[module] ??= {};
    found[module][name] = () => { throw new Error(`${module}.${name} is not there`); };
  }
  return found;
}

async function start() {
  instance = (await WebAssembly.instantiate(compiled, imports())).exports;
}

function read(place, length) {
  return new TextDecoder().decode(new Uint8Array(instance.memory.buffer, place, length));
}

async function answer(question) {
  const bytes = new TextEncoder().encode(question);
  try {
    const place = instance.request_space(bytes.length);
    new Uint8Array(instance.memory.buffer, place, bytes.length).set(bytes);
    const length = instance.answer();
    return read(instance.answer_place(), length);
  } catch (fault) {
    // The module ended; its last words are still in its memory. The next question meets a new one.
    let words = String(fault);
    try {
      words = read(instance.fault_place(), instance.fault_length()) || words;
    } catch { /* the words of the fault itself are enough */ }
    await start();
    return JSON.stringify({ error: `the program came to a stop it should not have: ${words}`, stopped: true });
  }
}

let last = Promise.resolve();
onmessage = ({ data }) => {
  last = last.then(async () => {
    if (data.module) {
      compiled = await WebAssembly.compile(await inflate(data.module));
      await start();
      postMessage({ ready: true });
    } else {
      postMessage({ number: data.number, answer: await answer(data.question) });
    }
  }).catch((fault) => postMessage({ number: data.number, fault: String(fault) }));
};
