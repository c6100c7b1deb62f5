// The resident's space on a cheap telephone and on a desk: what waits, documents used again, household, who looked,
// taking along, leaving.

import { fileURLToPath } from "node:url";
import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const PLAN = fileURLToPath(new URL("fixtures/plan.png", import.meta.url));

async function signIn(page, email, back) {
  await page.goto(`/connexion?retour=${encodeURIComponent(back)}`);
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("a resident finds what waits, and everything else from there", { tag: "@resident" }, async ({ page, look, visit }) => {
  await signIn(page, "marie.durand@example.org", "/mon-compte");
  await look("mon espace");
  await expect(page.getByRole("heading", { name: "Ce qui vous attend" })).toBeVisible();
  await expect(page.getByText("La mairie vous a demandé des documents").first()).toBeVisible();
  for (const to of ["/compte/demarches", "/compte/demarches?liste=finies", "/mon-compte/messages", "/mon-compte/documents", "/mon-compte/foyer", "/mon-compte/foyer/ajout", "/mon-compte/donnees", "/mon-compte/consultations", "/mon-compte/agenda", "/mon-compte/export", "/mon-compte/fermeture", "/compte"]) {
    await visit(to);
  }
  await page.goto("/mon-compte/donnees");
  for (const thing of await page.locator("details.govuk-details > summary").all()) await thing.click();
  await look("donnees ouvertes");
  await visit("/mon-compte?lang=en");
  await visit("/mon-compte/documents?lang=en");
});

test("a document and somebody of the household serve in the next procedure", { tag: "@resident" }, async ({ page, look }) => {
  await signIn(page, "marie.durand@example.org", "/mon-compte/documents");
  await page.getByRole("button", { name: "Garder ce document" }).click();
  await look("document sans fichier");
  await page.getByLabel("Fichier", { exact: true }).setInputFiles(PLAN);
  await page.locator("select#kind").selectOption("identity");
  await page.getByRole("button", { name: "Garder ce document" }).click();
  await look("document garde");
  await page.getByRole("link", { name: "plan.png" }).first().click();
  await look("un document");

  await page.goto("/demarches/acte-de-naissance/demande/acte");
  await look("remplir avec le foyer");
  await page.getByRole("button", { name: "Léa Durand" }).click();
  await expect(page.locator("#personne-given_names")).toHaveValue("Léa");
  await look("rempli avec le foyer");
  await page.goto("/demarches/occupation-domaine-public/demande/pieces");
  await page.getByRole("checkbox", { name: /plan\.png/ }).first().check();
  await look("utiliser un document");
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.goto("/demarches/occupation-domaine-public/demande/pieces");
  await expect(page.locator(".kept-files__name", { hasText: "plan.png" }).first()).toBeVisible();
  await look("document joint");
});

test("one takes everything along", async ({ page, look }) => {
  await signIn(page, "marie.durand@example.org", "/mon-compte/export");
  await page.getByRole("button", { name: "Préparer ma copie" }).click();
  await look("copie demandee");
  await expect(async () => {
    await page.goto("/mon-compte/export");
    await expect(page.getByRole("link", { name: /Télécharger/ })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await look("copie prete");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /Télécharger/ }).click()]);
  expect(download.suggestedFilename()).toBe("mes-donnees.zip");
});

test("agents see what ends, and the officer what went", async ({ page, elsewhere, look }) => {
  await signIn(page, "samira.ziani@lunel.example", "/agents/conservation");
  await look("conservation");
  const other = await elsewhere();
  await signIn(other, "dpo@lunel.example", "/agents/archives");
  await look("archives", other);
  await other.goto("/agents/suppressions");
  await look("suppressions", other);
});
