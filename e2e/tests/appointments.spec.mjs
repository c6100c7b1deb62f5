// Appointments as people meet them: somebody books and gives back without an account; an agent books for somebody on
// the telephone, receives them, and calls the next number. The same with and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

/** The day that the town's clocks show, as a page writes it: `mardi 1er décembre 2026`. */
function today() {
  const parts = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Paris" };
  return new Intl.DateTimeFormat("fr-FR", parts).format(new Date()).replace(" 1 ", " 1er ");
}

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

test("somebody books without an account, moves, and gives back", { tag: "@resident" }, async ({ visit, look, page }) => {
  await visit("/rendez-vous");
  await page.getByRole("link", { name: "Carte d’identité ou passeport" }).click();
  await look("rendez-vous, horaires");
  await page.getByLabel("Nombre de personnes").selectOption("2");
  await page.getByRole("button", { name: "Afficher" }).click();
  await expect(page.getByText("30 minutes")).toBeVisible();
  await page.getByRole("link", { name: "Semaine suivante" }).click();
  await look("rendez-vous, semaine suivante");
  await page.locator(".times__time").first().click();
  await look("rendez-vous, coordonnées");
  await page.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await look("rendez-vous, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez votre nom et votre prénom");
  await page.getByLabel("Nom et prénom").fill("Jeanne Roux");
  await page.getByLabel("Adresse électronique").fill("jeanne.roux@example.org");
  await page.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await look("rendez-vous pris");
  await expect(page.getByRole("heading", { name: "Votre rendez-vous est pris" })).toBeVisible();
  await expect(page.getByText(/^RDV-[2-9A-Z]{4}-[2-9A-Z]{4}$/).first()).toBeVisible();
  await page.getByRole("link", { name: "Déplacer le rendez-vous" }).click();
  await look("rendez-vous, déplacer");
  await page.locator(".times__time").first().click();
  await expect(page.getByText("Votre rendez-vous est déplacé.")).toBeVisible();
  await look("rendez-vous déplacé");
  await page.getByRole("button", { name: "Annuler le rendez-vous" }).click();
  await look("rendez-vous annulé");
  await expect(page.getByText("Votre rendez-vous est annulé.")).toBeVisible();
});

test("an agent books for somebody on the telephone, and the day tells who came", async ({ visit, look, page }) => {
  await signIn(page, "samira.ziani@lunel.example");
  await visit("/agents/rendez-vous");
  await page.getByRole("link", { name: "Prendre un rendez-vous pour quelqu’un" }).click();
  await look("rendez-vous, agent");
  await page.getByLabel("Motif").selectOption({ label: "Carte d’identité ou passeport" });
  await page.getByLabel("La personne demande").selectOption({ label: "Par téléphone" });
  await page.getByRole("button", { name: "Afficher" }).click();
  await look("rendez-vous, agent, horaires");
  await page.locator(".first-time button").click();
  await look("rendez-vous, agent, pour qui");
  await page.getByLabel("Nom et prénom").fill("Augustine Galtier");
  await page.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await look("rendez-vous, agent, pris");
  await expect(page.getByText("personne ne la préviendra")).toBeVisible();
  await page.getByRole("link", { name: "Imprimer la fiche" }).click();
  await look("rendez-vous, fiche");
  await page.getByRole("link", { name: "Retour" }).click();
  const arrived = page.getByRole("button", { name: "Arrivé" });
  // Late in the day, and at the week's end, the first free time is on another day: nobody has come yet.
  if ((await page.getByRole("main").getByText(today()).count()) === 0) {
    await expect(arrived).toHaveCount(0);
    return;
  }
  await arrived.click();
  await look("rendez-vous, arrivée notée");
  await expect(page.getByText("Arrivé, R", { exact: false }).first()).toBeVisible();
});

test("numbers are given out and called, and the waiting room shows them", async ({ look, page, elsewhere }) => {
  await signIn(page, "samira.ziani@lunel.example");
  await page.goto("/agents/rendez-vous/file");
  await look("file d’attente");
  await page.getByRole("button", { name: "Donner un ticket" }).click();
  await look("ticket");
  const number = (await page.locator("h1").textContent()).trim();
  await page.getByRole("link", { name: "Retour" }).click();
  await page.getByLabel("Mon guichet").selectOption({ label: "Guichet 2" });
  await page.getByRole("button", { name: "Afficher" }).click();
  // Whoever has an appointment may come first: one calls until the number comes.
  for (let calls = 0; calls < 6; calls += 1) {
    await page.getByRole("button", { name: "Appeler le suivant" }).click();
    if ((await page.locator("section .waiting__desk").textContent()) === number) break;
  }
  await look("file, appelé");
  await expect(page.locator("section .waiting__desk")).toHaveText(number);
  const screen = await elsewhere();
  await screen.goto("/rendez-vous/salle/hotel-de-ville");
  await look("salle d’attente", screen);
  await expect(screen.locator(".waiting__number")).toHaveText(number);
});

test("a head of department changes presences by clicking", async ({ look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await page.goto("/agents/rendez-vous/presences");
  await look("présences");
  await page.getByRole("link", { name: "Guichet 2" }).click();
  await look("présences d’un guichet");
  await page.getByRole("group", { name: "Samedi" }).getByRole("checkbox", { name: /\s9:00/ }).check();
  await page.getByRole("button", { name: "Enregistrer" }).first().click();
  await look("présences enregistrées");
  await expect(page.getByText("C’est enregistré.")).toBeVisible();
});
