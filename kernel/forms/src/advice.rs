//! What a procedure might say better. It stands in no one's way: [`Procedure::check`] tells what does.

use beffroi_core::{Lang, legal_clock::Silence};

use crate::{Field, Kind, Procedure, Way};

/// Something that would serve whoever asks, or the town.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Where: as findings say it.
    pub at: String,
    /// What.
    pub hint: Hint,
}

/// What might be better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's sentence is in `text`")]
pub enum Hint {
    ProofOfHome,
    ToldOnce,
    NotOnline,
    OnlyOnline,
    LongRetention,
    NoTerm,
    NoContactAsked,
    DecisionSilent,
    UnknownMark,
    NoKeywords,
    NoPrepare,
    NoEnglish { count: usize },
    NoPlainWords,
    LongForm { count: usize },
}

impl Hint {
    /// What to tell.
    pub fn text(self, lang: Lang) -> String {
        let (fr, en) = match self {
            Self::ProofOfHome => (
                "Un justificatif de domicile est demandé. Une déclaration sur l’honneur suffit presque toujours\u{a0}: proposez-la (CRPA, article R113-8).",
                "a proof of address is asked for; a sworn statement nearly always suffices (CRPA R113-8)",
            ),
            Self::ToldOnce => (
                "Ce document est sans doute déjà connu d’une administration\u{a0}: dites-le-nous une fois. Demandez-le seulement si vous ne pouvez pas l’obtenir vous-même (CRPA, articles L113-12 et L114-8).",
                "another administration probably knows this already: ask only for what the town cannot obtain itself (CRPA L113-12, L114-8)",
            ),
            Self::NotOnline => (
                "La démarche ne peut pas être faite en ligne. Toute personne a pourtant le droit de saisir la mairie par voie électronique (CRPA, article L112-8).",
                "it cannot be asked for online, though everybody may write electronically (CRPA L112-8)",
            ),
            Self::OnlyOnline => (
                "La démarche ne peut être faite qu’en ligne. Gardez une voie pour qui n’est pas à l’aise avec le numérique.",
                "it can only be asked for online; keep a way for whoever is not at ease there",
            ),
            Self::LongRetention => (
                "Les dossiers sont gardés plus de dix ans. Vérifiez que le texte cité l’exige.",
                "cases are kept for more than ten years; make sure the text that is named asks for it",
            ),
            Self::NoTerm => (
                "Aucun délai n’est dit. Même quand le silence n’a pas d’effet, un délai annoncé rassure.",
                "no time is told; even where silence means nothing, it reassures",
            ),
            Self::NoContactAsked => (
                "Aucune adresse électronique n’est demandée\u{a0}: toutes les réponses partiront par la poste.",
                "no e-mail address is asked for: every answer will go by post",
            ),
            Self::DecisionSilent => (
                "Aucun texte de décision n’est prévu\u{a0}: l’agent devra tout écrire à chaque fois.",
                "no words of the decision are prepared: the agent will write them each time",
            ),
            Self::UnknownMark => (
                "Le texte de la décision cite une réponse qui n’existe pas\u{a0}: elle restera entre accolades.",
                "the decision quotes an answer that does not exist",
            ),
            Self::NoKeywords => (
                "Aucun mot-clé n’est donné. Ajoutez les mots que les habitants emploient.",
                "there are no keywords; add the words people use",
            ),
            Self::NoPrepare => (
                "Des documents sont demandés, mais la page de présentation ne dit pas de les préparer.",
                "documents are asked for, but nothing tells to have them at hand",
            ),
            Self::NoEnglish { .. } | Self::LongForm { .. } => ("", ""),
            Self::NoPlainWords => {
                ("Aucun texte n’a de version facile à lire.", "no text is written in plain words")
            }
        };
        match (self, lang) {
            (Self::NoEnglish { count: 1 }, Lang::Fr) => "Un texte n’est pas traduit en anglais.".to_owned(),
            (Self::NoEnglish { count }, Lang::Fr) => {
                format!("{count}\u{a0}textes ne sont pas traduits en anglais.")
            }
            (Self::NoEnglish { count }, Lang::En) => format!("{count} texts are not translated into English"),
            (Self::LongForm { count }, Lang::Fr) => format!(
                "Une page compte {count}\u{a0}questions. Au-delà d’une douzaine, coupez-la en deux\u{a0}: on s’y perd."
            ),
            (Self::LongForm { count }, Lang::En) => format!("a page has {count} questions; cut it in two"),
            (_, Lang::Fr) => fr.to_owned(),
            (_, Lang::En) => en.to_owned(),
        }
    }
}

/// Months beyond which keeping must be well founded.
const LONG_RETENTION_MONTHS: u16 = 120;
/// Questions of one page beyond which people get lost.
const LONG_PAGE: usize = 12;
/// Words of documents that the State gives to administrations itself (API Particulier, API Entreprise).
const KNOWN_ELSEWHERE: [&str; 6] =
    ["avis d’imposition", "avis d'imposition", "kbis", "k-bis", "quotient familial", "attestation caf"];

impl Procedure {
    /// What might be better, the law first.
    pub fn advice(&self) -> Vec<Advice> {
        let mut advice = Vec::new();
        let mut add = |at: &str, hint| advice.push(Advice { at: at.to_owned(), hint });
        let sworn = self.form.places().any(|place| matches!(place.field.kind, Kind::Sworn));
        for place in self.form.places().filter(|place| matches!(place.field.kind, Kind::File { .. })) {
            let words = format!("{} {}", place.field.label.fr, place.field.hint.fr).to_lowercase();
            if words.contains("domicile")
                && words.contains("justificatif")
                && !sworn
                && !words.contains("honneur")
            {
                add(&place.at(), Hint::ProofOfHome);
            }
            if KNOWN_ELSEWHERE.iter().any(|known| words.contains(known)) {
                add(&place.at(), Hint::ToldOnce);
            }
        }
        if !self.ways.is_empty() && !self.ways.contains(&Way::Online) {
            add("ways", Hint::NotOnline);
        }
        if self.ways == [Way::Online] {
            add("ways", Hint::OnlyOnline);
        }
        if self.retention.as_ref().is_some_and(|retention| retention.months > LONG_RETENTION_MONTHS) {
            add("retention", Hint::LongRetention);
        }
        if self.regime.as_ref().is_some_and(|regime| regime.silence == Silence::None && regime.term.is_none())
            && self.delay.is_empty()
        {
            add("regime.term", Hint::NoTerm);
        }
        if !self.form.pages.is_empty() && !self.form.places().any(|place| place.field.kind == Kind::Email) {
            add("form", Hint::NoContactAsked);
        }
        let decision = &self.decision;
        let silent = self.elsewhere.is_none();
        if silent
            && decision.articles.is_empty()
            && decision.granted.is_empty()
            && decision.refused.is_empty()
        {
            add("decision", Hint::DecisionSilent);
        }
        if self.quotes_nothing() {
            add("decision", Hint::UnknownMark);
        }
        let asks = |field: &Field| matches!(field.kind, Kind::File { .. });
        if self.prepare.is_empty() && self.form.places().any(|place| asks(place.field)) {
            add("prepare", Hint::NoPrepare);
        }
        for page in self.form.pages.iter().filter(|page| page.fields.len() > LONG_PAGE) {
            add(&format!("form.page[{}]", page.id), Hint::LongForm { count: page.fields.len() });
        }
        if self.keywords.is_empty() {
            add("keywords", Hint::NoKeywords);
        }
        let count = self.untranslated().len();
        if count > 0 {
            add("translations", Hint::NoEnglish { count });
        }
        if !self.has_plain_words() {
            add("translations", Hint::NoPlainWords);
        }
        advice
    }

    /// Where texts lack their English.
    pub fn untranslated(&self) -> Vec<String> {
        let mut copy = self.clone();
        let texts = copy.texts();
        texts.into_iter().filter(|(_, text)| text.en.is_none()).map(|(at, _)| at).collect()
    }

    /// Whether the decision quotes an answer that there is not.
    fn quotes_nothing(&self) -> bool {
        let mut copy = self.clone();
        let mut known: Vec<String> = self.quotable().iter().map(|field| field.id.clone()).collect();
        // What agents filled in is named with its step.
        known.extend(self.steps.iter().map(crate::CaseStep::variable));
        copy.decision_texts().iter().any(|text| {
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).any(|(name, _)| {
                let name = name.split('.').next().unwrap_or(name);
                crate::is_field_name(name) && !known.iter().any(|field| field == name)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedure() -> Procedure {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures/ecrire-a-la-mairie.toml");
        Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn hints(procedure: &Procedure) -> Vec<Hint> {
        procedure.advice().into_iter().map(|advice| advice.hint).collect()
    }

    #[test]
    fn a_proof_of_address_calls_for_a_sworn_statement() {
        let mut procedure = procedure();
        assert!(!hints(&procedure).contains(&Hint::ProofOfHome));
        let paper = "id = \"j\"\nkind = \"file\"\nlabel = \"Justificatif de domicile\"\nmax_files = 1";
        let field: Field = toml::from_str(paper).unwrap();
        procedure.form.pages[0].fields.retain(|field| field.kind != Kind::Sworn);
        procedure
            .form
            .pages
            .iter_mut()
            .for_each(|page| page.fields.retain(|field| field.kind != Kind::Sworn));
        procedure.form.pages[0].fields.push(field);
        assert!(hints(&procedure).contains(&Hint::ProofOfHome));
        procedure.form.pages[0].fields.last_mut().unwrap().hint = "Ou une déclaration sur l’honneur.".into();
        assert!(!hints(&procedure).contains(&Hint::ProofOfHome));
    }

    #[test]
    fn what_is_not_translated_is_counted() {
        let mut procedure = procedure();
        assert!(procedure.untranslated().is_empty());
        procedure.title.en = None;
        assert!(hints(&procedure).contains(&Hint::NoEnglish { count: 1 }));
        assert_eq!(procedure.untranslated(), ["title"]);
    }

    #[test]
    fn a_decision_that_quotes_nothing_is_noticed() {
        let mut procedure = procedure();
        procedure.decision.granted = vec!["Votre demande {nulle_part} est acceptée.".to_owned()];
        assert!(hints(&procedure).contains(&Hint::UnknownMark));
        procedure.steps.push(crate::CaseStep { id: "visite".to_owned(), ..crate::CaseStep::default() });
        procedure.decision.granted = vec!["Nous avons constaté {visite.constat}.".to_owned()];
        assert!(!hints(&procedure).contains(&Hint::UnknownMark), "agents fill it in");
    }
}
