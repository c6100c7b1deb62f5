# Santé : ce dont dépendent le courrier arrivé et les autres logiciels.
office-health-mailboxes = Boîtes électroniques
office-health-mailboxes-read = { $count ->
    [one] La boîte est relevée.
   *[other] Les { $count } boîtes sont relevées.
 }
office-health-mailboxes-troubled = { $count ->
    [one] Une boîte n’a pas pu être relevée.
   *[other] { $count } boîtes n’ont pas pu être relevées.
 }
office-health-mailboxes-late = { $count ->
    [one] Une boîte n’est plus relevée.
   *[other] { $count } boîtes ne sont plus relevées.
 }
office-health-mailboxes-meanwhile = Les messages restent sur le serveur de messagerie et n’arrivent pas au courrier à trier. Aucun n’est perdu.
office-health-mailboxes-remedy = Ouvrez « Boîtes électroniques » dans les réglages et cliquez sur « Vérifier » : la page dit ce qui empêche la relève.
office-health-webhooks = Autres logiciels prévenus
office-health-webhooks-good = { $count ->
    [one] Le logiciel est prévenu.
   *[other] Les { $count } logiciels sont prévenus.
 }
office-health-webhooks-disabled = { $count ->
    [one] Un logiciel n’est plus prévenu : il n’a rien reçu pendant plusieurs jours.
   *[other] { $count } logiciels ne sont plus prévenus : ils n’ont rien reçu pendant plusieurs jours.
 }
office-health-webhooks-meanwhile = Ce logiciel ne sait rien de ce qui se passe ici. Les demandes sont traitées comme d’habitude.
office-health-webhooks-remedy = Ouvrez la page de ce logiciel dans les réglages, réparez la cause, puis reprenez les envois : ce qui manque peut être renvoyé.
