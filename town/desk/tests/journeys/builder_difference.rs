//! What two versions say differently is told in words, whatever it is: each member of a definition is changed by itself.

use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use serde_json::{Value, json};

use crate::{
    browser::{Hall, journey},
    builder::{ROOT, TOWN},
};

/// A definition with something of everything; whether it is right does not matter here.
const RICH: &str = r#"
slug = "ecrire-a-la-mairie"
version = 1
title = { fr = "Titre", en = "Title", plain = "Nom" }
summary = { fr = "Résumé", en = "Summary" }
sector = "general"
keywords = ["un", "deux"]
life_events = ["travaux", "naissance"]
who = { fr = "Tous", en = "Everybody" }
prepare = [{ fr = "Un plan", en = "A map" }, "Un devis"]
delay = "Une semaine"
cost = "12 €"
outcome = "Une réponse"
ways = ["online", "counter"]
sealed = true
opens = "2026-01-01"
closes = "2026-02-01"

[elsewhere]
name = { fr = "Service", en = "Service" }
url = "https://service.example"
otherwise = { fr = "La mairie", en = "The town hall" }

[sign_in]
level = "account"
why = { fr = "Pour vous reconnaître.", en = "To know you." }

[booking]
at = "/salles"
answers = { nom = "name", jour = "day", copies = "people" }

[booking.price]
applicant = "genre"
kinds = { a = "person", b = "company" }
resident = "suite"
body = ["ville", "nom"]

[loan]
group = "enfants"
what = "genre"
count = "age"
from = "jour"
until = "jour"

[fee]
amount_cents = 1200
on = "filing"
deliberation = "Délibération du 12 mars"

[regime]
silence = "none"
term = "2m"
basis = "CRPA"
receipt = { not-due = { fr = "Un signalement", en = "A report" } }
first_appeal = { fr = "Recours", en = "Appeal" }
days_for_pieces = 12

[acknowledgement]
closing = { fr = "La suite", en = "What comes next" }

[contact]
department = "accueil"

[retention]
months = 12
after = "jour"
then = "erase"
basis = "Règle"

[decision]
formal = true
title = "Arrêté"
visas = ["le code", "la loi"]
granted = ["Oui.", "Merci."]
refused = ["Non.", "Pardon."]
closing = "Salutations."
[[decision.article]]
title = "Article un"
text = "Décide"
[[decision.article]]
title = "Article deux"
text = "Exécute"

[[legal_basis]]
text = "Code"
url = "https://code.example"
[[legal_basis]]
text = "Loi"
"#;

const STEPS: &str = r#"
[[step]]
id = "visite"
label = { fr = "Visite", en = "Visit" }
department = "domaine-public"
role = "agent"
when = "jour != null"
days = 5
next = ["avis", "decision"]
[[step.field]]
id = "constat"
kind = "text"
label = "Constat"
required = "jour != null"
[[step.field.check]]
when = "constat != ''"
message = "Dites-le."
[[step.field]]
id = "suite"
kind = "yes-no"
label = "Suite"
[[step.action]]
id = "relance"
label = { fr = "Relance", en = "Reminder" }
kind = "message"
on = "time"
when = "visite.suite"
after_days = 3
title = "Titre"
template = "permit"
text = "Texte"
department = "accueil"
body = "Préfecture"
email = "a@b.example"
share = ["jour", "visite.constat"]
within_days = 4
to = "avis"
limit = "un"
name = "nom"
[[step.action]]
id = "silence"
label = "Silence"
kind = "task"
on = "time"
before_deemed_days = 3
[[step]]
id = "avis"
label = "Avis"
"#;

const FORM: &str = r#"
[[limit]]
id = "un"
who = "nom"
day = "jour"
per = "year"
when = "copies > 1"
at_most = "2"
message = { fr = "Trop", en = "Too many" }
[[limit]]
id = "deux"
who = "nom"
day = "jour"
per = "year"
at_most = "3"
message = "Trop encore"

[[form.check]]
when = "copies > 0"
message = { fr = "Une au moins", en = "One at least" }
field = "copies"

[[form.page]]
id = "demande"
title = { fr = "Demande", en = "Request" }
intro = { fr = "Bonjour", en = "Hello" }
show = "self_service"
[[form.page.field]]
id = "nom"
kind = "text"
label = { fr = "Nom", en = "Name", plain = "Votre nom" }
hint = { fr = "Le vôtre", en = "Yours" }
max_chars = 100
prefill = "name"
beneficiary = true
block = { name = "vous", revision = 2, field = "nom" }
[[form.page.field.check]]
when = "nom != ''"
message = { fr = "Dites-le", en = "Say it" }
[[form.page.field.check]]
when = "nom != 'x'"
message = "Pas x"
[[form.page.field]]
id = "copies"
kind = "number"
label = "Copies"
required = "self_service"
show = "nom != ''"
decimals = 1
min = 1.0
max = 9.0
unit = { fr = "feuilles", en = "sheets" }
[form.page.field.fetch]
source = "api-particulier/quotient-familial"
with = { identity = "nom" }
fills = { copies = "quotient" }
[[form.page.field]]
id = "total"
kind = "money"
label = "Total"
compute = "300"
min_cents = 100
max_cents = 900
[[form.page.field]]
id = "jour"
kind = "date"
label = "Jour"
birth = true
required = false
[[form.page.field]]
id = "genre"
kind = "many-of"
label = "Genre"
max_choices = 2
[[form.page.field.choice]]
value = "a"
label = { fr = "A", en = "A" }
hint = { fr = "La première", en = "The first" }
[[form.page.field.choice]]
value = "b"
label = "B"
[[form.page]]
id = "suite"
title = "Suite"
[[form.page.field]]
id = "ville"
kind = "list"
label = "Ville"
from = "communes"
[[form.page.field]]
id = "papiers"
kind = "file"
label = "Papiers"
max_files = 3
[[form.page.field]]
id = "enfants"
kind = "group"
label = "Enfants"
min_rows = 1
max_rows = 4
row = { fr = "Enfant", en = "Child" }
[[form.page.field.field]]
id = "prenom"
kind = "text"
label = "Prénom"
[[form.page.field.field]]
id = "age"
kind = "number"
label = "Âge"
"#;

/// Other values of one, of which the first that can be read is taken.
fn others(value: &Value) -> Vec<Value> {
    const WORDS: [&str; 19] = [
        "2026-01-15",
        "3m",
        "grants",
        "archive",
        "counter",
        "head",
        "enter",
        "message",
        "eidas1",
        "school-family",
        "countries",
        "email",
        "yes-no",
        "number",
        "opinion",
        "leave",
        "name",
        "api-entreprise/association",
        "x",
    ];
    match value {
        Value::String(text) => std::iter::once(format!("{text} x"))
            .chain(WORDS.map(str::to_owned))
            .filter(|word| word != text)
            .map(Value::from)
            .collect(),
        Value::Bool(truth) => vec![json!(!truth)],
        Value::Number(number) if number.is_f64() => vec![json!(number.as_f64().unwrap() + 1.0)],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1)],
        Value::Array(items) if items.len() > 1 => vec![items.iter().rev().cloned().collect()],
        _ => Vec::new(),
    }
}

/// Where everything stands, and what tables may be left out.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(rank, inner)| places(inner, &format!("{at}/{rank}"), found));
        }
        _ => {}
    }
}

/// The definition without what stands at a place.
fn without(whole: &Value, at: &str) -> Option<Value> {
    let (parent, name) = at.rsplit_once('/')?;
    let mut less = whole.clone();
    match less.pointer_mut(parent)? {
        Value::Object(members) => drop(members.remove(name)?),
        Value::Array(items) => drop(items.remove(name.parse().ok()?)),
        _ => return None,
    }
    Some(less)
}

/// The definition changed in one thing, in each way that can be read: where, and what comes of it.
fn changed(whole: &Procedure) -> Vec<(String, Procedure)> {
    let value = serde_json::to_value(whole).unwrap();
    let mut found = Vec::new();
    places(&value, "", &mut found);
    let mut changed = Vec::new();
    for at in found {
        let here = value.pointer(&at).unwrap();
        let others = others(here).into_iter().map(|other| {
            let mut next = value.clone();
            *next.pointer_mut(&at).unwrap() = other;
            next
        });
        let read = |next: Value| serde_json::from_value::<Procedure>(next).ok().filter(|next| next != whole);
        changed.extend(others.filter_map(read).take(1).map(|next| (at.clone(), next)));
        changed.extend(without(&value, &at).and_then(read).map(|next| (format!("{at} left out"), next)));
    }
    changed
}

/// Compares a definition with each of its changes, and tells those of which no word is said.
fn told(parts: &[&str], ignored: &[&str]) {
    let whole = Procedure::from_toml(&parts.concat()).unwrap();
    let mut changes = changed(&whole);
    changes.retain(|(at, _)| !ignored.iter().any(|ignored| at.starts_with(ignored)));
    // A browser may only ask for so many pages at once.
    assert!((50..450).contains(&changes.len()), "{}", changes.len());
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let offered = format!("{ROOT}/offertes/ecrire-a-la-mairie");
        let base = manager.post(&format!("{offered}/brouillon"), &[]).await.location;
        let publish = "UPDATE desk_procedure SET definition = $1 WHERE slug = 'ecrire-a-la-mairie'";
        hall.execute(publish, &whole.to_toml().unwrap()).await;
        let mut silent = Vec::new();
        for (at, next) in &changes {
            hall.execute("UPDATE desk_workshop SET definition = $1", &next.to_toml().unwrap()).await;
            let page = manager.get(&format!("{base}/differences")).await;
            page.is(200).says("Lignes du fichier qui changent");
            if !page.body.contains("class=\"builder-list__item\"") {
                silent.push(at.clone());
            }
        }
        assert_eq!(silent, Vec::<String>::new(), "nothing is said of these");
        hall.execute("UPDATE desk_workshop SET definition = $1", &whole.to_toml().unwrap()).await;
        manager.get(&format!("{base}/differences")).await.says("Rien n’a changé.");
    });
}

#[test]
fn every_member_of_the_head_is_compared() {
    told(&[RICH], &["/version", "/form", "/ways", "/slug left out"]);
}

#[test]
fn every_member_of_the_steps_is_compared() {
    told(&[HEAD, STEPS], OF_HEAD);
}

#[test]
fn every_member_of_the_form_is_compared() {
    told(&[HEAD, FORM], OF_HEAD);
}

/// What every definition must say.
const HEAD: &str = r#"
slug = "ecrire-a-la-mairie"
version = 1
title = "Titre"
summary = "Résumé"
sector = "general"
who = "Tous"
delay = "Une semaine"
cost = "Gratuit"
outcome = "Une réponse"
"#;

/// What is tried with the head.
const OF_HEAD: &[&str] = &[
    "/slug",
    "/version",
    "/title",
    "/summary",
    "/sector",
    "/who",
    "/delay",
    "/cost",
    "/outcome",
    "/ways",
    "/decision",
];

#[test]
fn what_no_word_is_said_of_is_shown_as_the_file_writes_it() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let offered = format!("{ROOT}/offertes/ecrire-a-la-mairie");
        let base = manager.post(&format!("{offered}/brouillon"), &[]).await.location;
        let file = manager.get(&format!("{base}/demarche.toml")).await.body;
        let mut next = Procedure::from_toml(&file).unwrap();
        // The ways are the same in any order: nothing to say, and yet the file is another.
        assert!(next.ways.len() > 1);
        next.ways.reverse();
        hall.execute("UPDATE desk_workshop SET definition = $1", &next.to_toml().unwrap()).await;
        let page = manager.get(&format!("{base}/differences")).await;
        page.is(200)
            .is_silent_about("Rien n’a changé.")
            .is_silent_about("builder-list__item")
            .says("lisez les lignes du fichier")
            .says("<details class=\"govuk-details\" open>");
    });
}
