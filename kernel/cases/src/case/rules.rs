//! Which way a case can go. Pure.

use beffroi_store::words;

use crate::CaseError;

words! {
    /// How far a case has come.
    State {
        /// It came in; nobody has taken it up.
        Received = "received",
        /// An agent works on it.
        Instruction = "instruction",
        /// The town waits for documents that it asked for.
        Waiting = "waiting",
        /// It was granted, refused, or closed without action.
        Decided = "decided",
        /// Its requester took it back.
        Withdrawn = "withdrawn",
        /// It was another administration’s, and was handed over to it.
        Transferred = "transferred",
        /// It is kept for the record only.
        Archived = "archived",
    }
}

impl State {
    /// Whether the town still owes an answer.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Instruction | Self::Waiting)
    }

    /// Whether agents work on it, or wait to go on.
    pub const fn is_under_instruction(self) -> bool {
        matches!(self, Self::Instruction | Self::Waiting)
    }

    /// Where an event leads from here.
    ///
    /// Errors: [`CaseError::WrongState`], with the present state, where it leads nowhere.
    pub const fn after(self, event: Event) -> Result<Self, CaseError> {
        Ok(match (self, event) {
            (Self::Received, Event::TakeUp) | (Self::Waiting, Event::LastDocumentArrived) => {
                Self::Instruction
            }
            (Self::Received | Self::Instruction | Self::Waiting, Event::AskForDocuments) => Self::Waiting,
            (Self::Received | Self::Instruction | Self::Waiting, Event::Decide) => Self::Decided,
            (Self::Received | Self::Instruction | Self::Waiting, Event::Withdraw) => Self::Withdrawn,
            (Self::Received | Self::Instruction | Self::Waiting, Event::TransferOut) => Self::Transferred,
            (Self::Decided | Self::Withdrawn | Self::Transferred, Event::Archive) => Self::Archived,
            (Self::Decided | Self::Archived, Event::Reverse) => Self::Instruction,
            _ => return Err(CaseError::WrongState(self)),
        })
    }
}

/// What moves a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// An agent takes it up.
    TakeUp,
    /// An agent asks for documents.
    AskForDocuments,
    /// Nothing that was asked for is missing any more.
    LastDocumentArrived,
    /// The town decides.
    Decide,
    /// The requester takes it back.
    Withdraw,
    /// It is handed over to the competent administration.
    TransferOut,
    /// It leaves daily work.
    Archive,
    /// Its decision is withdrawn or repealed: it can be decided anew.
    Reverse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_case_can_go() {
        use Event::{
            Archive, AskForDocuments, Decide, LastDocumentArrived, Reverse, TakeUp, TransferOut, Withdraw,
        };
        let ways: Vec<_> = State::ALL
            .iter()
            .copied()
            .flat_map(|state| {
                [
                    TakeUp,
                    AskForDocuments,
                    LastDocumentArrived,
                    Decide,
                    Withdraw,
                    TransferOut,
                    Archive,
                    Reverse,
                ]
                .into_iter()
                .filter_map(move |event| Some((state, event, state.after(event).ok()?)))
            })
            .collect();
        assert_eq!(
            ways,
            [
                (State::Received, TakeUp, State::Instruction),
                (State::Received, AskForDocuments, State::Waiting),
                (State::Received, Decide, State::Decided),
                (State::Received, Withdraw, State::Withdrawn),
                (State::Received, TransferOut, State::Transferred),
                (State::Instruction, AskForDocuments, State::Waiting),
                (State::Instruction, Decide, State::Decided),
                (State::Instruction, Withdraw, State::Withdrawn),
                (State::Instruction, TransferOut, State::Transferred),
                (State::Waiting, AskForDocuments, State::Waiting),
                (State::Waiting, LastDocumentArrived, State::Instruction),
                (State::Waiting, Decide, State::Decided),
                (State::Waiting, Withdraw, State::Withdrawn),
                (State::Waiting, TransferOut, State::Transferred),
                (State::Decided, Archive, State::Archived),
                (State::Decided, Reverse, State::Instruction),
                (State::Withdrawn, Archive, State::Archived),
                (State::Transferred, Archive, State::Archived),
                (State::Archived, Reverse, State::Instruction),
            ]
        );
    }
}
