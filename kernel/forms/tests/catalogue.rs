//! The procedures that every commune may start from: complete, lawful, and judged as the law says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;

use beffroi_core::{Channel, Day, Lang};
use beffroi_forms::{
    Answers, CompiledForm, Environment, Field, FileInfo, Kind, Limit, NoReferences, Outcome, Period,
    Procedure,
};
use serde_json::{Value, json};

const TODAY: &str = "2026-06-03";

fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn form(slug: &str) -> CompiledForm {
    let found = files().into_iter().map(|(_, text)| Procedure::from_toml(&text).unwrap());
    CompiledForm::compile(found.into_iter().find(|procedure| procedure.slug == slug).unwrap()).unwrap()
}

fn judged(form: &CompiledForm, answers: &Value, channel: Channel) -> Outcome {
    let paper = FileInfo { name: "plan.pdf".to_owned(), bytes: 1_000 };
    let files = HashMap::from([("d1".to_owned(), paper)]);
    let today: Day = TODAY.parse().unwrap();
    let environment = Environment { today, channel, references: &NoReferences, files: &files };
    let typed = Answers::from_json(&form.procedure().form, answers).unwrap();
    form.evaluate(&typed, &environment)
}

fn said(outcome: &Outcome) -> Vec<(String, String)> {
    outcome.faults.iter().map(|fault| (fault.path.clone(), fault.reason.text(Lang::Fr))).collect()
}

fn with(mut answers: Value, changes: Value) -> Value {
    if let (Some(members), Value::Object(changes)) = (answers.as_object_mut(), changes) {
        members.extend(changes);
    }
    answers
}

#[test]
fn steps_have_names_and_are_told_apart() {
    let mut procedure = form("occupation-domaine-public").procedure().clone();
    assert_eq!(procedure.check(), []);
    procedure.steps.truncate(2);
    procedure.steps[1].id = "avis".to_owned();
    for step in &mut procedure.steps {
        (step.next, step.fields, step.actions, step.when) = Default::default();
    }
    procedure.steps[0].label.fr = String::new();
    let at: Vec<_> = procedure.check().into_iter().map(|finding| finding.at).collect();
    assert_eq!(at, ["step[avis].label", "step[avis].id"]);
}

#[test]
fn limits_have_names_and_are_told_apart() {
    let mut procedure = form("debit-de-boissons-temporaire").procedure().clone();
    procedure.limits[1].id = "manifestation".to_owned();
    let again: Vec<_> = procedure.check().into_iter().map(|finding| finding.at).collect();
    procedure.limits[0].id = String::new();
    let none: Vec<_> = procedure.check().into_iter().map(|finding| finding.at).collect();
    assert_eq!((again, none), (vec!["limit[1].id".to_owned()], vec!["limit[0].id".to_owned()]));
}

#[test]
fn a_limit_counts_whom_it_can_tell_apart_over_a_time_that_ends() {
    let flawed = |who: &str, day: &str, per: Period| {
        let mut procedure = form("acte-de-naissance").procedure().clone();
        procedure.limits = vec![Limit {
            id: "une".to_owned(),
            who: who.to_owned(),
            day: day.to_owned(),
            per,
            when: None,
            at_most: "1".to_owned(),
            message: "Déjà demandé.".into(),
        }];
        procedure.check().into_iter().map(|finding| finding.message).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(flawed("personne", "", Period::Ever), "");
    assert!(flawed("demandeur", "", Period::Ever).contains("`demandeur` is not"), "its birth is not asked");
    assert!(flawed("personne", "", Period::Month).contains("`` is not"));
    assert!(flawed("personne", "courriel", Period::Days(0)).contains("3 660"));
}

#[test]
fn nothing_stands_against_publication() {
    for (path, text) in files() {
        let procedure = Procedure::from_toml(&text).unwrap();
        assert_eq!(procedure.check(), [], "{path}");
        let again = Procedure::from_toml(&procedure.to_toml().unwrap()).unwrap();
        assert_eq!(again, procedure, "{path}");
    }
    assert!(!files().is_empty());
}

#[test]
fn the_public_side_is_complete_in_english() {
    for (path, text) in files() {
        let procedure = Procedure::from_toml(&text).unwrap();
        let head = [
            &procedure.title,
            &procedure.summary,
            &procedure.who,
            &procedure.delay,
            &procedure.cost,
            &procedure.outcome,
        ];
        for text in head.into_iter().chain(&procedure.prepare) {
            assert!(text.en.is_some(), "{path}: {}", text.fr);
        }
        for page in &procedure.form.pages {
            assert!(page.title.en.is_some(), "{path}: {}", page.title.fr);
            assert!(page.intro.is_empty() || page.intro.en.is_some(), "{path}: {}", page.intro.fr);
            for field in &page.fields {
                reads_in_english(&path, field);
            }
        }
    }
}

fn reads_in_english(path: &str, field: &Field) {
    let mut texts = vec![&field.label, &field.hint];
    texts.extend(field.checks.iter().map(|check| &check.message));
    match &field.kind {
        Kind::OneOf { choices } | Kind::ManyOf { choices, .. } | Kind::List { choices, .. } => {
            texts.extend(choices.iter().flat_map(|choice| [&choice.label, &choice.hint]));
        }
        Kind::Group { fields, row, .. } => {
            texts.push(row);
            for field in fields {
                reads_in_english(path, field);
            }
        }
        _ => {}
    }
    for text in texts {
        assert!(text.is_empty() || text.en.is_some(), "{path}: {}", text.fr);
    }
}

#[test]
fn each_schema_is_one_and_takes_good_answers() {
    for (path, text) in files() {
        let form = CompiledForm::compile(Procedure::from_toml(&text).unwrap()).unwrap();
        assert!(jsonschema::meta::is_valid(&form.json_schema(Lang::Fr)), "{path}");
    }
    for (slug, answers) in [
        ("acte-de-naissance", birth()),
        ("occupation-domaine-public", removal()),
        ("debit-de-boissons-temporaire", bar()),
    ] {
        let schema = form(slug).json_schema(Lang::Fr);
        assert!(jsonschema::meta::is_valid(&schema), "{slug}");
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&answers).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{slug}");
        assert_eq!(said(&judged(&form(slug), &answers, Channel::Counter)), [], "{slug}");
    }
}

fn birth() -> Value {
    json!({
        "lieu": "ici", "document": "copie", "copies": 1, "remise": "poste", "lien": "elle-meme", "attestation": true,
        "personne": { "family_name": "Teissier", "given_names": "Anaïs", "birth_date": "1990-02-04", "birth_place": "Lunel" },
        "parent_1": { "family_name": "Teissier", "given_names": "Rosa" },
        "demandeur": { "family_name": "Teissier", "given_names": "Anaïs" },
        "adresse": { "line": "4 rue du Jasmin, 34400 Lunel" },
        "courriel": "anais@example.org",
    })
}

fn removal() -> Value {
    json!({
        "objet": "demenagement", "circulation": false, "lieu": { "line": "3 rue Haute, 34400 Lunel" }, "surface": 20.5,
        "debut": "2026-06-20", "fin": "2026-06-20", "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": { "line": "3 rue Haute, 34400 Lunel" }, "courriel": "gaspard@example.org",
        "telephone": "+33465711234", "engagement": true,
    })
}

fn bar() -> Value {
    json!({
        "association": "Boule des Platanes", "rna": "W341002345", "cadre": "manifestation", "manifestation": "Loto",
        "lieu": { "line": "1 place des Platanes, 34400 Lunel" }, "debut": "2026-07-04", "heure_debut": "17:00",
        "fin": "2026-07-04", "heure_fin": "23:30", "boissons": ["1", "3"], "public": 120,
        "demandeur": { "family_name": "Galtier", "given_names": "Karim" }, "fonction": "président",
        "adresse": { "line": "1 place des Platanes, 34400 Lunel" }, "courriel": "karim@example.org",
        "telephone": "+33465711234", "engagement": true,
    })
}

#[test]
fn a_copy_is_for_close_relatives_and_an_extract_for_everybody() {
    let form = form("acte-de-naissance");
    let stranger = with(birth(), json!({ "lien": "autre" }));
    let faults = said(&judged(&form, &stranger, Channel::Counter));
    assert!(
        matches!(faults.as_slice(), [(path, text)] if path == "lien" && text.contains("réserve")),
        "{faults:?}"
    );
    let extract = json!({ "document": "sans-filiation", "lien": "autre" });
    assert_eq!(said(&judged(&form, &with(birth(), extract), Channel::Counter)), []);
    // Acts of more than 75 years are open to all (Code du patrimoine, art. L213-2).
    let old = json!({ "family_name": "Teissier", "given_names": "Rosa", "birth_date": "1931-01-01", "birth_place": "Lunel" });
    let old = with(birth(), json!({ "lien": "autre", "personne": old }));
    assert_eq!(said(&judged(&form, &old, Channel::Counter)), []);
    let child = json!({ "family_name": "Teissier", "given_names": "Léo", "birth_date": "2015-01-01", "birth_place": "Lunel" });
    let faults = said(&judged(&form, &with(birth(), json!({ "personne": child })), Channel::Counter));
    assert!(matches!(faults.as_slice(), [(path, _)] if path == "lien"), "{faults:?}");
}

#[test]
fn the_names_of_parents_are_asked_only_where_they_serve() {
    let form = form("acte-de-naissance");
    let mut answers = birth();
    answers.as_object_mut().unwrap().remove("parent_1");
    let faults = said(&judged(&form, &answers, Channel::Counter));
    assert!(matches!(faults.as_slice(), [(path, _)] if path == "parent_1-family_name"), "{faults:?}");
    let extract = with(answers, json!({ "document": "sans-filiation" }));
    let outcome = judged(&form, &extract, Channel::Counter);
    assert_eq!(said(&outcome), []);
    assert_eq!(outcome.pages, [true, false, true, true]);
}

#[test]
fn what_was_answered_to_a_question_no_longer_asked_is_not_kept() {
    let form = form("acte-de-naissance");
    let extract = with(birth(), json!({ "document": "sans-filiation" }));
    let outcome = judged(&form, &extract, Channel::Counter);
    assert!(!outcome.answers.contains_key("parent_1"));
}

#[test]
fn online_the_papers_are_asked_for_and_at_the_counter_they_are_looked_at() {
    let form = form("occupation-domaine-public");
    let skip = with(removal(), json!({ "objet": "benne" }));
    let mut skip = skip;
    for hour in ["heure_debut", "heure_fin"] {
        skip.as_object_mut().unwrap().remove(hour);
    }
    assert_eq!(said(&judged(&form, &skip, Channel::Counter)), []);
    for alone in [Channel::Online, Channel::Api] {
        let faults = said(&judged(&form, &skip, alone));
        assert!(matches!(faults.as_slice(), [(path, _)] if path == "plan"), "{faults:?}");
    }
    assert_eq!(said(&judged(&form, &with(skip, json!({ "plan": ["d1"] })), Channel::Online)), []);
}

#[test]
fn what_must_be_given_online_is_expected_at_every_other_door() {
    let form = form("occupation-domaine-public");
    let hours = json!({ "objet": "terrasse", "ancrage": false });
    let terrace = with(removal(), hours);
    for door in [Channel::Counter, Channel::Phone, Channel::Paper, Channel::Email] {
        let outcome = judged(&form, &terrace, door);
        assert_eq!(said(&outcome), []);
        assert_eq!(outcome.expected_files, ["plan", "assurance"], "{door:?}");
        let given = judged(&form, &with(terrace.clone(), json!({ "plan": ["d1"] })), door);
        assert_eq!(given.expected_files, ["assurance"], "{door:?}");
        // A removal needs no plan, and nobody asks it for an insurance.
        assert!(judged(&form, &removal(), door).expected_files.is_empty());
    }
    // Online it is a fault, and nothing to come later.
    let online = judged(&form, &terrace, Channel::Online);
    assert_eq!(said(&online).len(), 2);
    assert!(online.expected_files.is_empty());
}

#[test]
fn days_must_be_in_order_and_to_come() {
    let form = form("occupation-domaine-public");
    for (changes, path) in [
        (json!({ "debut": "2026-06-01" }), "debut"),
        (json!({ "fin": "2026-06-19" }), "fin"),
        (json!({ "fin": "2027-12-31" }), "fin"),
        (json!({ "heure_fin": "07:00" }), "heure_fin"),
        (json!({ "surface": 0.1 }), "surface"),
    ] {
        let faults = said(&judged(&form, &with(removal(), changes.clone()), Channel::Counter));
        assert!(faults.iter().any(|(at, _)| at == path), "{changes}: {faults:?}");
    }
    assert!(
        said(&judged(&form, &with(removal(), json!({ "debut": "2026-06-17" })), Channel::Api))
            .iter()
            .any(|(_, text)| text.contains("appelez le service"))
    );
    // As the sheet says: fifteen days ahead.
    assert!(form.procedure().delay.fr.contains("quinze jours avant"));
    let in_time = with(removal(), json!({ "debut": "2026-06-18" }));
    assert_eq!(said(&judged(&form, &in_time, Channel::Online)), []);
}

#[test]
fn a_company_gives_its_number_and_a_person_none() {
    let form = form("occupation-domaine-public");
    let company = with(removal(), json!({ "statut": "entreprise" }));
    let faults: Vec<String> =
        said(&judged(&form, &company, Channel::Counter)).into_iter().map(|(path, _)| path).collect();
    assert_eq!(faults, ["siret", "organisme"]);
    let named = with(company, json!({ "organisme": "Bennes du Sud", "siret": "732 829 320 00074" }));
    let outcome = judged(&form, &named, Channel::Counter);
    assert_eq!(said(&outcome), []);
    assert_eq!(outcome.answers.get("siret"), Some(&json!("73282932000074")));
}

#[test]
fn a_bar_counts_for_its_association_and_year_five_times_or_ten_for_sport() {
    let form = form("debit-de-boissons-temporaire");
    let outcome = judged(&form, &bar(), Channel::Counter);
    let limit = outcome.limits.first().unwrap();
    assert_eq!((limit.id.as_str(), limit.who.as_str()), ("manifestation", "W341002345"));
    assert_eq!((limit.per.told(limit.on).as_str(), limit.at_most), ("2026", 5));
    let sport = judged(&form, &with(bar(), json!({ "cadre": "sport" })), Channel::Counter);
    let (limit, more) = (sport.limits.first().unwrap(), sport.limits.get(1));
    assert_eq!((limit.id.as_str(), limit.at_most, more), ("sport", 10, None), "sport is counted apart");
}

#[test]
fn a_sports_bar_lasts_48_hours_at_most() {
    let form = form("debit-de-boissons-temporaire");
    let sport =
        |fin: &str, heure: &str| with(bar(), json!({ "cadre": "sport", "fin": fin, "heure_fin": heure }));
    assert_eq!(said(&judged(&form, &sport("2026-07-06", "17:00"), Channel::Counter)), []);
    let faults = said(&judged(&form, &sport("2026-07-06", "17:05"), Channel::Counter));
    assert!(matches!(faults.as_slice(), [(path, _)] if path == "heure_fin"), "{faults:?}");
    let party = with(bar(), json!({ "fin": "2026-07-06", "heure_fin": "17:05" }));
    assert_eq!(said(&judged(&form, &party, Channel::Counter)), []);
}

#[test]
fn what_the_state_knows_of_a_company_or_a_family_is_offered_and_may_be_typed() {
    for (slug, bearer, filled) in [
        ("occupation-domaine-public", "siret", ["adresse", "organisme"]),
        ("vente-au-deballage", "siret", ["adresse", "organisme"]),
        ("restauration-et-periscolaire", "quotient", ["caisse", "quotient"]),
    ] {
        let form = form(slug);
        let fetch = form.field(bearer).unwrap().fetch.as_ref().unwrap();
        let mut names: Vec<&str> = fetch.filled(bearer).into_iter().map(|(field, _)| field).collect();
        names.sort_unstable();
        assert_eq!(names, filled, "{slug}");
        assert!(names.iter().all(|name| form.field(name).unwrap().compute.is_none()), "{slug}");
    }
}
