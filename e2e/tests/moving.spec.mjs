// What the administrator settles and watches (the State's services, the health of the house), and what an inhabitant
// gains by it: an answer that the State gives. The State is a stand-in on this machine.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What an authenticator shows now for a secret in base 32 (RFC 6238: SHA-1, 30 seconds, 6 digits). */
function code(secret) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const digits = (hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff) % 1_000_000;
  return String(digits).padStart(6, "0");
}

/** The national register of associations, as far as one association goes. */
async function register() {
  const answer = { data: { rna: "W343000001", nom: "COMITÉ DES FÊTES DE LUNEL", active: true }, links: {}, meta: {} };
  const server = createServer((request, response) => {
    const shown = request.headers.authorization === "Bearer jeton-d-essai";
    const known = request.url.includes("/W343000001?") || request.url.includes("/13002526500013?");
    response.statusCode = !shown ? 401 : known ? 200 : 404;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(known ? answer : { errors: [] }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve)) };
}

async function enter(page) {
  await page.goto("/admin/sante");
  await page.getByLabel("Adresse électronique").fill("direction@lunel.example");
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await page.getByRole("button", { name: "Activer la double authentification" }).click();
  const address = await page.locator('input[name="address"]').getAttribute("value");
  await page.getByLabel("Code à 6 chiffres").fill(code(new URL(address).searchParams.get("secret")));
  await page.getByRole("button", { name: "Activer", exact: true }).click();
  await page.getByRole("link", { name: "C’est noté, continuer" }).click();
}

test("the State’s services are settled, watched, and fill in an answer", async ({ visit, look, page, elsewhere }) => {
  const state = await register();
  await enter(page);
  await visit("/admin/sante");
  await expect(page.getByRole("heading", { name: /Serveur de messagerie/ })).toBeVisible();
  await visit("/admin/etat");

  const section = page.getByRole("region", { name: "API Entreprise" });
  await section.getByLabel("Adresse du service").fill("http://entreprise.example");
  await section.getByRole("button", { name: "Enregistrer" }).click();
  await look("services de l’État, réglages faux");
  await section.getByLabel("Adresse du service").fill(state.address);
  await section.getByLabel("Jeton d’accès").fill("un-autre");
  await section.getByLabel("Numéro SIRET de la commune").fill("130 025 265 00013");
  await section.getByLabel("Objet").fill("Prêt de matériel aux associations");
  await section.getByRole("button", { name: "Enregistrer" }).click();
  await look("services de l’État, réglés");
  await section.getByRole("button", { name: /Vérifier/ }).click();
  await look("services de l’État, jeton refusé");
  // What was seen is believed for half a minute.
  await expect(async () => {
    await page.goto("/admin/sante");
    await expect(page.getByText("Les dernières questions sont restées sans réponse.")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 45_000, intervals: [2_000] });
  await look("santé, un service refuse");
  await page.goto("/admin/etat");
  await section.getByLabel("Jeton d’accès").fill("jeton-d-essai");
  await section.getByRole("button", { name: "Enregistrer" }).click();
  await section.getByRole("button", { name: /Vérifier/ }).click();
  await look("services de l’État, jeton accepté");

  // An inhabitant writes the number of the association, and the State says its name.
  const inhabitant = await elsewhere();
  await inhabitant.goto("/demarches/pret-de-materiel/demande");
  await look("prêt, la question", inhabitant);
  await inhabitant.getByRole("button", { name: "Récupérer le nom et l’adresse de l’association" }).click();
  await look("prêt, il manque le numéro", inhabitant);
  await inhabitant.getByLabel("Numéro RNA").fill("W999999999");
  await inhabitant.getByRole("button", { name: "Récupérer le nom et l’adresse de l’association" }).click();
  await look("prêt, association inconnue", inhabitant);
  await inhabitant.getByLabel("Numéro RNA").fill("W343000001");
  await inhabitant.getByRole("button", { name: "Récupérer le nom et l’adresse de l’association" }).click();
  await expect(inhabitant.getByLabel("Nom de l’association")).toHaveValue("COMITÉ DES FÊTES DE LUNEL");
  await look("prêt, nom donné par l’État", inhabitant);

  await state.stop();
  await inhabitant.getByRole("button", { name: "Récupérer le nom et l’adresse de l’association" }).click();
  await expect(inhabitant.getByText("Le service de l’État ne répond pas.").first()).toBeVisible();
  await look("prêt, l’État ne répond pas", inhabitant);
  await expect(inhabitant.getByLabel("Nom de l’association")).toHaveValue("COMITÉ DES FÊTES DE LUNEL");
  await page.goto("/admin/etat");
  await section.getByRole("button", { name: /Retirer le jeton/ }).click();
  await look("services de l’État, jeton retiré");
});
