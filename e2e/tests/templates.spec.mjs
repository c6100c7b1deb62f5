// A template of documents: made from a copy, mended where the compiler complains, seen, kept, and chosen by an action.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("a template is copied, mended, kept and offered to actions", async ({ page, look, visit }) => {
  test.setTimeout(120_000);
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/admin/modeles");
  await expect(page.getByText("Permis à afficher", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Nouveau modèle" }).click();
  await page.getByRole("button", { name: "Créer le modèle" }).click();
  await look("modèle sans nom");
  await expect(page.locator("#title-error")).toBeVisible();
  await page.getByLabel("Nom du modèle").fill(`Carte de salle ${Date.now()}`);
  await page.getByLabel("Partir de").selectOption("certificate");
  await page.getByRole("button", { name: "Créer le modèle" }).click();
  await look("modèle neuf");
  const base = new URL(page.url()).pathname;

  const source = page.getByLabel("Texte du modèle (Typst)");
  const written = await source.inputValue();
  await source.fill(`${written}\n#inconnue`);
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await look("modèle à corriger");
  await expect(page.locator("#source-error")).toContainText("unknown variable: inconnue");
  await expect(source).toHaveValue(/#inconnue/);
  await source.fill(`${written}\n#data.commune.name`);
  await page.getByLabel(/^Démarche de l’aperçu/).selectOption({ index: 1 });
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await expect(page.getByText("Le modèle est enregistré.")).toBeVisible();
  await page.locator("summary", { hasText: "Les données que voit un modèle" }).click();
  await look("modèle enregistré");

  const pdf = await page.request.get(`${base}/apercu.pdf`);
  expect(pdf.status()).toBe(200);
  expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-");

  await page.getByRole("button", { name: "Retirer ce modèle" }).click();
  await look("modèle retiré");
  await visit(base);
  await expect(page.getByText("Ce modèle est retiré")).toBeVisible();
  await page.getByRole("button", { name: "Proposer de nouveau ce modèle" }).click();
  await look("modèle proposé de nouveau");
});
