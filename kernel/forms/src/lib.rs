//! Procedures and their forms: what is asked, when, what is a right answer, and what the law says of the
//! request. One definition serves the screen, the counter, the paper form and the API. No I/O.

mod answers;
mod check;
mod compile;
mod display;
mod evaluate;
mod expression;
mod fault;
mod fetch;
mod field;
mod functions;
mod place;
mod procedure;
mod read;
mod schema;
mod sign_in;
mod step;
mod step_check;
mod step_judge;
mod text;
mod types;

pub use answers::{Answers, ShapeFault};
pub use check::Finding;
pub use compile::{CompiledForm, Problem};
pub use display::{Line, Section, spaced_phone};
pub use evaluate::{Environment, FieldState, FileInfo, LimitUse, NoReferences, Outcome, References};
pub use fault::{Fault, Reason};
pub use fetch::{Fact, Fetch, FetchSource, Fetched, Told};
pub use field::{Check, Choice, Field, Form, Kind, Page, Requirement, Source};
pub use place::line_of;
pub use procedure::{
    Article, Contact, Decision, Disposal, Elsewhere, LegalBasis, Limit, Period, Procedure, ProcedureError,
    Receipt, Regime, Retention, USUAL_DAYS_FOR_PIECES, Way,
};
pub use sign_in::SignIn;
pub use step::{CaseStep, DECISION, Deed, Hand, Moment, StepAction, Transition, transitions};
pub use step_judge::Known;
pub use text::Text;
