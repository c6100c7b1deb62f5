# Rooms, for the public.
rooms-nav = Salles
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
rooms-state-late = Trop tard pour réserver
rooms-state-past = Passé
rooms-state-beyond = Pas encore ouvert à la réservation
rooms-free = Libre
rooms-taken = Occupée
rooms-good-to-know = Bon à savoir
rooms-address = Adresse
rooms-layout = { $name } : { $people }
rooms-capacity = Capacité
rooms-lengths = Durée d’une réservation
rooms-from-to = { $from } au moins, { $until } au plus
rooms-equipment = Équipement
rooms-access = Accessibilité
rooms-access-step-free = Entrée de plain-pied
rooms-access-lift = Ascenseur
rooms-access-toilets = Toilettes accessibles
rooms-access-hearing-loop = Boucle magnétique
rooms-access-parking = Place de stationnement réservée à proximité

# Picking a time.
rooms-book = Réserver cette salle
rooms-book-day = Réserver ce jour
rooms-not-booked-here = Cette salle ne se réserve pas en ligne. Adressez-vous à la mairie.
rooms-pick-title = Réserver : { $name }
rooms-pick-free = Libre le { $day }
rooms-pick-none = Rien n’est libre le { $day }.
rooms-pick-times-hint = Choisissez un de ces créneaux, puis ajustez l’heure de début et l’heure de fin.
rooms-pick-nearest = Les créneaux libres les plus proches
rooms-pick-day = Jour
rooms-pick-from = De
rooms-pick-until = À
rooms-pick-last-day = Jour de fin
rooms-pick-last-day-hint = À remplir seulement si la réservation se termine un autre jour.
rooms-pick-lengths = Une réservation dure au moins { $from } et au plus { $until }.
rooms-pick-held = Vous gardez déjà un créneau : { $when }. Si vous en choisissez un autre, celui-ci sera libéré.
rooms-pick-at-most = { $n ->
    [one] { $n } personne au plus
   *[other] { $n } personnes au plus
}
rooms-pick-layout = Disposition de la salle
rooms-pick-extras = Équipement à réserver avec la salle
rooms-pick-extra = { $name } ({ $n } au plus)
rooms-pick-prices = Combien coûte cette salle ?
rooms-pick-next = Ce créneau vous sera gardé quinze minutes, le temps de remplir la demande. Vous pourrez demander plus de temps.
rooms-pick-hold = Garder ce créneau et continuer
rooms-refused-taken-title = Déjà réservé
rooms-refused-series = Des dates de cette série ne peuvent pas être réservées : rien n’est gardé.
rooms-refused-taken = La salle est déjà réservée à ce moment-là.
rooms-refused-held = Vous gardez déjà { $n } créneaux sans avoir envoyé de demande. Envoyez une demande, ou attendez un quart d’heure.
rooms-refused-extra-taken = Il ne reste pas assez de « { $name } » à ce moment-là.
rooms-refused-day = Indiquez un jour qui existe, par exemple 12/12/2026.
rooms-refused-from = Indiquez l’heure de début, par exemple 9:00.
rooms-refused-until = Indiquez l’heure de fin, par exemple 12:00.
rooms-refused-last-day = Indiquez un jour de fin qui existe, ou laissez vide.
rooms-refused-left-out = Cette nuit-là on passe à l’heure d’été : cette heure n’existe pas. Choisissez une autre heure.
rooms-refused-twice = Cette nuit-là on passe à l’heure d’hiver : cette heure existe deux fois. Choisissez une autre heure.
rooms-refused-order = La fin est avant le début. Indiquez une heure de fin plus tardive.
rooms-refused-past = Ce moment est passé. Choisissez un moment à venir.
rooms-refused-short = C’est trop court : une réservation dure au moins { $length }.
rooms-refused-long = C’est trop long : une réservation dure au plus { $length }.
rooms-refused-start = Une réservation ne commence pas à cette heure-là. Choisissez une des heures proposées.
rooms-refused-closed = La salle est fermée pendant tout ou partie de ce temps.
rooms-refused-closed-why = La salle est fermée à ce moment-là : { $why }.
rooms-refused-soon = Il est trop tard : la salle se réserve au moins { $length } avant.
rooms-refused-soon-days = { $n ->
    [one] Il est trop tard : la salle se réserve au moins un jour avant. Appelez la mairie.
   *[other] Il est trop tard : la salle se réserve au moins { $n } jours avant. Appelez la mairie.
}
rooms-refused-far = C’est trop loin : la salle se réserve au plus { $n } jours à l’avance.
rooms-refused-people-missing = Indiquez le nombre de personnes, en chiffres.
rooms-refused-people = { $n ->
    [one] La salle accueille { $n } personne au plus dans cette disposition.
   *[other] La salle accueille { $n } personnes au plus dans cette disposition.
}
rooms-refused-people-in-all = { $n ->
    [one] La salle accueille { $n } personne au plus.
   *[other] La salle accueille { $n } personnes au plus.
}
rooms-refused-layout = Choisissez une des dispositions proposées.
rooms-refused-stock = « { $name } » : indiquez un nombre de 0 à { $n }.

# The menus and rights of agents.
permission-room-manage = Gérer les salles
permission-planning-read = Voir le planning des salles
permission-room-block = Bloquer une salle
permission-season-manage = Gérer les saisons des associations
permission-equipment-lend = Prêter du matériel

# What is borrowed of the town's store.
rooms-lending = Matériel
rooms-lending-asked = Ce matériel est retenu pour vous jusqu’à la réponse.
rooms-lending-firm = Ce matériel vous est prêté à ces dates.

# Prices.
rooms-tariff-prices = Tarifs
rooms-tariff-by = Tarifs fixés par la
rooms-tariff-deposit = Caution : { $amount }
rooms-tariff-free = { $n ->
    [one] Une association de la commune en dispose gratuitement { $n } fois par an.
   *[other] Une association de la commune en dispose gratuitement { $n } fois par an.
}
rooms-tariff-retained-title = Si vous annulez une réservation accordée :
rooms-tariff-retained = moins de { $n } jours avant : { $percent } % du prix restent dus
rooms-tariff-nothing = gratuit
rooms-tariff-per-day = { $amount } par jour
rooms-tariff-per-hour = { $amount } par heure
rooms-tariff-up-to = { $n } heures au plus
rooms-tariff-who-all = Toute personne
rooms-tariff-who-all-here = Toute personne de la commune
rooms-tariff-who-all-elsewhere = Toute personne d’une autre commune
rooms-tariff-who-person = Particulier
rooms-tariff-who-person-here = Particulier de la commune
rooms-tariff-who-person-elsewhere = Particulier d’une autre commune
rooms-tariff-who-association = Association
rooms-tariff-who-association-here = Association de la commune
rooms-tariff-who-association-elsewhere = Association d’une autre commune
rooms-tariff-who-company = Entreprise
rooms-tariff-who-company-here = Entreprise de la commune
rooms-tariff-who-company-elsewhere = Entreprise d’une autre commune
rooms-tariff-who-department = Service de la commune
rooms-tariff-who-official = Élu de la commune
rooms-tariff-when-always = Tous les jours
rooms-tariff-when-week = du lundi au vendredi, sauf jours fériés
rooms-tariff-when-weekend = samedi, dimanche et jours fériés

# What comes again.
rooms-repeats = La réservation se répète
rooms-repeats-once = Non, une seule fois
rooms-repeats-semaine = Chaque semaine
rooms-repeats-quinzaine = Toutes les deux semaines
rooms-repeats-mois = Chaque mois, le même jour de la semaine
rooms-repeats-until = Jusqu’au
rooms-repeats-until-hint = À remplir seulement si la réservation se répète.
rooms-repeats-lost = Ces dates ne peuvent pas être réservées
rooms-repeats-free = Celles-ci sont libres
rooms-repeats-nothing = Aucune autre date n’est libre. Choisissez un autre jour ou une autre heure.
rooms-repeats-agree = Garder seulement les dates libres
rooms-repeats-agree-hint = La mairie pourra ajouter les autres plus tard, si elles se libèrent.
rooms-repeats-agree-about = Cochez « Garder seulement les dates libres » pour continuer sans les autres, ou changez le jour ou l’heure.
rooms-refused-repeats-until = Indiquez jusqu’à quel jour la réservation se répète : après le premier, et 400 jours plus tard au plus.
rooms-refused-repeats-often = C’est trop : une réservation se répète { $n } fois au plus, et une date se termine avant la suivante.

# Photographs and the plan.
rooms-photos = Photos
rooms-plan = Plan de la salle

# What whoever has a room reads on the page of their request.
rooms-panel = Votre réservation en pratique
rooms-panel-deposit-promised = Une caution de { $amount } est à remettre avant la remise des clés. Elle n’est pas encaissée.
rooms-panel-deposit-held-cancelled = La réservation est annulée : la mairie vous rend votre caution de { $amount }. Reprenez-la au guichet.
rooms-panel-deposit-held = La mairie garde votre caution de { $amount }. Elle vous est rendue après l’état des lieux de sortie.
rooms-panel-deposit-withheld = La mairie envisage de garder { $kept } sur votre caution de { $amount }. Vous pouvez répondre jusqu’au { $until }, par un message sur cette page, par courrier ou au guichet.
rooms-panel-deposit-released = Votre caution de { $amount } vous est rendue en entier.
rooms-panel-deposit-settled = Sur votre caution de { $amount }, la mairie a gardé { $kept } et vous rend { $rest }.
rooms-panel-key = Clé remise : { $key }. À rendre au plus tard le { $day }.
rooms-panel-code = Le code de la porte est affiché ici jusqu’à la fin de votre réservation. Ne le communiquez à personne d’autre.

# What is written to whoever has a room.
rooms-told-contract =
    Votre réservation est accordée : { $name }, { $when }.

    La convention d’occupation est jointe. Signez-la et renvoyez-la à la mairie, ou apportez-la le jour de la remise des clés.
rooms-told-contract-deposit =
    Votre réservation est accordée : { $name }, { $when }.

    La convention d’occupation est jointe. Signez-la et renvoyez-la à la mairie, ou apportez-la le jour de la remise des clés.

    Une caution de { $deposit } vous est demandée avant la remise des clés : par chèque à l’ordre du Trésor public, par empreinte de carte bancaire au guichet ou en espèces. Elle n’est pas encaissée, et vous est rendue après l’état des lieux de sortie.
rooms-told-pay = { $amount } sont à payer avant le { $day } : la page de votre demande dit comment.
rooms-told-cancelled = Votre réservation est annulée : { $name }, { $when }.
rooms-told-cancelled-by-town = La mairie a annulé votre réservation : { $name }, { $when }.
rooms-told-returned = Des dates de votre réservation sont rendues : { $name }. La page de votre demande dit lesquelles, et celles qui vous restent.
rooms-told-rest = Pour toute la réservation, { $amount } restent à payer. Vous pouvez le faire depuis la page de votre demande, ou au guichet.
rooms-told-kept = La mairie garde { $amount } de ce que vous avez payé, comme le prévoit le tarif.
rooms-told-back = { $amount } vous seront remboursés. Vous recevrez un message quand ce sera fait.
rooms-told-deposit-back = La caution que vous avez remise vous est rendue : reprenez-la au guichet de la mairie.
rooms-told-refunded-transfer = { $amount } vous sont remboursés par virement : { $name }, { $when }.
rooms-told-refunded-cheque = { $amount } vous sont remboursés par chèque du Trésor public : { $name }, { $when }.
rooms-told-refunded-cash = { $amount } vous ont été remboursés en espèces : { $name }, { $when }.
rooms-told-refunded-card = { $amount } vous sont remboursés sur votre carte bancaire : { $name }, { $when }.
rooms-told-inspection-in =
    L’état des lieux d’entrée est fait : { $name }, { $when }.

    Le rapport signé est joint. Gardez-le : l’état des lieux de sortie y sera comparé.
rooms-told-inspection-out =
    L’état des lieux de sortie est fait : { $name }, { $when }.

    Le rapport signé est joint. Si une caution a été remise, la mairie vous dit ce qu’elle devient par un autre message.
rooms-told-deposit-released =
    Votre caution de { $amount } pour { $name } vous est rendue en entier.

    Un chèque ou des espèces se retirent au guichet de la mairie ; l’empreinte d’une carte est annulée.
rooms-told-deposit-withheld =
    À la suite de l’état des lieux de sortie de { $name }, la mairie envisage de garder { $kept } sur votre caution de { $amount }.

    Motif : { $reason }

    Le devis est joint. Vous pouvez faire connaître vos observations jusqu’au { $until } : par un message sur la page de suivi de votre demande, par courrier ou au guichet. Vous pouvez demander à être reçu et vous faire assister. Rien n’est gardé avant cette date, ou avant votre réponse si elle arrive plus tôt.
rooms-told-deposit-settled =
    La mairie garde { $kept } sur votre caution de { $amount } pour { $name }. Le reste, { $rest }, vous est rendu.

    Motif : { $reason }
rooms-told-season-subject = { $season } : { $name }
rooms-told-season-inspection-in =
    L’état des lieux d’entrée est fait : { $name }, { $when }.

    Le rapport signé se lit sur la page de votre demande et au guichet de la mairie : l’état des lieux de sortie y sera comparé.
rooms-told-season-inspection-out =
    L’état des lieux de sortie est fait : { $name }, { $when }.

    Le rapport signé se lit sur la page de votre demande et au guichet de la mairie. S’il y a lieu de retenir une partie de la caution, la mairie vous le dit par un autre message.
rooms-told-season-deposit-released =
    La caution de { $amount } pour { $name }, « { $season } », vous est rendue en entier.

    Un chèque ou des espèces se retirent au guichet de la mairie ; l’empreinte d’une carte est annulée.
rooms-told-season-deposit-withheld =
    À la suite d’un état des lieux de sortie de { $name }, « { $season } », la mairie envisage de garder { $kept } sur la caution de { $amount }.

    Motif : { $reason }

    Le devis se lit sur la page de votre demande et au guichet de la mairie. Vous pouvez faire connaître vos observations jusqu’au { $until } : sur la page de votre demande, par courrier ou au guichet. Vous pouvez demander à être reçu et vous faire assister. Rien n’est gardé avant cette date, ou avant votre réponse si elle arrive plus tôt.
rooms-told-deposit-seen = État des lieux en cause : { $when }.
rooms-told-season-deposit-settled =
    La mairie garde { $kept } sur la caution de { $amount } pour { $name }, « { $season } ». Le reste, { $rest }, vous est rendu.

    Motif : { $reason }
rooms-told-appeal = Si vous contestez cette décision, vous pouvez, dans les deux mois qui suivent sa notification, écrire à la mairie pour lui demander de la revoir, ou saisir le tribunal administratif ({ $court }), par courrier ou sur www.telerecours.fr.
rooms-told-appeal-plain = Si vous contestez cette décision, vous pouvez, dans les deux mois qui suivent sa notification, écrire à la mairie pour lui demander de la revoir, ou saisir le tribunal administratif, par courrier ou sur www.telerecours.fr.
permission-inspection-write = Faire les états des lieux
permission-deposit-manage = Gérer les cautions
permission-key-manage = Remettre les clés

rooms-bill = Paiement
rooms-bill-due = { $rest } à payer avant le { $day }.
rooms-bill-paid = { $amount } : c’est payé.
rooms-bill-was-paid = { $amount } payés.
rooms-bill-back = { $back } vous seront remboursés.
rooms-bill-partly-refunded = { $amount } payés, dont { $refunded } remboursés.
rooms-bill-refunded = { $amount } payés et remboursés.
rooms-bill-pay = Voir la commande et payer
rooms-bill-see = Voir la commande et le justificatif
rooms-bill-kept = Part conservée après annulation
rooms-bill-returned = Dates rendues
rooms-bill-season = { $room } : { $n } dates du { $first } au { $last }
rooms-bill-cancelled = Réservation annulée
