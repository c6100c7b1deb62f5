// The settings, as the one who looks after the town's accounts finds them: behind a second factor.

import { createHmac } from "node:crypto";
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

test("an administrator sets a second factor and looks after the town", async ({ visit, look, page, elsewhere }) => {
  await page.goto("/admin");
  await page.getByLabel("Adresse électronique").fill("informatique@lunel.example");
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await look("second facteur");
  await page.getByRole("button", { name: "Activer la double authentification" }).click();
  await look("application à relier");
  const address = await page.locator('input[name="address"]').getAttribute("value");
  await page.getByLabel("Code à 6 chiffres").fill("000000");
  await page.getByRole("button", { name: "Activer", exact: true }).click();
  await look("code faux");
  await page.getByLabel("Code à 6 chiffres").fill(code(new URL(address).searchParams.get("secret")));
  await page.getByRole("button", { name: "Activer", exact: true }).click();
  await look("codes de secours");
  await page.getByRole("link", { name: "C’est noté, continuer" }).click();
  await look("réglages");
  for (const to of ["/admin/commune", "/admin/services", "/admin/services/nouveau", "/admin/comptes", "/admin/comptes/nouveau", "/compte", "/compte/sessions", "/compte/mot-de-passe", "/compte/second-facteur", "/admin/secteurs", "/admin/boites", "/admin/sms"]) {
    await visit(to);
  }

  // A wrong setting is told in its place, and what was typed stays.
  await page.goto("/admin/commune");
  await page.getByLabel("Code postal").fill("3440");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("réglages faux");
  await expect(page.getByLabel("Code postal")).toHaveValue("3440");
  await page.getByLabel("Code postal").fill("34400");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("réglages enregistrés");

  // The gateway of text messages: what is missing is told, and the keys are not shown again.
  await page.goto("/admin/sms");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("SMS, champs vides");
  await expect(page.getByRole("alert")).toContainText("Donnez le secret ou la clé API");
  await page.getByRole("radio", { name: "Brevo" }).check();
  await page.getByLabel("Secret d’application").fill("xkeysib-0123456789");
  await page.getByLabel("Nom de l’expéditeur").fill("LUNEL");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await look("SMS, passerelle réglée");
  await expect(page.getByLabel("Secret d’application")).toHaveValue("");
  await page.getByLabel("Numéro de téléphone mobile").fill("04 65 71 12 34");
  await page.getByRole("button", { name: "Envoyer un message d’essai" }).click();
  await look("SMS, essai refusé");
  await page.getByRole("button", { name: "Ne plus envoyer de SMS" }).click();
  await look("SMS, passerelle retirée");

  await page.goto("/admin/comptes");
  await page.getByRole("link", { name: "Samira Ziani" }).click();
  await look("compte d’un agent");
  await page.goto("/admin");
  await page.getByRole("link", { name: /jetons/i }).first().click();
  await look("jetons");

  // A rule lets a department ask for another sector's cases of a person, for a reason each time.
  await page.goto("/admin/secteurs");
  await page.getByRole("button", { name: "Ajouter une règle" }).click();
  await look("règle incomplète");
  await page.getByLabel("Quel service peut demander ?").selectOption("etat-civil");
  await page.getByLabel("Les dossiers de quel domaine ?").selectOption("town-planning");
  await page.getByLabel("Finalité").fill("Vérifier l’adresse déclarée");
  await page.getByLabel("Texte", { exact: true }).fill("Délibération du 4 mai 2026");
  await page.getByRole("button", { name: "Ajouter une règle" }).click();
  await look("règle ajoutée");
  const agent = await elsewhere();
  await agent.goto("/connexion?retour=%2Fagents%2Frecherche%3Fq%3DMarie%2BDurand");
  await agent.getByLabel("Adresse électronique").fill("samira.ziani@lunel.example");
  await agent.getByLabel("Mot de passe").fill(PASSWORD);
  await agent.getByRole("button", { name: "Se connecter" }).click();
  const found = await agent.locator("main a[href*='/agents/dossiers/']").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const across = agent.getByRole("link", { name: "Autres demandes de cette personne" });
  for (const address of found) {
    await agent.goto(address);
    if ((await across.count()) > 0) break;
  }
  await across.click();
  await look("autres demandes, pourquoi", agent);
  await agent.getByRole("button", { name: "Voir ces demandes" }).click();
  await look("autres demandes, sans motif", agent);
  await agent.getByRole("radio").first().check();
  await agent.getByLabel("Pourquoi, pour ce dossier ?").fill("L’adresse de l’acte ne correspond pas.");
  await agent.getByRole("button", { name: "Voir ces demandes" }).click();
  await look("autres demandes", agent);
});
