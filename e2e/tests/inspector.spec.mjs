// The inspector itself: one that found nothing would let everything pass.

import { findings } from "../harness/scan.mjs";
import { expect, test } from "../harness/index.mjs";

test("a page with faults is told of, each by its name", async ({ page, copy, screens }) => {
  await page.goto("/suivi");
  expect(await findings(page, copy, screens)).toEqual([]);
  await page.evaluate(() => {
    const faulty = document.createElement("p");
    faulty.textContent = "Trop large, trop pâle";
    faulty.style.width = "3000px";
    faulty.style.color = "#ccc";
    const picture = document.createElement("img");
    picture.src = "/favicon.ico";
    const heading = document.createElement("h1");
    heading.textContent = "desk-text-missing";
    document.querySelector("main").replaceChildren(heading, picture, faulty);
  });
  const told = (await findings(page, copy, screens)).join("\n");
  for (const fault of ["image-alt", "color-contrast", "desk-text-missing", "pixels wider"]) {
    expect(told).toContain(fault);
  }
});
