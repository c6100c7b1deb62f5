//! What it costs to book a resource: the rates that the council has voted, by who asks and when, as long as they are in
//! force; what is kept of it where somebody cancels; and the free uses of associations.

mod rules;
mod store;

pub use rules::{
    Applicant, Asked, Deliberation, FreeUse, Price, Rate, Retained, Tariff, TariffFault, Unit, When,
};
pub use store::{
    FreeUsed, FreeUses, InForce, free_uses, keep, note_free_use, note_free_uses, of_day, of_each,
    of_resource, remove, set_free_value, used, used_each,
};
