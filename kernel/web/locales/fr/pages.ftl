# Pages d’erreur.
error-reference = Numéro à donner si vous nous appelez :
error-home = Revenir à l’accueil
error-contact = Contacter la mairie
error-ours = Rien de ce que vous avez déjà envoyé n’est perdu.
error-400-title = Nous n’avons pas compris votre envoi
error-400-text = Il est arrivé incomplet ou déformé. Revenez à la page précédente et recommencez.
error-401-title = Connectez-vous pour continuer
error-401-text = Pour voir cette page, il faut être connecté.
error-403-title = Vous ne pouvez pas faire cela
error-403-text = Votre compte ne le permet pas, ou votre envoi ne vient pas d’une page de ce site.
error-404-title = Cette page n’existe pas
error-404-text = L’adresse est peut-être incomplète, ou la page a été retirée.
error-409-title = Cela a changé entre-temps
error-409-text = Quelqu’un a modifié ces informations avant vous. Rechargez la page et vérifiez avant de recommencer.
error-413-title = C’est trop volumineux
error-413-text = Un fichier ou un texte dépasse la taille acceptée. Revenez à la page précédente et envoyez-le en plus petit.
error-422-title = Il reste des points à corriger
error-422-text = Certaines réponses ne peuvent pas être acceptées telles quelles. Revenez à la page précédente pour les corriger.
error-429-title = Trop de pages demandées à la fois
error-429-text = Attendez quelques minutes, puis réessayez.
error-500-title = Une erreur est survenue de notre côté
error-500-text = Vous n’y êtes pour rien. Réessayez dans quelques minutes.
error-503-title = Le service est momentanément indisponible
error-503-text = Réessayez dans quelques minutes.

# Une session qui prend fin pendant que quelqu’un écrit.
kept-title = Reconnectez-vous : ce que vous avez écrit est gardé
kept-text = Votre session a pris fin. Gardez cette page ouverte : rien de ce que vous avez saisi n’est perdu.
kept-sign-in = Connectez-vous dans un nouvel onglet
kept-come-back = Revenez sur cette page et envoyez à nouveau.
kept-files = Si vous aviez joint des fichiers, il faudra les choisir une nouvelle fois.
kept-send = Envoyer à nouveau
kept-words = Ce que vous avez écrit

# Pages légales et contact.
accessibility-title = Déclaration d’accessibilité
legal-notice-title = Mentions légales
personal-data-title = Vos données personnelles
contact-title = Contacter la mairie
contact-address = Adresse
contact-phone = Téléphone
contact-email = Adresse électronique
contact-hours = Horaires d’ouverture
contact-none = La mairie n’a pas encore publié ses coordonnées.

health-not-looked-at = La vérification elle-même n’a pas abouti.
