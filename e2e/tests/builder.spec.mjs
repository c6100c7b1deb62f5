// Somebody who writes no programs makes a procedure, from nothing to publication; then a resident asks for it.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** Fills one part of the procedure in, and saves it. */
async function part(page, look, name, fill) {
  await page.getByRole("link", { name: `Modifier ${name}` }).click();
  await fill();
  await look(`partie ${name}`);
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
}

async function question(page, label, kind) {
  await page.getByLabel("Question", { exact: true }).fill(label);
  await page.getByLabel("Genre de réponse").selectOption({ label: kind });
  await page.getByRole("button", { name: "Ajouter une question" }).click();
}

test("a procedure is made from nothing, tried, published and asked for", async ({ page, look, visit, elsewhere, javaScriptEnabled }) => {
  test.setTimeout(240_000);
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/admin/demarches");
  await expect(page.getByRole("link", { name: "Réserver une salle municipale" })).toBeVisible();
  await visit("/admin/demarches/blocs");
  await visit("/admin/demarches/blocs/vous-joindre");
  await visit("/admin/demarches/nouvelle");
  await page.getByRole("button", { name: "Commencer" }).click();
  await look("démarche sans nom");
  await page.getByLabel("Nom de la démarche").fill("Emprunter un barnum");
  await page.getByRole("button", { name: "Commencer" }).click();
  await look("démarche commencée");
  const draft = new URL(page.url()).pathname;
  await visit(`${draft}/verification`);
  await visit(`${draft}/essais`);
  await visit(`${draft}/apercu?voir=formulaire`);
  await page.goto(draft);

  await part(page, look, "Présentation", async () => {
    await page.getByLabel("À quoi elle sert").fill("Demander le prêt d’un barnum de la mairie.");
    await page.getByLabel("Qui peut la faire").fill("Les associations.");
    await page.getByLabel("Délai habituel").fill("Une semaine");
    await page.getByLabel("Ce qu’on obtient").fill("Une réponse écrite");
    await page.getByLabel("Domaine").selectOption({ label: "Associations, sport, culture" });
  });
  await part(page, look, "Règles de droit", async () => {
    await page.getByLabel("La demande est refusée").check();
    await page.getByLabel("Après combien de temps").fill("2");
    await page.getByLabel("Texte qui le dit").fill("CRPA, article L231-4");
    await page.locator("#basis-0-text").fill("Code général des collectivités territoriales, article L2121-29");
  });
  await part(page, look, "Conservation", async () => {
    await page.getByLabel("Nombre de mois").fill("12");
    await page.getByLabel("Texte ou règle qui le dit").fill("Règlement du prêt de matériel");
  });
  await part(page, look, "Service responsable", async () => {
    await page.getByLabel("Maison des associations").check();
  });
  for (const other of ["recherche", "acces", "tarif", "decision", "identification", "confidentialite", "ailleurs"]) await visit(`${draft}/partie/${other}`);
  await page.goto(draft);

  await page.getByLabel("Titre de la nouvelle page").fill("Votre demande");
  await page.getByRole("button", { name: "Ajouter une page" }).click();
  await look("page vide");
  await question(page, "Usage", "Un choix parmi quelques-uns");
  await page.getByRole("button", { name: "Ajouter une réponse" }).click();
  await page.locator("#choice-0-label").fill("Réunion");
  await page.locator("#choice-1-label").fill("Fête");
  await look("question à choix");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await question(page, "Nombre d’invités", "Nombre");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await question(page, "Votre courriel", "Adresse électronique");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  // The first identity and the first address are the requester’s, unless somebody says otherwise.
  await question(page, "Votre identité", "Identité d’une personne");
  await expect(page.getByLabel("Ce que la réponse dit du demandeur")).toHaveValue("name");
  await look("identité du demandeur");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await look("page de questions");

  // The guests are asked for a party alone: clicked together, and told as CEL.
  await page.getByRole("link", { name: "Nombre d’invités", exact: true }).click();
  await page.getByRole("link", { name: /^Modifier Posée/ }).click();
  await page.getByLabel("La réponse à").selectOption({ label: "Usage" });
  await page.getByRole("button", { name: "Actualiser les choix" }).click();
  await page.getByLabel("Valeur").selectOption({ label: "Fête" });
  await look("condition");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await expect(page.getByText("est « Fête »")).toBeVisible();
  await look("question avec condition");

  // The page is seen beside its questions.
  await expect(page.frameLocator("iframe").getByRole("heading", { name: "Votre demande" })).toBeVisible();
  if (javaScriptEnabled) {
    await page.goto(`${draft}/questions/usage`);
    const beside = page.frameLocator("iframe");
    await expect(beside.getByText("Réunion")).toBeVisible();
    await page.getByLabel("Question", { exact: true }).fill("Pour quel usage ?");
    await page.locator("#choice-0-label").fill("Réunion de quartier");
    await expect(beside.getByText("Pour quel usage ?")).toBeVisible();
    await expect(beside.getByText("Réunion de quartier")).toBeVisible();
    await look("question en train de s’écrire");
  }

  // A step of the cases: what agents fill in, what is done, and under which condition.
  await page.goto(draft);
  await page.getByLabel("Nom de la nouvelle étape").fill("Visite technique");
  await page.getByRole("button", { name: "Ajouter une étape" }).click();
  await look("étape neuve");
  const step = new URL(page.url()).pathname;
  await page.getByLabel("Question", { exact: true }).fill("Avis favorable");
  await page.getByLabel("Genre de réponse").selectOption({ label: "Oui ou non" });
  await page.getByRole("button", { name: "Ajouter une question" }).click();
  await look("question d’une étape");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await page.getByLabel("Nouvelle action").fill("Prévenir le demandeur");
  await page.getByLabel("Genre d’action").selectOption({ label: "Écrire au demandeur" });
  await page.getByRole("button", { name: "Ajouter une action" }).click();
  await look("action neuve");
  await page.getByLabel("Texte", { exact: true }).fill("Votre barnum est prêt pour {nombre_d_invites} personnes.");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await page.getByRole("link", { name: "Prévenir le demandeur", exact: true }).click();
  await page.getByRole("link", { name: "Ne la permettre que dans certains cas" }).click();
  await page.getByLabel("La réponse à").selectOption("visite_technique.avis_favorable");
  await page.getByRole("button", { name: "Actualiser les choix" }).click();
  await look("condition d’une action");
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  await visit(step);
  await expect(page.getByText("est oui")).toBeVisible();
  await visit(draft);
  await page.getByText("Parcours du dossier", { exact: true }).click();
  await expect(page.getByRole("img", { name: /Emprunter un barnum/ })).toBeVisible();
  await look("étapes et parcours");

  await visit(`${draft}/traductions`);
  await visit(`${draft}/texte`);
  await visit(`${draft}/apercu`);
  await visit(`${draft}/apercu?voir=formulaire`);
  const phone = page.frameLocator("iframe").first();
  await expect(phone.getByRole("heading", { name: "Votre demande" })).toBeVisible();

  // A trial: what is typed and what comes of it.
  await page.goto(`${draft}/essais`);
  await page.getByRole("link", { name: "Enregistrer un essai en ligne" }).click();
  await page.getByLabel("Réunion").check();
  await page.getByLabel("Votre courriel").fill("marie.durand@example.org");
  await page.getByLabel("Nom de naissance").fill("Durand");
  await page.getByLabel("Prénoms").fill("Marie");
  await page.getByRole("button", { name: "Continuer" }).first().click();
  await expect(page.getByText("C’est la fin du formulaire.")).toBeVisible();
  await page.getByLabel("Nom de l’essai").fill("Une réunion");
  await look("essai à enregistrer");
  await page.getByRole("button", { name: "Enregistrer cet essai" }).click();
  await look("essais");
  await expect(page.getByText("Résultat attendu")).toBeVisible();

  await page.goto(`${draft}/verification`);
  await look("prête à publier");
  await page.getByRole("button", { name: "Publier la version 1" }).click();
  await look("publiée");
  await expect(page.getByRole("link", { name: /^Voir la page publique/ })).toHaveAttribute("href", "/demarches/emprunter-un-barnum");
  await visit("/admin/demarches/offertes/emprunter-un-barnum");
  await visit("/agents/demarches/emprunter-un-barnum/etapes");
  await page.goto("/admin/demarches/offertes/emprunter-un-barnum");
  await page.getByRole("button", { name: "Modifier cette démarche" }).click();
  await page.getByRole("link", { name: "Votre demande", exact: true }).click();
  await page.getByRole("link", { name: "Votre identité", exact: true }).click();
  await page.getByLabel("Non, c’est facultatif").check();
  await page.getByRole("button", { name: "Enregistrer", exact: true }).click();
  const next = new URL(page.url()).pathname.replace(/\/pages\/.*/, "");
  await visit(`${next}/differences`);
  await expect(page.locator("del")).toHaveText("obligatoire");

  const resident = await elsewhere();
  await resident.goto("/demarches/emprunter-un-barnum");
  await look("fiche de la démarche neuve", resident);
  await resident.getByRole("link", { name: "Commencer" }).first().click();
  await resident.getByLabel("Fête").check();
  await resident.getByLabel("Votre courriel").fill("marie.durand@example.org");
  await resident.getByLabel("Nom de naissance").fill("Durand");
  await resident.getByLabel("Prénoms").fill("Marie");
  await resident.getByRole("button", { name: "Continuer" }).first().click();
  await resident.getByLabel("Nombre d’invités").fill("40");
  await resident.getByRole("button", { name: "Continuer" }).first().click();
  await look("récapitulatif de la démarche neuve", resident);
  await resident.getByRole("button", { name: "Envoyer" }).click();
  await expect(resident.locator(".code")).toBeVisible();
});
