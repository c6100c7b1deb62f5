//! The authorization code flow (OpenID Connect Core, 3.1), bound to one browser by state, nonce and PKCE; and the end
//! of the session (RP-Initiated Logout). Everything that comes back is examined before it is called an identity.

use std::sync::Arc;

use beffroi_core::{Assurance, Instant};
use beffroi_people::identity::{Presented, Provider, ProviderKind, Secrets};
use chrono::TimeDelta;
use openidconnect::{
    AccessToken, AuthType, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, IdTokenFields,
    IdTokenVerifier, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};

use crate::{
    IdentityError, Relying, Told,
    claims::{self, More},
    discovery::Metadata,
    http::{Asking, HttpError},
    keys,
};

/// The signatures that are believed: those of FranceConnect and ProConnect. None rests on a secret that the town
/// shares.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] =
    [CoreJwsSigningAlgorithm::EcdsaP256Sha256, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256];
/// A token is fresh when it comes back: the browser has just been there.
const OLDEST_TOKEN: TimeDelta = TimeDelta::minutes(10);

type Tokens = StandardTokenResponse<
    IdTokenFields<
        More,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type Oidc = Client<
    More,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// Where the town's site is, and the provider that it speaks to.
#[derive(Clone)]
pub struct Site {
    /// The provider.
    pub provider: Provider,
    /// What the town and it share.
    pub secrets: Secrets,
    /// The address to which the provider sends people back.
    pub callback: String,
}

/// What binds one journey to one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the signed token.
    pub nonce: String,
    /// Shown with the code (RFC 7636): a code that was stolen on its way serves nobody.
    pub verifier: String,
}

/// What the provider sent a browser back with.
#[derive(Clone, Debug)]
pub struct Returned {
    /// The code.
    pub code: String,
    /// Who sends, where the provider says it (RFC 9207).
    pub issuer: Option<String>,
}

impl Relying {
    /// The address to send somebody to, so that the provider says who they are, at this level or above.
    ///
    /// # Errors
    /// The provider does not say where that is.
    pub fn way_there(self: &Arc<Self>, site: &Site, journey: &Journey, level: Assurance) -> Told<String> {
        let (relying, site, journey) = (Arc::clone(self), site.clone(), journey.clone());
        Box::pin(async move { relying.find_way_there(&site, &journey, level).await })
    }

    async fn find_way_there(
        &self,
        site: &Site,
        journey: &Journey,
        level: Assurance,
    ) -> Result<String, IdentityError> {
        let metadata = self.metadata(&site.provider.issuer).await?;
        let client = client(&metadata, site)?;
        let (state, nonce) = (journey.state.clone(), journey.nonce.clone());
        let asked = match site.provider.kind {
            ProviderKind::FranceConnect | ProviderKind::FranceConnectPlus => claims::OF_CITIZENS.as_slice(),
            ProviderKind::ProConnect => claims::OF_AGENTS.as_slice(),
        };
        let verifier = PkceCodeVerifier::new(journey.verifier.clone());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(asked.iter().map(|scope| Scope::new((*scope).to_owned())))
            .add_auth_context_value(AuthenticationContextClass::new(level.as_str().to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if site.provider.kind == ProviderKind::ProConnect {
            // How the agent was authenticated is told to whoever asks for it.
            request = request.add_extra_param("claims", r#"{"id_token":{"amr":{"essential":true}}}"#);
        }
        Ok(request.url().0.to_string())
    }

    /// Who came back, once everything has been examined: the code is exchanged, the signed token and the signed
    /// identity are fetched, opened where they are encrypted, and believed only if issuer, audience, nonce, time and
    /// `sub` are right.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn who(
        self: &Arc<Self>,
        site: &Site,
        journey: &Journey,
        returned: &Returned,
        now: Instant,
    ) -> Told<Presented> {
        let relying = Arc::clone(self);
        let (site, journey, returned) = (site.clone(), journey.clone(), returned.clone());
        Box::pin(async move { relying.find_who(&site, &journey, &returned, now).await })
    }

    async fn find_who(
        &self,
        site: &Site,
        journey: &Journey,
        returned: &Returned,
        now: Instant,
    ) -> Result<Presented, IdentityError> {
        let issuer = &site.provider.issuer;
        if returned.issuer.as_ref().is_some_and(|it| it != issuer) {
            return Err(IdentityError::Untrusted("another issuer sent the browser back".to_owned()));
        }
        let metadata = self.metadata(issuer).await?;
        let key = keys::private(&site.secrets.decryption_key)?;
        let http = Asking { http: Arc::clone(&self.http), key: Some(key) };
        let tokens = client(&metadata, site)?
            .exchange_code(AuthorizationCode::new(returned.code.clone()))
            .map_err(|error| IdentityError::Down(format!("{issuer} names no token endpoint: {error}")))?
            .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier.clone()))
            .request_async(&http)
            .await
            .map_err(|error| not_exchanged(&error))?;
        match self.examine(site, journey, &metadata, &tokens, &http, now).await {
            // The keys may have been changed since they were fetched: FranceConnect announces no date.
            Err(Found::UnknownKey) => {
                let fresh = self.metadata_again(issuer).await?;
                self.examine(site, journey, &fresh, &tokens, &http, now).await.map_err(Found::told)
            }
            other => other.map_err(Found::told),
        }
    }

    /// The address at which the session ends with the provider too; `None` where it offers none.
    ///
    /// # Errors
    /// The provider cannot be asked where that is.
    pub fn way_out(
        self: &Arc<Self>,
        provider: &Provider,
        id_token: &str,
        back: &str,
        state: &str,
    ) -> Told<Option<String>> {
        let (relying, provider) = (Arc::clone(self), provider.clone());
        let [id_token, back, state] = [id_token, back, state].map(str::to_owned);
        Box::pin(async move { relying.find_way_out(&provider, &id_token, &back, &state).await })
    }

    async fn find_way_out(
        &self,
        provider: &Provider,
        id_token: &str,
        back: &str,
        state: &str,
    ) -> Result<Option<String>, IdentityError> {
        let metadata = self.metadata(&provider.issuer).await?;
        let Some(end) = &metadata.additional_metadata().end_session_endpoint else { return Ok(None) };
        let mut address = end.url().clone();
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("post_logout_redirect_uri", back)
            .append_pair("state", state);
        Ok(Some(address.to_string()))
    }

    async fn examine(
        &self,
        site: &Site,
        journey: &Journey,
        metadata: &Metadata,
        tokens: &Tokens,
        http: &Asking,
        now: Instant,
    ) -> Result<Presented, Found> {
        let id_token = tokens.id_token().ok_or_else(|| untrusted("there is no id_token"))?;
        let verifier = IdTokenVerifier::new_public_client(
            ClientId::new(site.provider.client_id.clone()),
            metadata.issuer().clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| {
            if now - issued > OLDEST_TOKEN { Err("it is older than ten minutes".to_owned()) } else { Ok(()) }
        });
        let nonce = Nonce::new(journey.nonce.clone());
        let claims = id_token.claims(&verifier, &nonce).map_err(not_believed)?;
        let assurance = Assurance::from_acr(claims.auth_context_ref().map(|acr| acr.as_str()));
        let ways = claims.auth_method_refs().map(Vec::as_slice).unwrap_or_default();
        let two_factors = assurance >= Assurance::Eidas2 || ways.iter().any(|way| way.as_str() == "mfa");
        let subject = claims.subject().clone();
        let info = user_info(metadata, site, tokens.access_token().clone(), subject.clone(), http).await?;
        Ok(Presented {
            provider: site.provider.kind,
            issuer: site.provider.issuer.clone(),
            subject: subject.to_string(),
            assurance: assurance.min(site.provider.kind.highest()),
            two_factors,
            claims: claims::kept(site.provider.kind, info.standard_claims(), info.additional_claims()),
            id_token: id_token.to_string(),
        })
    }
}

fn client(metadata: &Metadata, site: &Site) -> Result<Oidc, IdentityError> {
    let callback = RedirectUrl::new(site.callback.clone())
        .map_err(|error| IdentityError::Refused(format!("{} is no address: {error}", site.callback)))?;
    let secret = ClientSecret::new(site.secrets.client_secret.clone());
    let client: Oidc = Client::from_provider_metadata(
        metadata.clone(),
        ClientId::new(site.provider.client_id.clone()),
        Some(secret),
    );
    // Both FranceConnect and ProConnect want the secret in the body.
    Ok(client.set_redirect_uri(callback).set_auth_type(AuthType::RequestBody))
}

/// The identity, which must be signed: an access token alone would let whoever stands between say anything.
async fn user_info(
    metadata: &Metadata,
    site: &Site,
    access: AccessToken,
    subject: SubjectIdentifier,
    http: &Asking,
) -> Result<UserInfoClaims<More, CoreGenderClaim>, Found> {
    client(metadata, site)?
        .user_info(access, Some(subject))
        .map_err(|error| {
            Found::Other(IdentityError::Down(format!("no userinfo endpoint is named: {error}")))
        })?
        .set_response_type(openidconnect::UserInfoResponseType::Jwt)
        .require_signed_response(true)
        .request_async(http)
        .await
        .map_err(|error| match error {
            UserInfoError::ClaimsVerification(error) => not_believed(error),
            UserInfoError::Request(error) => Found::Other(IdentityError::Down(error.to_string())),
            UserInfoError::Response(status, ..) => {
                Found::Other(IdentityError::Down(format!("the userinfo endpoint answers {status}")))
            }
            UserInfoError::Parse(_) => untrusted("what the userinfo endpoint says cannot be read"),
            other => Found::Other(IdentityError::Down(other.to_string())),
        })
}

/// What an examination ends with, when not with an identity.
enum Found {
    /// No key that we know made the signature.
    UnknownKey,
    Other(IdentityError),
}

impl Found {
    fn told(self) -> IdentityError {
        match self {
            Self::UnknownKey => {
                IdentityError::Untrusted("no key of the provider made this signature".to_owned())
            }
            Self::Other(error) => error,
        }
    }
}

impl From<IdentityError> for Found {
    fn from(error: IdentityError) -> Self {
        Self::Other(error)
    }
}

fn untrusted(text: &str) -> Found {
    Found::Other(IdentityError::Untrusted(text.to_owned()))
}

fn not_believed(error: ClaimsVerificationError) -> Found {
    match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        ) => Found::UnknownKey,
        // The library's texts tell what was expected and what came; of the person they tell the subject at most.
        ClaimsVerificationError::InvalidSubject(_) => {
            untrusted("the identity is another person’s than the token")
        }
        other => untrusted(&other.to_string()),
    }
}

fn not_exchanged(
    error: &RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>,
) -> IdentityError {
    match error {
        RequestTokenError::ServerResponse(response) => IdentityError::Refused(response.error().to_string()),
        RequestTokenError::Request(error) => IdentityError::Down(error.to_string()),
        RequestTokenError::Parse(..) => {
            IdentityError::Untrusted("the token’s answer cannot be read".to_owned())
        }
        RequestTokenError::Other(text) => IdentityError::Down(text.clone()),
    }
}
