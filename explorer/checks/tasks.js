// Five things that a new user wants, through the page alone, with the steps counted: a step is a click, a
// choice, a text or a number that is typed.

import { writeFileSync, readFileSync } from "node:fs";

export async function tasks(workshop) {
  let steps = 0;
  const page = await workshop.page();
  const step = async (act) => {
    steps += 1;
    const before = await page.evaluate(() => document.body.dataset.runs);
    const given = await act();
    await page.waitForTimeout(30);
    await workshop.settled(page);
    return { given, ran: before !== await page.evaluate(() => document.body.dataset.runs) };
  };
  const done = (name, words) => {
    console.log(`   ${name}: ${steps} steps; ${words}`);
    steps = 0;
  };
  const lifeGained = async () => {
    const rows = await page.locator("#endpoints tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
    const place = await page.locator("#endpoints thead th").allTextContents().then((heads) => heads.indexOf("last, d"));
    return Number(rows[1][place]) - Number(rows[0][place]);
  };

  // 1. The best dose of butyrate.
  const dose = page.getByLabel("dose, %").first();
  let best = { dose: 0, gain: -Infinity };
  for (const value of ["0.5", "1", "2", "3", "4"]) {
    await step(() => dose.fill(value));
    const gain = await lifeGained();
    if (gain > best.gain) best = { dose: Number(value), gain };
  }
  if (!(best.gain > 0)) workshop.wrong("no dose is better than none");
  done("the best dose of five", `${best.dose} %, ${best.gain.toFixed(1)} d of life`);
  await step(() => page.locator("#start-again").click());
  steps = 0;

  // 2. What is left without the action on regulatory T cells.
  const whole = await lifeGained();
  await step(() => page.locator("#map-choice").selectOption({ label: "Gut Treg cells" }));
  await step(() => page.locator("#entry .link").filter({ hasText: /^Mucosal butyrate effect raises Gut Treg cells$/ }).click());
  await step(() => page.locator("#entry input[role=switch]").first().click());
  const without = await lifeGained();
  if (whole === without) workshop.wrong("switching the action on regulatory T cells off changes nothing");
  done("without the action on regulatory T cells", `${whole.toFixed(1)} d become ${without.toFixed(1)} d`);
  await step(() => page.locator("#start-again").click());
  steps = 0;

  // 3. The evidence behind leak to LPS.
  await step(() => page.locator("#map-choice").selectOption({ label: "LPS" }));
  await step(() => page.locator("#entry .link").filter({ hasText: /leak.*LPS$/i }).first().click());
  const rows = await page.locator("#entry .evidence .id").allTextContents();
  const sentences = await page.locator("#entry .sentence").allTextContents();
  if (sentences.length === 0) workshop.wrong("no sentence behind leak to LPS");
  done("the evidence behind leak to LPS", `${sentences.length} entries, rows ${[...new Set(rows)].join(", ") || "none: assumed"}`);

  // 4. A cohort.
  await step(() => page.locator("#animals").fill("20"));
  await step(() => page.locator("#run-cohort").click());
  await page.waitForFunction(() => !cohort.running && cohort.answer !== null);
  const medians = await page.locator("#cohort-table table").first().locator("tbody tr").count();
  if (medians !== 2) workshop.wrong("the cohort has no table");
  done("a cohort of 2 × 20", await page.locator("#cohort-said").textContent());

  // 5. The scenario taken home.
  const waiting = page.waitForEvent("download");
  await step(() => page.locator("#save-scenario").click());
  const text = readFileSync(await (await waiting).path(), "utf8");
  const file = `${workshop.folder}/home.toml`;
  writeFileSync(file, text);
  workshop.same(workshop.run(file, "home")("endpoints.csv"), await page.locator("#endpoints").getAttribute("data-csv"), "the scenario at home");
  done("the scenario at home", "gutbrain run gives the same endpoints");
  await page.context().close();
}
