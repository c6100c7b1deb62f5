//! Procedures and their forms: what is asked, when, what is a right answer, and what the law says of the
//! request. One definition serves the screen, the counter, the paper form and the API. No I/O.

mod advice;
mod answers;
mod booking;
mod check;
mod compile;
mod display;
mod edit;
mod evaluate;
mod expression;
mod fault;
mod fee;
mod fetch;
mod fetch_flaw;
mod field;
mod flaw;
mod functions;
mod lines;
mod loan;
mod names;
mod place;
mod procedure;
mod read;
mod rehearsal;
mod requester;
mod schema;
mod sign_in;
mod spot;
mod step;
mod step_check;
mod step_flaw;
mod step_judge;
mod subjects;
mod text;
mod types;

pub use advice::{Advice, Hint};
pub use answers::{Answers, ShapeFault};
pub use booking::{ApplicantKind, BookingFirst, Picked, PricePart, PricedBy};
pub use check::Finding;
pub use compile::{CompiledForm, Problem, RESERVED, is_field_name};
pub use display::{Line, Section, spaced_phone};
pub use edit::{FieldPlace, Home, Step, name_of_label, new_name};
pub use evaluate::{Environment, FieldState, FileInfo, LimitUse, NoReferences, Outcome, References};
pub use fault::{Fault, Reason};
pub use fee::{Fee, FeeDue};
pub use fetch::{Fact, Fetch, FetchSource, Fetched, Kinds, Told};
pub use fetch_flaw::FetchFlaw;
pub use field::{BlockOrigin, Check, Choice, Field, Form, Kind, Page, Requirement, Source, rows_at_least};
pub use flaw::{Flaw, Sort};
pub use lines::{LINES_AT_MOST, Line as ConditionLine, Lines, Nature, Operand, Operator, Subject};
pub use loan::{Borrowed, LentBy, LentPart};
pub use place::line_of;
pub use procedure::{
    AcknowledgementTexts, Article, Contact, Decision, Disposal, Elsewhere, LegalBasis, Limit, Opening,
    Period, Procedure, ProcedureError, Receipt, Regime, Retention, USUAL_DAYS_FOR_PIECES, Way,
};
pub use rehearsal::{Came, LONGEST_WAIT, Rehearsal, Turn};
pub use requester::{NAME as REQUESTER_NAME, REACH as REQUESTER_REACH, RequesterSpot};
pub use sign_in::SignIn;
pub use spot::Spot;
pub use step::{Carrier, CaseStep, DECISION, Deed, Hand, Moment, StepAction, Transition, transitions};
pub use step_check::SMS_PARTS_AT_MOST;
pub use step_flaw::StepFlaw;
pub use step_judge::Known;
pub use text::Text;
