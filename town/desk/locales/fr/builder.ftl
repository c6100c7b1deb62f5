# Démarches sans programmeur : le côté des agents.
office-nav-procedures = Démarches
office-builder-title = Les démarches
office-builder-lead = Créez une démarche, essayez-la, puis publiez-la. Les demandes en cours gardent la version sous laquelle elles ont commencé.
office-builder-start = Nouvelle démarche
office-builder-blocks = Blocs de questions
office-builder-drafts = En préparation
office-builder-no-draft = Aucune démarche n’est en préparation.
office-builder-procedure = Démarche
office-builder-state = État
office-builder-changed = Dernière modification
office-builder-changed-by = { $at }, par { $name }
office-builder-offered = Proposées aux habitants
office-builder-none-offered = Aucune démarche n’est proposée pour l’instant.
office-builder-version = Version
office-builder-settings = Qui publie
office-builder-by-two = Une deuxième personne publie
office-builder-by-two-hint = La personne qui a écrit la démarche la propose ; une autre la relit et la publie, ou la renvoie.
office-builder-is-by-two = Une deuxième personne doit publier. Un administrateur peut changer ce choix.
office-builder-is-by-one = La même personne peut écrire et publier. Un administrateur peut changer ce choix.
office-builder-save = Enregistrer
office-builder-state-writing = En cours d’écriture
office-builder-state-proposed = À publier
office-builder-state-sent-back = À revoir
office-builder-done-published = La démarche est publiée.
office-builder-see-published = Voir la page publique
office-builder-done-discarded = Le brouillon est supprimé. Ce qui est publié n’a pas changé.
office-builder-done-retired = La démarche n’est plus proposée. Les demandes en cours continuent.
office-builder-done-settled = Le choix est enregistré.
office-builder-done-proposed = La démarche est proposée. Une autre personne peut maintenant la publier.
office-builder-done-sent-back = La démarche est renvoyée à la personne qui l’a écrite.
office-builder-done-recorded = L’essai est enregistré.
office-builder-done-accepted = Le nouveau résultat est désormais attendu.
office-builder-done-trial-removed = L’essai est retiré.
office-builder-opens-on = Ouvre le { $day }
office-builder-closed-since = Fermée depuis le { $day }
office-builder-somebody = Un collègue
office-builder-overtaken = { $name } a modifié ces réponses pendant que vous écriviez. Ce que vous avez saisi est toujours là : enregistrez de nouveau pour le garder à la place.
office-builder-overtaken-here = Quelqu’un a modifié cette page pendant que vous écriviez. Ce que vous avez saisi est toujours là : enregistrez de nouveau pour le garder à la place.
office-builder-overtaken-texts = Des textes ont été modifiés ou retirés pendant que vous traduisiez. Rien n’a été enregistré. Ce que vous aviez saisi pour eux :
office-builder-overtaken-publication = La démarche a été modifiée depuis que vous l’avez lue. Relisez-la avant de la publier.

# Commencer
office-builder-start-title = Nom de la démarche
office-builder-start-title-hint = Comme l’habitant le dirait : « Réserver une salle ».
office-builder-start-slug = Adresse de la page
office-builder-start-slug-hint = Lettres minuscules sans accent, chiffres et traits d’union. Si vous laissez vide, elle est tirée du nom.
office-builder-start-from = Partir de
office-builder-start-from-hint = Une copie garde les questions et les règles, sous un autre nom.
office-builder-start-from-nothing = Une page blanche
office-builder-start-begin = Commencer
office-builder-start-taken = Ouvrir le brouillon qui porte déjà ce nom
office-builder-import = Reprendre un fichier
office-builder-import-text = Un fichier du catalogue ou d’une autre commune devient un brouillon. S’il porte le nom d’une démarche déjà proposée, il en prépare la version suivante.
office-builder-import-file = Fichier de la démarche (.toml)
office-builder-import-paste = Ou son contenu
office-builder-import-take = Reprendre ce fichier

# Ce qui ne va pas
office-builder-wrong-number = Écrivez un nombre.
office-builder-wrong-amount = Écrivez un montant en euros, par exemple 12,50.
office-builder-wrong-day = Écrivez une date qui existe.
office-builder-wrong-slug = Écrivez des lettres minuscules sans accent, des chiffres et des traits d’union.
office-builder-wrong-slug-taken = Un autre brouillon porte déjà ce nom.
office-builder-wrong-slug-fixed = L’adresse d’une démarche déjà publiée ne change plus.
office-builder-wrong-slug-offered = Une démarche publiée porte déjà cette adresse. Choisissez-en une autre, ou modifiez celle-là depuis la liste.
office-builder-wrong-title = Donnez un titre.
office-builder-wrong-label = Écrivez la question.
office-builder-wrong-address = Écrivez une adresse qui commence par https://.
office-builder-wrong-file = Ce fichier n’est pas une démarche (ligne { $line }).
office-builder-wrong-no-file = Choisissez un fichier, ou collez son contenu.
office-builder-wrong-name = Écrivez des lettres minuscules sans accent, des chiffres et « _ », en commençant par une lettre.
office-builder-wrong-name-taken = Une autre question porte déjà ce nom court.
office-builder-wrong-name-used = { $n ->
    [one] Ce nom est utilisé à un autre endroit ({ $places }). Cochez « Changer partout » pour continuer.
   *[other] Ce nom est utilisé à { $n } autres endroits ({ $places }). Cochez « Changer partout » pour continuer.
  }
office-builder-wrong-page-taken = Une autre page porte déjà ce nom court.
office-builder-wrong-order = Le maximum est plus petit que le minimum.
office-builder-wrong-why = Dites pourquoi il faut s’identifier.
office-builder-wrong-step-label = Donnez un nom à l’étape.
office-builder-wrong-step-name = Écrivez des lettres minuscules sans accent, des chiffres et des traits d’union. Le nom « decision » est réservé.
office-builder-wrong-step-taken = Une autre étape porte déjà ce nom court.
office-builder-wrong-action-label = Dites ce que fait l’action.
office-builder-wrong-action-taken = Une autre action de l’étape porte déjà ce nom court.
office-builder-wrong-value-taken = Deux réponses ont la même valeur.
office-builder-wrong-source = Écrivez la condition, ou retirez-la.
office-builder-wrong-subject = Choisissez la question.
office-builder-wrong-operator = Choisissez ce qui est comparé.
office-builder-wrong-value = Donnez une valeur qui convient à cette question.
office-builder-wrong-beside = Dites à côté de quelle question le message s’affiche.
office-builder-wrong-message = Écrivez le message.
office-builder-wrong-words = Dites ce qui est à revoir, en 2 000 caractères au plus.
office-builder-wrong-trial-name = Donnez un nom à l’essai.

# Vue d’ensemble
office-builder-new = Nouvelle démarche
office-builder-next-version = Version { $n }, en préparation
office-builder-sent-back = À revoir avant publication
office-builder-parts = La démarche
office-builder-form = Le formulaire
office-builder-no-page = Le formulaire n’a pas encore de page.
office-builder-to-complete = À compléter
office-builder-to-mend = À corriger
office-builder-up = Monter
office-builder-down = Descendre
office-builder-copy = Copier
office-builder-remove = Supprimer
office-builder-keep = Ne rien supprimer
office-builder-add-page = Ajouter une page
office-builder-add-page-title = Titre de la nouvelle page
office-builder-rules = Règles sur l’ensemble
office-builder-no-rule = Aucune règle ne porte sur plusieurs réponses à la fois.
office-builder-add-check = Ajouter un contrôle entre plusieurs réponses
office-builder-add-limit = Limiter le nombre de demandes par an
office-builder-next = La suite
office-builder-publication = Publication
office-builder-check = Vérifier et publier
office-builder-try = Essayer
office-builder-preview = Aperçu
office-builder-trials = Essais
office-builder-trials-count = { $n ->
    [0] Aucun essai enregistré
    [one] 1 essai enregistré
   *[other] { $n } essais enregistrés
  }
office-builder-more = Autres actions
office-builder-translations = Traductions et version facile à lire
office-builder-compare = Comparer avec la version publiée
office-builder-versions = Versions
office-builder-export = Télécharger le fichier
office-builder-text = Texte de la démarche
office-builder-discard = Supprimer ce brouillon
office-builder-discard-title = Supprimer le brouillon « { $name } » ?
office-builder-discard-text = Ce qui est publié ne change pas. Ce qui n’a pas été publié est perdu.
office-builder-is-proposed = Proposée : une autre personne doit la publier.
office-builder-questions = { $n ->
    [0] Aucune question
    [one] 1 question
   *[other] { $n } questions
  }
office-builder-months = { $n } mois
office-builder-shown-if = Affichée si { $condition }
office-builder-asked-if = posée si { $condition }
office-builder-required-if = obligatoire si { $condition }
office-builder-computed = calculée
office-builder-offered-if = proposée si { $condition }
office-builder-open-if = si { $condition }
office-builder-actions-count = { $n ->
    [0] aucune action
    [one] 1 action
   *[other] { $n } actions
  }
office-builder-no-step = Aucune étape : le dossier va de la réception à la décision.
office-builder-add-step = Ajouter une étape
office-builder-add-step-label = Nom de la nouvelle étape
office-builder-steps = Étapes du traitement
office-builder-limits = Limites
office-builder-place-control = { $part }, « { $label } »
office-builder-place-page = Page « { $name } »
office-builder-place-question = Question « { $name } »
office-builder-place-step = Étape « { $name } »
office-builder-place-action = Action « { $name } »
office-builder-place-trial = Essai « { $name } »
office-builder-gaps = Avant de publier :
office-builder-marks = Réponses à insérer dans les textes
office-builder-marks-text = Écrivez un nom entre accolades : la réponse de la demande prend sa place.
office-builder-today = aujourd’hui

# Parties
office-builder-part-presentation = Présentation
office-builder-part-presentation-text = Ce que lit l’habitant avant de commencer.
office-builder-part-recherche = Comment on la trouve
office-builder-part-recherche-text = Les mots que les habitants emploient, et les moments de la vie où elle sert.
office-builder-part-acces = Accès et dates d’ouverture
office-builder-part-acces-text = Les façons de faire la demande, et la période pendant laquelle on peut la faire.
office-builder-part-tarif = Tarif
office-builder-part-tarif-text = Ce que coûte la démarche, et ce qui le fixe.
office-builder-part-droit = Règles de droit
office-builder-part-droit-text = Ce que vaut le silence de la mairie, et les textes sur lesquels la démarche repose. L’accusé de réception les reprend.
office-builder-part-conservation = Conservation
office-builder-part-conservation-text = Combien de temps les dossiers sont gardés, et ce qu’ils deviennent.
office-builder-part-service = Service responsable
office-builder-part-service-text = Les demandes arrivent chez lui ; son adresse et son téléphone figurent sur l’accusé de réception.
office-builder-part-decision = Textes de la décision
office-builder-part-decision-text = Ce qu’écrit la mairie quand elle accepte ou refuse.
office-builder-part-identification = Identification en ligne
office-builder-part-identification-text = Ce qu’il faut pour faire la demande en ligne. Les autres façons de la faire restent ouvertes à tous.
office-builder-part-confidentialite = Confidentialité
office-builder-part-confidentialite-text = Pour les demandes les plus sensibles.
office-builder-part-ailleurs = Démarche faite ailleurs
office-builder-part-ailleurs-text = Quand un autre service répond à la place de la mairie, la page explique et y conduit. Le formulaire reste vide. Laissez tout vide si la mairie prend elle-même la demande.

office-builder-head-title = Nom de la démarche
office-builder-head-slug = Adresse de la page
office-builder-head-slug-hint = Lettres minuscules sans accent, chiffres et traits d’union. Elle ne change plus une fois la démarche publiée.
office-builder-head-summary = À quoi elle sert
office-builder-head-summary-hint = Une phrase.
office-builder-head-who = Qui peut la faire
office-builder-head-prepare = À préparer
office-builder-head-prepare-hint = Une chose par ligne.
office-builder-head-delay = Délai habituel
office-builder-head-delay-hint = Par exemple : « une semaine ».
office-builder-head-outcome = Ce qu’on obtient
office-builder-head-sector = Domaine
office-builder-head-sector-hint = Ce que la démarche apprend d’une personne ne sort pas de ce domaine.
office-builder-head-sector-civil-status = État civil, élections, cimetières
office-builder-head-sector-school-family = École, enfance, famille
office-builder-head-sector-social = Action sociale
office-builder-head-sector-town-planning = Urbanisme, voirie, domaine public
office-builder-head-sector-community-life = Associations, sport, culture
office-builder-head-sector-safety = Sécurité et tranquillité publiques
office-builder-head-sector-finance = Finances et taxes
office-builder-head-sector-general = Général

office-builder-finding-keywords = Mots-clés
office-builder-finding-keywords-hint = Un par ligne.
office-builder-finding-life_events = Moments de la vie

office-builder-ways-ways = Façons de faire la demande
office-builder-ways-ways-online = En ligne
office-builder-ways-ways-counter = Au guichet
office-builder-ways-ways-phone = Par téléphone
office-builder-ways-ways-paper = Sur papier
office-builder-ways-opening = Dates d’ouverture
office-builder-ways-opening-hint = En dehors de ces dates, la page explique que la démarche est fermée et aucune demande n’est prise, ni en ligne, ni au guichet, ni par un logiciel. Chacun garde le droit d’écrire à la mairie.
office-builder-ways-opens = Premier jour
office-builder-ways-closes = Dernier jour

office-builder-fee-fee = Ce que paie le demandeur
office-builder-fee-fee-free = Rien, c’est gratuit
office-builder-fee-fee-amount = Un montant fixe
office-builder-fee-fee-reckoned = Un montant qui dépend de la demande
office-builder-fee-amount = Montant en euros
office-builder-fee-deliberation = Délibération qui fixe le tarif
office-builder-fee-deliberation-hint = Par exemple : « délibération du 12 mars 2026 ».
office-builder-fee-cost = Ce que lit l’habitant
office-builder-fee-cost-hint = Par exemple : « Gratuit », ou « 12,50 € par mètre carré et par mois ».

office-builder-law-silence = Quand la mairie ne répond pas
office-builder-law-silence-refuses = La demande est refusée
office-builder-law-silence-refuses-hint = Par exception, quand un texte le dit (CRPA, article L231-4 et décrets).
office-builder-law-silence-grants = La demande est acceptée
office-builder-law-silence-grants-hint = C’est la règle (CRPA, article L231-1).
office-builder-law-silence-none = Le silence n’a pas d’effet
office-builder-law-silence-none-hint = Ce qui est demandé n’est pas une décision : une copie d’acte, un signalement.
office-builder-law-term = Après combien de temps
office-builder-law-term-hint = Sans réponse, c’est deux mois (CRPA, articles L231-1 et L231-4), sauf si le silence n’a pas d’effet.
office-builder-law-unit = Unité
office-builder-law-unit-m = mois
office-builder-law-unit-w = semaines
office-builder-law-unit-d = jours
office-builder-law-basis_of_silence = Texte qui le dit
office-builder-law-basis_of_silence-hint = Sans réponse, c’est la règle générale quand la demande est acceptée : CRPA, art. L231-1.
office-builder-law-receipt = Accusé de réception
office-builder-law-receipt-due = Il est envoyé
office-builder-law-receipt-not-due = Il n’est pas dû
office-builder-law-receipt-not-due-hint = Une simple confirmation part quand même.
office-builder-law-receipt_reason = Pourquoi il n’est pas dû
office-builder-law-first_appeal = Recours obligatoire avant le juge
office-builder-law-first_appeal-hint = Seulement si un texte l’impose.
office-builder-law-days_for_pieces = Jours pour envoyer une pièce manquante
office-builder-law-basis = Textes
office-builder-law-basis-text = Texte
office-builder-law-basis-url = Adresse où le lire
office-builder-law-basis-row = Texte
office-builder-law-basis-add = Ajouter un texte

office-builder-retention-months = Nombre de mois
office-builder-retention-after = À compter de
office-builder-retention-after-hint = La décision, ou le jour donné en réponse à une question.
office-builder-retention-after-decision = La décision
office-builder-retention-then = Ensuite
office-builder-retention-then-erase = Les dossiers sont effacés
office-builder-retention-then-anonymise = Ce qui nomme une personne est effacé, le reste sert aux statistiques
office-builder-retention-then-archive = Les dossiers vont aux archives
office-builder-retention-basis = Texte ou règle qui le dit

office-builder-contact-department = Service
office-builder-decision-form = Forme de la décision
office-builder-decision-form-letter = Une lettre
office-builder-decision-form-order = Un arrêté numéroté et signé
office-builder-decision-granted = Quand c’est oui
office-builder-decision-granted-hint = Une ligne vide sépare deux paragraphes.
office-builder-decision-refused = Quand c’est non
office-builder-decision-refused-hint = Les motifs suivent ce texte.
office-builder-decision-order = Si c’est un arrêté
office-builder-decision-title = Titre de l’arrêté
office-builder-decision-visas = Textes visés
office-builder-decision-visas-hint = Un par ligne, sans « Vu ».
office-builder-decision-article = Articles
office-builder-decision-article-title = Titre
office-builder-decision-article-text = Texte
office-builder-decision-article-row = Article
office-builder-decision-article-add = Ajouter un article

office-builder-sign-in-level = Pour faire la demande en ligne
office-builder-sign-in-level-none = Il n’est pas besoin de se connecter
office-builder-sign-in-level-account = Il faut un compte
office-builder-sign-in-level-eidas1 = Il faut une identité vérifiée (FranceConnect)
office-builder-sign-in-level-eidas1-hint = Niveau de garantie faible du règlement eIDAS.
office-builder-sign-in-level-eidas2 = Il faut une identité vérifiée de niveau substantiel (FranceConnect+)
office-builder-sign-in-level-eidas3 = Il faut une identité vérifiée de niveau élevé
office-builder-sign-in-why = Pourquoi
office-builder-sign-in-why-hint = Une phrase que lit l’habitant, si la connexion est demandée.
office-builder-sealed-sealed = Sceller ce qui est demandé
office-builder-sealed-sealed-hint = Les réponses sont chiffrées et n’apparaissent dans aucune liste, recherche ni exportation. Une démarche scellée ne demande pas de document, ne compte pas les demandes, et ses étapes n’ont ni question ni action.
office-builder-is-sealed = Réponses scellées
office-builder-is-plain = Règles habituelles
office-builder-is-here = Non, la mairie prend la demande
office-builder-elsewhere-name = Nom du service
office-builder-elsewhere-name-hint = Par exemple : « Service-Public.fr ».
office-builder-elsewhere-url = Adresse
office-builder-elsewhere-url-hint = Elle commence par https://.
office-builder-elsewhere-otherwise = Sans ordinateur
office-builder-elsewhere-otherwise-hint = À qui s’adresser, et comment la mairie aide.

# Pages et questions
office-builder-page-edit = Titre de la page
office-builder-page-title = Titre
office-builder-page-intro = Texte d’introduction
office-builder-page-id = Nom court
office-builder-page-id-hint = Il figure dans l’adresse de la page.
office-builder-page-condition = Quand cette page s’affiche
office-builder-page-questions = Questions
office-builder-no-question = Aucune question pour l’instant.
office-builder-add-question = Ajouter une question
office-builder-remove-question = Supprimer cette question
office-builder-remove-title = { $kind ->
    [etape] Supprimer l’{ $what }
    [action] Supprimer l’{ $what }
    [limite] Supprimer la limite { $what }
   *[other] Supprimer la { $what }
 } ?
office-builder-remove-text = Les demandes déjà reçues ne changent pas.
office-builder-remove-used = D’autres endroits en parlent encore : il faudra les corriger avant de publier.
office-builder-question-label = Question
office-builder-question-hint = Aide
office-builder-question-hint-hint = Affichée sous la question.
office-builder-question-kind = Genre de réponse
office-builder-question-required = Faut-il répondre ?
office-builder-question-required-always = Oui, toujours
office-builder-question-required-never = Non, c’est facultatif
office-builder-question-required-when = Cela dépend d’autres réponses
office-builder-question-max_chars = Nombre de caractères au plus
office-builder-question-decimals = Chiffres après la virgule
office-builder-question-min = Au moins
office-builder-question-max = Au plus
office-builder-question-unit = Unité
office-builder-question-birth = Demander aussi la naissance
office-builder-question-birth-hint = Pour une date : c’est une date de naissance.
office-builder-question-choice = Réponses proposées
office-builder-question-choice-label = Réponse
office-builder-question-choice-hint = Aide
office-builder-question-choice-value = Valeur gardée
office-builder-question-choice-row = Réponse
office-builder-question-choice-add = Ajouter une réponse
office-builder-question-max_choices = Nombre de réponses au plus
office-builder-question-from = D’où viennent les réponses
office-builder-question-from-own = De la liste ci-dessous
office-builder-question-from-communes = Des communes de France
office-builder-question-from-countries = Des pays
office-builder-question-max_files = Nombre de fichiers au plus
office-builder-question-min_rows = Nombre au moins
office-builder-question-min_rows-hint = Quand il faut répondre, c’est une ligne au moins. Sans réponse obligatoire, zéro est permis.
office-builder-question-max_rows = Nombre au plus
office-builder-question-row = Nom d’une ligne
office-builder-question-row-hint = Par exemple : « Enfant ».
office-builder-question-prefill = Ce que la réponse dit du demandeur
office-builder-question-prefill-hint = Le compte de la personne connectée la remplit, et elle peut toujours la corriger. C’est aussi avec ces réponses que la mairie lui écrit.
office-builder-question-prefill-none = Rien
office-builder-question-prefill-name = C’est le nom du demandeur
office-builder-question-prefill-family_name = C’est le nom de famille du demandeur
office-builder-question-prefill-given_name = C’est le prénom du demandeur
office-builder-question-prefill-email = C’est le courriel du demandeur
office-builder-question-prefill-phone = C’est le téléphone du demandeur
office-builder-question-prefill-address = C’est l’adresse du demandeur
office-builder-requester = Le demandeur
office-builder-question-beneficiary = Dit pour qui on demande, quand ce n’est pas le demandeur
office-builder-question-compute = Calcul
office-builder-question-compute-hint = La question n’est alors pas posée : sa réponse est calculée. Par exemple : copies * 3.
office-builder-question-id = Nom court
office-builder-question-id-hint = Pour les conditions, les textes et les logiciels.
office-builder-question-rename = Changer partout
office-builder-question-rename-hint = Les conditions, les calculs et les textes suivront.
office-builder-question-checks = Contrôles
office-builder-question-fetch = Récupérer auprès de l’État
office-builder-question-fetch-hint = Un bouton à côté de la question demande à l’État ce qu’il sait déjà, si la personne le veut (CRPA, article L114-8).
office-builder-question-fetch-none = Non
office-builder-question-fetch-nothing = Aucune question
office-builder-question-fetch-quotient-familial = Le quotient familial (CNAF, MSA)
office-builder-question-fetch-scolarite = L’inscription et la bourse d’un élève
office-builder-question-fetch-etablissement = Un établissement (Sirene)
office-builder-question-fetch-association = Une association (RNA)
office-builder-question-fetch_with_identity = Question qui donne l’identité
office-builder-question-fetch_with_identity-hint = Une identité avec la naissance.
office-builder-question-fetch_with_sex = Question qui donne le sexe
office-builder-question-fetch_with_sex-hint = Un choix dont les valeurs gardées sont F et M.
office-builder-question-fetch_with_birth_commune = Question qui donne la commune de naissance
office-builder-question-fetch_with_birth_country = Question qui donne le pays de naissance
office-builder-question-fetch_with_school = Question qui donne l’établissement scolaire (code UAI)
office-builder-question-fetch_with_siret = Question qui donne le numéro SIRET
office-builder-question-fetch_with_number = Question qui donne le numéro de l’association (RNA ou SIRET)
office-builder-question-fetch_fills_quotient = Le quotient remplit
office-builder-question-fetch_fills_fund = La caisse remplit
office-builder-question-fetch_fills_month = Le mois remplit
office-builder-question-fetch_fills_children = Le nombre d’enfants remplit
office-builder-question-fetch_fills_address = L’adresse remplit
office-builder-question-fetch_fills_enrolled = L’inscription remplit
office-builder-question-fetch_fills_scholarship = La bourse remplit
office-builder-question-fetch_fills_school_name = Le nom de l’établissement remplit
office-builder-question-fetch_fills_school_year = L’année scolaire remplit
office-builder-question-fetch_fills_name = Le nom remplit
office-builder-question-fetch_fills_legal_form = La forme juridique remplit
office-builder-question-fetch_fills_activity = L’activité remplit
office-builder-question-fetch_fills_active = L’état (en activité ou non) remplit
office-builder-question-fetch_fills_purpose = L’objet remplit
office-builder-kind-text = Une ligne de texte
office-builder-kind-long-text = Plusieurs lignes de texte
office-builder-kind-email = Adresse électronique
office-builder-kind-phone = Téléphone
office-builder-kind-number = Nombre
office-builder-kind-money = Montant en euros
office-builder-kind-date = Date
office-builder-kind-time = Heure
office-builder-kind-yes-no = Oui ou non
office-builder-kind-one-of = Un choix parmi quelques-uns
office-builder-kind-many-of = Plusieurs choix parmi quelques-uns
office-builder-kind-list = Un choix dans une longue liste
office-builder-kind-address = Adresse postale
office-builder-kind-identity = Identité d’une personne
office-builder-kind-siret = Numéro SIRET
office-builder-kind-rna = Numéro RNA d’une association
office-builder-kind-iban = IBAN
office-builder-kind-file = Document à joindre
office-builder-kind-sworn = Attestation sur l’honneur
office-builder-kind-group = Groupe de questions répété
office-builder-kind-point = Lieu sur la carte
office-builder-kind-heading = Intertitre
office-builder-kind-note = Texte à lire
office-builder-conditions = Conditions
office-builder-rule-show = Posée
office-builder-rule-required = Obligatoire
office-builder-rule-unsaid = Condition à écrire
office-builder-rule-check = Contrôle de la réponse
office-builder-add-own-check = Ajouter un contrôle de la réponse
office-builder-group-questions = Questions du groupe

# Étapes
office-builder-step-label = Nom de l’étape
office-builder-step-label-hint = Le demandeur le lit aussi.
office-builder-step-department = Service qui agit
office-builder-step-department-none = Le service responsable
office-builder-step-role = Qui agit dans ce service
office-builder-step-role-any = Ceux qui traitent ses dossiers
office-builder-step-role-agent = Ses agents
office-builder-step-role-head = Son responsable seulement
office-builder-step-days = Durée prévue, en jours
office-builder-step-next = Ce qui peut suivre
office-builder-step-next-hint = L’étape suivante de la liste, si rien n’est coché.
office-builder-step-id = Nom court
office-builder-step-id-hint = Pour les conditions et les textes, qui suivent s’il change.
office-builder-step-offered = Proposée
office-builder-step-questions = Ce que l’agent remplit
office-builder-step-questions-hint = Ces réponses restent dans la mairie : le demandeur ne les voit pas.
office-builder-step-actions = Ce qui est fait dans l’étape
office-builder-no-action = Aucune action pour l’instant.
office-builder-add-action = Ajouter une action
office-builder-remove-step = Supprimer cette étape
office-builder-action-new = Nouvelle action
office-builder-action-new-hint = Ce que dira son bouton : « Prévenir le demandeur ».
office-builder-action-of = Une action de l’étape « { $step } ».
office-builder-action-remove = Supprimer cette action
office-builder-action-condition = Ne la permettre que dans certains cas
office-builder-action-condition-change = Changer sa condition
office-builder-action-label = Ce que dit son bouton
office-builder-action-label-hint = L’historique du dossier le reprend.
office-builder-action-kind = Genre d’action
office-builder-action-on = Quand elle est faite
office-builder-action-on-button = Quand un agent appuie sur son bouton
office-builder-action-on-enter = Quand le dossier entre dans l’étape
office-builder-action-on-leave = Quand il la quitte
office-builder-action-on-after = Quelques jours après l’entrée dans l’étape
office-builder-action-on-before = Quelques jours avant que le silence décide
office-builder-action-days = Nombre de ces jours
office-builder-action-moment-button = par un bouton
office-builder-action-moment-enter = à l’entrée dans l’étape
office-builder-action-moment-leave = à la sortie de l’étape
office-builder-action-moment-after = { $days ->
    [one] 1 jour après l’entrée
   *[other] { $days } jours après l’entrée
  }
office-builder-action-moment-before = { $days ->
    [one] 1 jour avant que le silence décide
   *[other] { $days } jours avant que le silence décide
  }
office-builder-action-title = Titre du document
office-builder-action-text = Texte
office-builder-action-department = Service de la mairie
office-builder-action-body = Organisme extérieur
office-builder-action-email = Adresse électronique de l’organisme
office-builder-action-email-hint = Sans elle, l’agent la saisit en appuyant sur le bouton.
office-builder-action-share = Ce que voit l’expert
office-builder-action-share-hint = Rien d’autre ne lui est montré.
office-builder-action-within_days = Jours laissés pour répondre
office-builder-action-to = Étape où passe le dossier
office-builder-action-limit = Limite regardée
office-builder-action-name = Nom dit aux autres logiciels
office-builder-action-id = Nom court
office-builder-deed-message = Écrire au demandeur
office-builder-deed-document = Envoyer un document au demandeur
office-builder-deed-ask-documents = Demander des pièces au demandeur
office-builder-deed-opinion = Demander un avis
office-builder-deed-task = Donner une tâche à un agent
office-builder-deed-remind = Relancer ceux qui suivent le dossier
office-builder-deed-move = Passer à une autre étape
office-builder-deed-transfer = Confier le dossier à un autre service
office-builder-deed-transfer-out = Transmettre à l’administration compétente
office-builder-deed-close = Clore le dossier sans décision
office-builder-deed-count = Dire combien une limite est utilisée
office-builder-deed-webhook = Prévenir d’autres logiciels

# Conditions
office-builder-condition-page = Quand afficher la { $place }
office-builder-condition-page-text = La page s’affiche seulement si la condition est remplie.
office-builder-condition-clear-page = Toujours l’afficher
office-builder-condition-show = Quand poser la { $place }
office-builder-condition-show-text = La question est posée seulement si la condition est remplie.
office-builder-condition-clear-show = Toujours la poser
office-builder-condition-required = Quand la réponse est obligatoire : { $place }
office-builder-condition-required-text = Il faut répondre si la condition est remplie.
office-builder-condition-clear-required = Toujours obligatoire
office-builder-condition-check = Contrôle de la { $place }
office-builder-condition-check-text = La réponse est acceptée si la condition est remplie. Sinon, le message s’affiche.
office-builder-condition-clear-check = Retirer ce contrôle
office-builder-condition-form-check = Contrôle entre plusieurs réponses ({ $place })
office-builder-condition-form-check-text = Les réponses sont acceptées si la condition est remplie. Sinon, le message s’affiche à côté d’une question.
office-builder-condition-clear-form-check = Retirer ce contrôle
office-builder-condition-limit = Quand la limite compte ({ $place })
office-builder-condition-limit-text = La demande est comptée seulement si la condition est remplie.
office-builder-condition-clear-limit = Toujours compter
office-builder-condition-step = Quand proposer l’{ $place }
office-builder-condition-step-text = L’étape est proposée seulement si la condition est remplie. Elle peut porter sur les réponses de la demande et sur ce que les agents ont rempli dans les étapes d’avant.
office-builder-condition-clear-step = Toujours la proposer
office-builder-condition-action = Quand l’action est possible ({ $place })
office-builder-condition-action-text = L’action est faite seulement si la condition est remplie. Elle peut aussi porter sur ce que l’agent remplit dans cette étape.
office-builder-condition-clear-action = Toujours la permettre
office-builder-condition-value = Calcul ({ $place })
office-builder-condition-value-text = Une expression qui donne un nombre entier.
office-builder-condition-clear-value = Retirer le calcul
office-builder-line = Condition
office-builder-line-subject = La réponse à
office-builder-line-operator = Comparaison
office-builder-line-value = Valeur
office-builder-line-values = Valeurs
office-builder-line-years = Nombre d’années
office-builder-line-days = Nombre de jours
office-builder-line-other = Comparer avec
office-builder-line-this-value = la valeur ci-dessus
office-builder-line-add = Ajouter une condition
office-builder-line-remove = Retirer la condition
office-builder-line-refresh = Actualiser les choix
office-builder-line-changed = Les choix ont été actualisés.
office-builder-choose = Choisissez
office-builder-joint = Il faut
office-builder-joint-all = que toutes les conditions soient remplies
office-builder-joint-any = qu’une seule suffise
office-builder-as-cel = S’écrit :
office-builder-source = Condition
office-builder-source-hint = En CEL. Par exemple : copies > 2 && statut == 'association'.
office-builder-names = Noms à utiliser
office-builder-message = Message affiché sinon
office-builder-message-hint = Dites ce qu’il faut faire : « Choisissez un jour dans quinze jours au plus tôt. »
office-builder-beside = À côté de quelle question
office-builder-mode-text = Écrire la condition soi-même
office-builder-mode-lines = Composer la condition en cliquant
office-builder-and = et
office-builder-or = ou
office-builder-subject-self_service = La personne est seule (en ligne ou par un logiciel)
office-builder-subject-channel = Façon dont la demande est faite
office-builder-operator-yes = est oui
office-builder-operator-no = est non
office-builder-operator-is = est
office-builder-operator-is-not = n’est pas
office-builder-operator-among = est l’une de ces réponses :
office-builder-operator-not-among = n’est aucune de ces réponses :
office-builder-operator-holds = comprend
office-builder-operator-holds-not = ne comprend pas
office-builder-operator-below = est avant, ou plus petit que
office-builder-operator-at-most = est au plus
office-builder-operator-above = est après, ou plus grand que
office-builder-operator-at-least = est au moins
office-builder-operator-years-at-least = remonte, en années, à au moins
office-builder-operator-years-below = remonte, en années, à moins de
office-builder-operator-days-at-least = est dans, en jours, au moins
office-builder-operator-days-at-most = est dans, en jours, au plus
office-builder-operator-count-at-least = compte au moins
office-builder-operator-count-at-most = compte au plus
office-builder-operator-contains = contient
office-builder-operator-begins = commence par
office-builder-operator-answered = a une réponse
office-builder-operator-unanswered = n’a pas de réponse

# Limites
office-builder-limit = Limite
office-builder-limit-text = Combien de demandes la même personne ou le même organisme peut faire dans une année, un mois, un nombre de jours, ou en tout.
office-builder-limit-who = Qui est compté
office-builder-limit-who-hint = La question qui dit qui demande : un numéro RNA, une adresse électronique, une identité avec la date de naissance.
office-builder-limit-day = Jour qui compte
office-builder-limit-day-hint = La question dont la date dit dans quelle période la demande est comptée.
office-builder-limit-day-none = Aucun : la limite vaut pour toujours
office-builder-limit-per = Période
office-builder-limit-per-year = Une année civile
office-builder-limit-per-month = Un mois civil
office-builder-limit-per-days = Un nombre de jours de suite
office-builder-limit-per-ever = Toujours
office-builder-limit-days = Nombre de jours
office-builder-limit-days-hint = Seulement pour un nombre de jours de suite : 90, par exemple.
office-builder-limit-at_most = Nombre au plus
office-builder-limit-at_most-hint = Un nombre, ou un calcul écrit en CEL.
office-builder-limit-message = Message quand la limite est atteinte
office-builder-limit-message-hint = { "{used}" } et { "{at_most}" } sont remplacés par les nombres.
office-builder-limit-id = Nom court
office-builder-limit-id-hint = Ce qui a été compté sous ce nom le reste.
office-builder-limit-condition = Quand cette limite compte

# Traductions
office-builder-translations-text = À côté de chaque texte, son anglais et une version facile à lire : phrases courtes, mots de tous les jours (règles FALC).
office-builder-translations-missing = { $n ->
    [0] Tout est traduit en anglais.
    [one] Un texte n’est pas traduit en anglais.
   *[other] { $n } textes ne sont pas traduits en anglais.
  }
office-builder-translations-only = Voir seulement ceux-là
office-builder-translations-all = Voir tous les textes
office-builder-translations-none = Aucun texte à traduire.
office-builder-english = Anglais
office-builder-plain = Version facile à lire

# Texte
office-builder-text-text = Le fichier complet de la démarche, au format du catalogue.
office-builder-text-label = Fichier

# Vérification et publication
office-builder-against = { $n ->
    [0] Rien ne s’oppose à la publication.
    [one] Un point à corriger avant de publier.
   *[other] { $n } points à corriger avant de publier.
  }
office-builder-ready = Rien ne s’oppose à la publication.
office-builder-advice = Conseils
office-builder-advice-text = Ils n’empêchent pas de publier.
office-builder-publish = Publier la version
office-builder-publish-text = Les nouvelles demandes suivront cette version. Les demandes et brouillons en cours gardent la leur.
office-builder-propose = Proposer à la publication
office-builder-propose-text = Une autre personne doit relire et publier la démarche.
office-builder-proposed-by = Proposée par
office-builder-second-person = Vous avez proposé cette démarche : une autre personne doit la publier.
office-builder-send-back = Renvoyer
office-builder-send-back-words = Ce qui est à revoir
office-builder-may-not-publish = Vous pouvez modifier les démarches ; une autre personne les publie.

# Versions
office-builder-change = Modifier cette démarche
office-builder-go-on = Ouvrir le brouillon
office-builder-see = Voir la page publique
office-builder-retire = Ne plus la proposer
office-builder-retire-title = Ne plus proposer « { $name } » ?
office-builder-retire-text = Sa page disparaît du site. Les demandes en cours continuent, et vous pourrez la proposer de nouveau.
office-builder-published-on = Publiée le
office-builder-published-by = Par
office-builder-actions = Actions
office-builder-current = En vigueur
office-builder-what-changed = Ce qui a changé
office-builder-take-up = Repartir de cette version
office-builder-version-by-file = Reprise d’un fichier
office-builder-version-by-two = { $published } (proposée par { $proposed })
office-builder-compare-two = Comparer deux versions
office-builder-compare-from = De la version
office-builder-compare-to = À la version
office-builder-compare-see = Comparer
office-builder-differences-two = De la version { $one } à la version { $other }
office-builder-differences-draft = Ce que ce brouillon change à la version { $n }
office-builder-no-difference = Rien n’a changé.
office-builder-added = Ajouté :
office-builder-taken-away = Retiré :
office-builder-becomes = devient
office-builder-diff-english = Traduction en anglais
office-builder-diff-plain = Version facile à lire
office-builder-diff-page-new = Nouvelle page
office-builder-diff-page-gone = Page supprimée
office-builder-diff-question-new = Nouvelle question
office-builder-diff-question-gone = Question supprimée
office-builder-diff-moved = Changée de place
office-builder-diff-order = Ordre des questions
office-builder-diff-shown = Affichage
office-builder-diff-asked = Posée
office-builder-diff-always = toujours
office-builder-diff-required = obligatoire
office-builder-diff-optional = facultative
office-builder-diff-bounds = Limites de la réponse
office-builder-diff-choice = Réponse proposée
office-builder-diff-choice-new = Nouvelle réponse proposée
office-builder-diff-choice-gone = Réponse retirée
office-builder-diff-choice-hint = Aide d’une réponse proposée
office-builder-diff-choices-order = Ordre des réponses proposées
office-builder-diff-pages-order = Ordre des pages
office-builder-diff-limits-order = Ordre des limites
office-builder-diff-step-new = Nouvelle étape
office-builder-diff-step-gone = Étape supprimée
office-builder-diff-steps-order = Ordre des étapes
office-builder-diff-action-new = Nouvelle action
office-builder-diff-action-gone = Action supprimée
office-builder-diff-actions-order = Ordre des actions
office-builder-diff-open = Possible
office-builder-diff-lines = Lignes du fichier qui changent
office-builder-diff-lines-text = Tout ce qui change, tel que le fichier l’écrit.
office-builder-diff-lines-only = Ce qui change ne se dit pas en quelques mots : lisez les lignes du fichier ci-dessous.
office-builder-diff-lines-head = Au début du fichier
office-builder-form-checks = Contrôles entre plusieurs réponses

# Aperçu et essais
office-builder-preview-text = La démarche telle que l’habitant la verra. Répondez pour de vrai : rien n’est gardé.
office-builder-preview-sheet = Présentation
office-builder-preview-form = Formulaire
office-builder-preview-french = Français
office-builder-preview-plain = Facile à lire
office-builder-preview-english = Anglais
office-builder-preview-paper = Le formulaire sur papier
office-builder-preview-page = Cette page du formulaire, telle que l’habitant la verra
office-builder-preview-phone = Sur un téléphone
office-builder-preview-desktop = Sur un ordinateur
office-builder-preview-waits = L’aperçu attend que le formulaire ait une page et que ses conditions soient justes.
office-builder-trials-text = Remplissez le formulaire une fois et enregistrez le résultat. Chaque publication refait l’essai : si le résultat change, vous le saurez avant les habitants.
office-builder-trial-online = Enregistrer un essai en ligne
office-builder-trial-counter = Enregistrer un essai au guichet
office-builder-no-trial = Aucun essai n’est enregistré.
office-builder-trial-outcome = { $n ->
    [0] Formulaire valable.
    [one] Formulaire à corriger, avec un message.
   *[other] Formulaire à corriger, avec { $n } messages.
  }
office-builder-trial-same = Même résultat
office-builder-trial-differs = Résultat différent
office-builder-trial-complete = Compléter l’essai
office-builder-trial-accept = Accepter le nouveau résultat
office-builder-trial-unread = Cet essai ne peut plus être lu : enregistrez-le de nouveau.

# Blocs
office-builder-blocks-text = Des questions que plusieurs démarches posent de la même façon. Une copie garde le lien avec son bloc : s’il change, la mise à jour est proposée aux brouillons.
office-builder-no-block = Aucun bloc. Ouvrez une page d’une démarche pour garder ses questions comme bloc.
office-builder-block = Bloc
office-builder-block-title = Nom du bloc
office-builder-block-hint = Les questions du bloc, au format du catalogue. Ce qui change ici est proposé aux brouillons qui l’emploient.
office-builder-block-remove = Supprimer le bloc
office-builder-block-changed = Un bloc de questions a changé :
office-builder-block-update = Mettre à jour ces questions
office-builder-use-block = Insérer un bloc
office-builder-use-block-button = Insérer ce bloc
office-builder-keep-block = Garder ces questions comme bloc
office-builder-keep-block-text = D’autres démarches pourront les reprendre d’un clic.
office-builder-keep-block-button = Garder comme bloc

permission-procedure-edit = Préparer les démarches
permission-procedure-publish = Publier les démarches
desk-builder-end = C’est la fin du formulaire. Rien n’est envoyé ni gardé.
desk-builder-record = Enregistrer cet essai
desk-builder-record-text = Chaque publication refera cet essai avec les mêmes réponses, et comparera le résultat.
desk-builder-record-name = Nom de l’essai
desk-words-plain = Version facile à lire
desk-words-usual = Version habituelle
desk-closed-letter = Vous pouvez toujours écrire à la mairie.
desk-fee-fixed = Tarif fixé par : { $text }
