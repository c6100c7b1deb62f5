//! Ceremonies with an authenticator in software.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use beffroi_passkeys::{PasskeyError, Shown, Site};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_authenticator_rs::{WebauthnAuthenticator, softpasskey::SoftPasskey};
use webauthn_rs::prelude::Url;

const ACCOUNT: Uuid = Uuid::from_u128(7);

struct Device {
    authenticator: SoftPasskey,
    origin: Url,
}

impl Device {
    /// An authenticator that verifies who holds it, or does not.
    fn at(origin: &str, verifies: bool) -> Self {
        Self { authenticator: SoftPasskey::new(verifies), origin: Url::parse(origin).unwrap() }
    }

    fn make(&mut self, options: &Value) -> Option<String> {
        // This one keeps no list of what it holds, and is told which key to use.
        let mut options = options.clone();
        options["authenticatorSelection"]["residentKey"] = json!("discouraged");
        options["authenticatorSelection"]["requireResidentKey"] = json!(false);
        let options = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let made = self.authenticator.do_registration(self.origin.clone(), options).ok()?;
        Some(serde_json::to_string(&made).unwrap())
    }

    /// Answers a challenge with the credential. This device must be told which: a real one finds it.
    fn answer(&mut self, options: &Value, shown: &Shown) -> Option<String> {
        let mut options = options.clone();
        let id = shown.credential["cred"]["cred_id"].clone();
        options["allowCredentials"] = json!([{ "type": "public-key", "id": id }]);
        let options = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let answer = self.authenticator.do_authentication(self.origin.clone(), options).ok()?;
        let mut answer = serde_json::to_value(&answer).unwrap();
        answer["response"]["userHandle"] = json!("AAAAAAAAAAAAAAAAAAAABw");
        Some(answer.to_string())
    }
}

fn site() -> Site {
    Site::new("https://lunel.example", "Lunel").unwrap()
}

fn made(site: &Site, device: &mut Device) -> Shown {
    let begun = site.begin_making(ACCOUNT, "awa@example.org", "Awa Diop", &[]).unwrap();
    let answer = device.make(&begun.options).unwrap();
    site.made(&begun.state, &answer).unwrap()
}

#[test]
fn a_passkey_is_made_and_opens_again_and_again() {
    let (site, mut device) = (site(), Device::at("https://lunel.example", true));
    let begun = site.begin_making(ACCOUNT, "awa@example.org", "Awa Diop", &[]).unwrap();
    assert_eq!(begun.options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(begun.options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(begun.options["rp"]["id"], "lunel.example");
    let mut shown = made(&site, &mut device);
    for _ in 0..2 {
        let begun = site.begin_sign_in().unwrap();
        assert_eq!(begun.options["userVerification"], "required");
        let answer = device.answer(&begun.options, &shown).unwrap();
        assert_eq!(site.named(&answer).unwrap(), (ACCOUNT, shown.id.clone()));
        shown = site.shown(&begun.state, &answer, &shown.credential).unwrap();
    }
    let known = [shown.credential.clone()];
    let again = site.begin_making(ACCOUNT, "awa@example.org", "Awa Diop", &known).unwrap();
    assert_eq!(again.options["excludeCredentials"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_answer_serves_its_own_challenge_alone() {
    let (site, mut device) = (site(), Device::at("https://lunel.example", true));
    let shown = made(&site, &mut device);
    let (one, other) = (site.begin_sign_in().unwrap(), site.begin_sign_in().unwrap());
    let answer = device.answer(&one.options, &shown).unwrap();
    assert!(matches!(site.shown(&other.state, &answer, &shown.credential), Err(PasskeyError::Wrong(_))));
}

#[test]
fn an_answer_that_another_site_obtained_is_refused() {
    let (site, mut device) = (site(), Device::at("https://lunel.example", true));
    let shown = made(&site, &mut device);
    let other = Site::new("https://autre.example", "Autre").unwrap();
    let begun = other.begin_sign_in().unwrap();
    let mut options = begun.options.clone();
    options["rpId"] = json!("lunel.example");
    let answer = device.answer(&options, &shown).unwrap();
    assert!(matches!(other.shown(&begun.state, &answer, &shown.credential), Err(PasskeyError::Wrong(_))));
}

#[test]
fn who_holds_the_key_must_be_verified_by_it() {
    let site = site();
    let mut careless = Device::at("https://lunel.example", false);
    let begun = site.begin_making(ACCOUNT, "awa@example.org", "Awa Diop", &[]).unwrap();
    // As a page would ask that was changed on its way.
    let mut options = begun.options.clone();
    options["authenticatorSelection"]["userVerification"] = json!("discouraged");
    let answer = careless.make(&options).unwrap();
    assert!(matches!(site.made(&begun.state, &answer), Err(PasskeyError::Wrong(_))));
}

#[test]
fn another_passkey_does_not_open_for_this_one() {
    let (site, mut device) = (site(), Device::at("https://lunel.example", true));
    let (one, other) = (made(&site, &mut device), made(&site, &mut device));
    let begun = site.begin_sign_in().unwrap();
    let answer = device.answer(&begun.options, &one).unwrap();
    assert!(site.shown(&begun.state, &answer, &other.credential).is_err());
    for hostile in ["", "{}", "[]", "null", "{\"id\":1}"] {
        assert!(site.named(hostile).is_err(), "{hostile}");
        assert!(site.shown(&begun.state, hostile, &one.credential).is_err(), "{hostile}");
    }
}

#[test]
fn a_number_is_no_site_for_passkeys() {
    assert!(matches!(Site::new("http://127.0.0.1:8080", "Lunel"), Err(PasskeyError::NoHost)));
    assert!(matches!(Site::new("lunel", "Lunel"), Err(PasskeyError::NoHost)));
    assert!(Site::new("http://localhost:8080", "Lunel").is_ok());
}
