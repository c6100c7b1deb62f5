//! What the State tells, read out of its answers: only what a form may ask for. Pure.

use std::collections::BTreeMap;

use beffroi_forms::FetchSource;
use serde_json::Value;

use crate::client::Trouble;

/// One thing that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A text, or an address on one line.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Truth(bool),
}

/// What was told, by the names that forms use.
pub type Facts = BTreeMap<&'static str, Fact>;

/// Letters of one text that are taken over.
const LETTERS_AT_MOST: usize = 400;

/// What an answer tells.
///
/// # Errors
/// It is not of the shape that was agreed upon; or who is asked about wants it kept private.
pub fn read(source: FetchSource, answer: &Value) -> Result<Facts, Trouble> {
    let data = answer.get("data").filter(|data| data.is_object()).ok_or(Trouble::Unreadable)?;
    let mut facts = Facts::new();
    let mut add = |name: &'static str, fact: Option<Fact>| {
        if let Some(fact) = fact {
            facts.insert(name, fact);
        }
    };
    match source {
        FetchSource::FamilyQuotient => {
            let quotient = data.get("quotient_familial").ok_or(Trouble::Unreadable)?;
            add("quotient", quotient.get("valeur").and_then(Value::as_i64).map(Fact::Whole));
            add("fund", text(quotient.get("fournisseur")));
            let month = quotient
                .get("annee")
                .and_then(Value::as_i64)
                .zip(quotient.get("mois").and_then(Value::as_i64));
            add("month", month.map(|(year, month)| Fact::Text(format!("{month:02}/{year}"))));
            let children = data.get("enfants").and_then(Value::as_array).map(Vec::len);
            add("children", children.and_then(|count| i64::try_from(count).ok()).map(Fact::Whole));
            let address = data.get("adresse");
            let lines = [
                "complement_information_geographique",
                "numero_libelle_voie",
                "lieu_dit",
                "code_postal_ville",
            ];
            add("address", line(address, &lines));
        }
        FetchSource::Schooling => {
            add("enrolled", data.get("est_scolarise").and_then(Value::as_bool).map(Fact::Truth));
            add("scholarship", data.get("est_boursier").and_then(Value::as_bool).map(Fact::Truth));
            add("school_name", text(data.pointer("/etablissement/nom")));
            add("school_year", text(data.get("annee_scolaire")));
        }
        FetchSource::Establishment => {
            let unit = data.get("unite_legale");
            // Whoever asked the Insee not to spread their address has not asked us to show it to strangers.
            let open = |part: Option<&Value>| {
                part.and_then(|part| part.get("status_diffusion")?.as_str())
                    .is_none_or(|status| status == "diffusible")
            };
            if !open(Some(data)) || !open(unit) || !open(data.get("adresse")) {
                return Err(Trouble::Private);
            }
            let company =
                text(unit.and_then(|unit| unit.pointer("/personne_morale_attributs/raison_sociale")));
            let person = unit.and_then(|unit| unit.get("personne_physique_attributs"));
            let name = || {
                let part = |name: &str| person.and_then(|person| person.get(name)).and_then(Value::as_str);
                let family = part("nom_usage").or_else(|| part("nom_naissance"))?;
                let given = part("prenom_usuel").or_else(|| part("prenom_1")).unwrap_or_default();
                Some(Fact::Text(cut(&format!("{given} {family}"))))
            };
            add("name", company.or_else(name));
            let address = data.get("adresse");
            let street = ["numero_voie", "indice_repetition_voie", "type_voie", "libelle_voie"];
            add("address", place(address, "complement_adresse", &street, "code_postal", "libelle_commune"));
            add("legal_form", text(unit.and_then(|unit| unit.pointer("/forme_juridique/libelle"))));
            add("activity", text(data.pointer("/activite_principale/libelle")));
            let state = data.get("etat_administratif").and_then(Value::as_str);
            add("active", state.map(|state| Fact::Truth(state == "A")));
        }
        FetchSource::Association => {
            add("name", text(data.get("nom")));
            let street = ["numero_voie", "type_voie", "libelle_voie"];
            let address = data.get("adresse_siege");
            add("address", place(address, "complement", &street, "code_postal", "commune"));
            add("purpose", text(data.pointer("/activites/objet")));
            add("active", data.get("active").and_then(Value::as_bool).map(Fact::Truth));
        }
    }
    if facts.is_empty() { Err(Trouble::Unreadable) } else { Ok(facts) }
}

fn cut(text: &str) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control()).take(LETTERS_AT_MOST).collect::<String>();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(value: Option<&Value>) -> Option<Fact> {
    let text = cut(value?.as_str()?);
    (!text.is_empty()).then_some(Fact::Text(text))
}

fn words(value: Option<&Value>, names: &[&str], between: &str) -> String {
    let words: Vec<String> = names
        .iter()
        .filter_map(|name| value?.get(name)?.as_str())
        .map(cut)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(between)
}

fn line(value: Option<&Value>, names: &[&str]) -> Option<Fact> {
    let line = words(value, names, ", ");
    (!line.is_empty()).then_some(Fact::Text(line))
}

fn place(value: Option<&Value>, more: &str, street: &[&str], postcode: &str, town: &str) -> Option<Fact> {
    let parts = [words(value, &[more], ""), words(value, street, " "), words(value, &[postcode, town], " ")];
    let line = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    (!line.is_empty()).then_some(Fact::Text(line))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_quotient_and_what_goes_with_it_are_read() {
        let answer = json!({ "data": {
            "quotient_familial": { "fournisseur": "MSA", "valeur": 150, "annee": 2023, "mois": 5 },
            "enfants": [{ "prenoms": "A" }, { "prenoms": "B" }],
            "adresse": { "numero_libelle_voie": "1 RUE HAUTE", "code_postal_ville": "34400 LUNEL", "lieu_dit": null },
        }});
        let facts = read(FetchSource::FamilyQuotient, &answer).unwrap();
        assert_eq!(facts["quotient"], Fact::Whole(150));
        assert_eq!(facts["month"], Fact::Text("05/2023".to_owned()));
        assert_eq!(facts["children"], Fact::Whole(2));
        assert_eq!(facts["address"], Fact::Text("1 RUE HAUTE, 34400 LUNEL".to_owned()));
        assert_eq!(facts.len(), 5, "and nothing else is taken out of it");
    }

    #[test]
    fn who_wants_to_stay_private_does() {
        let answer = json!({ "data": { "siret": "1", "status_diffusion": "partiellement_diffusible",
            "unite_legale": { "personne_physique_attributs": { "nom_naissance": "MOREAU" } } } });
        assert_eq!(read(FetchSource::Establishment, &answer), Err(Trouble::Private));
    }

    #[test]
    fn another_shape_is_told_and_not_guessed() {
        for answer in [
            json!([]),
            json!({}),
            json!({ "data": [] }),
            json!({ "data": {} }),
            json!({ "data": { "quotient_familial": 3 } }),
        ] {
            for source in FetchSource::ALL {
                assert_eq!(read(source, &answer), Err(Trouble::Unreadable), "{source:?} {answer}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(text in "[{}\\[\\]\",:a-z0-9_]{0,120}") {
            if let Ok(answer) = serde_json::from_str::<Value>(&format!("{{\"data\":{text}}}")) {
                for source in FetchSource::ALL {
                    let _ = read(source, &answer);
                }
            }
        }
    }
}
