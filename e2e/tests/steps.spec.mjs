// Steps of a case, as those who act in them meet them: the agent who asks an opinion, the expert who answers by a
// personal link without an account, the colleague of another department, and who looks at what is to be done.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("an opinion is asked outside, and given by a personal link", async ({ page, look, visit, elsewhere }) => {
  await signIn(page, "bastien.gleize@lunel.example");
  await visit("/agents/taches");
  await expect(page.getByText("barrières sont libres").first()).toBeVisible();
  await page.getByRole("link", { name: /^2026-/ }).first().click();
  await look("etapes d'un dossier prêt");
  await expect(page.locator("svg.diagram")).toBeVisible();

  // A case whose opinions are awaited, from the inbox.
  await page.goto("/agents?demarche=occupation-domaine-public&etat=instruction");
  const cases = page.getByRole("link", { name: /^2026-/ });
  const addresses = await cases.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  let base = "";
  for (const address of addresses) {
    await page.goto(`${address}/etapes`);
    if ((await page.getByText("Lien pas encore ouvert").count()) > 0) {
      base = address;
      break;
    }
  }
  expect(base).not.toBe("");
  await look("etapes, avis attendu");
  await page.getByText("Demander un avis", { exact: true }).first().click();
  await page.getByLabel("Personne ou organisme consulté").last().fill("Sapeurs-pompiers de Lunel");
  await page.getByLabel("Son adresse électronique").last().fill("sdis@herault.example");
  await page.getByRole("button", { name: "Demander un avis" }).click();
  await look("etapes, avis incomplet");
  await page.getByLabel("Question posée").fill("Le passage des secours reste-t-il libre ?");
  await page.getByLabel("Adresse de l’occupation").check();
  await page.getByLabel("Premier jour").check();
  await page.getByRole("button", { name: "Demander un avis" }).click();
  await expect(page.getByText("L’avis est demandé.")).toBeVisible();
  await look("etapes, avis demande");

  const expert = await elsewhere();
  await expert.goto("/_demo/courrier");
  const text = await expert.locator("body").innerText();
  const link = /\/consultation\/[0-9a-f]{64}/.exec(text)[0];
  await expert.goto(link);
  await look("avis, expert", expert);
  await expect(expert.getByText("Le passage des secours reste-t-il libre ?")).toBeVisible();
  await expert.getByRole("button", { name: "Envoyer l’avis" }).click();
  await look("avis, expert, incomplet", expert);
  await expert.getByLabel("Favorable avec réserves").check();
  await expert.getByLabel("Observations, réserves ou motifs").fill("Trois mètres libres en tout temps.");
  await expert.getByRole("button", { name: "Envoyer l’avis" }).click();
  await expect(expert.getByText("Votre avis est enregistré. Merci.")).toBeVisible();
  await look("avis, expert, rendu", expert);

  await page.goto(`${base}/etapes`);
  await expect(page.getByText("Trois mètres libres en tout temps.")).toBeVisible();
});

test("the way of a procedure is a picture with its words", async ({ page, visit }) => {
  await signIn(page, "bastien.gleize@lunel.example");
  await visit("/agents/demarches/occupation-domaine-public/etapes");
  await expect(page.locator("svg.diagram")).toBeVisible();
  await visit("/agents/demarches/manifestation-voie-publique/etapes");
  await visit("/agents/demarches/acte-de-naissance/etapes");
});

test("another department is asked, and sees no more than it needs", async ({ page, visit, look }) => {
  await signIn(page, "paloma.ortega@lunel.example");
  await visit("/agents/taches");
  await page.getByRole("link", { name: /^2026-/ }).first().click();
  await look("avis demandé au service");
  await page.getByLabel("Favorable", { exact: true }).check();
  await page.getByRole("button", { name: "Envoyer l’avis" }).click();
  await expect(page.getByText("Votre avis est enregistré.")).toBeVisible();
});

test("what is late is one click away from the inbox", async ({ page, look, visit }) => {
  await signIn(page, "bastien.gleize@lunel.example");
  await visit("/agents");
  const late = page.getByRole("link", { name: /en retard$/ });
  const number = Number((await late.textContent()).match(/\d+/)[0]);
  await late.click();
  await look("boîte, en retard");
  await expect(page).toHaveURL(/retard=1/);
  await expect(page.getByRole("link", { name: /en retard$/ })).toHaveAttribute("aria-current", "true");
  await expect(page.getByLabel("En retard seulement")).toBeChecked();
  await expect(page.locator("tr.row")).toHaveCount(Math.min(number, 50));
  await expect(page.locator("tr.row--late")).toHaveCount(Math.min(number, 50));
});
