//! The gateway by which the commune's text messages leave: which one, with which account and keys, under which name,
//! how many a month at most. The secrets are sealed at rest and never shown again.

use beffroi_core::{Instant, sms};
use beffroi_people::{Permit, permission::ManageTown};
use beffroi_store::{Entry, Result, StoreError, Tx, words};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Trouble;

/// Letters of a key, at most.
const KEY_AT_MOST: usize = 200;
/// Letters of an address, at most.
const ADDRESS_AT_MOST: usize = 200;
/// Letters of the sender's name: what telephones show (3GPP TS 23.040, 9.1.2.5) and operators take.
const SENDER: std::ops::RangeInclusive<usize> = 3..=11;
/// Parts a month, at most: a slip of the hand shall not ruin a village.
const CAP_AT_MOST: u32 = 1_000_000;
/// What the seal of the secrets is bound to.
const SEALED_FOR: &str = "sms_gateway.secrets";

words! {
    /// The gateways whose ways are known.
    GatewayKind {
        /// SMS of OVHcloud.
        Ovh = "ovh",
        /// Transactional SMS of Brevo.
        Brevo = "brevo",
    }
}

impl GatewayKind {
    /// Where it is, for real.
    pub const fn usual_address(self) -> &'static str {
        match self {
            Self::Ovh => "https://eu.api.ovh.com/1.0",
            Self::Brevo => "https://api.brevo.com/v3",
        }
    }
}

/// A gateway with its keys, which are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Which one.
    pub kind: GatewayKind,
    /// Where it is, without a slash at its end; `""` as it is typed stands for the usual place.
    pub address: String,
    /// OVHcloud: the name of the service, `sms-ab12345-1`; `""` for Brevo.
    pub account: String,
    /// OVHcloud: the application's key, which is no secret; `""` for Brevo.
    pub app_key: String,
    /// OVHcloud: the application's secret; Brevo: the key.
    pub secret: String,
    /// OVHcloud: the consumer's key; `""` for Brevo.
    pub consumer_key: String,
    /// The name that telephones show.
    pub sender: String,
    /// The parts that may leave in a month.
    pub monthly_cap: u32,
    /// Whether mobiles of other countries are written to.
    pub abroad: bool,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("kind", &self.kind)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The gateway as it is kept, without its secrets, and how it has fared.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The gateway; its secrets are empty.
    pub gateway: Gateway,
    /// When it was settled.
    pub changed_at: Instant,
    /// When it took a message last.
    pub sent_at: Option<Instant>,
    /// Why it does not take any.
    pub trouble: Option<Trouble>,
    /// Since when.
    pub troubled_since: Option<Instant>,
}

/// What is wrong with settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsFault {
    /// The address is no https address.
    Address,
    /// The account is none.
    Account,
    /// The application's key is none.
    AppKey,
    /// There is no secret, or it is none.
    Secret,
    /// There is no consumer's key, or it is none.
    ConsumerKey,
    /// The sender's name is not made of 3 to 11 letters and digits.
    Sender,
    /// The number of messages is none.
    Cap,
}

#[derive(Deserialize, Serialize)]
struct Secrets {
    secret: String,
    consumer_key: String,
}

impl Gateway {
    /// Whether the secrets of the other go to the same place: then they may be kept. Whoever could have them sent
    /// elsewhere could read them.
    fn has_door_of(&self, other: &Self) -> bool {
        let door = |it: &Self| (it.kind, it.address.clone(), it.account.clone(), it.app_key.clone());
        door(self) == door(other)
    }
}

/// What is to be kept, made ready; else what is wrong with it. Secrets that are left empty stay as they are, where they
/// go to the same place.
///
/// # Errors
/// Everything that is wrong.
pub fn to_keep(typed: &Gateway, kept: Option<&Gateway>) -> Result<Gateway, Vec<SettingsFault>> {
    let mut faults = Vec::new();
    let ovh = typed.kind == GatewayKind::Ovh;
    let address = match typed.address.trim().trim_end_matches('/') {
        "" => typed.kind.usual_address().to_owned(),
        address => address.to_owned(),
    };
    if !is_address(&address) {
        faults.push(SettingsFault::Address);
    }
    let of_ovh = |text: &str| if ovh { text.trim().to_owned() } else { String::new() };
    let ready = Gateway {
        address,
        account: of_ovh(&typed.account),
        app_key: of_ovh(&typed.app_key),
        secret: typed.secret.trim().to_owned(),
        consumer_key: of_ovh(&typed.consumer_key),
        sender: typed.sender.trim().to_owned(),
        ..typed.clone()
    };
    let word = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_');
    let named = |text: &str| !text.is_empty() && text.len() <= KEY_AT_MOST && word(text);
    if ovh && !named(&ready.account) {
        faults.push(SettingsFault::Account);
    }
    if ovh && !named(&ready.app_key) {
        faults.push(SettingsFault::AppKey);
    }
    let stays = kept.is_some_and(|kept| ready.has_door_of(kept));
    let key = |text: &str| text.len() <= KEY_AT_MOST && text.bytes().all(|letter| letter.is_ascii_graphic());
    if (ready.secret.is_empty() && !stays) || !key(&ready.secret) {
        faults.push(SettingsFault::Secret);
    }
    if ovh && ((ready.consumer_key.is_empty() && !stays) || !key(&ready.consumer_key)) {
        faults.push(SettingsFault::ConsumerKey);
    }
    let sender = &ready.sender;
    // A name of digits alone would be taken for a number.
    let named = sender.bytes().all(|it| it.is_ascii_alphanumeric())
        && sender.bytes().any(|it| it.is_ascii_alphabetic());
    if !named || !SENDER.contains(&sender.len()) {
        faults.push(SettingsFault::Sender);
    }
    if !(1..=CAP_AT_MOST).contains(&ready.monthly_cap) {
        faults.push(SettingsFault::Cap);
    }
    if faults.is_empty() { Ok(ready) } else { Err(faults) }
}

/// An https address; plain http only to this machine, for a stand-in. Where it leads is looked at each time.
fn is_address(address: &str) -> bool {
    let plain = address.len() <= ADDRESS_AT_MOST && !address.contains(['@', '#', '?', ' ']);
    let host = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', ':']);
    let here = |rest: &str| ["127.0.0.1:", "localhost:"].iter().any(|begin| rest.starts_with(begin));
    plain
        && (address.strip_prefix("https://").is_some_and(host)
            || address.strip_prefix("http://").is_some_and(here))
}

/// The gateway as it is kept, without its secrets; `None` where there is none.
pub fn kept(tx: &mut Tx<'_>) -> Result<Option<Kept>> {
    tx.query_opt(
        "SELECT kind, address, account, app_key, sender, monthly_cap, abroad, changed_at, sent_at, trouble, \
         troubled_since FROM sms_gateway WHERE only_one = 1",
        &[],
        |row| {
            let gateway = Gateway {
                kind: row.get(0)?,
                address: row.get(1)?,
                account: row.get(2)?,
                app_key: row.get(3)?,
                secret: String::new(),
                consumer_key: String::new(),
                sender: row.get(4)?,
                monthly_cap: row.get(5)?,
                abroad: row.get(6)?,
            };
            Ok(Kept {
                gateway,
                changed_at: row.get(7)?,
                sent_at: row.get(8)?,
                trouble: row.get(9)?,
                troubled_since: row.get(10)?,
            })
        },
    )
}

/// The gateway with its secrets, for whoever is about to ask it.
pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Option<Gateway>> {
    let Some(Kept { gateway, .. }) = kept(tx)? else { return Ok(None) };
    let sealed: Vec<u8> =
        tx.query_one("SELECT secrets FROM sms_gateway WHERE only_one = 1", &[], |row| row.get(0))?;
    let plain = tx.unseal(SEALED_FOR, &sealed)?;
    let Secrets { secret, consumer_key } = serde_json::from_slice(&plain)?;
    Ok(Some(Gateway { secret, consumer_key, ..gateway }))
}

/// The number to which a text message may go, where the commune sends any; `None` where none can.
pub fn reaches(tx: &mut Tx<'_>, phone: &str) -> Result<Option<String>> {
    if phone.is_empty() {
        return Ok(None);
    }
    Ok(kept(tx)?.and_then(|kept| sms::mobile(phone, kept.gateway.abroad)))
}

/// Keeps the gateway, as [`to_keep`] made it ready. Empty secrets stay as they are kept, where they go to the same
/// place.
///
/// # Errors
/// [`StoreError::Invalid`] where secrets would go elsewhere than where they were meant for.
pub fn save(tx: &mut Tx<'_>, _: &Permit<ManageTown>, new: &Gateway) -> Result<()> {
    let before = load(tx)?.filter(|before| new.has_door_of(before));
    let or_kept = |given: &str, kept: fn(&Gateway) -> &String| match (given, &before) {
        ("", Some(before)) => kept(before).clone(),
        (given, _) => given.to_owned(),
    };
    let secrets = Secrets {
        secret: or_kept(&new.secret, |it| &it.secret),
        consumer_key: or_kept(&new.consumer_key, |it| &it.consumer_key),
    };
    if secrets.secret.is_empty() {
        return Err(StoreError::Invalid("another gateway needs its own secrets".to_owned()));
    }
    let sealed = tx.seal(SEALED_FOR, &serde_json::to_vec(&secrets)?)?;
    tx.execute(
        "INSERT INTO sms_gateway (only_one, kind, address, account, app_key, secrets, sender, monthly_cap, abroad, \
         changed_at, sent_at, trouble, troubled_since) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, \
         NULL) ON CONFLICT (only_one) DO UPDATE SET kind = excluded.kind, address = excluded.address, \
         account = excluded.account, app_key = excluded.app_key, secrets = excluded.secrets, \
         sender = excluded.sender, monthly_cap = excluded.monthly_cap, abroad = excluded.abroad, \
         changed_at = excluded.changed_at, trouble = NULL, troubled_since = NULL",
        &[
            &new.kind,
            &new.address,
            &new.account,
            &new.app_key,
            &sealed,
            &new.sender,
            &new.monthly_cap,
            &new.abroad,
            &tx.now(),
        ],
    )?;
    // A higher number is worth telling again once it is reached.
    tx.execute("UPDATE sms_month SET told = FALSE WHERE parts < $1", &[&new.monthly_cap])?;
    journal(tx, "sms_gateway.changed", &json!({ "gateway": new.kind.as_str() }))
}

/// Forgets the gateway: no text message leaves any more.
pub fn clear(tx: &mut Tx<'_>, _: &Permit<ManageTown>) -> Result<()> {
    tx.execute("DELETE FROM sms_gateway WHERE only_one = 1", &[])?;
    journal(tx, "sms_gateway.removed", &json!({}))
}

/// Writes down how the gateway has fared.
pub(crate) fn fared(tx: &mut Tx<'_>, trouble: Option<Trouble>) -> Result<()> {
    let now = tx.now();
    match trouble {
        None => tx.execute(
            "UPDATE sms_gateway SET sent_at = $1, trouble = NULL, troubled_since = NULL WHERE only_one = 1",
            &[&now],
        ),
        Some(trouble) => tx.execute(
            "UPDATE sms_gateway SET trouble = $1, troubled_since = COALESCE(troubled_since, $2) WHERE only_one = 1",
            &[&trouble.as_str(), &now],
        ),
    }
    .map(drop)
}

pub(crate) fn journal(tx: &mut Tx<'_>, kind: &str, payload: &serde_json::Value) -> Result<()> {
    let subject_id = tx.new_id::<Gateway>().uuid();
    tx.journal(&Entry { kind, subject_kind: "sms_gateway", subject_id, payload: payload.clone() })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Gateway {
        Gateway {
            kind: GatewayKind::Ovh,
            address: String::new(),
            account: "sms-ab12345-1".to_owned(),
            app_key: "7kbG7Bk7S9Nt7ZSV".to_owned(),
            secret: "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF".to_owned(),
            consumer_key: "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1".to_owned(),
            sender: "LUNEL".to_owned(),
            monthly_cap: 500,
            abroad: false,
        }
    }

    #[test]
    fn settings_are_made_ready_or_told_what_is_wrong() {
        let ready = to_keep(&typed(), None).unwrap();
        assert_eq!(ready.address, "https://eu.api.ovh.com/1.0");
        let wrong = Gateway {
            address: "http://eu.api.ovh.com/1.0".to_owned(),
            account: "sms/../me".to_owned(),
            app_key: String::new(),
            secret: "a b".to_owned(),
            consumer_key: String::new(),
            sender: "Ville de Lunel".to_owned(),
            monthly_cap: 0,
            ..typed()
        };
        assert_eq!(
            to_keep(&wrong, None).unwrap_err(),
            [
                SettingsFault::Address,
                SettingsFault::Account,
                SettingsFault::AppKey,
                SettingsFault::Secret,
                SettingsFault::ConsumerKey,
                SettingsFault::Sender,
                SettingsFault::Cap,
            ]
        );
        for sender in ["LU", "0612345678", "Mairie-Lunel", "MairieDeLunel"] {
            let wrong = Gateway { sender: sender.to_owned(), ..typed() };
            assert_eq!(to_keep(&wrong, None), Err(vec![SettingsFault::Sender]), "{sender}");
        }
        let brevo = Gateway { kind: GatewayKind::Brevo, ..typed() };
        let ready = to_keep(&brevo, None).unwrap();
        assert_eq!((ready.account.as_str(), ready.consumer_key.as_str()), ("", ""));
    }

    #[test]
    fn secrets_stay_only_where_they_go_to_the_same_place_and_are_not_printed() {
        let kept = to_keep(&typed(), None).unwrap();
        let without = Gateway { secret: String::new(), consumer_key: String::new(), ..typed() };
        assert!(to_keep(&without, Some(&kept)).is_ok());
        for elsewhere in [
            Gateway { address: "https://api.example.org".to_owned(), ..without.clone() },
            Gateway { account: "sms-ab12345-2".to_owned(), ..without.clone() },
        ] {
            assert_eq!(
                to_keep(&elsewhere, Some(&kept)),
                Err(vec![SettingsFault::Secret, SettingsFault::ConsumerKey])
            );
        }
        assert!(!format!("{:?}", typed()).contains("EXEg"));
    }
}
