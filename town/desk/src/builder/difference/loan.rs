//! What differs in what a procedure lends of the town's store: whether it does, and which questions say what, how many and
//! for which days.

use beffroi_forms::{LentPart, Procedure};

use super::{Differ, booking::question};
use crate::builder::{parts::Part, words};

impl Differ<'_> {
    pub(super) fn loan(&mut self) {
        let (page, before, after) = (self.page, self.before, self.after);
        self.part(Part::Loan);
        let lends = |procedure: &Procedure| words::lends(page, procedure.loan.is_some());
        self.text("office-builder-loan-lends", &lends(before), &lends(after));
        let group = |procedure: &Procedure| {
            procedure.loan.as_ref().map(|loan| question(page, procedure, &loan.group)).unwrap_or_default()
        };
        self.text("office-builder-loan-group", &group(before), &group(after));
        for part in LentPart::ALL {
            let told = |procedure: &Procedure| {
                let loan = procedure.loan.as_ref();
                loan.map(|loan| question(page, procedure, loan.question(part))).unwrap_or_default()
            };
            self.text(&format!("office-builder-loan-{}", part.as_str()), &told(before), &told(after));
        }
    }
}
