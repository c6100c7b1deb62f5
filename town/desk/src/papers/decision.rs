//! The decision as the requester receives it: an order (arrêté) where the procedure says so, else a letter.

use beffroi_cases::{
    case::Case,
    decision::{Decision as Taken, Outcome},
};
use beffroi_core::{Lang, calendar::long_date};
use beffroi_forms::{CompiledForm, Known};
use beffroi_typeset::{
    AppealRoutes, Article, Decision, Job, Letter, Meta, Recipient, Signatory, TypesetError,
};
use serde_json::{Map, Value};

use super::Stationery;
use crate::{procedure::Lists, submission::Reach};

/// How a decision is contested; `None` where a letter grants what was asked.
pub fn appeals(
    stationery: &Stationery,
    form: &CompiledForm,
    outcome: Outcome,
    lang: Lang,
) -> Option<AppealRoutes> {
    let procedure = form.procedure();
    let contested = outcome == Outcome::Refused || procedure.decision.formal;
    let first = procedure.regime.as_ref().and_then(|regime| regime.first_appeal.as_ref());
    contested.then(|| stationery.appeals(first.map(|text| text.text(lang).to_owned())))
}

/// What tells a decision.
pub enum Paper {
    /// A numbered order (arrêté).
    Order(Box<Decision>),
    /// A letter.
    Letter(Box<Letter>),
}

impl Paper {
    /// Ready to be laid out.
    pub fn job(&self, taken: &Taken, reference: &str) -> Result<Job, TypesetError> {
        let date = taken.decided_on;
        match self {
            Self::Order(order) => Job::new(order.as_ref(), Meta { title: order.title.clone(), date }),
            Self::Letter(letter) => {
                let title = format!("Réponse à votre demande {reference}");
                Job::new(letter.as_ref(), Meta { title, date })
            }
        }
    }

    /// Its words, a paragraph each, for a page.
    pub fn lines(&self) -> Vec<String> {
        let signed = |by: &Signatory| {
            let name = format!("{} {}", by.first_name, by.name).trim().to_owned();
            let delegation = by.delegation.clone().unwrap_or_default();
            [by.quality.clone(), delegation, name]
                .into_iter()
                .filter(|line| !line.is_empty())
                .collect::<Vec<_>>()
        };
        let mut lines = Vec::new();
        match self {
            Self::Order(order) => {
                lines.extend([order.title.clone(), format!("{},", order.authority)]);
                lines.extend(order.visas.iter().map(|visa| format!("Vu {visa}\u{a0};")));
                lines.extend(order.reasons.iter().map(|reason| format!("Considérant {reason}\u{a0};")));
                lines.push(format!("{}\u{a0}:", order.verb));
                lines.extend(order.articles.iter().enumerate().map(|(at, article)| {
                    let number = if at == 0 { "1er".to_owned() } else { (at + 1).to_string() };
                    let title = article.title.as_ref().map(|title| format!(" – {title}")).unwrap_or_default();
                    format!("Article {number}{title}. {}", article.text)
                }));
                lines.push(signed(&order.signatory).join("\n"));
            }
            Self::Letter(letter) => {
                lines.extend([format!("Objet\u{a0}: {}", letter.subject), letter.opening.clone()]);
                lines.extend(letter.paragraphs.iter().cloned());
                lines.extend(letter.closing.clone());
                lines.extend(letter.signatory.as_ref().map(|by| signed(by).join("\n")));
            }
        }
        lines.retain(|line| !line.trim().is_empty());
        lines
    }
}

/// The document that tells a decision, ready to be laid out.
pub fn decision(
    stationery: &Stationery,
    form: &CompiledForm,
    (case, filled): (&Case, &Map<String, Value>),
    reach: &Reach,
    (taken, enclosures): (&Taken, Vec<String>),
) -> Result<Job, TypesetError> {
    paper(stationery, form, (case, filled), reach, (taken, enclosures)).job(taken, &case.reference)
}

/// The document that tells a decision, with the names of what is joined to it. An order is signed by hand, and so is a letter that leaves on paper: only what
/// is notified through the follow-up page needs no signature (CRPA, art. L212-2).
pub fn paper(
    stationery: &Stationery,
    form: &CompiledForm,
    (case, filled): (&Case, &Map<String, Value>),
    reach: &Reach,
    (taken, enclosures): (&Taken, Vec<String>),
) -> Paper {
    let empty = Map::new();
    let answers = case.answers.as_object().unwrap_or(&empty);
    let procedure = form.procedure();
    let known = Known { answers, steps: filled };
    let fill = |text: &String| form.fill_with(text, known, &Lists);
    let appeals = appeals(stationery, form, taken.outcome, Lang::Fr);
    let recipient = Recipient { lines: reach.letter_lines.clone() };
    let (given_name, family_name) =
        taken.signatory_name.split_once(' ').unwrap_or(("", &taken.signatory_name));
    let signatory = Signatory {
        first_name: given_name.to_owned(),
        name: family_name.to_owned(),
        quality: taken.signatory_quality.clone(),
        delegation: Some(taken.signatory_delegation.clone()).filter(|told| !told.is_empty()),
        handwritten: taken.number.is_some() || reach.by_letter || reach.email.is_empty(),
    };
    let written = &procedure.decision;
    if let (true, Some(number)) = (written.formal, &taken.number) {
        let refused = taken.outcome != Outcome::Granted;
        let articles = if refused {
            vec![Article { title: None, text: format!("La demande {} est rejetée.", case.reference) }]
        } else {
            let own = written.articles.iter();
            own.map(|article| Article {
                title: Some(article.title.clone()).filter(|title| !title.is_empty()),
                text: fill(&article.text),
            })
            .collect()
        };
        return Paper::Order(Box::new(Decision {
            letterhead: stationery.letterhead(),
            recipient: Some(recipient),
            reference: Some(case.reference.clone()),
            number: number.clone(),
            title: if refused {
                format!("Arrêté portant refus\u{a0}: {}", procedure.title.fr)
            } else {
                fill(&written.title)
            },
            authority: format!(
                "{} de {}",
                stationery.authority().replace("Madame la", "La").replace("Monsieur le", "Le"),
                stationery.town.name
            ),
            visas: written
                .visas
                .iter()
                .map(fill)
                .chain([format!(
                    "la demande {} reçue le {}",
                    case.reference,
                    long_date(case.received_on, Lang::Fr)
                )])
                .collect(),
            reasons: sentences(&taken.reasons),
            verb: "Arrête".to_owned(),
            articles,
            signatory,
            enclosures,
            appeals,
        }));
    }
    let mut paragraphs: Vec<String> = match taken.outcome {
        Outcome::Granted if !written.granted.is_empty() => written.granted.iter().map(fill).collect(),
        Outcome::Granted => {
            vec!["Nous avons le plaisir de vous informer que votre demande est acceptée.".to_owned()]
        }
        Outcome::Refused if !written.refused.is_empty() => written.refused.iter().map(fill).collect(),
        Outcome::Refused => {
            vec!["Nous ne pouvons pas donner une suite favorable à votre demande.".to_owned()]
        }
        Outcome::Closed => vec!["Votre demande est close sans qu’il y ait lieu de décider.".to_owned()],
    };
    if taken.outcome == Outcome::Refused {
        paragraphs.push("Les motifs de cette décision sont les suivants.".to_owned());
    }
    paragraphs.extend(Some(taken.reasons.clone()).filter(|reasons| !reasons.is_empty()));
    Paper::Letter(Box::new(Letter {
        letterhead: stationery.letterhead(),
        recipient,
        reference: Some(case.reference.clone()),
        subject: procedure.title.fr.clone(),
        opening: stationery.town.voice.opening(),
        paragraphs,
        pieces: Vec::new(),
        until: None,
        department: Some(stationery.contact()),
        closing: Some(if written.closing.is_empty() {
            stationery.town.voice.closing(
                "Nous vous prions d’agréer, Madame, Monsieur, l’expression de notre considération distinguée.",
            )
        } else {
            fill(&written.closing)
        }),
        signatory: Some(signatory),
        enclosures,
        appeals,
    }))
}

/// A reason a paragraph, each to stand after « Considérant ».
fn sentences(reasons: &str) -> Vec<String> {
    reasons
        .lines()
        .map(|line| line.trim().trim_end_matches(['.', ';', ' ', '\u{a0}']))
        .filter(|line| !line.is_empty())
        .map(|line| {
            let bare = line.strip_prefix("Considérant ").unwrap_or(line);
            if bare.starts_with("que ") || bare.starts_with("qu’") {
                bare.to_owned()
            } else {
                format!("que {}", lower_first(bare))
            }
        })
        .collect()
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn reasons_follow_considering() {
        let text = "Le passage des piétons reste libre.\n\nConsidérant que la rue est large ;";
        assert_eq!(sentences(text), ["que le passage des piétons reste libre", "que la rue est large"]);
    }
}
