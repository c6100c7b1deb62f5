//! All that the page of a case’s steps shows, read at once.

use beffroi_cases::{
    Access,
    advice::{self, Opinion},
    case::Case,
    missing::{self, DocumentRequest},
    step::{self, Filled},
    task::{self, Task},
    transfer::{self, TransferOut},
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_documents::{self as documents, Document};
use beffroi_people::{Account, Town, account, department};
use beffroi_store::Tx;
use beffroi_web::Result;
use uuid::Uuid;

use super::engine::Course;
use crate::{
    Parts,
    map::Map,
    permission,
    public::{Known, known_files},
    visit::case_error,
};

/// Documents that the page knows.
const SHOWN_AT_MOST: u32 = 200;
/// All that the page shows.
pub(super) struct Found {
    pub(super) case: Case,
    pub(super) course: Course,
    pub(super) access: Access,
    pub(super) town: Town,
    pub(super) steps: Vec<Filled>,
    pub(super) known: Known,
    pub(super) opinions: Vec<Opinion>,
    /// What came with them, each under the name of its own.
    pub(super) brought: Vec<Document>,
    pub(super) tasks: Vec<Task>,
    pub(super) documents: Vec<Document>,
    pub(super) requests: Vec<DocumentRequest>,
    pub(super) out: Option<TransferOut>,
    pub(super) names: Vec<(String, String)>,
    pub(super) agents: Vec<Account>,
    pub(super) handlers: Vec<Id<Account>>,
    pub(super) map: Map,
}

impl Found {
    pub(super) fn load(tx: &mut Tx<'_>, desk: &Parts, access: &Access, case: Case) -> Result<Self> {
        let town = Town::load(tx)?;
        let id = case.id;
        Ok(Self {
            course: Course::load(tx, desk, &case, civil_day(tx.now(), town.zone()))?,
            steps: step::of_case(tx, id)?,
            known: known_files(tx, ("case-step", id.uuid()))?,
            opinions: advice::of_case(tx, id)?,
            brought: documents::of_owner(tx, "opinion", id.uuid(), SHOWN_AT_MOST)?,
            tasks: task::of_case(tx, id)?,
            documents: documents::of_owner(tx, "case", id.uuid(), SHOWN_AT_MOST)?,
            requests: missing::of_case(tx, id).map_err(case_error)?,
            out: transfer::of(tx, &case).map_err(case_error)?,
            names: department::list(tx)?
                .into_iter()
                .map(|department| (department.details.slug, department.details.name))
                .collect(),
            agents: account::agents(tx)?,
            handlers: permission::handlers(tx, &case.department)?,
            map: Map::load(tx, &town)?,
            access: access.clone(),
            town,
            case,
        })
    }

    pub(super) fn agent(&self, id: Option<Uuid>) -> String {
        let found = self.agents.iter().find(|agent| Some(agent.id.uuid()) == id);
        found.map(|agent| agent.display_name.clone()).unwrap_or_default()
    }

    pub(super) fn place(&self, slug: &str) -> String {
        let found = self.names.iter().find(|(known, _)| known == slug);
        found.map_or_else(|| slug.to_owned(), |(_, name)| name.clone())
    }

    /// The files that agents added in the steps of the case.
    pub(super) const fn files(&self) -> &crate::submission::Files {
        &self.known.files
    }
}
