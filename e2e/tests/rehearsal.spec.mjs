// What agents would do with the case of a trial is gone through before a procedure is published, and nothing is sent. With and
// without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** Gives the draft of the demonstration a step with a question and an action; the address of the draft. */
async function withStep(page) {
  await page.goto("/admin/demarches");
  await page.getByRole("link", { name: "Réserver une salle municipale" }).click();
  const draft = new URL(page.url()).pathname;
  await page.getByLabel("Nom de la nouvelle étape").fill("Visite de la salle");
  await page.getByRole("button", { name: "Ajouter une étape" }).click();
  await page.getByLabel("Question", { exact: true }).fill("Avis favorable");
  await page.getByLabel("Genre de réponse").selectOption({ label: "Oui ou non" });
  await page.getByRole("button", { name: "Ajouter une question" }).click();
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await page.getByLabel("Nouvelle action").fill("Prévenir le demandeur");
  await page.getByLabel("Genre d’action").selectOption({ label: "Écrire au demandeur" });
  await page.getByRole("button", { name: "Ajouter une action" }).click();
  await page.getByLabel("Texte", { exact: true }).fill("Votre salle est prête.");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  return draft;
}

test("the steps of a trial are gone through, and kept", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  const draft = await withStep(page);
  await visit(`${draft}/essais`);
  await page.getByRole("link", { name: "Jouer les étapes" }).click();
  await look("étapes d’un essai");
  await expect(page.getByText("Rien n’est envoyé")).toBeVisible();
  await page.getByRole("button", { name: "Passer à cette étape" }).click();
  await look("étapes d’un essai, faute");
  await expect(page.getByRole("alert")).toContainText("Choisissez l’étape");
  await page.getByLabel("Visite de la salle").check();
  await page.getByRole("button", { name: "Passer à cette étape" }).click();
  await look("étapes d’un essai, une étape");
  await expect(page.getByText("Le dossier est à l’étape « Visite de la salle »")).toBeVisible();
  await page.getByLabel("Oui", { exact: true }).check();
  await page.getByRole("button", { name: "Remplir l’étape" }).last().click();
  await page.getByRole("button", { name: "Prévenir le demandeur" }).click();
  await look("étapes d’un essai, une action");
  await page.getByLabel("Laisser passer des jours").fill("0");
  await page.getByRole("button", { name: "Attendre" }).click();
  await look("étapes d’un essai, jours faux");
  await expect(page.getByRole("alert")).toContainText("de 1 à 732");
  await page.getByLabel("Laisser passer des jours").fill("14");
  await page.getByRole("button", { name: "Attendre" }).click();
  await page.getByRole("button", { name: "Accepter la demande" }).click();
  await look("étapes d’un essai, terminé");
  await expect(page.getByText("Le dossier est terminé.")).toBeVisible();
  await page.getByRole("button", { name: "Défaire le dernier geste" }).click();
  await expect(page.getByText("Le dossier est terminé.")).toHaveCount(0);
  await page.getByRole("button", { name: "Enregistrer les étapes" }).click();
  await look("étapes d’un essai, enregistrées");
  await expect(page.getByText("Les étapes de l’essai sont enregistrées.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Revoir les étapes" })).toBeVisible();
});
