# La santé de la maison, pour l’administrateur.
accounts-health-title = Santé
accounts-health-about = Messagerie, antivirus, sauvegardes, services de l’État : ce qui marche, ce qui ne marche pas, et ce qu’il faut faire.
accounts-health-all-well = Tout fonctionne.
accounts-health-some-weak = { $count ->
    [one] Rien n’est en panne, mais un point est à surveiller.
   *[other] Rien n’est en panne, mais { $count } points sont à surveiller.
 }
accounts-health-some-wrong = { $count ->
    [one] Un élément ne fonctionne pas.
   *[other] { $count } éléments ne fonctionnent pas.
 }
accounts-health-looked-at = Vérifié le { $when }. Rechargez la page pour vérifier de nouveau (au plus toutes les trente secondes).
accounts-health-state-good = En ordre
accounts-health-state-weak = À surveiller
accounts-health-state-wrong = En panne
accounts-health-state-unknown = Vérification en cours
accounts-health-looking = La vérification n’est pas terminée. Rechargez la page dans un instant.
accounts-health-since = Depuis le { $when }.
accounts-health-since-at-least = C’était déjà le cas à la première vérification, le { $when }.
accounts-health-meanwhile = Pendant ce temps
accounts-health-remedy = Ce qu’il faut faire
accounts-health-detail = Détail technique
accounts-health-queues = Travaux en attente
accounts-health-no-queue = Aucun travail n’attend.
accounts-health-kind = Travail
accounts-health-waiting = En attente
accounts-health-tried = Essayés sans succès
accounts-health-waiting-since = Depuis
accounts-health-reason = Raison
accounts-health-action = Action
accounts-health-given-up = Travaux abandonnés
accounts-health-none-given-up = Aucun travail n’a été abandonné ces quatre-vingt-dix derniers jours.
accounts-health-given-up-text = Ces travaux ont été essayés pendant trois jours. Une fois la cause réparée, reprenez-les.
accounts-health-retry = Réessayer
accounts-health-retry-all = Tout réessayer
accounts-health-no-retry = Ne peut pas être repris : son contenu confidentiel a été effacé.
accounts-health-retried = Les travaux sont repris.
accounts-health-not-retried = Rien n’a pu être repris.
accounts-health-jobs = Travaux en arrière-plan
accounts-health-jobs-good = { $count ->
    [0] Rien n’attend.
    [one] Un travail attend son tour.
   *[other] { $count } travaux attendent leur tour.
 }
accounts-health-jobs-late = { $count ->
    [one] Un travail attend depuis plus d’une demi-heure après un essai sans succès.
   *[other] { $count } travaux attendent depuis plus d’une demi-heure après un essai sans succès.
 }
accounts-health-jobs-given-up = { $count ->
    [one] Un travail a été abandonné après trois jours d’essais.
   *[other] { $count } travaux ont été abandonnés après trois jours d’essais.
 }
accounts-health-jobs-meanwhile = Les demandes sont reçues comme d’habitude ; ce qui devait partir (message, lettre, notification) est en retard ou n’est pas parti.
accounts-health-jobs-remedy = Regardez plus bas lesquels, et pourquoi. Réparez la cause, puis reprenez les travaux abandonnés.
accounts-job-mail-send = Envoi d’un message électronique
accounts-job-message-send = Envoi d’un SMS
accounts-job-document-scan = Contrôle antivirus d’une pièce
accounts-job-desk-acknowledge = Accusé de réception
accounts-job-desk-ask-when-over = Demande d’avis après une réservation
accounts-job-desk-tell-decision = Annonce d’une décision
accounts-job-desk-tell-reversal = Annonce d’une décision retirée ou abrogée
accounts-job-desk-document = Document à établir
accounts-job-desk-write-for-service = Message d’un autre service, à écrire à l’usager
accounts-job-desk-letter = Lettre à imprimer
accounts-job-desk-tell-refused-file = Annonce d’une pièce refusée
accounts-job-desk-tell-signed = Annonce d’une décision signée sur papier
accounts-job-desk-tell-silence = Annonce d’une décision implicite
accounts-job-payments-ask = Question à PayFiP sur un paiement
accounts-job-payments-lapse = Annulation de ce qui n’est pas payé à temps
accounts-job-appointments-tell = Confirmation ou rappel d’un rendez-vous
accounts-job-appointments-declare = Déclaration d’un rendez-vous au service national de coordination
accounts-job-appointments-expire = Horaire proposé sans réponse, à proposer à la personne suivante
accounts-job-appointments-opened = Horaires qui s’ouvrent, à proposer à la liste d’attente
accounts-job-rooms-contract = Convention d’occupation d’une salle
accounts-job-rooms-season-contract = Conventions d’occupation d’une saison
accounts-job-rooms-season-letter = Résultats d’une saison, par courrier
accounts-job-rooms-inspection-report = Rapport d’un état des lieux
accounts-job-workshops-tell = Confirmation ou rappel d’un atelier
accounts-job-workshops-letter = Lettre d’un atelier
accounts-job-account-send-link = Lien de connexion ou de mot de passe
accounts-job-account-farewell = Lien qui rouvre un compte fermé
accounts-job-account-export = Copie des données d’une personne
accounts-job-desk-mandate-letter = Lettre d’un mandat
accounts-job-desk-export = Export de dossiers
accounts-job-desk-transfer = Versement aux archives
accounts-job-search-index = Mise à jour de la recherche
accounts-job-webhook-deliver = Envoi à un autre logiciel
accounts-job-webhook-replay = Renvoi à un autre logiciel
accounts-job-mailroom-fetch = Relève d’une boîte aux lettres
accounts-health-franceconnect = FranceConnect
accounts-health-franceconnect-plus = FranceConnect+
accounts-health-proconnect = ProConnect
accounts-health-idp-failing = La dernière connexion n’a pas abouti.
accounts-health-idp-works = La dernière connexion a abouti.
accounts-health-idp-unused = Réglé. Personne ne s’en est encore servi.
accounts-health-idp-meanwhile = Le bouton de connexion mène à une page qui le dit et propose les autres façons de se connecter. Ce qui est commencé est gardé.
accounts-health-idp-remedy = Ouvrez « Connexion » dans les réglages et cliquez sur « Vérifier ». Si le secret ou l’adresse a changé, corrigez-les ; si le service est en panne, il faut attendre.
