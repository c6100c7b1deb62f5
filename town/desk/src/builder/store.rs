//! Procedures in the making, as the database keeps them.

use beffroi_core::{Id, Instant};
use beffroi_people::Account;
use beffroi_store::{Result, Row, Tx};
use serde_json::Value;

/// Drafts of procedures that are kept at once, at most.
pub const DRAFTS_AT_MOST: u32 = 200;
/// Trials of one procedure, at most.
pub const TRIALS_AT_MOST: u32 = 100;
/// Blocks of a commune, at most.
pub const BLOCKS_AT_MOST: u32 = 100;

/// A mark for ids.
#[derive(Debug)]
pub enum Workshop {}

/// A mark for ids.
#[derive(Debug)]
pub enum Trial {}

/// A procedure in the making.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: Id<Workshop>,
    pub slug: String,
    pub title: String,
    pub revision: u32,
    pub definition: String,
    pub changed_by: Option<Id<Account>>,
    pub changed_at: Instant,
    pub proposed_by: Option<Id<Account>>,
    pub proposed_at: Option<Instant>,
    /// Why it was sent back, where it was.
    pub sent_back: String,
}

fn read(row: &mut Row) -> Result<Kept> {
    Ok(Kept {
        id: row.get(0)?,
        slug: row.get(1)?,
        title: row.get(2)?,
        revision: row.get(3)?,
        definition: row.get(4)?,
        changed_by: row.get(5)?,
        changed_at: row.get(6)?,
        proposed_by: row.get(7)?,
        proposed_at: row.get(8)?,
        sent_back: row.get(9)?,
    })
}

const FIND: &str = "SELECT id, slug, title, revision, definition, changed_by, changed_at, proposed_by, proposed_at, \
                    sent_back FROM desk_workshop WHERE id = $1";
const BY_SLUG: &str = "SELECT id, slug, title, revision, definition, changed_by, changed_at, proposed_by, \
                       proposed_at, sent_back FROM desk_workshop WHERE slug = $1";
const LIST: &str = "SELECT id, slug, title, revision, '', changed_by, changed_at, proposed_by, proposed_at, \
                    sent_back FROM desk_workshop ORDER BY changed_at DESC, id LIMIT $1";
const COUNT: &str = "SELECT COUNT(*) FROM desk_workshop";
const INSERT: &str = "INSERT INTO desk_workshop (id, slug, title, revision, definition, changed_by, changed_at, \
                      sent_back) VALUES ($1, $2, $3, 1, $4, $5, $6, '')";
const UPDATE: &str = "UPDATE desk_workshop SET slug = $1, title = $2, definition = $3, changed_by = $4, \
                      changed_at = $5, revision = revision + 1, proposed_by = NULL, proposed_at = NULL \
                      WHERE id = $6 AND revision = $7";
const PROPOSE: &str =
    "UPDATE desk_workshop SET proposed_by = $1, proposed_at = $2, sent_back = '' WHERE id = $3";
const SEND_BACK: &str =
    "UPDATE desk_workshop SET proposed_by = NULL, proposed_at = NULL, sent_back = $1 WHERE id = $2";
const DELETE: &str = "DELETE FROM desk_workshop WHERE id = $1";

pub fn find(tx: &mut Tx<'_>, id: Id<Workshop>) -> Result<Option<Kept>> {
    tx.query_opt(FIND, &[&id], read)
}

pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Kept>> {
    tx.query_opt(BY_SLUG, &[&slug], read)
}

/// All of them without their definitions, the latest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Kept>> {
    tx.query(LIST, &[&DRAFTS_AT_MOST], read)
}

pub fn count(tx: &mut Tx<'_>) -> Result<u32> {
    tx.query_one(COUNT, &[], |row| row.get(0))
}

pub fn insert(
    tx: &mut Tx<'_>,
    id: Id<Workshop>,
    (slug, title, definition): (&str, &str, &str),
    by: Option<Id<Account>>,
) -> Result<()> {
    tx.execute(INSERT, &[&id, &slug, &title, &definition, &by, &tx.now()]).map(drop)
}

/// Writes what a draft says, if nobody else did since this revision.
pub fn update(
    tx: &mut Tx<'_>,
    kept: &Kept,
    (slug, title, definition): (&str, &str, &str),
    by: Option<Id<Account>>,
) -> Result<bool> {
    let changed =
        tx.execute(UPDATE, &[&slug, &title, &definition, &by, &tx.now(), &kept.id, &kept.revision])?;
    Ok(changed > 0)
}

pub fn propose(tx: &mut Tx<'_>, id: Id<Workshop>, by: Option<Id<Account>>) -> Result<()> {
    tx.execute(PROPOSE, &[&by, &tx.now(), &id]).map(drop)
}

pub fn send_back(tx: &mut Tx<'_>, id: Id<Workshop>, words: &str) -> Result<()> {
    tx.execute(SEND_BACK, &[&words, &id]).map(drop)
}

pub fn delete(tx: &mut Tx<'_>, id: Id<Workshop>) -> Result<()> {
    tx.execute(DELETE, &[&id]).map(drop)
}

/// One version of an offered procedure.
#[derive(Clone, Debug)]
pub struct Version {
    pub number: u32,
    pub published_at: Instant,
    pub published_by: Option<Id<Account>>,
    pub proposed_by: Option<Id<Account>>,
    pub is_current: bool,
}

const VERSIONS: &str = "SELECT version, published_at, published_by, proposed_by, is_current FROM desk_procedure \
                        WHERE slug = $1 ORDER BY version DESC LIMIT 200";
const DEFINITION: &str = "SELECT definition FROM desk_procedure WHERE slug = $1 AND version = $2";
const SIGNED: &str =
    "UPDATE desk_procedure SET published_by = $1, proposed_by = $2 WHERE slug = $3 AND version = $4";

/// The versions of a procedure, the latest first.
pub fn versions(tx: &mut Tx<'_>, slug: &str) -> Result<Vec<Version>> {
    tx.query(VERSIONS, &[&slug], |row| {
        Ok(Version {
            number: row.get(0)?,
            published_at: row.get(1)?,
            published_by: row.get(2)?,
            proposed_by: row.get(3)?,
            is_current: row.get(4)?,
        })
    })
}

/// What a version says.
pub fn definition(tx: &mut Tx<'_>, slug: &str, version: u32) -> Result<Option<String>> {
    tx.query_opt(DEFINITION, &[&slug, &version], |row| row.get(0))
}

/// Who wrote a version and who published it.
pub fn sign(
    tx: &mut Tx<'_>,
    slug: &str,
    version: u32,
    (published_by, proposed_by): (Option<Id<Account>>, Option<Id<Account>>),
) -> Result<()> {
    tx.execute(SIGNED, &[&published_by, &proposed_by, &slug, &version]).map(drop)
}

/// A trial as it is kept.
#[derive(Clone, Debug)]
pub struct KeptTrial {
    pub id: Id<Trial>,
    pub name: String,
    pub content: Value,
    pub recorded_by: Option<Id<Account>>,
    pub recorded_at: Instant,
}

const TRIALS: &str = "SELECT id, name, content, recorded_by, recorded_at FROM desk_trial WHERE procedure = $1 \
                      ORDER BY id LIMIT $2";
const TRIAL_INSERT: &str = "INSERT INTO desk_trial (id, procedure, name, content, recorded_by, recorded_at) \
                            VALUES ($1, $2, $3, $4, $5, $6)";
const TRIAL_UPDATE: &str =
    "UPDATE desk_trial SET content = $1, recorded_by = $2, recorded_at = $3 WHERE id = $4 AND procedure = $5";
const TRIAL_DELETE: &str = "DELETE FROM desk_trial WHERE id = $1 AND procedure = $2";
const TRIALS_MOVE: &str = "UPDATE desk_trial SET procedure = $1 WHERE procedure = $2";
const TRIALS_FORGET: &str = "DELETE FROM desk_trial WHERE procedure = $1";

/// The trials of a procedure, the oldest first.
pub fn trials(tx: &mut Tx<'_>, procedure: &str) -> Result<Vec<KeptTrial>> {
    tx.query(TRIALS, &[&procedure, &TRIALS_AT_MOST], |row| {
        Ok(KeptTrial {
            id: row.get(0)?,
            name: row.get(1)?,
            content: row.get(2)?,
            recorded_by: row.get(3)?,
            recorded_at: row.get(4)?,
        })
    })
}

pub fn insert_trial(
    tx: &mut Tx<'_>,
    procedure: &str,
    (name, content): (&str, &Value),
    by: Option<Id<Account>>,
) -> Result<()> {
    tx.execute(TRIAL_INSERT, &[&tx.new_id::<Trial>(), &procedure, &name, content, &by, &tx.now()]).map(drop)
}

pub fn update_trial(
    tx: &mut Tx<'_>,
    procedure: &str,
    (id, content): (Id<Trial>, &Value),
    by: Option<Id<Account>>,
) -> Result<bool> {
    Ok(tx.execute(TRIAL_UPDATE, &[content, &by, &tx.now(), &id, &procedure])? > 0)
}

pub fn delete_trial(tx: &mut Tx<'_>, procedure: &str, id: Id<Trial>) -> Result<bool> {
    Ok(tx.execute(TRIAL_DELETE, &[&id, &procedure])? > 0)
}

/// Gives the trials of a procedure to one of another name.
pub fn move_trials(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<()> {
    tx.execute(TRIALS_MOVE, &[&to, &from]).map(drop)
}

pub fn forget_trials(tx: &mut Tx<'_>, procedure: &str) -> Result<()> {
    tx.execute(TRIALS_FORGET, &[&procedure]).map(drop)
}

/// A block of questions.
#[derive(Clone, Debug)]
pub struct Block {
    pub name: String,
    pub title: String,
    pub revision: u32,
    pub definition: String,
}

const BLOCKS: &str = "SELECT name, title, revision, definition FROM desk_block ORDER BY title, name LIMIT $1";
const BLOCK_INSERT: &str = "INSERT INTO desk_block (name, title, revision, definition, changed_at) \
                            VALUES ($1, $2, 1, $3, $4)";
const BLOCK_UPDATE: &str = "UPDATE desk_block SET title = $1, definition = $2, changed_at = $3, \
                            revision = revision + 1 WHERE name = $4 AND revision = $5";
const BLOCK_DELETE: &str = "DELETE FROM desk_block WHERE name = $1";

/// The blocks of the commune, by title.
pub fn blocks(tx: &mut Tx<'_>) -> Result<Vec<Block>> {
    tx.query(BLOCKS, &[&BLOCKS_AT_MOST], |row| {
        Ok(Block { name: row.get(0)?, title: row.get(1)?, revision: row.get(2)?, definition: row.get(3)? })
    })
}

pub fn insert_block(tx: &mut Tx<'_>, name: &str, title: &str, definition: &str) -> Result<()> {
    tx.execute(BLOCK_INSERT, &[&name, &title, &definition, &tx.now()]).map(drop)
}

/// Changes a block, if nobody else did since this revision.
pub fn update_block(
    tx: &mut Tx<'_>,
    (name, revision): (&str, u32),
    title: &str,
    definition: &str,
) -> Result<bool> {
    Ok(tx.execute(BLOCK_UPDATE, &[&title, &definition, &tx.now(), &name, &revision])? > 0)
}

pub fn delete_block(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    tx.execute(BLOCK_DELETE, &[&name]).map(drop)
}
