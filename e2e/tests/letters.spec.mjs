// What comes on paper: a letter that asks for a room gets a time from its case, and the code of a letter of the town opens the
// question how its request was handled. With and without JavaScript, on a desk and on a phone.

import { execFileSync } from "node:child_process";
import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** A weekday some weeks ahead on which a room is free in the afternoon. */
async function free(page, weeks) {
  const from = new Date(Date.now() + weeks * 7 * 86_400_000);
  const to = new Date(from.getTime() + 20 * 86_400_000);
  const address = `/api/v1/resources/salle-brassens/availability?from=${from.toISOString()}&to=${to.toISOString()}&duration=120`;
  const { times } = await (await page.request.get(address)).json();
  const time = times.find(({ start }) => {
    const at = new Date(start);
    return at.toLocaleTimeString("fr-FR", { timeZone: "Europe/Paris" }).startsWith("14:00") && at.getUTCDay() % 6 !== 0;
  });
  return new Date(time.start).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });
}

test("a letter that asks for a room gets a time from its case", async ({ look, page }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  const day = await free(page, 9);
  await page.goto("/agents/guichet/reservation-de-salle");
  await page.getByLabel("Courrier", { exact: true }).check();
  await page.getByRole("button", { name: "Mettre la page à jour" }).click();
  await look("lettre, saisie");
  await page.locator("#salle").fill("La salle Brassens");
  const [year, month, date] = day.split("-");
  await page.locator('[name="jour-day"]').fill(date);
  await page.locator('[name="jour-month"]').fill(month);
  await page.locator('[name="jour-year"]').fill(year);
  await page.locator("#debut").fill("15:00");
  await page.locator("#fin").fill("18:00");
  await page.locator("#personnes").fill("20");
  await page.getByLabel("Une réunion ou une assemblée générale").check();
  await page.locator("#objet").fill("Réunion de famille");
  for (const name of ["ouvert_public", "alcool"]) await page.locator(`input[name="${name}"][value="false"]`).check();
  await page.getByLabel("Vous-même, comme particulier").check();
  await page.locator('input[name="habitant"][value="true"]').check();
  await page.locator('[name="demandeur-family_name"]').fill("Bonafous");
  await page.locator('[name="demandeur-given_names"]').fill("Honorine");
  await page.locator("#adresse").fill("3 impasse du Puits, 34400 Lunel");
  await page.getByLabel(/J’accepte la charte/).check();
  await page.getByRole("button", { name: "Enregistrer la demande" }).last().click();
  await look("lettre, reçu");
  await page.getByRole("link", { name: "Ouvrir le dossier" }).click();
  await look("lettre, dossier sans créneau");
  await expect(page.getByText("Aucun créneau n’est retenu")).toBeVisible();
  await page.getByRole("link", { name: "Choisir un créneau" }).click();
  await look("lettre, planning");
  await expect(page.getByText("Vous cherchez un créneau pour une demande arrivée sans.")).toBeVisible();
  await page.getByRole("link", { name: /^Réserver pour quelqu’un\s+Salle Georges-Brassens/ }).last().click();
  await look("lettre, choisir un créneau");
  await page.getByLabel("De", { exact: true }).fill("15:00");
  await page.getByLabel("À", { exact: true }).fill("18:00");
  await page.getByLabel("Nombre de personnes").fill("20");
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await look("lettre, créneau à retenir");
  await expect(page.getByText(/Prix/).first()).toBeVisible();
  await page.getByRole("button", { name: "Retenir ce créneau" }).click();
  await look("lettre, créneau retenu");
  await expect(page.getByText("Le créneau est retenu, et la personne est prévenue.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Un créneau pour cette demande" })).toHaveCount(0);
});

/** Enters a removal for somebody who has no address for mail; its reference. */
async function entered(page) {
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const answers = {
    objet: "demenagement", circulation: false, lieu: "3 rue Haute, 34400 Lunel", surface: 20,
    debut: day, fin: day, heure_debut: "08:00", heure_fin: "12:00", statut: "particulier",
    demandeur: { family_name: "Portal", given_names: "Ginette" }, adresse: "3 rue Haute, 34400 Lunel", engagement: true,
  };
  const sent = await page.request.post("/api/v1/procedures/occupation-domaine-public/cases", { data: { answers, channel: "counter" } });
  expect(sent.status(), await sent.text()).toBe(201);
  return (await sent.json()).reference;
}

/** The words of the decision among the papers of the case that is shown; undefined as long as it is not made. */
async function decision(page) {
  await page.reload();
  const papers = await page.locator('a[href*="/documents/"]').evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const paper of papers) {
    const answer = await page.request.get(paper);
    if (!answer.headers()["content-type"].startsWith("application/pdf")) continue;
    const words = execFileSync("pdftotext", ["-", "-"], { input: await answer.body() }).toString();
    if (words.includes("/avis")) return words;
  }
  return undefined;
}

test("the code of a letter opens the question how its request was handled", async ({ visit, look, page, elsewhere }) => {
  await signIn(page, "bastien.gleize@lunel.example");
  const reference = await entered(page);
  await page.goto("/agents?etat=received");
  await page.getByRole("link", { name: reference }).click();
  await page.getByRole("button", { name: "Prendre le dossier" }).click();
  await page.getByLabel("Accepter").check();
  await page.getByLabel("Motifs").fill("Le passage des piétons reste libre.");
  await page.getByLabel("Rémi Faure, l’adjoint à l’espace public").check();
  await page.getByRole("button", { name: "Décider" }).click();
  await page.getByRole("button", { name: "Confirmer la décision" }).click();
  await expect(page.getByText("La décision est prise.").first()).toBeVisible();
  let words;
  await expect(async () => {
    words = await decision(page);
    expect(words).toBeDefined();
  }).toPass({ timeout: 30_000 });
  const [code] = /(?:[2-9A-Z]{4}-){2}[2-9A-Z]{4}/.exec(words);

  // She tells it on the telephone; or types it herself.
  await page.goto("/agents/guichet");
  await page.getByRole("link", { name: "Noter l’avis d’une personne" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Votre avis");
  const reader = await elsewhere();
  await reader.goto("/avis");
  await look("avis, code", reader);
  await reader.getByLabel("Code de votre lettre").fill("BX7K-29QM-4TRW");
  await reader.getByRole("button", { name: "Continuer" }).click();
  await look("avis, code inconnu", reader);
  await expect(reader.getByRole("alert")).toContainText("Ce code n’est pas connu");
  await expect(reader.getByLabel("Code de votre lettre")).toHaveValue("BX7K-29QM-4TRW");
  await reader.getByLabel("Code de votre lettre").fill(code.toLowerCase().replaceAll("-", " "));
  await reader.getByRole("button", { name: "Continuer" }).click();
  await look("avis, par un code", reader);
  await reader.getByLabel("Satisfait", { exact: true }).check();
  await reader.getByRole("button", { name: "Envoyer mon avis" }).click();
  await look("avis, donné par un code", reader);
  await expect(reader.getByRole("heading", { name: "Merci" })).toBeVisible();
});
