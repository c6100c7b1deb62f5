//! Steps: fields of agents judged by the same engine, conditions over all that is known, and what the check refuses.

use std::collections::HashMap;

use beffroi_core::{Channel, Lang};
use beffroi_forms::{Answers, CompiledForm, Environment, Known, NoReferences};
use serde_json::{Map, Value, json};

use crate::{compiled, procedure};

const FORM: &str = r#"
    [[form.page]]
    id = "p"
    title = "Page"
    [[form.page.field]]
    id = "lieu"
    kind = "text"
    label = "Lieu"
    [[form.page.field]]
    id = "surface"
    kind = "number"
    label = "Surface"
    required = false
"#;

const VISIT: &str = r#"
    [[step]]
    id = "visite-sur-place"
    label = "Visite"
    [[step.field]]
    id = "largeur"
    kind = "number"
    decimals = 1
    unit = "m"
    label = "Largeur"
    [[step.field.check]]
    when = "surface == null || largeur <= 10.0"
    message = "Trop large."
    [[step.field]]
    id = "motif"
    kind = "text"
    label = "Motif"
    show = "largeur < 1.4"
    [[step.action]]
    id = "avis"
    label = "Demander un avis"
    kind = "opinion"
    when = "visite_sur_place.largeur < 1.4"
    body = "Pompiers"
    within_days = 10
    share = ["lieu", "visite-sur-place.largeur"]
    text = "À {lieu}, {visite-sur-place.largeur} libres : cela suffit-il ?"
    [[step]]
    id = "arrete"
    label = "Arrêté"
    when = "visite_sur_place.largeur >= 1.4"
"#;

fn environment(files: &HashMap<String, beffroi_forms::FileInfo>) -> Environment<'_> {
    let today = "2026-06-03".parse().unwrap();
    Environment { today, channel: Channel::Counter, references: &NoReferences, files }
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn form() -> CompiledForm {
    compiled(&format!("{VISIT}{FORM}"))
}

#[test]
fn what_an_agent_fills_in_is_judged_as_the_answers_are() {
    let (form, files) = (form(), HashMap::new());
    let (answers, steps) = (map(json!({ "lieu": "rue Haute", "surface": 3 })), Map::new());
    let known = Known { answers: &answers, steps: &steps };
    let judge = |typed: &[(&str, &str)]| {
        let typed = Answers::from_pairs(typed.iter().copied());
        form.judge_step("visite-sur-place", &typed, known, &environment(&files)).unwrap()
    };
    assert_eq!(judge(&[]).faults.len(), 1, "the width is needed");
    let narrow = judge(&[("largeur", "1,2")]);
    assert_eq!(narrow.faults[0].path, "motif", "a narrow way needs a reason");
    let wide = judge(&[("largeur", "12")]);
    assert_eq!(wide.faults[0].path, "largeur", "checks see the answers");
    let right = judge(&[("largeur", "1,6"), ("motif", "caché")]);
    assert_eq!((right.answers, right.faults.len()), (map(json!({ "largeur": 1.6 })), 0));
    assert!(form.judge_step("arrete", &Answers::default(), known, &environment(&files)).is_none());
}

#[test]
fn conditions_and_texts_of_steps_see_all_that_is_known() {
    let (form, files) = (form(), HashMap::new());
    let answers = map(json!({ "lieu": "rue Haute" }));
    let offered = |steps: Value| {
        let steps = map(steps);
        let known = Known { answers: &answers, steps: &steps };
        let open = form.actions_open("visite-sur-place", known, &environment(&files));
        (form.steps_offered(known, &environment(&files)), open)
    };
    assert_eq!(offered(json!({})), (vec![true, false], vec![false]), "what is unknown is not true");
    assert_eq!(offered(json!({ "visite-sur-place": { "largeur": 2.0 } })), (vec![true, true], vec![false]));
    assert_eq!(offered(json!({ "visite-sur-place": { "largeur": 1.0 } })), (vec![true, false], vec![true]));
    let steps = map(json!({ "visite-sur-place": { "largeur": 1.5 } }));
    let known = Known { answers: &answers, steps: &steps };
    let text = "À {lieu}, {visite-sur-place.largeur} ; {surface}|{ailleurs.x} {";
    assert_eq!(form.fill_with(text, known, &NoReferences), "À rue Haute, 1,5\u{a0}m ; |{ailleurs.x} {");
}

/// What the check says of these steps, by place. Whoever builds a procedure reads it in French.
fn refused(steps: &str) -> Vec<String> {
    let checked = procedure(&format!("{steps}{FORM}")).check();
    for found in &checked {
        assert_ne!(found.flaw.text(Lang::Fr), found.flaw.text(Lang::En), "{}", found.at);
    }
    checked.into_iter().map(|found| found.at).collect()
}

#[test]
fn what_moves_by_itself_does_not_run_in_a_circle() {
    let step = |id: &str, to: &str, on: &str| {
        format!(
            "[[step]]\nid = \"{id}\"\nlabel = \"Étape\"\n[[step.action]]\nid = \"suite\"\nlabel = \"Suite\"\n\
             kind = \"move\"\nto = \"{to}\"\n{on}\n"
        )
    };
    let after = "on = \"time\"\nafter_days = 3";
    let circle = [step("a", "b", after), step("b", "c", "on = \"enter\""), step("c", "a", after)].concat();
    let told = refused(&circle);
    assert_eq!(told, ["step[a].action[suite].to", "step[b].action[suite].to", "step[c].action[suite].to"]);
    // A button in the circle is an agent's doing.
    let open = [step("a", "b", after), step("b", "c", "on = \"enter\""), step("c", "a", "")].concat();
    assert_eq!(refused(&open), Vec::<String>::new());
    let nowhere = [step("a", "z", after), step("b", "b", after)].concat();
    assert_eq!(
        refused(&nowhere),
        ["step[a].action[suite].to", "step[b].action[suite].to", "step[b].action[suite].to"]
    );
}

#[test]
fn every_step_can_be_reached_and_every_name_exists() {
    let lost = "[[step]]\nid = \"a\"\nlabel = \"A\"\nnext = [\"c\"]\n[[step]]\nid = \"b\"\nlabel = \"B\"\n\
                [[step]]\nid = \"c\"\nlabel = \"C\"\nnext = [\"decision\"]\n";
    assert_eq!(refused(lost), ["step[b]"]);
    assert_eq!(refused("[[step]]\nid = \"a\"\nlabel = \"A\"\nnext = [\"z\"]\n"), ["step[a].next"]);
    let action = |members: &str| {
        format!(
            "[[step]]\nid = \"a\"\nlabel = \"A\"\n[[step.action]]\nid = \"x\"\nlabel = \"X\"\n{members}\n"
        )
    };
    for (members, at) in [
        ("kind = \"message\"\ntext = \"Bonjour {nom}\"", "step[a].action[x].text"),
        ("kind = \"message\"", "step[a].action[x].text"),
        ("kind = \"message\"\ntext = \"Oui\"\nto = \"b\"", "step[a].action[x].to"),
        ("kind = \"message\"\ntext = \"Oui\"\nafter_days = 3", "step[a].action[x]"),
        ("kind = \"close\"\ntext = \"Oui\"\nby = [\"mail\"]", "step[a].action[x].by"),
        (
            "kind = \"message\"\ntext = \"Oui\"\non = \"time\"\nafter_days = 9000",
            "step[a].action[x].after_days",
        ),
        ("kind = \"opinion\"\ntext = \"Oui\"\nwithin_days = 3", "step[a].action[x]"),
        (
            "kind = \"opinion\"\ntext = \"Oui\"\nwithin_days = 3\nbody = \"B\"\nshare = [\"z\"]",
            "step[a].action[x].share",
        ),
        (
            "kind = \"opinion\"\ntext = \"Oui\"\nwithin_days = 3\nbody = \"B\"\non = \"enter\"",
            "step[a].action[x].email",
        ),
        ("kind = \"transfer-out\"\nbody = \"B\"\non = \"enter\"", "step[a].action[x].on"),
        ("kind = \"count\"\nlimit = \"l\"", "step[a].action[x].limit"),
        ("kind = \"webhook\"\nname = \"n\"\nwhen = \"surfaces > 3\"", "step[a].action[x].when"),
    ] {
        assert_eq!(refused(&action(members)), [at], "{members}");
    }
    let field = "[[step]]\nid = \"a\"\nlabel = \"A\"\n[[step.field]]\nid = \"lieu\"\nkind = \"text\"\nlabel = \"L\"\n";
    assert_eq!(refused(field), ["step[a].field[lieu]"], "an answer has this name");
}

#[test]
fn a_text_message_is_short_and_of_nothing_that_is_sealed() {
    let texted = |text: &str| {
        format!(
            "[[step]]\nid = \"a\"\nlabel = \"A\"\n[[step.action]]\nid = \"x\"\nlabel = \"X\"\n\
             kind = \"message\"\nby = [\"mail\", \"sms\"]\ntext = \"{text}\"\n"
        )
    };
    for (letter, fits) in [("a", 612), ("ê", 268)] {
        assert!(refused(&texted(&letter.repeat(fits))).is_empty(), "{letter}");
        assert_eq!(refused(&texted(&letter.repeat(fits + 1))), ["step[a].action[x].text"], "{letter}");
    }
    let mut sealed = procedure(&format!("{}{FORM}", texted("Prêt.")));
    let written = sealed.to_toml().unwrap();
    assert!(written.contains("by = [") && written.contains("\"sms\""), "{written}");
    sealed.sealed = true;
    assert!(sealed.check().iter().any(|found| found.at == "step[a].action[x].by"));
}

#[test]
fn a_step_as_it_was_before_is_written_as_it_was() {
    let old = "[[step]]\nid = \"avis\"\nlabel = \"Avis\"\n";
    let before = procedure(&format!("{old}{FORM}"));
    let written = before.to_toml().unwrap();
    assert!(written.contains("[[step]]\nid = \"avis\"\nlabel = \"Avis\"\n"), "{written}");
    assert!(!written.contains("action") && !written.contains("next"), "{written}");
    let full = procedure(&format!("{VISIT}{FORM}"));
    let again = beffroi_forms::Procedure::from_toml(&full.to_toml().unwrap()).unwrap();
    assert_eq!(again, full);
}
