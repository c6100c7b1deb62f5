//! The parts of a procedure that are made by clicking beyond its head: who may ask online, what is sealed, who answers in
//! the town's place, from which day cases are kept, what the State is asked for; and what is seen beside the questions.

use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_people::Role;

use crate::{
    browser::{Hall, journey},
    builder::{ROOT, TOWN, asked, begun, described, filled, published},
};

#[test]
fn identification_secrecy_and_services_elsewhere_are_said_without_a_file() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        let file = format!("{base}/demarche.toml");

        let part = format!("{base}/partie/identification");
        let seen = manager.get(&part).await.between("name=\"seen\" value=\"", "\"");
        let unsaid = [("seen", seen.as_str()), ("level", "eidas1"), ("why", "")];
        manager.post(&part, &unsaid).await.is(422).explains("why", "Dites pourquoi il faut s’identifier.");
        filled(&manager, &part, &[("level", "eidas1"), ("why", "Pour réserver à votre nom.")]).await;
        manager.get(&file).await.says("level = \"eidas1\"").says("Pour réserver à votre nom.");
        manager.get(&base).await.says("Il faut une identité vérifiée (FranceConnect)");
        filled(&manager, &part, &[("level", "none"), ("why", "")]).await;
        manager.get(&file).await.is_silent_about("sign_in");

        let part = format!("{base}/partie/confidentialite");
        filled(&manager, &part, &[("sealed", "true")]).await;
        manager.get(&file).await.says("sealed = true");
        manager.get(&part).await.says("checked");
        filled(&manager, &part, &[]).await;
        manager.get(&file).await.is_silent_about("sealed");

        let part = format!("{base}/partie/ailleurs");
        let seen = manager.get(&part).await.between("name=\"seen\" value=\"", "\"");
        let service = [("name", "Service-Public.fr"), ("otherwise", "La mairie vous aide, au guichet.")];
        let mut wrong = vec![("seen", seen.as_str()), ("url", "service-public.fr")];
        wrong.extend(service);
        manager.post(&part, &wrong).await.is(422).explains("url", "https://");
        let mut right = vec![("url", "https://www.service-public.fr")];
        right.extend(service);
        filled(&manager, &part, &right).await;
        manager.get(&base).await.says("Service-Public.fr");
        filled(&manager, &part, &[("name", ""), ("url", ""), ("otherwise", "")]).await;
        manager.get(&file).await.is_silent_about("elsewhere");
    });
}

#[test]
fn what_is_missing_is_named_and_led_to_and_the_general_rule_needs_no_words() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        manager
            .get(&format!("{base}/partie/presentation"))
            .await
            .says("<a class=\"govuk-link\" href=\"#delay\">Délai habituel</a>")
            .says("<a class=\"govuk-link\" href=\"#who\">Qui peut la faire</a>");
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Présentation, «\u{a0}Délai habituel\u{a0}»")
            .says(&format!("href=\"{base}/partie/presentation#delay\""));
        let law = format!("{base}/partie/droit");
        let said = [
            ("silence", "grants"),
            ("term", ""),
            ("unit", "m"),
            ("basis_of_silence", ""),
            ("receipt", "due"),
            ("days_for_pieces", "30"),
            ("basis-0-text", "Code général des collectivités territoriales, article L2144-3"),
            ("basis-0-url", ""),
        ];
        filled(&manager, &law, &said).await;
        manager
            .get(&format!("{base}/demarche.toml"))
            .await
            .says("term = \"2m\"")
            .says("basis = \"CRPA, art. L231-1\"");
        manager.get(&law).await.is_silent_about("govuk-inset-text");
    });
}

#[test]
fn cases_are_kept_from_a_day_that_is_chosen_among_the_questions() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        let page = format!("{base}/pages/votre-demande");
        manager.post(&page, &[("label", "Jour de retour"), ("kind", "date")]).await.is(303);
        let part = format!("{base}/partie/conservation");
        manager.get(&part).await.says("<option value=\"jour_de_retour\"").is_silent_about("value=\"usage\"");
        let kept = [("months", "24"), ("then", "erase"), ("basis", "Règlement"), ("after", "jour_de_retour")];
        filled(&manager, &part, &kept).await;
        manager.get(&format!("{base}/demarche.toml")).await.says("after = \"jour_de_retour\"");
        // Without that question, the part says so in French.
        manager
            .post(&format!("{base}/supprimer"), &[("quoi", "question"), ("nom", "jour_de_retour")])
            .await
            .is(303);
        manager.get(&part).await.says("La conservation se compte depuis la décision");
    });
}

#[test]
fn what_the_state_knows_is_asked_for_by_choosing_questions() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        let page = format!("{base}/pages/votre-demande");
        manager.post(&page, &[("label", "Numéro RNA"), ("kind", "rna")]).await.is(303);
        manager.post(&page, &[("label", "Association"), ("kind", "text")]).await.is(303);
        let question = format!("{base}/questions/numero_rna");
        let source = ("fetch", "api-entreprise/association");
        let mut said = vec![
            ("label", "Numéro RNA"),
            ("kind", "rna"),
            ("required", "always"),
            ("id", "numero_rna"),
            source,
        ];
        // What the source needs comes next, and is missed until then.
        assert_eq!(filled(&manager, &question, &said).await, question);
        manager
            .get(&question)
            .await
            .says("Pour interroger l’État, dites quelle question donne le numéro de l’association")
            .says("La question qui reçoit le nom doit être un texte.")
            .says("for=\"fetch_with_number\"");
        said.extend([("fetch_with_number", "numero_rna"), ("fetch_fills_name", "association")]);
        assert_eq!(filled(&manager, &question, &said).await, page);
        let file = format!("{base}/demarche.toml");
        manager.get(&file).await.says("number = \"numero_rna\"").says("association = \"name\"");
        manager.get(&question).await.is_silent_about("Pour interroger l’État");
        // Another name is written there too.
        for name in [("id", "rna"), ("id", "numero_rna")] {
            let path = format!("{base}/questions/{}", if name.1 == "rna" { "numero_rna" } else { "rna" });
            let mut renamed = said.clone();
            renamed.retain(|(control, _)| *control != "id");
            if name.1 == "numero_rna" {
                renamed.retain(|(control, _)| *control != "fetch_with_number");
                renamed.push(("fetch_with_number", "rna"));
            }
            renamed.push(name);
            filled(&manager, &path, &renamed).await;
            manager.get(&file).await.says(&format!("number = \"{}\"", name.1));
        }
    });
}

#[test]
fn a_page_is_seen_beside_its_questions_as_soon_as_it_can_be() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        manager.post(&format!("{base}/pages"), &[("title", "Pour finir")]).await.is(303);
        let second = format!("{base}/pages/pour-finir");
        manager.get(&second).await.is(200).is_silent_about("<iframe");
        manager.post(&second, &[("label", "Remarque"), ("kind", "long-text")]).await.is(303);
        let screen = format!("{base}/apercu/ecran?page=pour-finir");
        manager.get(&second).await.says(&format!("<iframe src=\"{screen}\""));
        // Beside a question its page opens at it, and marks it.
        let at = format!("<iframe src=\"{screen}&#38;question=remarque#question-remarque\"");
        manager.get(&format!("{base}/questions/remarque?nouvelle=oui")).await.says(&at);
        manager
            .get(&format!("{screen}&question=remarque"))
            .await
            .says("id=\"question-remarque\" class=\"box\"");
        manager.get(&screen).await.is(200).says("Remarque").is_silent_about("Usage");
        manager.get(&format!("{base}/questions/usage")).await.says("apercu/ecran?page=votre-demande");
        // What is being typed is seen too, and is not kept.
        let live = format!("{base}/questions/usage/apercu");
        let typed = [
            ("label", "Pour quel usage ?"),
            ("kind", "one-of"),
            ("required", "always"),
            ("choice-0-label", "Répétition de théâtre"),
            ("choice-0-value", "theatre"),
        ];
        manager.post(&live, &typed).await.is(200).says("Pour quel usage ?").says("Répétition de théâtre");
        manager.get(&format!("{base}/apercu/ecran")).await.says("Usage").is_silent_about("théâtre");
        manager.post(&live, &[("label", "Usage"), ("kind", "text"), ("compute", "1 +")]).await.is(409);
        manager.post(&format!("{base}/questions/rien/apercu"), &typed).await.is(404);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("accueil", Role::Agent))).await;
        agent.post(&live, &typed).await.is(404);
        // What cannot be filled in yet is not shown.
        manager.post(&format!("{base}/supprimer"), &[("quoi", "question"), ("nom", "usage")]).await.is(303);
        manager.get(&second).await.is(200).is_silent_about("<iframe");
    });
}

#[test]
fn a_published_version_is_taken_elsewhere_as_its_file() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("accueil", Role::Agent))).await;
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        published(&manager, &base).await;
        let offered = format!("{ROOT}/offertes/reserver-une-salle");
        let file = format!("{offered}/versions/1/demarche.toml");
        manager.get(&offered).await.says(&file).says("/agents/demarches/reserver-une-salle/etapes");
        let exported = manager.get(&file).await;
        exported.is(200);
        let procedure = Procedure::from_toml(&exported.body).unwrap();
        assert_eq!((procedure.slug.as_str(), procedure.version), ("reserver-une-salle", 1));
        manager.get(&format!("{offered}/versions/2/demarche.toml")).await.is(404);
        agent.get(&file).await.is(404);
        agent.get("/agents/demarches/reserver-une-salle/etapes").await.is(200);
    });
}

#[test]
fn what_is_booked_first_and_who_pays_what_are_chosen_among_the_questions() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        let page = format!("{base}/pages/votre-demande");
        for (label, kind) in [
            ("Salle", "text"),
            ("Jour", "date"),
            ("Début", "time"),
            ("Fin", "time"),
            ("Habitant", "yes-no"),
            ("Numéro RNA", "rna"),
        ] {
            manager.post(&page, &[("label", label), ("kind", kind)]).await.is(303);
        }
        let part = format!("{base}/partie/reservation");
        let file = format!("{base}/demarche.toml");
        manager.get(&part).await.says("Une salle de la commune").is_silent_about("Qui répond");
        // What is missing leads to its control; a question of another kind is not offered.
        filled(&manager, &part, &[("at", "/salles"), ("name", "salle"), ("day", "jour")]).await;
        let seen = manager.get(&part).await;
        seen.says("<a class=\"govuk-link\" href=\"#from\">Heure de début</a>");
        let hours = seen.between("id=\"from\"", "</select>");
        assert!(hours.contains("value=\"debut\"") && !hours.contains("value=\"jour\""), "{hours}");
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Réservation, «\u{a0}Heure de début\u{a0}»")
            .says(&format!("href=\"{base}/partie/reservation#from\""));
        manager.get(&base).await.says("Une salle de la commune");
        let booked =
            [("at", "/salles"), ("name", "salle"), ("day", "jour"), ("from", "debut"), ("until", "fin")];
        // The same question twice is refused beside it, and nothing typed is lost.
        let shown = manager.get(&part).await;
        let twice = [&booked[..], &[("seen", token_of(&shown.body)), ("layout", "salle")]].concat();
        manager
            .post(&part, &twice)
            .await
            .is(422)
            .explains("layout", "déjà choisie")
            .says("value=\"fin\" selected");
        filled(&manager, &part, &booked).await;
        manager.get(&file).await.says("debut = \"from\"").is_silent_about("[booking.price]");
        manager.get(&part).await.is_silent_about("govuk-inset-text");

        // Who asks: the answers of the question show once it is chosen, and are said next.
        let mut priced = booked.to_vec();
        priced.push(("applicant", "usage"));
        let mut asked_first = priced.clone();
        let shown = manager.get(&part).await;
        asked_first.push(("seen", token_of(&shown.body)));
        manager
            .post(&part, &asked_first)
            .await
            .is(422)
            .explains("kind-usage-0", "Dites qui demande")
            .says("Qui répond «\u{a0}Réunion\u{a0}» est");
        priced.extend([
            ("kind-usage-0", "association"),
            ("kind-usage-1", "person"),
            ("resident", "habitant"),
            ("body-0-question", "numero_rna"),
            ("body-1-question", ""),
        ]);
        filled(&manager, &part, &priced).await;
        manager
            .get(&file)
            .await
            .says("applicant = \"usage\"")
            .says("reunion = \"association\"")
            .says("fete = \"person\"")
            .says("resident = \"habitant\"")
            .says("numero_rna");
        manager.get(&part).await.is_silent_about("govuk-inset-text").says("value=\"association\" selected");
        // A question that is gone is missed in place.
        manager
            .post(&format!("{base}/supprimer"), &[("quoi", "question"), ("nom", "habitant")])
            .await
            .is(303);
        manager
            .get(&part)
            .await
            .says("<a class=\"govuk-link\" href=\"#resident\">")
            .says("Choisissez une question du formulaire à laquelle on répond par oui ou par non.");
        filled(&manager, &part, &[("at", "none")]).await;
        manager.get(&file).await.is_silent_about("[booking");
    });
}

#[test]
fn what_is_booked_where_nothing_is_shown_is_not_published() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        filled(&manager, &format!("{base}/partie/reservation"), &[("at", "/gymnases")]).await;
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Rien ne se réserve à l’adresse «\u{a0}/gymnases\u{a0}»");
        manager.get(&format!("{base}/partie/reservation")).await.says("value=\"/gymnases\"");
    });
}

#[test]
fn what_is_lent_is_chosen_among_the_questions_of_a_group() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        let page = format!("{base}/pages/votre-demande");
        for (label, kind, group) in [
            ("Début", "date", ""),
            ("Retour", "date", ""),
            ("Le matériel", "group", ""),
            ("Article", "one-of", "le_materiel"),
            ("Quantité", "number", "le_materiel"),
            ("Vos enfants", "group", ""),
            ("Âge", "number", "vos_enfants"),
        ] {
            let mut fields = vec![("label", label), ("kind", kind)];
            if !group.is_empty() {
                fields.push(("group", group));
            }
            manager.post(&page, &fields).await.is(303);
        }
        let article = [
            ("label", "Article"),
            ("kind", "one-of"),
            ("required", "always"),
            ("id", "article"),
            ("choice-0-label", "Tables"),
            ("choice-1-label", "Chaises"),
        ];
        filled(&manager, &format!("{base}/questions/article"), &article).await;
        let part = format!("{base}/partie/pret");
        let file = format!("{base}/demarche.toml");
        // A question of another kind, or outside of a group, is not offered.
        let shown = manager.get(&part).await;
        let what = shown.between("id=\"what\"", "</select>");
        assert!(what.contains("value=\"article\"") && !what.contains("value=\"usage\""), "{what}");
        let count = shown.between("id=\"count\"", "</select>");
        assert!(count.contains("value=\"quantite\"") && count.contains("value=\"age\""), "{count}");
        assert!(!count.contains("value=\"nombre_d_invites\""), "{count}");

        // What is missing leads to its control; how many is asked in the group of what is borrowed.
        filled(&manager, &part, &[("lends", "yes"), ("what", "article"), ("from", "debut")]).await;
        manager.get(&file).await.says("[loan]").says("group = \"le_materiel\"").says("what = \"article\"");
        let seen = manager.get(&part).await;
        seen.says("<a class=\"govuk-link\" href=\"#count\">Quantité</a>")
            .says("<a class=\"govuk-link\" href=\"#until\">Dernier jour du prêt</a>")
            .says("Article (dans «\u{a0}Le matériel\u{a0}»)");
        let count = seen.between("id=\"count\"", "</select>");
        assert!(count.contains("value=\"quantite\"") && !count.contains("value=\"age\""), "{count}");
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Prêt de matériel, «\u{a0}Quantité\u{a0}»")
            .says(&format!("href=\"{base}/partie/pret#count\""));
        let lent = [
            ("lends", "yes"),
            ("what", "article"),
            ("count", "quantite"),
            ("from", "debut"),
            ("until", "retour"),
        ];
        filled(&manager, &part, &lent).await;
        manager.get(&file).await.says("count = \"quantite\"").says("until = \"retour\"");
        manager.get(&part).await.is_silent_about("govuk-inset-text");
        manager.get(&base).await.says("Du matériel de son stock");

        // A question that is gone is missed in place, and what was said of it is still there.
        manager.post(&format!("{base}/supprimer"), &[("quoi", "question"), ("nom", "retour")]).await.is(303);
        manager
            .get(&part)
            .await
            .says("<a class=\"govuk-link\" href=\"#until\">")
            .says("<option value=\"retour\" selected")
            .says("Le premier et le dernier jour du prêt sont des questions dont la réponse est un jour.");
        filled(&manager, &part, &[("lends", "no")]).await;
        manager.get(&file).await.is_silent_about("[loan]");
    });
}

/// What a page that was seen bears.
fn token_of(body: &str) -> &str {
    let after = body.split_once("name=\"seen\" value=\"").map_or("", |(_, after)| after);
    after.split('"').next().unwrap_or_default()
}
