// Runs the checks of the explorer and prints what was measured; ends with 1 if anything is wrong.

import { mkdirSync } from "node:fs";
import { Workshop } from "./checks/workshop.js";
import { access } from "./checks/access.js";
import { digits } from "./checks/digits.js";
import { hostile } from "./checks/hostile.js";
import { keyboard } from "./checks/keyboard.js";
import { pictures } from "./checks/pictures.js";
import { server } from "./checks/server.js";
import { tasks } from "./checks/tasks.js";
import { times } from "./checks/times.js";

const [root, target, ...wanted] = process.argv.slice(2);
const checks = { digits, hostile, access, keyboard, tasks, times, pictures, server };
const chosen = wanted.length > 0 ? wanted : Object.keys(checks);
const output = `${target}/explorer/check`;
mkdirSync(output, { recursive: true });
const workshop = await Workshop.open(root, target, output);
try {
  for (const name of chosen) {
    const check = checks[name];
    if (check === undefined) {
      workshop.wrong(`there is no check \`${name}\``);
      continue;
    }
    console.log(`\n-- ${name}`);
    try {
      await check(workshop);
    } catch (fault) {
      workshop.wrong(`${name}: ${fault.stack}`);
    }
  }
} finally {
  await workshop.close();
}
console.log(workshop.mistakes.length === 0 ? "\nthe explorer is as it should be" : `\n${workshop.mistakes.length} mistakes`);
process.exitCode = workshop.mistakes.length === 0 ? 0 : 1;
