//! What requesters think of how they were served: asked after the decision, given once, and kept so that it leads to
//! nobody.

use beffroi_core::Id;
use beffroi_store::{Entry, Result as Stored, Tx, words};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Access, CaseError,
    case::{self, Case},
    decision,
    figures::readable,
    silence,
    tally::Month,
    tracking::TrackingCode,
};

/// Characters of a comment, at most.
pub const LONGEST_COMMENT: usize = 1_000;

words! {
    /// How satisfied somebody is, the best first.
    Satisfaction {
        /// Satisfied.
        Good = "good",
        /// More or less.
        Fair = "fair",
        /// Not satisfied.
        Poor = "poor",
    }
}

/// The secret that asks one requester, once: 128 random bits in a link, or on paper a code of twelve letters. Only its
/// hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn draw(tx: &Tx<'_>) -> Self {
        Self(Uuid::from_bytes(tx.random()).simple().to_string())
    }

    /// A new one that can be typed, or told on the telephone: `BX7K-29QM-4TRW`.
    pub fn draw_for_paper(tx: &Tx<'_>) -> Self {
        Self(TrackingCode::draw(tx).to_string())
    }

    /// The one in an address; one of a paper as people type it.
    pub fn parse(text: &str) -> Option<Self> {
        let of_link = text.len() == 32 && text.bytes().all(|letter| letter.is_ascii_hexdigit());
        if of_link {
            return Some(Self(text.to_ascii_lowercase()));
        }
        TrackingCode::parse(text).map(|code| Self(code.to_string()))
    }

    /// The text for the address, or the paper.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// A secret is not written in a log by accident.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Lets the holder of a link give an opinion on a case; `false` where one was asked before, by another link.
///
/// # Errors
/// Those of the store.
pub fn invite(tx: &mut Tx<'_>, case: Id<Case>, token: &Token) -> Stored<bool> {
    let invited = tx.execute(
        "INSERT INTO opinion_invitation (case_id, token_hash, answered) VALUES ($1, $2, FALSE) \
         ON CONFLICT (case_id) DO NOTHING",
        &[&case, &token.hash()],
    )?;
    Ok(invited > 0)
}

/// Lets the holder of a paper give an opinion on a case, as [`invite`] does; `false` where one was given. A paper that is
/// laid out again, or that tells a decision taken anew, bears a code of its own: the one before opens nothing any more.
///
/// # Errors
/// Those of the store.
pub fn invite_on_paper(tx: &mut Tx<'_>, case: Id<Case>, token: &Token) -> Stored<bool> {
    let invited = tx.execute(
        "INSERT INTO opinion_invitation (case_id, token_hash, answered) VALUES ($1, $2, FALSE) \
         ON CONFLICT (case_id) DO UPDATE SET token_hash = excluded.token_hash \
         WHERE opinion_invitation.answered = FALSE",
        &[&case, &token.hash()],
    )?;
    Ok(invited > 0)
}

/// The case of a link or a code, if there is one.
///
/// # Errors
/// Those of the store.
pub fn invited(tx: &mut Tx<'_>, token: &Token) -> Result<Option<Case>, CaseError> {
    let sql = "SELECT case_id FROM opinion_invitation WHERE token_hash = $1";
    let id: Option<Id<Case>> = tx.query_opt(sql, &[&token.hash()], |row| row.get(0))?;
    id.map_or(Ok(None), |id| case::find(tx, id))
}

/// Whether an opinion on a case was given.
///
/// # Errors
/// Those of the store.
pub fn is_given(tx: &mut Tx<'_>, case: Id<Case>) -> Stored<bool> {
    let sql = "SELECT answered FROM opinion_invitation WHERE case_id = $1";
    Ok(tx.query_opt(sql, &[&case], |row| row.get(0))?.unwrap_or(false))
}

/// Gives an opinion on a case that was decided, once; `false` where one was given. Whoever calls has been shown a link
/// or the case's key, and does so in a transaction of nobody in particular: the journal must not tell who said what.
///
/// # Errors
/// [`CaseError::WrongState`] before the decision; [`CaseError::Text`] where the comment is too long.
pub fn give(
    tx: &mut Tx<'_>,
    case: &Case,
    satisfaction: Satisfaction,
    comment: &str,
) -> Result<bool, CaseError> {
    let comment = comment.trim();
    if comment.chars().count() > LONGEST_COMMENT {
        return Err(CaseError::Text(LONGEST_COMMENT));
    }
    let decided = decision::of_case(tx, case.id)?.map(|taken| taken.decided_on);
    let implied = silence::of_case(tx, case.id)?.map(|implied| implied.deemed_on);
    let ended = decided.or(implied).ok_or(CaseError::WrongState(case.state))?;
    let first = tx.execute(
        "INSERT INTO opinion_invitation (case_id, answered) VALUES ($1, TRUE) \
         ON CONFLICT (case_id) DO UPDATE SET answered = TRUE WHERE opinion_invitation.answered = FALSE",
        &[&case.id],
    )?;
    if first == 0 {
        return Ok(false);
    }
    // Not one of the ids that tell their time.
    let id = uuid::Builder::from_random_bytes(tx.random()).into_uuid();
    let month = Month::of(ended).to_string();
    tx.execute(
        "INSERT INTO opinion (id, month, department, procedure, satisfaction, comment) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[&id, &month, &case.department, &case.procedure, &satisfaction, &comment],
    )?;
    let payload = json!({
        "month": month, "department": case.department, "procedure": case.procedure,
        "satisfaction": satisfaction.as_str(),
    });
    tx.journal(&Entry { kind: "opinion.given", subject_kind: "opinion", subject_id: id, payload })?;
    Ok(true)
}

/// What somebody wrote beside their opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The month of the decision.
    pub month: String,
    /// The procedure's short name.
    pub procedure: String,
    /// How satisfied they are.
    pub satisfaction: Satisfaction,
    /// Their words.
    pub words: String,
}

/// The comments on cases of these departments that were decided since a month, the latest months first. Within a month
/// their order tells nothing.
///
/// # Errors
/// Those of the store.
pub fn comments(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    procedure: Option<&str>,
    since: Month,
    limit: u32,
) -> Stored<Vec<Comment>> {
    let since = since.to_string();
    let (any, procedure) = (procedure.is_none(), procedure.unwrap_or_default());
    let Some((values, marks)) = readable(access, departments, vec![&since, &limit, &any, &procedure]) else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT month, procedure, satisfaction, comment FROM opinion WHERE month >= $1 AND comment <> '' \
         AND ($3 = TRUE OR procedure = $4) AND department IN ({marks}) ORDER BY month DESC, id LIMIT $2"
    );
    tx.query(&sql, &values, |row| {
        Ok(Comment {
            month: row.get(0)?,
            procedure: row.get(1)?,
            satisfaction: row.get(2)?,
            words: row.get(3)?,
        })
    })
}

/// Forgets what people wrote before a month: it may name somebody. How satisfied they were stays.
///
/// # Errors
/// Those of the store.
pub fn forget_comments(tx: &mut Tx<'_>, before: Month) -> Stored<u64> {
    tx.execute("UPDATE opinion SET comment = '' WHERE month < $1 AND comment <> ''", &[&before.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_that_of_a_link_or_of_a_paper_as_people_type_it() {
        let of_link = Token::parse("0123456789ABCDEF0123456789abcdef").unwrap();
        assert_eq!(of_link.reveal(), "0123456789abcdef0123456789abcdef");
        let of_paper = Token::parse(" bx7k 29qm-4trw").unwrap();
        assert_eq!(of_paper.reveal(), "BX7K-29QM-4TRW");
        assert!(of_paper == Token::parse(of_paper.reveal()).unwrap());
        assert!(Token::parse("rien").is_none() && Token::parse("").is_none());
    }
}
