//! What the API takes and gives.

use beffroi_core::{Day, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::payment::{FeeDetail, Payment};

/// A procedure in the list.
#[derive(Serialize, ToSchema)]
pub(super) struct ProcedureSummary {
    pub(super) slug: String,
    pub(super) version: u32,
    pub(super) title: String,
    pub(super) summary: String,
    /// The ways in which it may be asked for here.
    pub(super) ways: Vec<&'static str>,
    /// The address of the service that answers in the town’s place; then it cannot be asked for here.
    pub(super) elsewhere: Option<String>,
}

/// A procedure with all that it asks.
#[derive(Serialize, ToSchema)]
pub(super) struct ProcedureDetail {
    pub(super) slug: String,
    pub(super) version: u32,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) ways: Vec<&'static str>,
    pub(super) who: String,
    pub(super) delay: String,
    pub(super) cost: String,
    /// What fixes the price; `null` where nothing is paid.
    pub(super) fee: Option<FeeDetail>,
    /// `grants`, `refuses` or `none`.
    pub(super) silence: String,
    /// After how long: `2m`, `30d`.
    pub(super) term: Option<String>,
    /// The JSON Schema (2020-12) of `answers`.
    #[schema(value_type = Object)]
    pub(super) schema: serde_json::Value,
}

/// A request to be sent.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "answers": { "nature": "copie" }, "channel": "paper", "arrived_on": "2026-06-01", "seen": [],
}))]
pub(super) struct Deposit {
    /// By field, in the shapes of the procedure’s schema.
    #[schema(value_type = Object)]
    pub(super) answers: serde_json::Value,
    /// The upload whose documents the answers name; what they do not name is not kept.
    #[serde(default)]
    pub(super) upload: Option<uuid::Uuid>,
    /// The token of what is held for it (`POST /api/v1/resources/{slug}/bookings`), where the procedure wants something
    /// picked first: it answers the questions about it.
    #[serde(default)]
    pub(super) booking: Option<String>,
    /// The language in which the requester is answered: `fr` or `en`.
    #[serde(default)]
    pub(super) lang: Option<String>,
    /// The door through which an agent received it: `counter`, `phone`, `paper` or `email`. Only with an agent’s
    /// token; the counter’s rules hold then, and a missing document is asked for in the acknowledgement.
    #[serde(default)]
    pub(super) channel: Option<String>,
    /// The day on which it came, where it came by `paper` or `email`: the legal term runs from it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) arrived_on: Option<Day>,
    /// Whether the requester wants to be answered on paper. Only with `channel`.
    #[serde(default)]
    pub(super) by_letter: bool,
    /// The fields whose documents the agent has seen: they are not asked for. Only with `channel`.
    #[serde(default)]
    pub(super) seen: Vec<String>,
    /// The item of the mail room that becomes this case: its files and words go with it, and it came on its day. Only
    /// with `channel`; the token needs `mail.sort`.
    #[serde(default)]
    pub(super) mail: Option<uuid::Uuid>,
    /// The visit, open at your counter, of the person for whom it is entered. Only with `channel`.
    #[serde(default)]
    pub(super) visit: Option<uuid::Uuid>,
}

/// A request that was received.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct Deposited {
    pub(super) reference: String,
    /// Told once: it opens the case.
    pub(super) tracking_code: String,
    /// Where the acknowledgement is fetched, with the tracking code in the header `Tracking-Code`.
    pub(super) acknowledgement_url: String,
}

/// Documents received before the request that names them.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct Upload {
    /// To be named in the request.
    pub(super) upload: uuid::Uuid,
    pub(super) documents: Vec<UploadedDocument>,
}

/// One document of an upload.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct UploadedDocument {
    pub(super) document: String,
    pub(super) name: String,
}

/// A message of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    /// `requester`, `town` or `note`.
    pub(super) from: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Instant,
    pub(super) text: String,
    /// What the town joined to it.
    pub(super) documents: Vec<CaseDocument>,
}

/// Documents that were asked for.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the interface")]
pub(super) struct Asked {
    pub(super) pieces: String,
    #[schema(value_type = String, format = Date)]
    pub(super) asked_on: Day,
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) deadline: Option<Day>,
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) arrived_on: Option<Day>,
}

/// How a case was decided.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the interface")]
pub(super) struct Decided {
    /// `granted`, `refused` or `closed`.
    pub(super) outcome: &'static str,
    pub(super) number: Option<String>,
    pub(super) reasons: String,
    #[schema(value_type = String, format = Date)]
    pub(super) decided_on: Day,
    /// What is notified with it.
    pub(super) documents: Vec<CaseDocument>,
}

/// A case as its requester sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowedCase {
    pub(super) reference: String,
    pub(super) procedure: String,
    /// `received`, `instruction`, `waiting`, `decided`, `withdrawn`, `transferred` or `archived`.
    pub(super) state: &'static str,
    /// The step of its procedure that it has reached, if the procedure has any.
    pub(super) step: Option<String>,
    #[schema(value_type = String, format = Date)]
    pub(super) received_on: Day,
    /// The day on which it is deemed decided, if nobody answers.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) deemed_on: Option<Day>,
    pub(super) document_requests: Vec<Asked>,
    pub(super) messages: Vec<Message>,
    pub(super) decision: Option<Decided>,
    pub(super) implied_decision: Option<Implied>,
    /// The decisions that were taken back, oldest first.
    pub(super) reversals: Vec<Reversed>,
    /// What is to be paid for it, or was; `null` where nothing is asked for.
    pub(super) payment: Option<Payment>,
}

/// A decision that was withdrawn, so that it never was, or repealed, for what is to come.
#[derive(Serialize, ToSchema)]
pub(super) struct Reversed {
    /// `withdrawn` or `repealed`.
    pub(super) effect: &'static str,
    /// The article of the Code des relations entre le public et l’administration that lets it be.
    pub(super) article: String,
    /// The number of the act, where it is a formal one.
    pub(super) number: Option<String>,
    pub(super) reasons: String,
    #[schema(value_type = String, format = Date)]
    pub(super) acted_on: Day,
    /// What the decision had been: `granted`, `refused` or `closed`.
    pub(super) outcome: &'static str,
    /// The number that it had.
    pub(super) decision_number: Option<String>,
    #[schema(value_type = String, format = Date)]
    pub(super) decided_on: Day,
    /// Whether the town’s silence had taken it.
    pub(super) by_silence: bool,
}

/// What the town’s silence has decided. A refusal by silence may still be followed by a decision.
#[derive(Serialize, ToSchema)]
pub(super) struct Implied {
    /// `granted` or `refused`.
    pub(super) outcome: &'static str,
    #[schema(value_type = String, format = Date)]
    pub(super) deemed_on: Day,
}

/// A case as an agent’s list shows it.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseRow {
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) procedure: String,
    pub(super) department: String,
    pub(super) state: &'static str,
    /// The step of its procedure that it has reached, if the procedure has any.
    pub(super) step: Option<String>,
    pub(super) requester: String,
    /// The person or organisation for whom it is asked, if not for the requester.
    pub(super) beneficiary: Option<String>,
    #[schema(value_type = String, format = Date)]
    pub(super) received_on: Day,
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) deemed_on: Option<Day>,
    pub(super) channel: &'static str,
    /// The agent who follows it.
    pub(super) assignee: Option<uuid::Uuid>,
}

/// A page of cases, those that press first.
#[derive(Serialize, ToSchema)]
pub(super) struct CasePage {
    pub(super) cases: Vec<CaseRow>,
    /// To be given as `after` for the next page.
    pub(super) next: Option<String>,
}

/// A case as an agent sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct AgentCase {
    #[serde(flatten)]
    pub(super) row: CaseRow,
    #[schema(value_type = Object)]
    pub(super) answers: serde_json::Value,
    /// The labels that the department has stuck on it.
    pub(super) labels: Vec<super::labels::LabelShown>,
    pub(super) document_requests: Vec<Asked>,
    pub(super) messages: Vec<Message>,
    pub(super) decision: Option<Decided>,
    pub(super) implied_decision: Option<Implied>,
    /// The decisions that were taken back, oldest first.
    pub(super) reversals: Vec<Reversed>,
    /// What is to be paid for it, or was; `null` where nothing is asked for.
    pub(super) payment: Option<Payment>,
}

/// A document of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseDocument {
    pub(super) id: String,
    /// What it is for: `acknowledgement`, `decision`, `reversal`, `past-decision`, `past-reversal`, `letter`, `attachment`, `answer`, `enclosure`.
    pub(super) purpose: String,
    pub(super) name: String,
    pub(super) media_type: &'static str,
    pub(super) bytes: i64,
    /// `clear` once it may be read; `unchecked` while the virus scanner has not looked; `infected`.
    pub(super) state: &'static str,
}

/// Nothing needs to be told.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Whom a case is given to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agent": "01900000-0000-7000-8000-000000000000" }))]
pub(super) struct NewAssignee {
    /// The agent’s account; nobody, if none is given.
    #[serde(default)]
    pub(super) agent: Option<uuid::Uuid>,
}

/// Which department a case is handed over to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "department": "etat-civil" }))]
pub(super) struct NewDepartment {
    /// Its short name.
    pub(super) department: String,
}

/// The reasons of what silence refused.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reasons": "Le lieu est déjà occupé ce jour-là." }))]
pub(super) struct NewReasons {
    pub(super) reasons: String,
}

/// A note for colleagues.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "La requérante rappelle lundi." }))]
pub(super) struct NewNote {
    pub(super) text: String,
}

/// A message to the requester.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "Voici le plan que vous nous avez demandé.", "upload": null, "documents": [],
}))]
pub(super) struct NewMessage {
    pub(super) text: String,
    /// The upload whose documents are joined, all of them: up to twenty.
    #[serde(default)]
    pub(super) upload: Option<uuid::Uuid>,
    /// Documents of the case that are joined too.
    #[serde(default)]
    pub(super) documents: Vec<uuid::Uuid>,
}

/// A step of the procedure that a case has reached.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "avis" }))]
pub(super) struct NewStep {
    /// Its `id`, as the procedure names it.
    pub(super) step: String,
}

/// Documents to be asked for.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "pieces": "Plan du lieu\nAttestation d’assurance", "deadline": null }))]
pub(super) struct NewRequest {
    /// One a line.
    pub(super) pieces: String,
    /// The last day to send them, after today; thirty days where none is given.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) deadline: Option<Day>,
}

/// A decision to be taken.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "granted", "reasons": "Le lieu convient.", "signatory_name": "Camille Roustan",
    "signatory_quality": "Adjointe au maire", "upload": null, "documents": [],
}))]
pub(super) struct NewDecision {
    /// `granted`, `refused` or `closed`.
    pub(super) outcome: String,
    /// Needed unless the request is granted.
    #[serde(default)]
    pub(super) reasons: String,
    /// First name and name of one of those who sign for the department, or of the town's own signatory where none is
    /// appointed there.
    pub(super) signatory_name: String,
    pub(super) signatory_quality: String,
    /// The upload whose documents are notified with it, all of them: up to twenty.
    #[serde(default)]
    pub(super) upload: Option<uuid::Uuid>,
    /// Documents of the case that are notified with it too.
    #[serde(default)]
    pub(super) documents: Vec<uuid::Uuid>,
}
