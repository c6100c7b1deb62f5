# Premises that are handed over: photographs, inventories, their state in and out, deposits, keys. For agents.
premises-nav = Remises
premises-planning-link = Clés, état des lieux, caution
premises-unchecked = fichier en cours de vérification
premises-infected = refusé, un virus y a été trouvé
premises-requester = Occupant
premises-booking = Réservation
premises-keep = Enregistrer
premises-late = en retard

# The day.
premises-day-title = Remises de salles
premises-day-none = Aucune salle à remettre ce jour-là.
premises-day-next = Prochaine remise : { $room }, { $when }
premises-day-in-to-do = Entrée à faire
premises-day-in-draft = Entrée en cours
premises-day-in-done = Entrée faite
premises-day-out-to-do = Sortie à faire
premises-day-out-draft = Sortie en cours
premises-day-out-done = Sortie faite
premises-day-keys = { $n ->
    [one] { $n } clé remise, pas encore rendue
   *[other] { $n } clés remises, pas encore rendues
}
premises-day-deposit = Caution : { $state }

# One booking.
premises-panel = Remise des locaux
premises-panel-deposit = Caution de { $amount } : { $state }
premises-panel-link = Clés, assurance, états des lieux
premises-case = Voir la demande
premises-cancelled = Cette réservation a été annulée. Rendez la caution et reprenez les clés s’il y en a.
premises-done-remise = La clé est remise.
premises-done-rendue = La clé est rendue.
premises-done-assurance = La date de fin de l’assurance est enregistrée.
premises-inspections = États des lieux
premises-inspection-in = État des lieux d’entrée
premises-inspection-out = État des lieux de sortie
premises-begin-in = Commencer l’état des lieux d’entrée
premises-begin-out = Commencer l’état des lieux de sortie
premises-not-begun = pas commencé
premises-opens-in = L’état des lieux d’entrée s’ouvre la veille : { $when }.
premises-opens-out = L’état des lieux de sortie s’ouvre quand la réservation a commencé : { $when }.
premises-early = Commencer plus tôt
premises-early-why = Pourquoi plus tôt
premises-early-why-hint = Par exemple : les clés sont rendues avant la fin. Le motif est noté dans l’état des lieux.
premises-early-wrong = Indiquez pourquoi l’état des lieux commence plus tôt.
premises-early-noted = Commencé avant l’heure prévue : { $why }
premises-holder-represented = Représenté par
premises-holder-phone = Téléphone
premises-holder-purpose = Objet
premises-draft = en cours
premises-closed = signé
premises-insurance = Assurance
premises-insurance-until = L’attestation est valable jusqu’au
premises-insurance-hint = La date de fin lue sur l’attestation jointe à la demande.
premises-insured-until = Attestation valable jusqu’au
premises-insurance-change = Changer cette date
premises-insurance-unseen = Personne n’a encore noté jusqu’à quand l’attestation d’assurance est valable.
premises-insurance-short = L’attestation d’assurance se termine avant la fin de la réservation. Demandez-en une autre avant de remettre les clés.

# Keys.
premises-keys = Clés
premises-keys-title = Clés remises
premises-keys-none = Aucune clé remise.
premises-keys-none-out = Toutes les clés sont rendues.
premises-key = Clé
premises-key-choose = Choisissez une clé
premises-key-on = Remise le
premises-key-due = À rendre avant le
premises-key-back = Retour
premises-key-hand-over = Remettre la clé
premises-key-take-back = Clé rendue
premises-key-out = Remise le { $day }, à rendre au plus tard le { $due }
premises-key-returned = Rendue le { $day }
premises-key-wrong = Choisissez une clé de cette salle que personne n’a.
premises-code-told = La porte s’ouvre par un code : l’occupant le lit sur la page de sa demande, de la veille jusqu’à la fin.

# Noting the state of a room.
premises-form-about = Regardez chaque chose, prenez des photos si besoin. Tout bouton enregistre toute la page : vous pouvez vous arrêter et reprendre.
premises-no-inventory = Cette salle n’a pas encore d’inventaire. Notez l’état de l’ensemble, et demandez qu’on écrive l’inventaire.
premises-kept = L’état des lieux est enregistré.
premises-autosaved = Enregistré
premises-autosave-failed = Pas enregistré : vérifiez la connexion, puis appuyez sur Enregistrer.
premises-expected = { $n ->
    [one] { $n } attendu
   *[other] { $n } attendus
}
premises-expected-head = Attendu
premises-before = À l’entrée : { $n }, { $state }
premises-state = État
premises-condition-good = Bon
premises-condition-worn = Usé
premises-condition-damaged = Abîmé
premises-condition-missing = Manquant
premises-found = Trouvé
premises-thing = Objet
premises-remark = Remarque
premises-photos = Photos
premises-photo-alt = Photo { $n }, { $name }
premises-photo-remove = Retirer la photo
premises-meters = Compteurs
premises-meter-water = Eau
premises-meter-electricity = Électricité
premises-meter-gas = Gaz
premises-no-place = Dans la salle
premises-whole = Ensemble
premises-remarks = Remarques sur l’ensemble
premises-left = { $n ->
    [0] Tout est regardé.
    [one] Il reste une chose à regarder : { $things }.
   *[other] Il reste { $n } choses à regarder : { $things }.
}
premises-left-both = { $name } (état et nombre)
premises-left-state = { $name } (état)
premises-left-number = { $name } (nombre)
premises-left-more = { $things } et d’autres
premises-sign = Enregistrer et signer
premises-wrong-number = Indiquez un nombre en chiffres, par exemple 12. Le reste est enregistré.
premises-wrong-long = C’est trop long. Le début est enregistré : raccourcissez.

# Signing.
premises-sign-title = Signer l’état des lieux
premises-sign-about = Relisez ensemble, puis signez chacun. Une fois clos, l’état des lieux ne change plus : le rapport est envoyé à l’occupant.
premises-go-on = Continuer l’état des lieux
premises-sign-town = Pour la ville
premises-sign-holder = L’occupant
premises-sign-name = Prénom et nom
premises-draw = Signez ici avec le doigt
premises-draw-clear = Effacer la signature
premises-drawn = Signature,
premises-approved = Lu et approuvé
premises-approved-hint = À cocher si vous ne signez pas avec le doigt.
premises-approved-by = Lu et approuvé, { $name }
premises-present = L’occupant est là
premises-present-oui = Oui, il signe
premises-present-non = Non, ou il ne signe pas
premises-absent-why = Pourquoi il ne signe pas
premises-absent-why-hint = Par exemple : déjà parti, n’est pas venu au rendez-vous.
premises-absent = Absent ou sans signature : { $why }
premises-close-about = Après la clôture, rien ne peut plus être changé.
premises-close = Clore et envoyer le rapport
premises-wrong-name = Indiquez un prénom et un nom.
premises-wrong-signature = Signez avec le doigt, ou cochez « Lu et approuvé ».
premises-wrong-signature-holder = Faites signer l’occupant avec le doigt, ou cochez « Lu et approuvé ».
premises-wrong-absent = Indiquez pourquoi l’occupant ne signe pas.
premises-wrong-unseen = Il reste des choses à regarder avant de signer.
premises-done-closed = L’état des lieux est clos. Le rapport est envoyé à l’occupant.
premises-closed-on = Clos le { $when }
premises-report = Rapport
premises-report-soon = Le rapport est en préparation.
premises-report-look = Actualiser
premises-differences = Différences avec l’entrée
premises-no-difference = Aucune différence avec l’entrée.
premises-difference-fewer = { $now } au lieu de { $before }
premises-difference-worse = { $now }, « { $before } » à l’entrée
premises-signatures = Signatures
premises-hash = Empreinte du contenu :
premises-to-deposit = Voir la caution

# Deposits.
premises-deposits-title = Cautions
premises-deposits-none = Aucune caution à suivre.
premises-deposits-to-give-back = À rendre
premises-deposits-contested = L’occupant peut répondre
premises-deposits-to-ask = À recevoir
premises-deposits-held = Gardées jusqu’à la fin de la réservation ou de la saison
premises-deposits-withheld = retenue envisagée : { $amount }
premises-deposits-answered = L’occupant a répondu
premises-deposit-others = Autres états des lieux de sortie
premises-deposit-other = État des lieux de sortie : { $when }
premises-deposit-title = Caution
premises-deposit-state-promised = à recevoir
premises-deposit-state-held = reçue
premises-deposit-state-withheld = retenue envisagée
premises-deposit-state-released = rendue
premises-deposit-state-settled = soldée
premises-deposit-amount = Montant
premises-deposit-how = Comment
premises-deposit-given = { $means }, { $reference }, reçu le { $day }
premises-deposit-answer-by = Réponse possible jusqu’au { $day }
premises-deposit-take = Recevoir la caution
premises-deposit-reference = Référence
premises-deposit-reference-hint = Le numéro du chèque, du ticket du terminal ou du reçu. Jamais le numéro d’une carte.
premises-deposit-on = Reçue le
premises-means-cheque = Chèque
premises-means-card = Empreinte de carte
premises-means-cash = Espèces
premises-deposit-withhold = Garder une partie
premises-deposit-withhold-about = L’occupant est prévenu, avec le devis. Il a quinze jours au moins pour répondre ; rien n’est gardé avant.
premises-deposit-withhold-amount = Montant à garder
premises-deposit-proposed = Proposé d’après la valeur des objets dans l’inventaire. Vous pouvez le changer.
premises-deposit-withhold-do = Prévenir l’occupant
premises-deposit-reason = Motif
premises-deposit-reason-hint = Ce que l’occupant lira : ce qui est abîmé ou manque, et ce que coûte la réparation.
premises-deposit-quote = Devis
premises-deposit-quote-hint = PDF ou photo, 15 Mo au plus.
premises-deposit-until = Réponse jusqu’au
premises-deposit-until-hint = Quinze jours au moins.
premises-deposit-asked-to-keep = Retenue envisagée
premises-deposit-answer = Réponse de l’occupant
premises-deposit-answer-note = Ce qu’il répond
premises-deposit-answer-hint = Sa réponse par courrier ou au guichet, ou le résumé de son message. Une fois notée, la caution peut être soldée.
premises-deposit-settle = Solder la caution
premises-deposit-settle-amount = Montant gardé
premises-deposit-settle-hint = Au plus la retenue annoncée. Pour tout rendre, utilisez le bouton plus haut.
premises-deposit-kept = Gardé
premises-deposit-rest = Rendu
premises-deposit-ended = Close le
premises-deposit-give-back = Rendre la caution
premises-deposit-give-back-about = La caution est rendue en entier, et l’occupant est prévenu.
premises-deposit-waive = Ne pas demander de caution
premises-deposit-waive-about = À utiliser si la caution n’est finalement pas due.
premises-deposit-done-recue = La caution est reçue.
premises-deposit-done-rendue = La caution est rendue.
premises-deposit-done-retenue = L’occupant est prévenu de la retenue envisagée.
premises-deposit-done-reponse = La réponse est notée.
premises-deposit-done-soldee = La caution est soldée.
premises-deposit-wrong-state = La caution a changé entre-temps. Voici où elle en est.
premises-deposit-wrong-reference = Indiquez une référence courte. Le numéro d’une carte n’est jamais gardé.
premises-deposit-wrong-day = Indiquez un jour passé, ou aujourd’hui.
premises-deposit-wrong-amount = Indiquez un montant, au plus { $most }, par exemple 120,50.
premises-deposit-wrong-reason = Écrivez quelques mots, 2 000 caractères au plus.
premises-deposit-wrong-term = L’occupant a quinze jours au moins pour répondre. Choisissez un jour plus tardif.
premises-deposit-wrong-early = L’occupant peut répondre jusqu’au { $day }. Notez sa réponse si elle est arrivée.
premises-deposit-wrong-quote = Joignez le devis.
premises-reminder-subject = { $n ->
    [one] Une caution est à rendre
   *[other] { $n } cautions sont à rendre
}
premises-reminder = { $n ->
    [one] La réservation est terminée depuis plus de trois jours : la caution que vous avez reçue ({ $sum }) est à rendre, ou à retenir en partie. { $link }
   *[other] Ces réservations sont terminées depuis plus de trois jours : les { $n } cautions que vous avez reçues ({ $sum } en tout) sont à rendre, ou à retenir en partie. { $link }
}

# Papers.
premises-contract-title = Convention d’occupation
premises-holder-of = { $body }, agissant par { $name }
premises-fact-room = Lieu
premises-fact-when = Quand
premises-fact-people = Personnes, au plus
premises-fact-layout = Disposition
premises-fact-extras = Équipement
premises-fact-price = Prix
premises-fact-deposit = Caution
premises-fact-deposit-season = Caution, une seule pour toute la saison
premises-fact-deliberation = Tarif fixé par
premises-fact-retained = Reste dû en cas d’annulation
premises-fact-holder = Occupant
premises-fact-closed = Fait le
premises-fact-photos = Photographies
premises-photos-left-out = { $n ->
    [one] Une photographie est conservée au dossier sans figurer ici.
   *[other] { $n } photographies sont conservées au dossier sans figurer ici.
}
premises-article-use-title = Usage
premises-article-use = Les locaux servent à ce pour quoi ils ont été demandés. L’autorisation est personnelle, précaire et révocable : elle ne peut être ni cédée ni prêtée.
premises-article-people-title = Sécurité
premises-article-people = L’occupant ne reçoit pas plus de personnes que ce qui est indiqué, laisse libres les issues de secours, connaît l’emplacement des extincteurs et respecte les horaires et le voisinage.
premises-article-insurance-title = Assurance
premises-article-insurance = L’occupant est assuré pour sa responsabilité pendant toute la durée de l’occupation et en remet l’attestation avant la remise des clés.
premises-article-state-title = État des lieux et caution
premises-article-state = Un état des lieux est fait à l’entrée et à la sortie. Ce qui est abîmé ou manque est à la charge de l’occupant. La commune ne garde une partie de la caution que sur devis, après avoir recueilli les observations de l’occupant.
premises-article-cancel-title = Annulation
premises-article-cancel = L’occupant qui annule doit la part du prix que fixe le tarif. La commune peut reprendre les locaux pour un motif d’intérêt général ; rien n’est alors dû.
premises-article-end-title = Fin
premises-article-end = Les locaux sont rendus propres, rangés et fermés, et les clés au jour convenu. Tout litige est porté devant le tribunal administratif.

# Photographs, inventory, keys and codes of a room, for those who manage rooms.
rooms-admin-photos = Photos et plan
rooms-admin-photos-of = Photos et plan : { $name }
rooms-admin-photo-none = Aucune photo.
rooms-admin-photo-add = Ajouter une photo
rooms-admin-photo-file = Photo
rooms-admin-photo-hint = JPEG, PNG ou WebP, 15 Mo au plus. Le lieu et l’heure de la prise de vue ne sont pas gardés.
rooms-admin-photo-alt = Ce que montre la photo
rooms-admin-photo-alt-en = Ce que montre la photo, en anglais
rooms-admin-photo-alt-hint = Pour les personnes qui ne la voient pas, par exemple : la scène vue de l’entrée.
rooms-admin-photo-up = Monter
rooms-admin-photo-down = Descendre
rooms-admin-photo-remove = Retirer
rooms-admin-photo-missing = Choisissez une photo.
rooms-admin-photo-again = Choisissez la photo de nouveau : elle n’a pas été gardée.
rooms-admin-photo-wrong-alt = Décrivez en français ce que montre la photo, en 200 caractères au plus.
rooms-admin-photo-wrong-alt-en = Décrivez en anglais ce que montre la photo, en 200 caractères au plus.
rooms-admin-photo-wrong-full = Une salle a douze photos au plus. Retirez-en une.
rooms-admin-photo-done-ajoutee = La photo est ajoutée.
rooms-admin-photo-done-changee = Les photos sont enregistrées.
rooms-admin-photo-done-retiree = La photo est retirée.
rooms-admin-photo-done-plan = Le plan est enregistré.
rooms-admin-plan = Plan
rooms-admin-plan-file = Fichier du plan
rooms-admin-plan-hint = PDF, JPEG, PNG ou WebP, 15 Mo au plus.
rooms-admin-plan-keep = Enregistrer le plan
rooms-admin-plan-remove = Retirer le plan
rooms-admin-plan-missing = Choisissez le fichier du plan.
rooms-admin-inventory = Inventaire
rooms-admin-inventory-of = Inventaire : { $name }
rooms-admin-inventory-about = Chaque état des lieux d’entrée commence par cette liste. Pour retirer un objet de la liste, effacez tout ce qui est écrit sur sa ligne : endroit, objet, nombre et valeur. L’ordre suit les numéros.
rooms-admin-inventory-row = Ligne
rooms-admin-inventory-order = Ordre
rooms-admin-inventory-place = Endroit
rooms-admin-inventory-thing = Objet
rooms-admin-inventory-count = Nombre
rooms-admin-inventory-value = Valeur d’un exemplaire
rooms-admin-inventory-wrong = Ligne { $n } : indiquez un objet, un nombre en chiffres et, si vous la connaissez, une valeur en euros.
rooms-admin-inventory-done = L’inventaire est enregistré.
rooms-admin-keys = Clés et codes
rooms-admin-keys-of = Clés et codes : { $name }
rooms-admin-keys-none = Aucune clé.
rooms-admin-key-add = Ajouter une clé
rooms-admin-key-name = Nom de la clé
rooms-admin-key-name-hint = Par exemple : porte d’entrée, badge de l’alarme.
rooms-admin-key-number = Numéro
rooms-admin-key-retire = Retirer
rooms-admin-key-restore = Remettre en service
rooms-admin-key-retired = retirée
rooms-admin-key-wrong = Indiquez le nom de la clé, 80 caractères au plus.
rooms-admin-codes = Codes de la porte
rooms-admin-codes-about = Un code est gardé chiffré. L’occupant le lit sur la page de sa demande, de la veille jusqu’à la fin de sa réservation. Il n’est plus affiché ici.
rooms-admin-code = Code
rooms-admin-code-keep = Enregistrer le code
rooms-admin-code-remove = Effacer
rooms-admin-code-period = Du { $from } au { $until }
rooms-admin-code-wrong = Indiquez le code, 40 caractères au plus.
rooms-admin-code-wrong-days = Indiquez un premier et un dernier jour qui se suivent.
rooms-admin-code-wrong-overlap = Un autre code vaut déjà pour une partie de ces jours. Effacez-le d’abord.
premises-bill-soon = { $amount } à payer : la demande de paiement est en cours.
premises-bill-back = { $back } à rembourser.
premises-bill-none = { $amount } à payer, et rien n’est demandé : aucune régie n’est ouverte pour ce service ni pour la ville.
premises-unpaid = Ce qui reste impayé
premises-unpaid-sum = { $n ->
    [one] Une somme reste à payer à la mairie : { $amount }.
   *[other] { $n } sommes restent à payer à la mairie : { $amount } en tout.
}
premises-unpaid-late = { $label } : { $amount }, échéance passée le { $day }.
premises-unpaid-due = { $label } : { $amount }, à payer avant le { $day }.
premises-unpaid-open = { $label } : { $amount }, sans échéance.
premises-unpaid-see = Voir la commande { $number }
premises-unpaid-about = C’est une information, pour la personne ou l’organisme qui demande la salle, dans les régies où vous encaissez. Rien n’est refusé d’office : c’est à vous d’en juger.
