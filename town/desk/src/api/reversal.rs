//! Taking a decision back, for programs that hold a token: what the law allows now, the letter that opens the hearing, and
//! the act, by the rules of the pages (CRPA, art. L240-1 to L243-4).

use axum::{Json, body::Bytes, extract::Path};
use beffroi_cases::{
    CaseError, LONGEST_TEXT, case, decision,
    reversal::{self, Barred, Effect, Ground, Hearing, Standing},
};
use beffroi_core::{Day, calendar::civil_day};
use beffroi_people::Town;
use beffroi_web::{Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    agents::{act as act_on_case, id_of, signing},
    body::{text, wrong},
    deposit::private,
};
use crate::{
    daily::signatory::Signatory,
    office::{consulted, entitled, reversal as office},
    visit::{Visit, case_error},
};

/// The decision that stands in a case, and how the law lets it be taken back today.
#[derive(Serialize, ToSchema)]
pub(super) struct Reversible {
    /// `granted`, `refused` or `closed`.
    outcome: &'static str,
    /// The day of its signing; of what silence granted, the day on which it did.
    #[schema(value_type = String, format = Date)]
    decided_on: Day,
    /// Whether the town’s silence has taken it.
    by_silence: bool,
    /// Whether whoever loses by it must be heard first.
    hearing_due: bool,
    /// When they were asked for observations.
    #[schema(value_type = Option<String>, format = Date)]
    observations_asked_on: Option<Day>,
    /// The last day to give them.
    #[schema(value_type = Option<String>, format = Date)]
    observations_until: Option<Day>,
    ways: Vec<ReversalWay>,
}

/// A way in which the law lets it be taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct ReversalWay {
    /// `withdrawn` or `repealed`.
    effect: &'static str,
    /// `unlawful`, `beneficiary`, `fraud`, `condition`, `subsidy` or `any`.
    ground: &'static str,
    /// The article of the Code des relations entre le public et l’administration.
    article: &'static str,
    /// The last day for it, where there is one.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

/// How the law lets the decision of a case be taken back, and who must be heard before. Reading it is written down.
#[utoipa::path(
    get, path = "/api/v1/agent/cases/{id}/reversal", params(("id" = String, Path)),
    security(("token" = ["case.decide"])),
    responses(
        (status = 200, body = Reversible), (status = 401), (status = 404, description = "No such case, or not yours"),
        (status = 409, description = "No decision stands, or the case leaves for the archives or is erased"),
    )
)]
pub(super) async fn read(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            let standing = office::standing(tx, &access, &case)?;
            consulted(tx, id, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let invited = reversal::invitation(tx, id)?;
            let open = reversal::possible(standing)
                .into_iter()
                .filter(|rule| rule.until.is_none_or(|last| today <= last));
            Ok::<_, WebError>(Reversible {
                outcome: standing.outcome.as_str(),
                decided_on: standing.taken_on,
                by_silence: standing.of_silence,
                hearing_due: standing.hearing_due(),
                observations_asked_on: invited.map(|invited| invited.asked_on),
                observations_until: invited.map(|invited| invited.until_on),
                ways: open
                    .map(|rule| ReversalWay {
                        effect: rule.effect.as_str(),
                        ground: rule.ground.as_str(),
                        article: rule.article,
                        until: rule.until,
                    })
                    .collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
}

/// A letter that asks for observations before a right is taken away.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "why": "La largeur qui reste est de 90 cm.", "until": "2026-06-30" }))]
pub(super) struct NewObservations {
    /// Why the decision may be taken back, as the person reads it.
    why: String,
    /// The last day to give observations, after today.
    #[schema(value_type = String, format = Date)]
    until: Day,
}

/// Asks whoever would lose a right for observations (CRPA, art. L122-1): the letter leaves, and the decision cannot be
/// taken back for want of an answer before the day that it gives. Asked again, the later letter counts.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/observation-requests", request_body = NewObservations,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.decide"])),
    responses((status = 204), (status = 404), (status = 409, description = "No decision stands that gives a right"), (status = 422))
)]
pub(super) async fn ask(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act_on_case(visit, &id, "observation-requests", bytes, |desk, tx, case, town, new: NewObservations| {
        let standing = office::standing(tx, &desk.access, case)?;
        let why = text("#/why", &new.why, LONGEST_TEXT)?;
        if new.until <= civil_day(tx.now(), town.zone()) {
            return Err(wrong("#/until", "value", "a day after today is expected"));
        }
        office::ask_for_observations(tx, desk, (case, standing), (&why, new.until), town)
    })
    .await
}

/// A decision to be taken back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "effect": "withdrawn", "ground": "unlawful", "reasons": "La largeur avait été mal mesurée.",
    "nobody_else_harmed": false, "hearing": "observed", "heard_on": "2026-06-20", "heard_how": "Reçu au guichet.",
    "signatory_name": "Camille Roustan", "signatory_quality": "Adjointe au maire",
}))]
pub(super) struct NewReversal {
    /// `withdrawn`, so that it never was, or `repealed`, for what is to come.
    effect: String,
    /// `unlawful`, `beneficiary` (who asks for it), `fraud`, `condition`, `subsidy` or `any`.
    ground: String,
    reasons: String,
    /// That nobody else is harmed, where its beneficiary asks for it.
    #[serde(default)]
    nobody_else_harmed: bool,
    /// How whoever loses a right was heard: `observed` (they answered), `invited` (they did not, and the time for it is
    /// over), `asked` (it is done at their request); or why they need not be: `urgency`, `public-order`,
    /// `own-procedure`. Left out where nobody must be heard.
    #[serde(default)]
    hearing: Option<String>,
    /// The day on which they answered.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(default)]
    heard_on: Option<Day>,
    /// In which way they answered and what they said; or why they need not be heard.
    #[serde(default)]
    heard_how: String,
    /// First name and name of one of those who sign for the department, or of the town's own signatory where none is
    /// appointed there.
    signatory_name: String,
    signatory_quality: String,
}

/// How whoever loses by it was heard, with the day and the words that this asks for.
fn heard(new: &NewReversal, due: bool) -> Result<(Hearing, Option<Day>, String)> {
    if !due {
        return Ok((Hearing::NotDue, None, String::new()));
    }
    let word = new.hearing.as_deref().unwrap_or_default();
    let hearing = Hearing::from_word(word).filter(|hearing| *hearing != Hearing::NotDue);
    let hearing = hearing.ok_or_else(|| {
        let known = "observed, invited, asked, urgency, public-order or own-procedure";
        wrong("#/hearing", "value", known)
    })?;
    let how = || text("#/heard_how", &new.heard_how, LONGEST_TEXT);
    match hearing {
        Hearing::Observed => {
            let on = new.heard_on.ok_or_else(|| wrong("#/heard_on", "value", "a day is expected"))?;
            Ok((hearing, Some(on), how()?))
        }
        Hearing::Urgency | Hearing::PublicOrder | Hearing::OwnProcedure => Ok((hearing, None, how()?)),
        Hearing::Invited | Hearing::Asked | Hearing::NotDue => Ok((hearing, None, String::new())),
    }
}

fn read_act(
    new: &NewReversal,
    standing: Standing,
    signs: Signatory,
    series: Option<String>,
) -> Result<reversal::NewReversal> {
    let effect =
        Effect::from_word(&new.effect).ok_or_else(|| wrong("#/effect", "value", "withdrawn or repealed"))?;
    let ground = Ground::from_word(&new.ground).ok_or_else(|| {
        wrong("#/ground", "value", "unlawful, beneficiary, fraud, condition, subsidy or any")
    })?;
    let asked = ground == Ground::Beneficiary;
    if asked && !new.nobody_else_harmed {
        return Err(wrong("#/nobody_else_harmed", "value", "it must be known that nobody else is harmed"));
    }
    let reasons = text("#/reasons", &new.reasons, LONGEST_TEXT)?;
    let (hearing, heard_on, heard_how) = heard(new, standing.hearing_due() && !asked)?;
    Ok(reversal::NewReversal {
        effect,
        ground,
        reasons,
        hearing,
        heard_on,
        heard_how,
        signatory_name: signs.name,
        signatory_quality: signs.quality,
        signatory_delegation: signs.delegation,
        series,
    })
}

/// What the law says against it, at the member that it is about.
fn barred(error: CaseError) -> WebError {
    let CaseError::Barred(barred) = error else { return case_error(error) };
    let (pointer, detail) = match barred {
        Barred::Ground => ("#/ground", "the law does not let such a decision be taken back so".to_owned()),
        Barred::Late(last) => ("#/ground", format!("the last day for it was {last}")),
        Barred::Unheard => ("#/hearing", "whoever loses by it has not been heard".to_owned()),
        Barred::TooSoon(until) => {
            ("#/hearing", format!("the time given for observations runs until {until}"))
        }
        Barred::Day => ("#/heard_on", "a day from that of the decision to today is expected".to_owned()),
    };
    wrong(pointer, "law", &detail)
}

/// Withdraws or repeals the decision of a case, with reasons; the case can be decided anew from then on.
#[utoipa::path(
    post, path = "/api/v1/agent/cases/{id}/reversal", request_body = NewReversal,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = ["case.decide"])),
    responses((status = 204), (status = 404), (status = 409, description = "No decision stands, or the case leaves for the archives or is erased"), (status = 422, description = "The law does not let it be taken back so, or not yet"))
)]
pub(super) async fn act(visit: Visit, Path(id): Path<String>, bytes: Bytes) -> Result {
    act_on_case(visit, &id, "reversal", bytes, |desk, tx, case, town, new: NewReversal| {
        let standing = office::standing(tx, &desk.access, case)?;
        let form = desk.form(tx, case)?;
        let taken = decision::of_case(tx, case.id).map_err(case_error)?;
        let signs = signing(tx, case, town, (&new.signatory_name, &new.signatory_quality))?;
        let new = read_act(&new, standing, signs, office::series(&form, taken.as_ref()))?;
        reversal::draft(tx, case, &new, town.zone()).map_err(barred)?;
        office::take_back(tx, &desk.access, (case, &form), &new, town)
    })
    .await
}
