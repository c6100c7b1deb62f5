//! What is wrong with a definition, as a thing with a code: told in English on the command line, in French to whoever
//! builds a procedure without writing files.

use std::fmt;

use beffroi_core::Lang;

use crate::{booking::PricePart, fee::FeeFlaw, fetch_flaw::FetchFlaw, step_flaw::StepFlaw, types::Type};

/// What an expression or an answer is, for whoever reads a flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Sort {
    Truth,
    Whole,
    Decimal,
    Text,
    List,
    Parts,
    Null,
    Anything,
}

impl Sort {
    pub(crate) const fn of(kind: &Type) -> Self {
        match kind {
            Type::Bool => Self::Truth,
            Type::Int => Self::Whole,
            Type::Double => Self::Decimal,
            Type::Text => Self::Text,
            Type::List(_) => Self::List,
            Type::Parts(_) => Self::Parts,
            Type::Null => Self::Null,
            Type::Unknown => Self::Anything,
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::Truth => "a truth value",
            Self::Whole => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Parts => "an answer in parts",
            Self::Null => "null",
            Self::Anything => "anything",
        }
    }

    const fn french(self) -> &'static str {
        match self {
            Self::Truth => "un oui ou non",
            Self::Whole => "un nombre entier",
            Self::Decimal => "un nombre à virgule",
            Self::Text => "un texte",
            Self::List => "une liste",
            Self::Parts => "une réponse en plusieurs parties",
            Self::Null => "l’absence de réponse",
            Self::Anything => "une valeur quelconque",
        }
    }
}

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's sentence is in `english`")]
pub enum Flaw {
    // What a procedure says of itself.
    Slug,
    FirstVersion,
    NothingSaid,
    NoWay,
    NothingAsked,
    StepsAlike,
    LimitsAlike,
    NoLabel,
    NoTitle,
    PageEmpty,
    TooManyFields,
    Beneficiary,
    ListOrigin,
    GroupEmpty,
    FilesCount,
    NothingToChoose,
    ChoicesAlike,
    OpeningOrder,
    FeeNegative,
    HttpsExpected,
    ElsewhereOtherwise,
    ElsewhereAsked,
    SealedCounted,
    SealedFile,
    SealedSteps,
    SealedArchive,
    SignInWhy,
    SignInWays,
    BookingAt,
    BookingAnswer,
    BookingAnswers,
    BookingPrice(PricePart),
    BookingSealed,
    LoanWhat,
    LoanCount,
    LoanDay,
    LoanSealed,
    // What the law wants said.
    NobodyNamed,
    NobodyReached,
    NoRegime,
    Term(String),
    NoText,
    NoReason,
    ReceiptDue,
    NoBasis,
    NoDepartment,
    NoRetention,
    RetentionShort,
    RetentionDay,
    OrderTitle,
    OrderVisas,
    OrderArticles,
    FeeDeliberation,
    // Names and conditions.
    PageName,
    FieldName,
    FieldNameTaken,
    CheckPlace,
    LimitName(String),
    LimitDays,
    GroupInGroup,
    RowsOrder,
    ComputedKind(Sort),
    OwnCheckField,
    CheckSilent,
    Gives {
        gives: Sort,
        wanted: Sort,
    },
    TooLong(usize),
    TooDeep(usize),
    Unreadable(String),
    LoopInLoop,
    LoopInRow,
    OddLiteral,
    UnknownName(String),
    NoPart(String),
    PartOf {
        part: String,
        of: Sort,
    },
    MixedList(Sort, Sort),
    ObjectWritten,
    NotAList(Sort),
    CannotApply {
        what: String,
        to: Vec<Sort>,
    },
    /// Of the steps.
    Step(StepFlaw),
    /// Of what the State is asked for.
    Fetch(FetchFlaw),
    /// Of what is paid.
    Fee(FeeFlaw),
    /// What has no code of its own, as somebody else said it.
    Other(String),
}

impl From<StepFlaw> for Flaw {
    fn from(flaw: StepFlaw) -> Self {
        Self::Step(flaw)
    }
}

impl From<FetchFlaw> for Flaw {
    fn from(flaw: FetchFlaw) -> Self {
        Self::Fetch(flaw)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

fn listed(sorts: &[Sort], word: fn(Sort) -> &'static str, and: &str) -> String {
    sorts.iter().map(|sort| word(*sort)).collect::<Vec<_>>().join(and)
}

impl Flaw {
    /// What to tell.
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Fr => self.french(),
            Lang::En => self.english(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Slug => "small letters, digits and hyphens are expected".to_owned(),
            Self::FirstVersion => "the first version is 1".to_owned(),
            Self::NothingSaid => "nothing is said".to_owned(),
            Self::NoWay => "there must be a way to ask".to_owned(),
            Self::NothingAsked => "there is nothing to answer".to_owned(),
            Self::StepsAlike => "steps are told apart".to_owned(),
            Self::LimitsAlike => "limits are told apart".to_owned(),
            Self::NoLabel => "a reader who cannot see needs a label".to_owned(),
            Self::NoTitle => "a page has a title".to_owned(),
            Self::PageEmpty => "the page is empty".to_owned(),
            Self::TooManyFields => "there are too many fields".to_owned(),
            Self::Beneficiary => {
                "an identity, a text, a SIRET or an RNA number tells for whom is asked".to_owned()
            }
            Self::ListOrigin => "a list has either `from` or its own choices".to_owned(),
            Self::GroupEmpty => "the group is empty".to_owned(),
            Self::FilesCount => "between 1 and 20 files".to_owned(),
            Self::NothingToChoose => "there is nothing to choose".to_owned(),
            Self::ChoicesAlike => "values are told apart".to_owned(),
            Self::OpeningOrder => "it closes before it opens".to_owned(),
            Self::FeeNegative => "an amount is above zero".to_owned(),
            Self::HttpsExpected => "an https address is expected".to_owned(),
            Self::ElsewhereOtherwise => "who cannot go there online must know whom to ask".to_owned(),
            Self::ElsewhereAsked => "what another service answers is not asked here".to_owned(),
            Self::SealedCounted => "what is sealed is not counted by who asks".to_owned(),
            Self::SealedFile => "a sealed procedure asks for no file".to_owned(),
            Self::SignInWhy => "why somebody must be identified is not said".to_owned(),
            Self::SignInWays => "whoever cannot be identified online must have another way to ask".to_owned(),
            Self::SealedArchive => "what is sealed is not handed to the archives".to_owned(),
            Self::SealedSteps => "what is sealed goes through steps without fields and actions".to_owned(),
            Self::NobodyNamed => {
                "no question tells the requester’s name (`prefill = \"name\"` or `\"family_name\"`): the acknowledgement would be nobody’s (CRPA L112-3)".to_owned()
            }
            Self::NobodyReached => {
                "no question that must be answered tells where to write to the requester (`prefill = \"email\"` or `\"address\"`): the acknowledgement would reach nobody (CRPA L112-3)".to_owned()
            }
            Self::NoRegime => "what silence means is not said (CRPA L231-1, L231-4)".to_owned(),
            Self::Term(error) | Self::Unreadable(error) | Self::Other(error) => error.clone(),
            Self::NoText => "no text is named".to_owned(),
            Self::NoReason => "the reason is not said".to_owned(),
            Self::ReceiptDue => "where silence means something, a receipt is due (CRPA R112-5)".to_owned(),
            Self::NoBasis => "no text is named on which the procedure stands".to_owned(),
            Self::NoDepartment => "no department answers for it (CRPA R112-5, 2°)".to_owned(),
            Self::NoRetention => "how long cases are kept is not said (GDPR, article 5, 1, e)".to_owned(),
            Self::RetentionShort => "at least a month is expected".to_owned(),
            Self::RetentionDay => "a question for a date is expected".to_owned(),
            Self::BookingAt => "an address of this site is expected, such as `/salles`".to_owned(),
            Self::BookingAnswer => "a question of the form whose answer is of that kind is expected: a text, a date, a time or a number".to_owned(),
            Self::BookingAnswers => "one question, and no more, is answered by it; what is booked, its day, its beginning and its end must each answer one".to_owned(),
            Self::BookingPrice(part) => part.english(),
            Self::BookingSealed => "what is booked stands in a calendar, beside what is sealed".to_owned(),
            Self::LoanWhat => "a question with one choice is expected, in a group of the form that asks for each thing".to_owned(),
            Self::LoanCount => "a question of that group for a whole number is expected".to_owned(),
            Self::LoanDay => "a question of the form for a day is expected".to_owned(),
            Self::LoanSealed => "what is lent stands in a calendar, beside what is sealed".to_owned(),
            Self::Step(flaw) => flaw.english(),
            Self::Fetch(flaw) => flaw.english(),
            Self::Fee(flaw) => flaw.english().to_owned(),
            Self::OrderTitle => "an order bears a title".to_owned(),
            Self::OrderVisas => "an order names the texts it applies".to_owned(),
            Self::OrderArticles => "an order decides something".to_owned(),
            Self::FeeDeliberation => "no deliberation is named that fixes the price".to_owned(),
            Self::PageName => "the page’s id is empty, has odd letters, or is another page’s".to_owned(),
            Self::FieldName => {
                "an id is made of small letters, digits and `_`, and is no word of the language".to_owned()
            }
            Self::FieldNameTaken => "another field has this id".to_owned(),
            Self::CheckPlace => "`field` must name the field beside which the message stands".to_owned(),
            Self::LimitName(name) => {
                format!("`{name}` is not a field with a text, a day or an identity with its birth")
            }
            Self::LimitDays => "a limit counts over 1 to 3 660 days".to_owned(),
            Self::GroupInGroup => "a repeated group cannot stand in another".to_owned(),
            Self::RowsOrder => "`min_rows` and `max_rows` must be in order, and at most 1 000".to_owned(),
            Self::ComputedKind(gives) => {
                format!("`compute` gives {}, which does not suit the kind", gives.english())
            }
            Self::OwnCheckField => "a field’s own check needs no `field`".to_owned(),
            Self::CheckSilent => "a check says what is wrong".to_owned(),
            Self::Gives { gives, wanted } => format!("gives {}, not {}", gives.english(), wanted.english()),
            Self::TooLong(most) => format!("longer than {most} letters"),
            Self::TooDeep(most) => format!("brackets nest deeper than {most}"),
            Self::LoopInLoop => {
                "a list is gone through inside another: the cost would be the square of the answers"
                    .to_owned()
            }
            Self::LoopInRow => "a list cannot be gone through inside a repeated group".to_owned(),
            Self::OddLiteral => "bytes and unsigned numbers are of no use here".to_owned(),
            Self::UnknownName(name) => format!("there is no answer `{name}` here"),
            Self::NoPart(part) => format!("the answer has no part `{part}`"),
            Self::PartOf { part, of } => format!("`.{part}` is asked of {}", of.english()),
            Self::MixedList(one, other) => format!("a list holds {} and {}", one.english(), other.english()),
            Self::ObjectWritten => "an object cannot be written here".to_owned(),
            Self::NotAList(sort) => format!("{} cannot be gone through", sort.english()),
            Self::CannotApply { what, to } => {
                format!("`{what}` cannot be applied to {}", listed(to, Sort::english, " and "))
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one sentence a flaw, each of a line or two")]
    fn french(&self) -> String {
        match self {
            Self::Slug => "Écrivez des lettres minuscules sans accent, des chiffres et des tirets.".to_owned(),
            Self::FirstVersion => "La première version porte le numéro 1.".to_owned(),
            Self::NothingSaid => "Rien n’est écrit ici.".to_owned(),
            Self::NoWay => "Choisissez au moins une façon de faire la demande.".to_owned(),
            Self::NothingAsked => "Le formulaire n’a aucune page.".to_owned(),
            Self::StepsAlike => "Deux étapes portent le même nom court.".to_owned(),
            Self::LimitsAlike => "Deux limites portent le même nom court.".to_owned(),
            Self::NoLabel => "Écrivez un intitulé\u{a0}: il est lu à voix haute à qui ne voit pas.".to_owned(),
            Self::NoTitle => "Donnez un titre à la page.".to_owned(),
            Self::PageEmpty => "La page ne contient aucune question.".to_owned(),
            Self::TooManyFields => "Le formulaire compte trop de questions.".to_owned(),
            Self::Beneficiary => {
                "Seuls une identité, un texte, un SIRET ou un numéro RNA disent pour qui on demande.".to_owned()
            }
            Self::ListOrigin => {
                "Une liste a ses propres réponses, ou celles d’un référentiel, pas les deux.".to_owned()
            }
            Self::GroupEmpty => "Le groupe ne contient aucune question.".to_owned(),
            Self::FilesCount => "Acceptez de 1 à 20\u{a0}fichiers.".to_owned(),
            Self::NothingToChoose => "Proposez au moins deux réponses.".to_owned(),
            Self::ChoicesAlike => "Deux réponses ont la même valeur, ou l’une n’en a pas.".to_owned(),
            Self::OpeningOrder => "La démarche fermerait avant d’ouvrir.".to_owned(),
            Self::FeeNegative => "Le tarif doit être supérieur à zéro.".to_owned(),
            Self::HttpsExpected => "Écrivez une adresse qui commence par https://.".to_owned(),
            Self::ElsewhereOtherwise => {
                "Dites à qui s’adresser quand on ne peut pas aller en ligne.".to_owned()
            }
            Self::ElsewhereAsked => {
                "Un autre service répond à cette demande\u{a0}: la mairie ne pose aucune question.".to_owned()
            }
            Self::SealedCounted => {
                "Une démarche scellée ne compte pas qui demande\u{a0}: retirez la limite.".to_owned()
            }
            Self::SealedFile => "Une démarche scellée ne demande aucun document.".to_owned(),
            Self::SignInWhy => "Dites pourquoi il faut s’identifier.".to_owned(),
            Self::SignInWays => {
                "Gardez une autre façon de faire la demande pour qui ne peut pas s’identifier en ligne.".to_owned()
            }
            Self::SealedArchive => {
                "Une démarche scellée n’est pas versée aux archives\u{a0}: effacez ses demandes, ou rendez-les anonymes.".to_owned()
            }
            Self::SealedSteps => {
                "Les étapes d’une démarche scellée n’ont ni questions ni actions.".to_owned()
            }
            Self::NobodyNamed => {
                "Aucune question ne donne le nom du demandeur\u{a0}: l’accusé de réception dû à qui demande en ligne ne serait au nom de personne (CRPA, article L112-3).".to_owned()
            }
            Self::NobodyReached => {
                "Aucune question à laquelle il faut répondre ne donne le courriel ou l’adresse du demandeur\u{a0}: ni l’accusé de réception ni la décision ne lui parviendraient (CRPA, article L112-3).".to_owned()
            }
            Self::NoRegime => {
                "Dites ce que vaut le silence de la mairie (CRPA, articles L231-1 et L231-4).".to_owned()
            }
            Self::Term(_) => {
                "Donnez un délai d’un jour à dix ans\u{a0}: le silence n’a d’effet qu’à son terme.".to_owned()
            }
            Self::NoText => "Nommez le texte ou la règle.".to_owned(),
            Self::NoReason => "Dites pourquoi aucun accusé de réception n’est dû.".to_owned(),
            Self::ReceiptDue => {
                "Quand le silence vaut décision, l’accusé de réception est dû (CRPA, article R112-5).".to_owned()
            }
            Self::NoBasis => "Nommez au moins un texte sur lequel repose la démarche.".to_owned(),
            Self::NoDepartment => {
                "Dites quel service répond de la démarche (CRPA, article R112-5, 2°).".to_owned()
            }
            Self::NoRetention => {
                "Dites combien de temps les dossiers sont gardés (RGPD, article 5, 1, e).".to_owned()
            }
            Self::BookingAt => "Écrivez une adresse de ce site, comme /salles.".to_owned(),
            Self::BookingAnswer => {
                "Ce qui est réservé répond à une question du formulaire\u{a0}: un texte, une date, une heure ou un nombre.".to_owned()
            }
            Self::BookingAnswers => {
                "Choisissez la question à laquelle cela répond\u{a0}: une, et une seule.".to_owned()
            }
            Self::BookingPrice(part) => part.french(),
            Self::BookingSealed => {
                "Une réservation figure dans un calendrier\u{a0}: la demande ne peut pas être confidentielle.".to_owned()
            }
            Self::LoanWhat => {
                "Ce qui est emprunté est le choix d’une question, dans un groupe du formulaire rempli pour chaque matériel.".to_owned()
            }
            Self::LoanCount => {
                "La quantité empruntée est une question du même groupe, dont la réponse est un nombre entier.".to_owned()
            }
            Self::LoanDay => "Le premier et le dernier jour du prêt sont des questions dont la réponse est un jour.".to_owned(),
            Self::LoanSealed => {
                "Un prêt figure dans un calendrier\u{a0}: la demande ne peut pas être confidentielle.".to_owned()
            }
            Self::RetentionShort => "Gardez les dossiers au moins un mois après la décision.".to_owned(),
            Self::OrderTitle => "Un arrêté porte un titre.".to_owned(),
            Self::OrderVisas => "Un arrêté vise les textes qu’il applique.".to_owned(),
            Self::OrderArticles => "Un arrêté décide quelque chose\u{a0}: écrivez un article.".to_owned(),
            Self::FeeDeliberation => {
                "Nommez la délibération qui fixe le tarif (CGCT, article L2121-29).".to_owned()
            }
            Self::PageName => {
                "Le nom court de la page est vide, a des signes interdits, ou sert déjà à une autre.".to_owned()
            }
            Self::FieldName => {
                "Le nom court est fait de lettres minuscules, de chiffres et de «\u{a0}_\u{a0}», et n’est pas un mot réservé.".to_owned()
            }
            Self::FieldNameTaken => "Une autre question porte déjà ce nom court.".to_owned(),
            Self::CheckPlace => "Dites à côté de quelle question le message s’affiche.".to_owned(),
            Self::LimitName(name) => {
                format!("«\u{a0}{name}\u{a0}» n’est pas une question dont la réponse est un texte, une date ou une identité avec la date de naissance.")
            }
            Self::LimitDays => "Une limite se compte sur 1 à 3\u{a0}660 jours.".to_owned(),
            Self::GroupInGroup => "Un groupe répété ne peut pas en contenir un autre.".to_owned(),
            Self::RowsOrder => "Le minimum dépasse le maximum, ou le maximum dépasse 1\u{a0}000.".to_owned(),
            Self::ComputedKind(gives) => {
                format!("Le calcul donne {}, ce qui ne convient pas à ce genre de question.", gives.french())
            }
            Self::OwnCheckField => "Le contrôle d’une question s’affiche toujours à côté d’elle.".to_owned(),
            Self::CheckSilent => "Écrivez le message à afficher quand la condition n’est pas remplie.".to_owned(),
            Self::Gives { gives, wanted } => {
                format!("Le résultat est {}, alors qu’il faut {}.", gives.french(), wanted.french())
            }
            Self::TooLong(most) => format!("L’expression dépasse {most}\u{a0}caractères."),
            Self::TooDeep(most) => format!("Plus de {most}\u{a0}parenthèses sont ouvertes à la fois."),
            Self::Unreadable(_) => {
                "L’expression ne se lit pas\u{a0}: il manque sans doute une parenthèse, un guillemet ou une valeur.".to_owned()
            }
            Self::LoopInLoop => "Une liste est parcourue à l’intérieur d’une autre\u{a0}: ce serait trop long.".to_owned(),
            Self::LoopInRow => "Dans un groupe répété, une condition ne peut pas parcourir une liste.".to_owned(),
            Self::OddLiteral => "Cette façon d’écrire une valeur n’est pas acceptée.".to_owned(),
            Self::UnknownName(name) => {
                format!("Aucune question «\u{a0}{name}\u{a0}» ne vient avant celle-ci.")
            }
            Self::NoPart(part) => format!("La réponse n’a pas de partie «\u{a0}{part}\u{a0}»."),
            Self::PartOf { part, of } => {
                format!("«\u{a0}.{part}\u{a0}» ne peut pas être demandé à {}.", of.french())
            }
            Self::MixedList(one, other) => {
                format!("Une même liste mêle {} et {}.", one.french(), other.french())
            }
            Self::ObjectWritten => "Un objet ne peut pas être écrit ici.".to_owned(),
            Self::NotAList(sort) => format!("On ne peut pas parcourir {}.", sort.french()),
            Self::CannotApply { what, to } => format!(
                "«\u{a0}{what}\u{a0}» ne s’applique pas à {}.",
                listed(to, Sort::french, " et ")
            ),
            Self::RetentionDay => {
                "La conservation se compte depuis la décision, ou depuis la réponse à une question qui demande une date.".to_owned()
            }
            Self::Step(flaw) => flaw.french(),
            Self::Fetch(flaw) => flaw.french(),
            Self::Fee(flaw) => flaw.french().to_owned(),
            Self::Other(message) => message.clone(),
        }
    }
}
