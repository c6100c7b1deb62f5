// What a procedure costs: said before, asked for once it is granted, found in one's own space, and known to whoever decides on
// the same person's next request. With and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

const CERTIFICATE = { name: "attestation.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") };

/** A removal of twenty square metres, for a day: eight euros. Its reference. */
async function removal(page) {
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const answers = {
    objet: "demenagement", circulation: false, lieu: "3 rue Haute, 34400 Lunel", surface: 20,
    debut: day, fin: day, heure_debut: "08:00", heure_fin: "12:00", statut: "particulier",
    demandeur: { family_name: "Durand", given_names: "Marie" }, adresse: "3 rue Haute, 34400 Lunel",
    courriel: "marie.durand@example.org", telephone: "0465711234", engagement: true,
  };
  const sent = await page.request.post("/api/v1/procedures/occupation-domaine-public/cases", { data: { answers } });
  expect(sent.status(), await sent.text()).toBe(201);
  return (await sent.json()).reference;
}

/** A weekday some weeks ahead on which a room is free in the afternoon. */
async function free(page, weeks) {
  const from = new Date(Date.now() + weeks * 7 * 86_400_000);
  const to = new Date(from.getTime() + 20 * 86_400_000);
  const address = `/api/v1/resources/salle-brassens/availability?from=${from.toISOString()}&to=${to.toISOString()}&duration=120`;
  const { times } = await (await page.request.get(address)).json();
  const time = times.find(({ start }) => {
    const at = new Date(start);
    return at.toLocaleTimeString("fr-FR", { timeZone: "Europe/Paris" }).startsWith("14:00") && at.getUTCDay() % 6 !== 0;
  });
  return new Date(time.start).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });
}

/** Asks for a room for oneself; its reference. */
async function asksForRoom(page) {
  const day = await free(page, 7);
  const next = () => page.getByRole("button", { name: "Continuer", exact: true }).last().click();
  await page.goto(`/salles/salle-brassens/reserver?jour=${day}&de=14:00&a=16:00&personnes=12`);
  await page.getByRole("button", { name: "Garder ce créneau" }).click();
  await expect(page.getByRole("button", { name: "Continuer", exact: true }).last()).toBeVisible();
  if ((await page.getByRole("radio", { name: "Pour moi" }).count()) > 0) {
    await page.getByRole("radio", { name: "Pour moi" }).check();
    await next();
  }
  await page.getByLabel("Une réunion ou une assemblée générale").check();
  await page.locator("#objet").fill("Réunion de quartier");
  for (const name of ["ouvert_public", "alcool"]) await page.locator(`input[name="${name}"][value="false"]`).check();
  await next();
  await page.getByLabel("Vous-même, comme particulier").check();
  await page.locator('input[name="habitant"][value="true"]').check();
  await page.locator('[name="demandeur-family_name"]').fill("Durand");
  await page.locator('[name="demandeur-given_names"]').fill("Marie");
  await page.locator("#adresse").fill("3 rue Haute, 34400 Lunel");
  await page.locator("#courriel").fill("marie.durand@example.org");
  await next();
  await page.locator("#assurance").setInputFiles(CERTIFICATE);
  await page.getByLabel(/J’accepte la charte/).check();
  await next();
  await page.getByRole("button", { name: "Envoyer", exact: true }).click();
  return /20\d\d-[0-9A-Z]+(?:-[0-9A-Z]+)*/.exec(await page.locator("main").innerText())[0];
}

test("a fee is told before, asked for once it is granted, and known to whoever decides next", async ({ visit, look, page, elsewhere }) => {
  test.setTimeout(180_000);
  await visit("/demarches/occupation-domaine-public");
  await expect(page.getByText(/0,40.€ par mètre carré et par jour/).first()).toBeVisible();
  await expect(page.getByText(/se calcule d’après vos réponses/).first()).toBeVisible();
  await signIn(page, "marie.durand@example.org");
  const reference = await removal(page);
  await page.goto("/compte/demarches");
  await page.getByRole("link", { name: `Ouvrir ${reference}` }).click();
  await look("redevance, demande envoyée");
  await expect(page.getByText(/8,00.€ à payer si la demande est acceptée/).first()).toBeVisible();
  const own = page.url();

  const agent = await elsewhere();
  await signIn(agent, "bastien.gleize@lunel.example");
  await agent.goto("/agents?etat=received");
  await agent.getByRole("link", { name: reference }).click();
  await agent.getByRole("button", { name: "Prendre le dossier" }).click();
  await look("redevance, dossier", agent);
  await agent.getByLabel("Accepter").check();
  await agent.getByLabel("Motifs").fill("Le passage des piétons reste libre.");
  await agent.getByLabel("Rémi Faure, l’adjoint à l’espace public").check();
  await agent.getByRole("button", { name: "Décider" }).click();
  await look("redevance, projet de décision", agent);
  await expect(agent.getByText(/8,00.€/).first()).toBeVisible();
  await agent.getByRole("button", { name: "Confirmer la décision" }).click();
  await expect(async () => {
    await agent.reload();
    await expect(agent.getByRole("link", { name: "Encaisser" })).toBeVisible();
  }).toPass({ timeout: 30_000 });
  await look("redevance, dossier accepté", agent);
  await agent.getByRole("link", { name: "Encaisser" }).click();
  await look("redevance, à la caisse", agent);

  await page.goto(own);
  await expect(page.getByText(/8,00.€ à payer avant le/).first()).toBeVisible();
  await look("redevance, à payer");
  await page.getByRole("link", { name: "Voir la commande et payer" }).click();
  await look("redevance, la commande");
  await expect(page.getByRole("button", { name: /^Payer .* en ligne$/ })).toBeVisible();
  await visit("/mon-compte/paiements");
  await expect(page.getByRole("link", { name: /Occupation du domaine public/ }).first()).toBeVisible();
  await visit("/mon-compte");

  // She asks for a room: whoever decides on it, and takes money for the town, knows what is open.
  const room = await asksForRoom(page);
  const head = await elsewhere();
  await signIn(head, "helene.maurin@lunel.example");
  await head.goto("/agents?demarche=reservation-de-salle&etat=received");
  await head.getByRole("link", { name: room }).click();
  await look("dossier, ce qui reste impayé", head);
  await expect(head.getByRole("heading", { name: "Ce qui reste impayé" })).toBeVisible();
  await expect(head.getByText(/Rien n’est refusé d’office/)).toBeVisible();
});

/** Opens the draft of an offered procedure, begun where there is none. */
async function draft(page, slug) {
  await page.goto(`/admin/demarches/offertes/${slug}`);
  const change = page.getByRole("button", { name: "Modifier cette démarche" });
  if ((await change.count()) > 0) await change.click();
  else await page.getByRole("link", { name: "Ouvrir le brouillon" }).click();
}

test("the direction says what a procedure costs, and what is booked before it", async ({ look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await draft(page, "occupation-domaine-public");
  await page.getByRole("link", { name: "Modifier Tarif" }).click();
  await look("tarif d’une démarche");
  await expect(page.getByLabel("Question qui donne le montant")).toHaveValue("redevance");
  await page.getByLabel("Un montant fixe").check();
  await page.getByLabel("Montant en euros").fill("douze");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).last().click();
  await look("tarif d’une démarche, faute");
  await expect(page.getByRole("alert")).toContainText("Écrivez un montant en euros");
  await expect(page.getByLabel("Montant en euros")).toHaveValue("douze");
  await page.getByLabel("Montant en euros").fill("12,50");
  await page.getByLabel("Dès le dépôt de la demande").check();
  await page.getByLabel("Ce que lit l’habitant").fill("12,50 €");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).last().click();
  await look("tarif d’une démarche, enregistré");
  await expect(page.getByText(/12,50.€/).first()).toBeVisible();

  await draft(page, "reservation-de-salle");
  await page.getByRole("link", { name: "Modifier Réservation" }).click();
  await look("réservation d’une démarche");
  await expect(page.getByLabel("Une salle de la commune")).toBeChecked();
  await page.getByLabel("Heure de fin").selectOption("debut");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).last().click();
  await look("réservation d’une démarche, faute");
  await expect(page.getByRole("alert")).toContainText("Cette question est déjà choisie plus haut");
  await page.getByLabel("Heure de fin").selectOption("fin");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).last().click();
  await look("réservation d’une démarche, enregistrée");
  await expect(page.getByRole("link", { name: "Modifier Réservation" })).toBeVisible();
});
