// The agents' search and their tools, as they use them: with the keyboard alone, with and without scripts.
import { expect, test } from "../harness/index.mjs";

async function signIn({ page, visit, name }) {
  await visit("/connexion");
  await page.getByLabel("Adresse électronique").fill(name);
  await page.getByLabel("Mot de passe").fill("Lanterne-cerise-47-ponts");
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("an agent finds a case, narrows the search and keeps it", async ({ page, visit, look }) => {
  await signIn({ page, visit, name: "samira.ziani@lunel.example" });
  await visit("/agents/recherche");
  await page.getByLabel("Chercher un dossier").fill("naissance");
  await page.getByRole("button", { name: "Rechercher" }).first().click();
  await look("recherche");
  await expect(page.locator("mark").first()).toBeVisible();
  await visit("/agents/recherche?q=naissence&etat=ouverts&tri=delai");
  await expect(page.getByText("voici les résultats pour")).toBeVisible();
  await visit("/agents/recherche?q=zzyzx");
  await expect(page.getByRole("heading", { name: "Aucun dossier trouvé" })).toBeVisible();
  await visit("/agents/recherche?q=de+la");
  await visit("/agents/outils");
  for (const address of ["vues", "etiquettes", "modeles", "absences"]) await visit(`/agents/${address}`);
  await page.getByRole("button", { name: "Annoncer mon absence" }).click();
  await look("absence sans jour");
});

test("whoever answers for a department sees who has how much to do", async ({ page, visit }) => {
  await signIn({ page, visit, name: "leonie.castan@lunel.example" });
  await visit("/agents/charge");
  await expect(page.getByRole("heading", { name: "Charge de travail", level: 1 })).toBeVisible();
});

test("a whole page is ticked at once, and the menu of the account closes on Escape", async ({
  page,
  visit,
  look,
  javaScriptEnabled,
}) => {
  await signIn({ page, visit, name: "bastien.gleize@lunel.example" });
  await visit("/agents?service=domaine-public");
  const boxes = page.getByRole("checkbox", { name: /^Cocher/ });
  await page.getByRole("link", { name: "Tout cocher" }).click();
  await expect(boxes.first()).toBeChecked();
  await expect(boxes.last()).toBeChecked();
  // What is to be done with them is at hand, above the list.
  if (!javaScriptEnabled) await page.locator(".batch__do > summary").click();
  await expect(page.getByLabel("Que faire")).toBeVisible();
  if (javaScriptEnabled) {
    await page.getByRole("link", { name: "Tout décocher" }).click();
    await expect(boxes.first()).not.toBeChecked();
  } else {
    await visit("/agents?service=domaine-public");
    await page.locator(".batch__do > summary").click();
  }
  await page.getByRole("button", { name: "Agir sur les dossiers cochés" }).click();
  await look("lot, rien de coché");
  await expect(page.getByRole("alert")).toContainText("Cochez au moins un dossier");
  if (!javaScriptEnabled) return;
  const menu = page.locator("details.menu");
  await menu.locator("summary").click();
  await expect(menu.getByRole("link", { name: "Mon espace" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(menu.getByRole("link", { name: "Mon espace" })).toBeHidden();
});

test("ticked cases are given to oneself together", async ({ page, visit, look, javaScriptEnabled }) => {
  await signIn({ page, visit, name: "samira.ziani@lunel.example" });
  await visit("/agents");
  const boxes = (await page.getByRole("checkbox", { name: /^Cocher/ }).all()).slice(0, 2);
  expect(boxes.length).toBeGreaterThan(0);
  for (const box of boxes) await box.check();
  if (!javaScriptEnabled) await page.locator(".batch__do > summary").click();
  await page.getByLabel("Que faire").selectOption("moi");
  await page.getByRole("button", { name: "Agir sur les dossiers cochés" }).click();
  await look("lot");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`${boxes.length} sur ${boxes.length}`);
});

test("the long menu of the office opens by its groups, and on a telephone behind one word", async ({ page, visit, look }) => {
  await signIn({ page, visit, name: "samira.ziani@lunel.example" });
  await visit("/agents");
  const menu = page.getByRole("navigation", { name: "Menu principal" });
  const wide = page.viewportSize().width > 767;
  await expect(menu.getByRole("link", { name: "Conservation" })).toBeHidden();
  const button = menu.locator("summary:visible", { hasText: wide ? "Suivi" : "Menu" });
  await button.focus();
  await page.keyboard.press("Enter");
  await look("menu ouvert");
  await menu.getByRole("link", { name: "Conservation" }).click();
  await look("conservation");
  await expect(page).toHaveURL(/\/agents\/conservation$/);
  // The group of the page is open where there is room for it, and the page is marked.
  if (!wide) return;
  await expect(menu.getByRole("link", { name: "Conservation" })).toHaveAttribute("aria-current", "page");
  await expect(menu.getByRole("link", { name: "Dossiers" })).toBeHidden();
});
