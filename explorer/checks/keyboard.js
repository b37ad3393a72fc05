// Every control by keyboard, with a focus that can be seen; every curve as a table.

const MOST_TABS = 900;

export async function keyboard(workshop) {
  const page = await workshop.page();
  await page.evaluate(() => { for (const details of document.querySelectorAll("#sliders > details")) details.open = true; });
  await page.waitForTimeout(200);
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll("button, input, select, textarea, summary, a[href], [tabindex='0']")];
    const seen = all.filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && it.tabIndex >= 0);
    seen.forEach((it, place) => { it.dataset.control = place; });
    return seen.length;
  });
  await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); });
  const reached = new Set();
  let unseen = 0;
  for (let tabs = 0; tabs < MOST_TABS && reached.size < wanted; tabs += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const it = document.activeElement;
      const style = getComputedStyle(it);
      const inside = it.matches(".node") ? getComputedStyle(it.querySelector("rect")) : null;
      return { control: it.dataset.control, visible: (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || inside?.strokeWidth !== undefined };
    });
    if (found.control !== undefined && !reached.has(found.control)) {
      reached.add(found.control);
      if (!found.visible) unseen += 1;
    }
  }
  if (reached.size < wanted) workshop.wrong(`${wanted - reached.size} of ${wanted} controls are not reached by Tab`);
  if (unseen > 0) workshop.wrong(`${unseen} controls do not show that they have the focus`);
  console.log(`   ${reached.size} of ${wanted} controls are reached by Tab, ${unseen} without a visible focus`);

  // A value of every panel, and every curve as a table.
  const panels = page.locator(".panel-picture");
  const count = await panels.count();
  await panels.first().focus();
  await page.keyboard.press("ArrowRight");
  const readings = await page.locator(".readout .age").count();
  if (readings !== count) workshop.wrong(`the arrow keys read ${readings} of ${count} panels`);
  for (let place = 0; place < count; place += 1) {
    const button = page.locator(".panel figcaption button").nth(place);
    await button.focus();
    await page.keyboard.press("Enter");
    const rows = await page.locator("#dialog tbody tr").count();
    if (rows < 100) workshop.wrong(`the table of panel ${place} has ${rows} rows`);
    await page.keyboard.press("Escape");
    const back = await button.evaluate((it) => it === document.activeElement);
    if (!back) workshop.wrong(`the focus is lost after the table of panel ${place}`);
  }
  // A slider keeps the focus while its run is drawn.
  const slider = page.locator("#sliders input[type=range]").first();
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await workshop.settled(page);
  if (!(await slider.evaluate((it) => it === document.activeElement))) workshop.wrong("a slider loses the focus");
  // The map: arrows move, Enter opens, the entry has the focus, Close gives it back.
  await page.locator(".node[tabindex='0']").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const title = await page.evaluate(() => document.activeElement.id);
  workshop.same(title, "entry-title", "the focus after a box is opened");
  const cards = await page.locator("#entry .card").count();
  if (cards === 0) workshop.wrong("a box opens nothing");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const isNode = await page.evaluate(() => document.activeElement.matches(".node"));
  if (!isNode) workshop.wrong("the focus does not go back to the map");
  console.log(`   ${count} panels are read and shown as tables, a slider moves, the map opens and closes: by keyboard alone`);
  await page.context().close();
}
