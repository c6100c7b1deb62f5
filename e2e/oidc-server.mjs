// FranceConnect, FranceConnect+ and ProConnect as a test needs them: three real OpenID providers (oidc-provider), each
// an issuer of its own on a free loopback port, which behave as the State's do: the levels of eIDAS, the pivot
// identity, a signed userinfo, encryption for a client that asks for it, the end of the session.
//
//   node oidc-server.mjs
//
// It writes one line, `{"franceconnect":"http://…","franceconnect-plus":"http://…","proconnect":"http://…"}`, once all
// three listen. A test registers its client itself (POST /reg, RFC 7591). Who somebody is, is chosen on the
// provider's page, among PERSONAS; tests without a browser say it to POST /test/walk. A persona whose name ends with
// `+…` has something wrong with it (see `tampered`).

import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import * as jose from "jose";
import { Provider } from "oidc-provider";

const CITIZENS = {
  angela: {
    given_name: "Angela Claire Louise", family_name: "DUBOIS", birthdate: "1962-08-24", gender: "female",
    birthplace: "75107", birthcountry: "99100", email: "angela.dubois@example.org",
  },
  // The same person, married since.
  "angela-mariee": {
    given_name: "Angela Claire Louise", family_name: "DUBOIS", preferred_username: "LEFEVRE", birthdate: "1962-08-24",
    gender: "female", birthplace: "75107", birthcountry: "99100", email: "angela.dubois@example.org", sub: "angela",
  },
  berthe: {
    given_name: "Berthe", family_name: "MOREL", birthdate: "1971-05-02", gender: "female",
    birthplace: "59183", birthcountry: "99100", email: "berthe.morel@example.org",
  },
  "berthe-mariee": {
    given_name: "Berthe", family_name: "MOREL", preferred_username: "LENOIR", birthdate: "1971-05-02",
    gender: "female", birthplace: "59183", birthcountry: "99100", email: "berthe.morel@example.org", sub: "berthe",
  },
  pierre: {
    given_name: "Pierre", family_name: "MERCIER", birthdate: "1969-03-17", gender: "male", birthplace: "",
    birthcountry: "99135", email: "pierre.mercier@example.org",
  },
};
const AGENTS = {
  nadia: {
    given_name: "Nadia", usual_name: "Benali", email: "nadia.benali@example.org", siret: "21340145600017",
    uid: "nbenali", idp_id: "idp-commune", amr: ["pwd"],
  },
  "nadia-deux-facteurs": {
    given_name: "Nadia", usual_name: "Benali", email: "nadia.benali@example.org", siret: "21340145600017",
    uid: "nbenali", idp_id: "idp-commune", amr: ["pwd", "totp", "mfa"], sub: "nadia",
  },
  "nadia-ailleurs": {
    given_name: "Nadia", usual_name: "Benali", email: "nadia.benali@example.org", siret: "13002526500013",
    uid: "n.benali", idp_id: "idp-ministere", amr: ["pwd", "mfa"],
  },
};

const LEVELS = ["eidas1", "eidas2", "eidas3"];

function personas(kind) {
  return kind === "proconnect" ? AGENTS : CITIZENS;
}

/** The persona of an account. What follows `+` is what will be wrong with its token, and is a person of its own. */
function persona(kind, account) {
  const [name, fault] = account.split("+");
  const claims = personas(kind)[name];
  if (claims === undefined) return undefined;
  return { ...claims, sub: fault === undefined ? (claims.sub ?? name) : account };
}

async function start(kind) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = await jose.generateKeyPair("RS256", { extractable: true });
  const key = { ...(await jose.exportJWK(privateKey)), kid: randomUUID(), alg: "RS256", use: "sig" };
  const scopes =
    kind === "proconnect"
      ? ["given_name", "usual_name", "email", "siret", "uid", "idp_id"]
      : ["given_name", "family_name", "preferred_username", "gender", "birthdate", "birthplace", "birthcountry", "email"];
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: ["test"] },
    scopes: ["openid"],
    claims: { openid: ["sub"], acr: null, amr: null, auth_time: null, ...Object.fromEntries(scopes.map((it) => [it, [it]])) },
    acrValues: LEVELS,
    responseTypes: ["code"],
    pkce: { required: () => false },
    clientAuthMethods: ["client_secret_post", "client_secret_basic"],
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
      registration: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: leave },
    },
    interactions: { url: (_, interaction) => `/choix/${interaction.uid}` },
    async findAccount(_, account) {
      const known = persona(kind, seen.get(account) ?? account);
      if (known === undefined) return undefined;
      const { amr, ...claims } = known;
      return { accountId: account, claims: () => claims };
    },
    // What FranceConnect asks of people is asked on its own pages; the town's client is known to it.
    async loadExistingGrant(ctx) {
      const { client, session, params } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      grant.addOIDCClaims(["acr", "amr", "auth_time"]);
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Interaction: 600, Grant: 600, Session: 1800 },
    renderError(ctx, out) {
      ctx.type = "html";
      ctx.body = `<!DOCTYPE html><html lang="fr"><title>Erreur</title><h1>Erreur</h1><p>${out.error}: ${out.error_description}</p>`;
    },
  });
  // As which persona each person was last seen: two are the same person before and after a change.
  const seen = new Map();
  // How many more times the keys are told as they were before a change.
  let stale = 0;
  const { publicKey } = await jose.generateKeyPair("RS256", { extractable: true });
  const before = { keys: [{ ...(await jose.exportJWK(publicKey)), kid: randomUUID(), alg: "RS256", use: "sig" }] };
  provider.use(async (ctx, next) => {
    if (ctx.path === "/test/stale" && ctx.method === "POST") {
      stale = 1;
      ctx.body = {};
      return;
    }
    if (ctx.path.startsWith("/choix/")) return choose(ctx);
    if (ctx.path === "/test/walk" && ctx.method === "POST") return walk(ctx);
    if (ctx.path === "/test/spend" && ctx.method === "POST") return spend(ctx);
    await next();
    if (ctx.path === "/token" && ctx.status === 200) await tampered(ctx);
    if (ctx.path === "/jwks" && stale > 0) {
      stale -= 1;
      ctx.body = before;
    }
  });

  /** The page on which somebody says who they are; a click is the whole authentication. */
  async function choose(ctx) {
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    if (ctx.method === "GET") {
      const buttons = Object.keys(personas(kind)).map(
        (name) => `<button name="persona" value="${name}">${name}</button>`,
      );
      ctx.type = "html";
      ctx.body = `<!DOCTYPE html><html lang="fr"><title>${kind}</title><h1>${kind}</h1><p id="niveau">${params.acr_values}</p><form method="post">${buttons.join(" ")} <button name="persona" value="">Annuler</button></form>`;
      return;
    }
    const form = new URLSearchParams(await body(ctx.req));
    const chosen = form.get("persona");
    if (!chosen) {
      await provider.interactionFinished(ctx.req, ctx.res, { error: "access_denied" }, { mergeWithLastSubmission: false });
      ctx.respond = false;
      return;
    }
    const asked = String(params.acr_values ?? "").split(" ")[0];
    const acr = form.get("acr") || (LEVELS.includes(asked) ? asked : "eidas1");
    const known = persona(kind, chosen);
    seen.set(known.sub, chosen);
    const login = { accountId: known.sub, acr, amr: known.amr ?? ["fc"], remember: false };
    await provider.interactionFinished(ctx.req, ctx.res, { login }, { mergeWithLastSubmission: false });
    ctx.respond = false;
  }

  /** The whole way of a browser: `{"address", "persona", "acr"}`, answered with where it is sent back to. */
  async function walk(ctx) {
    const asked = JSON.parse(await body(ctx.req));
    const jar = new Map();
    let address = asked.address;
    let form;
    for (let steps = 0; steps < 12; steps += 1) {
      const answer = await fetch(address, {
        redirect: "manual",
        method: form === undefined ? "GET" : "POST",
        headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
        body: form,
      });
      form = undefined;
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        jar.set(name, value);
      }
      const text = await answer.text();
      const location = answer.headers.get("location");
      if (location === null) {
        if (answer.status === 200 && new URL(address).pathname.startsWith("/choix/")) {
          form = new URLSearchParams({ persona: asked.persona, acr: asked.acr ?? "" });
          continue;
        }
        // The page that asks whether to leave here too: somebody says yes.
        const token = /name="xsrf" value="([^"]+)"/.exec(text);
        if (token !== null) {
          form = new URLSearchParams({ xsrf: token[1], logout: "yes" });
          address = `${issuer}/session/end/confirm`;
          continue;
        }
        ctx.body = { status: answer.status, text };
        return;
      }
      const next = new URL(location, address);
      if (next.origin !== issuer) {
        ctx.body = { location: next.href };
        return;
      }
      address = next.href;
    }
    ctx.body = { text: "round and round" };
  }

  /** Makes a code as one that has expired: `{"code"}`. */
  async function spend(ctx) {
    const { code } = JSON.parse(await body(ctx.req));
    await (await provider.AuthorizationCode.find(code))?.destroy();
    ctx.body = {};
  }

  /** The page that asks whether to leave the provider too. */
  function leave(ctx, form) {
    ctx.body = `<!DOCTYPE html><html lang="fr"><title>Déconnexion</title>${form}<button autofocus type="submit" form="op.logoutForm" value="yes" name="logout">Oui</button>`;
  }

  /** Writes a token that is wrong in one thing, for a persona that asks for it; signed with the right key. */
  async function tampered(ctx) {
    if (typeof ctx.body?.id_token !== "string" || ctx.body.id_token.split(".").length !== 3) return;
    const claims = jose.decodeJwt(ctx.body.id_token);
    const [, fault] = claims.sub.split("+");
    const now = Math.floor(Date.now() / 1000);
    let signer = key;
    if (fault === "audience") claims.aud = "another-town";
    else if (fault === "issuer") claims.iss = "http://127.0.0.1:9/another";
    else if (fault === "nonce") claims.nonce = "another-browser";
    else if (fault === "perime") claims.exp = 1_500_000_000;
    else if (fault === "sub") claims.sub = "pierre";
    else if (fault === "signature") {
      const other = await jose.generateKeyPair("RS256", { extractable: true });
      signer = { ...(await jose.exportJWK(other.privateKey)), alg: "RS256" };
    } else return;
    if (fault !== "perime") claims.exp = now + 60;
    const token = new jose.SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.kid });
    ctx.body.id_token = await token.sign(await jose.importJWK(signer, "RS256"));
  }

  server.on("request", provider.callback());
  return issuer;
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

const issuers = {};
for (const kind of ["franceconnect", "franceconnect-plus", "proconnect"]) issuers[kind] = await start(kind);
console.log(JSON.stringify(issuers));
