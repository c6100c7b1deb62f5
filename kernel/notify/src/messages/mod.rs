//! The words: what the commune writes, in French and in English, in plain text.
//!
//! A paragraph is a line; the mail's transport wraps it.

mod account;
mod agents;
mod booking;
mod short;

pub use account::{
    account_invitation, address_confirmation, address_moved, already_registered, email_verification,
    password_reset,
};

pub use agents::{
    booking_cancelled, booking_dates_returned, reasons_near, silence_near, sms_cap_reached, webhook_disabled,
};

pub use booking::{Booked, booking_decided, booking_over, booking_word};

pub use short::{phone_code, request_news, request_received, trial};

use beffroi_core::{Day, Lang, calendar::long_date};

/// A subject and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line.
    pub subject: String,
    /// Paragraphs, separated by blank lines.
    pub text: String,
}

impl Message {
    /// The same, with a paragraph after the signature; the message itself where there is none.
    #[must_use]
    pub fn with_end(mut self, paragraph: &str) -> Self {
        if !paragraph.is_empty() {
            self.text = format!("{}\n{paragraph}\n", self.text);
        }
        self
    }
}

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The commune: `Lunel`.
    pub commune: &'a str,
    /// How to reach the department: a telephone number or an address.
    pub contact: &'a str,
    /// How it greets and takes its leave.
    pub voice: Voice<'a>,
}

/// The town's own words around a message; what is empty is said in the usual ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Voice<'a> {
    /// The first line, in French: `Bonjour,`.
    pub greeting: &'a str,
    /// The last words, in French: `Cordialement,`.
    pub closing: &'a str,
    /// Who signs, in any language: `La mairie de Lunel`.
    pub signature: &'a str,
}

/// A case, as messages name it.
#[derive(Clone, Copy, Debug)]
pub struct CaseRef<'a> {
    /// What was asked for: `Occupation du domaine public`.
    pub title: &'a str,
    /// Its reference.
    pub reference: &'a str,
    /// The page where it is followed.
    pub link: &'a str,
}

pub(crate) fn written(sender: Sender<'_>, lang: Lang, subject: String, paragraphs: &[String]) -> Message {
    let (hello, contact, regards, town) = match lang {
        Lang::Fr => {
            ("Bonjour,", "Une question\u{a0}? Contactez-nous\u{a0}:", "Cordialement,", "La mairie de")
        }
        Lang::En => ("Hello,", "Any questions? Contact us:", "Kind regards,", "The town hall of"),
    };
    let own = |own: &'static str, town: &str| if town.is_empty() { own.to_owned() } else { town.to_owned() };
    let Voice { greeting, closing, signature } = sender.voice;
    let (hello, regards) = match lang {
        Lang::Fr => (own(hello, greeting.trim()), own(regards, closing.trim())),
        Lang::En => (hello.to_owned(), regards.to_owned()),
    };
    let signature = match signature.trim() {
        "" => format!("{town} {}", sender.commune),
        signature => signature.to_owned(),
    };
    let text = format!(
        "{hello}\n\n{}\n\n{contact} {}\n\n{regards}\n{signature}\n",
        paragraphs.join("\n\n"),
        sender.contact,
    );
    Message { subject, text }
}

/// A message of the town in its usual form, where the paragraphs are written elsewhere.
pub fn plain(sender: Sender<'_>, lang: Lang, subject: &str, paragraphs: &[String]) -> Message {
    written(sender, lang, subject.to_owned(), paragraphs)
}

/// The request has arrived. `details`: what the acknowledgement must say (CRPA R112-5), a paragraph each. Where no
/// acknowledgement is `due`, the paper that can be downloaded is a plain confirmation, and is called so.
pub fn acknowledgement(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    (received, due): (Day, bool),
    tracking_code: &str,
    details: &[String],
) -> Message {
    let CaseRef { title, reference, link } = case;
    let date = long_date(received, lang);
    let paper = match (lang, due) {
        (Lang::Fr, true) => "cet accusé de réception",
        (Lang::Fr, false) => "cette confirmation de réception",
        (Lang::En, true) => "this acknowledgement of receipt",
        (Lang::En, false) => "this confirmation of receipt",
    };
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("Nous avons bien reçu votre demande {reference}"),
            &[
                format!(
                    "Votre demande «\u{a0}{title}\u{a0}» nous est parvenue le {date}. Elle porte la référence {reference}."
                ),
                format!(
                    "Votre code de suivi\u{a0}: {tracking_code}\nGardez-le\u{a0}: il vous permet de suivre votre demande et de nous répondre, sans compte."
                ),
                details.join("\n\n"),
                format!("Vous pouvez aussi télécharger {paper} ici\u{a0}:\n{link}"),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("We have received your request {reference}"),
            &[
                format!("Your request “{title}” reached us on {date}. Its reference is {reference}."),
                format!(
                    "Your tracking code: {tracking_code}\nKeep it: it lets you follow your request and answer us, without an account."
                ),
                details.join("\n\n"),
                format!("You can also download {paper} here:\n{link}"),
            ],
        ),
    }
}

/// Documents are missing (CRPA L114-5): which, and until when.
pub fn document_request(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    documents: &[&str],
    deadline: Day,
) -> Message {
    let CaseRef { title, reference, link } = case;
    let list = documents.iter().map(|it| format!("- {it}")).collect::<Vec<_>>().join("\n");
    let date = long_date(deadline, lang);
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("Il manque un élément à votre demande {reference}"),
            &[
                format!(
                    "Pour traiter votre demande «\u{a0}{title}\u{a0}» ({reference}), il nous manque\u{a0}:\n{list}"
                ),
                format!(
                    "Merci de nous l’envoyer au plus tard le {date}, depuis la page de suivi\u{a0}:\n{link}"
                ),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("Something is missing from your request {reference}"),
            &[
                format!("To process your request “{title}” ({reference}), we still need:\n{list}"),
                format!("Please send it by {date}, from the tracking page:\n{link}"),
            ],
        ),
    }
}

/// « avec 2 documents joints », after what they are joined to; `""` where none is. They stay behind the link.
fn with_documents(lang: Lang, joined: usize) -> String {
    match (lang, joined) {
        (_, 0) => String::new(),
        (Lang::Fr, 1) => ", avec un document joint".to_owned(),
        (Lang::Fr, _) => format!(", avec {joined}\u{a0}documents joints"),
        (Lang::En, 1) => ", with one document".to_owned(),
        (Lang::En, _) => format!(", with {joined} documents"),
    }
}

/// The town hall wrote in the case, and joined so many documents. The words themselves stay behind the link.
pub fn answer_received(sender: Sender<'_>, lang: Lang, case: CaseRef<'_>, joined: usize) -> Message {
    let CaseRef { title, reference, link } = case;
    let with = with_documents(lang, joined);
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("Un message au sujet de votre demande {reference}"),
            &[format!(
                "Un message vous attend au sujet de votre demande «\u{a0}{title}\u{a0}» ({reference}){with}. Vous pouvez le lire et y répondre ici\u{a0}:\n{link}"
            )],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("A message about your request {reference}"),
            &[format!(
                "A message is waiting for you about your request “{title}” ({reference}){with}. You can read it and answer here:\n{link}"
            )],
        ),
    }
}

/// The decision is taken, with so many documents joined. What it says stays behind the link: a mailbox is not always
/// private. `money`: what is to be paid, a paragraph each.
pub fn decision(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    joined: usize,
    money: &[String],
) -> Message {
    let CaseRef { title, reference, link } = case;
    let with = with_documents(lang, joined);
    let (subject, first) = match lang {
        Lang::Fr => (
            format!("Une décision a été prise sur votre demande {reference}"),
            format!(
                "Nous avons pris une décision sur votre demande «\u{a0}{title}\u{a0}» ({reference}){with}. Vous pouvez la lire et télécharger le courrier ici\u{a0}:\n{link}"
            ),
        ),
        Lang::En => (
            format!("A decision has been taken on your request {reference}"),
            format!(
                "We have taken a decision on your request “{title}” ({reference}){with}. You can read it and download the letter here:\n{link}"
            ),
        ),
    };
    let paragraphs: Vec<String> = std::iter::once(first).chain(money.iter().cloned()).collect();
    written(sender, lang, subject, &paragraphs)
}

/// The town has taken a decision back.
pub fn decision_reversed(sender: Sender<'_>, lang: Lang, case: CaseRef<'_>) -> Message {
    let CaseRef { title, reference, link } = case;
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("La décision prise sur votre demande {reference} est retirée ou abrogée"),
            &[format!(
                "Nous sommes revenus sur la décision prise sur votre demande «\u{a0}{title}\u{a0}» ({reference}). Ce que cela change, les motifs et les voies de recours se lisent ici\u{a0}:\n{link}"
            )],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("The decision on your request {reference} is withdrawn or repealed"),
            &[format!(
                "We have gone back on the decision taken on your request “{title}” ({reference}). You can read what that changes, why, and how to contest it here:\n{link}"
            )],
        ),
    }
}

/// Silence has decided: what it means, and what can be done, in these paragraphs.
pub fn silence(sender: Sender<'_>, lang: Lang, case: CaseRef<'_>, words: &[String]) -> Message {
    let CaseRef { title, reference, link } = case;
    let (subject, about, page) = match lang {
        Lang::Fr => (
            format!("Le délai de réponse à votre demande {reference} est passé"),
            format!("Votre demande «\u{a0}{title}\u{a0}» ({reference})\u{a0}:"),
            format!("Tout est expliqué sur la page de votre demande\u{a0}:\n{link}"),
        ),
        Lang::En => (
            format!("The time to answer your request {reference} is over"),
            format!("Your request “{title}” ({reference}):"),
            format!("All is explained on the page of your request:\n{link}"),
        ),
    };
    let paragraphs: Vec<String> = std::iter::once(about).chain(words.iter().cloned()).chain([page]).collect();
    written(sender, lang, subject, &paragraphs)
}

/// How satisfied the requester is, in two clicks: a line for each answer, that leads to a page which asks once more.
/// `links`: satisfied, more or less, not satisfied.
pub fn opinion_asked(lang: Lang, links: &[String; 3]) -> String {
    let [good, fair, poor] = links;
    match lang {
        Lang::Fr => format!(
            "Êtes-vous satisfait du traitement de votre demande\u{a0}? Ouvrez le lien de votre réponse, puis confirmez-la sur la page\u{a0}: deux clics suffisent, et votre réponse reste anonyme.\nSatisfait\u{a0}: {good}\nMoyennement satisfait\u{a0}: {fair}\nPas satisfait\u{a0}: {poor}"
        ),
        Lang::En => format!(
            "Are you satisfied with how your request was handled? Open the link of your answer, then confirm it on the page: two clicks will do, and your answer stays anonymous.\nSatisfied: {good}\nMore or less: {fair}\nNot satisfied: {poor}"
        ),
    }
}

/// A file of the case has a virus. Nobody reads it; the requester may send another.
pub fn file_refused(sender: Sender<'_>, lang: Lang, case: CaseRef<'_>, file: &str) -> Message {
    let CaseRef { title, reference, link } = case;
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("Un fichier de votre demande {reference} est refusé"),
            &[
                format!(
                    "Un virus a été trouvé dans le fichier «\u{a0}{file}\u{a0}», joint à votre demande «\u{a0}{title}\u{a0}» ({reference}). Par sécurité, personne à la mairie ne l’ouvrira."
                ),
                format!(
                    "Votre demande reste enregistrée. Envoyez-nous un autre exemplaire de ce document depuis cette page, par courrier ou au guichet\u{a0}:\n{link}"
                ),
                "Pensez à faire vérifier l’appareil d’où vient ce fichier.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("A file of your request {reference} is refused"),
            &[
                format!(
                    "A virus was found in the file “{file}”, attached to your request “{title}” ({reference}). To be safe, nobody at the town hall will open it."
                ),
                format!(
                    "Your request stays as it is. Send us another copy of this document from this page, by post or at the counter:\n{link}"
                ),
                "Consider having the device checked that this file comes from.".to_owned(),
            ],
        ),
    }
}

/// A draft was put aside until a day.
pub fn draft_saved(
    sender: Sender<'_>,
    lang: Lang,
    title: &str,
    code: &str,
    link: &str,
    kept_until: Day,
) -> Message {
    let date = long_date(kept_until, lang);
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Votre demande est enregistrée, pas encore envoyée".to_owned(),
            &[
                format!(
                    "Vous avez commencé la demande «\u{a0}{title}\u{a0}». Nous la gardons jusqu’au {date}."
                ),
                format!("Pour la reprendre, ouvrez cette page et saisissez le code {code}\u{a0}:\n{link}"),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Your request is saved, not sent yet".to_owned(),
            &[
                format!("You have started the request “{title}”. We keep it until {date}."),
                format!("To go on with it, open this page and enter the code {code}:\n{link}"),
            ],
        ),
    }
}

/// A lost tracking code, sent to the address that the case already has; one link for each case.
pub fn tracking_code_recovery(sender: Sender<'_>, lang: Lang, link: &str, minutes: u32) -> Message {
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            "Retrouver votre demande".to_owned(),
            &[
                format!(
                    "Vous nous avez demandé de retrouver une demande faite avec cette adresse. Ouvrez ce lien dans les {minutes} minutes\u{a0}:\n{link}"
                ),
                "Vous n’avez rien demandé\u{a0}? Ignorez ce message\u{a0}: rien n’a changé.".to_owned(),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            "Find your request again".to_owned(),
            &[
                format!(
                    "You asked us to find a request made with this address. Open this link within {minutes} minutes:\n{link}"
                ),
                "You did not ask for this? Ignore this message: nothing has changed.".to_owned(),
            ],
        ),
    }
}

/// A new tracking code, drawn by an agent for somebody who lost theirs. The old one serves no more.
pub fn tracking_code_renewed(sender: Sender<'_>, lang: Lang, case: CaseRef<'_>, code: &str) -> Message {
    let CaseRef { title, reference, link } = case;
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("Votre nouveau code de suivi pour la demande {reference}"),
            &[
                format!(
                    "Voici un nouveau code pour suivre votre demande «\u{a0}{title}\u{a0}» ({reference})\u{a0}: {code}"
                ),
                format!("L’ancien code ne fonctionne plus. Entrez le nouveau sur cette page\u{a0}:\n{link}"),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("Your new tracking code for request {reference}"),
            &[
                format!("Here is a new code to follow your request “{title}” ({reference}): {code}"),
                format!("The old code no longer works. Enter the new one on this page:\n{link}"),
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lang: Lang) -> String {
        let sender = Sender { commune: "Lunel", contact: "04 67 00 00 00", voice: Voice::default() };
        let case = CaseRef {
            title: "Occupation du domaine public",
            reference: "2026-000123",
            link: "https://mairie.example/suivi",
        };
        let day = Day::from_ymd_opt(2026, 7, 1).unwrap();
        let link = "https://mairie.example/lien/abc";
        [
            acknowledgement(
                sender,
                lang,
                case,
                (day, true),
                "K7QM-2XRT-9FHD",
                &["Le service de l’état civil instruit votre demande.".to_owned()],
            ),
            document_request(sender, lang, case, &["plan de situation", "attestation d’assurance"], day),
            answer_received(sender, lang, case, 0),
            answer_received(sender, lang, case, 1),
            decision(sender, lang, case, 0, &[]),
            decision(sender, lang, case, 3, &[]),
            file_refused(sender, lang, case, "plan.pdf"),
            draft_saved(sender, lang, case.title, "K7QM-2XRT-9FHD", link, day),
            tracking_code_recovery(sender, lang, link, 30),
            tracking_code_renewed(sender, lang, case, "K7QM-2XRT-9FHD"),
            email_verification(sender, lang, link, 24),
            address_confirmation(sender, lang, link, 24),
            address_moved(sender, lang),
            account_invitation(sender, lang, link, 7),
            already_registered(sender, lang, link),
            password_reset(sender, lang, link, 30),
        ]
        .map(|it| format!("# {}\n\n{}", it.subject, it.text))
        .join("\n")
    }

    #[test]
    fn what_the_law_calls_no_acknowledgement_is_called_a_confirmation() {
        let sender = Sender { commune: "Lunel", contact: "04 67 00 00 00", voice: Voice::default() };
        let case = CaseRef { title: "Acte", reference: "2026-000123", link: "https://mairie.example/suivi" };
        let day = Day::from_ymd_opt(2026, 7, 1).unwrap();
        for lang in [Lang::Fr, Lang::En] {
            let text = acknowledgement(sender, lang, case, (day, false), "K7QM-2XRT-9FHD", &[]).text;
            assert!(text.contains("confirmation") && !text.contains("accusé"), "{text}");
            assert!(!text.contains("acknowledgement"), "{text}");
        }
    }

    #[test]
    fn the_town_writes_like_a_neighbour() {
        insta::assert_snapshot!("french", all(Lang::Fr));
        insta::assert_snapshot!("english", all(Lang::En));
    }

    #[test]
    fn a_town_greets_and_signs_in_its_own_words() {
        let voice = Voice {
            greeting: "Bonjour et bienvenue,",
            closing: "À bientôt,",
            signature: "Votre mairie\nPlace des Caladons",
        };
        let sender = Sender { commune: "Lunel", contact: "04 67 00 00 00", voice };
        let written = |lang| password_reset(sender, lang, "https://mairie.example/lien", 30).text;
        let french = written(Lang::Fr);
        assert!(french.starts_with("Bonjour et bienvenue,\n\n"), "{french}");
        assert!(french.ends_with("\n\nÀ bientôt,\nVotre mairie\nPlace des Caladons\n"), "{french}");
        // Its French words do not stand in an English mail; its signature does.
        let english = written(Lang::En);
        assert!(english.starts_with("Hello,\n\n"), "{english}");
        assert!(english.ends_with("\n\nKind regards,\nVotre mairie\nPlace des Caladons\n"), "{english}");
    }

    #[test]
    fn french_signs_keep_their_space() {
        let text = all(Lang::Fr).replace("https:", "");
        for sign in [" :", " ;", " ?", " !", "« ", " »", "'"] {
            assert!(!text.contains(sign), "{sign:?}");
        }
    }
}
