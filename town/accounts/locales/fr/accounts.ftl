# Ce que tout le monde lit : inscription, connexion, compte.
accounts-email = Adresse électronique
accounts-password = Mot de passe
accounts-password-new = Nouveau mot de passe
accounts-name = Prénom et nom
accounts-name-hint = Comme vous souhaitez être appelé par la mairie.
accounts-email-hint = Nous vous y enverrons un lien pour vérifier qu’elle est bien à vous.
accounts-moment = { $date } à { $time }
accounts-wait = Trop d’essais. Par sécurité, réessayez dans { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.

accounts-email-missing = Indiquez votre adresse électronique.
accounts-email-wrong = Indiquez une adresse électronique complète, comme camille@exemple.fr.
accounts-email-taken = Un compte existe déjà avec cette adresse.
accounts-password-missing = Indiquez votre mot de passe.
accounts-name-missing = Indiquez le prénom et le nom.
accounts-name-long = Le nom peut avoir 100 caractères au plus.

accounts-sign-in-title = Se connecter
accounts-sign-in-do = Se connecter
accounts-sign-in-wrong = L’adresse ou le mot de passe n’est pas le bon.
accounts-lost = J’ai oublié mon mot de passe
accounts-no-account = Pas encore de compte ?
accounts-no-account-text = Un compte vous permet de retrouver vos démarches et de répondre à la mairie. Il n’est pas obligatoire pour faire une demande.
accounts-said-unverified-title = Vérifiez d’abord votre adresse
accounts-said-unverified-text = Votre mot de passe est bon, mais votre adresse n’est pas encore vérifiée. Nous venons de vous envoyer un message : ouvrez le lien qu’il contient, puis connectez-vous.
accounts-said-unverified-next = Revenir à la connexion

accounts-code-title = Entrez votre code
accounts-code-text = Votre compte est protégé par un deuxième code. Ouvrez votre application d’authentification et recopiez les 6 chiffres qu’elle affiche.
accounts-code = Code à 6 chiffres, ou code de secours
accounts-code-do = Continuer
accounts-code-lost = Je n’ai plus mon téléphone
accounts-code-lost-text = Entrez un de vos codes de secours à la place du code : chacun sert une fois. Si vous ne les avez plus, contactez la mairie, qui vérifiera que c’est bien vous.
accounts-code-leave = Abandonner la connexion
accounts-code-wrong = Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant et recopiez-le.

accounts-register-title = Créer un compte
accounts-register-text = Il vous faut une adresse électronique et deux minutes.
accounts-register-do = Créer mon compte
accounts-register-data = Ces informations servent à votre compte et à vos démarches, rien d’autre.
accounts-rule-citizen = Au moins 8 caractères de 3 sortes parmi : minuscules, majuscules, chiffres, signes. Ou une phrase d’au moins 7 mots. Évitez votre nom et les mots de passe courants.
accounts-rule-agent = Au moins 12 caractères de 4 sortes (minuscules, majuscules, chiffres, signes), ou 14 caractères de 3 sortes, ou une phrase d’au moins 7 mots. Évitez votre nom et les mots de passe courants.
accounts-rule-administrator = Au moins 16 caractères de 3 sortes parmi : minuscules, majuscules, chiffres, signes. Ou une phrase d’au moins 7 mots. Évitez votre nom et les mots de passe courants.
accounts-weak-short = Ce mot de passe est trop court ou trop uniforme. Ajoutez des caractères d’une autre sorte, ou choisissez une phrase d’au moins 7 mots.
accounts-weak-guessed = Ce mot de passe se devine facilement. Évitez votre nom, celui de la commune, les suites et les mots courants.
accounts-weak-long = Le mot de passe peut avoir 128 caractères au plus.
accounts-said-asked-title = Consultez votre messagerie
accounts-said-asked-text = Nous venons de vous écrire. Ouvrez le lien du message dans les 24 heures pour terminer.
accounts-said-asked-next = Aller à la connexion
accounts-no-mail = Rien reçu ? Regardez dans les indésirables et vérifiez l’adresse que vous avez tapée.

accounts-confirm-title = Confirmez votre adresse
accounts-confirm-text = Un dernier clic, et votre compte est prêt.
accounts-confirm-do = Confirmer mon adresse
accounts-said-verified-title = Votre adresse est vérifiée
accounts-said-verified-text = Votre compte est prêt. Vous pouvez vous connecter.
accounts-said-verified-next = Se connecter
accounts-said-stale-title = Ce lien ne sert plus
accounts-said-stale-text = Il a déjà servi, il a été remplacé ou il a expiré. Si votre adresse n’est pas encore vérifiée, connectez-vous : nous vous enverrons un nouveau lien.
accounts-said-stale-next = Se connecter

accounts-lost-title = Mot de passe oublié
accounts-lost-text = Indiquez l’adresse de votre compte : nous vous enverrons un lien pour choisir un nouveau mot de passe.
accounts-lost-do = Recevoir le lien
accounts-said-reset-asked-title = Consultez votre messagerie
accounts-said-reset-asked-text = Si un compte existe avec cette adresse, nous venons d’y envoyer un lien. Il sert pendant une heure.
accounts-said-reset-asked-next = Revenir à la connexion
accounts-said-stale-password-title = Ce lien ne sert plus
accounts-said-stale-password-text = Il a déjà servi, il a été remplacé ou il a expiré.
accounts-said-stale-password-next = Demander un nouveau lien
accounts-new-password-title = Choisissez un mot de passe
accounts-new-password-of = Pour le compte
accounts-new-password-do = Enregistrer le mot de passe
accounts-said-password-set-title = Votre mot de passe est enregistré
accounts-said-password-set-text = Par sécurité, tous les appareils ont été déconnectés. Vous pouvez vous connecter avec le nouveau mot de passe.
accounts-said-password-set-next = Se connecter

accounts-shortcuts = Raccourcis
accounts-identity = Vos coordonnées
accounts-since = Compte créé le
accounts-security = Votre sécurité
accounts-cases = Mes démarches
accounts-cases-text = Suivre vos demandes, répondre à la mairie, retrouver vos documents.
accounts-office = Espace des agents
accounts-office-text = Traiter les demandes des habitants.
accounts-change-password = Changer de mot de passe
accounts-change-password-text = Vos autres appareils seront déconnectés.
accounts-present = Mot de passe actuel
accounts-present-missing = Indiquez votre mot de passe actuel.
accounts-present-wrong = Ce n’est pas votre mot de passe actuel.
accounts-done-password = Votre mot de passe est changé. Vos autres appareils sont déconnectés.

accounts-sessions-title = Appareils connectés
accounts-sessions-short = Où votre compte est ouvert en ce moment.
accounts-sessions-see = Voir
accounts-sessions-text = Voici où votre compte est ouvert en ce moment. Si vous ne reconnaissez pas un appareil, déconnectez-le et changez de mot de passe.
accounts-session-here = cet appareil
accounts-session-opened = Connecté le
accounts-session-seen = Vu pour la dernière fois le
accounts-session-close = Déconnecter cet appareil
accounts-sessions-close-others = Déconnecter tous les autres appareils
accounts-done-session = C’est déconnecté.
accounts-device-unknown = Appareil inconnu

accounts-factor = Double authentification
accounts-factor-set = Activée
accounts-factor-unset = Non activée
accounts-factor-turn-on = Activer
accounts-factor-begin = Activer la double authentification
accounts-factor-replace = Changer d’application ou de téléphone
accounts-factor-expected = Vous travaillez avec les données des habitants : protégez votre compte par un deuxième code avant de continuer.
accounts-factor-is-set = Votre compte est protégé : un code vous est demandé à chaque connexion.
accounts-factor-text = En plus du mot de passe, un code à 6 chiffres qui change toutes les 30 secondes vous sera demandé. Même si quelqu’un devine votre mot de passe, il ne pourra pas entrer.
accounts-factor-apps = Il vous faut une application d’authentification sur votre téléphone ou votre ordinateur : Aegis, FreeOTP, Google Authenticator, KeePassXC ou une autre.
accounts-enrol-title = Relier votre application
accounts-enrol-scan = 1. Scannez cette image
accounts-enrol-scan-text = Dans votre application d’authentification, ajoutez un compte et visez cette image.
accounts-enrol-image = Code à scanner avec votre application. Le même secret se trouve en toutes lettres ci-dessous.
accounts-enrol-type = Je ne peux pas scanner
accounts-enrol-type-text = Tapez ce secret dans votre application :
accounts-enrol-address = Ou copiez cette adresse dans un gestionnaire de mots de passe :
accounts-enrol-confirm = 2. Recopiez le code affiché
accounts-enrol-code = Code à 6 chiffres
accounts-enrol-do = Activer
accounts-recovery-title = Vos codes de secours
accounts-recovery-done = La double authentification est activée.
accounts-recovery-once = Ces codes ne seront plus jamais affichés.
accounts-recovery-text = Imprimez-les ou recopiez-les, et gardez-les ailleurs que dans votre téléphone. Si vous le perdez, chacun de ces codes vous permettra d’entrer une fois.
accounts-recovery-next = C’est noté, continuer
permission-town-manage = Régler la commune
permission-department-manage = Gérer les services
permission-account-manage = Gérer les comptes
permission-mandate-manage = Enregistrer les mandats
permission-token-manage = Créer des jetons
permission-journal-read = Lire le journal
