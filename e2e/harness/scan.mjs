// Looks at a page as it stands and tells what an inspector would: accessibility violations (axe-core),
// text that runs off a narrow screen, and names of texts where a text should be.
//
// Where scripts run, the page itself is examined, with what they made of it. Where they do not, axe could not
// run either: what the page shows is written into a second one, without its scripts, at the same address.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A text that does not exist is shown as its name: `office-event-case-received`.
const TEXT_NAMES =
  /\b(?:accounts|appointments|desk|notify|office|openings|permission|planning|premises|rooms|till|workshops)-[a-z0-9]+(?:-[a-z0-9]+)*\b/g;

/** A page that shows what others show, for the inspector; kept open, so that styles and fonts are fetched once. */
export async function mirror(browser, address) {
  // Said, because the context would take after its project, which may forbid scripts; axe is one.
  const context = await browser.newContext({ javaScriptEnabled: true, bypassCSP: true });
  const copy = await context.newPage();
  await copy.goto(address);
  return copy;
}

/** Writes what `page` shows into its mirror. */
async function reflect(page, copy) {
  await copy.evaluate(
    ([html, address]) => {
      const shown = new DOMParser().parseFromString(html, "text/html");
      for (const script of shown.querySelectorAll("script")) script.remove();
      for (const instead of shown.querySelectorAll("noscript")) instead.replaceWith(...instead.childNodes);
      history.replaceState(null, "", new URL(address).pathname);
      document.open();
      document.write(`<!DOCTYPE html>${shown.documentElement.outerHTML}`);
      document.close();
    },
    [await page.content(), page.url()],
  );
  await copy.waitForLoadState("load");
  await copy.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** What is to be said of what `at` shows on a screen of this size. */
async function examined(at, size) {
  await at.setViewportSize(size);
  const overflow = await at.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  const { violations } = await at.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const lines = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}: ${node.html}`),
  );
  if (overflow > 0) lines.push(`the page is ${overflow} pixels wider than the screen`);
  return lines.map((line) => `at ${size.width} pixels: ${line}`);
}

/**
 * The findings on `page` on each of these screens, one line each; empty where there is nothing to say. `copy` is its
 * mirror, where it has one. `keep` is given what is shown on each, before it is examined.
 */
export async function findings(page, copy, sizes, keep) {
  if (copy !== undefined) await reflect(page, copy);
  const at = copy ?? page;
  const own = page.viewportSize();
  await at.evaluate(axeSource);
  const lines = [];
  for (const size of sizes) {
    await keep?.(at, size);
    lines.push(...(await examined(at, size)));
  }
  if (at === page) await page.setViewportSize(own);
  const names = (await at.evaluate(() => document.body.innerText)).match(TEXT_NAMES) ?? [];
  lines.push(...new Set(names.map((name) => `the text ${name} is missing`)));
  return lines;
}
