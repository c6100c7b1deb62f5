//! The words about what was booked by a request: they name it and its time, for who has booked something asks nothing that
//! a mailbox may not show.

use beffroi_core::Lang;

use super::{CaseRef, Message, Sender, with_documents, written};

/// What was booked, as messages name it.
#[derive(Clone, Copy, Debug)]
pub struct Booked<'a> {
    /// What: `Salle Georges-Brassens`.
    pub name: &'a str,
    /// When: `samedi 12 décembre 2026, de 14 h à 18 h`.
    pub when: &'a str,
}

/// It is granted, or refused; `money`: what it costs, a paragraph each. The reasons stay behind the link.
pub fn booking_decided(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    Booked { name, when }: Booked<'_>,
    (granted, joined): (bool, usize),
    money: &[String],
) -> Message {
    let CaseRef { reference, link, .. } = case;
    let with = with_documents(lang, joined);
    let (subject, first, last) = match (lang, granted) {
        (Lang::Fr, true) => (
            format!("Réservation accordée\u{a0}: {name}, {when}"),
            format!("Votre demande {reference} est acceptée\u{a0}: {name}, {when}."),
            format!(
                "Le courrier{with} et la suite à donner sont sur la page de votre demande\u{a0}:\n{link}"
            ),
        ),
        (Lang::Fr, false) => (
            format!("Réservation refusée\u{a0}: {name}, {when}"),
            format!("Votre demande {reference} n’est pas acceptée\u{a0}: {name}, {when}."),
            format!(
                "Le courrier{with}, qui dit pourquoi et comment contester, est sur la page de votre demande\u{a0}:\n{link}"
            ),
        ),
        (Lang::En, true) => (
            format!("Booking granted: {name}, {when}"),
            format!("Your request {reference} is granted: {name}, {when}."),
            format!("The letter{with} and what is left to do are on the page of your request:\n{link}"),
        ),
        (Lang::En, false) => (
            format!("Booking refused: {name}, {when}"),
            format!("Your request {reference} is not granted: {name}, {when}."),
            format!(
                "The letter{with}, which says why and how to appeal, is on the page of your request:\n{link}"
            ),
        ),
    };
    let mut paragraphs = vec![first];
    paragraphs.extend(money.iter().cloned());
    paragraphs.push(last);
    written(sender, lang, subject, &paragraphs)
}

/// The town hall wrote about what was booked, and joined so many documents: `words`, whole, paragraphs separated by blank
/// lines.
pub fn booking_word(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    Booked { name, when }: Booked<'_>,
    words: &str,
    joined: usize,
) -> Message {
    let CaseRef { reference, link, .. } = case;
    let with = match with_documents(lang, joined) {
        none if none.is_empty() => none,
        with => format!("{with},"),
    };
    let (subject, last) = match lang {
        Lang::Fr => (
            format!("Votre réservation\u{a0}: {name}, {when}"),
            format!("Ce message{with} est aussi sur la page de votre demande {reference}\u{a0}:\n{link}"),
        ),
        Lang::En => (
            format!("Your booking: {name}, {when}"),
            format!("This message{with} is also on the page of your request {reference}:\n{link}"),
        ),
    };
    written(sender, lang, subject, &[words.to_owned(), last])
}

/// It is over: what is asked then stands after the signature.
pub fn booking_over(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    Booked { name, when }: Booked<'_>,
) -> Message {
    let CaseRef { reference, .. } = case;
    let (subject, first) = match lang {
        Lang::Fr => (
            format!("Votre réservation est passée\u{a0}: {name}"),
            format!("Vous aviez réservé {name}, {when} ({reference})."),
        ),
        Lang::En => {
            (format!("Your booking is over: {name}"), format!("You had booked {name}, {when} ({reference})."))
        }
    };
    written(sender, lang, subject, &[first])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Voice;

    #[test]
    fn a_decision_says_what_when_and_for_how_much() {
        let sender = Sender { commune: "Lunel", contact: "04 67 00 00 00", voice: Voice::default() };
        let case =
            CaseRef { title: "Réservation", reference: "2026-000123", link: "https://mairie.example/suivi" };
        let booked = Booked { name: "Salle Brassens", when: "samedi 12 décembre 2026" };
        let money = ["Prix\u{a0}: 200,00\u{a0}€".to_owned()];
        let told = booking_decided(sender, Lang::Fr, case, booked, (true, 1), &money);
        assert_eq!(told.subject, "Réservation accordée\u{a0}: Salle Brassens, samedi 12 décembre 2026");
        assert!(told.text.contains("200,00\u{a0}€") && told.text.contains(case.link), "{}", told.text);
        let refused = booking_decided(sender, Lang::En, case, booked, (false, 0), &[]);
        assert!(refused.subject.starts_with("Booking refused: Salle Brassens"), "{}", refused.subject);
        let word = booking_word(sender, Lang::Fr, case, booked, "La caution est rendue.", 0);
        assert!(word.text.contains("La caution est rendue.\n\n"), "{}", word.text);
    }
}
