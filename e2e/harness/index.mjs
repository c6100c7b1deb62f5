// What every spec imports: `test` with a running demonstration commune, and `look`, which leaves no page
// unexamined.
//
//   import { expect, test } from "../harness/index.mjs";
//   test("…", async ({ visit, look, page }) => {
//     await visit("/demarches");                    // goes there, examines the page
//     await page.getByRole("button", …).click();
//     await look("récapitulatif");                  // examines where the click led
//   });

import path from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import { findings, mirror } from "./scan.mjs";
import { startDemo } from "./server.mjs";

export { expect };

const shots = fileURLToPath(new URL("../shots", import.meta.url));
/** Whether pages are kept as pictures, for whoever wants to look at them. */
const keepsShots = Boolean(process.env.SHOTS);

/** Gathers what the browser complains of, and every request that leaves the site. */
function watch(page, demo, complaints) {
  page.on("console", (message) => {
    // A refused answer (404, 422…) is logged as an error too; the tests look at the status themselves.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== demo.address) complaints.push(`a request left for ${origin}`);
  });
}

export const test = base.extend({
  /** Where the commune keeps its records: "sqlite" or "postgres". */
  engine: ["sqlite", { option: true, scope: "worker" }],

  /** Whether pages run their scripts: what `javaScriptEnabled` says, for what outlives one test. */
  scripts: [true, { option: true, scope: "worker" }],

  /** The screens on which each page is examined, whichever of them the journey goes on. */
  screens: [[], { option: true }],

  /** The commune, one for each way of browsing, so that no journey meets another's traces. */
  demo: [
    async ({ engine }, use) => {
      const demo = await startDemo(engine);
      await use(demo);
      await demo.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  /** Where pages without scripts are examined; undefined where scripts run. */
  copy: [
    async ({ browser, demo, scripts }, use) => {
      const copy = scripts ? undefined : await mirror(browser, `${demo.address}/favicon.ico`);
      await use(copy);
      await copy?.context().close();
    },
    { scope: "worker" },
  ],

  baseURL: async ({ demo }, use) => use(demo.address),

  /** A page that fails its test where the browser complains or the site calls on a third party. */
  page: async ({ page, demo }, use) => {
    const complaints = [];
    watch(page, demo, complaints);
    await use(page);
    expect(complaints, "what the browser complained of").toEqual([]);
  },

  /** A page in another browser: somebody else, or the same person at another machine. It fails its test alike. */
  elsewhere: async ({ page, browser, demo }, use) => {
    const contexts = [];
    const complaints = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: demo.address, viewport: page.viewportSize() });
      contexts.push(context);
      const other = await context.newPage();
      watch(other, demo, complaints);
      return other;
    });
    for (const context of contexts) await context.close();
    expect(complaints, "what the other browser complained of").toEqual([]);
  },

  /** Examines a page as it stands (the test's own, or one from `elsewhere`); with SHOTS=1 keeps pictures named after it. */
  look: async ({ page, copy, screens }, use, info) => {
    await use(async (name, at = page) => {
      const file = name.normalize("NFD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
      const keep = async (shown, { width, height }) => {
        await shown.setViewportSize({ width, height });
        const picture = path.join(shots, info.project.name, String(width), `${file || "accueil"}.png`);
        await shown.screenshot({ path: picture, fullPage: true });
      };
      const found = await findings(at, copy, screens, keepsShots ? keep : undefined);
      expect(found, `${name} (${at.url()})`).toEqual([]);
    });
  },

  /** Goes to an address of the site, expects an answer, and examines it. */
  visit: async ({ page, look }, use) => {
    await use(async (address, status = 200) => {
      const answer = await page.goto(address);
      expect(answer.status(), address).toBe(status);
      await look(address);
      return answer;
    });
  },
});
