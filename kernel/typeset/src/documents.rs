//! What each document says. Field by field, the words that the templates lay out in French.

use chrono::NaiveDate;
use serde::Serialize;

use crate::job::Template;

/// A value that one template knows how to lay out.
pub trait Document: Serialize {
    /// Its template.
    const TEMPLATE: Template;
}

/// Who writes: printed at the top of the first page.
#[derive(Clone, Debug, Serialize)]
pub struct Letterhead {
    /// For example « Commune de Saint-Aubin ».
    pub commune: String,
    /// The place from which documents are dated: « Saint-Aubin ».
    pub place: String,
    /// The French département, if shown: « Département du Nord ».
    pub department: Option<String>,
    /// Postal address of the town hall, line by line.
    pub address: Vec<String>,
    /// Telephone of the town hall.
    pub phone: Option<String>,
    /// E-mail address of the town hall.
    pub email: Option<String>,
}

/// To whom: name and postal address, line by line.
#[derive(Clone, Debug, Serialize)]
pub struct Recipient {
    /// The lines of the address block.
    pub lines: Vec<String>,
}

/// The municipal department in charge (CRPA R112-5, 2°).
#[derive(Clone, Debug, Serialize)]
pub struct Contact {
    /// Name of the department.
    pub name: String,
    /// Agent in charge, when one is known (CRPA L111-2).
    pub agent: Option<String>,
    /// Postal address, line by line.
    pub address: Vec<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// A paper that is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    /// What it is.
    pub name: String,
    /// Why, or what is wrong with the one received.
    pub reason: Option<String>,
}

/// Ways and times of appeal.
#[derive(Clone, Debug, Serialize)]
pub struct AppealRoutes {
    /// To whom the plain appeal goes: « Madame la maire ».
    pub authority: String,
    /// The court: « tribunal administratif de Lille ».
    pub court: String,
    /// Its postal address, on one line.
    pub court_address: String,
    /// The time, in words: « deux mois ».
    pub within: String,
    /// An appeal that must come before the court (RAPO), in a full sentence.
    pub first_step: Option<String>,
}

/// What the administration's silence means (CRPA L231-1, L231-4).
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Silence {
    /// It grants the request; a certificate may be asked for (L232-3).
    Grants {
        /// The day on which the request is granted.
        on: NaiveDate,
    },
    /// It refuses the request; reasons may be asked for (L232-4).
    Refuses {
        /// The day on which the request is refused.
        on: NaiveDate,
        /// How to contest the refusal.
        appeals: AppealRoutes,
    },
    /// It means nothing: no decision is asked for.
    Nothing,
}

/// One question and what was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The question.
    pub label: String,
    /// The answer, as the person would read it; empty when there is none.
    pub value: String,
}

/// The answers of one page of a form.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerGroup {
    /// The page's title.
    pub title: String,
    /// In the order of the form.
    pub answers: Vec<Answer>,
}

/// What a file lacks, and the time given for it (CRPA L114-5).
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// Which pieces.
    pub pieces: Vec<Piece>,
    /// The day on which they were asked for: the day of silence is told as if they came then.
    pub asked_on: NaiveDate,
    /// The last day given to send them.
    pub until: Option<NaiveDate>,
}

/// The receipt of a request (CRPA L112-3, L112-11, R112-5, R112-11-1).
#[derive(Clone, Debug, Serialize)]
pub struct Acknowledgement {
    /// Who writes.
    pub letterhead: Letterhead,
    /// To whom.
    pub recipient: Recipient,
    /// The case's reference.
    pub reference: String,
    /// The code with which the case is followed without an account.
    pub tracking_code: Option<String>,
    /// Where that code is asked for.
    pub tracking_url: Option<String>,
    /// The name of the request: « Inscription scolaire ».
    pub subject: String,
    /// The day on which the request was received (R112-5, 1°).
    pub received_on: NaiveDate,
    /// How it was received, as the end of a sentence: « par voie électronique ».
    pub received_by: Option<String>,
    /// Who is in charge.
    pub department: Contact,
    /// What silence means, and when.
    pub silence: Silence,
    /// What is missing (CRPA L114-5); nothing when the file is complete.
    pub missing: Option<Missing>,
    /// Summary of the answers.
    pub answers: Vec<AnswerGroup>,
    /// Why the law asks for no acknowledgement here; this is then a plain confirmation.
    pub not_due: Option<String>,
    /// What the procedure says last.
    pub closing: Option<String>,
}

impl Document for Acknowledgement {
    const TEMPLATE: Template = Template::Acknowledgement;
}

/// How a question is answered with a pen.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Lines {
        /// How many; a page holds about 25.
        count: u8,
    },
    /// Day, month and year.
    Date,
    /// One box for each character: postcode, SIRET number.
    Boxes {
        /// How many; a row holds about 25.
        count: u8,
    },
    /// Boxes to tick.
    Choice {
        /// The labels.
        options: Vec<String>,
        /// Whether several may be ticked.
        several: bool,
    },
    /// One box to tick beside a sentence, which is the field's label.
    Statement,
    /// A frame in which to sign.
    Signature,
    /// No question, but a title above those that follow.
    Heading,
}

/// One question of a paper form.
#[derive(Clone, Debug, Serialize)]
pub struct BlankField {
    /// The question.
    pub label: String,
    /// Help for the person who fills it in.
    pub hint: Option<String>,
    /// Whether an answer is compulsory.
    pub required: bool,
    /// How it is answered.
    pub kind: FieldKind,
}

/// One part of a paper form.
#[derive(Clone, Debug, Serialize)]
pub struct FormPage {
    /// Its title.
    pub title: String,
    /// Its introduction.
    pub introduction: Option<String>,
    /// Its questions.
    pub fields: Vec<BlankField>,
}

/// The paper form of a request, for who does not use a screen (CRPA L112-8 keeps it a choice).
#[derive(Clone, Debug, Serialize)]
pub struct BlankForm {
    /// Who writes.
    pub letterhead: Letterhead,
    /// The name of the request.
    pub title: String,
    /// Who may ask and what for.
    pub introduction: String,
    /// The parts of the form.
    pub pages: Vec<FormPage>,
    /// Papers to enclose.
    pub attachments: Vec<Piece>,
    /// Where to send it.
    pub return_to: Contact,
    /// What becomes of the data (GDPR, article 13).
    pub privacy: Option<String>,
}

impl Document for BlankForm {
    const TEMPLATE: Template = Template::BlankForm;
}

/// Who signs (CRPA L212-1: first name, name and quality, readable).
#[derive(Clone, Debug, Serialize)]
pub struct Signatory {
    /// First name.
    pub first_name: String,
    /// Name.
    pub name: String,
    /// Quality: « La maire ».
    pub quality: String,
    /// The delegation under which they sign, if any.
    pub delegation: Option<String>,
    /// Whether room is left for a pen. If not, the document says that it needs no signature
    /// because it is notified through a teleservice (CRPA L212-2): never of what leaves on paper.
    pub handwritten: bool,
}

/// One article of a decision.
#[derive(Clone, Debug, Serialize)]
pub struct Article {
    /// Its title, if any; the number is added.
    pub title: Option<String>,
    /// Its text.
    pub text: String,
}

/// A decision or an order (arrêté).
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// Who writes.
    pub letterhead: Letterhead,
    /// The requester; an order addressed to all has none.
    pub recipient: Option<Recipient>,
    /// The case's reference.
    pub reference: Option<String>,
    /// Number of the act.
    pub number: String,
    /// « Arrêté portant permission de stationnement ».
    pub title: String,
    /// Who decides: « La maire de Saint-Aubin ».
    pub authority: String,
    /// Texts applied, each without its « Vu ».
    pub visas: Vec<String>,
    /// Reasons (CRPA L211-5), each without its « Considérant ».
    pub reasons: Vec<String>,
    /// « Arrête », « Décide ».
    pub verb: String,
    /// What is decided.
    pub articles: Vec<Article>,
    /// Who signs.
    pub signatory: Signatory,
    /// What the documents are called that are joined to it.
    pub enclosures: Vec<String>,
    /// How to contest it; without them the time of appeal does not run (CJA R421-5).
    pub appeals: Option<AppealRoutes>,
}

impl Document for Decision {
    const TEMPLATE: Template = Template::Decision;
}

/// A plain letter.
#[derive(Clone, Debug, Serialize)]
pub struct Letter {
    /// Who writes.
    pub letterhead: Letterhead,
    /// To whom.
    pub recipient: Recipient,
    /// The case's reference.
    pub reference: Option<String>,
    /// Its subject.
    pub subject: String,
    /// « Madame, Monsieur, »; `""` where nobody is spoken to.
    pub opening: String,
    /// Its text.
    pub paragraphs: Vec<String>,
    /// Papers asked for, if any.
    pub pieces: Vec<Piece>,
    /// The day by which an answer is awaited.
    pub until: Option<NaiveDate>,
    /// Whom to ask.
    pub department: Option<Contact>,
    /// The last sentence.
    pub closing: Option<String>,
    /// Who signs.
    pub signatory: Option<Signatory>,
    /// What the documents are called that are joined to it.
    pub enclosures: Vec<String>,
    /// How to contest it, where it decides something (CJA R421-5).
    pub appeals: Option<AppealRoutes>,
}

impl Document for Letter {
    const TEMPLATE: Template = Template::Letter;
}

/// How whoever is told on paper says whether they are satisfied.
#[derive(Clone, Debug, Serialize)]
pub struct OpinionAsked {
    /// The address to type: « lunel.example/avis ».
    pub address: String,
    /// The code to type there, or to tell an agent.
    pub code: String,
    /// The address with the code, to scan: the rows of a square, dark where they are `1`. None where it cannot be drawn.
    pub square: Vec<String>,
    /// Whether what was asked for is still to come, so that there is nothing to say yet.
    pub later: bool,
}

/// A document at the end of which its reader is asked how they were served; an order asks on a sheet of its own, since
/// an order may be put up in the street.
#[derive(Clone, Debug, Serialize)]
pub struct Asking<'a, D> {
    /// The document.
    #[serde(flatten)]
    pub document: &'a D,
    /// What is asked, if anything.
    pub opinion: Option<OpinionAsked>,
}

impl<D: Document> Document for Asking<'_, D> {
    const TEMPLATE: Template = D::TEMPLATE;
}

/// A line of what was paid for.
#[derive(Clone, Debug, Serialize)]
pub struct PaidLine {
    /// What it is.
    pub label: String,
    /// What it costs, in cents.
    pub cents: i64,
}

/// Money that was taken, given back or annulled.
#[derive(Clone, Debug, Serialize)]
pub struct PaidEntry {
    /// When, and how: « Le 24 novembre 2026, par chèque, quittance 2026-12 ».
    pub label: String,
    /// How much, in cents; below zero for what went.
    pub cents: i64,
}

/// A receipt of money: of one taking at the counter, or of all that was paid for an order.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentReceipt {
    /// Who writes.
    pub letterhead: Letterhead,
    /// Who paid; nothing where that is forgotten.
    pub recipient: Option<Recipient>,
    /// The number of the order.
    pub reference: String,
    /// « Quittance 2026-12 », « Justificatif de paiement ».
    pub title: String,
    /// Who collected: « Régie des salles municipales ».
    pub regie: String,
    /// For what.
    pub lines: Vec<PaidLine>,
    /// What the order comes to, in cents.
    pub total: i64,
    /// What came and went.
    pub entries: Vec<PaidEntry>,
    /// What is still to be paid, in cents.
    pub remaining: i64,
    /// The deliberation that fixes the tariff.
    pub deliberation: Option<String>,
    /// What the reader must know: that it is annulled, or a trial.
    pub warning: Option<String>,
}

impl Document for PaymentReceipt {
    const TEMPLATE: Template = Template::PaymentReceipt;
}
