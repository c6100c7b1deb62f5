//! The decision as the requester receives it: an order (arrêté) where the procedure says so, else a letter.

use beffroi_cases::{
    case::Case,
    decision::{Decision as Taken, Outcome},
};
use beffroi_core::{Day, Lang, calendar::long_date};
use beffroi_forms::{CompiledForm, Known};
use beffroi_typeset::{
    AppealRoutes, Article, Asking, Decision, Job, Letter, Meta, OpinionAsked, Recipient, Signatory,
    TypesetError,
};
use serde_json::{Map, Value};

use super::{Grounds, Stationery, reasons};
use crate::{fee, procedure::Lists, submission::Reach};

/// How a letter that decides something ends, where nobody wrote otherwise.
pub(super) const WITH_REGARDS: &str =
    "Nous vous prions d’agréer, Madame, Monsieur, l’expression de notre considération distinguée.";

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
        self.job_of(taken.decided_on, reference, None)
    }

    /// The same, of that day, with what its reader is asked at the end.
    pub(super) fn job_of(
        &self,
        date: Day,
        reference: &str,
        opinion: Option<OpinionAsked>,
    ) -> Result<Job, TypesetError> {
        match self {
            Self::Order(order) => {
                let meta = Meta { title: order.title.clone(), date };
                Job::new(&Asking { document: order.as_ref(), opinion }, meta)
            }
            Self::Letter(letter) => {
                let title = format!("Réponse à votre demande {reference}");
                Job::new(&Asking { document: letter.as_ref(), opinion }, Meta { title, date })
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
                lines.extend(unsigned(&order.signatory));
            }
            Self::Letter(letter) => {
                lines.extend([format!("Objet\u{a0}: {}", letter.subject), letter.opening.clone()]);
                lines.extend(letter.paragraphs.iter().cloned());
                lines.extend(letter.closing.clone());
                lines.extend(letter.signatory.as_ref().map(|by| signed(by).join("\n")));
                lines.extend(letter.signatory.as_ref().and_then(unsigned));
            }
        }
        lines.retain(|line| !line.trim().is_empty());
        lines
    }
}

/// Whether a decision that leaves on paper is still to be signed and sent: until then its requester is given no document.
pub fn is_unsigned(taken: &Taken, reach: &Reach) -> bool {
    reach.is_posted() && taken.sent_at.is_none() && taken.read_at.is_none()
}

/// What a decision says in the place of a signature by hand, as its document does (CRPA, art. L212-2); `None` where it
/// is to be signed.
fn unsigned(by: &Signatory) -> Option<String> {
    (!by.handwritten).then(|| {
        "Décision notifiée par voie électronique et dispensée de signature (article L212-2 du code des relations entre le public et l’administration).".to_owned()
    })
}

/// The document that tells a decision, ready to be laid out, with what its reader is asked.
pub fn decision(
    stationery: &Stationery,
    form: &CompiledForm,
    (case, filled): (&Case, &Map<String, Value>),
    reach: &Reach,
    (taken, grounds, enclosures): (&Taken, &Grounds, Vec<String>),
    opinion: Option<OpinionAsked>,
) -> Result<Job, TypesetError> {
    let paper = paper(stationery, form, (case, filled), reach, (taken, grounds, enclosures));
    paper.job_of(taken.decided_on, &case.reference, opinion)
}

/// Who decides, as the head of an order names them: « La maire de Lunel ».
pub(super) fn authority(stationery: &Stationery) -> String {
    let who = stationery.authority().replace("Madame la", "La").replace("Monsieur le", "Le");
    format!("{who} de {}", stationery.town.name)
}

/// Who signs, and whether by hand.
pub(super) fn signatory((name, quality, delegation): (&str, &str, &str), reach: &Reach) -> Signatory {
    let (given_name, family_name) = name.split_once(' ').unwrap_or(("", name));
    Signatory {
        first_name: given_name.to_owned(),
        name: family_name.to_owned(),
        quality: quality.to_owned(),
        delegation: Some(delegation.to_owned()).filter(|told| !told.is_empty()),
        handwritten: reach.on_paper(),
    }
}

/// The document that tells a decision, with the names of what is joined to it. What is notified through the follow-up page
/// needs no signature, an order no more than a letter, since it tells name, quality and department of who decides (CRPA,
/// art. L212-2, 1°); what leaves on paper is signed by hand.
pub fn paper(
    stationery: &Stationery,
    form: &CompiledForm,
    (case, filled): (&Case, &Map<String, Value>),
    reach: &Reach,
    (taken, grounds, enclosures): (&Taken, &Grounds, Vec<String>),
) -> Paper {
    let empty = Map::new();
    let answers = case.answers.as_object().unwrap_or(&empty);
    let procedure = form.procedure();
    let known = Known { answers, steps: filled };
    let fill = |text: &String| form.fill_with(text, known, &Lists);
    let appeals = appeals(stationery, form, taken.outcome, Lang::Fr);
    let recipient = Recipient { lines: reach.letter_lines.clone() };
    let by = (&*taken.signatory_name, &*taken.signatory_quality, &*taken.signatory_delegation);
    let signatory = signatory(by, reach);
    let written = &procedure.decision;
    let owed = fee::owed_by(form, case, filled).filter(|owed| owed.is_due_by(taken.outcome));
    if let (true, Some(number)) = (written.formal, &taken.number) {
        let refused = taken.outcome != Outcome::Granted;
        let after_silence = grounds.after_silence(taken.outcome).map(|text| Article { title: None, text });
        let articles: Vec<Article> = if refused {
            vec![Article { title: None, text: format!("La demande {} est rejetée.", case.reference) }]
        } else {
            let own = written.articles.iter();
            own.map(|article| Article {
                title: Some(article.title.clone()).filter(|title| !title.is_empty()),
                text: fill(&article.text),
            })
            .collect()
        };
        let payment = owed.map(|owed| Article { title: Some("Paiement".to_owned()), text: owed.article() });
        let names = [case.requester_name.as_str(), &case.beneficiary_name, &stationery.town.name];
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
            authority: authority(stationery),
            visas: written
                .visas
                .iter()
                .map(fill)
                .chain([format!(
                    "la demande {} reçue le {}",
                    case.reference,
                    long_date(case.received_on, Lang::Fr)
                )])
                .chain(grounds.visas())
                .collect(),
            reasons: reasons::considered(&taken.reasons, &names),
            verb: "Arrête".to_owned(),
            articles: articles.into_iter().chain(payment).chain(after_silence).collect(),
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
    paragraphs.extend(grounds.dates(taken.outcome));
    paragraphs.extend(grounds.price(taken.outcome));
    paragraphs.extend(owed.map(|owed| owed.told(Lang::Fr)));
    if taken.outcome == Outcome::Refused {
        paragraphs.push("Les motifs de cette décision sont les suivants.".to_owned());
    }
    paragraphs.extend(Some(reasons::told(&taken.reasons)).filter(|told| !told.is_empty()));
    paragraphs.extend(grounds.after_silence(taken.outcome));
    let closing = if written.closing.is_empty() {
        stationery.town.voice.closing(WITH_REGARDS)
    } else {
        fill(&written.closing)
    };
    Paper::Letter(Box::new(Letter {
        reference: Some(case.reference.clone()),
        closing: Some(closing),
        signatory: Some(signatory),
        enclosures,
        appeals,
        ..stationery.letter(recipient.lines, procedure.title.fr.clone(), paragraphs)
    }))
}
