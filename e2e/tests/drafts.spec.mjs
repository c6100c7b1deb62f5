// A template of documents where the commune wants a second person: what one wrote, another reads, sends back, and publishes.
// Before the settings' own journey, after which the administrator needs a second factor.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** Says whether a second person publishes. */
async function byTwo(page, wanted) {
  await page.goto("/admin/demarches");
  await page.getByLabel("Une deuxième personne publie").setChecked(wanted);
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Le choix est enregistré.")).toBeVisible();
}

test("the change of a template is sent back, then published by a second person", async ({ visit, look, page, elsewhere }, info) => {
  const title = `Carte ${info.project.name}`;
  await signIn(page, "helene.maurin@lunel.example");
  await page.goto("/admin/modeles/nouveau");
  await page.getByLabel("Nom du modèle").fill(title);
  await page.getByLabel("Partir de").selectOption("certificate");
  await page.getByRole("button", { name: "Créer le modèle" }).click();
  const base = new URL(page.url()).pathname;
  const second = await elsewhere();
  await signIn(second, "informatique@lunel.example");
  await byTwo(second, true);

  await visit(base);
  await expect(page.getByText("Une deuxième personne publie les changements de ce modèle")).toBeVisible();
  const source = page.getByLabel("Texte du modèle (Typst)");
  const written = await source.inputValue();
  await source.fill(`${written}\n#data.commune.name`);
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await look("modèle, changement en attente");
  await expect(page.getByText("Une autre personne peut maintenant le publier")).toBeVisible();
  await page.getByRole("link", { name: "Voir ce qui change, publier ou abandonner" }).click();
  await look("modèle, son propre changement");
  await expect(page.getByText("Vous avez écrit ce changement : une autre personne doit le publier.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Publier ce changement" })).toHaveCount(0);

  await second.goto("/admin/modeles");
  await look("modèles, changement à publier", second);
  await second.getByRole("link", { name: new RegExp(`^Changement à publier.+${title}`) }).click();
  await look("modèle, changement d’une autre", second);
  await expect(second.locator("ins").filter({ hasText: "#data.commune.name" })).toBeVisible();
  await second.getByRole("button", { name: "Renvoyer" }).click();
  await look("modèle, renvoyer, faute", second);
  await expect(second.getByRole("alert")).toContainText("Dites ce qui est à revoir");
  await second.getByLabel("Ce qui est à revoir").fill("Ajoutez le mot « commune ».");
  await second.getByRole("button", { name: "Renvoyer" }).click();
  await expect(second.getByText("Le changement est renvoyé")).toBeVisible();

  await visit(base);
  await expect(page.getByText("Ajoutez le mot « commune ».")).toBeVisible();
  await source.fill(`${written}\nCommune #data.commune.name`);
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await second.goto(`${base}/brouillon`);
  await second.getByRole("button", { name: "Publier ce changement" }).click();
  await look("modèle, changement publié", second);
  await expect(second.getByText("Le changement est publié.")).toBeVisible();
  await byTwo(second, false);
});
