# What the journal says of appointments.

office-event-ants-search-closed = Recherche nationale de rendez-vous fermée
office-event-ants-search-opened = Recherche nationale de rendez-vous ouverte
office-event-appointment-arrived = Arrivée notée
office-event-appointment-booked = Rendez-vous pris
office-event-appointment-cancelled = Rendez-vous annulé
office-event-appointment-consulted = Rendez-vous consulté
office-event-appointment-declared = Rendez-vous déclaré au service de coordination
office-event-appointment-elsewhere = Autre rendez-vous connu dans une autre mairie
office-event-appointment-expected = Suite d’un rendez-vous corrigée
office-event-appointment-forgotten = Rendez-vous oubliés, durée de conservation passée
office-event-appointment-missed = Absence à un rendez-vous notée
office-event-appointment-moved = Rendez-vous déplacé
office-event-appointment-received = Personne reçue
office-event-appointment-withdrawn = Déclaration d’un rendez-vous retirée
office-event-coordination-changed = Accès au service de coordination modifié
office-event-coordination-removed = Accès au service de coordination retiré
office-event-desk-described = Guichet modifié
office-event-motive-described = Motif de rendez-vous modifié
office-event-site-described = Lieu de rendez-vous modifié
office-event-ticket-called = Ticket appelé
office-event-ticket-joined = Ticket réuni à un rendez-vous
office-event-ticket-left = Ticket sans suite
office-event-ticket-served = Ticket servi
office-event-ticket-taken = Ticket donné
office-event-wish-ended = Attente d’un rendez-vous terminée
office-event-wish-made = Attente d’un rendez-vous inscrite
office-event-wish-offered = Horaire proposé à une personne en attente

office-subject-ants_search = Recherche nationale
office-subject-appointment = Rendez-vous
office-subject-coordination = Service de coordination
office-subject-desk = Guichet
office-subject-motive = Motif de rendez-vous
office-subject-site = Lieu de rendez-vous
office-subject-ticket = Ticket
office-subject-wish = Attente d’un rendez-vous

# The events of which other programs may be told.
office-hook-event-appointment-arrived = Rendez-vous : arrivée notée
office-hook-event-appointment-booked = Rendez-vous pris
office-hook-event-appointment-cancelled = Rendez-vous annulé
office-hook-event-appointment-expected = Rendez-vous : suite notée par erreur, reprise
office-hook-event-appointment-missed = Rendez-vous : absence notée
office-hook-event-appointment-moved = Rendez-vous déplacé
office-hook-event-appointment-received = Rendez-vous : personne reçue
