//! Sectors: the walls between a person's records (CNIL RU-030).

use serde::{Deserialize, Serialize};

/// The field of municipal life that a person record belongs to. Records of two sectors are never
/// joined but by the citizen's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sector {
    /// Civil status, elections, cemeteries.
    CivilStatus,
    /// School, childhood, family.
    SchoolFamily,
    /// Social action.
    Social,
    /// Town planning, roads, public domain.
    TownPlanning,
    /// Associations, sport, culture.
    CommunityLife,
    /// Safety and public peace.
    Safety,
    /// Finance and taxes.
    Finance,
    /// What belongs to none of the above.
    General,
}

impl Sector {
    /// Every sector.
    pub const ALL: [Self; 8] = [
        Self::CivilStatus,
        Self::SchoolFamily,
        Self::Social,
        Self::TownPlanning,
        Self::CommunityLife,
        Self::Safety,
        Self::Finance,
        Self::General,
    ];

    /// The word kept in the database and written in procedure files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CivilStatus => "civil-status",
            Self::SchoolFamily => "school-family",
            Self::Social => "social",
            Self::TownPlanning => "town-planning",
            Self::CommunityLife => "community-life",
            Self::Safety => "safety",
            Self::Finance => "finance",
            Self::General => "general",
        }
    }

    /// The sector that a stored word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sector| sector.as_str() == word)
    }
}
