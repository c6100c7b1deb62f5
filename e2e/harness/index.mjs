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
import { findings } from "./scan.mjs";
import { startDemo } from "./server.mjs";

export { expect };

const shots = fileURLToPath(new URL("../shots", import.meta.url));

export const test = base.extend({
  /** Where the commune keeps its records: "sqlite" or "postgres". */
  engine: ["sqlite", { option: true, scope: "worker" }],

  /** The commune, one for each width and way of browsing, so that no journey meets another's traces. */
  demo: [
    async ({ engine }, use) => {
      const demo = await startDemo(engine);
      await use(demo);
      await demo.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  baseURL: async ({ demo }, use) => use(demo.address),

  /** A page that fails its test where the browser complains or the site calls on a third party. */
  page: async ({ page, demo }, use) => {
    const complaints = [];
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
    await use(page);
    expect(complaints, "what the browser complained of").toEqual([]);
  },

  /** Examines the page as it stands, and keeps a screenshot named after it. */
  look: async ({ page, browser }, use, info) => {
    await use(async (name) => {
      const file = name.normalize("NFD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
      await page.screenshot({ path: path.join(shots, info.project.name, `${file || "accueil"}.png`), fullPage: true });
      expect(await findings(page, browser), `${name} (${page.url()})`).toEqual([]);
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
