//! PayFiP, the DGFiP's service for régies, by its « web service » (SOAP): `creerPaiementSecurise` gives an `idop`, with
//! which the payer is sent to the page of payment, and `recupererDetailPaiementSecurise` tells what came of it.
//!
//! Sources: the names, the shapes and the codes R3, A2, P1 and P5 are those of eopayment's `payfip_ws.py` and of what its
//! tests expect of recorded exchanges; the other codes, and how long an `idop` lives, are told by others who quote the
//! DGFiP's guide (version 19, June 2020). `docs/payments.md` says what of it we could not verify.

pub(crate) mod xml;

use std::time::Duration;

use beffroi_core::{Cents, Instant, Targets};
use beffroi_webhooks::http;
use chrono::{NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Europe::Paris;
use futures_util::future::BoxFuture;
use quick_xml::escape::escape;

use crate::{
    adapter::{Adapter, Ask, Fault, Money, Outcome, TOKEN_AT_MOST, Way},
    payment::{AdapterKind, ClosedWhy, Means, Payment},
    regie::Mode,
};
use xml::Envelope;

/// Where the service is.
pub const SERVICE: &str = "https://www.payfip.gouv.fr/tpa/services/securite";
/// Where its page of payment is.
pub const PAGE: &str = "https://www.payfip.gouv.fr/tpa/paiementws.web";
/// The name space of its requests.
pub(crate) const NAMESPACE: &str = "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/contrat_paiement_securise/PaiementSecuriseService";
/// How long one question may take: somebody waits for it.
const WITHIN: Duration = Duration::from_secs(12);
const MEDIA_TYPE: &str = "text/xml; charset=utf-8";

impl Mode {
    /// The letter by which PayFiP knows it (`saisie`).
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Self::Test => "T",
            Self::Activation => "X",
            Self::Production => "W",
        }
    }
}

/// PayFiP, for all communes.
#[derive(Clone, Debug)]
pub struct PayFip {
    targets: Targets,
    service: String,
    page: String,
    within: Duration,
}

impl PayFip {
    /// Where it is for real.
    pub fn new(targets: Targets) -> Self {
        Self::at(targets, SERVICE, PAGE)
    }

    /// Elsewhere: a stand-in.
    pub fn at(targets: Targets, service: &str, page: &str) -> Self {
        Self { targets, service: service.to_owned(), page: page.to_owned(), within: WITHIN }
    }

    /// One that waits so long for an answer.
    #[must_use]
    pub fn patient(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// The site of its page of payment: `https://www.payfip.gouv.fr`; `None` where that is on our own.
    pub fn site(&self) -> Option<&str> {
        let (scheme, rest) = self.page.split_once("://")?;
        let host = rest.split('/').next()?;
        self.page.get(..scheme.len() + 3 + host.len())
    }

    /// Whether PayFiP knows a régie's number: what is asked concerns nobody.
    ///
    /// # Errors
    /// Why it does not, or why that is not known.
    pub async fn check(&self, client_number: &str) -> Result<(), Fault> {
        let answer = self.exchange("recupererDetailClient", &[("numCli", client_number)]).await?;
        match answer {
            Answer::Told(_) => Ok(()),
            Answer::Fault(code) => Err(fault_of(&code)),
        }
    }

    /// Asks one thing. Neither what is asked nor what is told may reach the log.
    async fn exchange(&self, operation: &str, arguments: &[(&str, &str)]) -> Result<Answer, Fault> {
        let url = http::accepted(self.targets, &self.service).map_err(|_| Fault::Private)?;
        let request = request(operation, arguments);
        let headers = [("soapaction", "\"\"".to_owned())];
        let sent = http::post_as(self.targets, &url, (MEDIA_TYPE, xml::LONGEST), &headers, request);
        let answer = match tokio::time::timeout(self.within, sent).await {
            Ok(answer) => answer.map_err(Fault::of_silence)?,
            Err(_) => return Err(Fault::Slow),
        };
        match answer.status {
            // A fault comes with 500 (SOAP 1.1, 6.2).
            200 | 500 => judge(operation, &answer.text),
            502..=504 => Err(Fault::Failing),
            _ => Err(Fault::Unreadable),
        }
    }
}

/// What PayFiP answered.
#[derive(Debug)]
enum Answer {
    Told(Envelope),
    /// A functional error, by its code.
    Fault(String),
}

/// The request of an operation. Every one has one argument, `arg0`.
fn request(operation: &str, arguments: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| format!("<{name}>{}</{name}>", escape(*value));
    let fields = arguments.iter().map(field).collect::<Vec<_>>().concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:pai=\"{NAMESPACE}\">\
         <soapenv:Body><pai:{operation}><arg0>{fields}</arg0></pai:{operation}></soapenv:Body></soapenv:Envelope>"
    )
}

fn judge(operation: &str, text: &str) -> Result<Answer, Fault> {
    let answer = xml::read(text).map_err(|_| Fault::Unreadable)?;
    if answer.name == "Fault" {
        let functional = answer.has("FonctionnelleErreur");
        return match answer.text("code") {
            Some(code) if functional && code.len() <= 10 => Ok(Answer::Fault(code.to_owned())),
            // TechDysfonctionnementErreur, TechIndisponibiliteErreur, TechProtocolaireErreur, or any other fault.
            _ => Err(Fault::Failing),
        };
    }
    if answer.name == format!("{operation}Response") {
        Ok(Answer::Told(answer))
    } else {
        Err(Fault::Unreadable)
    }
}

/// What a functional error means for whoever pays or settles the régie. The first letter names what is wrong: T the
/// client, S the mode, M the amount, A the address, R the reference, N and D our own addresses, P the `idop`.
fn fault_of(code: &str) -> Fault {
    match code.chars().next() {
        Some('T' | 'S') => Fault::Contract,
        Some('M') => Fault::Amount,
        Some('A') => Fault::Mail,
        _ => Fault::Unfit,
    }
}

/// What PayFiP's detail of a payment means for the attempt that was asked about.
fn outcome(answer: &Envelope, payment: &Payment) -> Result<Outcome, Fault> {
    let means = match answer.text("resultrans") {
        Some("P") => Means::Card,
        Some("V") => Means::DirectDebit,
        Some("R" | "Z") => return Ok(Outcome::Refused),
        Some("A") => return Ok(Outcome::Cancelled(ClosedWhy::GivenUp)),
        _ => return Err(Fault::Unreadable),
    };
    let cents = answer
        .text("montant")
        .filter(|text| text.len() <= 11 && text.bytes().all(|digit| digit.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or(Fault::Unreadable)?;
    let same = |name: &str, asked: &str| answer.text(name).is_some_and(|told| told == asked);
    let matches = payment.token.as_deref().is_some_and(|token| same("idOp", token))
        && same("refdet", &payment.reference)
        && same("numcli", &payment.client_number)
        && same("saisie", payment.mode.letter());
    let authorisation =
        answer.text("numauto").map(|text| text.chars().filter(|it| !it.is_control()).take(40).collect());
    Ok(Outcome::Paid(Money {
        cents: Cents(cents),
        means,
        authorisation,
        at: instant(answer.text("dattrans"), answer.text("heurtrans")),
        matches,
    }))
}

/// `12122019` and `1311` on the clocks of Paris, where PayFiP is.
fn instant(day: Option<&str>, time: Option<&str>) -> Option<Instant> {
    let day = NaiveDate::parse_from_str(day?, "%d%m%Y").ok()?;
    let time = time.and_then(|time| NaiveTime::parse_from_str(time, "%H%M").ok()).unwrap_or_default();
    Paris.from_local_datetime(&day.and_time(time)).earliest().map(|at| at.to_utc())
}

impl Adapter for PayFip {
    fn kind(&self) -> AdapterKind {
        AdapterKind::PayFip
    }

    fn open<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Way, Fault>> {
        Box::pin(async move {
            let (year, cents) = (ask.year.to_string(), ask.cents.0.to_string());
            // In the order in which others send them: a schema's sequence is one.
            let arguments = [
                ("exer", year.as_str()),
                ("mel", &ask.mail),
                ("montant", &cents),
                ("numcli", &ask.client_number),
                ("objet", &ask.subject),
                ("refdet", &ask.reference),
                ("saisie", ask.mode.letter()),
                ("urlnotif", &ask.notify_at),
                ("urlredirect", &ask.back_to),
            ];
            let answer = match self.exchange("creerPaiementSecurise", &arguments).await? {
                Answer::Told(answer) => answer,
                Answer::Fault(code) => return Err(fault_of(&code)),
            };
            let token = answer.text("idOp").filter(|token| is_token(token)).ok_or(Fault::Unreadable)?;
            Ok(Way::Page { token: token.to_owned(), url: format!("{}?idop={token}", self.page) })
        })
    }

    fn ask<'a>(&'a self, payment: &'a Payment) -> BoxFuture<'a, Result<Outcome, Fault>> {
        Box::pin(async move {
            // Nobody was sent anywhere.
            let Some(token) = payment.token.as_deref() else { return Ok(Outcome::NotKnown) };
            match self.exchange("recupererDetailPaiementSecurise", &[("idOp", token)]).await? {
                Answer::Told(answer) => outcome(&answer, payment),
                Answer::Fault(code) => match code.as_str() {
                    "P1" => Ok(Outcome::NotKnown),
                    "P5" => Ok(Outcome::Pending),
                    code => Err(fault_of(code)),
                },
            }
        })
    }
}

/// PayFiP's are UUIDs; it goes into an address of ours as it is.
fn is_token(token: &str) -> bool {
    token.len() <= TOKEN_AT_MOST && token.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}

#[cfg(test)]
mod tests;
