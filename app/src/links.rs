//! Writes the mail for a link that an account was given: to confirm an address, to choose a password.

use std::sync::Arc;

use beffroi_core::Lang;
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Message, Sender},
};
use beffroi_people::{LinkPurpose, LinkToSend, SEND_LINK, Town, account};
use beffroi_store::{
    By, Commune, Platform, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};

/// Where an address is confirmed; the secret follows.
pub const VERIFY_AT: &str = "/compte/confirmation/";
/// Where a password is chosen; the secret follows.
pub const PASSWORD_AT: &str = "/compte/mot-de-passe/";
/// Where one signs in.
pub const SIGN_IN_AT: &str = "/connexion";

/// How visitors reach the house, beside the host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: &'static str,
    port: Option<u16>,
}

impl Origin {
    /// Over https where a proxy stands before the house; otherwise straight to the port it listens on.
    pub const fn new(secure: bool, port: u16) -> Self {
        if secure {
            return Self { scheme: "https", port: None };
        }
        Self { scheme: "http", port: if port == 80 { None } else { Some(port) } }
    }

    fn of_host(&self, host: &str) -> String {
        match self.port {
            Some(port) => format!("{}://{host}:{port}", self.scheme),
            None => format!("{}://{host}", self.scheme),
        }
    }
}

/// The host name to write in a mail: a public one before `localhost`, the shortest, then the first in order.
fn main_host(mut hosts: Vec<String>) -> Option<String> {
    hosts.sort_by_key(|host| (!host.contains('.'), host.len(), host.clone()));
    hosts.into_iter().next()
}

/// Does the job [`SEND_LINK`]: the mail is queued, and sent by a job of its own. Done twice after a
/// crash, it writes the same link twice, which harms nobody.
pub struct LinkHandler {
    platform: Arc<Platform>,
    origin: Origin,
}

impl LinkHandler {
    /// For the communes of that platform.
    pub const fn new(platform: Arc<Platform>, origin: Origin) -> Self {
        Self { platform, origin }
    }
}

impl JobHandler for LinkHandler {
    fn kind(&self) -> &'static str {
        SEND_LINK
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let link: LinkToSend = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job holds no link".to_owned()))?;
        let host = main_host(self.platform.hosts(commune.slug())?)
            .ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let origin = self.origin.of_host(&host);
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
    let contact = [&town.phone, &town.email].into_iter().find(|it| !it.is_empty());
    let sender = Sender { commune: &town.name, contact: contact.map_or(origin, String::as_str) };
    let message = write(sender, link, origin)?;
    mail::queue(
        tx,
        &NewMail {
            to: &account.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: true,
            about: About { kind: "account", id: account.id.uuid() },
        },
    )?;
    Ok(())
}

fn write(sender: Sender<'_>, link: &LinkToSend, origin: &str) -> Result<Message, StoreError> {
    let lang = Lang::Fr;
    let life = link.purpose.lifetime();
    let secret =
        || link.secret.as_deref().ok_or_else(|| StoreError::Invalid("the link has no secret".to_owned()));
    let whole = |number: i64| u32::try_from(number).unwrap_or(0);
    Ok(match link.purpose {
        LinkPurpose::Verify => messages::email_verification(
            sender,
            lang,
            &format!("{origin}{VERIFY_AT}{}", secret()?),
            whole(life.num_hours()),
        ),
        LinkPurpose::Reset => messages::password_reset(
            sender,
            lang,
            &format!("{origin}{PASSWORD_AT}{}", secret()?),
            whole(life.num_minutes()),
        ),
        LinkPurpose::Invite => messages::account_invitation(
            sender,
            lang,
            &format!("{origin}{PASSWORD_AT}{}", secret()?),
            whole(life.num_days()),
        ),
        LinkPurpose::AlreadyRegistered => {
            messages::already_registered(sender, lang, &format!("{origin}{SIGN_IN_AT}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use beffroi_notify::Transport;
    use beffroi_people::{password, password::Strength};
    use beffroi_store::{background::Workers, testing::on_both_engines};

    use super::*;

    #[test]
    fn a_link_leads_to_where_visitors_are() {
        assert_eq!(Origin::new(true, 8080).of_host("lunel.fr"), "https://lunel.fr");
        assert_eq!(Origin::new(false, 8080).of_host("localhost"), "http://localhost:8080");
        assert_eq!(Origin::new(false, 80).of_host("lunel.test"), "http://lunel.test");
        let hosts = ["localhost", "www.demarches-lunel.fr", "lunel.fr"].map(str::to_owned).to_vec();
        assert_eq!(main_host(hosts).as_deref(), Some("lunel.fr"));
        assert_eq!(main_host(vec!["localhost".to_owned()]).as_deref(), Some("localhost"));
        assert_eq!(main_host(Vec::new()), None);
    }

    #[test]
    fn who_asks_for_an_account_is_written_to_with_a_link_that_works() {
        let migrations = [beffroi_people::MIGRATIONS, beffroi_notify::MIGRATIONS].concat();
        on_both_engines(&migrations, |fixture| {
            let password = password::hash_password("Onze-platanes-7", Strength::Citizen, &[]).unwrap();
            let register = |tx: &mut Tx<'_>, password: &password::HashedPassword| {
                account::register(tx, "lea@example.org", "Léa", password)
            };
            let first = password.clone();
            fixture.commune.write_blocking(By::VISITOR, move |tx| register(tx, &first)).unwrap();
            let origin = Origin::new(true, 0);
            let workers = Arc::new(Workers {
                subscribers: Vec::new(),
                handlers: vec![
                    Arc::new(LinkHandler::new(Arc::clone(&fixture.platform), origin)),
                    Arc::new(mail::SendHandler::new(Transport::Kept)),
                ],
            });
            let latest = || {
                fixture.settle(&workers).unwrap();
                let mut found =
                    fixture.commune.read_blocking(By::SYSTEM, |tx| mail::recent(tx, None, 1)).unwrap();
                found.remove(0)
            };
            let verify = latest();
            assert_eq!(verify.to, "lea@example.org");
            let at = "https://localhost/compte/confirmation/";
            let link = verify.text.lines().find_map(|line| line.strip_prefix(at)).unwrap().to_owned();
            let verified =
                fixture.commune.write_blocking(By::VISITOR, move |tx| account::verify_email(tx, &link));
            verified.unwrap();

            fixture.commune.write_blocking(By::VISITOR, move |tx| register(tx, &password)).unwrap();
            fixture.clock.advance(chrono::TimeDelta::seconds(1));
            assert!(latest().text.contains("https://localhost/connexion"), "only the owner learns it");

            let reset = |tx: &mut Tx<'_>| account::request_reset(tx, "lea@example.org");
            fixture.clock.advance(chrono::TimeDelta::seconds(1));
            fixture.commune.write_blocking(By::VISITOR, reset).unwrap();
            assert!(latest().text.contains("https://localhost/compte/mot-de-passe/"));
        })
        .unwrap();
    }
}
