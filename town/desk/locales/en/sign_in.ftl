# Who must be identified for a procedure, and what FranceConnect says of the person.
desk-level-account = To do this online, sign in to your account.
desk-level-eidas1 = To do this online, identify yourself with FranceConnect.
desk-level-eidas2 = To do this online, identify yourself with FranceConnect+ (substantial level of assurance).
desk-level-eidas3 = To do this online, identify yourself with FranceConnect+ (high level of assurance).
desk-identification = Online identification
desk-identification-title = Identify yourself
desk-begin-account = Sign in first, so as not to type again what is in your account
desk-identification-insufficient = You are signed in, but not with an identity that is secure enough for this procedure.
desk-identification-none = Online identification is not possible at the moment. Make your request in one of the other ways below.
desk-identification-kept = If you had started, what you filled in is kept.
desk-identification-otherwise = Without identifying yourself online
desk-identification-otherwise-text = You can make the same request in another way, with the same result:
desk-identification-sheet = See how
desk-vouched = Given by FranceConnect: you cannot change this here.
desk-birth-vouched = Date of birth
