//! What the forms of a case's page ask for, read from what was posted. All that is missing or too long is told at
//! once.

use beffroi_calendar::booking::{Canceller, NotReturned};
use beffroi_cases::{
    LONGEST_TEXT,
    case::{Event, State},
    decision::{NewDecision, Outcome},
    label::Label,
};
use beffroi_core::{Cents, Day, Id};
use beffroi_documents::Document;
use beffroi_web::FormPost;
use chrono::Days;
use uuid::Uuid;

use super::{enclosing, timing};
use crate::{
    appointed::WORDS_AT_MOST,
    daily::signatory::Signatory,
    returned::{self, Chosen},
};

/// The time given for missing documents where the agent gives none (CRPA L114-5 leaves it to the town).
pub(super) const DAYS_FOR_DOCUMENTS: Days = Days::new(30);

/// What a form asks for.
pub(super) enum Action {
    TakeUp,
    Assign(Option<Uuid>),
    Route(String),
    /// Words to the requester, with these documents.
    Write(String, Vec<Id<Document>>),
    Note(String),
    Ask(String, Option<Day>),
    Arrived,
    Step(String),
    Decide(NewDecision, Vec<Id<Document>>),
    Explain(String),
    /// The requester has asked for the reasons of an implied refusal, on that day.
    ReasonsAsked(Day),
    Archive,
    /// The town takes back what it has granted and booked, for this reason.
    Cancel(String),
    /// Some dates of it are given back: those, and for whom that is done.
    GiveBack(Chosen, Canceller),
    /// A date is added that could not be had before: when it begins, in seconds.
    AddDate(i64),
    /// What the agent holds, by its name, is booked for a request that came without a time.
    BookTime(String),
    RenewCode,
    Stick(Id<Label>),
    Peel(Id<Label>),
    /// An appointment is proposed to the requester: for which motive, with what words.
    Propose(String, String),
    /// A proposal is taken back.
    TakeBack(Uuid),
}

impl Action {
    /// Whether a case that stands here can take it: somebody else may have been faster.
    pub(super) fn is_possible(&self, state: State) -> bool {
        let event = match self {
            Self::Write(..)
            | Self::Note(_)
            | Self::Explain(_)
            | Self::ReasonsAsked(_)
            | Self::Cancel(_)
            | Self::GiveBack(..)
            | Self::AddDate(_)
            | Self::RenewCode
            | Self::Stick(_)
            | Self::Peel(_)
            | Self::Propose(..)
            | Self::TakeBack(_) => return true,
            Self::Assign(_) | Self::Route(_) | Self::BookTime(_) => return state.is_open(),
            Self::Step(_) => return state.is_under_instruction(),
            Self::TakeUp => Event::TakeUp,
            Self::Ask(..) => Event::AskForDocuments,
            Self::Arrived => Event::LastDocumentArrived,
            Self::Decide(..) => Event::Decide,
            Self::Archive => Event::Archive,
        };
        state.after(event).is_ok()
    }
}

/// Something wrong in a form.
pub(super) struct Wrong {
    /// The control that bears it.
    pub(super) field: &'static str,
    /// The key of what is said beside it; `""` where `told` says it all.
    pub(super) key: &'static str,
    /// What it names.
    pub(super) told: String,
    /// What is kept of a price, where nothing is wrong but that this was not told before.
    pub(super) untold: Option<Cents>,
}

impl Wrong {
    pub(super) const fn of(field: &'static str, key: &'static str) -> Self {
        Self { field, key, told: String::new(), untold: None }
    }

    /// That so much is kept, which is told before anything is done.
    pub(super) const fn untold(kept: Cents) -> Self {
        Self { field: "", key: "", told: String::new(), untold: Some(kept) }
    }

    /// In words that are there already.
    pub(super) const fn told(field: &'static str, told: String) -> Self {
        Self { field, key: "", told, untold: None }
    }
}

/// Reads the form of this word; `None` where no form has it.
///
/// `signatories`: those who sign for the case's department, one of whom signs.
pub(super) fn read(
    word: &str,
    form: &FormPost,
    today: Day,
    signatories: &[Signatory],
) -> Result<Option<Action>, Vec<Wrong>> {
    let mut reader = Reader { form, wrong: Vec::new() };
    let action = match word {
        "prendre" => Some(Action::TakeUp),
        "attribuer" => Some(Action::Assign(reader.agent())),
        "transmettre" => Some(Action::Route(reader.text("service", "office-missing-department"))),
        "message" => {
            let words = reader.text("message", "office-missing-message");
            Some(Action::Write(words, enclosing::chosen(form, &enclosing::MESSAGE)))
        }
        "note" => Some(Action::Note(reader.text("note", "office-missing-note"))),
        "pieces" => {
            let pieces = reader.text("pieces", "office-missing-pieces");
            Some(Action::Ask(pieces, reader.deadline(today)))
        }
        "recues" => Some(Action::Arrived),
        "etape" => Some(Action::Step(reader.text("etape", "office-missing-step"))),
        "decision" => reader
            .decision(signatories)
            .map(|new| Action::Decide(new, enclosing::chosen(form, &enclosing::DECISION))),
        "motifs" => Some(Action::Explain(reader.text("motifs", "office-missing-reasons"))),
        "motifs-demandes" => reader.asked_on(today).map(Action::ReasonsAsked),
        "archiver" => Some(Action::Archive),
        "ajouter-date" => form.text("debut").parse().ok().map(Action::AddDate),
        "creneau" => Some(Action::BookTime(form.text(timing::HELD).to_owned())),
        "annuler" => Some(Action::Cancel(reader.text("motif-annulation", "desk-booked-cancel-missing"))),
        "rendre-dates" => reader.returned(),
        "code" => Some(Action::RenewCode),
        "etiqueter" => form.text("etiquette").parse().ok().map(Action::Stick),
        "proposer" => Some(reader.proposal()),
        "reprendre" => form.text("proposition").parse().ok().map(Action::TakeBack),
        "decoller" => form.text("etiquette").parse().ok().map(Action::Peel),
        _ => None,
    };
    if reader.wrong.is_empty() { Ok(action) } else { Err(reader.wrong) }
}

struct Reader<'f> {
    form: &'f FormPost,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn text(&mut self, field: &'static str, missing: &'static str) -> String {
        let text = self.form.text(field);
        if text.is_empty() {
            self.wrong.push(Wrong::of(field, missing));
        } else if text.chars().count() > LONGEST_TEXT {
            self.wrong.push(Wrong::of(field, "office-too-long"));
        }
        text.to_owned()
    }

    /// Dates that are given back: which, why, and for whom.
    fn returned(&mut self) -> Option<Action> {
        let chosen = Chosen::of(self.form);
        if chosen.starts.is_empty() {
            self.wrong.push(Wrong::of(returned::DATES, returned::key(&NotReturned::Nothing)));
        }
        let by = Canceller::from_word(self.form.text("par"));
        if by.is_none() {
            self.wrong.push(Wrong::of("par", "office-returned-by-missing"));
        }
        self.text(returned::WHY, "desk-returned-missing");
        by.map(|by| Action::GiveBack(chosen, by))
    }

    /// An appointment that is proposed. Words of the agent's may go with it.
    fn proposal(&mut self) -> Action {
        let motive = self.text("rendez-vous-motif", "office-appointment-missing");
        let words = self.form.text("rendez-vous-mot");
        if words.chars().count() > WORDS_AT_MOST {
            self.wrong.push(Wrong::of("rendez-vous-mot", "office-appointment-long"));
        }
        Action::Propose(motive, words.to_owned())
    }

    /// The agent who was chosen; nobody where nobody was. What names no agent takes the case from none.
    fn agent(&mut self) -> Option<Uuid> {
        let chosen = self.form.text("agent");
        let agent = chosen.parse().ok();
        if agent.is_none() && !chosen.is_empty() {
            self.wrong.push(Wrong::of("agent", "office-agent-elsewhere"));
        }
        agent
    }

    /// The day on which a request came in: today where none was given.
    fn asked_on(&mut self, today: Day) -> Option<Day> {
        let [day, month, year] =
            ["day", "month", "year"].map(|part| self.form.text(&format!("demandes-{part}")));
        if [day, month, year].iter().all(|part| part.is_empty()) {
            return Some(today);
        }
        let given = day_of(day, month, year).filter(|day| *day <= today);
        if given.is_none() {
            self.wrong.push(Wrong::of("demandes", "office-reasons-asked-day"));
        }
        given
    }

    /// The day that was given, or the usual time where none was.
    fn deadline(&mut self, today: Day) -> Option<Day> {
        let [day, month, year] =
            ["day", "month", "year"].map(|part| self.form.text(&format!("deadline-{part}")));
        if [day, month, year].iter().all(|part| part.is_empty()) {
            return today.checked_add_days(DAYS_FOR_DOCUMENTS);
        }
        let given = day_of(day, month, year).filter(|day| *day > today);
        if given.is_none() {
            self.wrong.push(Wrong::of("deadline", "office-missing-deadline"));
        }
        given
    }

    fn decision(&mut self, signatories: &[Signatory]) -> Option<NewDecision> {
        let outcome = Outcome::from_word(self.form.text("outcome"));
        if outcome.is_none() {
            self.wrong.push(Wrong::of("outcome", "office-missing-outcome"));
        }
        // What grants is due no reasons (CRPA, art. L211-2).
        let unsaid = outcome == Some(Outcome::Granted) && self.form.text("reasons").is_empty();
        let reasons = if unsaid { String::new() } else { self.text("reasons", "office-missing-reasons") };
        let signs = match signatories {
            // Where nobody is appointed there is nobody to choose.
            [own] if own.is_of_town() => own,
            [] => {
                self.wrong.push(Wrong::of("signatory", "office-nobody-signs"));
                return None;
            }
            several => {
                let chosen = self.form.text("signatory");
                let Some(found) = several.iter().find(|it| it.id.to_string() == chosen) else {
                    self.wrong.push(Wrong::of("signatory", "office-missing-signatory-choice"));
                    return None;
                };
                found
            }
        };
        Some(NewDecision {
            outcome: outcome?,
            reasons,
            signatory_name: signs.name.clone(),
            signatory_quality: signs.quality.clone(),
            signatory_delegation: signs.delegation.clone(),
            series: None,
        })
    }
}

/// The civil day that three controls tell.
pub(super) fn day_of(day: &str, month: &str, year: &str) -> Option<Day> {
    Day::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_takes_what_its_state_allows() {
        let decide = || Action::Ask("Plan".to_owned(), None);
        assert!(decide().is_possible(State::Waiting) && !decide().is_possible(State::Decided));
        assert!(Action::Write(String::new(), Vec::new()).is_possible(State::Archived));
        assert!(!Action::Assign(None).is_possible(State::Withdrawn));
        assert!(!Action::TakeUp.is_possible(State::Instruction));
    }

    #[test]
    fn a_day_exists_or_is_none() {
        assert_eq!(day_of("29", "2", "2024"), Day::from_ymd_opt(2024, 2, 29));
        assert_eq!(day_of("29", "2", "2026"), None);
        assert_eq!(day_of("", "2", "2026"), None);
    }
}
