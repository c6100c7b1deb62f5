//! Procedures made in the back office, by people who write no programs: from nothing to the first request, with two
//! hands on one draft, with a second person, from a file and back.

use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_people::Role;
use serde_json::json;

use crate::browser::{Browser, Hall, journey};

pub const ROOT: &str = "/admin/demarches";
/// The whole town.
pub const TOWN: Option<(&str, Role)> = Some(("", Role::Manager));

/// Begins a draft; gives its address.
pub async fn begun(browser: &Browser<'_>, title: &str) -> String {
    let answer = browser.post(&format!("{ROOT}/nouvelle"), &[("title", title), ("from", "")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location
}

/// Fills a form in as it stands: what was seen goes with it.
pub async fn filled(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.get(path).await;
    page.is(200);
    let seen = page.between("name=\"seen\" value=\"", "\"");
    let mut all = vec![("seen", seen.as_str())];
    all.extend_from_slice(fields);
    let answer = browser.post(path, &all).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    answer.location
}

/// Everything that a small procedure must say.
pub async fn described(browser: &Browser<'_>, base: &str) {
    filled(
        browser,
        &format!("{base}/partie/presentation"),
        &[
            ("title", "Réserver une salle"),
            ("slug", "reserver-une-salle"),
            ("summary", "Demander une salle municipale pour une réunion."),
            ("who", "Les associations et les habitants."),
            ("delay", "Une semaine"),
            ("outcome", "Une réponse écrite"),
            ("sector", "community-life"),
        ],
    )
    .await;
    filled(
        browser,
        &format!("{base}/partie/droit"),
        &[
            ("silence", "refuses"),
            ("term", "2"),
            ("unit", "m"),
            ("basis_of_silence", "Code général de la propriété des personnes publiques, article L2122-1"),
            ("receipt", "due"),
            ("days_for_pieces", "30"),
            ("basis-0-text", "Code général des collectivités territoriales, article L2144-3"),
            ("basis-0-url", ""),
        ],
    )
    .await;
    filled(
        browser,
        &format!("{base}/partie/conservation"),
        &[("months", "24"), ("then", "erase"), ("basis", "Règlement des salles municipales")],
    )
    .await;
    filled(browser, &format!("{base}/partie/service"), &[("department", "vie-associative")]).await;
}

/// Two questions, the second asked only for one answer of the first.
pub async fn asked(browser: &Browser<'_>, base: &str) {
    browser
        .post(&format!("{base}/pages"), &[("title", "Votre demande")])
        .await
        .leads_to(&format!("{base}/pages/votre-demande"));
    let page = format!("{base}/pages/votre-demande");
    browser
        .post(&page, &[("label", "Usage"), ("kind", "one-of")])
        .await
        .leads_to(&format!("{base}/questions/usage?nouvelle=oui"));
    filled(
        browser,
        &format!("{base}/questions/usage"),
        &[
            ("label", "Usage"),
            ("kind", "one-of"),
            ("required", "always"),
            ("id", "usage"),
            ("choice-0-label", "Réunion"),
            ("choice-1-label", "Fête"),
        ],
    )
    .await;
    browser.post(&page, &[("label", "Nombre d’invités"), ("kind", "number")]).await.is(303);
    let condition = format!("{base}/condition?lieu=question.nombre_d_invites.show");
    let location = filled(
        browser,
        &condition,
        &[("line-0-subject", "usage"), ("line-0-operator", "is"), ("line-0-value", "fete")],
    )
    .await;
    assert_eq!(location, format!("{base}/questions/nombre_d_invites"));
    browser.post(&page, &[("label", "Courriel"), ("kind", "email")]).await.is(303);
    // Whoever asks is named where they wish to be: the requests below need no name.
    browser.post(&page, &[("label", "Votre nom"), ("kind", "identity")]).await.is(303);
    let name = [
        ("label", "Votre nom"),
        ("kind", "identity"),
        ("required", "never"),
        ("prefill", "name"),
        ("id", "votre_nom"),
    ];
    filled(browser, &format!("{base}/questions/votre_nom"), &name).await;
}

pub async fn published(browser: &Browser<'_>, base: &str) {
    let check = browser.get(&format!("{base}/verification")).await;
    check.says("Rien ne s’oppose à la publication.");
    let revision = check.between("name=\"revision\" value=\"", "\"");
    browser
        .post(&format!("{base}/publication"), &[("revision", &revision), ("do", "publish")])
        .await
        .leads_to(&format!("{ROOT}?fait=publiee&demarche=reserver-une-salle"));
    browser
        .get(&format!("{ROOT}?fait=publiee&demarche=reserver-une-salle"))
        .await
        .says("href=\"/demarches/reserver-une-salle\"");
}

#[test]
fn a_procedure_goes_from_nothing_to_its_first_request() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("accueil", Role::Agent))).await;
        agent.get(ROOT).await.is(404);
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        manager.get(ROOT).await.is(200).says("Aucune démarche n’est en préparation.");
        manager.post(&format!("{ROOT}/nouvelle"), &[("title", " ")]).await.is(422).says("Donnez un titre.");
        let base = begun(&manager, "Réserver une salle").await;
        let gaps = manager.get(&format!("{base}/verification")).await;
        gaps.says("Dites ce que vaut le silence").says("Dites quel service répond").says("/partie/droit");
        manager.post(&format!("{base}/publication"), &[("revision", "1"), ("do", "publish")]).await.is(422);
        described(&manager, &base).await;
        asked(&manager, &base).await;
        // The condition is told in words, and kept as CEL.
        manager
            .get(&format!("{base}/pages/votre-demande"))
            .await
            .says("posée si «\u{a0}Usage\u{a0}» est «\u{a0}Fête\u{a0}»");
        manager.get(&format!("{base}/demarche.toml")).await.says("show = \"usage == 'fete'\"");

        // The preview is the form itself: the same engine shows and hides.
        let screen = format!("{base}/apercu/ecran");
        manager.get(&screen).await.is(200).says("Usage").is_silent_about("invités");
        let here =
            [("here", "votre-demande"), ("shown", "usage"), ("shown", "courriel"), ("shown", "votre_nom")];
        let mut party = here.to_vec();
        party.extend([("usage", "fete"), ("courriel", "awa@example.org")]);
        manager.post(&screen, &party).await.is(200).says("Nombre d’invités");
        let mut meeting = here.to_vec();
        meeting.extend([("usage", "reunion"), ("courriel", "awa@example.org")]);
        manager.post(&screen, &meeting).await.is(200).says("C’est la fin du formulaire.");

        // What a meeting needs is recorded, and replayed.
        let trial = format!("{screen}?essai=oui");
        let mut recorded = meeting.clone();
        recorded.push(("record", "1"));
        manager.post(&trial, &recorded).await.is(422).explains("trial_name", "Donnez un nom à l’essai.");
        recorded.push(("trial_name", "Une réunion"));
        manager.post(&trial, &recorded).await.leads_to(&format!("{base}/essais?fait=enregistre"));
        manager.get(&format!("{base}/essais")).await.says("Une réunion").says("Résultat attendu");
        published(&manager, &base).await;

        hall.browser().get("/demarches/reserver-une-salle").await.is(200).says("Réserver une salle");
        // Read in English, what is written in French alone says so, and is read aloud in French.
        let english = hall.browser().get("/demarches/reserver-une-salle?lang=en").await;
        english
            .says("written in French only")
            .says("<h1 class=\"govuk-heading-xl\" lang=\"fr\">Réserver une salle");
        hall.browser().get("/demarches?lang=en").await.says("<li class=\"card\" lang=\"fr\">");
        hall.browser().get("/demarches/acte-de-naissance?lang=en").await.is_silent_about("French only");
        let answers = json!({ "usage": "reunion", "courriel": "awa@example.org" });
        hall.deposit_for("reserver-une-salle", &answers).await;
        let refused = json!({ "usage": "fete", "courriel": "awa@example.org" });
        hall.refused_for("reserver-une-salle", &refused).await.says("nombre_d_invites");
    });
}

#[test]
fn a_changed_version_is_compared_and_what_its_trials_expect_stands_against_it() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        let meeting = [
            ("here", "votre-demande"),
            ("shown", "usage"),
            ("shown", "courriel"),
            ("usage", ""),
            ("courriel", "awa@example.org"),
            ("record", "1"),
            ("trial_name", "Sans usage"),
        ];
        manager.post(&format!("{base}/apercu/ecran?essai=oui"), &meeting).await.is(303);
        published(&manager, &base).await;

        let offered = format!("{ROOT}/offertes/reserver-une-salle");
        let next = manager.post(&format!("{offered}/brouillon"), &[]).await;
        next.is(303);
        let base = next.location;
        let question = [
            ("label", "Usage"),
            ("kind", "one-of"),
            ("required", "never"),
            ("id", "usage"),
            ("choice-0-label", "Réunion"),
            ("choice-0-value", "reunion"),
            ("choice-1-label", "Fête"),
            ("choice-1-value", "fete"),
        ];
        filled(&manager, &format!("{base}/questions/usage"), &question).await;
        let difference = manager.get(&format!("{base}/differences")).await;
        difference
            .says("Question «\u{a0}Usage\u{a0}»")
            .says("<del>obligatoire</del>")
            .says("<ins>facultative</ins>");
        // What was refused would be accepted: somebody must say that this is wanted.
        let check = manager.get(&format!("{base}/verification")).await;
        check.says("Essai «\u{a0}Sans usage\u{a0}»").says("alors qu’elle était refusée");
        let trials = manager.get(&format!("{base}/essais")).await;
        let accept = format!("accept:{}", trials.between("value=\"accept:", "\""));
        manager
            .post(&format!("{base}/essais"), &[("do", &accept)])
            .await
            .leads_to(&format!("{base}/essais?fait=accepte"));
        published(&manager, &base).await;

        let versions = manager.get(&offered).await;
        versions.says("En vigueur").says("Awa Diop").says("Repartir de cette version");
        manager
            .get(&format!("{offered}/differences?de=1&a=2"))
            .await
            .says("<del>obligatoire</del>")
            .is_silent_about("Courriel");
        // Going back is a draft like any other.
        let back = manager.post(&format!("{offered}/brouillon"), &[("version", "1")]).await.location;
        let file = manager.get(&format!("{back}/demarche.toml")).await;
        // The name is optional in both versions, the use in the second alone.
        assert_eq!(file.says("version = 3").body.matches("required = false").count(), 1);
    });
}

#[test]
fn the_second_of_two_agents_is_told_and_keeps_what_they_typed() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, first) = hall.signed_in("direction@lunel.example", TOWN).await;
        let (_, second) = hall.signed_in("adjointe@lunel.example", TOWN).await;
        let base = begun(&first, "Réserver une salle").await;
        let part = format!("{base}/partie/conservation");
        let seen = second.get(&part).await.between("name=\"seen\" value=\"", "\"");
        filled(&first, &part, &[("months", "24"), ("then", "erase"), ("basis", "Règlement")]).await;
        // Another part, changed meanwhile, is nobody's loss.
        filled(&second, &format!("{base}/partie/recherche"), &[("keywords", "salle\nlocation")]).await;
        let typed = [("seen", seen.as_str()), ("months", "12"), ("then", "archive"), ("basis", "Ma règle")];
        let told = second.post(&part, &typed).await;
        told.is(409).says("Awa Diop a modifié").says("value=\"Ma règle\"").says("value=\"12\"");
        let again = told.between("name=\"seen\" value=\"", "\"");
        let typed = [("seen", again.as_str()), ("months", "12"), ("then", "archive"), ("basis", "Ma règle")];
        second.post(&part, &typed).await.leads_to(&base);
        first.get(&format!("{base}/demarche.toml")).await.says("Ma règle").says("\"salle\"");
        // What cannot be read comes back as it was typed.
        let wrong = first.get(&part).await.between("name=\"seen\" value=\"", "\"");
        let typed = [("seen", wrong.as_str()), ("months", "deux ans"), ("then", "erase"), ("basis", "R")];
        first
            .post(&part, &typed)
            .await
            .is(422)
            .explains("months", "Écrivez un nombre.")
            .says("value=\"deux ans\"");
    });
}

#[test]
fn where_the_commune_wants_it_another_person_publishes() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, writer) = hall.signed_in("direction@lunel.example", TOWN).await;
        let (_, admin) = hall.signed_in("admin@lunel.example", Some(("", Role::Administrator))).await;
        writer.post(ROOT, &[("by_two", "true")]).await.is(404);
        admin.post(ROOT, &[("by_two", "true")]).await.leads_to(&format!("{ROOT}?fait=reglage"));
        let base = begun(&writer, "Réserver une salle").await;
        described(&writer, &base).await;
        asked(&writer, &base).await;
        let revision =
            writer.get(&format!("{base}/verification")).await.between("name=\"revision\" value=\"", "\"");
        let publication = format!("{base}/publication");
        let wish = |wish: &'static str| [("revision", revision.clone()), ("do", wish.to_owned())];
        let send = async |browser: &Browser<'_>, wished: [(&str, String); 2]| {
            let fields: Vec<(&str, &str)> =
                wished.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.post(&publication, &fields).await
        };
        send(&writer, wish("publish")).await.is(409);
        send(&writer, wish("propose")).await.leads_to(&format!("{base}?fait=proposee"));
        send(&writer, wish("publish")).await.is(409).says("une autre personne doit la publier");
        admin
            .post(&publication, &[("revision", &revision), ("do", "send-back"), ("words", "")])
            .await
            .is(422)
            .explains("words", "Dites ce qui est à revoir");
        admin
            .post(
                &publication,
                &[("revision", &revision), ("do", "send-back"), ("words", "Ajoutez le tarif.")],
            )
            .await
            .leads_to(&format!("{base}?fait=renvoyee"));
        writer.get(&base).await.says("Ajoutez le tarif.");
        send(&writer, wish("propose")).await.is(303);
        send(&admin, wish("publish"))
            .await
            .leads_to(&format!("{ROOT}?fait=publiee&demarche=reserver-une-salle"));
        let by: i64 = hall
            .value(
                "SELECT COUNT(*) FROM desk_procedure WHERE slug = $1 AND published_by <> proposed_by",
                "reserver-une-salle",
            )
            .await;
        assert_eq!(by, 1);
        for kind in ["procedure.proposed", "procedure.sent_back", "procedure.published"] {
            let told: i64 = hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", kind).await;
            assert!(told > 0, "{kind}");
        }
    });
}

#[test]
fn every_procedure_of_the_catalogue_comes_out_as_it_went_in() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let begun = manager
                .send(
                    &format!("{ROOT}/nouvelle"),
                    &[("import", "1"), ("text", "")],
                    &[("file", "demarche.toml", file.as_bytes())],
                )
                .await;
            assert_eq!(begun.status, 303, "{}", begun.body);
            let exported = manager.get(&format!("{}/demarche.toml", begun.location)).await;
            let (before, after) =
                (Procedure::from_toml(&file).unwrap(), Procedure::from_toml(&exported.body).unwrap());
            assert_eq!(before, after);
            for page in
                ["", "/verification", "/apercu", "/apercu/fiche", "/apercu/ecran", "/traductions", "/texte"]
            {
                manager.get(&format!("{}{page}", begun.location)).await.is(200);
            }
            count += 1;
            // A browser may only ask for so many pages at once: the one with the most of everything is looked at whole.
            if before.slug != "debit-de-boissons-temporaire" {
                continue;
            }
            for place in before.form.places() {
                let question = manager.get(&format!("{}/questions/{}", begun.location, place.field.id)).await;
                question.is(200);
            }
            for (spot, _) in before.expressions() {
                if matches!(spot, beffroi_forms::Spot::Compute(_)) {
                    continue;
                }
                let condition =
                    manager.get(&format!("{}/condition?lieu={}", begun.location, spot.word())).await;
                condition.is(200);
            }
        }
        assert!(count >= 15);
    });
}

#[test]
fn a_hostile_file_is_refused_with_its_place() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let new = format!("{ROOT}/nouvelle");
        let deep = format!("form = {}{}", "[".repeat(50_000), "]".repeat(50_000));
        for text in ["slug = ", "rien = 1", deep.as_str(), ""] {
            let told = manager.post(&new, &[("import", "1"), ("text", text)]).await;
            told.is(422).explains(
                "file",
                if text.is_empty() { "Choisissez un fichier" } else { "n’est pas une démarche" },
            );
        }
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        let spot = format!("{base}/condition?lieu=question.courriel.show");
        let seen = manager.get(&spot).await.between("name=\"seen\" value=\"", "\"");
        let long = "1 + ".repeat(400) + "1 > 2";
        let nested = "(".repeat(40) + "true" + &")".repeat(40);
        for (source, says) in [
            ("usage > 3", "ne s’applique pas à un texte"),
            ("courriel == 'a'", "Aucune question «\u{a0}courriel\u{a0}» ne vient avant"),
            ("usage ==", "ne se lit pas"),
            ("usage", "alors qu’il faut un oui ou non"),
            (long.as_str(), "L’expression dépasse 1000\u{a0}caractères"),
            (nested.as_str(), "parenthèses sont ouvertes"),
        ] {
            let typed = [("seen", seen.as_str()), ("mode", "texte"), ("source", source)];
            manager.post(&spot, &typed).await.is(422).explains("source", says);
        }
    });
}

#[test]
fn a_renamed_or_removed_question_is_told_with_the_places_that_speak_of_it() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        manager
            .get(&format!("{base}/supprimer?quoi=question&nom=usage"))
            .await
            .says("Supprimer la question «\u{a0}Usage\u{a0}»\u{a0}?")
            .says("D’autres endroits en parlent encore")
            .says("Question «\u{a0}Nombre d’invités\u{a0}»");
        manager
            .get(&format!("{base}/condition?lieu=question.usage.show"))
            .await
            .says("Quand poser la question «\u{a0}Usage\u{a0}»");
        let question = format!("{base}/questions/usage");
        let seen = manager.get(&question).await.between("name=\"seen\" value=\"", "\"");
        let mut typed = vec![
            ("seen", seen.as_str()),
            ("label", "Usage"),
            ("kind", "one-of"),
            ("required", "always"),
            ("id", "emploi"),
            ("choice-0-label", "Réunion"),
            ("choice-0-value", "reunion"),
            ("choice-1-label", "Fête"),
            ("choice-1-value", "fete"),
        ];
        manager
            .post(&question, &typed)
            .await
            .is(422)
            .says("Ce nom est utilisé à un autre endroit")
            .says("Changer partout");
        typed.push(("rename", "true"));
        manager.post(&question, &typed).await.leads_to(&format!("{base}/pages/votre-demande"));
        manager.get(&format!("{base}/demarche.toml")).await.says("show = \"emploi == 'fete'\"");
        // Moved before what it depends on, a question is told to be wrong, and where.
        let action = format!("{base}/actions");
        manager.post(&action, &[("do", "question:up:nombre_d_invites")]).await.is(303);
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Aucune question «\u{a0}emploi\u{a0}» ne vient avant celle-ci.")
            .says("condition?lieu=question.nombre_d_invites.show");
    });
}

#[test]
fn a_block_is_kept_copied_and_offered_again_when_it_changes() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        let draft = base.rsplit('/').next().unwrap();
        let kept =
            manager.post(&format!("{ROOT}/blocs"), &[("draft", draft), ("page", "votre-demande")]).await;
        let block = format!("{ROOT}/blocs/votre-demande");
        kept.leads_to(&block);
        let other = begun(&manager, "Emprunter un barnum").await;
        manager.post(&format!("{other}/pages"), &[("title", "Demande")]).await.is(303);
        let insert = [("block", "votre-demande"), ("page", "demande")];
        manager.post(&format!("{other}/blocs"), &insert).await.leads_to(&format!("{other}/pages/demande"));
        manager.get(&other).await.is_silent_about("Mettre à jour");
        let page = manager.get(&block).await;
        let text = page.between("name=\"text\"", "</textarea>");
        let text = text
            .split_once('>')
            .unwrap()
            .1
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("Usage", "Usage prévu");
        let revision = page.between("name=\"revision\" value=\"", "\"");
        let typed = [("revision", revision.as_str()), ("title", "Votre demande"), ("text", text.as_str())];
        manager.post(&block, &typed).await.leads_to(&format!("{ROOT}/blocs"));
        manager.post(&block, &typed).await.is(409);
        manager.get(&other).await.says("Mettre à jour");
        manager.post(&format!("{other}/blocs"), &[("update", "votre-demande")]).await.leads_to(&other);
        manager.get(&other).await.is_silent_about("Mettre à jour");
        manager.get(&format!("{other}/pages/demande")).await.says("Usage prévu");
    });
}
