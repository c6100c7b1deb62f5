// What the town lends: kept in its store, asked for by an association online, and seen to by an agent until it is back. With
// and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const CERTIFICATE = { name: "attestation.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") };
const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

const go = (page) => page.getByRole("button", { name: "Continuer", exact: true }).last().click();

/** Fills a date in, so many days from now. */
async function fillDate(page, id, days) {
  const date = new Date(Date.now() + days * 86_400_000);
  await page.locator(`[name="${id}-day"]`).fill(String(date.getDate()));
  await page.locator(`[name="${id}-month"]`).fill(String(date.getMonth() + 1));
  await page.locator(`[name="${id}-year"]`).fill(String(date.getFullYear()));
}

test("a manager keeps what a room holds, and what the town lends", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await page.goto("/admin/salles/salle-brassens");
  await page.getByRole("link", { name: "Matériel", exact: true }).click();
  await look("matériel d’une salle");
  await page.getByLabel("Désignation", { exact: true }).fill("Micros sans fil");
  await page.getByLabel("Nombre", { exact: true }).fill("beaucoup");
  await page.getByRole("button", { name: "Ajouter un matériel" }).click();
  await look("matériel d’une salle, faute");
  await expect(page.getByRole("alert")).toContainText("Indiquez un nombre");
  await expect(page.getByLabel("Désignation", { exact: true })).toHaveValue("Micros sans fil");
  await page.getByLabel("Nombre", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Ajouter un matériel" }).click();
  await look("matériel d’une salle, ajouté");
  await expect(page.getByText("Le matériel est ajouté.")).toBeVisible();
  await page.getByRole("link", { name: "Micros sans fil" }).click();
  await look("un matériel d’une salle");
  await page.getByLabel("En service").uncheck();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("matériel d’une salle, retiré");
  await expect(page.getByText("Retiré", { exact: true })).toBeVisible();

  await page.goto("/admin/salles");
  await page.getByRole("link", { name: "Matériel prêté par la commune" }).click();
  await look("magasin");
  await page.getByRole("link", { name: "Bancs" }).click();
  await look("magasin, un matériel");
  await page.getByLabel("Désignation", { exact: true }).fill("");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("magasin, faute");
  await expect(page.getByRole("alert")).toContainText("Indiquez une désignation");
  await page.getByLabel("Désignation", { exact: true }).fill("Bancs");
  await page.getByLabel("Nombre", { exact: true }).fill("90");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Le matériel est enregistré.")).toBeVisible();
  await expect(page.getByText("90 en tout")).toBeVisible();
});

test("an association borrows a marquee online, and an agent sees to it", { tag: "@resident" }, async ({ visit, look, page, elsewhere }, info) => {
  test.setTimeout(180_000);
  const name = `Comité ${info.project.name}`;
  await visit("/demarches/pret-de-materiel");
  await page.goto("/demarches/pret-de-materiel/demande");
  await page.locator("#association").fill(name);
  await page.locator("#rna").fill("W341007891");
  await page.locator("#manifestation").fill("Bal d’été");
  await page.locator("#lieu").fill("1 place des Platanes, 34400 Lunel");
  await go(page);
  await look("prêt, le matériel");
  await page.locator('input[name="materiel.0.article"][value="barnum"]').check();
  await page.locator('[name="materiel.0.quantite"]').fill("9");
  await go(page);
  await fillDate(page, "enlevement", 20);
  await fillDate(page, "jour", 21);
  await fillDate(page, "retour", 22);
  await page.locator('input[name="transport"][value="association"]').check();
  await look("prêt, les dates");
  await go(page);
  await page.locator('[name="demandeur-family_name"]').fill("Nouri");
  await page.locator('[name="demandeur-given_names"]').fill("Lila");
  await page.locator("#fonction").fill("présidente");
  await page.locator("#adresse").fill("1 place des Platanes, 34400 Lunel");
  await page.locator("#courriel").fill("lila.nouri@example.org");
  await page.locator("#assurance").setInputFiles(CERTIFICATE);
  await page.locator("#republique").check();
  await page.locator("#engagement").check();
  await go(page);
  // There are four: that is told before anything is sent, at the line that asks for more.
  await look("prêt, trop demandé");
  await expect(page.getByRole("alert")).toContainText("il en reste 4 à ces dates");
  await expect(page.locator('[name="materiel.0.quantite"]')).toHaveValue("9");
  await page.locator('[name="materiel.0.quantite"]').fill("1");
  await go(page);
  await look("prêt, récapitulatif");
  await page.getByRole("button", { name: "Envoyer", exact: true }).click();
  await look("prêt, demande envoyée");
  await expect(page.getByText("Ce matériel est retenu pour vous jusqu’à la réponse.")).toBeVisible();

  const agent = await elsewhere();
  await signIn(agent, "paloma.ortega@lunel.example");
  await agent.goto("/agents/planning");
  await agent.getByRole("link", { name: "Prêts de matériel" }).click();
  await look("prêts", agent);
  const row = agent.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("Retenu jusqu’à la réponse");
  await row.getByRole("link").click();
  await look("un prêt", agent);
  const loan = new URL(agent.url()).pathname;
  await agent.getByLabel(/^Barnum/).fill("5");
  await agent.getByRole("button", { name: "Enregistrer" }).click();
  await look("un prêt, trop", agent);
  await expect(agent.getByRole("alert")).toContainText("il en reste 4 à ces dates");
  await expect(agent.getByLabel(/^Barnum/)).toHaveValue("5");
  await agent.getByLabel(/^Barnum/).fill("2");
  await agent.getByRole("button", { name: "Enregistrer" }).click();
  await look("un prêt, changé", agent);
  await expect(agent.getByText("Le prêt est modifié.")).toBeVisible();
  await agent.locator('main a[href^="/agents/dossiers/"]').click();
  await look("dossier, prêt", agent);
  await expect(agent.getByRole("heading", { name: "Matériel demandé" })).toBeVisible();
  await agent.getByRole("button", { name: "Prendre le dossier" }).click();
  await agent.getByLabel("Accepter").check();
  const signatories = agent.locator('input[name="signatory"]');
  if ((await signatories.count()) > 0) await signatories.first().check();
  await agent.getByRole("button", { name: "Décider" }).click();
  await agent.getByRole("button", { name: "Confirmer la décision" }).click();
  await expect(agent.getByText("La décision est prise.").first()).toBeVisible();
  await agent.goto(loan);
  await look("un prêt, accordé", agent);
  await agent.getByRole("button", { name: "Tout est rendu" }).click();
  await look("un prêt, rendu", agent);
  await expect(agent.getByText("Le retour est noté.")).toBeVisible();
});
