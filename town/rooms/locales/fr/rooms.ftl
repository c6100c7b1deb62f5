# Rooms, for the public.
rooms-title = Salles municipales
rooms-about = Pour une réunion, une fête ou une activité : voyez quelles salles sont libres, et quand.
rooms-list = Les salles
rooms-all = Voir toutes les salles
rooms-filter = Chercher
rooms-filter-date = Le jour
rooms-filter-length = Combien de temps
rooms-any-length = Peu importe
rooms-filter-people = Nombre de personnes
rooms-count = { $n ->
    [0] Aucune salle ne convient.
    [one] Une salle
   *[other] { $n } salles
}
rooms-people = { $n ->
    [one] { $n } personne
   *[other] { $n } personnes
}
rooms-first-free = Premier créneau libre : { $day }, { $time }
rooms-none-free = Aucun créneau libre pour le moment.
rooms-availability = Disponibilités
rooms-views = Façons de voir
rooms-view-mois = Mois
rooms-view-semaine = Semaine
rooms-view-liste = Liste
rooms-length = Pour combien de temps
rooms-show = Afficher
rooms-week = Du { $from } au { $until }
rooms-month-before = Mois précédent
rooms-month-after = Mois suivant
rooms-week-before = Semaine précédente
rooms-week-after = Semaine suivante
rooms-next-times = Les prochains jours libres
rooms-state-free = Libre
rooms-state-partly = Libre en partie
rooms-state-taken = Occupée
rooms-state-short = Pas ouverte assez longtemps
rooms-state-closed = Fermée
rooms-state-past = Passé
rooms-state-beyond = Pas encore ouvert à la réservation
rooms-free = Libre
rooms-taken = Occupée
rooms-good-to-know = Bon à savoir
rooms-address = Adresse
rooms-layout = { $name } : { $people }
rooms-capacity = Capacité
rooms-lengths = Durée d’une réservation
rooms-from-to = de { $from } à { $until }
rooms-equipment = Équipement
rooms-access = Accessibilité
rooms-access-step-free = Entrée de plain-pied
rooms-access-lift = Ascenseur
rooms-access-toilets = Toilettes accessibles
rooms-access-hearing-loop = Boucle magnétique
rooms-access-parking = Place de stationnement réservée à proximité

# The menus and rights of agents.
permission-room-manage = Gérer les salles
