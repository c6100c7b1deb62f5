// Digital workshops as people meet them: a retired person is registered on the telephone, a relative registers somebody
// online, an adviser touches on a telephone who came. The same with and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("a relative registers somebody, without an account", { tag: "@resident" }, async ({ visit, look, page }) => {
  await visit("/ateliers");
  await page.getByLabel("Niveau").selectOption({ label: "Pour débuter" });
  await page.getByRole("button", { name: "Afficher" }).click();
  await look("ateliers, pour débuter");
  await page.getByRole("link", { name: "Premiers pas sur l’ordinateur" }).click();
  await look("atelier");
  await page.getByRole("link", { name: /^S’inscrire –/ }).last().click();
  await look("atelier, inscription");
  await page.getByRole("button", { name: "Envoyer l’inscription" }).click();
  await look("atelier, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez le nom et le prénom");
  await page.getByLabel("Un proche").check();
  await page.getByRole("textbox", { name: /^Nom et prénom/ }).fill("Yvette Galtier");
  await page.getByLabel("Votre nom et prénom").fill("Paul Galtier");
  await page.getByLabel("Par courriel").check();
  await page.getByLabel("Adresse électronique").fill("paul.galtier@example.org");
  await page.getByLabel("Âge").selectOption({ label: "75 ans et plus" });
  await page.getByRole("button", { name: "Envoyer l’inscription" }).click();
  await look("atelier, inscription reçue");
  await expect(page.getByRole("heading", { name: "C’est noté" })).toBeVisible();
  await visit("/ateliers/inscription");
  await page.getByLabel("Code").fill("7K2M-9QTA-BCDE-FGHJ");
  await page.getByRole("button", { name: "Voir l’inscription" }).click();
  await look("atelier, code inconnu");
});

test("a workshop that costs something says so, and who pays less", { tag: "@resident" }, async ({ visit, look, page }) => {
  await visit("/ateliers");
  await expect(page.getByText("8,00 € par personne et par séance")).toBeVisible();
  await page.getByRole("link", { name: /^Sortir ses photos du téléphone/ }).click();
  await look("atelier payant");
  await expect(page.getByText("Tarif réduit")).toBeVisible();
  await page.getByRole("link", { name: /^S’inscrire –/ }).last().click();
  await look("atelier payant, inscription");
  await page.getByLabel("Tarif réduit").check();
  await page.getByRole("textbox", { name: /^Nom et prénom/ }).fill("Lina Puech");
  await page.getByLabel("Par courriel").check();
  await page.getByLabel("Adresse électronique").fill("lina.puech@example.org");
  await page.getByRole("button", { name: "Envoyer l’inscription" }).click();
  await look("atelier payant, inscription reçue");
  await expect(page.getByText("Cet atelier est payant")).toBeVisible();
});

test("an adviser registers a retired person on the telephone", async ({ visit, look, page }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  await visit("/agents/ateliers");
  await page.locator("tbody th a").last().click();
  await look("atelier, séance");
  await page.getByRole("link", { name: "Inscrire quelqu’un" }).click();
  await look("atelier, agent, inscription");
  await page.getByRole("textbox", { name: /^Nom et prénom/ }).fill("Ginette Portal");
  await page.getByLabel("Par téléphone").last().check();
  await page.getByRole("textbox", { name: /^Téléphone/ }).fill("04 67 71 12 34");
  await page.getByRole("button", { name: "Enregistrer l’inscription" }).click();
  await look("atelier, agent, inscrite");
  await expect(page.getByText("L’inscription est enregistrée.")).toBeVisible();
  await page.getByRole("link", { name: "Ginette Portal" }).click();
  await look("atelier, agent, une inscription");
  await page.getByRole("link", { name: "Suivi" }).click();
  await look("atelier, suivi");
  await page.getByRole("group", { name: "Le courriel" }).getByLabel("Avec de l’aide").check();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByLabel("Nouvelle note").fill("Souhaite écrire à ses petits-enfants.");
  await page.getByRole("button", { name: "Ajouter la note" }).click();
  await look("atelier, suivi noté");
  await expect(page.getByText("Souhaite écrire à ses petits-enfants.")).toBeVisible();
});

test("who came is touched on the sheet, and printed", async ({ look, page }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  await page.goto("/agents/ateliers/series/premiers-pas-sur-l-ordinateur");
  await look("atelier, série");
  await page.locator("h2", { hasText: "Séances passées" }).locator("+ ul a").first().click();
  await look("atelier, présences");
  const line = page.locator(".attendance__line").first();
  const name = (await line.locator(".attendance__name").textContent()).trim();
  await line.getByRole("button", { name: /^Excusé/ }).click();
  await expect(page.getByRole("button", { name: `Excusé – ${name}` })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: `Présent – ${name}` }).click();
  await expect(page.getByRole("button", { name: `Présent – ${name}` })).toHaveAttribute("aria-pressed", "true");
  const box = await page.getByRole("button", { name: `Présent – ${name}` }).boundingBox();
  expect(box.height, "a finger finds it").toBeGreaterThanOrEqual(44);
  await page.getByRole("link", { name: "Feuille à imprimer" }).click();
  await look("atelier, émargement");
});

test("the programme, the places, the loans and the figures", async ({ look, page }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  await page.goto("/agents/ateliers/series");
  await look("ateliers, programme");
  await page.getByRole("link", { name: "Créer un atelier" }).click();
  await look("ateliers, nouvelle série");
  await page.goto("/agents/ateliers/series/sortir-ses-photos-du-telephone-atelier-et-tirage/modifier");
  await look("ateliers, prix");
  await page.getByLabel("Numéro de la délibération").fill("");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("ateliers, prix sans délibération");
  await expect(page.getByRole("alert")).toContainText("Indiquez le numéro de la délibération");
  await page.goto("/agents/ateliers/series/sortir-ses-photos-du-telephone-atelier-et-tirage/seances");
  await look("ateliers, prévoir");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("ateliers, prévoir, fautes");
  await page.goto("/agents/ateliers/lieux");
  await look("ateliers, lieux");
  await page.goto("/agents/ateliers/prets");
  await look("ateliers, prêts");
  await expect(page.getByText("En retard").first()).toBeVisible();
  await page.goto("/agents/ateliers/chiffres");
  await look("ateliers, chiffres");
});

test("whoever cannot come gives the place up, and reads what becomes of the price", { tag: "@resident" }, async ({ look, page }) => {
  const email = `rendu.${Date.now()}@example.org`;
  await page.goto("/ateliers");
  await page.getByRole("link", { name: /^Sortir ses photos du téléphone/ }).click();
  await page.getByRole("link", { name: /^S’inscrire –/ }).last().click();
  await page.getByRole("textbox", { name: /^Nom et prénom/ }).fill("Lucien Teissier");
  await page.getByLabel("Par courriel").check();
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByRole("button", { name: "Envoyer l’inscription" }).click();
  let link;
  await expect(async () => {
    await page.goto("/_demo/courrier");
    const mails = await page.locator("main").innerText();
    link = /\/ateliers\/inscription\/[0-9A-Za-z-]{8,}/.exec(mails.slice(mails.indexOf(email)))?.[0];
    expect(mails).toContain(email);
    expect(link).toBeDefined();
  }).toPass({ timeout: 30_000 });
  await page.goto(link);
  await look("atelier, votre inscription");
  await page.getByRole("link", { name: /^Annuler/ }).first().click();
  await look("atelier, rendre la place");
  await page.getByRole("link", { name: "Garder l’inscription" }).click();
  await expect(page.getByRole("heading", { name: "Votre inscription" })).toBeVisible();
  await page.getByRole("link", { name: /^Annuler/ }).first().click();
  await page.getByRole("button", { name: "Confirmer l’annulation" }).click();
  await look("atelier, place rendue");
  await expect(page.getByText("C’est annulé.")).toBeVisible();
});

test("an adviser gives a place up for somebody, and changes what is lent", async ({ look, page }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  await page.goto("/agents/ateliers");
  await page.locator("tbody th a").last().click();
  await page.getByRole("link", { name: "Inscrire quelqu’un" }).click();
  await page.getByRole("textbox", { name: /^Nom et prénom/ }).fill("Alphonse Cazalis");
  await page.getByLabel("Par téléphone").last().check();
  await page.getByRole("textbox", { name: /^Téléphone/ }).fill("04 67 71 12 35");
  await page.getByRole("button", { name: "Enregistrer l’inscription" }).click();
  await page.getByRole("link", { name: "Alphonse Cazalis" }).click();
  await page.getByRole("link", { name: /^Annuler/ }).first().click();
  await look("atelier, agent, rendre la place");
  await page.getByRole("button", { name: "Confirmer l’annulation" }).click();
  await look("atelier, agent, place rendue");
  await expect(page.getByText("L’annulation est enregistrée.")).toBeVisible();

  await page.goto("/agents/ateliers/prets");
  await page.getByRole("link", { name: "Tablette", exact: true }).click();
  await look("ateliers, matériel prêté");
  await page.getByLabel("Nombre", { exact: true }).fill("aucun");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("ateliers, matériel prêté, faute");
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Nombre", { exact: true }).fill("7");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("ateliers, matériel modifié");
});
