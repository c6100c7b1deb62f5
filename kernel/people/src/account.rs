//! Accounts: what somebody signs in with. Anyone may ask for a citizen's; an agent's is created by an
//! administrator. Whether an address has an account is never told to whoever asks, only to its mailbox.

use std::str::FromStr;

use beffroi_core::{Id, Instant, Lang, text::fold};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use email_address::EmailAddress;

use crate::{
    Grant, Permit, Role, SignedIn, link,
    link::LinkPurpose,
    password::{HashedPassword, Strength},
    permission::{self, ManageAccounts},
    session::{self, Through},
    sign_on::Proof,
    throttle::{self, Key},
    words::words,
};

words! {
    /// Whose account.
    AccountKind {
        /// An inhabitant's, an association's officer's: anyone's.
        Citizen = "citizen",
        /// Somebody's who works for the town.
        Agent = "agent",
    }
}

words! {
    /// Whether an account may be used.
    AccountState {
        /// It may.
        Active = "active",
        /// Not for now.
        Locked = "locked",
        /// Its owner has left; until it is erased, the link that they were given opens it again.
        Leaving = "leaving",
        /// Never again.
        Closed = "closed",
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Id<Self>,
    /// Its e-mail address, normalised.
    pub email: String,
    /// What to call its owner.
    pub display_name: String,
    /// Citizen or agent.
    pub kind: AccountKind,
    /// Whether it may be used.
    pub state: AccountState,
    /// When its owner showed that the address is theirs.
    pub email_verified_at: Option<Instant>,
    /// As how strong its password was checked; `None` while it has none.
    pub password_strength: Option<Strength>,
    /// Whether a second factor is set.
    pub has_second_factor: bool,
    /// In which language its owner is written to: that of the page where it was asked for.
    pub language: Lang,
    /// Since when it exists.
    pub created_at: Instant,
}

/// What an administrator or the command line says of a new account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// E-mail address, as typed.
    pub email: String,
    /// What to call its owner.
    pub display_name: String,
    /// Citizen or agent.
    pub kind: AccountKind,
    /// A password that was handed over in person, the address being known; without one, the owner is
    /// invited by mail to choose it.
    pub password: Option<HashedPassword>,
}

/// Why an account could not be created or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AccountError {
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    BadEmail,
    /// An account has that address (told to administrators only).
    #[error("an account has this address")]
    EmailTaken,
    /// The password was checked for less than the account needs.
    #[error("the password is too weak for this account")]
    PasswordTooWeak,
    /// The link was used, replaced, has expired, or never was; or the present password was not given.
    #[error("this does not entitle to the change")]
    NotEntitled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An address as it is kept: trimmed, in lower case, on a domain that mail can reach.
pub fn normalise_email(typed: &str) -> Option<String> {
    let email = typed.trim().to_lowercase();
    let parsed = EmailAddress::from_str(&email).ok()?;
    let plain = parsed.display_part().is_empty() && !parsed.domain().starts_with('[');
    (plain && parsed.domain().contains('.')).then_some(email)
}

/// The end of what stands in the place of an address while an account has none: nobody receives mail there
/// (RFC 6761, 6.4).
const NO_ADDRESS: &str = "@sans-adresse.invalid";

/// The address that mail reaches; empty where there is none.
pub(crate) fn reachable(email: String) -> String {
    if email.ends_with(NO_ADDRESS) { String::new() } else { email }
}

/// Makes the account of an inhabitant whom a provider vouches for. It has no address yet: what the provider says is
/// shown by nobody to be this person's (see [`ask_to_confirm`]).
pub(crate) fn create_vouched(tx: &mut Tx<'_>, display_name: &str, language: Lang) -> Result<Account> {
    let email = format!("{}{NO_ADDRESS}", hex::encode(tx.random::<16>()));
    let id = insert(tx, &email, display_name, AccountKind::Citizen, language, None)?;
    find(tx, id)?.ok_or_else(|| StoreError::Corrupt("an account was made and is not there".to_owned()))
}

/// Mails a link to an address, whose reader may make it the account's. As for any message that somebody asks for, a few
/// an hour.
pub fn ask_to_confirm(tx: &mut Tx<'_>, account: &Account, email: &str) -> Result<()> {
    let Some(email) = normalise_email(email) else { return Ok(()) };
    if account.email == email || !may_be_written_to(tx, &email)? {
        return Ok(());
    }
    link::send_to(tx, account.id, LinkPurpose::Confirm, &email)?;
    journal(tx, "account.link_requested", account.id, serde_json::json!({ "purpose": LinkPurpose::Confirm }))
}

/// The address that a link of [`ask_to_confirm`] would make the account's.
pub fn address_of_link(tx: &mut Tx<'_>, secret: &str) -> Result<Option<String>> {
    Ok(link::look_confirm(tx, secret)?.map(|(_, email)| email))
}

/// Somebody followed such a link: the address is the account's. An account that was asked for with it, and that nobody
/// ever opened, gives way.
pub fn confirm_address(tx: &mut Tx<'_>, secret: &str) -> Result<(), AccountError> {
    let (id, email) = link::redeem_confirm(tx, secret)?.ok_or(AccountError::NotEntitled)?;
    match by_email(tx, &email)? {
        Some(other) if other.id == id => {}
        Some(other) if other.kind == AccountKind::Citizen && other.email_verified_at.is_none() => {
            let nowhere = format!("{}{NO_ADDRESS}", hex::encode(tx.random::<16>()));
            tx.execute(
                "UPDATE account SET email = $1, state = $2 WHERE id = $3",
                &[&nowhere, &AccountState::Closed, &other.id],
            )?;
            journal(
                tx,
                "account.state_changed",
                other.id,
                serde_json::json!({ "state": AccountState::Closed }),
            )?;
        }
        Some(_) => return Err(AccountError::EmailTaken),
        None => {}
    }
    let before = find(tx, id)?.map(|account| account.email).unwrap_or_default();
    tx.execute(
        "UPDATE account SET email = $1, email_verified_at = $2 WHERE id = $3",
        &[&email, &tx.now(), &id],
    )?;
    if !before.is_empty() && before != email {
        // What was mailed to the address before opens nothing any more, and its reader is told.
        link::forget_all(tx, id)?;
        link::send_to(tx, id, LinkPurpose::Moved, &before)?;
    }
    journal(tx, "account.email_verified", id, serde_json::json!({}))?;
    Ok(())
}

/// Calls somebody otherwise.
pub(crate) fn rename(tx: &mut Tx<'_>, account: Id<Account>, display_name: &str) -> Result<()> {
    tx.execute(
        "UPDATE account SET display_name = $1, sort_name = $2 WHERE id = $3",
        &[&display_name, &fold(display_name), &account],
    )?;
    Ok(())
}

/// How strong the password of an account must be.
pub fn required_strength(tx: &mut Tx<'_>, account: &Account) -> Result<Strength> {
    if account.kind == AccountKind::Citizen {
        return Ok(Strength::Citizen);
    }
    let grants = permission::grants_of(tx, account.id)?;
    let administrator = grants.iter().any(|grant| grant.role == Role::Administrator);
    Ok(if administrator { Strength::Administrator } else { Strength::Agent })
}

/// Creates an account on behalf of its owner.
pub fn create(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAccounts>,
    new: &NewAccount,
) -> Result<Id<Account>, AccountError> {
    let email = normalise_email(&new.email).ok_or(AccountError::BadEmail)?;
    if by_email(tx, &email)?.is_some() {
        return Err(AccountError::EmailTaken);
    }
    let least = if new.kind == AccountKind::Citizen { Strength::Citizen } else { Strength::Agent };
    if new.password.as_ref().is_some_and(|password| password.strength < least) {
        return Err(AccountError::PasswordTooWeak);
    }
    // The town hall's own language, whatever page its administrator reads.
    let language = Lang::Fr;
    let id = insert(tx, &email, &new.display_name, new.kind, language, new.password.as_ref())?;
    match &new.password {
        Some(_) => set_verified(tx, id)?,
        None => link::send(tx, id, LinkPurpose::Invite)?,
    }
    Ok(id)
}

/// A citizen asks for an account. The answer is the same whether or not the address has one, and so is the time it
/// takes, that of a durable commit: what follows is in a mail. The password is chosen behind its link, by whoever reads the mailbox: one chosen
/// here could be a stranger's, who waits for the owner to follow the link.
pub fn register(
    tx: &mut Tx<'_>,
    email: &str,
    display_name: &str,
    language: Lang,
) -> Result<(), AccountError> {
    let email = normalise_email(email).ok_or(AccountError::BadEmail)?;
    if !may_be_written_to(tx, &email)? {
        return Ok(());
    }
    match by_email(tx, &email)? {
        None => {
            let id = insert(tx, &email, display_name, AccountKind::Citizen, language, None)?;
            send_link(tx, id, LinkPurpose::Verify)?;
        }
        // Nobody has shown yet that the address is theirs: the last who asked is the one who will.
        Some(account) if account.kind == AccountKind::Citizen && account.email_verified_at.is_none() => {
            tx.execute(
                "UPDATE account SET display_name = $1, sort_name = $2, language = $3 WHERE id = $4",
                &[&display_name, &fold(display_name), &language.tag(), &account.id],
            )?;
            send_link(tx, account.id, LinkPurpose::Verify)?;
        }
        Some(account) => send_link(tx, account.id, LinkPurpose::AlreadyRegistered)?,
    }
    Ok(())
}

/// Somebody forgot a password. The answer, and the time it takes, are the same whether or not the address has an
/// account.
pub fn request_reset(tx: &mut Tx<'_>, email: &str) -> Result<()> {
    let Some(email) = normalise_email(email) else { return Ok(()) };
    if !may_be_written_to(tx, &email)? {
        return Ok(());
    }
    match by_email(tx, &email)? {
        Some(account) if account.state == AccountState::Active => {
            send_link(tx, account.id, LinkPurpose::Reset)
        }
        _ => Ok(()),
    }
}

/// Whose password a link would set, so that the page can say how strong it must be.
pub fn of_link(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Account>> {
    match link::look(tx, secret)? {
        Some(id) => find(tx, id),
        None => Ok(None),
    }
}

/// The owner followed a mailed link, and chose a password: the address is shown to be theirs. Every session
/// closes, the other links no longer serve, and past failures are forgotten. A second factor stays as it is.
pub fn choose_password(
    tx: &mut Tx<'_>,
    secret: &str,
    password: &HashedPassword,
) -> Result<Id<Account>, AccountError> {
    let id = link::redeem(tx, secret)?.ok_or(AccountError::NotEntitled)?;
    let account = find(tx, id)?.ok_or(AccountError::NotEntitled)?;
    replace_password(tx, &account, password)?;
    set_verified(tx, id)?;
    throttle::clear(tx, &Key::account(&account.email))?;
    session::close_all(tx, id, None)?;
    Ok(id)
}

/// The owner, signed in, changes the password, having given the present one again. Other sessions close.
pub fn change_password(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    present: &Proof,
    password: &HashedPassword,
) -> Result<(), AccountError> {
    let Through::Session(session) = who.through else { return Err(AccountError::NotEntitled) };
    let account = find(tx, who.account)?.ok_or(AccountError::NotEntitled)?;
    if present.of() != Some(who.account) {
        return Err(AccountError::NotEntitled);
    }
    replace_password(tx, &account, password)?;
    session::close_all(tx, who.account, Some(session))?;
    Ok(())
}

/// Locks, unlocks or closes an account. One that may not be used loses its sessions.
pub fn set_state(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAccounts>,
    account: Id<Account>,
    state: AccountState,
) -> Result<()> {
    let changed = tx.execute(
        "UPDATE account SET state = $1 WHERE id = $2 AND state <> $1 AND state <> 'closed' AND $1 <> 'leaving'",
        &[&state, &account],
    )?;
    if changed > 0 {
        journal(tx, "account.state_changed", account, serde_json::json!({ "state": state }))?;
        if state != AccountState::Active {
            session::close_all(tx, account, None)?;
        }
    }
    Ok(())
}

const COLUMNS: &str = "id, email, display_name, kind, state, email_verified_at, password_strength, \
                       totp_secret IS NOT NULL, created_at, language";

/// One account.
pub fn find(tx: &mut Tx<'_>, id: Id<Account>) -> Result<Option<Account>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM account WHERE id = $1"), &[&id], read)
}

/// The account of a normalised address.
pub fn by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<Account>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM account WHERE email = $1"), &[&email], read)
}

/// The agents' accounts that are not closed, by name, at most 1 000.
pub fn agents(tx: &mut Tx<'_>) -> Result<Vec<Account>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM account WHERE kind = 'agent' AND state <> 'closed' \
             ORDER BY sort_name, id LIMIT 1000"
        ),
        &[],
        read,
    )
}

/// A page of the agents' accounts.
#[derive(Clone, Debug)]
pub struct AgentPage {
    /// Each with what it was granted, even where it may not be used for now.
    pub agents: Vec<(Account, Vec<Grant>)>,
    /// After which one the next page begins, if there is one.
    pub next: Option<Id<Account>>,
}

/// The agents' accounts that are not closed and whose name holds `name` (accents, capitals and punctuation do not
/// count; all, where it is empty), by name, at most `limit`, after the one where the page before ended.
pub fn agent_page(tx: &mut Tx<'_>, name: &str, after: Option<Id<Account>>, limit: u32) -> Result<AgentPage> {
    let after = match after {
        Some(id) => tx.query_opt("SELECT sort_name, id FROM account WHERE id = $1", &[&id], |row| {
            Ok((row.get::<String>(0)?, row.get::<String>(1)?))
        })?,
        None => None,
    };
    let (after_name, after_id) = after.unwrap_or_default();
    // Folded, it holds letters, digits and spaces only: nothing that LIKE takes for more.
    let held = format!("%{}%", fold(name));
    let columns = COLUMNS.split(", ").map(|column| format!("a.{column}")).collect::<Vec<_>>().join(", ");
    let rows = tx.query(
        &format!(
            "SELECT {columns}, g.role, g.department FROM account a LEFT JOIN role_grant g ON g.account = a.id \
             WHERE a.id IN (SELECT id FROM account WHERE kind = 'agent' AND state <> 'closed' AND sort_name LIKE $1 \
             AND (sort_name, id) > ($2, $3) ORDER BY sort_name, id LIMIT $4) \
             ORDER BY a.sort_name, a.id, g.role, g.id"
        ),
        &[&held, &after_name, &after_id, &limit.saturating_add(1)],
        |row| {
            let role: Option<Role> = row.get(10)?;
            let department = row.get(11)?;
            Ok((read(row)?, role.map(|role| Grant { role, department })))
        },
    )?;
    let mut agents: Vec<(Account, Vec<Grant>)> = Vec::new();
    for (account, grant) in rows {
        match agents.last_mut().filter(|(last, _)| last.id == account.id) {
            Some((_, grants)) => grants.extend(grant),
            None => agents.push((account, grant.into_iter().collect())),
        }
    }
    let more = agents.len() > limit as usize;
    agents.truncate(limit as usize);
    let next = agents.last().filter(|_| more).map(|(account, _)| account.id);
    Ok(AgentPage { agents, next })
}

/// The stored hash of an active account's password: for verification, outside the transaction. Where there is
/// one, whoever chose it has shown that the address is theirs.
pub(crate) fn password_of(tx: &mut Tx<'_>, email: &str) -> Result<Option<(Id<Account>, String)>> {
    tx.query_opt(
        "SELECT id, password_hash FROM account \
         WHERE email = $1 AND state = 'active' AND password_hash IS NOT NULL",
        &[&email],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Whether an address may get a message that somebody asks for, which is counted: a few an hour. Asked of every
/// address before anything is known of it, so that whoever asks waits for a commit, or does not, whether or not it has
/// an account.
pub(crate) fn may_be_written_to(tx: &mut Tx<'_>, email: &str) -> Result<bool> {
    let key = Key::mail(email);
    let waits = throttle::waits_until(tx, &key)?.is_some();
    if !waits {
        throttle::failed(tx, &key)?;
    }
    Ok(!waits)
}

pub(crate) fn send_link(tx: &mut Tx<'_>, account: Id<Account>, purpose: LinkPurpose) -> Result<()> {
    link::send(tx, account, purpose)?;
    journal(tx, "account.link_requested", account, serde_json::json!({ "purpose": purpose }))
}

fn insert(
    tx: &mut Tx<'_>,
    email: &str,
    display_name: &str,
    kind: AccountKind,
    language: Lang,
    password: Option<&HashedPassword>,
) -> Result<Id<Account>> {
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO account (id, email, display_name, kind, state, password_hash, password_strength, \
         totp_last_step, created_at, language, sort_name) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)",
        &[
            &id,
            &email,
            &display_name,
            &kind,
            &AccountState::Active,
            &password.map(|it| it.phc.as_str()).map(str::to_owned),
            &password.map_or(0, |it| it.strength.level()),
            &tx.now(),
            &language.tag(),
            &fold(display_name),
        ],
    )?;
    journal(tx, "account.created", id, serde_json::json!({ "kind": kind }))?;
    Ok(id)
}

fn replace_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password: &HashedPassword,
) -> Result<(), AccountError> {
    if password.strength < required_strength(tx, account)? {
        return Err(AccountError::PasswordTooWeak);
    }
    store_password(tx, account.id, password)?;
    Ok(())
}

fn store_password(tx: &mut Tx<'_>, account: Id<Account>, password: &HashedPassword) -> Result<()> {
    tx.execute(
        "UPDATE account SET password_hash = $1, password_strength = $2 WHERE id = $3",
        &[&password.phc, &password.strength.level(), &account],
    )?;
    journal(tx, "account.password_changed", account, serde_json::json!({}))
}

fn set_verified(tx: &mut Tx<'_>, account: Id<Account>) -> Result<()> {
    let changed = tx.execute(
        "UPDATE account SET email_verified_at = $1 WHERE id = $2 AND email_verified_at IS NULL",
        &[&tx.now(), &account],
    )?;
    if changed > 0 {
        journal(tx, "account.email_verified", account, serde_json::json!({}))?;
    }
    Ok(())
}

pub(crate) fn journal(
    tx: &mut Tx<'_>,
    kind: &str,
    account: Id<Account>,
    payload: serde_json::Value,
) -> Result<()> {
    tx.journal(&Entry { kind, subject_kind: "account", subject_id: account.uuid(), payload })?;
    Ok(())
}

fn read(row: &mut Row) -> Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        email: reachable(row.get(1)?),
        display_name: row.get(2)?,
        kind: row.get(3)?,
        state: row.get(4)?,
        email_verified_at: row.get(5)?,
        password_strength: Strength::from_level(row.get(6)?),
        has_second_factor: row.get(7)?,
        created_at: row.get(8)?,
        language: Lang::from_tag(&row.get::<String>(9)?).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_one_form() {
        assert_eq!(
            normalise_email(" Camille.Durand@Example.ORG "),
            Some("camille.durand@example.org".to_owned())
        );
        for wrong in ["", "camille", "camille@", "@example.org", "camille@localhost", "a b@example.org"] {
            assert_eq!(normalise_email(wrong), None, "{wrong:?}");
        }
        assert_eq!(normalise_email("Camille <c@example.org>"), None);
    }
}
