//! What makes the agents' day easier: who is away and who stands in, to whom new cases go, what is often written,
//! which views are kept, and who signs.

pub mod absence;
pub(crate) mod assignment;
pub mod reply;
pub(crate) mod saved;
pub mod signatory;
