//! Passkeys (WebAuthn level 2): the challenges that a browser is given, and the examination of what its authenticator
//! answers. It keeps nothing: what must be kept goes in and out as JSON.

use std::borrow::Cow;

use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, Url, Webauthn,
    WebauthnBuilder, WebauthnError,
};

/// Why a ceremony does not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Browsers know no passkeys at an address that is a number.
    #[error("the site has no host name")]
    NoHost,
    /// What the browser sent is not what a browser sends.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The authenticator’s answer is wrong: challenge, origin, signature, user verification, counter.
    #[error("the answer is wrong: {0}")]
    Wrong(String),
}

impl From<WebauthnError> for PasskeyError {
    fn from(error: WebauthnError) -> Self {
        Self::Wrong(error.to_string())
    }
}

/// A ceremony that has begun: what the browser is given, and what is kept until it answers.
#[derive(Clone, Debug)]
pub struct Begun {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    pub options: Value,
    /// To be given back with the answer.
    pub state: Value,
}

/// A credential that was made or used.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its id, as bytes.
    pub id: Vec<u8>,
    /// What is kept of it: a public key and a counter.
    pub credential: Value,
}

/// A commune’s site, as authenticators know it: by its host.
pub struct Site(Webauthn);

impl Site {
    /// The site at `origin` (`https://mairie.example`, with its port if it has one), called `name`.
    ///
    /// # Errors
    /// The address is none, or has no host name.
    pub fn new(origin: &str, name: &str) -> Result<Self, PasskeyError> {
        let origin = Url::parse(origin).map_err(|_| PasskeyError::NoHost)?;
        let host = origin.domain().ok_or(PasskeyError::NoHost)?.to_owned();
        Ok(Self(WebauthnBuilder::new(&host, &origin)?.rp_name(name).build()?))
    }

    /// Begins to make a passkey for an account. An authenticator that holds one of `known` does not make another.
    ///
    /// # Errors
    /// One of `known` cannot be read.
    pub fn begin_making(
        &self,
        account: Uuid,
        email: &str,
        display_name: &str,
        known: &[Value],
    ) -> Result<Begun, PasskeyError> {
        let known: Result<Vec<Passkey>, _> = known.iter().map(read).collect();
        let known = known?.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let label = if email.is_empty() { Cow::Borrowed(display_name) } else { Cow::Borrowed(email) };
        let (options, state) =
            self.0.start_passkey_registration(account, &label, display_name, Some(known))?;
        let mut options = member(write(&options)?, "publicKey");
        // To be found without an address typed, a passkey must be discoverable.
        if let Some(selection) = options.get_mut("authenticatorSelection").and_then(Value::as_object_mut) {
            selection.insert("residentKey".to_owned(), json!("required"));
            selection.insert("requireResidentKey".to_owned(), json!(true));
        }
        Ok(Begun { options, state: write(&state)? })
    }

    /// Examines the passkey that a browser has made.
    ///
    /// # Errors
    /// See [`PasskeyError`].
    pub fn made(&self, state: &Value, answer: &str) -> Result<Shown, PasskeyError> {
        let state: PasskeyRegistration = read(state)?;
        let answer = serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable)?;
        let passkey = self.0.finish_passkey_registration(&answer, &state)?;
        Ok(Shown { id: passkey.cred_id().as_slice().to_owned(), credential: write(&passkey)? })
    }

    /// Begins to sign somebody in, whoever it is.
    ///
    /// # Errors
    /// None in practice; the library’s own.
    pub fn begin_sign_in(&self) -> Result<Begun, PasskeyError> {
        let (options, state) = self.0.start_discoverable_authentication()?;
        Ok(Begun { options: member(write(&options)?, "publicKey"), state: write(&state)? })
    }

    /// The id of the credential that an answer says it was made with: to find it. Nothing is proven yet.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn named(&self, answer: &str) -> Result<(Uuid, Vec<u8>), PasskeyError> {
        let answer = serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable)?;
        let (account, id) = self.0.identify_discoverable_authentication(&answer)?;
        Ok((account, id.to_vec()))
    }

    /// Examines the answer with the credential that is kept under its id: signature, challenge, origin, that whoever
    /// held the authenticator was verified by it, and that its counter has not gone back. Gives what to keep from now
    /// on.
    ///
    /// # Errors
    /// See [`PasskeyError`].
    pub fn shown(&self, state: &Value, answer: &str, credential: &Value) -> Result<Shown, PasskeyError> {
        let state: DiscoverableAuthentication = read(state)?;
        let answer = serde_json::from_str(answer).map_err(|_| PasskeyError::Unreadable)?;
        let mut passkey: Passkey = read(credential)?;
        let key = DiscoverableKey::from(&passkey);
        let result = self.0.finish_discoverable_authentication_v2(&answer, state, &key)?;
        if !result.user_verified() {
            return Err(PasskeyError::Wrong("nobody was verified".to_owned()));
        }
        passkey.update_credential(&result);
        Ok(Shown { id: passkey.cred_id().as_slice().to_owned(), credential: write(&passkey)? })
    }
}

fn member(mut value: Value, name: &str) -> Value {
    value.get_mut(name).map(Value::take).unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, PasskeyError> {
    T::deserialize(value).map_err(|_| PasskeyError::Unreadable)
}

fn write(value: &impl serde::Serialize) -> Result<Value, PasskeyError> {
    serde_json::to_value(value).map_err(|_| PasskeyError::Unreadable)
}
