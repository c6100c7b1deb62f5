// Every public page answers, reads well at any width, and has no accessibility violation.

import { expect, test } from "../harness/index.mjs";

// A new page is one line here.
const PAGES = ["/", "/demarches", "/demarches/acte-de-naissance?facile=oui", "/suivi", "/avis", "/accessibilite", "/salles", "/salles/salle-brassens", "/salles/espace-vidourle?vue=semaine"];

for (const address of PAGES) {
  test(`${address} is there for everyone`, async ({ visit, page }) => {
    await visit(address);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expect(page.locator("html")).toHaveAttribute("lang", "fr");
  });
}

test("each procedure tells what it is and opens its form", async ({ visit, page }) => {
  test.setTimeout(300_000);
  await visit("/demarches");
  const links = await page.locator('main a[href^="/demarches/"]').evaluateAll((all) =>
    all.map((link) => new URL(link.href).pathname),
  );
  const procedures = [...new Set(links)].filter((address) => address.split("/").length === 3);
  expect(procedures.length).toBeGreaterThanOrEqual(3);
  for (const address of procedures) {
    await visit(address);
    // What the State handles is explained, and begins nothing here.
    const begins = await page.locator(`main a[href^="${address}/demande"]`).count();
    await visit(`${address}/demande`, begins > 0 ? 200 : 404);
  }
});

test("what does not exist is said on a page", async ({ visit }) => {
  await visit("/rien-ici", 404);
});

test("the server says that it is well", async ({ request }) => {
  expect((await request.get("/healthz")).ok()).toBe(true);
});

test("the public side reads in English", async ({ visit, page }) => {
  await visit("/?lang=en");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("What can we do for you?");
  for (const address of ["/demarches", "/demarches/occupation-domaine-public", "/demarches/acte-de-naissance/demande", "/suivi", "/suivi/code-perdu", "/connexion", "/inscription", "/donnees-personnelles"]) {
    await visit(address);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    // No word of the catalogue or of the layout is left in French.
    await expect(page.locator("body")).not.toContainText(/Démarches|Choisissez|Votre demande/);
  }
});

test("what the law asks of every site is there", async ({ visit }) => {
  for (const address of ["/mentions-legales", "/donnees-personnelles", "/contact", "/connexion", "/inscription", "/mot-de-passe", "/suivi/code-perdu"]) {
    await visit(address);
  }
});
