# What everybody reads: registration, sign-in, account.
accounts-email = Email address
accounts-password = Password
accounts-password-new = New password
accounts-name = First and last name
accounts-name-hint = How you would like the town hall to call you.
accounts-email-hint = We will send a link there to check that it is yours.
accounts-moment = { $date } at { $time }
accounts-wait = Too many attempts. For your security, try again in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.

accounts-email-missing = Enter your email address.
accounts-email-wrong = Enter a complete email address, like camille@example.com.
accounts-email-taken = An account already has this address.
accounts-password-missing = Enter your password.
accounts-name-missing = Enter the first and last name.
accounts-name-long = The name can have 100 characters at most.

accounts-sign-in-title = Sign in
accounts-sign-in-do = Sign in
accounts-sign-in-wrong = The address or the password is wrong.
accounts-lost = I have forgotten my password
accounts-no-account = No account yet?
accounts-no-account-text = With an account you can find your requests again and answer the town hall. You do not need one to make a request.
accounts-said-unverified-title = Confirm your address first
accounts-said-unverified-text = Your password is right, but your address is not confirmed yet. We have just sent you a message: open its link, then sign in.
accounts-said-unverified-next = Back to sign-in

accounts-code-title = Enter your code
accounts-code-text = Your account is protected by a second code. Open your authenticator app and copy the 6 digits that it shows.
accounts-code = 6-digit code, or recovery code
accounts-code-do = Continue
accounts-code-lost = I no longer have my phone
accounts-code-lost-text = Enter one of your recovery codes instead: each works once. If you have none left, contact the town hall, which will make sure that it is you.
accounts-code-leave = Cancel signing in
accounts-code-wrong = This code is wrong, or was used before. Wait for the next one and copy it.

accounts-register-title = Create an account
accounts-register-text = You need an email address and two minutes.
accounts-register-do = Create my account
accounts-register-data = This information serves your account and your requests, nothing else.
accounts-rule-citizen = At least 8 characters of 3 kinds among: lower case, upper case, digits, symbols. Or a phrase of at least 7 words. Avoid your name and common passwords.
accounts-rule-agent = At least 12 characters of 4 kinds (lower case, upper case, digits, symbols), or 14 characters of 3 kinds, or a phrase of at least 7 words. Avoid your name and common passwords.
accounts-rule-administrator = At least 16 characters of 3 kinds among: lower case, upper case, digits, symbols. Or a phrase of at least 7 words. Avoid your name and common passwords.
accounts-weak-short = This password is too short or too uniform. Add characters of another kind, or choose a phrase of at least 7 words.
accounts-weak-guessed = This password is easy to guess. Avoid your name, the name of the town, sequences and common words.
accounts-weak-long = The password can have 128 characters at most.
accounts-said-asked-title = Check your inbox
accounts-said-asked-text = We have just written to you. Open the link in the message within 24 hours to finish.
accounts-said-asked-next = Go to sign-in
accounts-no-mail = Nothing there? Look in your spam folder and check the address that you typed.

accounts-confirm-title = Confirm your address
accounts-confirm-text = One last click, and your account is ready.
accounts-confirm-do = Confirm my address
accounts-said-verified-title = Your address is confirmed
accounts-said-verified-text = Your account is ready. You can sign in.
accounts-said-verified-next = Sign in
accounts-said-stale-title = This link no longer works
accounts-said-stale-text = It was used, replaced or has expired. If your address is not confirmed yet, sign in: we will send you a new link.
accounts-said-stale-next = Sign in

accounts-lost-title = Forgotten password
accounts-lost-text = Enter the address of your account: we will send you a link to choose a new password.
accounts-lost-do = Send me the link
accounts-said-reset-asked-title = Check your inbox
accounts-said-reset-asked-text = If an account has this address, we have just sent a link to it. It works for one hour.
accounts-said-reset-asked-next = Back to sign-in
accounts-said-stale-password-title = This link no longer works
accounts-said-stale-password-text = It was used, replaced or has expired.
accounts-said-stale-password-next = Ask for a new link
accounts-new-password-title = Choose a password
accounts-new-password-of = For the account
accounts-new-password-do = Save the password
accounts-said-password-set-title = Your password is saved
accounts-said-password-set-text = For your security, all devices were signed out. You can sign in with the new password.
accounts-said-password-set-next = Sign in

accounts-shortcuts = Shortcuts
accounts-identity = Your details
accounts-since = Account created on
accounts-security = Your security
accounts-cases = My requests
accounts-cases-text = Follow your requests, answer the town hall, find your documents.
accounts-office = Staff area
accounts-office-text = Handle the requests of residents.
accounts-change-password = Change password
accounts-change-password-text = Your other devices will be signed out.
accounts-present = Current password
accounts-present-missing = Enter your current password.
accounts-present-wrong = This is not your current password.
accounts-done-password = Your password is changed. Your other devices are signed out.

accounts-sessions-title = Signed-in devices
accounts-sessions-short = Where your account is open now.
accounts-sessions-see = See
accounts-sessions-text = This is where your account is open now. If you do not recognise a device, sign it out and change your password.
accounts-session-here = this device
accounts-session-opened = Signed in on
accounts-session-seen = Last seen on
accounts-session-close = Sign this device out
accounts-sessions-close-others = Sign all other devices out
accounts-done-session = Signed out.
accounts-device-unknown = Unknown device

accounts-factor = Two-step sign-in
accounts-factor-set = On
accounts-factor-unset = Off
accounts-factor-turn-on = Turn on
accounts-factor-begin = Turn on two-step sign-in
accounts-factor-replace = Change app or phone
accounts-factor-expected = You work with residents’ data: protect your account with a second code before you go on.
accounts-factor-is-set = Your account is protected: you are asked for a code each time you sign in.
accounts-factor-text = Besides the password, you will be asked for a 6-digit code that changes every 30 seconds. Even if somebody guesses your password, they cannot get in.
accounts-factor-apps = You need an authenticator app on your phone or computer: Aegis, FreeOTP, Google Authenticator, KeePassXC or another.
accounts-enrol-title = Link your app
accounts-enrol-scan = 1. Scan this image
accounts-enrol-scan-text = In your authenticator app, add an account and point at this image.
accounts-enrol-image = Code to scan with your app. The same secret is written out below.
accounts-enrol-type = I cannot scan
accounts-enrol-type-text = Type this secret into your app:
accounts-enrol-address = Or copy this address into a password manager:
accounts-enrol-confirm = 2. Copy the code that it shows
accounts-enrol-code = 6-digit code
accounts-enrol-do = Turn on
accounts-recovery-title = Your recovery codes
accounts-recovery-done = Two-step sign-in is on.
accounts-recovery-once = These codes will never be shown again.
accounts-recovery-text = Print or copy them, and keep them elsewhere than in your phone. If you lose it, each of these codes lets you in once.
accounts-recovery-next = I have noted them, continue
permission-town-manage = Change the town’s settings
permission-department-manage = Manage departments
permission-account-manage = Manage accounts
permission-mandate-manage = Record mandates
permission-token-manage = Create tokens
permission-journal-read = Read the journal
