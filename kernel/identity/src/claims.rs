//! What FranceConnect and ProConnect say beyond the claims of the standard, and how all of it is kept.

use beffroi_people::identity::{Claims, ProviderKind};
use openidconnect::{AdditionalClaims, StandardClaims, core::CoreGenderClaim};
use serde::{Deserialize, Serialize};

/// What is asked of FranceConnect: the pivot identity, and an address. `profile` would bring what nobody needs.
pub(crate) const OF_CITIZENS: [&str; 8] = [
    "given_name",
    "family_name",
    "preferred_username",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
    "email",
];
/// What is asked of ProConnect.
pub(crate) const OF_AGENTS: [&str; 6] = ["given_name", "usual_name", "email", "siret", "uid", "idp_id"];

/// Beyond the standard.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct More {
    birthplace: Option<String>,
    birthcountry: Option<String>,
    usual_name: Option<String>,
    siret: Option<String>,
    uid: Option<String>,
    idp_id: Option<String>,
}

impl AdditionalClaims for More {}

/// As the town keeps it. A text longer than any name is cut: it is shown, and kept for years.
pub(crate) fn kept(kind: ProviderKind, standard: &StandardClaims<CoreGenderClaim>, more: &More) -> Claims {
    const LONGEST: usize = 200;
    let cut = |text: &str| text.trim().chars().take(LONGEST).collect::<String>();
    let own = |text: &Option<String>| text.as_deref().map(cut).unwrap_or_default();
    let given = standard.given_name().and_then(|it| it.get(None)).map(|it| cut(it));
    let family = standard.family_name().and_then(|it| it.get(None)).map(|it| cut(it)).unwrap_or_default();
    let used = standard.preferred_username().map(|it| cut(it)).unwrap_or_default();
    let agent = kind == ProviderKind::ProConnect;
    Claims {
        given_names: given.unwrap_or_default(),
        family_name: if agent { own(&more.usual_name) } else { family },
        usual_name: if agent { String::new() } else { used },
        gender: standard.gender().map(|it| cut(it)).unwrap_or_default(),
        birth_date: standard.birthdate().map(|it| cut(it)).unwrap_or_default(),
        birth_place: own(&more.birthplace),
        birth_country: own(&more.birthcountry),
        email: standard.email().map(|it| cut(it)).unwrap_or_default(),
        siret: own(&more.siret),
        uid: own(&more.uid),
        idp: own(&more.idp_id),
    }
}
