//! Documents of an imaginary commune.
#![allow(dead_code, reason = "each test file uses the documents it needs")]

pub mod premises;

use beffroi_typeset::*;
use chrono::NaiveDate;

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub fn meta(title: &str) -> Meta {
    Meta { title: title.to_owned(), date: day(2026, 3, 2) }
}

fn words(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn letterhead() -> Letterhead {
    Letterhead {
        commune: "Commune de Saint-Aubin-sur-Orge".into(),
        place: "Saint-Aubin-sur-Orge".into(),
        department: Some("Département de l’Essonne".into()),
        address: words(&["Hôtel de ville", "1, place de la République", "91700 Saint-Aubin-sur-Orge"]),
        phone: Some("01\u{a0}23\u{a0}45\u{a0}67\u{a0}89".into()),
        email: Some("mairie@saint-aubin.example".into()),
    }
}

fn recipient() -> Recipient {
    Recipient {
        lines: words(&[
            "Madame Éloïse Lefèvre-Nuñez",
            "Bâtiment B, appartement 12",
            "14, rue des Tisserands",
            "91700 Saint-Aubin-sur-Orge",
        ]),
    }
}

fn contact() -> Contact {
    Contact {
        name: "Service de l’espace public".into(),
        agent: Some("Karim Benali".into()),
        address: words(&["1, place de la République", "91700 Saint-Aubin-sur-Orge"]),
        phone: Some("01\u{a0}23\u{a0}45\u{a0}67\u{a0}80".into()),
        email: Some("espace-public@saint-aubin.example".into()),
    }
}

fn appeals() -> AppealRoutes {
    AppealRoutes {
        authority: "Madame la maire".into(),
        court: "tribunal administratif de Versailles".into(),
        court_address: "56, avenue de Saint-Cloud, 78011 Versailles".into(),
        within: "deux mois".into(),
        first_step: None,
    }
}

fn signatory(handwritten: bool) -> Signatory {
    Signatory {
        first_name: "Hélène".into(),
        name: "Marchetti".into(),
        quality: "La maire".into(),
        delegation: None,
        handwritten,
    }
}

fn piece(name: &str, reason: Option<&str>) -> Piece {
    Piece { name: name.into(), reason: reason.map(Into::into) }
}

pub fn acknowledgement() -> Acknowledgement {
    let answer = |label: &str, value: &str| Answer { label: label.into(), value: value.into() };
    Acknowledgement {
        letterhead: letterhead(),
        recipient: recipient(),
        reference: "ODP-2026-0042".into(),
        tracking_code: Some("K7QF-93TM".into()),
        tracking_url: Some("demarches.saint-aubin.example/suivi".into()),
        subject: "Occupation du domaine public".into(),
        received_on: day(2026, 3, 1),
        received_by: Some("par voie électronique".into()),
        department: contact(),
        silence: Silence::Refuses { on: day(2026, 5, 1), appeals: appeals() },
        missing: Some(Missing {
            pieces: vec![
                piece("Attestation d’assurance", Some("celle reçue a expiré le 31 décembre 2025")),
                piece("Plan de situation", None),
            ],
            asked_on: day(2026, 3, 2),
            until: Some(day(2026, 3, 23)),
        }),
        answers: vec![
            AnswerGroup {
                title: "Le demandeur".into(),
                answers: vec![
                    answer("Nom et prénom", "Lefèvre-Nuñez Éloïse"),
                    answer("Raison sociale", "Le Café des Tisserands"),
                    answer("Numéro SIRET", "123\u{a0}456\u{a0}789\u{a0}00012"),
                ],
            },
            AnswerGroup {
                title: "L’emprise".into(),
                answers: vec![
                    answer("Adresse", "14, rue des Tisserands"),
                    answer("Surface demandée", "12\u{a0}m²"),
                    answer("Précisions", "Six tables et douze chaises.\nRien après 22\u{a0}heures."),
                    answer("Observations", ""),
                ],
            },
        ],
        not_due: None,
        closing: Some("Un agent vous appellera pour la visite.\nGardez cette lettre.".into()),
    }
}

pub fn decision() -> Decision {
    let article =
        |title: Option<&str>, text: &str| Article { title: title.map(Into::into), text: text.into() };
    Decision {
        letterhead: letterhead(),
        recipient: Some(recipient()),
        reference: Some("ODP-2026-0042".into()),
        number: "2026-117".into(),
        title: "Arrêté portant permission de stationnement".into(),
        authority: "La maire de Saint-Aubin-sur-Orge".into(),
        visas: words(&[
            "le code général des collectivités territoriales, notamment ses articles L2212-2 et L2213-6",
            "le code général de la propriété des personnes publiques, notamment ses articles L2122-1 à L2122-4 et L2125-1",
            "la délibération du conseil municipal du 12 décembre 2025 fixant les tarifs d’occupation du domaine public",
            "la demande reçue le 1er mars 2026",
        ]),
        reasons: words(&[
            "que l’emprise demandée laisse un passage libre de 1,60\u{a0}mètre pour les piétons et les personnes à mobilité réduite",
            "que l’occupation du domaine public est personnelle, précaire et révocable",
        ]),
        verb: "Arrête".into(),
        articles: vec![
            article(
                Some("Objet"),
                "Madame Éloïse Lefèvre-Nuñez est autorisée à installer une terrasse ouverte de 12\u{a0}m² devant le 14, rue des Tisserands, du 1er avril au 31 octobre 2026.",
            ),
            article(
                Some("Redevance"),
                "L’occupation donne lieu au versement d’une redevance de 216,00\u{a0}€, payable à réception du titre de recettes.",
            ),
            article(
                None,
                "La directrice générale des services est chargée de l’exécution du présent arrêté, qui sera notifié à l’intéressée.",
            ),
        ],
        signatory: signatory(false),
        enclosures: Vec::new(),
        appeals: Some(appeals()),
    }
}

pub fn letter() -> Letter {
    Letter {
        letterhead: letterhead(),
        recipient: recipient(),
        reference: Some("ECO-2026-0008".into()),
        subject: "votre demande d’inscription scolaire est incomplète".into(),
        opening: "Madame,".into(),
        paragraphs: words(&[
            "Vous nous avez demandé l’inscription de votre enfant Léo à l’école maternelle Jean-Zay. Nous vous en remercions.",
            "Pour pouvoir continuer, il nous manque les pièces ci-dessous. Des copies suffisent\u{a0}: gardez vos originaux.",
        ]),
        pieces: vec![
            piece("Justificatif de domicile", Some("de moins de trois mois")),
            piece("Page des vaccinations du carnet de santé", None),
        ],
        until: Some(day(2026, 3, 23)),
        department: Some(contact()),
        closing: Some(
            "Nous vous prions d’agréer, Madame, l’expression de nos salutations distinguées.".into(),
        ),
        signatory: Some(signatory(true)),
        enclosures: Vec::new(),
        appeals: None,
    }
}

/// How whoever is told on paper says whether they are satisfied.
pub fn opinion_asked(later: bool) -> OpinionAsked {
    OpinionAsked {
        address: "saint-aubin.example/avis".into(),
        code: "BX7K-29QM-4TRW".into(),
        square: words(&["1110111", "1010101", "0001000", "1110111", "0101010", "1010101", "1110111"]),
        later,
    }
}

/// What a template of procedures sees.
pub fn sheet() -> Sheet {
    let told = |label: &str, text: &str, value: serde_json::Value| Told {
        label: label.into(),
        text: text.into(),
        value,
    };
    Sheet {
        letter: Letter { pieces: Vec::new(), until: None, ..letter() },
        authority: "La maire de Saint-Aubin-sur-Orge".into(),
        requester: Requester {
            name: "Éloïse Lefèvre-Nuñez".into(),
            address: words(&["14, rue des Tisserands", "91700 Saint-Aubin-sur-Orge"]),
        },
        answers: [
            ("debut".to_owned(), told("Premier jour", "1er mars 2026", "2026-03-01".into())),
            ("redevance".to_owned(), told("Redevance", "1\u{202f}234,50\u{a0}€", 123_450.into())),
            ("observations".to_owned(), Told::default()),
        ]
        .into(),
        step: [(
            "visite-technique".to_owned(),
            [("constat".to_owned(), told("Constat", "Conforme", "Conforme".into()))].into(),
        )]
        .into(),
        commune: CommuneFacts { name: "Saint-Aubin-sur-Orge".into(), postcode: "91700".into() },
        case: CaseFacts {
            reference: "ECO-2026-0008".into(),
            procedure: "Occupation du domaine public".into(),
            received_on: day(2026, 3, 1),
        },
    }
}

pub fn blank_form() -> BlankForm {
    let field = |label: &str, hint: Option<&str>, required: bool, kind: FieldKind| BlankField {
        label: label.into(),
        hint: hint.map(Into::into),
        required,
        kind,
    };
    BlankForm {
        letterhead: letterhead(),
        title: "Inscription scolaire".into(),
        introduction: "Ce formulaire permet d’inscrire un enfant de 3 à 11 ans dans une école publique de la commune. Vous pouvez aussi faire cette demande en ligne ou au guichet.".into(),
        pages: vec![
            FormPage {
                title: "L’enfant".into(),
                introduction: None,
                fields: vec![
                    field("Nom", Some("Tel qu’il figure sur l’acte de naissance."), true, FieldKind::Line),
                    field("Prénoms", None, true, FieldKind::Line),
                    field("Date de naissance", None, true, FieldKind::Date),
                    field("Niveau demandé", None, true, FieldKind::Choice {
                        options: words(&["Petite section", "Moyenne section", "Grande section", "Cours préparatoire"]),
                        several: false,
                    }),
                ],
            },
            FormPage {
                title: "Vous".into(),
                introduction: Some("L’un des parents, ou la personne qui a l’autorité parentale.".into()),
                fields: vec![
                    field("Nom et prénom", None, true, FieldKind::Line),
                    field("Code postal", None, true, FieldKind::Boxes { count: 5 }),
                    field("Adresse", None, true, FieldKind::Lines { count: 3 }),
                    field("Services souhaités", None, false, FieldKind::Choice {
                        options: words(&["Restauration", "Accueil du matin", "Accueil du soir"]),
                        several: true,
                    }),
                    field("Je déclare exercer l’autorité parentale et certifie l’exactitude de ces renseignements.", None, true, FieldKind::Statement),
                    field("Date", None, true, FieldKind::Date),
                    field("Signature", None, true, FieldKind::Signature),
                ],
            },
        ],
        attachments: vec![piece("Copie du livret de famille", None), piece("Justificatif de domicile", Some("de moins de trois mois"))],
        return_to: contact(),
        privacy: Some("La commune traite ces données pour inscrire votre enfant, sur le fondement de sa mission de service public (article L131-5 du code de l’éducation). Vous pouvez y accéder et les faire rectifier en écrivant à dpo@saint-aubin.example.".into()),
    }
}

pub fn payment_receipt() -> PaymentReceipt {
    use beffroi_typeset::{PaidEntry, PaidLine, PaymentReceipt};
    PaymentReceipt {
        letterhead: letterhead(),
        recipient: Some(Recipient { lines: vec!["Awa Diop".to_owned()] }),
        reference: "2026-000042".to_owned(),
        title: "Quittance 2026-12".to_owned(),
        regie: "Régie des salles municipales".to_owned(),
        lines: vec![
            PaidLine { label: "Salle des fêtes, 12 décembre".to_owned(), cents: 6_000 },
            PaidLine { label: "Réduction d’habitant".to_owned(), cents: -1_000 },
        ],
        total: 5_000,
        entries: vec![PaidEntry { label: "Le 24 novembre 2026, en espèces".to_owned(), cents: 5_000 }],
        remaining: 0,
        deliberation: Some("DCM 2026-42 du 12 mars 2026".to_owned()),
        warning: Some("Quittance annulée : chèque refusé.".to_owned()),
    }
}
