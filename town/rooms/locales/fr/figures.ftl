# The figures of rooms, for agents.
planning-figures-link = Chiffres d’occupation
planning-figures-title = Occupation des salles
planning-figures-about = Le taux compare les heures prises aux heures d’ouverture. Une salle est prise aussi quand le lieu où elle se trouve, ou une de ses parties, est réservé. La préparation et le ménage ne comptent pas.
planning-figures-first = Premier mois
planning-figures-last = Dernier mois
planning-figures-all-rooms = Toutes les salles
planning-figures-all = Ensemble
planning-figures-parts = Les heures des parties d’une salle ne s’ajoutent pas à l’ensemble : elles sont déjà dans celles de la salle.
planning-figures-hours = { $n } h
planning-figures-hours-tenth = { $n },{ $tenth } h
planning-figures-more = Il y a trop de réservations pour tout compter. Choisissez moins de mois.
planning-figures-by-room = Par salle
planning-figures-by-month = Taux d’occupation par mois
planning-figures-download = Télécharger
planning-figures-table = Une ligne par salle et par mois
planning-figures-head-name = Salle
planning-figures-head-month = Mois
planning-figures-head-open = Heures d’ouverture
planning-figures-head-taken = Heures prises
planning-figures-head-rate = Taux d’occupation
planning-figures-head-requests = Sur demande
planning-figures-head-own = Services et élus
planning-figures-head-own-count = Demandes des services et des élus
planning-figures-head-own-value = Valeur pour les services et les élus
planning-figures-head-season = Saison des associations
planning-figures-head-blocks = Bloquées par la mairie
planning-figures-head-cancelled = Annulations
planning-figures-head-free = Gratuités
planning-figures-head-free-count = Gratuités
planning-figures-head-value = Valeur des gratuités
planning-figures-own-told = { $hours } ({ $n ->
    [one] { $n } demande
   *[other] { $n } demandes
}, { $value })
planning-figures-free-told = { $n } ({ $value })
