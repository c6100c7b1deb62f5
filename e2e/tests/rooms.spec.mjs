// Somebody books a room: they pick a free time, fill the request in while it is held for them, and an agent finds it in
// the planning. At the counter an agent does the same for somebody else. With and without JavaScript, on a desk and on a
// phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const CERTIFICATE = { name: "attestation.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") };

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** A free morning of a room, some weeks ahead; each way of browsing has a day of its own. */
async function free(page, weeks) {
  const from = new Date(Date.now() + weeks * 7 * 86_400_000);
  const to = new Date(from.getTime() + 20 * 86_400_000);
  const address = `/api/v1/resources/salle-brassens/availability?from=${from.toISOString()}&to=${to.toISOString()}&duration=120`;
  const { times } = await (await page.request.get(address)).json();
  // On a day of the working week it is closed at noon.
  const time = times.find(({ start }) => {
    const at = new Date(start);
    const hour = at.toLocaleTimeString("fr-FR", { timeZone: "Europe/Paris" });
    return hour.startsWith("14:00") && at.getUTCDay() % 6 !== 0;
  });
  return new Date(time.start).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });
}

async function fill(page, look) {
  await expect(page.getByText("gardé pour vous jusqu’à")).toBeVisible();
  await look("demande, la réservation");
  await page.getByLabel("Une réunion ou une assemblée générale").check();
  await page.getByLabel("Ce que vous organisez").fill("Réunion de quartier");
  for (const name of ["ouvert_public", "alcool"]) {
    await page.locator(`input[name="${name}"][value="false"]`).check();
  }
  await page.getByRole("button", { name: "Continuer" }).last().click();
  await page.getByLabel("Vous-même, comme particulier").check();
  await page.locator('input[name="habitant"][value="true"]').check();
  await page.locator('[name="demandeur-family_name"]').fill("Peyron");
  await page.locator('[name="demandeur-given_names"]').fill("Gaspard");
  await page.locator("#adresse").fill("3 rue Haute, 34400 Lunel");
  await page.locator("#courriel").fill("gaspard@example.org");
  await page.getByRole("button", { name: "Continuer" }).last().click();
  await page.locator("#assurance").setInputFiles(CERTIFICATE);
  await page.getByLabel(/J’accepte la charte/).check();
  await page.getByRole("button", { name: "Continuer" }).last().click();
}

test("somebody books a room, and an agent finds it in the planning", { tag: "@resident" }, async ({ visit, look, page }) => {
  const weeks = 4;
  await visit("/salles");
  await page.getByRole("link", { name: "Salle Georges-Brassens" }).click();
  await look("salle");
  const day = await free(page, weeks);
  await page.getByRole("link", { name: "Réserver cette salle" }).click();
  await look("réserver, vide");
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await look("réserver, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez un jour qui existe");
  await page.getByLabel("Jour", { exact: true }).fill(day);
  await page.getByLabel("De", { exact: true }).fill("12:30");
  await page.getByLabel("À", { exact: true }).fill("13:30");
  await page.getByLabel("Nombre de personnes").fill("12");
  await page.getByLabel("Assis en rangées").check();
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await look("réserver, fermé");
  await expect(page.getByRole("alert")).toContainText("La salle est fermée");
  // What was typed is there still; one of the free times is taken instead.
  await expect(page.getByLabel("Nombre de personnes")).toHaveValue("12");
  await expect(page.getByText("Les créneaux libres les plus proches")).toBeVisible();
  await page.getByLabel("De", { exact: true }).fill("14:00");
  await page.getByLabel("À", { exact: true }).fill("16:00");
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await fill(page, look);
  await look("récapitulatif");
  await expect(page.getByText("Salle Georges-Brassens").first()).toBeVisible();
  await page.getByRole("button", { name: "Envoyer", exact: true }).click();
  await look("demande envoyée");
  await expect(page.getByText("Créneau retenu, en attente de réponse")).toBeVisible();
  // Nobody else can have it.
  await page.goto(`/salles/salle-brassens/reserver?jour=${day}&de=15:00&a=17:00&personnes=5`);
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await look("réserver, pris");
  await expect(page.getByRole("alert")).toContainText("déjà réservée");

  await signIn(page, "paloma.ortega@lunel.example");
  await visit(`/agents/planning?jour=${day}`);
  await expect(page.getByText("Demandée").first()).toBeVisible();
  await page.getByRole("link", { name: /Demande \d{4}-/ }).first().click();
  await look("dossier avec réservation");
  await expect(page.getByRole("heading", { name: "La réservation" }).first()).toBeVisible();
  await page.getByRole("link", { name: "Voir ce jour sur le planning" }).click();
  await look("planning d’une salle");
  // At the counter, for somebody who stands there.
  await page.getByRole("link", { name: /Réserver pour quelqu’un/ }).first().click();
  await look("réserver pour quelqu’un");
  await page.getByLabel("Nombre de personnes").fill("8");
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await look("guichet, créneau gardé");
  await expect(page.getByText("gardé pour vous jusqu’à")).toBeVisible();
});

test("a manager blocks a room and describes one", async ({ visit, look, page }) => {
  const weeks = 5;
  await signIn(page, "helene.maurin@lunel.example");
  const day = await free(page, weeks);
  await visit(`/agents/planning?vue=semaine&jour=${day}`);
  await page.getByRole("link", { name: "Salle Georges-Brassens" }).first().click();
  await page.getByRole("link", { name: /Bloquer/ }).first().click();
  await look("bloquer");
  await page.getByLabel("Pourquoi").fill("Bureau de vote");
  await page.getByRole("button", { name: "Bloquer" }).click();
  await look("bloquée");
  await expect(page.getByText("La salle est bloquée.")).toBeVisible();
  await page.getByRole("button", { name: /Lever le blocage/ }).first().click();
  await expect(page.getByText("Le blocage est levé.")).toBeVisible();
  await visit(`/agents/planning/taches?jour=${day}`);
  await visit("/admin/gratuites");
  await visit("/admin/salles/salle-brassens/tarifs");
  await page.getByRole("button", { name: "Ajouter ce tarif" }).click();
  await look("tarifs, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez au moins un montant");
  await visit("/admin/salles");
  await page.getByRole("link", { name: "Salle Georges-Brassens" }).click();
  await look("décrire une salle");
  await expect(page.getByLabel("Démarche qui réserve la salle")).toHaveValue("reservation-de-salle");
  await page.getByRole("link", { name: "Changer les horaires, les fermetures et les jours particuliers" }).click();
  await look("horaires d’une salle");
  const hours = page.getByLabel("Heures", { exact: true }).first();
  const before = await hours.inputValue();
  await hours.fill("12:00-9:00");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("horaires d’une salle, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez des heures qui se suivent");
  await hours.fill(before);
  await page.getByRole("button", { name: "Ajouter un jour particulier" }).click();
  await page.getByLabel("Jour", { exact: true }).last().fill("2031-05-08");
  await page.getByRole("button", { name: "Voir ce que cela donne" }).click();
  await look("horaires d’une salle, en clair");
  await expect(page.getByRole("listitem").filter({ hasText: "Jeudi 8 mai 2031 : fermé" })).toBeVisible();
  await page.getByRole("button", { name: /Retirer.*8 mai 2031/ }).click();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("La salle est enregistrée.")).toBeVisible();
});
