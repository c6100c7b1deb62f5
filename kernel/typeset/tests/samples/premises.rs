//! Premises of an imaginary commune: their contract and their state.

use beffroi_typeset::*;

use super::{letterhead, recipient, signatory};

/// A grey square, as PNG.
const PNG: &str = "89504e470d0a1a0a0000000d4948445200000008000000080800000000e164e157000000104944415478da636c60800026068a180026080090b5310a910000000049454e44ae426082";
/// A red square, as JPEG.
const JPEG: &str = "ffd8ffe000104a46494600010100000100010000ffdb004300ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdb004301ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc00011080008000803012200021101031101ffc4001500010100000000000000000000000000000002ffc40014100100000000000000000000000000000000ffc4001501010100000000000000000000000000000102ffc40014110100000000000000000000000000000000ffda000c03010002110311003f0090029fffd9";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).unwrap())
        .collect()
}

fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.into(), value: value.into() }
}

pub fn contract() -> Contract {
    Contract {
        letterhead: letterhead(),
        recipient: recipient(),
        reference: "2026-7QK4MRT".into(),
        title: "Convention d’occupation".into(),
        holder: "Madame Éloïse Lefèvre-Nuñez".into(),
        facts: vec![
            fact("Lieu", "Salle des fêtes"),
            fact("Quand", "samedi 4 juillet 2026\nsamedi 11 juillet 2026"),
        ],
        money: vec![fact("Prix", "200,00\u{a0}€"), fact("Caution", "400,00\u{a0}€")],
        articles: vec![
            Article {
                title: Some("Usage".into()),
                text: "La salle est rendue propre.\nElle n’est pas cédée.".into(),
            },
            Article { title: None, text: "La convention est précaire et révocable.".into() },
        ],
        signatory: signatory(true),
    }
}

pub fn inspection() -> InspectionReport {
    let thing = |name: &str, remark: &str| InspectedThing {
        name: name.into(),
        expected: "40".into(),
        found: "38".into(),
        state: "Abîmé".into(),
        remark: remark.into(),
    };
    InspectionReport {
        letterhead: letterhead(),
        recipient: recipient(),
        reference: "2026-7QK4MRT".into(),
        title: "État des lieux de sortie".into(),
        facts: vec![fact("Lieu", "Salle des fêtes"), fact("Fait le", "4 juillet 2026 à 18\u{a0}h")],
        differences: vec!["Chaises\u{a0}: 38 au lieu de 40.".into()],
        compares: true,
        places: vec![InspectedPlace {
            name: "Grande salle".into(),
            things: vec![thing("Chaises", "Deux pieds cassés.\nPhoto 1."), thing("Tables", "")],
        }],
        meters: vec![fact("Eau", "01234")],
        remarks: "Le sol est propre.".into(),
        photos: vec![InspectedPhoto { caption: "Photo 1, chaises".into(), bytes: bytes(JPEG) }],
        signatures: vec![
            InspectionSignature { side: "Pour la ville".into(), text: "Awa Diop".into(), drawn: bytes(PNG) },
            InspectionSignature {
                side: "L’occupant".into(),
                text: "Absent\u{a0}: déjà parti.".into(),
                drawn: Vec::new(),
            },
        ],
        hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
    }
}
