//! What an agent may do with the cases of which departments. What writes asks for a [`Permit`], so that
//! forgetting the question does not compile.

use crate::{CaseError, case::Case};

/// Something that can be done with a department's cases; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// See them.
    Read,
    /// Take them up, write, ask for documents, assign, route.
    Handle,
    /// Decide.
    Decide,
}

/// The rights of one agent.
#[derive(Clone, Debug, Default)]
pub struct Access {
    grants: Vec<(Option<String>, Right)>,
}

impl Access {
    /// Adds a right in one department, or in all of them (`None`).
    #[must_use]
    pub fn with(mut self, department: Option<&str>, right: Right) -> Self {
        self.grants.push((department.map(str::to_owned), right));
        self
    }

    /// Whether the agent holds `right` in `department`.
    pub fn allows(&self, right: Right, department: &str) -> bool {
        self.grants
            .iter()
            .any(|(place, held)| *held >= right && place.as_deref().is_none_or(|place| place == department))
    }

    /// Whether the agent reads the cases of every department, those that will be made included.
    pub fn reads_everything(&self) -> bool {
        self.grants.iter().any(|(place, held)| place.is_none() && *held >= Right::Read)
    }

    /// The proof that the agent may do this to the case.
    ///
    /// Errors: [`CaseError::NotFound`] where the agent may not even see it, else [`CaseError::Forbidden`].
    pub fn permit(&self, right: Right, case: &Case) -> Result<Permit, CaseError> {
        // As long as another department acts in the case’s step, it may handle the case, and no more.
        let acts = |right| {
            let acting = case.acting.as_deref().filter(|_| case.state.is_open());
            right <= Right::Handle && acting.is_some_and(|acting| self.allows(right, acting))
        };
        if self.allows(right, &case.department) || acts(right) {
            Ok(Permit { right })
        } else if self.allows(Right::Read, &case.department) || acts(Right::Read) {
            Err(CaseError::Forbidden)
        } else {
            Err(CaseError::NotFound)
        }
    }
}

/// The proof that a right was asked for and held. Only [`Access::permit`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    right: Right,
}

impl Permit {
    /// The right that was proven.
    pub const fn right(self) -> Right {
        self.right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_holds_in_its_department_and_includes_the_lesser_ones() {
        let access = Access::default().with(Some("roads"), Right::Handle);
        assert!(access.allows(Right::Read, "roads"));
        assert!(access.allows(Right::Handle, "roads"));
        assert!(!access.allows(Right::Decide, "roads"));
        assert!(!access.allows(Right::Read, "civil-status"));
        assert!(Access::default().with(None, Right::Read).allows(Right::Read, "civil-status"));
    }
}
