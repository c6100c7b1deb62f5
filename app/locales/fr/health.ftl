# Ce que l’administrateur lit de la machine et de ses voisins.
health-mail = Serveur de messagerie
health-mail-good = Le serveur répond et laisse entrer la commune.
health-mail-kept = Aucun serveur de messagerie n’est réglé : les messages sont gardés et ne partent pas.
health-mail-kept-meanwhile = Les demandes sont reçues, mais ni accusé de réception ni décision ne part par message électronique, et ce qui est gardé ne partira pas plus tard. Les personnes peuvent suivre leur demande sur le site.
health-mail-kept-remedy = Réglez la section [smtp] de la configuration, relancez le programme, puis lancez « beffroi doctor ».
health-mail-demo = C’est une démonstration : les messages sont gardés et ne partent pas.
health-mail-demo-meanwhile = Personne ne reçoit rien : c’est voulu, pour que tout puisse être essayé.
health-mail-demo-remedy = Rien. Une vraie commune a son propre serveur de messagerie, dans la section [smtp] de sa configuration.
health-mail-wrong = Le serveur ne répond pas, ou ne laisse pas entrer la commune. { $waiting ->
    [0] Aucun message n’attend.
    [one] Un message attend.
   *[other] { $waiting } messages attendent.
 }
health-mail-late = Le serveur répond, mais { $waiting ->
    [one] un message attend
   *[other] { $waiting } messages attendent
 } après un premier essai sans succès.
health-mail-late-meanwhile = Ces messages sont essayés de nouveau pendant trois jours. Les autres partent comme d’habitude.
health-mail-late-remedy = Lisez plus bas, dans « Travaux en attente », la raison que donne le serveur.
health-mail-meanwhile = Les demandes sont reçues comme d’habitude. Les messages (accusés de réception, décisions) restent gardés et partiront dès que le serveur répondra, pendant trois jours ; les personnes peuvent suivre leur demande sur le site.
health-mail-remedy = Vérifiez la section [smtp] de la configuration (port et sécurité vont ensemble), le mot de passe et le pare-feu, puis lancez « beffroi doctor ».
health-viruses = Contrôle des virus
health-viruses-good = L’antivirus répond.
health-viruses-open = Aucun antivirus n’est réglé : les pièces peuvent être lues dès leur réception.
health-viruses-open-meanwhile = Aucune pièce n’est contrôlée : une pièce piégée peut être ouverte par un agent.
health-viruses-open-remedy = Installez clamav-daemon et dites où il écoute, par « clamd » dans la configuration.
health-viruses-wrong = L’antivirus ne répond pas. { $waiting ->
    [0] Aucune pièce n’attend.
    [one] Une pièce attend d’être contrôlée.
   *[other] { $waiting } pièces attendent d’être contrôlées.
 }
health-viruses-meanwhile = Les pièces sont reçues et gardées, mais personne ne peut les ouvrir avant leur contrôle. Il reprend de lui-même dès que l’antivirus répond.
health-viruses-remedy = Démarrez clamav-daemon, et vérifiez TCPSocket et TCPAddr dans clamd.conf.
health-pdf = Mise en page des PDF
health-pdf-good = Un document d’essai a été mis en page.
health-pdf-wrong = Un document d’essai n’a pas pu être mis en page.
health-pdf-meanwhile = Les demandes et les décisions sont enregistrées. Les accusés de réception et les lettres en PDF seront faits plus tard ; les messages électroniques partent sans les attendre.
health-pdf-remedy = Le programme doit pouvoir se lancer lui-même : vérifiez la section [pdf] et les limites de mémoire du service.
health-database = Base de données
health-database-good = La base répond.
health-database-wrong = La base ne répond pas comme il faut.
health-database-meanwhile = Les pages disent que le service est indisponible ; rien de ce qui a été accepté n’est perdu.
health-database-remedy = Vérifiez le disque ou le serveur PostgreSQL, puis lancez « beffroi doctor ». Au besoin, restaurez la dernière sauvegarde.
health-disk = Place sur le disque
health-disk-good = Il reste { $free } Mio.
health-disk-weak = Il ne reste que { $free } Mio : une grosse journée peut remplir le disque.
health-disk-wrong = Il ne reste que { $free } Mio : la prochaine pièce ou la prochaine sauvegarde peut échouer.
health-disk-unknown = La place qui reste n’a pas pu être lue.
health-disk-meanwhile = Quand le disque est plein, les demandes et leurs pièces ne peuvent plus être reçues : les personnes en sont averties, et rien de ce qui a été accepté n’est perdu.
health-disk-remedy = Libérez de la place, ou déplacez le dossier des données sur un disque plus grand.
health-backup = Sauvegarde
health-backup-good = La dernière sauvegarde a { $hours ->
    [0] moins d’une heure
    [one] une heure
   *[other] { $hours } heures
 }.
health-backup-old = La dernière sauvegarde a { $days } jours.
health-backup-none = « beffroi backup » n’a pas encore sauvegardé cette commune. Si vous sauvegardez autrement, cette ligne ne le sait pas.
health-backup-none-meanwhile = Personne ne remarque rien, jusqu’au jour où la machine est perdue : tout ce qui a été reçu le serait aussi, si rien d’autre ne le sauvegarde.
health-backup-meanwhile = Personne ne remarque rien, jusqu’au jour où la machine est perdue : ce qui a été reçu depuis la dernière sauvegarde le serait aussi.
health-backup-remedy = Lancez « beffroi backup --to DOSSIER » chaque nuit, et gardez les archives loin de la machine.
