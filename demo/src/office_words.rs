//! What agents of the demonstration write, as each procedure has it.

/// The words about one procedure.
pub(crate) struct Words {
    /// Papers that are missing, a line each.
    pub(crate) missing: &'static str,
    /// A message.
    pub(crate) message: &'static str,
    /// Why it is refused.
    pub(crate) refusal: &'static str,
}

/// The words about a procedure.
pub(crate) fn of(procedure: &str) -> Words {
    match procedure {
        "acte-de-naissance" => Words {
            missing: "Copie lisible de votre pièce d’identité\nJustificatif de votre lien avec la personne",
            message: "Bonjour, l’acte que vous demandez est ancien\u{a0}: nous le cherchons aux archives. Vous le recevrez dans la semaine.",
            refusal: "La loi réserve la copie intégrale à la personne elle-même, à ses proches et aux professionnels autorisés. Vous pouvez demander un extrait sans filiation.",
        },
        "debit-de-boissons-temporaire" => Words {
            missing: "Statuts de l’association\nAccord écrit du propriétaire du lieu",
            message: "Bonjour, pouvez-vous nous confirmer l’heure de fermeture de la buvette\u{a0}?",
            refusal: "Le lieu se trouve dans une zone protégée où la vente d’alcool est interdite (Code de la santé publique, article L3335-1).",
        },
        _ => Words {
            missing: "Plan coté de l’emprise\nAttestation d’assurance en cours de validité",
            message: "Bonjour, votre demande est bien prise en compte. Pouvez-vous nous confirmer le créneau souhaité\u{a0}?",
            refusal: "La rue ne peut pas être occupée à ces dates\u{a0}: le marché s’y tient et la voie doit rester libre.",
        },
    }
}
