// Looks at a page as it stands and tells what an inspector would: accessibility violations (axe-core),
// text that runs off a narrow screen, and names of texts where a text should be.
//
// The page is scanned as a copy: its HTML at its own address, with its styles, and without the site's
// scripts. So a page that answers a form, and one whose visitor has no JavaScript, are scanned alike.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A text that does not exist is shown as its name: `office-event-case-received`.
const TEXT_NAMES = /\b(?:accounts|desk|notify|office|permission)-[a-z0-9]+(?:-[a-z0-9]+)*\b/g;

/** The findings on `page`, one line each; empty where there is nothing to say. */
export async function findings(page, browser) {
  const html = await page.content();
  const address = page.url();
  const context = await browser.newContext({
    viewport: page.viewportSize(),
    // Said, because the context would take after its project, which may forbid scripts; axe is one.
    javaScriptEnabled: true,
    bypassCSP: true,
  });
  try {
    await context.addCookies(await page.context().cookies());
    await context.route("**/*", (route) => {
      switch (route.request().resourceType()) {
        case "document":
          return route.fulfill({ status: 200, contentType: "text/html; charset=utf-8", body: html });
        case "script":
        case "eventsource":
          return route.abort();
        default:
          return route.continue();
      }
    });
    const copy = await context.newPage();
    await copy.goto(address);
    const overflow = await copy.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    await copy.evaluate(axeSource);
    const { violations } = await copy.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const lines = violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}: ${node.html}`),
    );
    const names = (await copy.evaluate(() => document.body.innerText)).match(TEXT_NAMES) ?? [];
    lines.push(...new Set(names.map((name) => `the text ${name} is missing`)));
    if (overflow > 0) lines.push(`the page is ${overflow} pixels wider than the screen`);
    return lines;
  } finally {
    await context.close();
  }
}
