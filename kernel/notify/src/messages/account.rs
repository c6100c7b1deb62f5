//! What is written to whoever opens an account, comes back to it, or is given one.

use beffroi_core::Lang;

use super::{Message, Sender, written};

/// To whoever says that an address is theirs, of an account that an identity provider opens: a link that shows it.
pub fn address_confirmation(sender: Sender<'_>, lang: Lang, link: &str, hours: u32) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Confirmez votre adresse électronique".to_owned(),
            &[
                format!(
                    "Pour confirmer que cette adresse est la vôtre, ouvrez ce lien dans les {hours} heures\u{a0}:\n{link}"
                ),
                "Vous n’avez pas ouvert de compte\u{a0}? Ignorez ce message\u{a0}: rien ne sera fait."
                    .to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Confirm your e-mail address".to_owned(),
            &[
                format!(
                    "To confirm that this address is yours, open this link within {hours} hours:\n{link}"
                ),
                "You did not open an account? Ignore this message: nothing will be done.".to_owned(),
            ],
        ),
    }
}

/// To the address that was an account's: its owner has another one from now on.
pub fn address_moved(sender: Sender<'_>, lang: Lang) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "L’adresse de votre compte a changé".to_owned(),
            &[
                "Votre compte a désormais une autre adresse électronique. Nous n’écrirons plus à celle-ci."
                    .to_owned(),
                "Ce n’est pas vous\u{a0}? Prévenez-nous tout de suite.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "The address of your account has changed".to_owned(),
            &[
                "Your account now has another e-mail address. We will no longer write to this one."
                    .to_owned(),
                "It was not you? Tell us at once.".to_owned(),
            ],
        ),
    }
}

/// Somebody asked for an account: its password is chosen behind the link, which shows that the address is theirs.
pub fn email_verification(sender: Sender<'_>, lang: Lang, link: &str, hours: u32) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Confirmez votre adresse électronique".to_owned(),
            &[
                format!(
                    "Pour confirmer cette adresse et choisir votre mot de passe, ouvrez ce lien dans les {hours} heures\u{a0}:\n{link}"
                ),
                "Vous n’avez pas demandé de compte\u{a0}? Ignorez ce message\u{a0}: personne ne pourra s’en servir."
                    .to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Confirm your e-mail address".to_owned(),
            &[
                format!(
                    "To confirm this address and choose your password, open this link within {hours} hours:\n{link}"
                ),
                "You did not ask for an account? Ignore this message: nobody will be able to use it.".to_owned(),
            ],
        ),
    }
}

/// An account was created for somebody, who is to choose its password.
pub fn account_invitation(sender: Sender<'_>, lang: Lang, link: &str, days: u32) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Votre compte est prêt".to_owned(),
            &[format!(
                "La mairie vous a ouvert un compte. Pour choisir votre mot de passe, ouvrez ce lien dans les {days} jours\u{a0}:\n{link}"
            )],
        ),
        Lang::En => written(
            sender,
            lang,
            "Your account is ready".to_owned(),
            &[format!(
                "The town hall has opened an account for you. To choose your password, open this link within {days} days:\n{link}"
            )],
        ),
    }
}

/// Somebody asked for an account with an address that has one. Only its owner learns it.
pub fn already_registered(sender: Sender<'_>, lang: Lang, link: &str) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Vous avez déjà un compte".to_owned(),
            &[
                format!(
                    "Quelqu’un vient de demander un compte avec cette adresse, qui en a déjà un. Si c’est vous, connectez-vous ici, ou demandez-y un nouveau mot de passe\u{a0}:\n{link}"
                ),
                "Ce n’est pas vous\u{a0}? Ignorez ce message\u{a0}: rien n’a changé.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "You already have an account".to_owned(),
            &[
                format!(
                    "Somebody has just asked for an account with this address, which already has one. If it was you, sign in here, or ask there for a new password:\n{link}"
                ),
                "It was not you? Ignore this message: nothing has changed.".to_owned(),
            ],
        ),
    }
}

/// A new password is to be chosen.
pub fn password_reset(sender: Sender<'_>, lang: Lang, link: &str, minutes: u32) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Choisissez un nouveau mot de passe".to_owned(),
            &[
                format!(
                    "Pour choisir un nouveau mot de passe, ouvrez ce lien dans les {minutes} minutes\u{a0}:\n{link}"
                ),
                "Vous n’avez rien demandé\u{a0}? Ignorez ce message\u{a0}: votre mot de passe reste le même."
                    .to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Choose a new password".to_owned(),
            &[
                format!("To choose a new password, open this link within {minutes} minutes:\n{link}"),
                "You did not ask for this? Ignore this message: your password stays the same.".to_owned(),
            ],
        ),
    }
}
