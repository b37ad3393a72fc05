// Texts, titles, names and addresses that want to be more than text.

const PATTERNS = [
  "<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "<svg onload=window.pwned=1>", "\"><script>window.pwned=1</script>",
  "'-window.pwned=1-'", "javascript:window.pwned=1", "${window.pwned=1}", "{{constructor.constructor('window.pwned=1')()}}",
  "</textarea><script>window.pwned=1</script>", "</title><script>window.pwned=1</script>", "<iframe srcdoc='<script>parent.pwned=1</script>'>",
  "<a href='javascript:window.pwned=1'>x</a>", "<style>*{display:none}</style>", "<base href='https://evil.example/'>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>", "<form action=https://evil.example><input name=x></form>",
  "<object data='data:text/html,<script>parent.pwned=1</script>'>", "<link rel=stylesheet href=https://evil.example/x.css>",
  "__proto__", "constructor", "toString", "hasOwnProperty", "\u0000", "\u202egnirts\u202c", "\ud83d\ude00".repeat(300), "a".repeat(100_000),
  "<math><mtext></table></math><img src=x onerror=window.pwned=1>", "&lt;script&gt;window.pwned=1&lt;/script&gt;", "%3Cscript%3Ewindow.pwned=1%3C/script%3E",
  "\\u003cscript\\u003ewindow.pwned=1", "<!--", "]]>", "\"; window.pwned=1; //", "`;window.pwned=1;`", "<details open ontoggle=window.pwned=1>",
  "<video><source onerror=window.pwned=1>", "<body onload=window.pwned=1>", "<input autofocus onfocus=window.pwned=1>", "\n[[arm]]\nname = 1\n", "../../../etc/passwd",
  "<template><script>window.pwned=1</script></template>", "url(https://evil.example)",
];

const quote = (text) => JSON.stringify(text).replace(/\u0000/g, "\\u0000");

// The places where a pattern may stand: what is given to the page, and how.
const PLACES = {
  "as the whole text": (pattern) => ({ text: pattern }),
  "as the title": (pattern) => ({ text: `extends = "butyrate-g93a.toml"\ntitle = ${quote(pattern)}\n` }),
  "as the name of an arm": (pattern) => ({ text: `extends = "base/g93a-b6sjl.toml"\n[[arm]]\nname = ${quote(pattern)}\n[[figure]]\nkind = "axis"\n` }),
  "as what is extended": (pattern) => ({ text: `extends = ${quote(pattern)}\n` }),
  "as the address": (pattern) => ({ fragment: pattern }),
  "as text in the address": (pattern) => ({ packed: `extends = "butyrate-g93a.toml"\ntitle = ${quote(pattern)}\n` }),
};

export async function hostile(workshop) {
  const page = await workshop.page();
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    dialog.dismiss();
  });
  const home = page.url().split("#")[0];
  const before = await page.evaluate(() => document.scripts.length);
  let given = 0;
  for (const [place, make] of Object.entries(PLACES)) {
    for (const pattern of PATTERNS) {
      const payload = make(pattern);
      given += 1;
      const found = await page.evaluate(async ({ text, fragment, packed: long }) => {
        try {
          if (text !== undefined) await open({ text }, "");
          else {
            const hash = long === undefined ? fragment : `s=${await packed(long)}`;
            history.replaceState(null, "", `#${encodeURI(hash)}`);
            const asked = await fromAddress();
            if (asked) await open(asked, "");
          }
        } catch (fault) {
          showFaults(fault);
        }
        return {
          pwned: window.pwned !== undefined, polluted: ({}).pwned !== undefined, scripts: document.scripts.length,
          foreign: document.querySelectorAll("iframe, object, embed, base, img, form, link, video, body meta").length, hidden: getComputedStyle(document.body).display,
        };
      }, payload);
      const at = `${place}: ${pattern.slice(0, 60)}`;
      if (found.pwned || found.polluted) workshop.wrong(`it ran, ${at}`);
      if (found.scripts !== before || found.foreign > 0) workshop.wrong(`it became markup, ${at}`);
      if (found.hidden === "none") workshop.wrong(`it became style, ${at}`);
      workshop.same(page.url().split("#")[0], home, `the place of the page, ${at}`);
    }
  }
  if (dialogs.length > 0) workshop.wrong(`${dialogs.length} dialogs were opened`);
  const version = await page.evaluate(async () => (await ask({ do: "hello" })).version);
  if (!version) workshop.wrong("the page does not answer any more");
  await workshop.chooses(page, "scenarios/butyrate-g93a.toml");
  console.log(`   ${given} payloads in ${Object.keys(PLACES).length} places did nothing, and the page goes on`);
  await page.context().close();
}
