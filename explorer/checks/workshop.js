// The browser, the page and the program, and what is found wrong.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const PATIENCE = 120_000;

export class Workshop {
  static async open(root, target, output) {
    const workshop = new Workshop();
    Object.assign(workshop, { root, target, output, mistakes: [], requests: [] });
    workshop.program = join(target, "release", "gutbrain");
    workshop.file = join(target, "explorer", "explorer.html");
    workshop.folder = mkdtempSync(join(tmpdir(), "explorer-"));
    workshop.browser = await chromium.launch({ executablePath: process.env.GUTBRAIN_CHROMIUM, args: ARGUMENTS });
    return workshop;
  }

  async close() {
    await this.browser.close();
    rmSync(this.folder, { recursive: true });
    if (this.requests.length > 0) this.wrong(`requests left the page: ${this.requests.join(", ")}`);
    else console.log("\nno request left the page in any check");
  }

  wrong(words) {
    this.mistakes.push(words);
    console.log(`   WRONG: ${words}`);
  }

  same(given, wanted, what) {
    if (given !== wanted) this.wrong(`${what} differs: ${String(given).slice(0, 200)} is not ${String(wanted).slice(0, 200)}`);
  }

  // A page in a fresh context; `settings` are those of Playwright.
  async page(settings = {}, address = `file://${this.file}`) {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 1000 }, acceptDownloads: true, ...settings });
    const page = await context.newPage();
    const own = new URL(address);
    page.setDefaultTimeout(PATIENCE);
    page.on("request", (request) => {
      const asked = new URL(request.url());
      const isOwn = asked.protocol === "blob:" || asked.protocol === "data:" ||
        (asked.protocol === own.protocol && asked.host === own.host && (own.protocol !== "file:" || asked.pathname === own.pathname));
      if (!isOwn) this.requests.push(request.url());
    });
    page.on("pageerror", (fault) => this.wrong(`the page failed: ${fault.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.wrong(`the page complains: ${message.text()}`);
    });
    await page.goto(address);
    await page.waitForFunction(() => document.body.dataset.complete !== undefined);
    return page;
  }

  // Waits until what was changed is drawn.
  async settled(page) {
    await page.waitForFunction(() => document.body.dataset.state === "ready" && !running.busy);
  }

  async chooses(page, preset) {
    await page.evaluate((path) => openAndDraw({ name: path }, path), preset);
    await this.settled(page);
  }

  // The folder that the command makes of a scenario.
  run(scenario, name, changes = []) {
    const folder = join(this.folder, name);
    if (!existsSync(folder)) {
      const set = changes.flatMap((change) => ["--set", change]);
      execFileSync(this.program, ["run", "--quiet", "--format", "csv", "--output", folder, ...set, scenario], { cwd: this.root });
    }
    return (file) => readFileSync(join(folder, file), "utf8");
  }
}
