// A caretaker hands a room over and takes it back, on a telephone: a key, the state of the premises in and out with
// photographs and signatures, and what becomes of the deposit. With and without JavaScript.

import { fileURLToPath } from "node:url";
import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const PHOTO = fileURLToPath(new URL("../../demo/pictures/kitchen.jpg", import.meta.url));
const QUOTE = { name: "devis.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") };

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

/** The page of the first booking that is handed over in the weeks to come. */
async function handedOver(page) {
  for (let ahead = 0; ahead < 60; ahead += 1) {
    const day = new Date(Date.now() + ahead * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });
    await page.goto(`/agents/remises?jour=${day}`);
    const link = page.getByRole("heading").getByRole("link", { name: /Salle Georges-Brassens/ });
    if ((await link.count()) > 0) return link.first();
  }
  throw new Error("nobody comes for the keys");
}

/** Says of everything that it is there and in which state. */
async function note(page, state) {
  const things = page.locator('fieldset[id^="objet-"]');
  for (let at = 0; at < (await things.count()); at += 1) {
    const thing = things.nth(at);
    await thing.getByLabel(state(at), { exact: true }).check();
    await thing.getByLabel("Trouvé").fill(at === 0 ? "118" : "1");
  }
}

/** Begins an inspection; before it is due, says why: the hour of the test may come before that of the booking. */
async function begin(page, way) {
  const early = page.locator("summary", { hasText: way });
  if ((await early.count()) > 0) {
    await early.first().click();
    await page.getByLabel("Pourquoi plus tôt").first().fill("Les clés sont remises plus tôt.");
  }
  await page.getByRole("button", { name: `Commencer l’état des lieux ${way}` }).first().click();
}

/** Signs for the town: with the mouse where scripts run, with a tick elsewhere. */
async function sign(page, scripts) {
  if (scripts) {
    const canvas = page.locator("canvas").first();
    await canvas.scrollIntoViewIfNeeded();
    const frame = await canvas.boundingBox();
    await page.mouse.move(frame.x + 20, frame.y + 40);
    await page.mouse.down();
    await page.mouse.move(frame.x + 120, frame.y + 20, { steps: 8 });
    await page.mouse.move(frame.x + 200, frame.y + 60, { steps: 8 });
    await page.mouse.up();
  } else {
    await page.getByLabel("Lu et approuvé").first().check();
  }
}

test("a caretaker hands a room over and takes it back on a telephone", async ({ visit, look, page, scripts }) => {
  test.setTimeout(180_000);
  await visit("/salles");
  await expect(page.getByRole("img").first()).toBeVisible();
  await visit("/salles/salle-brassens");
  await expect(page.getByRole("img", { name: /La salle claire/ })).toBeVisible();

  await signIn(page, "marius.fabre@lunel.example");
  await visit("/agents/remises");
  const link = await handedOver(page);
  await look("remises du jour");
  await link.click();
  await look("remise, une réservation");
  const hub = page.url();
  await page.getByLabel("Clé", { exact: true }).selectOption({ index: 1 });
  await page.getByRole("button", { name: "Remettre la clé" }).click();
  await look("remise, clé remise");
  await expect(page.getByText("La clé est remise.")).toBeVisible();
  await visit("/agents/cles");
  await page.goto(hub);

  await begin(page, "d’entrée");
  await look("état des lieux, vide");
  await note(page, () => "Bon");
  await page.locator('input[type="file"]').first().setInputFiles(PHOTO);
  if (!scripts) await page.getByRole("button", { name: "Enregistrer Chaises" }).click();
  await expect(page.getByRole("img", { name: /Photo 1/ })).toBeVisible();
  await look("état des lieux, noté");
  await page.getByRole("button", { name: "Enregistrer et signer" }).click();
  await look("signer");
  await page.getByRole("button", { name: "Clore et envoyer le rapport" }).click();
  await look("signer, fautes");
  await expect(page.getByRole("alert")).toContainText("Faites signer l’occupant avec le doigt");
  await sign(page, scripts);
  await page.getByLabel("Lu et approuvé").last().check();
  await page.getByRole("button", { name: "Clore et envoyer le rapport" }).click();
  await look("état des lieux, clos");
  await expect(page.getByText("L’état des lieux est clos.")).toBeVisible();

  await page.goto(hub);
  await begin(page, "de sortie");
  await look("état des lieux de sortie");
  await note(page, (at) => (at === 1 ? "Abîmé" : "Bon"));
  await page.getByRole("button", { name: "Enregistrer et signer" }).click();
  await look("signer la sortie");
  await expect(page.getByText("« Bon » à l’entrée")).toBeVisible();
  await sign(page, scripts);
  await page.getByLabel("Non, ou il ne signe pas").check();
  await page.getByLabel("Pourquoi il ne signe pas").fill("Déjà parti.");
  await page.getByRole("button", { name: "Clore et envoyer le rapport" }).click();
  await look("sortie, close");
  await expect(page.getByText("Absent ou sans signature")).toBeVisible();

  await page.getByRole("link", { name: "Voir la caution" }).click();
  await look("caution");
  await page.getByRole("button", { name: "Prévenir l’occupant" }).click();
  await look("caution, fautes");
  await expect(page.getByRole("alert")).toContainText("Joignez le devis");
  await page.getByLabel("Montant à garder").fill("80,50");
  await page.getByLabel("Motif").fill("Une table est abîmée.");
  await page.getByLabel("Devis").setInputFiles(QUOTE);
  await page.getByRole("button", { name: "Prévenir l’occupant" }).click();
  await look("caution, retenue envisagée");
  await expect(page.getByText("L’occupant est prévenu de la retenue envisagée.")).toBeVisible();
  await visit("/agents/cautions");
  await page.goto(hub);
  await page.getByRole("button", { name: /Clé rendue/ }).click();
  await expect(page.getByText("La clé est rendue.")).toBeVisible();
  await page.getByRole("link", { name: "Voir la demande" }).click();
  await look("dossier, remise des locaux");
  await expect(page.getByRole("heading", { name: "Remise des locaux" })).toBeVisible();
});

test("a manager shows a room, and writes down what is found in it and what opens it", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/admin/salles/salle-brassens/photos");
  await page.getByRole("button", { name: "Ajouter une photo" }).click();
  await look("photos, fautes");
  await expect(page.getByRole("alert")).toContainText("Choisissez une photo");
  await page.getByLabel("Photo", { exact: true }).setInputFiles(PHOTO);
  await page.getByLabel("Ce que montre la photo", { exact: true }).last().fill("La cuisine");
  await page.getByLabel("Ce que montre la photo, en anglais").last().fill("The kitchen");
  await page.getByRole("button", { name: "Ajouter une photo" }).click();
  await look("photos, ajoutée");
  await expect(page.getByText("La photo est ajoutée.")).toBeVisible();
  await visit("/admin/salles/salle-brassens/inventaire");
  await page.getByLabel("Nombre", { exact: true }).first().fill("beaucoup");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("inventaire, fautes");
  await expect(page.getByRole("alert")).toContainText("Ligne 1");
  await page.getByLabel("Nombre", { exact: true }).first().fill("120");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("L’inventaire est enregistré.")).toBeVisible();
  await visit("/admin/salles/salle-brassens/cles");
  await page.getByRole("button", { name: "Enregistrer le code" }).click();
  await look("clés et codes, fautes");
  await expect(page.getByRole("alert")).toContainText("Indiquez le code");
});
