# Seasons of rooms for associations, for agents.
planning-season-prepare = Préparer une saison
planning-season-settings = Réglages de la saison
planning-season-requests-count = { $n ->
    [0] Aucune demande
    [one] { $n } demande
   *[other] { $n } demandes
}
planning-season-fixed = Les demandes sont commencées ou finies : la saison, les salles et les critères ne changent plus.
planning-season-name = Nom
planning-season-name-hint = Par exemple : Saison 2027-2028.
planning-season-name-en = Nom en anglais
planning-season-text = Ce que les associations doivent savoir
planning-season-text-hint = Publié avec la saison. Une ligne vide sépare deux paragraphes.
planning-season-text-en = La même chose en anglais
planning-season-first = Premier jour
planning-season-last = Dernier jour
planning-season-holidays = Pas de créneau pendant les vacances scolaires
planning-season-holidays-hint = Celles de la zone de la commune.
planning-season-rooms = Salles proposées
planning-season-room = Salle
planning-season-opens = Demandes à partir du
planning-season-closes = Demandes jusqu’au
planning-season-closes-hint = Ce jour compris. La saison commence après.
planning-season-criteria-hint = Ils sont publiés. Entre deux associations qu’ils ne départagent pas, le sort décide.
planning-season-criterion = Critère { $n }
planning-season-criterion-none = Aucun
planning-season-keep = Enregistrer
planning-season-wrong-name = Donnez un nom de 120 caractères au plus.
planning-season-wrong-long = C’est trop long : 5 000 caractères au plus.
planning-season-wrong-of = { $label } : { $message }
planning-season-wrong-day = Indiquez un jour qui existe, par exemple 07/09/2027.
planning-season-wrong-rooms = Choisissez au moins une salle.
planning-season-wrong-season = La saison dure de 1 à 400 jours. Vérifiez le premier et le dernier jour.
planning-season-wrong-window = Les demandes commencent avant de finir, et finissent avant le premier jour de la saison.
planning-season-wrong-late = La période des demandes est déjà finie. Changez-la dans les réglages.
planning-season-wrong-consent = Cochez la case pour publier.
planning-season-department = Service qui poste les résultats
planning-season-department-hint = Aux associations qui ont donné une adresse postale et pas d’adresse électronique.
planning-season-department-none = Aucun
planning-season-wrong-overtaken = Une demande, une salle ou le planning a changé pendant le calcul : rien n’est gardé. Recommencez.
planning-season-wrong-taken = Une des dates vient d’être prise. Ouvrez la page de nouveau, puis publiez.
planning-season-wrong-way = Ce créneau n’est pas possible : moins de trois quarts de ses dates sont libres.
planning-season-done-enregistree = La saison est enregistrée.
planning-season-done-ouverte = La saison est ouverte et visible du public.
planning-season-done-proposee = La proposition est faite.
planning-season-done-publiee = Les créneaux sont réservés, les résultats publiés et les associations prévenues.
planning-season-done-donne = Le créneau est donné.
planning-season-done-deplace = Le créneau est déplacé.
planning-season-done-retire = Le créneau est retiré de la proposition.
planning-season-done-retiree = La demande est retirée.
planning-season-about-draft = Le public ne la voit pas encore.
planning-season-about-open = Les associations font leurs demandes. La proposition se fait quand la période est finie.
planning-season-about-closed = Les demandes sont finies et la graine du tirage au sort est tirée.
planning-season-about-proposed = Déplacez, retirez ou donnez des créneaux, puis publiez. Les associations ne voient encore rien.
planning-season-about-published = Les créneaux sont réservés et les résultats sont publics.
planning-season-about-ended = La saison est terminée.
planning-season-step-ouvrir = Ouvrir aux demandes
planning-season-step-proposer = Faire la proposition
planning-season-step-again = Refaire la proposition
planning-season-step-publier = Publier
planning-season-again-hint = Ce qui a été changé à la main sera perdu.
planning-season-consent = Je publie ces créneaux
planning-season-consent-hint = Ils seront réservés, et chaque association recevra un courriel. On ne revient pas en arrière ; un créneau peut ensuite être rendu.
planning-season-take = Prendre la demande d’une association
planning-season-public = Voir la page publique
planning-season-requests = Demandes et équité
planning-season-requests-none = Aucune demande pour le moment.
planning-season-fairness = Ce que chaque association demande et obtient par semaine
planning-season-head-association = Association
planning-season-head-contact = Contact
planning-season-head-wished = Demandé
planning-season-head-given = Attribué
planning-season-head-share = Part
planning-season-open = Souhaits sans créneau
planning-season-give = Donner un créneau
planning-season-week = La semaine, salle par salle
planning-season-free = Rien ce jour-là
planning-season-hours = de { $from } à { $until }
planning-season-dates = { $n ->
    [0] aucune date
    [one] { $n } date
   *[other] { $n } dates
}
planning-season-turn = tour { $n }
planning-season-by-hand = à la main
planning-season-move = Déplacer
planning-season-remove = Retirer
planning-season-slot-title = { $body } : { $activity }
planning-season-wish = Le souhait
planning-season-way = Ce qui empêche ce créneau
planning-season-way-given = { $n ->
    [one] { $body } a { $n } de ces dates.
   *[other] { $body } a { $n } de ces dates.
}
planning-season-way-booked = { $n ->
    [one] { $n } date est déjà réservée.
   *[other] { $n } dates sont déjà réservées.
}
planning-season-way-closed = { $n ->
    [one] La salle est fermée pour { $n } date.
   *[other] La salle est fermée pour { $n } dates.
}
planning-season-way-free = { $n ->
    [one] { $n } date est libre.
   *[other] { $n } dates sont libres.
}
planning-season-way-none = Ce jour de la semaine n’a aucune date dans cette période.
planning-season-place = Enregistrer ce créneau
planning-season-why = Pourquoi, pour l’association
planning-season-door = Comment la demande est arrivée
planning-season-door-counter = À l’accueil
planning-season-door-phone = Par téléphone
planning-season-door-paper = Par courrier
planning-season-door-email = Par courriel
