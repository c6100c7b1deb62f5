//! What is wrong with the steps of a procedure, told in English on the command line and in French in the builder.

/// What is wrong with a step, a field of one, or an action.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's sentence is in `english`")]
pub enum StepFlaw {
    TooMany,
    Name,
    Next,
    TooManyParts,
    FieldPlain,
    ActionName,
    Time,
    Days,
    TextLong,
    SmsLong,
    SmsSealed,
    MoveTo,
    OpinionOfOne,
    OpinionAddress,
    Address,
    TransferButton,
    CountLimit,
    Circle,
    Unreached,
    TemplateName,
    Needed(&'static str),
    Unsuited(&'static str),
    Variable,
    UnknownMark(String),
    UnknownShare(String),
}

impl StepFlaw {
    pub(crate) fn english(&self) -> String {
        match self {
            Self::TooMany => "there are more than 30 steps",
            Self::Name => "small letters, digits and hyphens are expected, and not `decision`",
            Self::Next => "names another step of the procedure, or `decision`",
            Self::TooManyParts => "a step has 50 fields and 50 actions at most",
            Self::FieldPlain => "what an agent fills in names no beneficiary and takes no prefill",
            Self::ActionName => "actions are told apart by small letters, digits and hyphens",
            Self::Time => {
                "`after_days` or `before_deemed_days` tells the time of an action with `on = \"time\"`, and of no other"
            }
            Self::Days => "between one day and two years",
            Self::TextLong => "the text is too long",
            Self::SmsLong => "a text message has four parts at most: 612 letters, or 268 with accents such as ê",
            Self::SmsSealed => "a sealed procedure sends no text message: others may see the screen",
            Self::MoveTo => "names another step of the procedure",
            Self::OpinionOfOne => "either a `department` or a `body` outside is asked",
            Self::OpinionAddress => "an expert who is asked without a button needs an address",
            Self::Address => "this is no e-mail address",
            Self::TransferButton => "an agent answers for a transfer outside: it has a button",
            Self::CountLimit => "names a limit of the procedure",
            Self::Circle => "a case would move in a circle, by itself and for ever",
            Self::Unreached => "no other step leads here: say so in its `next`",
            Self::TemplateName => "templates are named by small letters, digits and hyphens",
            Self::Needed(member) => return format!("`{member}` is needed for this kind of action"),
            Self::Unsuited(member) => return format!("`{member}` does not suit this kind of action"),
            Self::Variable => {
                "a step with fields is a name in conditions: it begins with a letter, and is no question’s"
            }
            Self::UnknownMark(name) => return format!("there is no `{name}` to put here"),
            Self::UnknownShare(name) => return format!("there is no `{name}` to share"),
        }
        .to_owned()
    }

    pub(crate) fn french(&self) -> String {
        match self {
            Self::TooMany => "Une démarche compte 30\u{a0}étapes au plus.",
            Self::Name => {
                "Le nom court est fait de lettres minuscules sans accent, de chiffres et de traits d’union, et n’est pas «\u{a0}decision\u{a0}»."
            }
            Self::Next => "L’étape suivante doit être une autre étape de la démarche, ou la décision.",
            Self::TooManyParts => "Une étape compte 50\u{a0}questions et 50\u{a0}actions au plus.",
            Self::FieldPlain => {
                "Ce que l’agent remplit ne désigne pas de bénéficiaire et n’est pas rempli par un compte."
            }
            Self::ActionName => {
                "Chaque action de l’étape a son propre nom court\u{a0}: des lettres minuscules sans accent, des chiffres et des traits d’union."
            }
            Self::Time => {
                "Une action faite d’elle-même, le moment venu, dit après combien de jours. Les autres ne le disent pas."
            }
            Self::Days => "Le nombre de jours va d’un jour à deux ans.",
            Self::TextLong => "Le texte est trop long.",
            Self::SmsLong => {
                "Ce texte est trop long pour un SMS\u{a0}: écrivez 612\u{a0}caractères au plus, ou 268 s’il a des lettres comme «\u{a0}ê\u{a0}» ou «\u{a0}ç\u{a0}»."
            }
            Self::SmsSealed => {
                "Une démarche confidentielle n’envoie pas de SMS\u{a0}: d’autres personnes peuvent voir l’écran du téléphone."
            }
            Self::MoveTo => "Choisissez à quelle autre étape passe le dossier.",
            Self::OpinionOfOne => {
                "Dites qui donne son avis\u{a0}: un service de la mairie, ou un organisme extérieur, pas les deux."
            }
            Self::OpinionAddress => {
                "Donnez l’adresse électronique de l’organisme\u{a0}: sans bouton, personne ne peut la saisir."
            }
            Self::Address => "Écrivez une adresse électronique.",
            Self::TransferButton => {
                "Un agent répond d’une transmission à une autre administration\u{a0}: elle se fait par un bouton."
            }
            Self::CountLimit => "Choisissez une limite de la démarche.",
            Self::Circle => "Les dossiers tourneraient en rond, d’eux-mêmes et sans fin.",
            Self::Unreached => {
                "Aucune autre étape ne mène à celle-ci\u{a0}: ajoutez-la aux étapes suivantes de l’une d’elles."
            }
            Self::TemplateName => "Choisissez un modèle de document.",
            Self::Needed(member) => {
                return format!(
                    "Ce genre d’action en a besoin\u{a0}: remplissez «\u{a0}{}\u{a0}».",
                    label(member)
                );
            }
            Self::Unsuited(member) => {
                return format!("Ce genre d’action ne s’en sert pas\u{a0}: videz «\u{a0}{}\u{a0}».", label(member));
            }
            Self::Variable => {
                "Les conditions nomment une étape qui a des questions\u{a0}: son nom court commence par une lettre, et n’est celui d’aucune question."
            }
            Self::UnknownMark(name) => {
                return format!(
                    "Le texte cite «\u{a0}{name}\u{a0}», qui n’est ni une question ni ce qu’une étape remplit."
                );
            }
            Self::UnknownShare(name) => {
                return format!("«\u{a0}{name}\u{a0}», qui serait montré à l’expert, n’existe pas ici.");
            }
        }
        .to_owned()
    }
}

/// What the control of an action's member is called on the page that mends it.
fn label(member: &str) -> &str {
    match member {
        "title" => "Titre du document",
        "template" => "Modèle du document",
        "text" => "Texte",
        "department" => "Service de la mairie",
        "body" => "Organisme extérieur",
        "email" => "Adresse électronique de l’organisme",
        "share" => "Ce que voit l’expert",
        "within_days" => "Jours laissés pour répondre",
        "to" => "Étape où passe le dossier",
        "limit" => "Limite regardée",
        "name" => "Nom dit aux autres logiciels",
        other => other,
    }
}
