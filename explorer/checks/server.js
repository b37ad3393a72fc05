// The page behind `gutbrain explore`: the same digits, and nobody else is answered.

import { spawn } from "node:child_process";
import { request } from "node:http";

function asked({ port, path, method = "GET", headers = {}, body = "" }) {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers: { "Content-Length": Buffer.byteLength(body), ...headers }, setHost: headers.Host === undefined }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => { text += part; });
      answer.on("end", () => resolve({ status: answer.statusCode, text, headers: answer.headers }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

export async function server(workshop) {
  const program = spawn(workshop.program, ["explore"], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => { program.on("exit", (code, signal) => resolve(signal ?? code)); });
  try {
    const address = await new Promise((resolve) => { program.stdout.once("data", (text) => resolve(String(text).trim())); });
    const { port, pathname } = new URL(address);
    if (!/^\/[0-9a-f]{32}\/$/.test(pathname)) workshop.wrong(`the path has no token: ${pathname}`);
    const status = async (question, wanted, what) => workshop.same((await asked({ port, ...question })).status, wanted, what);
    await status({ path: pathname }, 200, "the page");
    await status({ path: "/" }, 404, "without the token");
    await status({ path: `/${"0".repeat(32)}/` }, 404, "another token");
    for (const Host of ["evil.example", `evil.example:${port}`, "127.0.0.1", `[::1]:${port}`]) await status({ path: pathname, headers: { Host } }, 421, `host ${Host}`);
    const question = JSON.stringify({ do: "hello" });
    for (const Origin of ["https://evil.example", "null", `http://127.0.0.1:${Number(port) + 1}`]) {
      await status({ path: `${pathname}ask`, method: "POST", headers: { Origin }, body: question }, 403, `origin ${Origin}`);
    }
    await status({ path: `${pathname}ask`, method: "POST", headers: { Origin: `http://127.0.0.1:${port}` }, body: question }, 200, "its own origin");
    await status({ path: pathname, method: "DELETE" }, 405, "another method");
    const { headers } = await asked({ port, path: pathname });
    workshop.same(headers["content-security-policy"], "frame-ancestors 'none'", "who may frame the page");
    const page = await workshop.page({}, address);
    for (const preset of ["scenarios/butyrate-g93a.toml", "scenarios/wild-type.toml", "scenarios/dose-response.toml"]) {
      await workshop.chooses(page, preset);
      const read = workshop.run(preset, preset.replaceAll("/", "-"));
      workshop.same(await page.locator("#endpoints").getAttribute("data-csv"), read("endpoints.csv"), `${preset}, served`);
    }
    await workshop.chooses(page, "scenarios/butyrate-g93a.toml");
    const seconds = await page.evaluate(async () => {
      find("animals").value = 100;
      await runCohort();
      return Number(document.body.dataset.cohortSeconds);
    });
    console.log(`   served: other hosts, origins and tokens are refused; three scenarios to the last digit; 2 × 100 animals in ${seconds} s`);
    await page.context().close();
  } finally {
    program.kill("SIGHUP");
  }
  workshop.same(await ended, "SIGHUP", "what ends the server when its terminal closes");
}
