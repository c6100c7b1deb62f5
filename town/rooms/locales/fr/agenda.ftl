# A calendar file whose times are kept of a room, for agents.
planning-agenda = Importer un agenda
planning-agenda-of = Importer un agenda : { $name }
planning-agenda-about = Les dates d’un fichier d’agenda (école, théâtre, autre logiciel) bloquent la salle. Vous voyez d’abord ce qui sera bloqué et ce qui ne peut pas l’être. Rien n’est bloqué avant que vous confirmiez.
planning-agenda-file = Fichier d’agenda
planning-agenda-hint = Un fichier .ics de 2 Mo au plus. Les dates passées, et celles à plus de deux ans, ne sont pas reprises.
planning-agenda-look = Voir ce qui sera bloqué
planning-agenda-counted = { $n ->
    [0] Rien à bloquer
    [one] { $n } période à bloquer
   *[other] { $n } périodes à bloquer
}
planning-agenda-nothing = Aucune date de ce fichier ne peut bloquer la salle.
planning-agenda-again = Choisir un autre fichier
planning-agenda-confirm-about = Tout est bloqué, ou rien si quelqu’un prend la salle entre-temps. Deux dates qui se touchent forment une seule période.
planning-agenda-confirm = Bloquer la salle
planning-agenda-changed = La salle a changé depuis : rien n’a été bloqué. Vérifiez ce qui reste possible, puis confirmez.
planning-agenda-left = { $n ->
    [one] { $n } événement laissé de côté
   *[other] { $n } événements laissés de côté
}
planning-agenda-more = { $n ->
    [one] Et { $n } autre.
   *[other] Et { $n } autres.
}
planning-agenda-unnamed = Événement sans titre
planning-agenda-times = { $n } fois, la première { $when }
planning-agenda-why-start = Il ne dit pas quand il commence.
planning-agenda-why-length = Il ne dure rien, ou plus d’un an.
planning-agenda-why-zone = Son fuseau horaire est inconnu.
planning-agenda-why-rule = Sa règle de répétition ne peut pas être suivie.
planning-agenda-why-unsupported = Il se répète d’une façon qui n’est pas comprise.
planning-agenda-why-free = Il est marqué comme disponible.
planning-agenda-why-taken = La salle est déjà prise.
planning-agenda-why-taken-case = La salle est déjà prise : demande { $reference }.
planning-agenda-why-taken-note = La salle est déjà bloquée : { $note }.
planning-agenda-why-past = C’est passé.
planning-agenda-wrong-none = Choisissez un fichier d’agenda.
planning-agenda-wrong-cut = Le fichier n’est pas arrivé en entier. Choisissez-le de nouveau.
planning-agenda-wrong-long = Le fichier est trop grand : 2 Mo au plus.
planning-agenda-wrong-nothing = Ce fichier n’est pas un agenda. Choisissez un fichier .ics.
planning-agenda-wrong-many = Ce fichier a trop de dates pour être repris en une fois. Exportez une période plus courte.
planning-agenda-wrong-empty = Ce fichier n’a aucune date à venir dans les deux ans.
planning-done-importe = La salle est bloquée aux dates de l’agenda.
