//! What the State fills in: what a definition may ask of whom, and what conditions know of it.

use beffroi_core::{Channel, Lang};
use beffroi_forms::{Answers, CompiledForm, Environment, FetchSource, Fetched, NoReferences, Procedure};

const HEAD: &str = r#"
slug = "cantine"
version = 1
title = "Cantine"
summary = "Inscrire un enfant."
sector = "general"
who = "Les parents."
delay = "Un mois."
cost = "Gratuit."
outcome = "Une place."

[[form.page]]
id = "parent"
title = "Vous"
[[form.page.field]]
id = "parent"
kind = "identity"
birth = true
label = "Vous"
[[form.page.field]]
id = "sexe"
kind = "one-of"
label = "Sexe"
[[form.page.field.choice]]
value = "F"
label = "Féminin"
[[form.page.field.choice]]
value = "M"
label = "Masculin"

[[form.page]]
id = "ressources"
title = "Ressources"
[[form.page.field]]
id = "quotient"
kind = "number"
required = false
label = "Quotient familial"
"#;

const REST: &str = r#"
[[form.page.field]]
id = "attestation"
kind = "text"
label = "Attestation"
show = "quotient != null && !fetched_quotient"
"#;

fn compiled(fetch: &str, rest: &str) -> Result<CompiledForm, Vec<String>> {
    let procedure =
        Procedure::from_toml(&format!("{HEAD}{fetch}{rest}")).map_err(|error| vec![error.to_string()])?;
    let again = Procedure::from_toml(&procedure.to_toml().unwrap()).unwrap();
    assert_eq!(again, procedure, "a file is written as it was read");
    CompiledForm::compile(procedure).map_err(|problems| {
        let told = problems.into_iter().map(|it| {
            assert_ne!(it.flaw.text(Lang::Fr), it.message, "it is told in French, too");
            format!("{}: {}", it.at, it.message)
        });
        told.collect()
    })
}

const RIGHT: &str = r#"
[form.page.field.fetch]
source = "api-particulier/quotient-familial"
with = { identity = "parent", sex = "sexe" }
"#;

#[test]
fn an_answer_is_as_fetched_until_somebody_changes_it() {
    let form = compiled(RIGHT, REST).unwrap();
    let files = std::collections::HashMap::new();
    let asked = |answers: &Answers| {
        let environment = Environment {
            today: "2026-11-26".parse().unwrap(),
            channel: Channel::Online,
            references: &NoReferences,
            files: &files,
        };
        form.evaluate(answers, &environment).state("attestation").shown
    };
    let mut answers = Answers::from_pairs([("quotient", "700")]);
    assert!(asked(&answers), "what was typed is to be proved");
    let fetched = Fetched {
        source: FetchSource::FamilyQuotient,
        at: "2026-11-26T10:00:00Z".to_owned(),
        texts: [("quotient".to_owned(), "650".to_owned())].into(),
    };
    answers.fill(form.field("quotient").unwrap(), fetched);
    assert!(!asked(&answers), "the State said so");
    let kept: Answers = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
    assert!(!asked(&kept), "also after a break");
    answers.set("quotient", "400");
    assert!(asked(&answers), "it was changed");
    assert_eq!(answers.fetched().len(), 1, "and that something was fetched stays known");
    assert!(!asked(&Answers::default()), "nothing is to be proved of what is not said");
}

#[test]
fn what_a_source_lacks_is_told_with_its_place() {
    let at = "form.page[ressources].field[quotient].fetch";
    for (fetch, said) in [
        (r#"with = { sex = "sexe" }"#, "must be told `identity`"),
        (r#"with = { identity = "parent", sex = "parent" }"#, "`sex` is told by"),
        (r#"with = { identity = "personne", sex = "sexe" }"#, "no field `personne`"),
        (r#"with = { identity = "parent", sex = "sexe", age = "sexe" }"#, "is told no `age`"),
        (
            "with = { identity = \"parent\", sex = \"sexe\" }\nfills = { quotient = \"income\" }",
            "tells no `income`",
        ),
        (
            "with = { identity = \"parent\", sex = \"sexe\" }\nfills = { quotient = \"fund\" }",
            "`fund` goes into a text",
        ),
        (
            "with = { identity = \"parent\", sex = \"sexe\" }\nfills = { parent = \"quotient\" }",
            "no field `parent` stands on this page",
        ),
    ] {
        let fetch =
            format!("[form.page.field.fetch]\nsource = \"api-particulier/quotient-familial\"\n{fetch}\n");
        let told = compiled(&fetch, "").unwrap_err();
        assert!(told.iter().any(|line| line.starts_with(at) && line.contains(said)), "{fetch}: {told:?}");
    }
    let unknown = compiled("[form.page.field.fetch]\nsource = \"api-elsewhere\"\n", "").unwrap_err();
    assert!(unknown[0].contains("api-particulier/quotient-familial"), "{unknown:?}");
}

#[test]
fn two_sources_cannot_fill_one_field_and_nobody_takes_the_name_of_the_mark() {
    let twice = format!(
        "{RIGHT}\n[[form.page.field]]\nid = \"autre\"\nkind = \"text\"\nlabel = \"Autre\"\n{RIGHT}fills = {{ quotient = \"quotient\" }}\n"
    );
    assert!(compiled(&twice, "").unwrap_err().iter().any(|line| line.contains("from elsewhere already")));
    let taken = "[[form.page.field]]\nid = \"fetched_quotient\"\nkind = \"text\"\nlabel = \"Autre\"\n";
    assert!(
        compiled(RIGHT, taken).unwrap_err().iter().any(|line| line.contains("another field has this id"))
    );
}

#[test]
fn nothing_is_fetched_in_a_repeated_group() {
    let group = format!(
        "[[form.page.field]]\nid = \"enfants\"\nkind = \"group\"\nlabel = \"Enfants\"\n\
         [[form.page.field.field]]\nid = \"ecole\"\nkind = \"text\"\nlabel = \"École\"\n{}",
        RIGHT.replace("form.page.field.fetch", "form.page.field.field.fetch")
    );
    assert!(compiled("", &group).unwrap_err().iter().any(|line| line.contains("inside a repeated group")));
}
