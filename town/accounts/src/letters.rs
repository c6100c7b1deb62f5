//! The mail that brings a link: to choose a first password or a new one, to sign in where an account was asked for twice.
//! In the language of the page where the account was asked for.

use std::sync::Arc;

use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Message, Sender},
};
use beffroi_people::{Account, LinkPurpose, LinkToSend, SEND_LINK, Town, account};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};

use crate::Origin;

/// Where a password is chosen; the secret follows.
const PASSWORD_AT: &str = "/mot-de-passe/nouveau?lien=";
/// Where one signs in.
const SIGN_IN_AT: &str = "/connexion";
/// Where an address is confirmed; the secret follows.
const ADDRESS_AT: &str = "/compte/adresse?lien=";

/// Does the job [`SEND_LINK`]: the mail is queued, and sent by a job of its own. Done twice after a
/// crash, it writes the same link twice, which harms nobody.
pub struct LinkHandler(pub Arc<Origin>);

impl JobHandler for LinkHandler {
    fn kind(&self) -> &'static str {
        SEND_LINK
    }

    fn secrets(&self) -> &'static [&'static str] {
        &["secret"]
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let link: LinkToSend = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job holds no link".to_owned()))?;
        let origin = (self.0)(commune.slug())?
            .ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let queued = commune.write_blocking(By::SYSTEM, move |tx| queue(tx, &link, &origin));
        queued.map_err(|error| match error {
            MailError::Address => JobError::Fail("the account has no mail address".to_owned()),
            MailError::Store(error) => error.into(),
        })
    }
}

fn queue(tx: &mut Tx<'_>, link: &LinkToSend, origin: &str) -> Result<(), MailError> {
    // An account that went meanwhile needs no link.
    let Some(account) = account::find(tx, link.account)? else { return Ok(()) };
    let town = Town::load(tx)?;
    let message = write(sender(&town, origin), &account, link, origin)?;
    mail::queue(
        tx,
        &NewMail {
            to: if link.email.is_empty() { &account.email } else { &link.email },
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: true,
            about: About { kind: "account", id: account.id.uuid() },
        },
    )?;
    Ok(())
}

/// The town as it writes; `otherwise` is told where it has neither telephone nor address.
pub fn sender<'a>(town: &'a Town, otherwise: &'a str) -> Sender<'a> {
    let contact = [&town.phone, &town.email].into_iter().find(|it| !it.is_empty());
    let voice = messages::Voice {
        greeting: &town.voice.mail_greeting,
        closing: &town.voice.mail_closing,
        signature: &town.voice.mail_signature,
    };
    Sender { commune: &town.name, contact: contact.map_or(otherwise, String::as_str), voice }
}

fn write(
    sender: Sender<'_>,
    account: &Account,
    link: &LinkToSend,
    origin: &str,
) -> Result<Message, StoreError> {
    let lang = account.language;
    let life = link.purpose.lifetime();
    let with_secret = |at: &str| match &link.secret {
        Some(secret) => Ok(format!("{origin}{at}{secret}")),
        None => Err(StoreError::Invalid("the link has no secret".to_owned())),
    };
    let whole = |number: i64| u32::try_from(number).unwrap_or(0);
    Ok(match link.purpose {
        LinkPurpose::Verify => {
            messages::email_verification(sender, lang, &with_secret(PASSWORD_AT)?, whole(life.num_hours()))
        }
        LinkPurpose::Reset => {
            messages::password_reset(sender, lang, &with_secret(PASSWORD_AT)?, whole(life.num_minutes()))
        }
        LinkPurpose::Invite => {
            messages::account_invitation(sender, lang, &with_secret(PASSWORD_AT)?, whole(life.num_days()))
        }
        LinkPurpose::Confirm => {
            messages::address_confirmation(sender, lang, &with_secret(ADDRESS_AT)?, whole(life.num_hours()))
        }
        LinkPurpose::Moved => messages::address_moved(sender, lang),
        LinkPurpose::AlreadyRegistered => {
            messages::already_registered(sender, lang, &format!("{origin}{SIGN_IN_AT}"))
        }
    })
}
