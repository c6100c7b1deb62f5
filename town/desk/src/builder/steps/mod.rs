//! The steps of cases, made by clicking: each step with who acts and what follows, the questions that agents answer in
//! it, and what is done there.

pub(super) mod action;
pub(super) mod action_page;
pub(super) mod step;
pub(super) mod step_page;
