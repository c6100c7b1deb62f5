// Paying the town as people do it: online, by the page that stands in for PayFiP in a demonstration, and at the counter.
// The same with and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("an inhabitant is refused, tries again, pays, and keeps the paper", { tag: "@resident" }, async ({ visit, look, page }) => {
  await signIn(page, "marie.durand@example.org");
  await visit("/mon-compte/paiements");
  await page.getByRole("link", { name: "Salle Georges-Brassens, fête de famille" }).click();
  await look("paiement, à payer");
  await expect(page.getByText("Démonstration : aucun argent n’est encaissé.")).toBeVisible();
  await page.getByRole("button", { name: /^Payer .* en ligne$/ }).click();
  await look("paiement, page d’essai");
  await expect(page.getByText("aucun argent n’est débité")).toBeVisible();
  await page.getByRole("button", { name: "Simuler un refus de la banque" }).click();
  await look("paiement, refusé");
  await expect(page.getByText("refusé par la banque")).toBeVisible();
  await page.getByRole("button", { name: /^Payer .* en ligne$/ }).click();
  await page.getByRole("button", { name: "Payer par carte bancaire" }).click();
  await look("paiement, reçu");
  await expect(page.getByRole("heading", { name: "Votre paiement est reçu" })).toBeVisible();
  const paper = await page.request.get(await page.getByRole("link", { name: "Justificatif de paiement" }).getAttribute("href"));
  expect(paper.headers()["content-type"]).toBe("application/pdf");
});

test("an agent takes a cheque at the counter, and annuls its receipt", async ({ visit, look, page }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  await visit("/agents/caisse");
  await page.getByRole("link", { name: "Régie de la location des salles" }).click();
  await look("caisse, la journée");
  await page.getByRole("row", { name: /Maison des associations/ }).getByRole("link").click();
  await look("caisse, une commande");
  await page.getByRole("button", { name: "Encaisser" }).click();
  await look("caisse, fautes");
  await expect(page.getByRole("alert")).toContainText("Choisissez un moyen de paiement");
  await page.getByRole("radio", { name: "Chèque" }).check();
  await page.getByLabel("Montant").fill("20,00");
  await page.getByLabel("Détail").fill("La Banque postale 1177205");
  await page.getByRole("button", { name: "Encaisser" }).click();
  await look("caisse, quittance");
  await expect(page.getByRole("heading", { name: /^Quittance / })).toBeVisible();
  await page.getByText("Annuler la quittance").first().click();
  await page.getByLabel("Motif").fill("Montant mal saisi");
  await page.getByRole("button", { name: "Annuler la quittance" }).click();
  await look("caisse, quittance annulée");
  await expect(page.getByText("La quittance est annulée.")).toBeVisible();
});

test("whoever answers for the régie settles what is left, and reads the ledger", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/agents/caisse");
  await page.getByRole("link", { name: "Régie de la location des salles" }).click();
  await page.getByRole("link", { name: "À régler" }).click();
  await look("caisse, à régler");
  await page.getByRole("link", { name: "Payé deux fois" }).click();
  await look("caisse, payé deux fois");
  await page.getByLabel("Motif").fill("Payé deux fois");
  await page.getByRole("button", { name: "Demander un remboursement" }).click();
  await look("caisse, remboursement demandé");
  await expect(page.getByText("Le remboursement est demandé.")).toBeVisible();
  await page.goto("/agents/caisse");
  await page.getByRole("link", { name: "Régie de la location des salles" }).click();
  await page.getByRole("link", { name: "Livre de caisse" }).click();
  await look("caisse, livre");
  await page.getByRole("link", { name: "Retour" }).click();
  await page.getByRole("link", { name: "Rapprochement" }).click();
  await page.getByLabel("Ou le relevé, collé ici").fill("202600009901ZZZZ;12,00");
  await page.getByRole("button", { name: "Comparer" }).click();
  await look("caisse, rapprochement");
  await expect(page.getByText("Sur le relevé, et pas encaissé ici")).toBeVisible();
});

test("an administrator describes a régie", async ({ visit, look, page }) => {
  await signIn(page, "informatique@lunel.example");
  await visit("/admin/regies");
  await page.getByRole("link", { name: "Ajouter une régie" }).click();
  await look("régie, nouvelle");
  await page.getByLabel("Nom de la régie").fill("Régie de la médiathèque");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("régie, enregistrée");
  await expect(page.getByText("C’est enregistré.")).toBeVisible();
});
