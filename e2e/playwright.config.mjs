// Journeys in Debian's Chromium. Each is walked twice: on a desk's screen with JavaScript, on a telephone's without, on an
// engine each; on either way every page is examined on both screens. What residents do (@resident) is walked a third time
// as most of them do it: on a telephone with JavaScript.

import { defineConfig } from "@playwright/test";

const desk = { width: 1280, height: 900 };
const telephone = { width: 390, height: 844 };

/** A way of browsing. */
function way(name, viewport, javaScriptEnabled, engine, screens = [desk, telephone]) {
  return { name, use: { viewport, javaScriptEnabled, scripts: javaScriptEnabled, engine, screens } };
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
  projects: [
    way("screen-js", desk, true, "sqlite"),
    way("telephone-nojs", telephone, false, "postgres"),
    { ...way("telephone-js", telephone, true, "sqlite", [telephone]), grep: /@resident/ },
  ],
});
