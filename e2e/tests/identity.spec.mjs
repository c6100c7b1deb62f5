// Signing in as people do it: FranceConnect with a real OpenID provider (scripts/with-oidc), and passkeys with the
// browser's own virtual authenticator. A demonstration commune of its own, since the administrator's second factor is
// set here.

import { createHmac } from "node:crypto";
import { expect, test } from "../harness/index.mjs";
import { startDemo } from "../harness/server.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const providers = process.env.BEFFROI_TEST_OIDC ? JSON.parse(process.env.BEFFROI_TEST_OIDC) : undefined;

function code(secret) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const digits = (hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff) % 1_000_000;
  return String(digits).padStart(6, "0");
}

test.describe.configure({ mode: "serial" });

let town;

test.beforeAll(async ({}, info) => {
  info.setTimeout(120_000);
  town = await startDemo(info.project.use.engine);
});

test.afterAll(async () => town?.stop());

/** A browser at this address of the town, which may be sent to a provider and back, but fetches nothing from there. */
async function visitor(browser, address = town.address) {
  const { viewport, javaScriptEnabled, locale, timezoneId } = test.info().project.use;
  const context = await browser.newContext({ baseURL: address, viewport, javaScriptEnabled, locale, timezoneId });
  const page = await context.newPage();
  const left = [];
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    const sent = Object.values(providers ?? {}).includes(origin) && request.isNavigationRequest();
    // The provider's own pages ask for an icon.
    const itself = request.frame().url().startsWith(origin);
    if (origin !== address && !sent && !itself) left.push(request.url());
  });
  return { page, context, left };
}

async function signIn(page, email) {
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter", exact: true }).click();
}

async function leave(page) {
  const menu = page.locator("details.menu");
  await menu.locator("summary").click();
  await menu.getByRole("button", { name: "Se déconnecter" }).click();
}

/** The administrator, second factor given. */
async function administrator(page) {
  await page.goto("/admin");
  await signIn(page, "informatique@lunel.example");
  await page.getByRole("button", { name: "Activer la double authentification" }).click();
  const address = await page.locator('input[name="address"]').getAttribute("value");
  await page.getByLabel("Code à 6 chiffres").fill(code(new URL(address).searchParams.get("secret")));
  await page.getByRole("button", { name: "Activer", exact: true }).click();
  await page.getByRole("link", { name: "C’est noté, continuer" }).click();
}

async function register(kind) {
  const at = (end) => `${town.address}/connexion/${kind}/${end}`;
  const answer = await fetch(`${providers[kind]}/reg`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      redirect_uris: [at("retour")],
      post_logout_redirect_uris: [at("deconnecte")],
      token_endpoint_auth_method: "client_secret_post",
      response_types: ["code"],
      grant_types: ["authorization_code"],
      userinfo_signed_response_alg: "RS256",
    }),
  });
  return answer.json();
}

test("an administrator sets FranceConnect, and an inhabitant comes in with it", async ({ browser, look }) => {
  test.skip(providers === undefined, "BEFFROI_TEST_OIDC is not set (scripts/with-oidc)");
  const office = await visitor(browser);
  await administrator(office.page);
  await office.page.goto("/admin/connexion");
  await look("fournisseurs d’identité à régler", office.page);
  await office.page.getByRole("link", { name: "FranceConnect", exact: true }).click();
  await look("FranceConnect à régler", office.page);
  await office.page.getByRole("button", { name: "Enregistrer" }).click();
  await look("FranceConnect réglages faux", office.page);
  const client = await register("franceconnect");
  await office.page.getByLabel("Adresse du service").fill("http://127.0.0.1:9");
  await office.page.getByLabel("Identifiant client").fill(client.client_id);
  await office.page.getByLabel("Secret client").fill(client.client_secret);
  await office.page.getByLabel("Afficher le bouton").check();
  await office.page.getByRole("button", { name: "Enregistrer" }).click();
  await office.page.getByRole("button", { name: "Vérifier" }).click();
  await look("FranceConnect injoignable", office.page);

  // While it does not answer, people are told, and offered the other ways.
  const person = await visitor(browser);
  await person.page.goto("/connexion?retour=%2Fdemarches%2Foccupation-domaine-public%2Fdemande");
  await look("connexion avec FranceConnect", person.page);
  await person.page.getByRole("link", { name: "S’identifier avec FranceConnect" }).click();
  await look("FranceConnect en panne", person.page);

  await office.page.getByLabel("Adresse du service").fill(providers.franceconnect);
  await office.page.getByRole("button", { name: "Enregistrer" }).click();
  await office.page.getByRole("button", { name: "Vérifier" }).click();
  await look("FranceConnect vérifié", office.page);
  await office.page.goto("/admin/connexion");
  await look("fournisseurs d’identité en service", office.page);

  // The sheet of a procedure proposes it beside the usual beginning.
  await person.page.goto("/demarches/occupation-domaine-public");
  await look("fiche avec FranceConnect", person.page);
  await expect(person.page.getByRole("link", { name: "Qu’est-ce que FranceConnect" })).toBeVisible();
  await person.page.getByRole("link", { name: "S’identifier avec FranceConnect" }).click();
  await expect(person.page.locator("#niveau")).toHaveText("eidas1");
  await person.page.getByRole("button", { name: "Annuler" }).click();
  await look("FranceConnect interrompu", person.page);
  await person.page.getByRole("link", { name: "Réessayer" }).click();
  await person.page.getByRole("button", { name: "angela", exact: true }).click();
  await expect(person.page).toHaveURL(/\/demarches\/occupation-domaine-public\/demande\/objet/);
  await person.page.goto("/demarches/occupation-domaine-public/demande/vous");
  await expect(person.page.getByText("Transmis par FranceConnect").first()).toBeVisible();
  await look("identité transmise", person.page);
  for (const to of ["/compte", "/compte/connexions", "/compte/sessions", "/compte/cles"]) {
    await person.page.goto(to);
    await look(`${to} avec FranceConnect`, person.page);
  }

  // Leaving ends the session there too: the page leads on by itself, and the provider asks.
  await leave(person.page);
  await person.page.waitForURL((url) => url.origin === providers.franceconnect);
  await person.page.getByRole("button", { name: "Oui" }).click();
  await look("déconnecté de FranceConnect", person.page);
  expect(person.left).toEqual([]);

  // The same person, married since.
  const later = await visitor(browser);
  await later.page.goto("/connexion");
  await later.page.getByRole("link", { name: "S’identifier avec FranceConnect" }).click();
  await later.page.getByRole("button", { name: "angela-mariee" }).click();
  await expect(later.page.getByText("Votre identité a changé")).toBeVisible();
  await look("identité changée", later.page);

  // Somebody signed in offers an identity to the account.
  const owner = await visitor(browser);
  await owner.page.goto("/connexion");
  await signIn(owner.page, "marie.durand@example.org");
  await owner.page.goto("/compte/connexions");
  await owner.page.getByRole("link", { name: "S’identifier avec FranceConnect" }).click();
  await owner.page.getByRole("button", { name: "pierre" }).click();
  await look("rattacher FranceConnect", owner.page);
  await owner.page.getByRole("button", { name: "Rattacher" }).click();
  await look("FranceConnect rattaché", owner.page);
});

test("somebody makes a passkey and signs in with it", { tag: "@resident" }, async ({ browser, look }) => {
  const { javaScriptEnabled } = test.info().project.use;
  // Browsers know no passkeys at an address that is a number.
  const here = town.address.replace("127.0.0.1", "localhost");
  const person = await visitor(browser, here);
  await person.page.goto("/connexion");
  if (!javaScriptEnabled) {
    await expect(person.page.getByRole("button", { name: "Utiliser une clé d’accès" })).toBeHidden();
    await signIn(person.page, "marie.durand@example.org");
    await person.page.goto("/compte/cles");
    await look("clés d’accès sans script", person.page);
    return;
  }
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await signIn(person.page, "marie.durand@example.org");
  await person.page.goto("/compte/cles");
  await look("aucune clé d’accès", person.page);
  await person.page.getByLabel("Nom de la clé").fill("Téléphone");
  await person.page.getByLabel("Mot de passe actuel").fill("faux");
  await person.page.getByRole("button", { name: "Ajouter" }).click();
  await expect(person.page.getByRole("alert")).toContainText("pas votre mot de passe actuel");
  await look("clé d’accès refusée", person.page);
  await person.page.getByLabel("Mot de passe actuel").fill(PASSWORD);
  await person.page.getByRole("button", { name: "Ajouter" }).click();
  await expect(person.page.getByText("La clé d’accès est ajoutée.")).toBeVisible();
  await look("clé d’accès ajoutée", person.page);

  await leave(person.page);
  await person.page.goto("/connexion");
  await look("connexion avec une clé d’accès", person.page);
  await person.page.getByRole("button", { name: "Utiliser une clé d’accès" }).click();
  await expect(person.page).toHaveURL(/\/mon-compte$/);
  await person.page.goto("/compte/sessions");
  await expect(person.page.getByText("Clé d’accès").first()).toBeVisible();
  await person.page.goto("/compte/cles");
  await person.page.locator(".box").getByLabel(/Mot de passe actuel/).fill(PASSWORD);
  await person.page.getByRole("button", { name: /Retirer/ }).click();
  await expect(person.page.getByText("La clé d’accès est retirée.")).toBeVisible();
  expect(person.left).toEqual([]);
});
