# Le courrier arrivé et les boîtes électroniques.
permission-mail-sort = Trier le courrier arrivé
office-nav-post = Courrier arrivé
office-nav-boxes = Boîtes électroniques
office-post-count = { $n ->
    [0] Rien n’attend. Tout le courrier est traité.
    [one] Un courrier attend.
    *[other] { $n } courriers attendent.
}
office-post-count-many = Plus de { $n } courriers attendent.
office-post-waiting = Courriers à traiter
office-post-subject = Objet
office-post-no-subject = Sans objet
office-post-sender = Expéditeur
office-post-arrived = Date d’arrivée
office-post-source = Forme
office-post-scan = Lettre
office-post-email = Message
office-post-automatic = Message automatique
office-post-automatic-text = Ce message a été envoyé par un programme, pas par une personne.
office-post-bounce = Message non remis
office-post-bounce-text = Un serveur signale qu’un de nos messages n’est pas arrivé.
office-post-too-large = Trop volumineux
office-post-too-large-text = Ce message est trop volumineux. Seul son en-tête est repris. Lisez-le dans la boîte et demandez à la personne d’envoyer ses fichiers autrement.
office-post-scan-title = Ajouter des lettres numérisées
office-post-files = Fichiers
office-post-files-hint = PDF ou images, vingt à la fois.
office-post-how = Chaque fichier est-il une lettre ?
office-post-each = Oui, une lettre par fichier
office-post-together = Non, tous forment une seule lettre
office-post-no-file = Choisissez au moins un fichier.
office-post-keep = Ajouter au courrier
office-post-kept = Le courrier est ajouté.
office-post-recent = Traité récemment
office-post-became = Devenu une demande
office-post-joined = Joint à un dossier
office-post-dropped = Classé sans suite
office-post-dropped-done = Le courrier est classé. Il sera effacé dans six mois.
office-post-routed = Le courrier attend maintenant dans l’autre service.
office-post-text = Texte du message
office-post-papers = Fichiers
office-post-to-case = Joindre à un dossier
office-post-proposed = Dossiers possibles
office-post-reference = Référence du dossier
office-post-reference-hint = Exemple : 2026-7QK4MRT
office-post-join = Joindre au dossier
office-post-case-unknown = Aucun dossier de vos services ne porte cette référence. Vérifiez-la.
office-post-settled-before = Un collègue vient de traiter ce courrier.
office-post-to-procedure = Nouvelle demande
office-post-procedure-missing = Choisissez la démarche.
office-post-begin = Saisir la demande
office-post-to-department = Pour un autre service
office-post-route = Transmettre
office-post-nothing = Rien à faire
office-post-reason = Raison
office-post-reason-hint = Publicité, doublon, message automatique…
office-post-reason-missing = Dites en quelques mots pourquoi il n’y a rien à faire.
office-post-drop = Classer sans suite
office-boxes = Boîtes électroniques
office-boxes-text = La mairie relève ces boîtes toutes les cinq minutes. Chaque message attend dans le courrier arrivé du service.
office-box-add = Ajouter une boîte
office-box-name = Nom de la boîte
office-box-name-hint = Exemple : Accueil de la mairie
office-box-department = Service qui trie ces messages
office-box-host = Serveur IMAP
office-box-host-hint = Exemple : imap.exemple.fr
office-box-host-wrong = Donnez seulement le nom du serveur, sans espace ni « https:// ».
office-box-port = Port
office-box-port-wrong = Donnez un nombre entre 1 et 65535. Le plus souvent 993.
office-box-security = Sécurité
office-box-tls = TLS dès le début (port 993)
office-box-starttls = STARTTLS (port 143)
office-box-user = Identifiant
office-box-password = Mot de passe
office-box-password-hint = Laissez vide pour garder celui qui est enregistré.
office-box-password-missing = Donnez le mot de passe de la boîte.
office-box-folder = Dossier à relever
office-box-done = Dossier où ranger les messages repris
office-box-done-hint = Laissez vide pour les laisser en place, marqués comme lus.
office-box-active = Relever cette boîte
office-box-save = Enregistrer
office-box-name-missing = Donnez un nom à la boîte, en 200 caractères au plus.
office-box-host-missing = Donnez le nom du serveur, en 200 caractères au plus.
office-box-user-missing = Donnez l’identifiant de la boîte, en 200 caractères au plus.
office-box-folder-missing = Donnez le dossier à relever, en 200 caractères au plus.
office-box-kept = La boîte est enregistrée.
office-box-removed = La boîte est retirée. Les messages déjà repris restent.
office-box-fetching = La boîte va être relevée.
office-box-verify = Vérifier
office-box-fetch = Relever maintenant
office-box-remove = Retirer cette boîte
office-box-verified = { $n ->
    [0] La connexion fonctionne. Le dossier est vide.
    [one] La connexion fonctionne. Un message dans le dossier.
    *[other] La connexion fonctionne. { $n } messages dans le dossier.
}
office-box-password-again = Le serveur, le port, la sécurité ou l’identifiant change. Donnez de nouveau le mot de passe.
office-box-private = Ce serveur est dans un réseau privé, ce que l’exploitant n’a pas permis.
office-box-left = { $n ->
    [one] Un message n’a pas pu être repris. Lisez-le dans la boîte, où il reste non lu.
    *[other] { $n } messages n’ont pas pu être repris. Lisez-les dans la boîte, où ils restent non lus.
}
office-event-mailbox-mail-left = Message laissé dans la boîte électronique
office-box-away = Le serveur ne répond pas. Vérifiez son nom et le port.
office-box-insecure = La connexion n’est pas sûre : le certificat du serveur n’est pas reconnu.
office-box-refused = Le serveur refuse cet identifiant ou ce mot de passe.
office-box-no-folder = Ce dossier n’existe pas sur le serveur.
office-box-protocol = Le serveur ne répond pas comme il le doit.
office-box-inactive = N’est pas relevée
office-box-unread = N’a pas encore été relevée
office-box-read = Relevée le { $when }
office-box-trouble = En panne depuis le { $when }. { $why }
office-event-mail-item-consulted = Courrier arrivé consulté
office-event-mail-item-received = Courrier arrivé
office-event-mail-item-routed = Courrier arrivé transmis
office-event-mail-item-settled = Courrier arrivé traité
office-event-mailbox-added = Boîte électronique ajoutée
office-event-mailbox-changed = Boîte électronique modifiée
office-event-mailbox-removed = Boîte électronique retirée
office-subject-mail_item = Courrier arrivé
office-subject-mailbox = Boîte électronique
office-entry-from-mail = Cette demande vient du courrier arrivé.
office-entry-new-tab = (nouvel onglet)
office-entry-mail-files = Ces fichiers iront au dossier :
office-entry-from-mail-sealed = Cette demande vient du courrier arrivé. La démarche est confidentielle : le texte du courrier ira au dossier, puis le courrier et ces fichiers seront effacés. Saisissez d’abord ce qu’ils disent.
office-post-joined-late = Joint à un dossier déjà décidé. Le délai ne change pas.
office-post-joined-sealed = Le texte est joint au dossier. Ce dossier est confidentiel : le courrier est effacé ici, et ses fichiers n’ont pas été gardés.
