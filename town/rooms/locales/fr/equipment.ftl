# Equipment with a stock: of rooms, and what the town lends; for those who manage it.
rooms-admin-stock = Matériel
rooms-admin-stock-of = Matériel : { $name }
rooms-admin-stock-store = Matériel prêté par la commune
rooms-admin-stock-about = Ce matériel est proposé à qui réserve la salle. Personne ne peut en demander plus qu’il n’en reste aux heures choisies.
rooms-admin-stock-store-about = Ce matériel est prêté sur demande, pour quelques jours. Il n’en est jamais promis plus qu’il n’y en a, que la demande vienne d’Internet, du guichet ou du téléphone.
rooms-admin-stock-none = Aucun matériel n’est encore enregistré.
rooms-admin-stock-above = Proposé aussi, depuis le lieu où se trouve la salle
rooms-admin-stock-add = Ajouter un matériel
rooms-admin-stock-name = Désignation
rooms-admin-stock-name-hint = Par exemple : Barnum 3 m × 3 m, Tables pliantes.
rooms-admin-stock-count = Nombre
rooms-admin-stock-count-hint = Combien il y en a en tout. Si le nombre baisse, ce qui est déjà promis le reste.
rooms-admin-stock-choice = Choix du formulaire
rooms-admin-stock-choice-hint = Le choix par lequel ce matériel est demandé en ligne. Sans choix, un agent peut le prêter depuis une demande.
rooms-admin-stock-choice-none = Aucun
rooms-admin-stock-active = En service
rooms-admin-stock-active-hint = Un matériel retiré n’est plus proposé. Ce qui est déjà promis le reste.
rooms-admin-stock-withdrawn = Retiré
rooms-admin-stock-pieces = { $n } en tout
rooms-admin-stock-asked-by = Choix du formulaire : { $choice }
rooms-admin-stock-promised = { $n ->
    [one] Au plus { $n } demandé ou promis à la fois, le { $when }
   *[other] Au plus { $n } demandés ou promis à la fois, le { $when }
}
rooms-admin-stock-short = Il en manquera { $n } le { $when }. Appelez ceux à qui ils sont promis.
rooms-admin-stock-withdrawn-promised = Ce matériel est retiré, mais il est encore promis à quelqu’un.
rooms-admin-stock-done-ajoute = Le matériel est ajouté.
rooms-admin-stock-done-garde = Le matériel est enregistré.
rooms-admin-stock-wrong-name = Indiquez une désignation de 200 caractères au plus.
rooms-admin-stock-wrong-count = Indiquez un nombre, de 1 à 1 000.
rooms-admin-stock-wrong-full = Il y a déjà beaucoup de matériels différents ici. Modifiez-en un qui est retiré.
rooms-admin-stock-wrong-choice = Choisissez un choix de la liste.
rooms-admin-stock-wrong-choice-taken = Ce choix du formulaire désigne déjà un autre matériel.

# What a request borrows of the town's store, for agents.
planning-lending = Matériel demandé
planning-lending-title = Prêts de matériel
planning-lending-of = Prêt de matériel : { $name }
planning-lending-none = Aucun prêt n’est demandé ni en cours.
planning-lending-head-who = Emprunteur
planning-lending-head-when = Dates
planning-lending-head-what = Matériel
planning-lending-head-state = État
planning-lending-line = { $name } : { $n } dans la demande, { $left ->
    [one] { $left } disponible à ces dates
   *[other] { $left } disponibles à ces dates
}
planning-lending-nothing = Rien de ce que la demande nomme n’est au magasin.
planning-lending-see = Voir et modifier le prêt
planning-lending-state-asked = Retenu jusqu’à la réponse
planning-lending-state-firm = Accordé
planning-lending-state-out = Sorti
planning-lending-state-late = En retard
planning-lending-state-released = Rendu libre
planning-lending-state-overtaken = Rien n’est retenu
planning-lending-state-returned = Rendu
planning-lending-overtaken = D’autres avaient déjà ce matériel à ces dates quand la demande est arrivée. Réduisez les quantités ou changez les dates, avec l’association.
planning-lending-late-about = Les dates sont passées, et le retour n’est pas noté.
planning-lending-change = Ce qui est prêté
planning-lending-change-about = Si vous convenez d’autre chose avec l’emprunteur, changez-le ici. Ce que d’autres ont à ces dates ne peut pas être prêté. Laissez vide ce qui n’est pas prêté.
planning-lending-left = { $n ->
    [one] { $n } disponible, ce prêt compris
   *[other] { $n } disponibles, ce prêt compris
}
planning-lending-short = { $name } : il en reste { $n } à ces dates.
planning-lending-return = Retour
planning-lending-return-about = Quand tout est revenu, ou si l’emprunteur renonce, notez-le : d’autres peuvent alors l’emprunter.
planning-lending-returned = Tout est rendu
planning-lending-done-garde = Le prêt est modifié.
planning-lending-done-rendu = Le retour est noté.
planning-lending-wrong-first = Indiquez le premier jour du prêt.
planning-lending-wrong-last = Indiquez le dernier jour du prêt, au plus 90 jours après le premier.
planning-lending-wrong-count = Indiquez un nombre, de 0 à 1 000.
planning-lending-wrong-too-many = C’est trop à la fois. Réduisez les quantités.
