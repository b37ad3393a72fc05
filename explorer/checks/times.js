// How long things take, and how large the page is. Targets are those of a quiet machine with two processors;
// what takes four times as long is wrong on any machine.

import { statSync } from "node:fs";
import { loadavg } from "node:os";

const TARGETS = { ready: 1500, median: 60, worst: 120, cohort: 2000, size: 3e6 };
const SLACK = 4;

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export async function times(workshop) {
  const judge = (what, value, target, unit) => {
    const words = value <= target ? "within" : "above";
    console.log(`   ${what}: ${value.toFixed(0)} ${unit}, ${words} the target of ${target} ${unit}`);
    if (value > SLACK * target) workshop.wrong(`${what} is more than ${SLACK} times its target`);
  };
  console.log(`   load of the machine before: ${loadavg()[0].toFixed(1)}`);
  const size = statSync(workshop.file).size;
  console.log(`   size of the page: ${(size / 1e6).toFixed(2)} MB, target ${TARGETS.size / 1e6} MB`);
  if (size > TARGETS.size) workshop.wrong("the page is too large");
  const ready = [];
  for (let round = 0; round < 5; round += 1) {
    const fresh = await workshop.page();
    ready.push(await fresh.evaluate(() => Number(document.body.dataset.ready)));
    await fresh.context().close();
  }
  judge("page ready, median of 5", median(ready), TARGETS.ready, "ms");
  const page = await workshop.page();
  const moves = await page.evaluate(async () => {
    find("search").value = "butyrate";
    drawSliders();
    const sliders = [...document.querySelectorAll("#sliders input[type=range]")].slice(0, 10);
    const spent = [];
    const drawn = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
    for (let move = -5; move < 100; move += 1) {
      const slider = sliders[(move + 5) % sliders.length];
      const before = Number(document.body.dataset.runs);
      const began = performance.now();
      slider.value = (Number(slider.value) + 37) % 1000;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      while (Number(document.body.dataset.runs) === before) await new Promise((resolve) => { setTimeout(resolve, 1); });
      // The first five moves warm the module up.
      if (move >= 0) spent.push(performance.now() - began);
      await drawn();
    }
    return spent;
  });
  judge("slider move of two arms, median of 100", median(moves), TARGETS.median, "ms");
  judge("slider move of two arms, worst of 100", Math.max(...moves), TARGETS.worst, "ms");
  await workshop.chooses(page, "scenarios/butyrate-g93a.toml");
  const cohort = await page.evaluate(async () => {
    find("animals").value = 100;
    await runCohort();
    return 1000 * Number(document.body.dataset.cohortSeconds);
  });
  judge("cohort of 2 × 100 with survival", cohort, TARGETS.cohort, "ms");
  console.log(`   load of the machine after: ${loadavg()[0].toFixed(1)}`);
  await page.context().close();
}
