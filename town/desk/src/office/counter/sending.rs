//! What an agent has entered becomes a case: once for one page, however often it is clicked.

use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, Lang};
use beffroi_forms::{CompiledForm, Outcome};
use beffroi_people::SignedIn;
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{Result, WebError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::page::Typed;
use crate::{
    Parts, booked,
    office::{
        arrived,
        reception::store::{self as visits, Stay},
    },
    public::Posted,
    submission::{self, Submission, SubmitError},
};

/// The keys of this page.
pub(super) const SCOPE: &str = "desk.counter";

/// A case that was just entered. The code is told once, on the receipt.
#[derive(Deserialize, Serialize)]
pub(super) struct NewReceipt {
    pub(super) case: Id<Case>,
    pub(super) code: String,
    /// Whether it belongs to a visit, which goes on.
    #[serde(default)]
    pub(super) visit: bool,
}

/// What came of an entry.
pub(super) enum Entered {
    /// A case.
    Case(NewReceipt),
    /// A page to be shown again.
    Again(Box<Typed>, Box<Outcome>, bool),
}

/// What was typed and chosen, whatever its files were called when they were kept.
pub(super) fn fingerprint(slug: &str, posted: &Posted) -> Vec<u8> {
    let files: Vec<_> = posted.files.iter().map(|(field, file)| (field, file.sha256())).collect();
    json!([slug, posted.fields.pairs(), files]).to_string().into_bytes()
}

/// What came of an entry that was made once.
pub(super) fn as_entered(once: Once<NewReceipt>) -> Result<Entered> {
    match once {
        Once::Done(new) | Once::Again(new) => Ok(Entered::Case(new)),
        Once::Reused => Err(WebError::conflict()),
    }
}

/// Whose request it is that is entered in a visit.
pub(crate) fn whom(stay: Option<&Stay>, form: &CompiledForm, who: &SignedIn) -> submission::Whom {
    submission::Whom {
        person: stay.and_then(|stay| stay.record_in(form.procedure().sector)),
        known: stay.filter(|stay| stay.mandate.is_none()).map(|stay| stay.details.clone()),
        mandate: stay.and_then(|stay| stay.mandate).map(|mandate| {
            let helping = submission::Helping {
                account: who.account,
                name: who.display_name.clone(),
                email: who.email.clone(),
            };
            (mandate, helping)
        }),
    }
}

/// Sends what an agent has entered: once for one page, however often it is clicked.
pub(super) fn send(
    tx: &mut Tx<'_>,
    desk: &Parts,
    (typed, judged): (Typed, submission::Judged),
    who: &SignedIn,
    (owner, received_on): (uuid::Uuid, Day),
    what: &[u8],
) -> Result<Entered> {
    let stay = typed.stay.as_ref();
    let whom = whom(stay, &typed.form, who);
    let submission = Submission {
        form: &typed.form,
        judged: &judged,
        town: &typed.town,
        account: None,
        typed_by: Some(who.account.uuid()),
        lang: Lang::Fr,
        received_on: Some(received_on),
        by_letter: typed.by_letter,
        files: Some(("entry", owner)),
        draft: None,
        booking: typed.picking.as_ref().and_then(|picking| picking.booking.as_ref()).map(|it| it.id),
        whom,
    };
    let sent = idempotency::once(tx, SCOPE, &typed.key, what, |tx| {
        let sent = submission::submit(tx, &submission)?;
        if let Some(stay) = stay {
            visits::add(tx, stay, sent.case)?;
            if !typed.form.procedure().sealed {
                visits::learn(tx, stay, &judged.requester.known(typed.by_letter))?;
            }
        }
        if let Some(mail) = &typed.mail {
            arrived::became(tx, mail, sent.case, who)?;
        }
        if let (Some(it), Some(diary)) = (&typed.appointed, &desk.diary) {
            diary.opened(tx, it.appointment, sent.case.uuid())?;
        }
        Ok::<_, SubmitError>(NewReceipt {
            case: sent.case,
            code: sent.code.to_string(),
            visit: stay.is_some(),
        })
    });
    match sent {
        Ok(once) => as_entered(once),
        Err(SubmitError::Faults(faults)) => {
            let mut outcome = judged.outcome;
            outcome.faults = faults;
            Ok(Entered::Again(Box::new(typed), Box::new(outcome), true))
        }
        Err(refused @ (SubmitError::Taken | SubmitError::Unfit)) => {
            let proposals = match &typed.picking {
                Some(picking) => booked::nearest(tx, picking, &typed.town, Lang::Fr)?,
                None => Vec::new(),
            };
            let unfit = matches!(refused, SubmitError::Unfit);
            let typed = Typed { overtaken: Some(proposals), unfit, ..typed };
            Ok(Entered::Again(Box::new(typed), Box::new(judged.outcome), true))
        }
        Err(SubmitError::Mandate) => {
            Err(WebError::forbidden().say("Le mandat de cette personne ne couvre pas cette démarche, ou il est terminé. Ouvrez une visite sans mandat si elle est devant vous."))
        }
        Err(error) => Err(error.into()),
    }
}
