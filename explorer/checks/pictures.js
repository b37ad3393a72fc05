// Pictures of the page at three widths in two themes, for people to look at.

export async function pictures(workshop) {
  for (const width of [320, 820, 1440]) {
    for (const theme of ["light", "dark"]) {
      const page = await workshop.page({ viewport: { width, height: 1000 }, colorScheme: theme });
      const shoot = (name, settings = {}) => page.screenshot({ path: `${workshop.output}/${width}-${theme}-${name}.png`, ...settings });
      await shoot("top");
      await page.evaluate(() => {
        chooseValue("acetate_absorption", 20);
        arms()[1].intervention[0].start = "60 d";
        changedScenario();
      });
      await workshop.settled(page);
      await page.evaluate(async () => {
        find("animals").value = 40;
        await runCohort();
        find("show-bands").checked = true;
        toggleBands();
        moveCursor(90);
      });
      await shoot("whole", { fullPage: true });
      await page.evaluate(() => {
        const place = map.answer.ways.findIndex((way) => way.entries.length > 1);
        chooseWay(place);
        find("map").scrollIntoView();
      });
      await page.waitForTimeout(300);
      await shoot("network");
      await page.context().close();
    }
  }
  console.log(`   18 pictures in ${workshop.output}`);
}
