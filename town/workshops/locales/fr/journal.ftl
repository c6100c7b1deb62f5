# What the journal says of workshops.

office-event-followup-assessed = Premier rendez-vous d’un participant noté
office-event-followup-consulted = Suivi d’un participant consulté
office-event-followup-erased = Suivi d’un participant effacé
office-event-followup-noted = Suivi d’un participant noté
office-event-loan-made = Prêt de matériel
office-event-loan-returned = Retour de matériel
office-event-place-described = Lieu d’ateliers modifié
office-event-registration-accepted = Place proposée acceptée
office-event-registration-consulted = Inscription à un atelier consultée
office-event-registration-forgotten = Inscriptions oubliées, durée de conservation passée
office-event-registration-given-up = Inscription annulée
office-event-registration-lapsed = Place proposée sans réponse
office-event-registration-made = Inscription à un atelier
office-event-registration-marked = Présence à un atelier notée
office-event-registration-offered = Place proposée à une personne en attente
office-event-workshop-cancelled = Séance d’atelier annulée
office-event-workshop-changed = Séance d’atelier modifiée
office-event-workshop-described = Atelier modifié
office-event-workshop-moved = Séance d’atelier déplacée
office-event-workshop-planned = Séance d’atelier prévue

office-subject-followup = Suivi d’un participant
office-subject-loan = Prêt
office-subject-place = Lieu d’ateliers
office-subject-registration = Inscription à un atelier
office-subject-workshop = Atelier
office-subject-workshop-session = Séance d’atelier

# The events of which other programs may be told.
office-hook-event-registration-accepted = Atelier : place proposée acceptée
office-hook-event-registration-attended = Atelier : présence notée
office-hook-event-registration-expected = Atelier : présence ou absence notée par erreur, reprise
office-hook-event-registration-given-up = Atelier : inscription annulée
office-hook-event-registration-lapsed = Atelier : place proposée sans réponse
office-hook-event-registration-made = Atelier : inscription
office-hook-event-registration-missed = Atelier : absence notée
office-hook-event-registration-offered = Atelier : place proposée
office-hook-event-workshop-cancelled = Séance d’atelier annulée
office-hook-event-workshop-changed = Séance d’atelier modifiée
office-hook-event-workshop-moved = Séance d’atelier déplacée
office-hook-event-workshop-planned = Séance d’atelier prévue
