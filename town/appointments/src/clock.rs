//! Now, where the clocks of the town are; and the words of times, as every service writes them.

pub use beffroi_calendar::{
    clock::{capital, moment, time},
    now::{Now, awake},
    town::{school, year},
};
