//! States and events in words, for the citizen and for the agent.

use beffroi_cases::{
    advice::{Opinion, State as Stands, View},
    case::State,
    decision::{Decision, Outcome},
    silence::ImpliedDecision,
};
use beffroi_core::{Day, Id, Lang};
use beffroi_forms::CompiledForm;
use beffroi_people::Account;
use beffroi_store::JournalEntry;
use beffroi_web::Page;

/// An entry of the history of a case, as a page shows it.
pub(crate) struct Event {
    /// For programs, RFC 3339.
    pub(crate) date: String,
    pub(crate) when: String,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) who: String,
}

/// How a case ended: as the town decided, or else as its silence did.
pub(crate) fn outcome(taken: Option<&Decision>, implied: Option<&ImpliedDecision>) -> Option<Outcome> {
    taken.map(|taken| taken.outcome).or_else(|| implied.map(|implied| implied.outcome))
}

/// How a state looks and what it is called.
pub(crate) fn state(page: &Page, state: State, outcome: Option<Outcome>) -> (&'static str, String) {
    let (look, key) = match (state, outcome) {
        (State::Received, _) => ("new", "desk-state-received"),
        (State::Instruction, _) => ("active", "desk-state-instruction"),
        (State::Waiting, _) => ("waiting", "desk-state-waiting"),
        (State::Decided, Some(Outcome::Granted)) => ("granted", "desk-state-granted"),
        (State::Decided, Some(Outcome::Refused)) => ("refused", "desk-state-refused"),
        (State::Decided, _) => ("closed", "desk-state-closed"),
        (State::Withdrawn, _) => ("closed", "desk-state-withdrawn"),
        (State::Transferred, _) => ("closed", "desk-state-transferred"),
        (State::Archived, _) => ("closed", "desk-state-archived"),
    };
    (look, page.t(key).to_owned())
}

/// The same of a case for which something was booked: what was granted may have been given back since.
pub(crate) fn state_booked(
    page: &Page,
    of: State,
    outcome: Option<Outcome>,
    cancelled: bool,
) -> (&'static str, String) {
    if cancelled && of == State::Decided && outcome == Some(Outcome::Granted) {
        return ("closed", page.t("desk-state-cancelled").to_owned());
    }
    state(page, of, outcome)
}

/// Where an opinion stands, and what it says.
pub(crate) fn opinion<'p>(page: &'p Page, opinion: &Opinion, today: Day) -> (&'static str, &'p str) {
    let (look, key) = match (opinion.state, opinion.view) {
        (Stands::Awaited, _) if opinion.is_late(today) => ("late", "office-advice-late"),
        (Stands::Awaited, _) => ("waiting", "office-advice-awaited"),
        (Stands::Moot, _) => ("closed", "office-advice-moot"),
        (Stands::Cancelled, _) => ("closed", "office-advice-cancelled"),
        (Stands::Given, Some(View::Favourable)) => ("granted", "office-advice-favourable"),
        (Stands::Given, Some(View::WithReserves)) => ("active", "office-advice-with-reserves"),
        (Stands::Given, Some(View::Unfavourable) | None) => ("refused", "office-advice-unfavourable"),
    };
    (look, page.t(key))
}

/// Who sent a request for its reader by a mandate; `""` where they did themselves.
pub(crate) fn sent_by(page: &Page, name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    page.tr("desk-mandate-sent-by", &[("name", name.to_owned().into())])
}

/// The kinds of entries that only the journal tells.
pub(crate) const KINDS: &[&str] = &[
    "absence.cancelled",
    "absence.declared",
    "absence.delegated",
    "account.closing",
    "account.created",
    "account.document_erased",
    "account.document_kept",
    "account.document_used",
    "account.email_verified",
    "account.erased",
    "account.export_asked",
    "account.export_made",
    "account.export_taken",
    "account.household_changed",
    "account.link_requested",
    "account.passkey_added",
    "account.passkey_removed",
    "account.password_changed",
    "account.renamed",
    "account.reopened",
    "account.role_granted",
    "account.role_withdrawn",
    "account.second_factor_failed",
    "account.second_factor_given",
    "account.second_factor_removed",
    "account.second_factor_set",
    "account.sessions_closed",
    "account.sign_in_failed",
    "account.sms_wish_changed",
    "account.state_changed",
    "addresses.imported",
    "case.labelled",
    "case.unlabelled",
    "department.assignment_changed",
    "department.changed",
    "department.created",
    "document.cleared",
    "document_template.changed",
    "document_template.created",
    "document_template.draft_discarded",
    "document_template.drafted",
    "document_template.resumed",
    "document_template.retired",
    "document_template.sent_back",
    "draft.erased",
    "export.made",
    "export.taken",
    "feed.ended",
    "feed.made",
    "identity.changed",
    "identity.linked",
    "identity.unlinked",
    "identity_provider.changed",
    "job.retried",
    "label.changed",
    "label.created",
    "label.removed",
    "looks.erased",
    "mail.kept",
    "mandate.created",
    "mandate.revoked",
    "opinion.given",
    "order.cancelled",
    "order.consulted",
    "order.created",
    "order.lowered",
    "order.paid",
    "order.partly_refunded",
    "order.payer_reached",
    "order.payers_forgotten",
    "order.refunded",
    "order.reopened",
    "organisation.created",
    "payment.attached",
    "payment.cancelled",
    "payment.contradicted",
    "payment.paid",
    "payment.refused",
    "payment.settled",
    "payment.started",
    "payment.unknown",
    "person.created",
    "procedure.block_kept",
    "procedure.block_removed",
    "procedure.draft_begun",
    "procedure.draft_changed",
    "procedure.draft_discarded",
    "procedure.proposed",
    "procedure.published",
    "procedure.retired",
    "procedure.sent_back",
    "procedure.trial_recorded",
    "procedure.trial_removed",
    "receipt.annulled",
    "receipt.given",
    "refund.asked",
    "refund.done",
    "refund.withdrawn",
    "regie.changed",
    "regie.reconciled",
    "request.fetched",
    "sector.rule_added",
    "sector.rule_removed",
    "session.closed",
    "session.opened",
    "signatory.added",
    "signatory.removed",
    "slip.dropped",
    "slip.made",
    "slip.signed",
    "slip.taken",
    "state_service.changed",
    "template.kept",
    "template.removed",
    "token.created",
    "token.revoked",
    "town.changed",
    "uploads.erased",
    "webhook.changed",
    "webhook.created",
    "webhook.disabled",
    "webhook.removed",
    "webhook.replayed",
    "webhook.resumed",
    "webhook.secret_changed",
    "webhook.stopped",
    "webhook.tested",
];

/// The kinds of entries that a case's history tells.
pub(crate) const EVENTS: &[&str] = &[
    "case.received",
    "case.taken_up",
    "case.assigned",
    "case.routed",
    "case.documents_requested",
    "case.documents_received",
    "case.message_sent",
    "case.message_received",
    "case.documents_joined",
    "case.noted",
    "case.step_reached",
    "case.advice_asked",
    "case.advice_given",
    "case.transferred",
    "case.transfer_received",
    "case.decided",
    "case.deemed",
    "case.certificate_given",
    "case.reasons_asked",
    "case.reasons_given",
    "case.decision_sent",
    "case.decision_put_back",
    "case.decision_read",
    "case.observations_asked",
    "case.decision_withdrawn",
    "case.decision_repealed",
    "case.reversal_sent",
    "case.reversal_put_back",
    "case.reversal_read",
    "case.withdrawn",
    "case.time_given",
    "case.booking_cancelled",
    "case.booking_dates_returned",
    "case.appointment_proposed",
    "case.appointment_withdrawn",
    "case.appointment_linked",
    "case.appointment_booked",
    "case.appointment_moved",
    "case.appointment_cancelled",
    "case.appointment_received",
    "case.appointment_missed",
    "case.archived",
    "case.code_renewed",
    "case.consulted",
    "document.received",
    "document.infected",
    "case.message_read",
    "case.erased",
    "case.kept_longer",
    "case.anonymised",
    "case.listed_across",
    "case.read_across",
    "case.paper_failed",
    "mail.sent",
    "mail.failed",
    "sms.sent",
    "sms.failed",
    "letter.printed",
    "letter.put_back",
];

/// The kinds of entries that a case's history tells agents alone.
pub(crate) const INSIDE: &[&str] = &[
    "case.step_filled",
    "case.step-action",
    "case.advice_opened",
    "case.advice_cancelled",
    "case.advice_reminded",
    "case.advice_settled",
    "case.task_added",
    "case.task_done",
    "case.task_undone",
    "case.stood_in",
];

/// What an entry of a case's history says to agents; `None` for what is only of technical use.
pub(crate) fn inside(page: &Page, kind: &str) -> Option<String> {
    let known = INSIDE.iter().find(|known| **known == kind);
    let own =
        known.map(|kind| page.t(&format!("office-steps-event-{}", kind.replace(['.', '_'], "-"))).to_owned());
    own.or_else(|| event(page, kind))
}

/// The kinds of entries that the counter, the mandates, the mail room and the gateway of text messages leave in the
/// journal.
pub(crate) const DOORS: [&str; 26] = [
    "mail_item.consulted",
    "mail_item.received",
    "mail_item.routed",
    "mail_item.settled",
    "mailbox.added",
    "mailbox.changed",
    "mailbox.mail_left",
    "mailbox.removed",
    "mandate.asked",
    "mandate.consulted",
    "mandate.granted",
    "mandate.offer_declined",
    "mandate.offer_withdrawn",
    "mandate.offered",
    "mandate.refused",
    "mandate.searched",
    "mandate.used",
    "person.consulted",
    "person.merge_undone",
    "person.merged",
    "person.searched",
    "sms_gateway.changed",
    "sms_gateway.removed",
    "sms_gateway.tried",
    "visit.ended",
    "visit.opened",
];

/// What an entry of a case's history says; `None` for what is only of technical use.
pub(crate) fn event(page: &Page, kind: &str) -> Option<String> {
    let known = EVENTS.iter().find(|event| **event == kind)?;
    let key = known.replace(['.', '_'], "-");
    Some(page.t(&format!("desk-event-{key}")).to_owned())
}

/// What a step of the procedure is called; `""` where there is none.
pub(crate) fn step(form: &CompiledForm, id: Option<&str>, lang: Lang) -> String {
    let known = form.procedure().steps.iter().find(|step| Some(step.id.as_str()) == id);
    known.map(|step| step.label.text(lang).to_owned()).unwrap_or_default()
}

/// The particulars of an entry of a case's history, where it has any to tell.
pub(crate) fn detail(form: &CompiledForm, entry: &JournalEntry, lang: Lang) -> String {
    let payload = entry.payload.as_ref();
    if entry.kind == "case.step-action" {
        return String::new();
    }
    if entry.kind.starts_with("case.appointment_") {
        let told = payload.and_then(|payload| payload.get("told")?.get(lang.tag())?.as_str());
        return told.unwrap_or_default().to_owned();
    }
    let id = payload.and_then(|payload| payload.get("step")).and_then(serde_json::Value::as_str);
    step(form, id, lang)
}

/// What was done in a step, as agents read it: the action by its name, and whether it could be done.
pub(crate) fn deed(page: &Page, form: &CompiledForm, entry: &JournalEntry) -> String {
    let told = |name: &str| entry.payload.as_ref().and_then(|payload| payload.get(name));
    let text = |name: &str| told(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let step = form.procedure().steps.iter().find(|step| step.id == text("step"));
    let action = step.and_then(|step| step.actions.iter().find(|it| it.id == text("action")));
    let label = action.map_or_else(|| text("action").to_owned(), |it| it.label.fr.clone());
    match told("done").and_then(serde_json::Value::as_bool) {
        Some(false) => page.tr("office-steps-action-failed", &[("action", label.into())]),
        _ => label,
    }
}

/// What any entry of the journal says, technical ones too.
pub(crate) fn recorded(page: &Page, kind: &str) -> String {
    inside(page, kind)
        .unwrap_or_else(|| page.t(&format!("office-event-{}", kind.replace(['.', '_'], "-"))).to_owned())
}

/// What an entry of the journal is about: a case by its reference, another thing by its kind.
pub(crate) fn subject(page: &Page, entry: &JournalEntry, reference: Option<&str>) -> String {
    let kind = page.t(&format!("office-subject-{}", entry.subject_kind)).to_owned();
    reference.map_or_else(|| kind.clone(), |reference| format!("{kind} {reference}"))
}

/// Who acted, as the journal says it of those who are no agents.
pub(crate) fn actor<'p>(page: &'p Page, entry: &JournalEntry) -> &'p str {
    match entry.actor_kind.as_str() {
        "visitor" => page.t("office-actor-visitor"),
        "account" => page.t("office-actor-account"),
        "token" => page.t("office-actor-token"),
        _ => page.t("office-actor-system"),
    }
}

/// Who acted, seen from outside: the requester, the town hall, or the program. `owner`: the account that the case
/// was sent with.
pub(crate) fn side<'p>(page: &'p Page, entry: &JournalEntry, owner: Option<Id<Account>>) -> &'p str {
    match entry.actor_kind.as_str() {
        // The receipt itself asks for what is missing, whoever sent the request.
        _ if entry.kind == "case.documents_requested" && at_receipt(entry) => page.t("desk-by-system"),
        "visitor" => page.t("desk-by-requester"),
        "account" if owner.is_some_and(|owner| entry.actor_id == Some(owner.uuid())) => {
            page.t("desk-by-requester")
        }
        "account"
            if [
                "case.received",
                "case.message_received",
                "case.withdrawn",
                "case.booking_cancelled",
                "case.booking_dates_returned",
            ]
            .contains(&entry.kind.as_str()) =>
        {
            if entry.channel == beffroi_core::Channel::Online {
                page.t("desk-by-requester")
            } else {
                page.t("desk-by-agent")
            }
        }
        "account" | "token" => page.t("desk-by-agent"),
        _ => page.t("desk-by-system"),
    }
}

fn at_receipt(entry: &JournalEntry) -> bool {
    let told = entry.payload.as_ref().and_then(|payload| payload.get("at_receipt"));
    told.and_then(serde_json::Value::as_bool).unwrap_or_default()
}

/// Who signs, in one line: « Camille Bastide, la maire, par délégation du 4 mai ». What is not told is left out.
pub(crate) fn signs(name: &str, quality: &str, delegation: &str) -> String {
    let within = |text: &str| {
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    };
    let told = [name.to_owned(), within(quality), within(delegation)];
    told.into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join(", ")
}

/// So many months in words: `cinq ans`, `un mois`, `18 mois`.
pub(crate) fn lasting(months: u32, lang: Lang) -> String {
    let years = months.is_multiple_of(12);
    let count = if years { months / 12 } else { months };
    let word = |words: [&'static str; 10]| {
        let rank = count.checked_sub(1).and_then(|rank| usize::try_from(rank).ok());
        rank.and_then(|rank| words.get(rank).copied()).map_or_else(|| count.to_string(), str::to_owned)
    };
    let several = if count > 1 { "s" } else { "" };
    match lang {
        Lang::Fr => {
            let number =
                word(["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]);
            if years { format!("{number}\u{a0}an{several}") } else { format!("{number}\u{a0}mois") }
        }
        Lang::En => {
            let number =
                word(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]);
            format!("{number}\u{a0}{}{several}", if years { "year" } else { "month" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_has_words_can_be_asked_for() {
        let french = crate::LOCALES.iter().filter(|locale| locale.lang == Lang::Fr);
        let mut worded: Vec<&str> = french
            .flat_map(|locale| locale.ftl.lines())
            .filter_map(|line| line.strip_prefix("office-event-")?.split(" =").next())
            .collect();
        worded.sort_unstable();
        let mut kinds: Vec<String> =
            KINDS.iter().chain(&DOORS).map(|kind| kind.replace(['.', '_'], "-")).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, worded);
    }

    #[test]
    fn who_signs_is_told_in_one_line() {
        assert_eq!(signs("Camille Bastide", "La maire", ""), "Camille Bastide, la maire");
        assert_eq!(
            signs("Rémi Faure", "L’adjoint", "Par arrêté du 4 mai"),
            "Rémi Faure, l’adjoint, par arrêté du 4 mai"
        );
    }

    #[test]
    fn a_time_is_said_as_people_say_it() {
        let said = [1, 3, 12, 18, 24, 60].map(|months| lasting(months, Lang::Fr).replace('\u{a0}', " "));
        assert_eq!(said, ["un mois", "trois mois", "un an", "18 mois", "deux ans", "cinq ans"]);
        assert_eq!(lasting(60, Lang::En), "five\u{a0}years");
    }
}
