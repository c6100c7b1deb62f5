// When a room is open, told in words as it is clicked together: days of the month, a season, a closure; and who is told that
// a booking lies outside of it. With and without JavaScript, on a desk and on a phone.

import { expect, test } from "../harness/index.mjs";

const PASSWORD = "Lanterne-cerise-47-ponts";

async function signIn(page, email) {
  await page.goto("/connexion");
  await page.getByLabel("Adresse électronique").fill(email);
  await page.getByLabel("Mot de passe").fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
}

const day = (after) => new Date(Date.now() + after * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Europe/Paris" });

test("a hall opens on some Saturdays, closes for works, and tells who has it meanwhile", async ({ visit, look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await visit("/admin/salles/espace-vidourle");
  await page.getByRole("link", { name: "Changer les horaires, les fermetures et les jours particuliers" }).click();
  await look("horaires d’une grande salle");
  await page.getByRole("button", { name: "Ajouter un horaire" }).click();
  await look("horaires, une ligne de plus");
  const rule = page.locator("#dernier-regle");
  await rule.getByLabel("Quelles semaines").selectOption({ label: "Le premier du mois" });
  await rule.getByLabel("Heures", { exact: true }).fill("10 h – 12 h");
  await rule.getByLabel("À partir de").fill("septembre");
  await page.getByRole("button", { name: "Voir ce que cela donne" }).click();
  await look("horaires, deux fautes");
  await expect(page.getByRole("alert")).toContainText("Cochez au moins un jour");
  await expect(page.getByRole("alert")).toContainText("Indiquez deux mois ou deux jours");
  await expect(rule.getByLabel("Heures", { exact: true })).toHaveValue(/10.h.–.12.h/);
  await rule.getByRole("checkbox").nth(5).check();
  await rule.getByLabel("Jusqu’à").fill("juin");
  await page.getByRole("button", { name: "Ajouter une fermeture" }).click();
  const closure = page.locator("#dernier-fermeture");
  await closure.getByLabel("Premier jour").fill(day(90));
  await closure.getByLabel("Dernier jour").fill(day(30));
  await closure.getByLabel("Raison, que le public peut lire").fill("Travaux de toiture");
  await page.getByRole("button", { name: "Enregistrer" }).last().click();
  await look("fermeture, faute");
  await expect(page.getByRole("alert")).toContainText("Le dernier jour vient avant le premier");
  await expect(closure.getByLabel("Raison, que le public peut lire")).toHaveValue("Travaux de toiture");
  await closure.getByLabel("Premier jour").fill(day(30));
  await closure.getByLabel("Dernier jour").fill(day(90));
  await page.getByRole("button", { name: "Voir ce que cela donne" }).click();
  await look("horaires d’une grande salle, en clair");
  const told = page.getByRole("region", { name: "En clair" });
  await expect(told.getByText(/Le 1er samedi du mois, de 10.h à 12.h, de septembre à juin/)).toBeVisible();
  await expect(told.getByText(/Travaux de toiture/)).toBeVisible();

  // Who has the hall keeps it; whoever closes it is told.
  await page.getByRole("button", { name: "Enregistrer" }).last().click();
  await look("horaires enregistrés, réservation au-dehors");
  await expect(page.getByText("La salle est enregistrée.")).toBeVisible();
  await expect(page.getByText(/à venir tomb.+hors de ces horaires/)).toBeVisible();
  await visit("/admin/salles/espace-vidourle-est/horaires");
  await expect(page.getByText("La salle suit les horaires du lieu où elle se trouve").first()).toBeVisible();

  await page.goto("/admin/salles/espace-vidourle/horaires");
  await page.locator("#dernier-fermeture").getByRole("button", { name: /^Retirer/ }).click();
  await page.locator("#dernier-regle").getByRole("button", { name: /^Retirer/ }).click();
  await page.getByRole("button", { name: "Enregistrer" }).last().click();
  await expect(page.getByText("La salle est enregistrée.")).toBeVisible();
  await expect(page.getByText(/hors de ces horaires/)).toHaveCount(0);
});

test("a counter closes for a while, and opens again", async ({ look, page }) => {
  await signIn(page, "helene.maurin@lunel.example");
  await page.goto("/agents/rendez-vous/presences/la-maire");
  await page.getByRole("link", { name: "Changer les horaires, les absences et les jours particuliers" }).click();
  await page.getByRole("button", { name: "Ajouter une fermeture" }).click();
  const closure = page.locator("#dernier-fermeture");
  await closure.getByLabel("Premier jour").fill(day(200));
  await closure.getByLabel("Dernier jour").fill(day(204));
  await closure.getByLabel(/^Heures/).fill("le matin");
  await page.getByRole("button", { name: "Enregistrer" }).last().click();
  await look("absence, faute");
  await expect(page.getByRole("alert")).toContainText("Indiquez une seule plage");
  await expect(closure.getByLabel("Premier jour")).toHaveValue(day(200));
  await closure.getByLabel(/^Heures/).fill("");
  await closure.getByLabel("Raison, que le public peut lire").fill("Congés");
  await page.getByRole("button", { name: "Enregistrer" }).last().click();
  await look("absence enregistrée");
  await expect(page.getByText("C’est enregistré.")).toBeVisible();
  await expect(page.getByText(/Congés/).first()).toBeVisible();
  await page.getByRole("link", { name: "Changer les horaires, les absences et les jours particuliers" }).click();
  await page.locator("#dernier-fermeture").getByRole("button", { name: /^Retirer/ }).click();
  await page.getByRole("button", { name: "Enregistrer" }).last().click();
  await expect(page.getByText("C’est enregistré.")).toBeVisible();
});
