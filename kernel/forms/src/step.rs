//! The steps of a case between its receipt and its decision: who acts, what agents fill in, what is done, and when.

use serde::{Deserialize, Serialize};

use crate::{Field, Text};

/// The word that names the decision where a step says what comes after it.
pub const DECISION: &str = "decision";

/// A step of a case under instruction: « Avis des services techniques ».
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CaseStep {
    /// Its name in cases: small letters, digits and hyphens.
    pub id: String,
    /// What it is called, for the requester too.
    pub label: Text,
    /// The short name of the department that acts in it; the case's own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Who of that department acts; whoever handles its cases where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Hand>,
    /// Offered only when this is true (CEL, over the answers and what agents filled in before).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How many days it should take: it is shown, and later than that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// The steps that may follow, or `decision`; the next one of the file where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// What the agent fills in.
    #[serde(default, rename = "field", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// What is done in it.
    #[serde(default, rename = "action", skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<StepAction>,
}

/// Who of a department acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hand {
    /// Whoever handles its cases.
    Agent,
    /// Whoever answers for them: the head of the department.
    Head,
}

/// One thing that is done in a step. Which members it takes depends on its kind: see `docs/forms.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StepAction {
    /// Its name in the step: small letters, digits and hyphens.
    pub id: String,
    /// What its button and the history say.
    pub label: Text,
    /// What is done.
    pub kind: Deed,
    /// When.
    #[serde(default, skip_serializing_if = "is_button")]
    pub on: Moment,
    /// Done only when this is true (CEL, over the answers and what agents filled in, this step’s fields too).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// With `on = "time"`: so many days after the step was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_days: Option<u16>,
    /// With `on = "time"`: so many days before silence decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_deemed_days: Option<u16>,
    /// The title of a document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The short name of the template by which a document is laid out: one of the house's, or of the commune's own; the
    /// letter where nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// The words: of the message, the question, the task, the pieces asked for (one a line), the reasons. `{field}`
    /// stands for an answer, `{step.field}` for what an agent filled in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// By which ways a message is sent; by mail, or by letter to who wants paper, where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Carrier>,
    /// The department that is asked, that the case goes to, or whose task it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub department: String,
    /// The outside expert, or the administration that is competent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The e-mail address of the outside expert; the agent is asked for it where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// What the expert sees: questions of the form, or `step.field`. Nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub share: Vec<String>,
    /// The days given: for an opinion, a task, pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u16>,
    /// The step to which a case moves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// The limit of the procedure that is looked at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub limit: String,
    /// The name that other programs are told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A way by which a message is sent. On the requester's page it stands in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// Word of it, to who has an e-mail address.
    Mail,
    /// Its text, to who has a mobile telephone.
    Sms,
    /// Its text, to who wants paper.
    Letter,
}

impl Carrier {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Mail, Self::Sms, Self::Letter];

    /// Its word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Letter => "letter",
        }
    }

    /// The one that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

/// What an action does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Writes to the requester.
    #[default]
    Message,
    /// Lays a document out and keeps it on the case; the requester is sent it.
    Document,
    /// Asks the requester for documents; the legal clock reacts.
    AskDocuments,
    /// Asks another department, or somebody outside, for an opinion.
    Opinion,
    /// Hands the case over to another department.
    Transfer,
    /// Hands the case over to the competent administration, and ends it here (CRPA, art. L114-2).
    TransferOut,
    /// Gives an agent something to do.
    Task,
    /// Reminds those who follow the case, by mail.
    Remind,
    /// Moves the case to another step.
    Move,
    /// Looks at a limit, and tells agents how far it is used.
    Count,
    /// Tells other programs, through the journal.
    Webhook,
    /// Closes the case without a decision to take.
    Close,
}

impl Deed {
    /// Its word in files and in the journal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Document => "document",
            Self::AskDocuments => "ask-documents",
            Self::Opinion => "opinion",
            Self::Transfer => "transfer",
            Self::TransferOut => "transfer-out",
            Self::Task => "task",
            Self::Remind => "remind",
            Self::Move => "move",
            Self::Count => "count",
            Self::Webhook => "webhook",
            Self::Close => "close",
        }
    }

    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 12] = [
        Self::Message,
        Self::Document,
        Self::AskDocuments,
        Self::Opinion,
        Self::Task,
        Self::Remind,
        Self::Move,
        Self::Transfer,
        Self::TransferOut,
        Self::Close,
        Self::Count,
        Self::Webhook,
    ];

    /// The one that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }

    /// The members of an action that it cannot do without.
    pub const fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Message | Self::Remind | Self::Close | Self::AskDocuments => &["text"],
            Self::Document => &["title", "text"],
            Self::Opinion | Self::Task => &["text", "within_days"],
            Self::Transfer => &["department"],
            Self::TransferOut => &["body"],
            Self::Move => &["to"],
            Self::Count => &["limit"],
            Self::Webhook => &["name"],
        }
    }

    /// The members that it takes beside those; any other does not suit it.
    pub const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Message => &["by"],
            Self::Document => &["template"],
            Self::AskDocuments => &["within_days"],
            Self::Opinion => &["department", "body", "email", "share"],
            Self::TransferOut => &["text", "email"],
            Self::Task => &["department"],
            _ => &[],
        }
    }
}

/// When an action is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// When an agent presses its button.
    #[default]
    Button,
    /// When the case enters the step.
    Enter,
    /// When it leaves it.
    Leave,
    /// By itself, once its time has come.
    Time,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_button(moment: &Moment) -> bool {
    matches!(moment, Moment::Button)
}

impl CaseStep {
    /// The name under which conditions know what agents filled in here.
    pub fn variable(&self) -> String {
        self.id.replace('-', "_")
    }
}

/// From where to where a case may go, and what takes it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The step left; `None` for the receipt.
    pub from: Option<String>,
    /// The step reached; `None` for the decision.
    pub to: Option<String>,
    /// The action that moves the case, where one does: its step’s rank and its own.
    pub by: Option<(usize, usize)>,
}

/// All ways through the steps, in the order of the file: the usual ones, then what moves the case.
pub fn transitions(steps: &[CaseStep]) -> Vec<Transition> {
    let mut ways = vec![Transition { from: None, to: steps.first().map(|step| step.id.clone()), by: None }];
    for (rank, step) in steps.iter().enumerate() {
        let from = Some(step.id.clone());
        if step.next.is_empty() {
            let to = steps.get(rank + 1).map(|next| next.id.clone());
            ways.push(Transition { from: from.clone(), to, by: None });
        }
        for next in &step.next {
            let to = (next != DECISION).then(|| next.clone());
            ways.push(Transition { from: from.clone(), to, by: None });
        }
        for (number, action) in step.actions.iter().enumerate().filter(|(_, it)| it.kind == Deed::Move) {
            let to = Some(action.to.clone());
            ways.push(Transition { from: from.clone(), to, by: Some((rank, number)) });
        }
    }
    ways
}
