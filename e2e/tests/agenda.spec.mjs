// The calendar of a school or a theatre keeps a room: looked at first, then confirmed as a whole, then lifted again. With
// and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** A day of Paris, so many days from now, as addresses and calendars write it. */
const day = (after) => new Date(Date.now() + after * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });

/** An event of a calendar, on the evening of a day. */
function event(name, on, more = []) {
  const at = (hour) => `TZID=Europe/Paris:${on.replaceAll("-", "")}T${hour}0000`;
  const lines = [`UID:${name}@ecole.example`, `SUMMARY:${name}`, `DTSTART;${at("20")}`, `DTEND;${at("22")}`, ...more];
  return ["BEGIN:VEVENT", ...lines, "END:VEVENT"];
}

/** A calendar as a browser sends it. */
function calendar(...events) {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ecole//FR", ...events.flat(), "END:VCALENDAR", ""];
  return { name: "ecole.ics", mimeType: "text/calendar", buffer: Buffer.from(lines.join("\r\n")) };
}

test("the calendar of a school keeps a room, once it was looked at", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/agents/planning/salle-de-reunion-castel");
  await page.getByRole("link", { name: "Importer un agenda" }).click();
  await look("agenda, choisir un fichier");
  await page.getByRole("button", { name: "Voir ce qui sera bloqué" }).click();
  await look("agenda, sans fichier");
  await expect(page.getByRole("alert")).toContainText("Choisissez un fichier d’agenda");
  await page.getByLabel("Fichier d’agenda").setInputFiles({ name: "notes.ics", mimeType: "text/calendar", buffer: Buffer.from("Bonjour") });
  await page.getByRole("button", { name: "Voir ce qui sera bloqué" }).click();
  await look("agenda, un autre fichier");
  await expect(page.getByRole("alert")).toContainText("Ce fichier n’est pas un agenda");

  const first = day(21);
  const file = calendar(
    event("Chorale de l’école", first, ["RRULE:FREQ=DAILY;COUNT=2"]),
    event("Kermesse", day(40)),
    event("Permanence", day(41), ["TRANSP:TRANSPARENT"]),
  );
  await page.getByLabel("Fichier d’agenda").setInputFiles(file);
  await page.getByRole("button", { name: "Voir ce qui sera bloqué" }).click();
  await look("agenda, à confirmer");
  await expect(page.getByText("3 périodes à bloquer")).toBeVisible();
  await expect(page.getByText("1 événement laissé de côté")).toBeVisible();
  await expect(page.getByText("Il est marqué comme disponible.")).toBeVisible();
  await page.getByRole("button", { name: "Bloquer la salle" }).click();
  await look("agenda, salle bloquée");
  await expect(page.getByText("La salle est bloquée aux dates de l’agenda.")).toBeVisible();
  await expect(page.getByText("Chorale de l’école").first()).toBeVisible();

  // The same file finds the room taken by itself.
  await page.goto("/agents/planning/salle-de-reunion-castel/agenda");
  await page.getByLabel("Fichier d’agenda").setInputFiles(file);
  await page.getByRole("button", { name: "Voir ce qui sera bloqué" }).click();
  await look("agenda, rien à bloquer");
  await expect(page.getByRole("heading", { name: "Rien à bloquer" })).toBeVisible();
  await expect(page.getByText("La salle est déjà bloquée").first()).toBeVisible();
  await page.goto(`/agents/planning/salle-de-reunion-castel?jour=${first}`);
  await page.getByRole("button", { name: /Lever le blocage/ }).first().click();
  await expect(page.getByText("Le blocage est levé.")).toBeVisible();
});
