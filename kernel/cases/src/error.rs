//! Why a case could not be changed.

use beffroi_calendar::claims::ClaimError;
use beffroi_core::{Day, legal_clock::ClockError};
use beffroi_store::StoreError;

use crate::{case::State, reversal::Barred};

/// A refusal, or a failure underneath.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such case, or whoever asks may not know of it. Never say which.
    #[error("no such case")]
    NotFound,
    /// Whoever asks may see the case, but not do this to it.
    #[error("not allowed")]
    Forbidden,
    /// The case is past this, or not yet there: another agent may have been faster.
    #[error("the case is {0:?}")]
    WrongState(State),
    /// Silence has granted what was asked since that day: anything else would withdraw it (CRPA, art. L242-1).
    #[error("silence has granted it on {0}")]
    Granted(Day),
    /// What was booked for it was given back, and somebody else has it since: it cannot be granted as it was asked for.
    #[error("what was booked for it is taken")]
    Taken,
    /// Somebody else was faster: what was looked at is not as it was.
    #[error("somebody else changed this meanwhile")]
    Overtaken,
    /// The day cannot be.
    #[error("the day cannot be")]
    Day,
    /// The text that was given is empty or too long.
    #[error("a text of 1 to {0} characters is needed")]
    Text(usize),
    /// The dates contradict each other.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// What the case says is sealed at rest: nothing of it may be written beside it in clear.
    #[error("the case is sealed")]
    Sealed,
    /// The law does not let the decision be withdrawn or repealed so.
    #[error("the decision cannot be taken back: {0:?}")]
    Barred(Barred),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CaseError {
    /// Why what was booked for a case is not to be had.
    pub(crate) fn taken(error: ClaimError) -> Self {
        match error {
            ClaimError::Store(error) => Self::Store(error),
            ClaimError::Taken(_) | ClaimError::Unknown(_) | ClaimError::TooMany => Self::Taken,
        }
    }
}

/// The longest text of a message, a note or a reason, in characters.
pub const LONGEST_TEXT: usize = 10_000;

/// Takes a text without the blanks around it, if something is left and it is not too long.
pub(crate) fn checked_text(text: &str) -> Result<&str, CaseError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(CaseError::Text(LONGEST_TEXT));
    }
    Ok(text)
}
