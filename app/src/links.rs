//! Writes the mail for a link that an account was given: to confirm an address, to choose a password.

use std::sync::{Arc, OnceLock};

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

/// Where a password is chosen; the secret follows.
pub const PASSWORD_AT: &str = "/mot-de-passe/nouveau?lien=";
/// Where one signs in.
pub const SIGN_IN_AT: &str = "/connexion";

/// The addresses of the communes' sites, as visitors type them: for links that leave the house.
pub struct Addresses {
    /// Whether visitors come over https: because a proxy stands before the house, or is said to.
    secure: bool,
    /// The communes, and the port that the house listens on; known once it does.
    serving: OnceLock<(Arc<Platform>, u16)>,
}

impl Addresses {
    /// Those of a house that does not serve yet.
    pub const fn new(secure: bool) -> Self {
        Self { secure, serving: OnceLock::new() }
    }

    /// Tells of which communes, and on which port the house listens. The first word counts.
    pub fn serve(&self, platform: Arc<Platform>, port: u16) {
        let _ = self.serving.set((platform, port));
    }

    /// The address of a commune's site, without a slash at its end; `None` where it has no host name, or
    /// nobody serves it. May ask the registry: for blocking threads.
    pub fn of(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let Some((platform, port)) = self.serving.get() else { return Ok(None) };
        let host = main_host(platform.hosts(slug)?);
        Ok(host.map(|host| self.of_host(&host, *port)))
    }

    fn of_host(&self, host: &str, port: u16) -> String {
        match (self.secure, port) {
            (true, _) => format!("https://{host}"),
            (false, 80) => format!("http://{host}"),
            (false, port) => format!("http://{host}:{port}"),
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
    addresses: Arc<Addresses>,
}

impl LinkHandler {
    /// With links to those addresses.
    pub const fn new(addresses: Arc<Addresses>) -> Self {
        Self { addresses }
    }
}

impl JobHandler for LinkHandler {
    fn kind(&self) -> &'static str {
        SEND_LINK
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let link: LinkToSend = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job holds no link".to_owned()))?;
        let origin = self
            .addresses
            .of(commune.slug())?
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
            &format!("{origin}{PASSWORD_AT}{}", secret()?),
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
        assert_eq!(Addresses::new(true).of_host("lunel.fr", 8080), "https://lunel.fr");
        assert_eq!(Addresses::new(false).of_host("localhost", 8080), "http://localhost:8080");
        assert_eq!(Addresses::new(false).of_host("lunel.test", 80), "http://lunel.test");
        assert_eq!(Addresses::new(true).of("lunel").unwrap(), None, "nobody serves it");
        let hosts = ["localhost", "www.demarches-lunel.fr", "lunel.fr"].map(str::to_owned).to_vec();
        assert_eq!(main_host(hosts).as_deref(), Some("lunel.fr"));
        assert_eq!(main_host(vec!["localhost".to_owned()]).as_deref(), Some("localhost"));
        assert_eq!(main_host(Vec::new()), None);
    }

    #[test]
    fn who_asks_for_an_account_is_written_to_with_a_link_that_works() {
        let migrations = [beffroi_people::MIGRATIONS, beffroi_notify::MIGRATIONS].concat();
        on_both_engines(&migrations, |fixture| {
            let register = |tx: &mut Tx<'_>| account::register(tx, "lea@example.org", "Léa");
            fixture.commune.write_blocking(By::VISITOR, register).unwrap();
            let addresses = Arc::new(Addresses::new(true));
            addresses.serve(Arc::clone(&fixture.platform), 8080);
            let workers = Arc::new(Workers {
                subscribers: Vec::new(),
                handlers: vec![
                    Arc::new(LinkHandler::new(addresses)),
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
            let at = "https://localhost/mot-de-passe/nouveau?lien=";
            let link = verify.text.lines().find_map(|line| line.strip_prefix(at)).unwrap().to_owned();
            let password = password::hash_password("Onze-platanes-7", Strength::Citizen, &[]).unwrap();
            let choose = move |tx: &mut Tx<'_>| account::choose_password(tx, &link, &password);
            fixture.commune.write_blocking(By::VISITOR, choose).unwrap();

            fixture.commune.write_blocking(By::VISITOR, register).unwrap();
            fixture.clock.advance(chrono::TimeDelta::seconds(1));
            assert!(latest().text.contains("https://localhost/connexion"), "only the owner learns it");

            let reset = |tx: &mut Tx<'_>| account::request_reset(tx, "lea@example.org");
            fixture.clock.advance(chrono::TimeDelta::seconds(1));
            fixture.commune.write_blocking(By::VISITOR, reset).unwrap();
            assert!(latest().text.contains("https://localhost/mot-de-passe/nouveau?lien="));
        })
        .unwrap();
    }
}
