// The counter as its people meet it: an elderly person is found or entered, asks for two things in one visit, and lets
// somebody help her. The same with and without JavaScript, on a desk and on a phone.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** A request to be sent by the API. */
function removal() {
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  return {
    objet: "demenagement", circulation: false, lieu: "3 rue Haute, 34400 Lunel", surface: 20,
    debut: day, fin: day, heure_debut: "08:00", heure_fin: "12:00", statut: "particulier",
    demandeur: { family_name: "Peyron", given_names: "Gaspard" }, adresse: "3 rue Haute, 34400 Lunel",
    courriel: "gaspard@example.org", telephone: "0465711234", engagement: true,
  };
}

/** Her own words, typed for her; who she is is known. */
async function write(page, look, subject) {
  await page.getByRole("link", { name: "Écrire à la mairie" }).click();
  await look("visite, saisie");
  await page.getByLabel("Poser une question").check();
  await page.locator("#objet").fill(subject);
  await page.locator("#message").fill("Le banc de la place est cassé. Quand sera-t-il réparé ?");
  await expect(page.locator('[name="demandeur-family_name"]')).toHaveValue("Bonafous");
  await expect(page.locator("#adresse")).toHaveValue("3 impasse du Puits, 34400 Lunel");
  await page.getByRole("button", { name: "Enregistrer la demande" }).last().click();
}

test("an elderly person asks for two things in one visit", async ({ visit, look, page }) => {
  await signIn(page, "samira.ziani@lunel.example");
  await visit("/agents/guichet");
  await page.getByLabel("Nom et prénom").fill("b");
  await page.getByRole("button", { name: "Chercher" }).click();
  await look("guichet, sans raison");
  await expect(page.getByRole("alert")).toContainText("Dites pourquoi vous cherchez cette personne");
  await page.getByLabel("Elle est devant moi").check();
  await page.getByRole("button", { name: "Chercher" }).click();
  await look("guichet, trop peu");
  await expect(page.getByRole("alert")).toContainText("Donnez au moins deux lettres du nom");
  await page.getByLabel("Nom et prénom").fill("durand");
  await page.getByRole("button", { name: "Chercher" }).click();
  await look("guichet, personnes trouvées");
  await page.getByLabel("Nom et prénom").fill("bonafous zélie");
  await page.getByRole("button", { name: "Chercher" }).click();
  await look("guichet, personne");
  await page.getByRole("button", { name: "Nouvelle personne" }).last().click();
  await look("nouvelle personne");
  // What was looked for is not typed twice.
  await expect(page.getByLabel("Nom de naissance")).toHaveValue("bonafous");
  await expect(page.getByLabel("Prénoms")).toHaveValue("zélie");
  await page.getByLabel("Prénoms").fill("");
  await page.getByRole("button", { name: "Ouvrir une visite" }).click();
  await look("nouvelle personne, fautes");
  await page.getByLabel("Nom de naissance").fill("Bonafous");
  await page.getByLabel("Prénoms").fill("Zélie");
  await page.getByLabel("Jour").fill("12");
  await page.getByLabel("Mois").fill("4");
  await page.getByLabel("Année").fill("1938");
  await page.locator("#adresse").fill("3 impasse du Puits, 34400 Lunel");
  await page.getByRole("button", { name: "Ouvrir une visite" }).click();
  await look("visite ouverte");
  await write(page, look, "Banc cassé");
  await expect(page.getByRole("heading", { name: /Visite.:.Zélie Bonafous/ })).toBeVisible();
  await write(page, look, "Autre banc");
  await look("visite, deux demandes");
  await page.getByRole("button", { name: "Terminer la visite" }).click();
  await look("visite terminée");
  await expect(page.getByText(/^(?:[2-9A-Z]{4}-){2}[2-9A-Z]{4}$/)).toHaveCount(2);
  const paper = await page.request.get(
    await page.getByRole("link", { name: "Imprimer le reçu de la visite" }).getAttribute("href"),
  );
  expect((await paper.body()).subarray(0, 5).toString()).toBe("%PDF-");
});

test("a person's page shows their cases, takes papers, and begins a mandate", async ({ look, page }) => {
  await signIn(page, "samira.ziani@lunel.example");
  await page.goto("/agents/guichet");
  await page.getByLabel("Nom et prénom").fill("durand marie");
  await page.getByLabel("Elle est devant moi").check();
  await page.getByRole("button", { name: "Chercher" }).click();
  await page.getByRole("link", { name: "Durand Marie" }).first().click();
  await look("personne au guichet");
  await page.getByRole("link", { name: "Enregistrer un mandat" }).click();
  await look("mandat au guichet");
  await page.getByLabel("Toutes les démarches de la mairie").check();
  await page.getByLabel("Un mois").check();
  await page.getByRole("button", { name: "Enregistrer le mandat" }).click();
  await look("mandat au guichet, fautes");
  await expect(page.getByRole("alert")).toContainText("Joignez le papier signé");
  await page.locator("#papier").setInputFiles({
    name: "mandat.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%EOF\n"),
  });
  await page.getByRole("button", { name: "Enregistrer le mandat" }).click();
  await look("mandat enregistré");
  await expect(page.getByText("Le mandat commence aujourd’hui.")).toBeVisible();
  await page.getByRole("button", { name: "Agir avec ce mandat" }).click();
  await look("visite par mandat");
  await page.getByRole("button", { name: "Terminer la visite" }).click();
  await page.goto("/agents/mandats");
  await look("mandats, agents");
});

test("an inhabitant helps a neighbour who has consented", { tag: "@resident" }, async ({ visit, look, page }) => {
  await signIn(page, "marie.durand@example.org");
  await visit("/mon-compte");
  await page.getByRole("link", { name: "Aider quelqu’un ou se faire aider" }).click();
  await look("mandats");
  await page.getByRole("link", { name: "Augustine Galtier" }).click();
  await look("un mandat");
  await expect(page.getByText("Accord donné")).toBeVisible();
  await page.goto("/demarches/ecrire-a-la-mairie/demande");
  await look("pour qui");
  await page.getByRole("button", { name: "Continuer" }).click();
  await look("pour qui, faute");
  await page.getByLabel("Pour Augustine Galtier").check();
  await page.getByRole("button", { name: "Continuer" }).click();
  await expect(page).toHaveURL(/demande\/message$/);
  await look("une demande pour quelqu’un");
  await expect(page.getByText(/Vous agissez pour Augustine Galtier/)).toBeVisible();
  // For oneself too, without being asked again.
  await page.goto("/demarches/acte-de-naissance/demande");
  await page.getByLabel("Pour moi").check();
  await page.getByRole("button", { name: "Continuer" }).click();
  await expect(page).toHaveURL(/acte-de-naissance\/demande\/[a-z_-]+$/);
  await expect(page.getByText(/Vous agissez pour/)).toHaveCount(0);
  await page.goto("/mon-compte/mandats/nouveau");
  await page.getByRole("button", { name: "Envoyer la demande" }).click();
  await look("demander un mandat, fautes");
});

test("the three ways to ask for somebody else are told before anybody signs in", async ({ visit, look, page }) => {
  await visit("/demarches/ecrire-a-la-mairie");
  await page.getByRole("link", { name: "Faire cette demande pour quelqu’un d’autre" }).click();
  await look("pour quelqu’un d’autre");
  await expect(page.getByRole("heading", { name: "Au guichet ou par téléphone" })).toBeVisible();
});

/** A mailbox of the real server, with one mail in it; its name. */
function mailbox(raw) {
  const user = `demo-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const folder = path.join(process.env.BEFFROI_TEST_IMAP_MAILS, user);
  for (const part of ["", "new", "cur", "tmp"]) {
    mkdirSync(path.join(folder, part), { recursive: true });
    chmodSync(path.join(folder, part), 0o777);
  }
  const file = path.join(folder, "new", "1.eml");
  writeFileSync(file, raw.replaceAll("\n", "\r\n"));
  chmodSync(file, 0o666);
  return user;
}

test("a mail is fetched from a real mailbox, sorted and joined", async ({ visit, look, page, elsewhere }) => {
  test.skip(!process.env.BEFFROI_TEST_IMAP, "scripts/with-imap starts the mailboxes");
  const sent = await page.request.post("/api/v1/procedures/occupation-domaine-public/cases", { data: { answers: removal() } });
  expect(sent.status(), await sent.text()).toBe(201);
  const { reference } = await sent.json();
  const user = mailbox(
    `From: Gaspard Peyron <gaspard@example.org>\nSubject: Re: votre demande ${reference}\nContent-Type: text/plain; charset=utf-8\n\nVoici ce que vous attendiez.\n`,
  );
  await signIn(page, "informatique@lunel.example");
  await visit("/admin/boites");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("boîtes, fautes");
  const [host, port] = process.env.BEFFROI_TEST_IMAP.split(":");
  await page.getByLabel("Nom de la boîte").fill("Domaine public");
  await page.locator("#service").selectOption("domaine-public");
  await page.getByLabel("Serveur IMAP").fill(host);
  await page.getByLabel("Port", { exact: true }).fill(port);
  await page.getByLabel("Identifiant").fill(user);
  await page.getByLabel("Mot de passe").fill("soleil");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByRole("button", { name: "Vérifier" }).click();
  await look("boîte vérifiée");
  await expect(page.getByText("La connexion fonctionne.")).toBeVisible();

  const agent = await elsewhere();
  await signIn(agent, "bastien.gleize@lunel.example");
  await expect(async () => {
    await agent.goto("/agents/courrier-arrivee");
    await expect(agent.getByText(`Re: votre demande ${reference}`)).toBeVisible();
  }).toPass({ timeout: 40_000 });
  await look("courrier arrivé", agent);
  await agent.getByRole("link", { name: `Re: votre demande ${reference}` }).click();
  await look("un courrier", agent);
  await agent.getByRole("button", { name: "Saisir la demande" }).click();
  await look("un courrier, faute", agent);
  await agent.getByRole("radio", { name: new RegExp(reference) }).check();
  await agent.getByRole("button", { name: "Joindre au dossier" }).click();
  await look("un courrier joint", agent);
  await agent.getByRole("link", { name: "Ouvrir le dossier" }).click();
  await expect(agent.getByText("Voici ce que vous attendiez.")).toBeVisible();
});

test("who sets the mailboxes is told what is missing, and gives the password again for another server", async ({ visit, look, page }) => {
  await signIn(page, "informatique@lunel.example");
  await visit("/admin/boites");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("boîtes, champs vides");
  const name = `Accueil ${Math.random().toString(36).slice(2, 8)}`;
  await page.getByLabel("Nom de la boîte").fill(name);
  await page.locator("#service").selectOption("accueil");
  await page.getByLabel("Serveur IMAP").fill("imap.lunel.example");
  await page.getByLabel("Identifiant").fill("accueil");
  await page.getByLabel("Mot de passe").fill("soleil");
  await page.getByLabel("Relever cette boîte").uncheck();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("boîte ajoutée");
  await page.getByLabel("Serveur IMAP").fill("imap.autre.example");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("boîte, mot de passe à redonner");
  await expect(page.getByRole("alert")).toContainText("Donnez de nouveau le mot de passe");
  await page.goto("/admin/boites");
  await page.getByRole("link", { name }).click();
  await page.getByRole("button", { name: "Retirer cette boîte" }).click();
  await expect(page.getByText("La boîte est retirée.")).toBeVisible();
});

test("letters wait in the mail room of their department", async ({ visit, look, page }) => {
  await signIn(page, "samira.ziani@lunel.example");
  await visit("/agents/courrier-arrivee");
  await page.getByRole("button", { name: "Ajouter au courrier" }).click();
  await look("courrier arrivé, faute");
  await page.getByRole("link", { name: "Demande d’acte de naissance" }).click();
  await look("une lettre");
  await page.locator("#demarche").selectOption("acte-de-naissance");
  await page.getByRole("button", { name: "Saisir la demande" }).click();
  await look("saisie depuis le courrier");
  await expect(page.locator('[name="demandeur-family_name"]')).toHaveValue("Bonafous");
});
