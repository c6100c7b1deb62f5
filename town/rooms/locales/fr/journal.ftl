# What the journal says of rooms and their bookings.

office-event-booking-asked = Réservation demandée
office-event-booking-blocked = Salle gardée par la ville
office-event-booking-cancelled = Réservation annulée
office-event-booking-date-added = Date ajoutée à une réservation
office-event-booking-firm = Réservation accordée
office-event-booking-held = Créneau retenu
office-event-booking-released = Créneau rendu
office-event-resource-changed = Lieu ou équipement modifié
office-event-resource-created = Lieu ou équipement créé
office-event-room-described = Fiche de salle modifiée
office-event-room-event-changed = Événement d’agenda modifié
office-event-room-event-deleted = Événement d’agenda supprimé
office-event-room-event-kept = Événement d’agenda enregistré
office-event-room-task-done = Préparation ou ménage fait
office-event-room-task-undone = Préparation ou ménage à refaire
office-event-tariff-kept = Tarif de salle enregistré
office-event-tariff-removed = Tarif de salle retiré

office-subject-booking = Réservation
office-subject-resource = Lieu ou équipement
office-subject-room-event = Événement d’agenda
