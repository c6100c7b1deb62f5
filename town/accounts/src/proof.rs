//! What is asked once more before a way into an account is added or taken away: a browser left open is no way to take
//! the account over. Whoever has a password gives it; whoever has none must have signed in a moment ago.

use std::sync::Arc;

use beffroi_core::Instant;
use beffroi_people::{
    SignedIn, account,
    session::opened_lately,
    sign_on::{self, Again, Credentials, Directory, LocalPasswords},
};
use beffroi_store::StoreError;
use beffroi_web::{Page, Result, WebError};

use crate::{door::source, hashing::in_turn, identity::Threshold, words};

/// What came of asking.
pub enum Proof {
    /// It is the owner.
    Given,
    /// The password is another.
    Wrong,
    /// Too many were wrong: not before then.
    Wait(Instant),
    /// There is no password, and the session is not of a moment ago.
    SignInAgain,
}

impl Proof {
    /// What to tell whoever did not give it.
    pub fn refusal(&self, page: &Page, now: Instant) -> Option<String> {
        match self {
            Self::Given => None,
            Self::Wrong => Some(page.t("accounts-present-wrong").to_owned()),
            Self::Wait(until) => Some(words::wait(page, now, *until)),
            Self::SignInAgain => Some(page.t("accounts-again-change").to_owned()),
        }
    }
}

/// What a page asks for.
#[derive(Clone, Copy, Default)]
pub struct Asked {
    /// The password of the account.
    pub password: bool,
    /// To sign in again.
    pub again: bool,
}

/// What is to be asked of whoever is signed in.
pub async fn asked(threshold: &Threshold, who: &SignedIn) -> Result<Asked> {
    let who = who.clone();
    let read = threshold.commune.read(threshold.visitor.by, move |tx| {
        let account = account::find(tx, who.account)?;
        let password = account.is_some_and(|account| account.password_strength.is_some());
        Ok::<_, StoreError>(Asked { password, again: !password && !opened_lately(tx, &who)? })
    });
    read.await.map_err(WebError::from)
}

/// Examines what was given; `present` is the password, where the account has one.
pub async fn given(threshold: &Threshold, who: &SignedIn, present: &str) -> Result<Proof> {
    match asked(threshold, who).await? {
        Asked { again: true, .. } => Ok(Proof::SignInAgain),
        Asked { password: false, .. } => Ok(Proof::Given),
        Asked { password: true, .. } => Ok(match password(threshold, who, present).await? {
            Again::Right => Proof::Given,
            Again::Wrong => Proof::Wrong,
            Again::Wait(until) => Proof::Wait(until),
        }),
    }
}

async fn password(threshold: &Threshold, who: &SignedIn, present: &str) -> Result<Again> {
    let credentials = Credentials {
        email: who.email.clone(),
        password: present.to_owned(),
        source: source(&threshold.visitor),
    };
    let examined = Arc::clone(&threshold.commune);
    let proof = in_turn(move || LocalPasswords.authenticate(&examined, &credentials)).await??;
    let who = who.clone();
    let again = threshold.commune.write(threshold.visitor.by, move |tx| sign_on::again(tx, &who, &proof));
    again.await.map_err(|error: StoreError| error.into())
}
