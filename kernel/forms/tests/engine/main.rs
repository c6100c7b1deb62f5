//! The engine: what is asked, what is needed, what is right, whatever is typed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod fetch;
mod hostile;
mod properties;
mod steps;

use std::collections::HashMap;

use beffroi_core::{Channel, Lang};
use beffroi_forms::{Answers, CompiledForm, Disposal, Environment, Kind, NoReferences, Outcome, Procedure};
use serde_json::json;

/// A procedure with this form and nothing lacking beside it.
fn compiled(form: &str) -> CompiledForm {
    CompiledForm::compile(procedure(form)).unwrap()
}

fn procedure(form: &str) -> Procedure {
    let head = r#"
        slug = "essai"
        version = 1
        title = "Essai"
        summary = "Un essai."
        sector = "general"
        who = "Tout le monde."
        delay = "Un jour."
        cost = "Gratuit."
        outcome = "Rien."
        ways = ["counter"]
        [regime]
        silence = "none"
        basis = "Aucun texte"
        [contact]
        department = "accueil"
        [retention]
        months = 1
        then = "erase"
        basis = "Essai"
        [[legal_basis]]
        text = "Aucun texte"
    "#;
    Procedure::from_toml(&format!("{head}\n{form}")).unwrap()
}

fn judged(form: &CompiledForm, typed: &Answers) -> Outcome {
    let files = HashMap::new();
    let today = "2026-06-03".parse().unwrap();
    form.evaluate(
        typed,
        &Environment { today, channel: Channel::Online, references: &NoReferences, files: &files },
    )
}

fn pairs(form: &CompiledForm, typed: &[(&str, &str)]) -> Outcome {
    judged(form, &Answers::from_pairs(typed.iter().copied()))
}

fn paths(outcome: &Outcome) -> Vec<&str> {
    outcome.faults.iter().map(|fault| fault.path.as_str()).collect()
}

const HOUSEHOLD: &str = r#"
    [[form.page]]
    id = "foyer"
    title = "Le foyer"
    [[form.page.field]]
    id = "enfants_presents"
    kind = "yes-no"
    label = "Avez-vous des enfants ?"
    [[form.page.field]]
    id = "enfants"
    kind = "group"
    label = "Vos enfants"
    show = "enfants_presents"
    max_rows = 200
    [[form.page.field.field]]
    id = "prenom"
    kind = "text"
    label = "Prénom"
    [[form.page.field.field]]
    id = "age"
    kind = "number"
    label = "Âge"
    min = 0
    [[form.page.field.field]]
    id = "ecole"
    kind = "text"
    label = "École"
    show = "age >= 3"
    [[form.page.field.field]]
    id = "deux_fois"
    kind = "number"
    label = "Deux fois l’âge"
    compute = "age * 2"
    [[form.page.field]]
    id = "petits"
    kind = "number"
    label = "Enfants de moins de trois ans"
    compute = "size(enfants.filter(e, e.age < 3))"
    [[form.page]]
    id = "creche"
    title = "La crèche"
    show = "petits > 0"
    [[form.page.field]]
    id = "jours"
    kind = "many-of"
    label = "Jours"
    [[form.page.field.choice]]
    value = "lundi"
    label = "Lundi"
    [[form.page.field.choice]]
    value = "mardi"
    label = "Mardi"
    [[form.check]]
    field = "jours"
    when = "petits < 3 || size(jours) > 1"
    message = "Choisissez deux jours au moins."
"#;

#[test]
fn conditions_hold_in_rows_on_pages_and_over_rows() {
    let form = compiled(HOUSEHOLD);
    let outcome = pairs(
        &form,
        &[
            ("enfants_presents", "true"),
            ("enfants.0.prenom", "Léa"),
            ("enfants.0.age", "2"),
            ("enfants.0.ecole", "ignorée"),
            ("enfants.1.prenom", "Tom"),
            ("enfants.1.age", "7"),
            ("jours", "mardi"),
            ("jours", "lundi"),
        ],
    );
    assert_eq!(paths(&outcome), ["enfants.1.ecole"]);
    assert_eq!(outcome.answers.get("petits"), Some(&json!(1)));
    assert_eq!(outcome.answers.get("jours"), Some(&json!(["lundi", "mardi"])), "in the form’s order");
    let rows = outcome.answers.get("enfants").unwrap();
    assert_eq!(rows.get(0), Some(&json!({ "prenom": "Léa", "age": 2, "deux_fois": 4 })));
    assert_eq!(outcome.faults.first().unwrap().pointer(), "/enfants/1/ecole");
    assert_eq!(outcome.pages, [true, true]);
}

#[test]
fn what_is_unanswered_passes_for_nothing() {
    let form = compiled(HOUSEHOLD);
    let outcome = pairs(&form, &[]);
    assert_eq!(paths(&outcome), ["enfants_presents"]);
    assert_eq!(outcome.pages, [true, false], "a page whose condition cannot be told yet is not shown");
    let none = pairs(&form, &[("enfants_presents", "false"), ("enfants.0.prenom", "x")]);
    assert_eq!((paths(&none), none.answers.get("enfants")), (vec![], None));
    let empty = pairs(&form, &[("enfants_presents", "true")]);
    assert_eq!(paths(&empty), ["enfants"]);
}

#[test]
fn a_check_upon_the_whole_is_told_beside_its_field() {
    let form = compiled(HOUSEHOLD);
    let mut typed = vec![("enfants_presents", "true"), ("jours", "lundi")];
    let names: Vec<[String; 2]> =
        (0..3).map(|row| [format!("enfants.{row}.prenom"), format!("enfants.{row}.age")]).collect();
    for [name, age] in &names {
        typed.extend([(name.as_str(), "A"), (age.as_str(), "1")]);
    }
    let outcome = pairs(&form, &typed);
    let fault = outcome.faults.first().unwrap();
    assert_eq!(
        (fault.path.as_str(), fault.reason.text(Lang::Fr).as_str()),
        ("jours", "Choisissez deux jours au moins.")
    );
}

const KINDS: &str = r#"
    [[form.page]]
    id = "tout"
    title = "Tout"
    field = [
        { id = "texte", kind = "text", label = "Texte", max_chars = 5, required = false },
        { id = "courriel", kind = "email", label = "Courriel", required = false },
        { id = "telephone", kind = "phone", label = "Téléphone", required = false },
        { id = "entier", kind = "number", label = "Entier", min = 1, max = 9, required = false },
        { id = "decimal", kind = "number", decimals = 2, label = "Décimal", required = false },
        { id = "prix", kind = "money", label = "Prix", min_cents = 100, required = false },
        { id = "jour", kind = "date", label = "Jour", required = false },
        { id = "ne", kind = "date", birth = true, label = "Naissance", required = false },
        { id = "heure", kind = "time", label = "Heure", required = false },
        { id = "oui", kind = "yes-no", label = "Oui", required = false },
        { id = "siret", kind = "siret", label = "Siret", required = false },
        { id = "rna", kind = "rna", label = "RNA", required = false },
        { id = "iban", kind = "iban", label = "IBAN", required = false },
        { id = "lieu", kind = "point", label = "Lieu", required = false },
        { id = "qui", kind = "identity", birth = true, label = "Qui", required = false },
        { id = "adresse", kind = "address", label = "Adresse", required = false },
    ]
"#;

#[test]
fn each_kind_takes_what_people_write_and_refuses_what_makes_no_sense() {
    let form = compiled(KINDS);
    for (id, typed, kept) in [
        ("texte", "  a   b ", json!("a b")),
        ("courriel", "lea@example.org", json!("lea@example.org")),
        ("telephone", "04 65 71 12 34", json!("+33465711234")),
        ("entier", "7", json!(7)),
        ("decimal", "1 234,50", json!(1234.5)),
        ("prix", "12,50 €", json!(1250)),
        ("jour", "15/05/2026", json!("2026-05-15")),
        ("jour", "2026-05-15", json!("2026-05-15")),
        ("heure", "18h30", json!("18:30")),
        ("oui", "false", json!(false)),
        ("iban", "FR76 3000 6000 0112 3456 7890 189", json!("FR7630006000011234567890189")),
        ("adresse", "1 rue Haute", json!({ "line": "1 rue Haute", "key": "" })),
    ] {
        let outcome = pairs(&form, &[(id, typed)]);
        assert_eq!(paths(&outcome), Vec::<&str>::new(), "{id} {typed}");
        let found = outcome.answers.get(id).cloned().unwrap_or_default();
        let found = if id == "iban" { json!(found.as_str().unwrap().replace(' ', "")) } else { found };
        assert_eq!(found, kept, "{id} {typed}");
    }
    for (id, typed) in [
        ("texte", "abcdef"),
        ("courriel", "lea@example"),
        ("courriel", "lea"),
        ("telephone", "12"),
        ("entier", "10"),
        ("entier", "1,5"),
        ("decimal", "1,234"),
        ("prix", "0,50"),
        ("jour", "30/02/2026"),
        ("ne", "2026-06-04"),
        ("ne", "1700-01-01"),
        ("heure", "24:00"),
        ("oui", "peut-être"),
        ("siret", "73282932000075"),
        ("rna", "341002345"),
        ("iban", "FR7630006000011234567890188"),
        ("lieu-lat", "100"),
    ] {
        let outcome = pairs(&form, &[(id, typed)]);
        assert_eq!(outcome.faults.len(), 1, "{id} {typed}");
    }
}

#[test]
fn each_part_of_an_identity_has_its_own_message() {
    let form = compiled(KINDS);
    let outcome = pairs(
        &form,
        &[
            ("qui-given_names", "Léa"),
            ("qui-birth-day", "31"),
            ("qui-birth-month", "2"),
            ("qui-birth-year", "1990"),
        ],
    );
    assert_eq!(paths(&outcome), ["qui-family_name", "qui-birth_place", "qui-birth-day"]);
}

#[test]
fn a_wrong_file_says_where() {
    let text = procedure(KINDS).to_toml().unwrap();
    let error = Procedure::from_toml(&text.replacen("version", "verzion", 1)).unwrap_err().to_string();
    assert!(error.contains("line") && error.contains("verzion"), "{error}");
    let misfit = KINDS.replace("kind = \"email\", label", "kind = \"email\", max_rows = 3, label");
    let error = std::panic::catch_unwind(|| procedure(&misfit)).is_err();
    assert!(error, "a member that does not suit the kind is refused");
}

#[test]
fn what_is_wrong_with_a_form_is_told_with_its_place() {
    for (from, to, said) in [
        ("age >= 3", "age >= 'trois'", "cannot be applied"),
        ("age >= 3", "taille >= 3", "there is no answer `taille`"),
        ("show = \"enfants_presents\"", "show = \"petits > 0\"", "there is no answer `petits`"),
        ("compute = \"age * 2\"", "compute = \"prenom\"", "does not suit the kind"),
        ("id = \"jours\"", "id = \"age\"", "another field has this id"),
        ("show = \"petits > 0\"", "show = \"petits\"", "gives a whole number"),
    ] {
        let problems = CompiledForm::compile(procedure(&HOUSEHOLD.replacen(from, to, 1))).unwrap_err();
        assert!(problems.iter().any(|problem| problem.message.contains(said)), "{to}: {problems:?}");
        assert!(problems.iter().all(|problem| problem.at.starts_with("form.")), "{problems:?}");
    }
}

#[test]
fn a_body_of_another_shape_is_told_by_pointer() {
    let form = compiled(HOUSEHOLD);
    let body = json!({ "enfants": [{ "prenom": { "a": 1 } }, 3], "inconnu": 1 });
    let faults = Answers::from_json(&form.procedure().form, &body).unwrap_err();
    let at: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(at, ["/enfants/0/prenom", "/enfants/1", "/inconnu"]);
}

#[test]
fn the_law_lint_names_what_is_lacking() {
    let mut lacking = procedure(HOUSEHOLD);
    lacking.regime = None;
    lacking.contact = None;
    lacking.retention = None;
    lacking.legal_basis.clear();
    lacking.form.pages.first_mut().unwrap().fields.first_mut().unwrap().label = "*".into();
    let at: Vec<String> = lacking.check().into_iter().map(|found| found.at).collect();
    for wanted in
        ["regime", "contact", "retention", "legal_basis", "form.page[foyer].field[enfants_presents].label"]
    {
        assert!(at.iter().any(|found| found == wanted), "{wanted}: {at:?}");
    }
}

/// A procedure that leads elsewhere, but for where.
const LED: &str = r#"
        slug = "liste"
        version = 1
        title = "Liste"
        summary = "S’inscrire"
        sector = "general"
        who = "Les électeurs"
        delay = "Aucun"
        cost = "Gratuit"
        outcome = "Une inscription"
        contact = { department = "accueil" }
        legal_basis = [{ text = "Code électoral, article L11" }]
    "#;

#[test]
fn where_the_state_answers_nothing_is_asked_and_everybody_is_told_whom_to_ask() {
    let places = |file: &str| -> Vec<String> {
        Procedure::from_toml(file).unwrap().check().into_iter().map(|found| found.at).collect()
    };
    let led = |url: &str, otherwise: &str| {
        format!("{LED}[elsewhere]\nname = \"Le service\"\nurl = \"{url}\"\notherwise = \"{otherwise}\"\n")
    };
    assert_eq!(places(&led("https://service.example/", "À la mairie")), [""; 0]);
    assert_eq!(places(&led("http://service.example/", "")), ["elsewhere.url", "elsewhere.otherwise"]);
    let mut asking = Procedure::from_toml(&led("https://service.example/", "À la mairie")).unwrap();
    asking.form = procedure(HOUSEHOLD).form;
    assert_eq!(asking.check()[0].at, "form");
}

#[test]
fn what_is_sealed_asks_for_no_file_and_is_kept_from_a_day_that_was_asked() {
    let mut sealed = procedure(HOUSEHOLD);
    sealed.sealed = true;
    assert_eq!(sealed.check(), []);
    let mut archived = sealed.clone();
    archived.retention.as_mut().unwrap().then = Disposal::Archive;
    let told = archived.check();
    assert!(told.iter().any(|found| found.at == "retention.then"), "{told:?}");
    let group = sealed.form.pages[0].fields.iter_mut().find_map(|field| match &mut field.kind {
        Kind::Group { fields, .. } => fields.first_mut(),
        _ => None,
    });
    group.unwrap().kind = Kind::File { max_files: 1 };
    let told = sealed.check();
    assert!(told.iter().any(|found| found.message.contains("asks for no file")), "{told:?}");

    let mut kept = procedure(HOUSEHOLD);
    kept.retention.as_mut().unwrap().after = Some("enfants_presents".to_owned());
    assert_eq!(kept.check()[0].at, "retention.after");
}

const CHECKED: &str = r#"
    [[form.page]]
    id = "fete"
    title = "La fête"
    [[form.page.field]]
    id = "stands"
    kind = "group"
    label = "Les stands"
    max_rows = 50
    [[form.page.field.check]]
    when = "stands.all(s, s.surface <= 10)"
    message = "Un stand occupe 10 m² au plus."
    [[form.page.field.check]]
    when = "size(stands) <= 2"
    message = "Deux stands au plus."
    [[form.page.field.field]]
    id = "surface"
    kind = "number"
    label = "Surface"
    [[form.page.field.field]]
    id = "nom"
    kind = "text"
    label = "Nom"
    required = false
    [[form.page.field.field]]
    id = "prix"
    kind = "number"
    label = "Prix"
    compute = "surface * 3"
    [[form.page.field.field.check]]
    when = "prix < 100"
    message = "Trop cher."
    [[form.page.field]]
    id = "total"
    kind = "number"
    label = "Nombre de stands"
    compute = "size(stands)"
    [[form.page.field.check]]
    when = "total != 1"
    message = "Il en faut plus d’un."
    [[form.check]]
    field = "stands"
    when = "stands.exists(s, s.nom == 'Buvette')"
    message = "Il manque la buvette."
"#;

fn said(typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let outcome = pairs(&compiled(CHECKED), typed);
    outcome.faults.iter().map(|fault| (fault.path.clone(), fault.reason.text(Lang::Fr))).collect()
}

fn told(path: &str, message: &str) -> (String, String) {
    (path.to_owned(), message.to_owned())
}

#[test]
fn a_check_upon_the_rows_of_a_group_is_judged() {
    let two = [("stands.0.surface", "4"), ("stands.0.nom", "Buvette"), ("stands.1.surface", "5")];
    assert_eq!(said(&two), []);
    let wide = [("stands.0.surface", "11"), ("stands.0.nom", "Buvette"), ("stands.1.surface", "5")];
    assert_eq!(said(&wide), [told("stands", "Un stand occupe 10 m² au plus.")]);
    let three = [
        ("stands.0.surface", "1"),
        ("stands.1.surface", "1"),
        ("stands.2.surface", "1"),
        ("stands.2.nom", "Buvette"),
    ];
    assert_eq!(said(&three), [told("stands", "Deux stands au plus.")]);
}

#[test]
fn the_rows_together_are_judged_once_each_is_right() {
    let unsaid = [("stands.0.nom", "Buvette"), ("stands.1.surface", "5")];
    assert_eq!(said(&unsaid), [told("stands.0.surface", "Répondez à cette question.")]);
    let no_bar = [("stands.0.surface", "4"), ("stands.0.nom", "Loto"), ("stands.1.surface", "5")];
    assert_eq!(said(&no_bar), [told("stands", "Il manque la buvette.")]);
}

#[test]
fn a_check_upon_what_is_computed_is_judged_in_rows_too() {
    let one = [("stands.0.surface", "4"), ("stands.0.nom", "Buvette")];
    assert_eq!(said(&one), [told("total", "Il en faut plus d’un.")]);
    let dear = [("stands.0.surface", "40"), ("stands.0.nom", "Buvette"), ("stands.1.surface", "5")];
    assert_eq!(said(&dear), [told("stands.0.prix", "Trop cher.")]);
}

#[test]
fn where_an_answer_is_needed_a_group_has_a_row() {
    let rows = |required: &str, typed: &[(&str, &str)]| {
        let form = format!("max_rows = 50\n    min_rows = 0\n    required = {required}");
        let form = compiled(&CHECKED.split("[[form.check]]").next().unwrap().replace("max_rows = 50", &form));
        assert_eq!(
            form.json_schema(Lang::Fr)["properties"]["stands"]["minItems"],
            json!(u32::from(required == "true"))
        );
        let outcome = pairs(&form, typed);
        outcome.faults.iter().map(|fault| fault.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(rows("true", &[]), ["stands"]);
    assert_eq!(rows("true", &[("stands.0.surface", "4"), ("stands.1.surface", "4")]), [""; 0]);
    assert_eq!(rows("false", &[]), [""; 0]);
    assert_eq!(
        rows("false", &[("stands.0.nom", "Loto")]),
        ["stands.0.surface", "total"],
        "a row that is there is asked, and counted"
    );
}

#[test]
fn a_fault_in_a_part_points_into_the_answer() {
    let form = compiled(KINDS);
    let outcome = pairs(&form, &[("qui-given_names", "Léa")]);
    let at: Vec<String> = outcome.faults.iter().map(beffroi_forms::Fault::pointer).collect();
    assert_eq!(at, ["/qui/family_name", "/qui/birth_place", "/qui/birth_date"]);
}
