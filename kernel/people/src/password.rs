//! Passwords: how strong (CNIL délib. 2022-100, ANSSI), and how kept (Argon2id). Hashing takes tens of
//! milliseconds and some memory: do it on a blocking thread and never inside a transaction.

use std::sync::OnceLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use serde::Serialize;

/// OWASP's figures for Argon2id: 19 MiB, two passes, one lane. More memory would let a burst of
/// sign-ins exhaust a small server.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Longer passwords are refused, so that nobody makes the server chew on a novel.
const LONGEST: usize = 128;

/// How strong a password must be, by what it protects. Sign-in is throttled for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// At least 8 characters of 3 classes (50 bits with throttling, CNIL).
    Citizen,
    /// At least 12 characters of 4 classes, 14 of 3, or 7 words (80 bits, CNIL).
    Agent,
    /// At least 16 characters (ANSSI) of 3 classes, or 7 words.
    Administrator,
}

impl Strength {
    pub(crate) const fn level(self) -> u32 {
        match self {
            Self::Citizen => 1,
            Self::Agent => 2,
            Self::Administrator => 3,
        }
    }

    pub(crate) const fn from_level(level: u32) -> Option<Self> {
        match level {
            1 => Some(Self::Citizen),
            2 => Some(Self::Agent),
            3 => Some(Self::Administrator),
            _ => None,
        }
    }
}

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// Too few characters, or too few classes of them, for what it protects.
    #[error("the password is too short or too uniform")]
    TooShort,
    /// A common password, a sequence, or made from the person's own name or address.
    #[error("the password is easy to guess")]
    EasyToGuess,
    /// More than 128 characters.
    #[error("the password is too long")]
    TooLong,
    /// The machine could not hash it (no memory).
    #[error("the password could not be hashed")]
    NotHashed,
}

/// A password that was found strong enough, hashed.
#[derive(Clone)]
pub struct HashedPassword {
    pub(crate) phc: String,
    pub(crate) strength: Strength,
}

impl std::fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HashedPassword({:?})", self.strength)
    }
}

/// Checks that a password is strong enough, then hashes it. `hints` are words that it should not be
/// made of: the person's name, e-mail address, town. Takes its time: never inside a transaction.
pub fn hash_password(plain: &str, strength: Strength, hints: &[&str]) -> Result<HashedPassword, Weakness> {
    check(plain, strength, hints)?;
    Ok(HashedPassword { phc: hash(plain)?, strength })
}

/// Whether a password is strong enough.
pub fn check(plain: &str, strength: Strength, hints: &[&str]) -> Result<(), Weakness> {
    let length = plain.chars().count();
    if length > LONGEST {
        return Err(Weakness::TooLong);
    }
    let classes = classes(plain);
    let words =
        plain.split(|c: char| c.is_whitespace() || c == '-').filter(|it| it.chars().count() > 1).count();
    let strong = (length >= 12 && classes == 4) || (length >= 14 && classes >= 3) || words >= 7;
    let enough = match strength {
        Strength::Citizen => strong || (length >= 8 && classes >= 3),
        Strength::Agent => strong,
        Strength::Administrator => strong && length >= 16,
    };
    if !enough {
        return Err(Weakness::TooShort);
    }
    // Eight random characters reach a score of two: enough behind a throttle, and no more.
    let least = if strength == Strength::Citizen { zxcvbn::Score::Two } else { zxcvbn::Score::Three };
    if holds_a_hint(plain, hints) || zxcvbn::zxcvbn(plain, hints).score() < least {
        return Err(Weakness::EasyToGuess);
    }
    Ok(())
}

/// Whether a password is made from a word that anybody who knows the person would try first.
fn holds_a_hint(plain: &str, hints: &[&str]) -> bool {
    const SHORTEST_TELLING: usize = 4;
    let plain = plain.to_lowercase();
    hints
        .iter()
        .flat_map(|hint| hint.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= SHORTEST_TELLING)
        .any(|word| plain.contains(&word.to_lowercase()))
}

/// How many of the four classes (lower case, upper case, digits, others) a password uses.
fn classes(plain: &str) -> usize {
    let lower = plain.chars().any(char::is_lowercase);
    let upper = plain.chars().any(char::is_uppercase);
    let digit = plain.chars().any(|c| c.is_ascii_digit());
    let other = plain.chars().any(|c| !c.is_alphanumeric());
    [lower, upper, digit, other].into_iter().filter(|used| *used).count()
}

/// Whether `plain` is the password behind `phc`. Where there is none, as much work is done on a
/// decoy, so that the time taken does not tell whether an account exists.
pub(crate) fn verify(plain: &str, phc: Option<&str>) -> bool {
    static DECOY: OnceLock<String> = OnceLock::new();
    if plain.chars().count() > LONGEST {
        return false;
    }
    let decoy = DECOY.get_or_init(|| hash("nobody’s password").unwrap_or_default());
    let matches =
        argon2().is_some_and(|argon2| argon2.verify_password(plain.as_bytes(), phc.unwrap_or(decoy)).is_ok());
    matches && phc.is_some()
}

fn hash(plain: &str) -> Result<String, Weakness> {
    // The salt comes from the system: hashing happens outside any transaction.
    argon2()
        .and_then(|argon2| argon2.hash_password(plain.as_bytes()).ok())
        .map(|hash| hash.to_string())
        .ok_or(Weakness::NotHashed)
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HINTS: &[&str] = &["camille.durand@example.org", "Camille", "Durand", "Lunel"];

    #[test]
    fn a_citizen_needs_eight_characters_of_three_classes() {
        assert_eq!(check("x4Rp!9bZ", Strength::Citizen, HINTS), Ok(()));
        assert_eq!(check("x4Rp!9b", Strength::Citizen, HINTS), Err(Weakness::TooShort));
        assert_eq!(check("xrpebzmqwk", Strength::Citizen, HINTS), Err(Weakness::TooShort));
    }

    #[test]
    fn what_everybody_would_guess_is_refused_whatever_its_length() {
        assert_eq!(check("Password1!", Strength::Citizen, HINTS), Err(Weakness::EasyToGuess));
        assert_eq!(check("CamilleDurand1!", Strength::Citizen, HINTS), Err(Weakness::EasyToGuess));
        assert_eq!(check(&"aA1!".repeat(40), Strength::Agent, HINTS), Err(Weakness::TooLong));
    }

    #[test]
    fn an_agent_needs_more_and_an_administrator_still_more() {
        assert_eq!(check("x4Rp!9bZ", Strength::Agent, HINTS), Err(Weakness::TooShort));
        assert_eq!(check("x4Rp!9bZ:mQu", Strength::Agent, HINTS), Ok(()));
        assert_eq!(check("x4Rp!9bZ:mQu", Strength::Administrator, HINTS), Err(Weakness::TooShort));
        assert_eq!(check("x4Rp!9bZ:mQu#7tK", Strength::Administrator, HINTS), Ok(()));
        assert_eq!(check("x4Rp9bZkmQu7tK", Strength::Agent, HINTS), Ok(()), "14 of 3 classes");
    }

    #[test]
    fn seven_words_are_as_good_as_symbols() {
        let phrase = "girafe violette mange sept pommes sous orage";
        assert_eq!(check(phrase, Strength::Administrator, HINTS), Ok(()));
        assert_eq!(check("girafe violette mange", Strength::Agent, HINTS), Err(Weakness::TooShort));
    }

    #[test]
    fn a_hash_recognises_its_password_and_no_other() {
        let hashed = hash_password("x4Rp!9bZ", Strength::Citizen, HINTS).unwrap();
        assert!(hashed.phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("x4Rp!9bZ", Some(&hashed.phc)));
        assert!(!verify("x4Rp!9bz", Some(&hashed.phc)));
        assert!(!verify("nobody’s password", None), "the decoy opens nothing");
    }
}
