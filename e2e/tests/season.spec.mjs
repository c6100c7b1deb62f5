// A season of rooms: an association asks for weekly times, an agent makes the proposal, moves one, and publishes. Each way of
// browsing has a round of its own. With and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const DAY = 86_400_000;

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

const day = after => new Date(Date.now() + after * DAY).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });

test("an association asks for a season", async ({ visit, look, page }, info) => {
  await visit("/salles");
  await page.getByRole("link", { name: "Saisons des associations" }).click();
  await look("saisons");
  await page.getByRole("link", { name: "Saison prochaine" }).click();
  await look("saison ouverte");
  await expect(page.getByText("à chaque tour, chaque association")).toBeVisible();
  await signIn(page, "marie.durand@example.org");
  await page.goto("/salles/saison/saison-prochaine");
  await page.locator("main").getByText("Demander des créneaux", { exact: true }).click();
  await look("saison, demande vide");
  await page.getByRole("button", { name: "Envoyer la demande" }).click();
  await look("saison, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez le nom de l’association");
  await page.getByLabel("Nom de l’association").fill(`Atelier photo ${info.project.name}`);
  await page.getByLabel("Adhérents", { exact: true }).fill("20");
  await page.getByLabel("Dont habitants de la commune").fill("12");
  await page.getByLabel("Dont moins de 18 ans").fill("3");
  await page.getByLabel("Nom et prénom").fill("Marie Durand");
  await page.locator("#courriel").fill("marie.durand@example.org");
  await page.locator("#activite-0").fill("Tirages et lectures de photos");
  await page.locator("#personnes-0").fill("12");
  await page.locator("#fois-0").selectOption("1");
  await page.locator("#duree-0").selectOption("120");
  await page.locator("#salle-0").selectOption({ label: "Salle Georges-Brassens" });
  await page.locator("#jour-0-0").selectOption("3");
  await page.locator("#de-0-0").fill("18:00");
  await page.locator("#a-0-0").fill("22:00");
  await page.getByRole("button", { name: "Ajouter un souhait" }).click();
  await look("saison, deux souhaits");
  await expect(page.locator("#activite-0")).toHaveValue("Tirages et lectures de photos");
  await page.getByRole("button", { name: "Envoyer la demande" }).click();
  await look("saison, demande reçue");
  await expect(page.getByText("La demande est reçue.")).toBeVisible();
});

/** Takes the request of an association on the telephone. */
async function take(page, look, weekday, { name, from, until, times }) {
  await page.getByRole("link", { name: "Prendre la demande d’une association" }).click();
  await look(`saison, demande au guichet, ${times}`);
  await page.getByLabel("Par téléphone").check();
  await page.getByLabel("Nom de l’association").fill(name);
  await page.getByLabel("Adhérents", { exact: true }).fill("30");
  await page.getByLabel("Dont habitants de la commune").fill("30");
  await page.getByLabel("Dont moins de 18 ans").fill("0");
  await page.getByLabel("Nom et prénom").fill("Odette Ferrand");
  await page.locator("#telephone").fill("04 67 71 12 34");
  await page.locator("#activite-0").fill("Danse de salon");
  await page.locator("#personnes-0").fill("20");
  await page.locator("#duree-0").selectOption("120");
  await page.locator("#salle-0").selectOption({ label: "Maison des associations, salle 2" });
  await page.locator("#jour-0-0").selectOption(weekday);
  await page.locator("#de-0-0").fill(from);
  await page.locator("#a-0-0").fill(until);
  await page.getByRole("button", { name: "Envoyer la demande" }).click();
  await expect(page.getByText("La demande est reçue.")).toBeVisible();
}

test("an agent opens a round, proposes, moves a time and publishes", async ({ visit, look, page }) => {
  const [name, weekday] = ["Essai", "2"];
  const board = "/agents/planning/saisons/essai";
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/agents/planning/saisons");
  await page.locator("main").getByText("Préparer une saison").click();
  await look("saison, préparer");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("saison, préparer, fautes");
  await expect(page.getByRole("alert")).toContainText("Donnez un nom");
  await page.locator("#nom").fill(name);
  await page.locator("#du").fill(day(250));
  await page.locator("#au").fill(day(380));
  await page.locator("#ouvre").fill(day(-3));
  await page.locator("#ferme").fill(day(5));
  await page.getByLabel("Maison des associations, salle 2").check();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("saison préparée");
  await page.getByRole("button", { name: "Ouvrir aux demandes" }).click();
  await look("saison, ouverte aux agents");
  await take(page, look, weekday, { name: "Club des aînés", from: "18:00", until: "20:00", times: "la première" });
  await page.goto(board);
  await take(page, look, weekday, { name: "Théâtre des Arènes", from: "18:00", until: "20:00", times: "la seconde" });
  // The window is ended the day before: the proposal can be made.
  await page.goto(`${board}/reglages`);
  await look("saison, réglages");
  await page.locator("#ferme").fill(day(-1));
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("button", { name: "Faire la proposition" }).click();
  await look("saison, proposition");
  await expect(page.getByText("Souhaits sans créneau")).toBeVisible();
  await expect(page.getByText("prise à ces heures par").first()).toBeVisible();
  await page.getByRole("link", { name: /Donner un créneau/ }).first().click();
  await look("saison, donner un créneau");
  await page.getByRole("button", { name: "Enregistrer ce créneau" }).click();
  await look("saison, créneau pris");
  await expect(page.getByRole("alert")).toContainText("moins de trois quarts");
  await page.locator("#de").fill("20:30");
  await page.locator("#a").fill("22:30");
  await page.getByRole("button", { name: "Enregistrer ce créneau" }).click();
  await look("saison, créneau donné");
  await expect(page.getByText("Le créneau est donné.")).toBeVisible();
  await page.getByRole("link", { name: /^Déplacer/ }).last().click();
  await look("saison, déplacer");
  await page.locator("#de").fill("21:00");
  await page.locator("#a").fill("23:00");
  await page.getByRole("button", { name: "Enregistrer ce créneau" }).click();
  await expect(page.getByText("Le créneau est déplacé.")).toBeVisible();
  await page.getByRole("button", { name: "Publier" }).click();
  await look("saison, publier sans accord");
  await expect(page.getByRole("alert")).toContainText("Cochez la case");
  await page.getByLabel("Je publie ces créneaux").check();
  await page.getByRole("button", { name: "Publier" }).click();
  await look("saison publiée");
  await expect(page.getByText("les résultats publiés")).toBeVisible();
  await visit("/salles/saison/essai");
  await expect(page.getByText("Club des aînés").first()).toBeVisible();
});

test("the season that runs, for everybody and on the board", async ({ visit, look, page }) => {
  await visit("/salles/saison/saison-en-cours");
  await expect(page.getByRole("heading", { name: "Créneaux attribués" })).toBeVisible();
  await page.locator("summary", { hasText: "Détails du tirage" }).click();
  await expect(page.getByText("Graine du tirage au sort", { exact: true })).toBeVisible();
  await signIn(page, "helene.maurin@lunel.example");
  await page.goto("/agents/planning/saisons/saison-en-cours");
  await look("saison, tableau publié");
  await page.locator("tbody th a").first().click();
  await look("saison, une demande et ses créneaux");
  await visit("/agents/planning/chiffres");
  await page.locator("#salle").selectOption({ label: "Salle Georges-Brassens" });
  await page.getByRole("button", { name: "Afficher" }).click();
  await look("salles, chiffres d’une salle");
});
