// Journeys in Debian's Chromium: two widths, with and without JavaScript. Each engine serves both widths and
// both ways.

import { defineConfig } from "@playwright/test";

const projects = [];
for (const [width, height] of [[1280, 900], [390, 844]]) {
  for (const javaScriptEnabled of [true, false]) {
    projects.push({
      name: `${width}-${javaScriptEnabled ? "js" : "nojs"}`,
      use: {
        viewport: { width, height },
        javaScriptEnabled,
        scripts: javaScriptEnabled,
        engine: (width === 1280) === javaScriptEnabled ? "sqlite" : "postgres",
      },
    });
  }
}

export default defineConfig({
  testDir: "tests",
  // Two cores are shared by the server and the browser; a second worker would only slow both.
  workers: 1,
  timeout: 120_000,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    // What is not there by then will not come: the test says so at once, and not when its own time is over.
    actionTimeout: 20_000,
    launchOptions: {
      executablePath: process.env.BEFFROI_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
    },
  },
  projects,
});
