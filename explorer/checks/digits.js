// Onset and death of every shipped scenario to the last digit, and every figure to the last byte.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export async function digits(workshop) {
  const page = await workshop.page();
  const presets = await page.evaluate(() => state.hello.presets.map((preset) => preset.path));
  let [cells, pictures] = [0, 0];
  for (const preset of presets) {
    const read = workshop.run(preset, preset.replaceAll("/", "-"));
    await workshop.chooses(page, preset);
    const cohort = await page.evaluate(() => state.tree.cohort !== undefined);
    if (cohort) {
      await page.evaluate(async () => { await runCohort(); });
      const endpoints = await page.evaluate(async () => (await ask({ do: "cohort-file", name: "endpoints.csv" })).text);
      workshop.same(endpoints, read("endpoints.csv"), `${preset}: endpoints.csv of the cohort`);
      const survival = await page.evaluate(async () => (await ask({ do: "cohort-file", name: "survival.csv" })).text);
      workshop.same(survival, read("survival.csv"), `${preset}: survival.csv`);
      cells += endpoints.split("\n").length;
    } else {
      const endpoints = read("endpoints.csv");
      workshop.same(await page.locator("#endpoints").getAttribute("data-csv"), endpoints, `${preset}: endpoints.csv`);
      // What a reader sees is what the file has.
      const shown = await page.locator("#endpoints tbody td.number").allTextContents();
      const written = endpoints.trim().split("\n").slice(1).flatMap((row) => row.split(","));
      for (const cell of shown) if (!written.includes(cell)) workshop.wrong(`${preset}: ${cell} is no number of endpoints.csv`);
      cells += shown.length;
    }
    const figures = await page.evaluate(() => (state.tree.figure ?? []).map((figure) => figure.name));
    for (const figure of figures) {
      const svg = await page.evaluate(async ([name, ofCohort]) => (ofCohort
        ? (await ask({ do: "cohort-file", name: `${name}.svg` })).text
        : (await ask({ do: "figure", scenario: state.tree, name })).svg), [figure, cohort]);
      workshop.same(svg, read(`figures/${figure}.svg`), `${preset}: ${figure}.svg`);
      pictures += 1;
    }
  }
  console.log(`   ${presets.length} scenarios: ${cells} numbers or rows of endpoints and ${pictures} figures equal those of the command`);

  // What is saved by the button is the figure of the command.
  await workshop.chooses(page, "scenarios/butyrate-g93a.toml");
  const waiting = page.waitForEvent("download");
  await page.locator("#save-figure").click();
  const saved = readFileSync(await (await waiting).path(), "utf8");
  workshop.same(saved, workshop.run("scenarios/butyrate-g93a.toml", "scenarios-butyrate-g93a.toml")("figures/axis.svg"), "the saved figure");
  const tables = page.waitForEvent("download");
  await page.locator("#save-trajectories").click();
  const table = readFileSync(await (await tables).path(), "utf8");
  workshop.same(table, workshop.run("scenarios/butyrate-g93a.toml", "scenarios-butyrate-g93a.toml")("trajectories.csv"), "trajectories.csv");

  // A scenario that was changed in the page and taken home gives the same numbers.
  await page.evaluate(() => {
    chooseValue("acetate_absorption", 47.5);
    switchEntry("process.zo1_is_made_colon", false);
    switchEntry("process.zo1_is_made_colon", true);
    switchEntry("process.sod1_damages_zo1_colon", false);
    arms()[1].intervention[0].dose = "1.5 %";
    changedScenario();
  });
  await workshop.settled(page);
  const text = await page.locator("#text").inputValue();
  const file = join(workshop.folder, "taken-home.toml");
  writeFileSync(file, text);
  const home = workshop.run(file, "taken-home");
  workshop.same(await page.locator("#endpoints").getAttribute("data-csv"), home("endpoints.csv"), "the scenario taken home");

  // And the address brings it back.
  await page.evaluate(() => toAddress());
  const again = await workshop.page({}, page.url());
  workshop.same(await again.locator("#endpoints").getAttribute("data-csv"), home("endpoints.csv"), "the scenario from the address");
  console.log("   saved figure, saved table, scenario taken home and scenario from the address: the same bytes");
  await again.context().close();
  await page.context().close();
}
