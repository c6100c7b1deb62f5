# Seasons of rooms for associations, for the public.
rooms-season-own-nav = Saisons des associations
rooms-season-own-about = Pour une association : demander des créneaux de l’année, et suivre la réponse.
rooms-season-title = Saisons des associations
rooms-season-lead = Chaque saison, la commune répartit des créneaux hebdomadaires dans ses salles entre les associations qui en demandent.
rooms-season-all = Toutes les saisons
rooms-season-none = Aucune saison n’est annoncée pour le moment.
rooms-season-from-to = Du { $first } au { $last }
rooms-season-from-to-window = Du { $opens } au { $closes }
rooms-season-window = Demandes du { $opens } au { $closes }
rooms-season-state-draft = En préparation
rooms-season-state-soon = Bientôt ouverte aux demandes
rooms-season-state-open = Ouverte aux demandes
rooms-season-state-closed = Demandes à l’étude
rooms-season-state-published = Résultats publiés
rooms-season-state-ended = Saison terminée
rooms-season-season = Saison
rooms-season-wishes = Demandes
rooms-season-holidays = Vacances scolaires
rooms-season-holidays-out = Pas de créneau pendant les vacances scolaires
rooms-season-holidays-in = Créneaux aussi pendant les vacances scolaires
rooms-season-rooms = Salles proposées
rooms-season-seed = Graine du tirage au sort
rooms-season-ask = Demander des créneaux
rooms-season-ask-about = Connectez-vous pour faire la demande de votre association. Vous pourrez la modifier jusqu’à la fin de la période. Vous pouvez aussi la faire à l’accueil de la mairie, par téléphone ou par courrier.
rooms-season-mine = Vos demandes
rooms-season-results = Créneaux attribués
rooms-season-results-none = Aucun créneau n’a été attribué.
rooms-season-head-slot = Jour et heure
rooms-season-head-body = Association
rooms-season-head-activity = Activité
rooms-season-head-period = Période
rooms-season-head-wished = Demandé par semaine
rooms-season-head-given = Attribué par semaine
rooms-season-accounts = Ce que chaque association a demandé et obtenu
rooms-season-reference = Référence
rooms-season-method = Comment les créneaux sont attribués
rooms-season-method-1 = Les créneaux sont attribués par tours : à chaque tour, chaque association reçoit au plus un créneau hebdomadaire.
rooms-season-method-2 = Dans un tour, les associations passent dans l’ordre des critères de la saison, puis d’un tirage au sort entre celles que les critères ne départagent pas.
rooms-season-method-3 = Une association reçoit le premier créneau possible de son souhait le plus important, dans l’ordre des salles et des horaires qu’elle a indiqué ; si ce souhait n’a plus de créneau possible, on passe au suivant dans le même tour.
rooms-season-method-4 = Un créneau est possible si la salle est assez grande et si au moins trois quarts de ses dates sont ouvertes et libres ; les autres dates sont retirées et indiquées.
rooms-season-draw = Détails du tirage
rooms-season-method-5 = La graine du tirage au sort est tirée quand la période des demandes est finie et publiée ici : le rang d’une association est le condensat SHA-256 de la graine, de deux-points et de sa référence, du plus petit au plus grand.
rooms-season-method-people = Ce calcul fait une proposition. Les agents de la mairie peuvent la modifier avant de la publier.
rooms-season-criteria = Critères, dans l’ordre
rooms-season-criterion-fewest = Avoir le moins d’heures par semaine jusque-là
rooms-season-criterion-kept = Avoir eu un créneau la saison précédente
rooms-season-criterion-residents = Part des adhérents qui habitent la commune
rooms-season-criterion-young = Part des adhérents de moins de 18 ans
rooms-season-slot = { $day } de { $from } à { $until }

# A request of a round.
rooms-season-request-new = Demander des créneaux : { $season }
rooms-season-request-of = { $body }, demande { $reference }
rooms-season-request-about = Une demande par association, avec 10 souhaits au plus. Elle peut être modifiée jusqu’au { $closes } inclus.
rooms-season-body = L’association
rooms-season-name = Nom de l’association
rooms-season-number = Numéro RNA, SIREN ou SIRET
rooms-season-number-hint = Par exemple : W341005678. Laissez vide si l’association n’en a pas.
rooms-season-members = Adhérents
rooms-season-residents = Dont habitants de la commune
rooms-season-young = Dont moins de 18 ans
rooms-season-people = Adhérents
rooms-season-elsewhere = L’association a son siège dans une autre commune
rooms-season-elsewhere-hint = Le tarif des salles en tient compte.
rooms-season-mail-price = À payer pour la saison : { $amount } ({ $cited }).
rooms-season-mail-free = Créneaux gratuits au titre de l’année : { $n }, d’une valeur de { $value }.
rooms-season-address = Adresse postale
rooms-season-address-hint = Sans adresse électronique, les résultats y arrivent par courrier.
rooms-season-wrong-address = Écrivez l’adresse sur 5 lignes au plus.
rooms-season-letter-opening = Madame, Monsieur,
rooms-season-letter-closing = Veuillez agréer, Madame, Monsieur, nos salutations distinguées.
rooms-season-letter-contract = Convention d’occupation : { $room }, première date : { $when }
rooms-season-people-told = { $n }, dont { $residents } de la commune et { $young } de moins de 18 ans
rooms-season-contact = Personne à contacter
rooms-season-contact-hint = La mairie s’en sert pour cette demande seulement. Ces coordonnées sont effacées un an après la fin de la saison.
rooms-season-contact-name = Nom et prénom
rooms-season-email = Adresse électronique
rooms-season-phone = Téléphone
rooms-season-wishes-title = Les souhaits
rooms-season-wishes-about = Un souhait est une activité qui revient chaque semaine. Le plus important passe en premier.
rooms-season-wish = Souhait { $n }
rooms-season-activity = Activité
rooms-season-activity-hint = Par exemple : cours de yoga pour adultes. Ce texte est publié avec les résultats.
rooms-season-priority = Rang d’importance
rooms-season-people-come = Participants
rooms-season-times = Combien de fois par semaine
rooms-season-times-a-week = { $n } fois par semaine
rooms-season-length = Durée
rooms-season-room-1 = Salle, premier choix
rooms-season-room-2 = Salle, deuxième choix
rooms-season-room-3 = Salle, troisième choix
rooms-season-no-room = Aucune
rooms-season-ranges = Jours et heures possibles, du meilleur au moins bon
rooms-season-day = Jour
rooms-season-no-day = Aucun
rooms-season-from = Pas avant
rooms-season-until = Fini à
rooms-season-first = À partir du
rooms-season-last = Jusqu’au
rooms-season-send = Envoyer la demande
rooms-season-add = Ajouter un souhait
rooms-season-withdraw = Retirer cette demande
rooms-season-withdraw-about = La demande est effacée. Vous pourrez en faire une autre tant que la période des demandes n’est pas finie.
rooms-season-withdraw-button = Retirer la demande
rooms-season-done-recue = La demande est reçue. Une confirmation est envoyée par courriel.
rooms-season-done-changee = La demande est modifiée. Une confirmation est envoyée par courriel.
rooms-season-done-rendu = Le créneau est rendu.
rooms-season-done-reponse = La réponse est envoyée à la mairie.
rooms-season-done-retiree = La demande est retirée.
rooms-season-wrong-name = Indiquez le nom de l’association, 120 caractères au plus.
rooms-season-wrong-number = Ce numéro n’est pas un numéro RNA, SIREN ou SIRET. Vérifiez-le, ou laissez vide.
rooms-season-wrong-members = Indiquez le nombre d’adhérents, en chiffres.
rooms-season-wrong-residents = Habitants de la commune : indiquez un nombre de 0 au nombre d’adhérents.
rooms-season-wrong-young = Moins de 18 ans : indiquez un nombre de 0 au nombre d’adhérents.
rooms-season-wrong-contact = Indiquez le nom de la personne à contacter.
rooms-season-wrong-email = Indiquez une adresse électronique, par exemple nom@exemple.fr.
rooms-season-wrong-reach = Indiquez un numéro de téléphone ou une adresse électronique.
rooms-season-wrong-none = Indiquez au moins un souhait.
rooms-season-wrong-activity = Indiquez l’activité, 120 caractères au plus.
rooms-season-wrong-times = Choisissez combien de fois par semaine.
rooms-season-wrong-length = Choisissez une durée.
rooms-season-wrong-people = Indiquez le nombre de participants, en chiffres.
rooms-season-wrong-room = Choisissez une salle.
rooms-season-wrong-range = Indiquez au moins un jour, avec ses heures.
rooms-season-wrong-weekday = Choisissez un jour.
rooms-season-wrong-hours = Indiquez des heures qui se suivent, par exemple 18:00 et 22:00.
rooms-season-wrong-short = Ces heures sont plus courtes que la durée demandée.
rooms-season-wrong-days = Indiquez autant de jours différents que de fois par semaine.
rooms-season-wrong-date = Indiquez un jour de la saison, ou laissez vide.
rooms-season-wrong-order = Le dernier jour est avant le premier.
rooms-season-wrong-twice = Cette association a déjà une demande pour cette saison. Modifiez-la, ou appelez la mairie si vous ne l’avez pas faite.
rooms-season-wrong-full = Cette saison a déjà autant de demandes que possible. Appelez la mairie.

# What became of a request.
rooms-season-mine-open = Cette demande peut être modifiée jusqu’au { $closes } inclus.
rooms-season-change = Modifier la demande
rooms-season-mine-waits = La demande est à l’étude. Les résultats seront envoyés par courriel et publiés.
rooms-season-mine-given = Voici les créneaux attribués.
rooms-season-mine-nothing = Aucun créneau n’a pu être attribué.
rooms-season-wished = { $n ->
    [one] { $n } fois par semaine, { $length }, { $people } participants
   *[other] { $n } fois par semaine, { $length }, { $people } participants
}
rooms-season-dates = { $n ->
    [one] Une date, le { $first }
   *[other] { $n } dates, du { $first } au { $last }
}
rooms-season-left-closed = fermée
rooms-season-left-taken = déjà prise
rooms-season-given-back = Rendu le { $day }
rooms-season-not-booked = Aucune date n’a pu être réservée.
rooms-season-give-back = Rendre ce créneau
rooms-season-refused = Ce qui n’a pas pu être attribué
rooms-season-not-given = { $n ->
    [one] { $activity } : { $n } fois par semaine n’a pas pu être attribuée.
   *[other] { $activity } : { $n } fois par semaine n’ont pas pu être attribuées.
}
rooms-season-why-unknown = { $room } : la salle n’est plus proposée.
rooms-season-why-small = { $n ->
    [one] { $room } : elle accueille { $n } personne au plus.
   *[other] { $room } : elle accueille { $n } personnes au plus.
}
rooms-season-why-length = { $room } : elle se réserve pour { $shortest } au moins et { $longest } au plus.
rooms-season-why-no-start = { $room } : aucun créneau de cette durée ne commence et ne finit dans ces heures.
rooms-season-why-closed = { $room } : elle est fermée à ces heures.
rooms-season-why-taken = { $room } : elle est prise à ces heures par { $by }.
rooms-season-why-taken-booked = { $room } : elle est prise à ces heures par { $by }, et par d’autres réservations.
rooms-season-why-booked = { $room } : elle est déjà réservée à ces heures.
rooms-season-why-same-day = { $room } : les autres jours sont complets, et ce souhait a déjà un créneau ce jour-là.
rooms-season-deposits = Cautions
rooms-season-deposit-promised = { $room } : une caution de { $amount } est demandée avant la remise des clés, une seule pour toute la saison. Elle n’est pas encaissée.
rooms-season-deposit-held = { $room } : la mairie garde la caution de { $amount }. Elle est rendue à la fin de la saison, après le dernier état des lieux de sortie.
rooms-season-deposit-withheld = { $room } : la mairie envisage de garder { $kept } sur la caution de { $amount }.
rooms-season-deposit-released = { $room } : la caution de { $amount } est rendue en entier, le { $day }.
rooms-season-deposit-settled = { $room } : sur la caution de { $amount }, la mairie garde { $kept } et rend { $rest }, le { $day }.
rooms-season-deposit-reason = Motif : { $reason }
rooms-season-deposit-answer = Réponse : { $answer }
rooms-season-deposit-until = Réponse possible jusqu’au { $until }, par écrit, au guichet ou sur la page de la demande. Rien n’est gardé avant cette date, ou avant la réponse si elle arrive plus tôt.
rooms-season-deposit-answer-label = Votre réponse sur la caution : { $room }
rooms-season-deposit-answer-send = Envoyer la réponse
rooms-season-deposit-answer-wrong = Écrivez votre réponse, 2 000 caractères au plus.
rooms-season-deposit-state-promised = à remettre
rooms-season-deposit-state-held = remise
rooms-season-deposit-state-withheld = retenue envisagée
rooms-season-deposit-state-released = rendue
rooms-season-deposit-state-settled = soldée
rooms-season-papers = Documents
rooms-season-papers-sign = Signez la convention d’occupation de chaque créneau, et renvoyez-la à la mairie ou apportez-la quand vous prenez les clés.
rooms-season-paper-contract = Convention d’occupation : { $slot }, { $room }
rooms-season-paper-inspection-in = État des lieux d’entrée, { $day }
rooms-season-paper-inspection-out = État des lieux de sortie, { $day }
rooms-season-paper-quote = Devis de réparation, { $day }
rooms-season-personal = Demande de créneaux : { $body }, { $season }

# What associations are told by mail.
rooms-season-mail-received-subject = Nous avons bien reçu la demande de créneaux : { $body }
rooms-season-mail-received = { $n ->
    [one] La demande de créneaux pour « { $season } », au nom de l’association « { $body } », nous est parvenue. Elle porte la référence { $reference } et contient un souhait :
   *[other] La demande de créneaux pour « { $season } », au nom de l’association « { $body } », nous est parvenue. Elle porte la référence { $reference } et contient { $n } souhaits :
}
rooms-season-mail-received-change = Vous pouvez la modifier jusqu’au { $closes } inclus.
rooms-season-mail-result-subject = { $season }, créneaux : { $body }
rooms-season-mail-result = { $n ->
    [0] Aucun créneau n’a pu être attribué à { $body } pour « { $season } » (demande { $reference }).
    [one] Un créneau hebdomadaire est attribué à { $body } pour « { $season } » (demande { $reference }).
   *[other] { $n } créneaux hebdomadaires sont attribués à { $body } pour « { $season } » (demande { $reference }).
}
rooms-season-mail-given = { $activity } : { $slot }, { $room }, du { $first } au { $last } ({ $n } dates).
rooms-season-mail-left-out = Dates retirées :
rooms-season-mail-contracts-enclosed = { $n ->
    [one] La convention d’occupation est jointe. Signez-la et renvoyez-la à la mairie, ou apportez-la quand vous prenez les clés.
   *[other] Les conventions d’occupation sont jointes, une pour chaque créneau. Signez-les et renvoyez-les à la mairie, ou apportez-les quand vous prenez les clés.
}
rooms-season-mail-contracts-counter = { $n ->
    [one] La convention d’occupation vous attend à la mairie. Signez-la quand vous prenez les clés.
   *[other] Les conventions d’occupation vous attendent à la mairie, une pour chaque créneau. Signez-les quand vous prenez les clés.
}
rooms-season-mail-contracts-page = { $n ->
    [one] La convention d’occupation est sur la page de votre demande. Signez-la et renvoyez-la à la mairie, ou apportez-la quand vous prenez les clés :
   *[other] Les conventions d’occupation sont sur la page de votre demande, une pour chaque créneau. Signez-les et renvoyez-les à la mairie, ou apportez-les quand vous prenez les clés :
}
rooms-season-mail-result-page = Tous les résultats, la méthode et la graine du tirage au sort sont publiés ici :
rooms-season-mail-deposit = Caution : { $amount } pour { $room }, à remettre avant les clés, une seule fois pour toute la saison : par chèque à l’ordre du Trésor public, par empreinte de carte bancaire au guichet ou en espèces. Elle n’est pas encaissée, et est rendue à la fin de la saison, après l’état des lieux de sortie.
rooms-season-mail-back-deposit = Vous n’avez plus de créneau dans cette salle : la caution remise vous est rendue. Reprenez-la au guichet de la mairie.
rooms-season-mail-back-subject = { $season } : un créneau est rendu
rooms-season-mail-back = Le créneau du { $slot }, { $room }, est rendu. La salle est libre pour les dates à venir.
