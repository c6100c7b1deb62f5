// Appointments as people meet them: somebody books and gives back without an account; an agent books for somebody on
// the telephone, receives them, calls the next number, puts people on the waiting list; a request asks for an
// appointment, and one opens a request. The same with and without JavaScript, on a desk and on a phone.

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
  await page.getByText("Annuler le rendez-vous", { exact: true }).click();
  await look("rendez-vous, à annuler");
  await page.getByRole("button", { name: "Oui, annuler le rendez-vous" }).click();
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

test("a request asks for an appointment, and an appointment opens a request", async ({ look, page, elsewhere }) => {
  await signIn(page, "bastien.gleize@lunel.example");
  await page.goto("/agents?demarche=occupation-domaine-public&etat=instruction");
  await page.getByRole("link", { name: /^2026-/ }).first().click();
  await page.getByText("Proposer un rendez-vous", { exact: true }).first().click();
  await page.getByLabel("Motif du rendez-vous").selectOption("urbanisme");
  await page.getByLabel("Votre mot, avant le lien").fill("Apportez un plan de l’échafaudage.");
  await look("dossier, rendez-vous à proposer");
  await page.getByRole("button", { name: "Proposer un rendez-vous" }).click();
  await expect(page.getByText("Le rendez-vous est proposé")).toBeVisible();
  await look("dossier, rendez-vous proposé");
  const dossier = page.url().split("?")[0];
  const text = await page.locator("main").innerText();
  const link = /\/rendez-vous\/propose\/[0-9a-f]{24}/.exec(text)[0];
  const requester = await elsewhere();
  await requester.goto(link);
  await expect(requester.getByText("La mairie vous propose ce rendez-vous")).toBeVisible();
  await look("rendez-vous proposé, horaires", requester);
  await requester.locator(".times__time").first().click();
  await requester.getByLabel("Nom et prénom").fill("Jeanne Roux");
  await requester.getByLabel("Adresse électronique").fill("jeanne.roux@example.org");
  await requester.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await expect(requester.getByRole("heading", { name: "Votre rendez-vous est pris" })).toBeVisible();
  await page.goto(dossier);
  await expect(page.getByText("Rendez-vous pris").first()).toBeVisible();
  await look("dossier, rendez-vous pris");
  await page.getByRole("link", { name: "Voir le rendez-vous" }).first().click();
  await look("rendez-vous d’une demande");
  await page.getByRole("link", { name: "Ouvrir une demande" }).click();
  await expect(page.getByText("Rendez-vous de Jeanne Roux")).toBeVisible();
  await look("demande ouverte à un rendez-vous");
});

test("an agent puts somebody on the waiting list", async ({ look, page }) => {
  await signIn(page, "samira.ziani@lunel.example");
  await page.goto("/agents/rendez-vous/nouveau?motif=carte-identite-passeport");
  await page.getByRole("link", { name: /mettre la personne en liste d’attente/ }).click();
  await look("liste d’attente, agent");
  await page.getByRole("button", { name: "Inscrire sur la liste" }).click();
  await look("liste d’attente, agent, fautes");
  await page.getByLabel("Nom et prénom").fill("Augustine Galtier");
  await page.getByLabel("Téléphone").fill("04 65 71 00 20");
  await page.getByRole("button", { name: "Inscrire sur la liste" }).click();
  await expect(page.getByText("La personne est sur la liste d’attente.")).toBeVisible();
  await expect(page.getByText("Augustine Galtier").first()).toBeVisible();
  await look("liste d’attente, personnes");
});

test("a number that another town hall awaits is told before the time is taken", async ({ look, page }) => {
  await page.goto("/rendez-vous/carte-identite-passeport");
  await page.locator(".times__time").first().click();
  await page.getByLabel("Nom et prénom").fill("Paul Roux");
  await page.getByLabel("Adresse électronique").fill("paul.roux@example.org");
  await page.getByLabel("Numéros de pré-demande").fill("AILLEURS01");
  await page.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await look("rendez-vous, déjà ailleurs");
  await expect(page.getByText("Mairie de Sommières").first()).toBeVisible();
  await page.getByLabel("Numéros de pré-demande").fill("UTILISEE01");
  await page.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await expect(page.getByRole("alert")).toContainText("a déjà servi");
  await look("rendez-vous, pré-demande utilisée");
  await page.getByLabel("Numéros de pré-demande").fill("");
  await page.getByRole("button", { name: "Confirmer le rendez-vous" }).click();
  await expect(page.getByRole("heading", { name: "Votre rendez-vous est pris" })).toBeVisible();
});

test("whoever answers for a counter reads in words when it receives, and changes nothing by looking", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/agents/rendez-vous/presences/la-maire");
  await page.getByRole("link", { name: "Changer les horaires, les absences et les jours particuliers" }).click();
  await look("horaires d’un guichet");
  await page.getByLabel("Quelles semaines").first().selectOption({ label: "Le dernier du mois" });
  await page.getByLabel("À partir de").first().fill("septembre");
  await page.getByRole("button", { name: "Voir ce que cela donne" }).click();
  await look("horaires d’un guichet, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez deux mois ou deux jours");
  await page.getByLabel("Jusqu’à").first().fill("juin");
  await page.getByRole("button", { name: "Voir ce que cela donne" }).click();
  const told = page.getByRole("listitem").filter({ hasText: "Le dernier vendredi du mois, de 14 h à 17 h, de septembre à juin" });
  await expect(told).toBeVisible();
  await look("horaires d’un guichet, en clair");
  await page.getByRole("button", { name: "Ajouter une fermeture" }).click();
  await expect(page.getByLabel("Premier jour")).toBeVisible();
  await expect(page.getByLabel("À partir de").first()).toHaveValue("septembre");
  await visit("/agents/rendez-vous/presences/la-maire");
  await expect(page.getByText("Le dernier vendredi du mois")).toHaveCount(0);
});
