# Error pages.
error-reference = Number to give if you call us:
error-home = Back to the home page
error-contact = Contact the town hall
error-ours = Nothing that you have already sent is lost.
error-400-title = We did not understand this request
error-400-text = The request arrived incomplete or damaged. Go back to the previous page and try again.
error-401-title = Sign in to continue
error-401-text = You need to be signed in to see this page.
error-403-title = You cannot do this
error-403-text = Your account does not allow it, or the request does not come from a page of this site.
error-404-title = This page does not exist
error-404-text = The address may be incomplete, or the page has been removed.
error-409-title = This has changed in the meantime
error-409-text = Somebody changed this information before you. Reload the page and check before you try again.
error-413-title = This is too large
error-413-text = A file or a text is larger than we accept. Go back to the previous page and send a smaller one.
error-422-title = Some answers need your attention
error-422-text = Some answers cannot be accepted as they are. Go back to the previous page to correct them.
error-429-title = Too many requests at once
error-429-text = Wait a few minutes, then try again.
error-500-title = Something went wrong on our side
error-500-text = It is not your fault. Try again in a few minutes.
error-503-title = The service is briefly unavailable
error-503-text = Try again in a few minutes.

# A session that ends while somebody writes.
kept-title = Sign in again: what you wrote is kept
kept-text = Your session has ended. Keep this page open: nothing of what you typed is lost.
kept-sign-in = Sign in, in a new tab
kept-come-back = Come back to this page and send it again.
kept-files = If you had attached files, you will have to choose them again.
kept-send = Send again
kept-words = What you wrote

# Legal pages and contact.
accessibility-title = Accessibility statement
legal-notice-title = Legal notice
personal-data-title = Your personal data
contact-title = Contact the town hall
contact-address = Address
contact-phone = Telephone
contact-email = E-mail address
contact-hours = Opening hours
contact-none = The town hall has not published its contact details yet.

health-not-looked-at = The check itself did not come to an end.
