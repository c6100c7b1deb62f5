// The six steps of a request, as its people take them: found, filled in, acknowledged, handled, entered at
// the counter, counted and told. The same with and without JavaScript, on a desk and on a phone.

import { fileURLToPath } from "node:url";
import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const photo = fileURLToPath(new URL("fixtures/plan.png", import.meta.url));

/** A day of the form `{ day, month, year }`, so many days from now. */
function inDays(days) {
  const date = new Date(Date.now() + days * 86_400_000);
  return { day: String(date.getDate()), month: String(date.getMonth() + 1), year: String(date.getFullYear()) };
}

async function fillDate(page, id, days) {
  const { day, month, year } = inDays(days);
  await page.locator(`[name="${id}-day"]`).fill(day);
  await page.locator(`[name="${id}-month"]`).fill(month);
  await page.locator(`[name="${id}-year"]`).fill(year);
}

const go = (page) => page.getByRole("button", { name: "Continuer", exact: true }).last().click();
const cookies = (page) => page.context().cookies();

/** A request to be sent by the API: the form has its own journey. */
function removal(email) {
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  return {
    objet: "demenagement", circulation: false, lieu: "3 rue Haute, 34400 Lunel", surface: 20,
    debut: day, fin: day, heure_debut: "08:00", heure_fin: "12:00", statut: "particulier",
    demandeur: { family_name: "Peyron", given_names: "Gaspard" }, adresse: "3 rue Haute, 34400 Lunel",
    courriel: email, telephone: "0465711234", engagement: true,
  };
}

/** Sends it: `{ reference, tracking_code }`. */
async function deposit(page, email) {
  const sent = await page.request.post("/api/v1/procedures/occupation-domaine-public/cases", { data: { answers: removal(email) } });
  expect(sent.status(), await sent.text()).toBe(201);
  return sent.json();
}

/** Opens a request with its code. */
async function follow(page, code) {
  await page.goto("/suivi");
  await page.getByLabel("Code de suivi").fill(code);
  await page.getByRole("button", { name: "Ouvrir" }).click();
}

async function signIn(page, look, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

async function fillStreet(page, look) {
  await look("demande objet");
  await page.getByLabel("Une benne ou un dépôt de matériaux").check();
  await page.getByLabel("Non", { exact: true }).check();
  await go(page);
  await look("demande lieu");
  await page.locator("#lieu").fill("12 rue des Amandiers, 34400 Lunel");
  await page.locator("#surface").fill("12,5");
  await go(page);
  await look("demande dates");
  await fillDate(page, "debut", 20);
  await fillDate(page, "fin", 22);
  await go(page);
}

async function fillYou(page, look) {
  await look("demande vous");
  await page.getByLabel("Vous-même").check();
  await page.getByLabel("Nom de naissance").fill("Teissier");
  await page.getByLabel("Prénoms").fill("Anaïs");
  await page.locator("#adresse").fill("4 rue du Jasmin, 34400 Lunel");
  await page.getByLabel("Votre adresse électronique").fill("anais.teissier@example.org");
  await page.getByLabel("Votre téléphone").fill("04 65 71 12 34");
  await go(page);
}

async function code(page) {
  return (await page.locator(".code").textContent()).trim();
}

test("somebody finds a procedure, fills it in, goes on at another machine, and sends it", { tag: "@resident" }, async ({ visit, look: examine, page: first, elsewhere }) => {
  let page = first;
  const look = (name) => examine(name, page);
  await visit("/");
  await page.getByLabel("Que cherchez-vous ?").fill("benne");
  await page.getByRole("button", { name: "Rechercher" }).click();
  await look("recherche");
  await page.getByRole("link", { name: "Occupation du domaine public" }).click();
  await look("fiche");
  await expect(page.getByText("Sans réponse dans un délai de 2 mois, votre demande est refusée.")).toBeVisible();
  for (const way of ["En ligne", "Au guichet", "Par téléphone", "Sur papier"]) {
    await expect(page.getByRole("heading", { name: way })).toBeVisible();
  }
  const blank = await page.request.get("/demarches/occupation-domaine-public/formulaire.pdf");
  expect((await blank.body()).subarray(0, 5).toString()).toBe("%PDF-");

  await page.getByRole("link", { name: "Commencer la demande", exact: true }).first().click();
  // Nothing answered: each question says so, in the summary and in its place.
  await go(page);
  await look("demande objet vide");
  await expect(page.getByRole("alert")).toContainText("Choisissez une réponse.");
  await fillStreet(page, look);
  // Left, and come back to from another browser with the code.
  await page.getByRole("button", { name: "Enregistrer et reprendre plus tard" }).click();
  await look("code de suivi");
  const kept = await code(page);
  // Who does not want to write it down gets it by mail.
  await page.getByLabel("Votre adresse électronique").fill("anais.teissier@");
  await page.getByRole("button", { name: "M’envoyer le code" }).click();
  await look("adresse fausse");
  await expect(page.getByLabel("Votre adresse électronique")).toHaveValue("anais.teissier@");
  await page.getByLabel("Votre adresse électronique").fill("anais.teissier@example.org");
  await page.getByRole("button", { name: "M’envoyer le code" }).click();
  await look("code envoyé");
  await expect(page.getByText("Le code part à l’adresse")).toBeVisible();
  // The link leads back; the rest is done at another machine, with the code.
  await page.getByRole("link", { name: "Reprendre" }).click();
  await expect(page.getByRole("heading", { name: "Vous" }).first()).toBeVisible();
  page = await elsewhere();
  await follow(page, kept.toLowerCase());
  await look("demande reprise");
  await expect(page.getByRole("heading", { name: "Occupation du domaine public" })).toBeVisible();
  await page.getByRole("button", { name: "Reprendre" }).click();
  await fillYou(page, look);
  await look("demande pieces");
  await page.locator("#plan").setInputFiles({ name: "notes.exe", mimeType: "application/pdf", buffer: Buffer.from("MZ\x90\x00") });
  await page.getByLabel(/Je m’engage/).check();
  await go(page);
  await look("fichier refusé");
  await expect(page.getByRole("alert")).toContainText("notes.exe");
  await expect(page.getByLabel(/Je m’engage/)).toBeChecked();
  await page.locator("#plan").setInputFiles(photo);
  await go(page);
  await look("récapitulatif");
  await expect(page.getByText("plan.png")).toBeVisible();
  await expect(page.getByText("12,5 m²")).toBeVisible();
  // One answer is changed, and the summary comes back.
  await page.getByRole("link", { name: "Modifier Surface occupée" }).click();
  await page.locator("#surface").fill("14");
  await go(page);
  await expect(page.getByText("14 m²").or(page.getByText("14.0 m²")).or(page.getByText("14,0 m²"))).toBeVisible();
  await page.getByRole("button", { name: "Envoyer" }).click();
  await look("accusé de réception");
  await expect(page.getByRole("heading", { name: "Votre demande est envoyée" })).toBeVisible();
  expect(await code(page)).toBe(kept);
  for (const words of ["Service du domaine public", "04 65 71 00 21", "devra être considérée comme refusée", "tribunal administratif de Montpellier", "L232-4"]) {
    await expect(page.locator("main")).toContainText(words);
  }
  expect(page.url()).not.toContain(kept);
  const receipt = await page.request.get("/suivi/accuse-de-reception.pdf");
  expect((await receipt.body()).subarray(0, 5).toString()).toBe("%PDF-");
  await expect(async () => {
    await page.goto("/_demo/courrier");
    await expect(page.locator("main")).toContainText(kept);
  }).toPass({ timeout: 30_000 });
  await look("courrier de démonstration");
});

test("an agent asks for a document, the citizen sends it, the agent decides", async ({ look, page, elsewhere, javaScriptEnabled }) => {
  const { reference, tracking_code } = await deposit(page, "gaspard.peyron@example.org");

  await signIn(page, look, "bastien.gleize@lunel.example");
  await page.goto("/agents?etat=received");
  await look("dossiers");
  await page.getByRole("link", { name: reference }).click();
  await look("dossier reçu");
  await page.getByRole("button", { name: "Prendre le dossier" }).click();
  await look("dossier pris");
  const due = () => page.locator(".clock time").first().getAttribute("datetime");
  const before = await due();
  // The citizen has the page open meanwhile.
  const citizen = await elsewhere();
  await follow(citizen, tracking_code);
  await citizen.getByLabel("Écrire à la mairie").fill("Pas encore envoyé");
  // What agents note for one another moves nothing for the citizen: the history tells of it, nobody is interrupted.
  await page.getByText("Ajouter une note").first().click();
  await page.getByLabel("Note pour les collègues").fill("Rappeler demain.");
  await page.getByRole("button", { name: "Ajouter une note" }).click();
  if (javaScriptEnabled) {
    await expect(citizen.locator("#historique")).toContainText("Note interne");
    await expect(citizen.getByText("Votre demande a avancé")).toHaveCount(0);
  }
  await page.getByText("Demander des documents").first().click();
  await page.getByLabel("Documents qui manquent").fill("Contrat du déménageur");
  await page.getByRole("button", { name: "Demander des documents" }).click();
  await look("documents demandés");
  // Where silence refuses, the clock is suspended until all has come (CRPA L114-5): were it today, the day would not move.
  await expect(page.getByText("En attente de documents").first()).toBeVisible();
  expect(await due()).toBe(before);

  // With scripts the page tells of it by itself, and leaves what is being written alone.
  if (!javaScriptEnabled) await citizen.reload();
  await expect(citizen.getByText("Contrat du déménageur").first()).toBeVisible();
  if (!javaScriptEnabled) await expect(citizen.getByText("cette date recule d’autant").first()).toBeVisible();
  if (javaScriptEnabled) {
    await expect(citizen.getByText("Votre demande a avancé")).toHaveCount(1);
    await expect(citizen.locator('#repondre input[type="file"]')).toHaveCount(2);
    await expect(citizen.getByLabel("Écrire à la mairie")).toHaveValue("Pas encore envoyé");
  }
  await look("documents manquants", citizen);
  // Sent with nothing in it: the page says so, and waits.
  await citizen.getByLabel("Écrire à la mairie").fill("");
  await citizen.getByRole("button", { name: "Envoyer", exact: true }).click();
  await look("documents manquants sans fichier", citizen);
  await expect(citizen.getByRole("alert")).toContainText("Écrivez un message ou choisissez un fichier.");
  await citizen.getByLabel("Contrat du déménageur").setInputFiles(photo);
  await citizen.getByRole("button", { name: "Envoyer", exact: true }).click();
  await look("documents reçus", citizen);
  await expect(citizen.getByText("Vos documents sont reçus.")).toBeVisible();
  // A message and its file go in one form.
  await citizen.getByLabel("Écrire à la mairie").fill("Voici le contrat. Merci !");
  await citizen.locator('#repondre input[type="file"]').setInputFiles(photo);
  await citizen.getByRole("button", { name: "Envoyer", exact: true }).click();
  await expect(citizen.getByText("Votre message et vos documents sont envoyés.")).toBeVisible();

  await page.reload();
  await expect(page.getByText("Voici le contrat. Merci !")).toBeVisible();
  await page.getByLabel("Motifs").fill("Le passage des piétons reste libre.");
  await page.getByRole("button", { name: "Décider" }).click();
  await look("décision incomplète");
  await expect(page.getByRole("alert")).toContainText("Choisissez une décision.");
  await expect(page.getByLabel("Motifs")).toHaveValue("Le passage des piétons reste libre.");
  await expect(page.getByRole("alert")).toContainText("Choisissez qui signe.");
  await page.getByLabel("Accepter").check();
  await page.getByLabel("Rémi Faure, l’adjoint à l’espace public").check();
  await page.getByRole("button", { name: "Décider" }).click();
  await look("décision à relire");
  await expect(page.locator("main")).toContainText("dispensée de signature");
  await expect(page.locator("main")).toContainText("Considérant que le passage des piétons reste libre");
  await page.getByRole("button", { name: "Modifier" }).click();
  await look("décision reprise");
  await expect(page.getByLabel("Motifs")).toHaveValue("Le passage des piétons reste libre.");
  await expect(page.getByLabel("Accepter")).toBeChecked();
  await expect(page.getByLabel("Rémi Faure, l’adjoint à l’espace public")).toBeChecked();
  await page.getByRole("button", { name: "Décider" }).click();
  await page.getByRole("button", { name: "Confirmer la décision" }).click();
  await look("dossier décidé");
  await expect(page.locator("main")).toContainText(/\d{4}-ARR-\d{4}/);

  await expect(async () => {
    await citizen.goto("/suivi");
    await expect(citizen.getByRole("link", { name: "Télécharger la décision" })).toBeVisible();
  }).toPass({ timeout: 30_000 });
  await look("demande décidée", citizen);
  const decision = await citizen.request.get("/suivi/decision.pdf");
  expect((await decision.body()).subarray(0, 5).toString()).toBe("%PDF-");
  await page.reload();
  await expect(page.getByText(/Ouverte par le demandeur/)).toBeVisible();
});

test("a page that nobody looks at reads no message", async ({ look, page, elsewhere, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without scripts a page stays as it was shown");
  const { reference, tracking_code } = await deposit(page, "gaspard.peyron@example.org");
  const citizen = await elsewhere();
  await follow(citizen, tracking_code);
  const hide = (hidden) =>
    citizen.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  await signIn(page, look, "bastien.gleize@lunel.example");
  await page.goto("/agents?etat=received");
  await page.getByRole("link", { name: reference }).click();
  await page.getByLabel("Écrire au demandeur").fill("À quelle heure venez-vous ?");
  await page.getByRole("button", { name: "Envoyer le message" }).click();
  // Longer than a page in sight takes to fetch itself.
  await citizen.waitForTimeout(2_000);
  await page.reload();
  await expect(page.getByText("À quelle heure venez-vous ?")).toBeVisible();
  await expect(page.getByText(/lu le/)).toHaveCount(0);
  await hide(false);
  await expect(citizen.getByText("À quelle heure venez-vous ?")).toBeVisible();
  await page.reload();
  await expect(page.getByText(/lu le/).first()).toBeVisible();
});

test("the counter enters a request for somebody without internet", async ({ look, visit, page }) => {
  await signIn(page, look, "samira.ziani@lunel.example");
  await visit("/agents/guichet");
  await page.getByRole("link", { name: "Copie ou extrait d’acte de naissance" }).click();
  await look("guichet");
  await page.getByLabel("Téléphone", { exact: true }).check();
  await page.getByLabel("Un extrait sans filiation").check();
  const year = page.locator('[name="recue-year"]');
  const thisYear = await year.inputValue();
  await year.fill("2099");
  await page.getByRole("button", { name: "Enregistrer la demande" }).last().click();
  await look("guichet avec fautes");
  await expect(page.getByRole("alert")).toContainText("Cette date n’est pas encore venue.");
  await expect(page.getByLabel("Un extrait sans filiation")).toBeChecked();
  await expect(year).toHaveValue("2099");
  await year.fill(thisYear);
  await page.getByLabel("Dans la commune", { exact: true }).check();
  await page.getByLabel("Par la poste").check();
  await page.getByLabel("Nombre d’exemplaires").fill("1");
  const person = page.getByRole("group", { name: "La personne dont vous demandez l’acte" });
  await person.getByLabel("Nom de naissance").fill("Galtier");
  await person.getByLabel("Prénoms").fill("Augustine");
  await person.getByLabel("Jour").fill("4");
  await person.getByLabel("Mois").fill("2");
  await person.getByLabel("Année").fill("1938");
  await person.getByLabel("Lieu de naissance").fill("Lunel");
  await page.getByLabel("C’est moi").check();
  const own = page.getByRole("group", { name: "Votre identité" });
  await own.getByLabel("Nom de naissance").fill("Galtier");
  await own.getByLabel("Prénoms").fill("Augustine");
  await page.locator("#adresse").fill("7 impasse des Cigales, 34400 Lunel");
  await page.getByLabel(/J’atteste sur l’honneur/).check();
  await page.getByRole("button", { name: "Enregistrer la demande" }).last().click();
  await look("reçu du guichet");
  await expect(page.getByText("Ce reçu part aussi par courrier.")).toBeVisible();
  expect(await code(page)).toMatch(/^(?:[2-9A-Z]{4}-){2}[2-9A-Z]{4}$/);
  const paper = await page.request.get(await page.getByRole("link", { name: "Reçu (PDF)" }).getAttribute("href"));
  expect((await paper.body()).subarray(0, 5).toString()).toBe("%PDF-");
  await expect(async () => {
    await page.goto("/agents/courrier");
    await expect(page.getByText("Augustine Galtier").first()).toBeVisible();
  }).toPass({ timeout: 30_000 });
  await look("courrier à imprimer");
  // Printed in one go, each letter on a sheet of its own; then ticked off, and still at hand.
  const letters = await page.locator('input[name="letter"]').evaluateAll((all) => all.map(({ value }) => value));
  const batch = new URLSearchParams([...letters.map((id) => ["letter", id]), ["recto-verso", "true"]]);
  const printed = await page.request.get(`/agents/courrier/lot.pdf?${batch}`);
  expect((await printed.body()).subarray(0, 5).toString()).toBe("%PDF-");
  // Nothing is ticked beforehand, and nothing is said to be printed by mistake.
  await page.getByRole("button", { name: "Les lettres choisies sont imprimées" }).click();
  await look("courrier, rien de coché");
  await expect(page.getByRole("alert")).toContainText("Cochez les lettres qui sont imprimées.");
  await page.getByRole("link", { name: "Tout cocher sur cette page" }).click();
  await page.getByRole("button", { name: "Les lettres choisies sont imprimées" }).click();
  await look("courrier imprimé");
  await expect(page.locator('input[name="letter"]')).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Augustine Galtier" })).toBeVisible();
  // Another department has letters of its own, and does not know of these.
  await page.context().clearCookies();
  await signIn(page, look, "bastien.gleize@lunel.example");
  await visit("/agents/courrier");
  await expect(page.getByText("Augustine Galtier")).toHaveCount(0);
  expect((await page.request.get(`/agents/courrier/${letters[0]}`)).status()).toBe(404);
  expect((await page.request.get(`/agents/courrier/lot.pdf?letter=${letters[0]}`)).status()).toBe(404);
});

/** A number of the figures' table, for the occupation of the public domain. */
async function figure(page, label) {
  const row = page.getByRole("row").filter({ hasText: "Occupation du domaine public" }).first();
  return Number((await row.locator(`td[data-label="${label}"]`).textContent()).trim());
}

/** How many requests came by this door. */
async function byDoor(page, door) {
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: door, exact: true }) });
  return (await row.count()) === 0 ? 0 : Number((await row.locator('td[data-label="Nombre"]').textContent()).trim());
}

test("who answers for the town sees figures, and the journal tells who did what", async ({ look, visit, page, elsewhere }) => {
  await signIn(page, look, "helene.maurin@lunel.example");
  await visit("/agents");
  await visit("/agents/chiffres");
  // What happened is counted soon after it has.
  await expect(async () => {
    await page.reload();
    expect(await figure(page, "Décisions prises")).toBeGreaterThan(0);
  }).toPass();
  const open = "À traiter aujourd’hui";
  const before = { open: await figure(page, open), door: await byDoor(page, "Programme") };
  const { reference } = await deposit(await elsewhere(), "gaspard.peyron@example.org");
  await expect(async () => {
    await page.reload();
    expect(await figure(page, open)).toBe(before.open + 1);
    expect(await byDoor(page, "Programme")).toBe(before.door + 1);
  }).toPass();

  await page.context().clearCookies();
  await signIn(page, look, "dpo@lunel.example");
  await visit("/agents/journal");
  const received = page.getByRole("row").filter({ hasText: reference }).filter({ hasText: "Demande reçue" });
  await expect(received).toHaveCount(1);
  await expect(received).toContainText("Visiteur sans compte");
  await expect(received).toContainText("Programme");
  await page.getByLabel("Quoi").selectOption({ label: "Dossier consulté" });
  await page.getByRole("button", { name: "Filtrer" }).click();
  await look("journal filtré");
  await expect(page.getByRole("row").nth(1)).toContainText("Dossier consulté");
  await expect(page.getByRole("cell", { name: "Connexion", exact: true })).toHaveCount(0);
  await page.getByLabel("Référence de la demande").fill("2020-ZZZZ");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await look("journal sans réponse");
  await expect(page.getByRole("alert")).toContainText("Aucune demande ne porte cette référence.");
  // No part in cases: the inbox does not exist for the data protection officer.
  await visit("/agents", 404);
});

test("a procedure is found by what happens in life", async ({ visit, look, page }) => {
  await visit("/");
  await page.getByRole("link", { name: "Une naissance" }).click();
  await look("selon ce qui arrive");
  await page.getByRole("link", { name: "Copie ou extrait d’acte de naissance" }).click();
  await look("fiche acte de naissance");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Copie ou extrait d’acte de naissance");
});

test("a request is taken back, once its owner is sure", { tag: "@resident" }, async ({ look, page }) => {
  const { tracking_code } = await deposit(page, "gaspard.peyron@example.org");
  await follow(page, tracking_code);
  await look("demande envoyée");
  await page.getByText("Retirer ma demande").first().click();
  await page.getByRole("button", { name: "Retirer ma demande" }).click();
  await look("retrait sans confirmation");
  await expect(page.getByRole("alert")).toContainText("Cochez la case pour confirmer.");
  await page.getByLabel("Je suis sûr de vouloir retirer ma demande").check();
  await page.getByRole("button", { name: "Retirer ma demande" }).click();
  await look("demande retirée");
  await expect(page.getByText("Votre demande est retirée.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Retirer ma demande" })).toHaveCount(0);
});

test("a lost code is replaced by who reads the mails of the request", { tag: "@resident" }, async ({ visit, look, page, elsewhere }) => {
  const email = `perdu.${Date.now()}@example.org`;
  const { reference, tracking_code } = await deposit(page, email);
  await visit("/suivi/code-perdu");
  await page.getByRole("button", { name: "Recevoir un lien" }).click();
  await look("code perdu incomplet");
  await page.getByLabel("Référence").fill(reference);
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByRole("button", { name: "Recevoir un lien" }).click();
  await look("code perdu demandé");
  let link;
  await expect(async () => {
    await page.goto("/_demo/courrier");
    link = (await page.locator("main").textContent()).match(/\/suivi\/retrouver\?lien=[0-9a-f]{64}/)?.[0];
    expect(link).toBeDefined();
  }).toPass({ timeout: 30_000 });
  await visit(link);
  await page.getByRole("button", { name: "Afficher mon nouveau code" }).click();
  await look("nouveau code");
  const found = await code(page);
  expect(found).not.toBe(tracking_code);
  const other = await elsewhere();
  await follow(other, tracking_code);
  await look("code remplacé", other);
  await expect(other.getByRole("alert")).toContainText("Ce code ne correspond à aucune demande.");
  await follow(other, found);
  await expect(other.getByText(reference).first()).toBeVisible();
});

test("a question comes and goes as another is answered, and nothing typed is lost", { tag: "@resident" }, async ({ page, look, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without scripts the questions come when the page is sent");
  await page.goto("/demarches/occupation-domaine-public/demande/vous");
  await page.getByLabel("Nom de naissance").fill("Teissier");
  await expect(page.locator("#siret")).toHaveCount(0);
  await page.getByLabel("Une entreprise").check();
  await page.locator("#siret").fill("732 829 320 00074");
  await look("question apparue");
  await page.getByLabel("Une association").check();
  await expect(page.locator("#rna")).toBeVisible();
  await expect(page.locator("#siret")).toHaveCount(0);
  await page.getByLabel("Une entreprise").check();
  await expect(page.locator("#siret")).toHaveValue("732 829 320 00074");
  await expect(page.getByLabel("Nom de naissance")).toHaveValue("Teissier");
  // Looking at questions keeps nothing: there is no request yet to come back to.
  expect((await cookies(page)).some(({ name }) => name === "brouillon")).toBe(false);
});

test("an address is found as it is typed, and may be written freely", { tag: "@resident" }, async ({ page, look, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "suggestions are a comfort of scripts");
  await page.goto("/demarches/occupation-domaine-public/demande/lieu");
  await page.locator("#lieu").pressSequentially("12 amand");
  await page.getByRole("option", { name: /12 rue des Amandiers/ }).first().click();
  await expect(page.locator("#lieu")).toHaveValue(/12 rue des Amandiers/);
  await look("adresse trouvée");
});

test("an inhabitant signs in and finds the requests made with the account", { tag: "@resident" }, async ({ look, visit, page, elsewhere }) => {
  await signIn(page, look, "marie.durand@example.org");
  await visit("/compte");
  const { reference, tracking_code } = await deposit(page, "marie.durand@example.org");
  await visit("/compte/demarches");
  // Those that the demonstration made for her and that are under way, and the new one.
  expect(await page.locator("tbody tr").count()).toBeGreaterThanOrEqual(3);
  await page.getByRole("link", { name: `Ouvrir ${reference}` }).click();
  await look("demande du compte");
  await expect(page.getByText(reference).first()).toBeVisible();
  // The code that was given for it still opens it.
  const other = await elsewhere();
  await follow(other, tracking_code);
  await expect(other.getByText(reference).first()).toBeVisible();
  await page.goto("/demarches/acte-de-naissance/demande");
  await look("demande acte");
  expect((await cookies(page)).some(({ name }) => name === "beffroi")).toBe(true);
});
