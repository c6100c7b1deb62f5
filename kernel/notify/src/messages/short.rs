//! The words of text messages: one part each, as long as the commune's name and its address are not long. They tell that
//! there is something, never what: a telephone shows them to whoever stands by.

use beffroi_core::Lang;

/// A request has arrived. `link`: where it is followed.
pub fn request_received(lang: Lang, commune: &str, reference: &str, link: &str) -> String {
    match lang {
        Lang::Fr => {
            format!("Mairie de {commune} : votre demande {reference} est enregistrée. Suivi : {link}")
        }
        Lang::En => format!("{commune} town hall: we have your request {reference}. Follow it: {link}"),
    }
}

/// There is news of a request.
pub fn request_news(lang: Lang, commune: &str, reference: &str, link: &str) -> String {
    match lang {
        Lang::Fr => {
            format!("Mairie de {commune} : du nouveau pour votre demande {reference}. Lire ici : {link}")
        }
        Lang::En => {
            format!("{commune} town hall: there is news of your request {reference}. Read it: {link}")
        }
    }
}

/// The code that shows whose a number is.
pub fn phone_code(lang: Lang, commune: &str, code: &str) -> String {
    match lang {
        Lang::Fr => format!(
            "Mairie de {commune} : votre code est {code}. Ne le donnez à personne. Vous n'avez rien demandé ? Oubliez ce message."
        ),
        Lang::En => format!(
            "{commune} town hall: your code is {code}. Give it to nobody. You asked for nothing? Forget this message."
        ),
    }
}

/// The administrator tries the gateway.
pub fn trial(commune: &str) -> String {
    format!("Mairie de {commune} : ceci est un message d'essai. Les SMS fonctionnent.")
}

#[cfg(test)]
mod tests {
    use beffroi_core::sms;

    use super::*;

    #[test]
    fn each_is_one_part() {
        let link = "https://demarches.ville-de-quelque-part.fr/suivi";
        for lang in [Lang::Fr, Lang::En] {
            for text in [
                request_received(lang, "Saint-Étienne-du-Rouvray", "ODP-2026-000123", link),
                request_news(lang, "Saint-Étienne-du-Rouvray", "ODP-2026-000123", link),
                phone_code(lang, "Saint-Étienne-du-Rouvray", "012345"),
            ] {
                assert_eq!(sms::size(&text), sms::Size { gsm: true, parts: 1 }, "{text}");
            }
        }
        assert_eq!(sms::size(&trial("Lunel")).parts, 1);
    }
}
