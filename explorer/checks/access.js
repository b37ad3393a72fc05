// axe-core: no violation, in both themes, with everything open.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return { passes: found.passes.length, found: found.violations.map((it) => `${it.id}: ${it.nodes.length} × ${it.help} (${it.nodes[0].target.join(" ")})`) };
  });
}

export async function access(workshop) {
  for (const [width, theme] of [[1440, "light"], [1440, "dark"], [320, "light"], [320, "dark"]]) {
    const page = await workshop.page({ viewport: { width, height: 900 }, colorScheme: theme, reducedMotion: "reduce" });
    const judge = async (what) => {
      const { passes, found } = await violations(page);
      for (const words of found) workshop.wrong(`axe, ${what}, ${width} px, ${theme}: ${words}`);
      console.log(`   ${width} px, ${theme}, ${what}: ${found.length} violations, ${passes} rules pass`);
    };
    await judge("as it opens");
    await page.evaluate(async () => {
      for (const fold of document.querySelectorAll(".fold, #sliders > details")) fold.open = true;
      chooseNode(map.answer.nodes[30].id);
      find("animals").value = 10;
      await runCohort();
      find("show-bands").checked = true;
      toggleBands();
    });
    await page.waitForTimeout(400);
    await judge("with parameters, an entry and a cohort");
    await page.evaluate(() => {
      showFaults({ message: "a fault", faults: [{ message: "a mistake", help: "what helps" }] });
      showTable(state.show[0], 0);
    });
    await judge("with a table and a fault");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wide) workshop.wrong(`the page scrolls sideways at ${width} px`);
    await page.context().close();
  }
}
