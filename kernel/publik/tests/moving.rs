//! Forms of Publik become procedures: what was asked is asked, what was conditional is conditional, and what is not
//! taken over is told. The fictional form holds what the real ones do; the real ones are read where they lie.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::Path;

use beffroi_core::Channel;
use beffroi_forms::{Answers, CompiledForm, Environment, Kind, NoReferences, Outcome, Procedure};
use beffroi_publik::{BlockFile, Converted, Document, FormFile, WorkflowFile, convert, read};
use proptest::prelude::*;

const FORM: &str = include_str!("fixtures/form-salle-polyvalente.wcs");
const BLOCK: &str = include_str!("fixtures/block-responsables.wcs");
const WORKFLOW: &str = include_str!("fixtures/workflow-reservation-simple.wcs");

fn form(text: &str) -> FormFile {
    match read(text.as_bytes()).unwrap() {
        Document::Form(form) => form,
        other => panic!("{other:?}"),
    }
}

fn block(text: &str) -> BlockFile {
    match read(text.as_bytes()).unwrap() {
        Document::Block(block) => block,
        other => panic!("{other:?}"),
    }
}

fn workflow(text: &str) -> WorkflowFile {
    match read(text.as_bytes()).unwrap() {
        Document::Workflow(workflow) => workflow,
        other => panic!("{other:?}"),
    }
}

fn converted() -> Converted {
    convert(&form(FORM), &[block(BLOCK)], Some(&workflow(WORKFLOW))).unwrap()
}

/// Compiles it as it is, and as its file says it.
fn compiled(converted: &Converted) -> CompiledForm {
    let file = converted.procedure.to_toml().unwrap();
    let again = Procedure::from_toml(&file).unwrap();
    assert_eq!(again, converted.procedure, "the file says the same");
    CompiledForm::compile(again).unwrap_or_else(|problems| panic!("{problems:#?}\n{file}"))
}

fn judged(form: &CompiledForm, typed: &[(&str, &str)]) -> Outcome {
    let files = std::collections::HashMap::new();
    let today = "2026-11-26".parse().unwrap();
    let environment =
        Environment { today, channel: Channel::Counter, references: &NoReferences, files: &files };
    form.evaluate(&Answers::from_pairs(typed.iter().copied()), &environment)
}

fn told(converted: &Converted, path: &str, text: &str) -> bool {
    converted.remarks.iter().any(|remark| remark.path.contains(path) && remark.text.contains(text))
}

#[test]
fn every_question_is_kept_and_what_is_not_taken_over_is_told() {
    let converted = converted();
    compiled(&converted);
    // 25 fields of the form that ask, and 3 of its block.
    assert_eq!(converted.fields.found, converted.fields.kept);
    assert_eq!(converted.fields.found, 28);
    assert_eq!((converted.conditions.found, converted.conditions.kept), (12, 10), "{:#?}", converted.remarks);
    for (path, text) in [
        ("page[la-fete]", "add_working_days"),
        ("field[tot].show", "form_var_tard"),
        ("field[rue].prefill", "`_street`"),
        ("field[meteo]", "not taken over"),
        ("field[carte]", "kept in Publik"),
        ("field[prefs]", "ranked"),
        ("field[mdp]", "password"),
        ("field[planning]", "a text a column"),
        ("field[relief]", "`hologramme`"),
        ("limit", "only once"),
        ("sector", "choose"),
        ("regime", "to be completed"),
        ("retention", "to be completed"),
        ("contact", "to be completed"),
        ("legal_basis", "to be completed"),
        ("who", "to be completed"),
        ("step[avis-du-gardien]", "choice"),
        ("step", "form_var_nombre > 100"),
    ] {
        assert!(told(&converted, path, text), "{path}: {text}: {:#?}", converted.remarks);
    }
    assert!(!converted.procedure.check().is_empty(), "nothing is fit for publication by luck");
    assert_eq!(
        converted.procedure.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(),
        ["avis-du-gardien"]
    );
    assert_eq!(converted.procedure.summary.fr, "Pour les habitants et les associations de Valmarin.");
    assert_eq!(converted.procedure.keywords, ["salle", "fête", "vie locale"]);
}

#[test]
fn what_was_conditional_is_conditional_still() {
    let converted = converted();
    let form = compiled(&converted);
    let shown = |typed: &[(&str, &str)], path: &str| judged(&form, typed).state(path).shown;
    assert!(shown(&[("statut", "Une association")], "association"));
    assert!(shown(&[("statut", "Une Association de fait")], "association"), "whatever its letters");
    assert!(!shown(&[("statut", "Un habitant")], "association"));
    let sono = [("statut", "Un habitant"), ("materiel", "Sono"), ("nombre", "80")];
    assert!(shown(&sono, "pourquoi"));
    assert!(!shown(&[("statut", "Un habitant"), ("materiel", "Sono"), ("nombre", "8")], "pourquoi"));
    assert!(!shown(&[("statut", "Un habitant"), ("nombre", "80")], "pourquoi"), "nothing is chosen");
    assert!(!judged(&form, &[]).pages[1], "the page waits for the first one");
    assert!(judged(&form, &sono).pages[1]);
    let notes = |id: &str| form.field(id).and_then(|field| field.show.clone());
    assert!(
        form.procedure().form.pages[0].fields.iter().any(|field| field.show.as_deref() == Some("false")),
        "an empty announcement"
    );
    assert_eq!(notes("statut"), None);
    let rules = form.procedure().form.pages[0]
        .fields
        .iter()
        .find(|field| field.label.fr.contains("règlement"))
        .unwrap();
    assert_eq!(rules.show, None, "the option is set: the note is always there");
    assert!(rules.label.fr.contains("(https://valmarin.example/reglement)"));
    let wrong = |from: &str, to: &str| {
        let date = |id: &str, day: &str| {
            let parts: Vec<&str> = day.split('-').collect();
            [
                (format!("{id}-day"), parts[2].to_owned()),
                (format!("{id}-month"), parts[1].to_owned()),
                (format!("{id}-year"), parts[0].to_owned()),
            ]
        };
        let typed: Vec<(String, String)> = [("statut".to_owned(), "Un habitant".to_owned())]
            .into_iter()
            .chain(date("debut", from))
            .chain(date("fin", to))
            .collect();
        let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let outcome = judged(&form, &typed);
        let fault = outcome.faults.iter().find(|fault| fault.path == "debut");
        fault.map(|fault| fault.reason.text(beffroi_core::Lang::Fr))
    };
    assert_eq!(wrong("2027-01-10", "2027-01-09").as_deref(), Some("La fin vient avant le début."));
    assert_eq!(wrong("2026-12-01", "2026-12-02").as_deref(), Some("Il faut nous prévenir plus tôt."));
    assert_eq!(wrong("2026-11-20", "2026-12-20").as_deref(), Some("Indiquez une date à venir."));
    assert_eq!(wrong("2027-01-10", "2027-01-10"), None);
}

#[test]
fn blocks_become_groups_and_conditions_of_their_rows_stay_in_them() {
    let converted = converted();
    let form = compiled(&converted);
    let Kind::Group { fields, max_rows: 4, .. } = &form.field("responsables").unwrap().kind else { panic!() };
    assert_eq!(fields.len(), 3);
    let name = fields[0].id.clone();
    let typed = |majeur: &str| {
        vec![
            ("statut".to_owned(), "Un habitant".to_owned()),
            (format!("responsables.0.{name}"), "Peyron".to_owned()),
            ("responsables.0.majeur".to_owned(), majeur.to_owned()),
            (format!("responsables.1.{name}"), "Diop".to_owned()),
        ]
    };
    let shown = |majeur: &str, path: &str| {
        let typed = typed(majeur);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        judged(&form, &typed).state(path).shown
    };
    assert!(shown("false", "responsables.0.tuteur"));
    assert!(!shown("true", "responsables.0.tuteur"));
    assert!(shown("true", "cles"), "there are two of them");
    let without = convert(&self::form(FORM), &[], None).unwrap();
    compiled(&without);
    assert_eq!(without.fields.found, without.fields.kept);
    assert!(told(&without, "field[responsables]", "was not given"));
    assert!(told(&without, "step", "reservation-simple"));
}

/// Where the real ones lie; they are no part of the project.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/publik-forms");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("no samples at {}: only the fictional form is tried", folder.display());
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "wcs"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn real_forms_are_taken_over_field_by_field() {
    let samples = samples();
    let read: Vec<_> = samples.iter().map(|(name, bytes)| (name, read(bytes).unwrap())).collect();
    let blocks: Vec<BlockFile> = read
        .iter()
        .filter_map(|(_, document)| match document {
            Document::Block(block) => Some(block.clone()),
            _ => None,
        })
        .collect();
    let (mut fields, mut conditions) = ((0, 0), (0, 0));
    for (name, document) in &read {
        let Document::Form(form) = document else { continue };
        let workflow = read.iter().find_map(|(_, document)| match document {
            Document::Workflow(workflow) if workflow.goes_by(&form.workflow) => Some(workflow),
            _ => None,
        });
        let converted = convert(form, &blocks, workflow).unwrap();
        compiled(&converted);
        let of = |count: beffroi_publik::Count| (count.kept, count.found);
        eprintln!("{name}: fields {:?}, conditions {:?}", of(converted.fields), of(converted.conditions));
        fields = (fields.0 + converted.fields.kept, fields.1 + converted.fields.found);
        conditions = (conditions.0 + converted.conditions.kept, conditions.1 + converted.conditions.found);
    }
    if !samples.is_empty() {
        assert!(fields.0 * 100 >= fields.1 * 95, "fields: {fields:?}");
        assert!(conditions.0 * 100 >= conditions.1 * 80, "conditions: {conditions:?}");
    }
}

/// Whatever is read is either refused, or becomes a procedure whose form compiles.
fn survives(bytes: &[u8]) {
    if let Ok(Document::Form(form)) = read(bytes) {
        compiled(&convert(&form, &[block(BLOCK)], Some(&workflow(WORKFLOW))).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_file_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
    }

    #[test]
    fn nor_does_a_form_whose_letters_were_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..40), 1..12),
    ) {
        // A piece of the file is put in the place of another: tags, conditions and names go astray.
        let mut text: Vec<char> = FORM.chars().collect();
        for (from, to, length) in changes {
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            let piece: Vec<char> = text.iter().skip(from).take(length).copied().collect();
            let end = (to + length).min(text.len());
            text.splice(to..end, piece);
        }
        survives(text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn nor_do_conditions_of_any_words(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "form_var_statut", "form_var_nombre", "form_var_debut", "form_var_materiel", "form_var_alcool", "form_var_responsables",
                "form_var_responsables_0_nom", "form_var_licence", "form_option_delai", "today", "and", "or", "not", "in", "==", "!=", "&lt;", "&gt;=",
                "\"Sono\"", "'Un habitant'", "15", "2.5", "None", "True", "form_var_statut|lower", "form_var_nombre|add:2", "form_var_debut|add_days:form_option_delai",
                "form_var_materiel|length", "form_var_debut|age_in_years",
            ]),
            1..9,
        ),
    ) {
        let condition = words.join(" ");
        let text = FORM.replace("form_var_tard == \"Oui\"", &condition);
        prop_assert!(text.contains(&condition));
        survives(text.as_bytes());
    }
}
