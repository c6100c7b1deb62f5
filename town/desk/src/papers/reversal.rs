//! The act that takes a decision back, as the requester receives it: an order where the decision was one, else a letter;
//! with its reasons (CRPA, art. L211-2, 4°), its article and how it is contested.

use beffroi_cases::{
    case::Case,
    decision::Outcome,
    reversal::{Effect, Hearing, Reversal},
};
use beffroi_core::{Lang, calendar::long_date};
use beffroi_forms::CompiledForm;
use beffroi_typeset::{Article, Decision, Job, Letter, Recipient, TypesetError};

use super::{
    Paper, Stationery, appeals,
    decision::{WITH_REGARDS, authority, signatory},
    reasons,
};
use crate::submission::Reach;

/// Whether an act that leaves on paper is still to be signed and sent: until then its requester is given no document.
pub fn is_unsigned_act(act: &Reversal, reach: &Reach) -> bool {
    reach.is_posted() && act.sent_at.is_none() && act.read_at.is_none()
}

/// What is taken back, with its article: « l’arrêté n° 2026-ARR-0001 du 3 juin 2026 ».
fn what(act: &Reversal) -> String {
    let day = long_date(act.past.taken_on, Lang::Fr);
    match (&act.past.number, act.past.of_silence) {
        (Some(number), _) => format!("l’arrêté n°\u{a0}{number} du {day}"),
        (None, true) => format!("la décision implicite d’acceptation née le {day}"),
        (None, false) => format!("la décision du {day}"),
    }
}

/// What becomes of it, as a participle that agrees with [`what`].
fn becomes(act: &Reversal) -> &'static str {
    match (act.effect, act.past.number.is_some()) {
        (Effect::Withdrawn, true) => "retiré",
        (Effect::Withdrawn, false) => "retirée",
        (Effect::Repealed, true) => "abrogé",
        (Effect::Repealed, false) => "abrogée",
    }
}

/// What that means for the requester.
fn meaning(act: &Reversal) -> &'static str {
    match act.effect {
        Effect::Withdrawn => "Tout se passe comme si cette décision n’avait jamais été prise.",
        Effect::Repealed => "Cette décision ne vaut plus pour l’avenir\u{a0}; ses effets passés demeurent.",
    }
}

/// What becomes of the request.
fn then(act: &Reversal) -> &'static str {
    if act.pends {
        "La demande est de nouveau en cours d’examen\u{a0}: le délai de réponse court à compter de ce jour."
    } else {
        "Une nouvelle décision peut être prise sur la demande\u{a0}; aucun délai ne court plus au terme duquel le silence de la mairie vaudrait décision."
    }
}

/// How the person was heard, to stand after « Vu »; `None` where the article that is cited says enough.
fn heard(act: &Reversal) -> Option<String> {
    let day = act.heard_on.map(|day| long_date(day, Lang::Fr)).unwrap_or_default();
    Some(match act.hearing {
        Hearing::Observed => format!("les observations présentées le {day}"),
        Hearing::Invited => {
            format!(
                "la lettre du {day} invitant l’intéressé à présenter ses observations, restée sans réponse dans le délai donné"
            )
        }
        Hearing::Asked => "la demande de l’intéressé".to_owned(),
        Hearing::Urgency => {
            "l’urgence ou les circonstances exceptionnelles (article L121-2, 1° du même code)".to_owned()
        }
        Hearing::PublicOrder => "l’article L121-2, 2° du même code".to_owned(),
        Hearing::OwnProcedure => {
            "l’article L121-2, 3° du même code, et la procédure particulière suivie".to_owned()
        }
        Hearing::NotDue => return None,
    })
}

/// The paper of an act.
pub fn act_paper(
    stationery: &Stationery,
    form: &CompiledForm,
    case: &Case,
    reach: &Reach,
    act: &Reversal,
) -> Paper {
    let recipient = Recipient { lines: reach.letter_lines.clone() };
    let by = (&*act.signatory_name, &*act.signatory_quality, &*act.signatory_delegation);
    let signatory = signatory(by, reach);
    // Like a refusal, it is always told how it is contested.
    let appeals = appeals(stationery, form, Outcome::Refused, Lang::Fr);
    let procedure = form.procedure();
    if let Some(number) = &act.number {
        let names = [case.requester_name.as_str(), &case.beneficiary_name, &stationery.town.name];
        let noun = match act.effect {
            Effect::Withdrawn => "retrait",
            Effect::Repealed => "abrogation",
        };
        let of = what(act);
        let of = of.strip_prefix("la ").map_or_else(|| format!("de {of}"), |rest| format!("de la {rest}"));
        let plain = |text: &str| Article { title: None, text: text.to_owned() };
        let first = format!("{} est {}.", reasons::upper_first(&what(act)), becomes(act));
        let visas = [
            format!(
                "le code des relations entre le public et l’administration, notamment son article {}",
                act.article
            ),
            what(act),
            format!("la demande {} reçue le {}", case.reference, long_date(case.received_on, Lang::Fr)),
        ];
        return Paper::Order(Box::new(Decision {
            letterhead: stationery.letterhead(),
            recipient: Some(recipient),
            reference: Some(case.reference.clone()),
            number: number.clone(),
            title: format!("Arrêté portant {noun} {of}"),
            authority: authority(stationery),
            visas: visas.into_iter().chain(heard(act)).collect(),
            reasons: reasons::considered(&act.reasons, &names),
            verb: "Arrête".to_owned(),
            articles: vec![plain(&first), plain(meaning(act)), plain(then(act))],
            signatory,
            enclosures: Vec::new(),
            appeals,
        }));
    }
    let request = match act.past.outcome {
        Outcome::Granted => "qui acceptait votre demande",
        Outcome::Refused => "qui refusait votre demande",
        Outcome::Closed => "qui clôturait votre demande",
    };
    let heard = heard(act).map(|heard| format!("Elle est prise après avoir vu {heard}."));
    let first = format!(
        "{} {request} {} est {}. {}",
        reasons::upper_first(&what(act)),
        case.reference,
        becomes(act),
        meaning(act)
    );
    let rests = format!(
        "La présente décision est prise en application de l’article {} du code des relations entre le public et l’administration.",
        act.article
    );
    let paragraphs = [Some(first), Some(rests), heard]
        .into_iter()
        .flatten()
        .chain(["Les motifs de cette décision sont les suivants.".to_owned(), reasons::told(&act.reasons)])
        .chain([then(act).to_owned()])
        .collect();
    Paper::Letter(Box::new(Letter {
        reference: Some(case.reference.clone()),
        closing: Some(stationery.town.voice.closing(WITH_REGARDS)),
        signatory: Some(signatory),
        appeals,
        ..stationery.letter(recipient.lines, procedure.title.fr.clone(), paragraphs)
    }))
}

/// The same, ready to be laid out.
///
/// # Errors
/// Its facts cannot be laid out.
pub fn act_job(paper: &Paper, act: &Reversal, reference: &str) -> Result<Job, TypesetError> {
    paper.job_of(act.acted_on, reference, None)
}
