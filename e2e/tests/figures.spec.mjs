// Figures, exports, open data, an opinion, webhooks: as a head, a citizen and an administrator meet them.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email, to) {
  await page.goto(to);
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("the direction reads the figures and takes cases out", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example", "/agents/chiffres");
  await expect(page.getByRole("heading", { level: 1, name: "Chiffres" })).toBeVisible();
  await expect(page.getByRole("img", { name: /Demandes reçues et décisions/ })).toBeVisible();
  await look("chiffres");
  await page.getByText("Les mêmes chiffres en tableau").first().click();
  await look("chiffres en tableau");
  await page.getByLabel("Démarche").selectOption("acte-de-naissance");
  await page.getByLabel("Période").selectOption("3");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await look("chiffres filtrés");
  const figures = await page.getByRole("link", { name: "Chiffres par mois et par démarche" }).first().getAttribute("href");
  const file = await page.request.get(figures);
  expect(file.headers()["content-type"]).toBe("application/vnd.oasis.opendocument.spreadsheet");

  await visit("/agents/exports");
  await page.getByLabel("Démarche").selectOption("acte-de-naissance");
  const from = page.getByRole("group", { name: /à partir du/ });
  await from.getByLabel("Jour").fill("31");
  await from.getByLabel("Mois").fill("2");
  await from.getByLabel("Année").fill("2026");
  await page.getByRole("button", { name: "Préparer le fichier" }).click();
  await look("export faux");
  await from.getByLabel("Jour").fill("");
  await from.getByLabel("Mois").fill("");
  await from.getByLabel("Année").fill("");
  await page.getByRole("button", { name: "Préparer le fichier" }).click();
  await expect(page.getByText("Votre fichier est prêt.")).toBeVisible();
  await look("export prêt");
  const sheet = await page.request.get(await page.getByRole("link", { name: "Télécharger" }).first().getAttribute("href"));
  expect(sheet.headers()["content-disposition"]).toContain("demandes.ods");
  expect((await sheet.body()).subarray(0, 2).toString()).toBe("PK");

  // A text holds one sheet: what is repeated is a file beside it.
  await page.getByLabel("Démarche").selectOption("pret-de-materiel");
  await page.getByLabel("CSV").check();
  await page.getByRole("button", { name: "Préparer le fichier" }).click();
  await look("export avec ses groupes");
  const files = page.getByRole("row").nth(1).getByRole("link", { name: "Télécharger" });
  expect(await files.count()).toBe(2);
  const group = await page.request.get(await files.nth(1).getAttribute("href"));
  expect(await group.text()).toContain("Référence;Rang");
});

test("anybody reads the open data", async ({ visit, page }) => {
  await visit("/donnees-ouvertes");
  await expect(page.getByText("Licence Ouverte 2.0")).toBeVisible();
  await visit("/donnees-ouvertes?lang=en");
});

test("an inhabitant says what she thinks, once", { tag: "@resident" }, async ({ visit, look, page }) => {
  await signIn(page, "marie.durand@example.org", "/compte/demarches");
  await page.getByRole("link", { name: "Terminées" }).click();
  await expect(page.getByRole("link", { name: "Terminées" })).toHaveAttribute("aria-current", "true");
  const requests = page.getByRole("link", { name: /2\d{3}-/ });
  const count = await requests.count();
  const addresses = [];
  for (let rank = 0; rank < count; rank += 1) addresses.push(await requests.nth(rank).getAttribute("href"));
  let found = false;
  for (const address of addresses) {
    await page.goto(address);
    const link = page.getByRole("link", { name: "Donner votre avis sur le traitement de votre demande" });
    if ((await link.count()) === 0) continue;
    found = true;
    await link.click();
    if ((await page.getByRole("button", { name: "Envoyer mon avis" }).count()) === 0) {
      await look("avis déjà donné");
      continue;
    }
    await look("avis");
    await page.getByRole("button", { name: "Envoyer mon avis" }).click();
    await look("avis sans réponse");
    await page.getByLabel("Satisfait", { exact: true }).check();
    await page.getByLabel(/ajouter quelque chose/).fill("Merci beaucoup.");
    await page.getByRole("button", { name: "Envoyer mon avis" }).click();
    await expect(page.getByRole("heading", { name: "Merci" })).toBeVisible();
    await look("avis donné");
  }
  expect(found).toBe(true);
});

test("an administrator adds a webhook, and is told what is wrong with an address", async ({ visit, look, page }) => {
  await signIn(page, "informatique@lunel.example", "/admin/webhooks");
  await visit("/admin/webhooks");
  await page.getByRole("link", { name: "Ajouter un webhook" }).click();
  await look("webhook à ajouter");
  await page.getByLabel("À quoi il sert").fill("Logiciel d’état civil");
  await page.getByLabel("Adresse", { exact: true }).fill("https://10.0.0.8/hooks");
  await page.getByRole("button", { name: "Ajouter" }).click();
  await look("webhook privé");
  await expect(page.getByLabel("Adresse", { exact: true })).toHaveValue("https://10.0.0.8/hooks");
  await page.getByLabel("Adresse", { exact: true }).fill("https://logiciel.invalid/hooks");
  await page.getByRole("button", { name: "Ajouter" }).click();
  await expect(page.getByLabel("Secret")).toHaveValue(/^whsec_/);
  await look("webhook ajouté");
  await page.getByRole("button", { name: "Envoyer un essai" }).click();
  await look("webhook essayé");
  await page.getByRole("link", { name: "webhook.test" }).first().click();
  await look("message d’un webhook");
  await visit("/admin/webhooks");
  await page.getByRole("link", { name: "Logiciel d’état civil" }).first().click();
  await page.getByRole("link", { name: "Supprimer" }).click();
  await look("webhook à supprimer");
  await page.getByRole("button", { name: "Supprimer" }).click();
  await look("webhook supprimé");
});
