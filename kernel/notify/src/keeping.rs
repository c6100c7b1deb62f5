//! The words about what is kept and what goes: a draft that ends, documents that nobody uses, a copy that is ready, an
//! account that ends, cases whose time comes.

use beffroi_core::{Day, Lang, calendar::long_date};

use crate::messages::{Message, Sender, written};

/// A request begun will be forgotten. `link`: where it is taken up again; `with_code`: only with the code that was noted.
pub fn draft_ends(
    sender: Sender<'_>,
    lang: Lang,
    title: &str,
    until: Day,
    link: &str,
    with_code: bool,
) -> Message {
    let date = long_date(until, lang);
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Votre demande n’est pas encore envoyée".to_owned(),
            &[
                format!(
                    "Vous avez commencé la demande «\u{a0}{title}\u{a0}» sans l’envoyer. Nous la gardons jusqu’au {date}, puis nous l’effaçons."
                ),
                if with_code {
                    format!(
                        "Pour la reprendre, ouvrez cette page et saisissez le code que nous vous avions donné\u{a0}:\n{link}"
                    )
                } else {
                    format!("Pour la reprendre, connectez-vous\u{a0}:\n{link}")
                },
                "Vous n’en avez plus besoin\u{a0}? Il n’y a rien à faire.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Your request has not been sent yet".to_owned(),
            &[
                format!(
                    "You have started the request “{title}” and not sent it. We keep it until {date}, then we erase it."
                ),
                if with_code {
                    format!("To go on with it, open this page and enter the code that we gave you:\n{link}")
                } else {
                    format!("To go on with it, sign in:\n{link}")
                },
                "You no longer need it? There is nothing to do.".to_owned(),
            ],
        ),
    }
}

/// Documents that somebody keeps will be forgotten for want of use.
pub fn documents_unused(sender: Sender<'_>, lang: Lang, months: u32, days: i64, link: &str) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Des documents de votre espace vont être effacés".to_owned(),
            &[
                format!(
                    "Vous gardez dans votre espace des documents qui n’ont pas servi depuis {months}\u{a0}mois. Nous les effacerons dans {days}\u{a0}jours."
                ),
                format!("Pour en garder un, envoyez-le de nouveau depuis cette page\u{a0}:\n{link}"),
                "Les demandes que vous avez déjà envoyées gardent leurs propres copies.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Documents in your space are about to be erased".to_owned(),
            &[
                format!(
                    "You keep documents in your space that have not been used for {months} months. We will erase them in {days} days."
                ),
                format!("To keep one, send it again from this page:\n{link}"),
                "The requests that you have already sent keep their own copies.".to_owned(),
            ],
        ),
    }
}

/// The copy of everything is made.
pub fn export_ready(sender: Sender<'_>, lang: Lang, until: Day, link: &str) -> Message {
    let date = long_date(until, lang);
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "La copie de vos données est prête".to_owned(),
            &[
                format!(
                    "Vous pouvez la télécharger jusqu’au {date}, après vous être connecté\u{a0}:\n{link}"
                ),
                "Vous ne l’avez pas demandée\u{a0}? Changez votre mot de passe et appelez-nous.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "The copy of your data is ready".to_owned(),
            &[
                format!("You can download it until {date}, once you have signed in:\n{link}"),
                "You did not ask for it? Change your password and call us.".to_owned(),
            ],
        ),
    }
}

/// The account ends; the link undoes it until a day.
pub fn account_ends(sender: Sender<'_>, lang: Lang, until: Day, link: &str) -> Message {
    let date = long_date(until, lang);
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Votre compte est fermé".to_owned(),
            &[
                format!(
                    "Nous avons fermé votre compte comme vous l’avez demandé. Le {date}, il sera effacé avec vos documents et votre foyer."
                ),
                "Les demandes que vous avez envoyées restent à la mairie pendant la durée que la loi prévoit. Vous les suivez avec leur code de suivi.".to_owned(),
                format!("Vous avez changé d’avis, ou ce n’était pas vous\u{a0}? Jusqu’à ce jour, ce lien rouvre votre compte\u{a0}:\n{link}"),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Your account is closed".to_owned(),
            &[
                format!(
                    "We have closed your account as you asked. On {date} it will be erased, with your documents and your household."
                ),
                "The requests that you have sent stay with the town hall for the time that the law provides. You follow them with their tracking code.".to_owned(),
                format!("You changed your mind, or it was not you? Until that day, this link opens your account again:\n{link}"),
            ],
        ),
    }
}

/// Cases will be erased or handed over: to an agent, who may have them kept longer.
pub fn cases_end(sender: Sender<'_>, cases: usize, days: i64, link: &str) -> Message {
    let (subject, opening) = if cases == 1 {
        (
            "Un dossier arrive au bout de sa durée de conservation".to_owned(),
            "Un dossier que vous suivez arrive".to_owned(),
        )
    } else {
        (
            format!("{cases}\u{a0}dossiers arrivent au bout de leur durée de conservation"),
            format!("{cases}\u{a0}dossiers que vous suivez arrivent"),
        )
    };
    written(
        sender,
        Lang::Fr,
        subject,
        &[
            format!(
                "{opening} au bout de la durée de conservation dans les {days}\u{a0}jours. Leur contenu sera alors effacé ou confié aux archives."
            ),
            format!(
                "Un contentieux, un contrôle\u{a0}? Vous pouvez les faire garder plus longtemps, une fois, en disant pourquoi\u{a0}:\n{link}"
            ),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Voice;

    #[test]
    fn each_says_the_day_and_what_to_do() {
        let sender = Sender { commune: "Lunel", contact: "04 65 71 00 00", voice: Voice::default() };
        let day = Day::from_ymd_opt(2026, 9, 3).unwrap_or_default();
        let link = "https://lunel.example/x";
        for lang in [Lang::Fr, Lang::En] {
            let messages = [
                draft_ends(sender, lang, "Acte de naissance", day, link, true),
                export_ready(sender, lang, day, link),
                account_ends(sender, lang, day, link),
            ];
            for message in messages {
                assert!(message.text.contains("2026") && message.text.contains(link), "{}", message.text);
            }
            assert!(documents_unused(sender, lang, 24, 30, link).text.contains("30"));
        }
        assert!(cases_end(sender, 1, 30, link).subject.starts_with("Un dossier"));
        assert!(cases_end(sender, 3, 30, link).subject.contains('3'));
    }
}
