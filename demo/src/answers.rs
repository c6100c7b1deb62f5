//! Answers that people might give, drawn from lists of invented names.

use beffroi_core::Day;
use chrono::{Datelike, Days};
use rand::{Rng, RngExt, rngs::StdRng};
use serde_json::{Value, json};

use crate::{DemoAccount, town::STREETS};

const GIVEN: &str = include_str!("../data/given_names.txt");
const FAMILY: &str = include_str!("../data/family_names.txt");
const ASSOCIATIONS: &str = include_str!("../data/associations.txt");

fn pick<'l>(dice: &mut StdRng, lines: &'l str) -> &'l str {
    let count = lines.lines().count().max(1);
    lines.lines().nth(dice.random_range(0..count)).unwrap_or_default()
}

fn plain(text: &str) -> String {
    let ascii = |letter: char| match letter {
        'é' | 'è' | 'ê' | 'ë' | 'É' => 'e',
        'à' | 'â' | 'ä' => 'a',
        'ï' | 'î' => 'i',
        'ô' | 'ö' => 'o',
        'ç' => 'c',
        other => other,
    };
    text.chars().map(ascii).collect::<String>().to_lowercase()
}

/// Somebody who asks: the name as forms take it, and an e-mail address.
pub(crate) struct Asker {
    name: Value,
    email: String,
}

impl Asker {
    /// Somebody invented.
    fn drawn(dice: &mut StdRng) -> Self {
        let (given, family) = (pick(dice, GIVEN), pick(dice, FAMILY));
        let email = format!("{}.{}@example.org", plain(given), plain(family));
        Self { name: json!({ "given_names": given, "family_name": family }), email }
    }

    /// The owner of an account.
    pub(crate) fn of(account: &DemoAccount) -> Self {
        let (given, family) = account.name.split_once(' ').unwrap_or(("", account.name));
        let name = json!({ "given_names": given, "family_name": family });
        Self { name, email: account.email.to_owned() }
    }
}

fn address(dice: &mut StdRng) -> String {
    format!("{} {}, 34400 Lunel", dice.random_range(1..=18), pick(dice, STREETS))
}

fn phone(dice: &mut StdRng) -> String {
    // A range kept for fiction (ARCEP).
    format!("046571{:04}", dice.random_range(0..10_000))
}

/// How the requester is reached.
fn reach(dice: &mut StdRng, answers: &mut Value, email: &str, online: bool) {
    let Some(members) = answers.as_object_mut() else { return };
    members.insert("adresse".to_owned(), json!(address(dice)));
    // At the counter, many have no e-mail.
    if online || dice.random_bool(0.4) {
        members.insert("courriel".to_owned(), json!(email));
    }
    members.insert("telephone".to_owned(), json!(phone(dice)));
}

/// Answers for a procedure on a day, by `asker` or by somebody invented. `paper`: the document that stands
/// for an attachment.
pub(crate) fn answers(
    dice: &mut StdRng,
    procedure: &str,
    asker: Option<Asker>,
    today: Day,
    online: bool,
    paper: &str,
) -> Value {
    let asker = asker.unwrap_or_else(|| Asker::drawn(dice));
    match procedure {
        "acte-de-naissance" => birth(dice, asker, today, online, paper),
        "occupation-domaine-public" => street(dice, asker, today, online, paper),
        _ => bar(dice, asker, today, online, paper),
    }
}

fn birth(dice: &mut StdRng, asker: Asker, today: Day, online: bool, paper: &str) -> Value {
    let Asker { name: who, email } = asker;
    let document = *["copie", "copie", "avec-filiation", "sans-filiation"]
        .get(dice.random_range(0..4))
        .unwrap_or(&"copie");
    let born = today.checked_sub_days(Days::new(dice.random_range(19 * 365..70 * 365))).unwrap_or(today);
    let mut person = who.clone();
    if let Some(members) = person.as_object_mut() {
        members.insert("birth_date".to_owned(), json!(born.to_string()));
        members.insert("birth_place".to_owned(), json!("Lunel"));
    }
    let mut answers = json!({
        "lieu": "ici",
        "document": document,
        "copies": dice.random_range(1..=3),
        "remise": "poste",
        "personne": person,
        "lien": "elle-meme",
        "demandeur": who,
        "attestation": true,
    });
    if let (true, Some(members)) = (document != "sans-filiation", answers.as_object_mut()) {
        members.insert("parent_1".to_owned(), Asker::drawn(dice).name);
        members.insert("parent_2".to_owned(), Asker::drawn(dice).name);
        if online {
            members.insert("identite".to_owned(), json!([paper]));
        }
    }
    reach(dice, &mut answers, &email, online);
    answers
}

fn street(dice: &mut StdRng, asker: Asker, today: Day, online: bool, paper: &str) -> Value {
    let Asker { name: who, email } = asker;
    let kind = *["demenagement", "demenagement", "echafaudage", "benne", "terrasse"]
        .get(dice.random_range(0..5))
        .unwrap_or(&"benne");
    let first = today.checked_add_days(Days::new(dice.random_range(15..40))).unwrap_or(today);
    let lasts = if kind == "demenagement" { 0 } else { dice.random_range(1..30) };
    let last = first.checked_add_days(Days::new(lasts)).unwrap_or(first);
    let mut answers = json!({
        "objet": kind,
        "circulation": dice.random_bool(0.2),
        "lieu": address(dice),
        "surface": f64::from(dice.random_range(8..60)),
        "debut": first.to_string(),
        "fin": last.to_string(),
        "statut": "particulier",
        "demandeur": who,
        "engagement": true,
    });
    let Some(members) = answers.as_object_mut() else { return answers };
    if kind == "demenagement" || kind == "terrasse" {
        members.insert("heure_debut".to_owned(), json!("08:00"));
        members.insert("heure_fin".to_owned(), json!("18:00"));
    }
    if kind == "echafaudage" || kind == "terrasse" {
        members.insert("ancrage".to_owned(), json!(false));
    }
    if online && kind != "demenagement" {
        members.insert("plan".to_owned(), json!([paper]));
    }
    if online && (kind == "terrasse" || kind == "echafaudage") {
        members.insert("assurance".to_owned(), json!([paper]));
    }
    reach(dice, &mut answers, &email, online);
    answers
}

fn bar(dice: &mut StdRng, asker: Asker, today: Day, online: bool, paper: &str) -> Value {
    let Asker { name: who, email } = asker;
    let name = pick(dice, ASSOCIATIONS);
    let rank = ASSOCIATIONS.lines().position(|line| line == name).unwrap_or_default();
    let sport = name.contains("club");
    let day = today.checked_add_days(Days::new(dice.random_range(20..60))).unwrap_or(today);
    let event = *["Fête du quartier", "Loto", "Tournoi de printemps", "Bal d’été", "Concert", "Vide-grenier"]
        .get(dice.random_range(0..6))
        .unwrap_or(&"Fête");
    let mut answers = json!({
        "association": name,
        "rna": format!("W34{}0{:05}", day.year() % 10, 2_310 + rank),
        "cadre": if sport { "sport" } else { "manifestation" },
        "manifestation": event,
        "lieu": address(dice),
        "debut": day.to_string(),
        "heure_debut": "17:00",
        "fin": day.to_string(),
        "heure_fin": "23:30",
        "boissons": ["1", "3"],
        "public": dice.random_range(40..600),
        "demandeur": who,
        "fonction": "Présidence",
        "engagement": true,
    });
    if let (true, true, Some(members)) = (sport, online, answers.as_object_mut()) {
        members.insert("agrement".to_owned(), json!([paper]));
    }
    reach(dice, &mut answers, &email, online);
    answers
}

/// A number from the dice, so that every caller draws from the same stream.
pub(crate) fn throw(dice: &mut StdRng, sides: u32) -> u32 {
    dice.next_u32() % sides.max(1)
}
