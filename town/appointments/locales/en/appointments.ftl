# Appointments, for the public.
appointments-nav = Appointments
appointments-title = Make an appointment
appointments-about = Choose what you are coming for, then a time. No account is needed.
appointments-for-what = What are you coming for?
appointments-no-motive = The town hall gives no appointments online for the moment.
appointments-by-phone = You prefer the telephone? Call the town hall on { $phone }: you will be offered the same times.
appointments-choose = Choose a time
appointments-show = Show
appointments-how-many = Number of people
appointments-persons = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
appointments-where = Place
appointments-anywhere = Anywhere
appointments-first = The first free time:
appointments-week = From { $from } to { $until }
appointments-week-empty = No free time this week.
appointments-week-before = Week before
appointments-week-after = Week after
appointments-none = No time is free for the moment. Come back soon: times become free every day.
appointments-not-online = This appointment is made by telephone or at the counter.
appointments-good-to-know = Good to know
appointments-bring = What to bring
appointments-length = How long it takes
appointments-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
appointments-details = Your details
appointments-kept-until = This time is kept for you until { $time }.
appointments-kept-no-more = This time is no longer kept for you. If it is still free, you will have it by confirming; if not, others will be offered.
appointments-name = Name and first name
appointments-email = E-mail address
appointments-one-suffices = An e-mail address or a telephone number: one of them suffices.
appointments-phone = Telephone
appointments-phone-hint = For example: 06 12 34 56 78
appointments-numbers = Pre-request numbers
appointments-numbers-hint = If you filled in a pre-request on the France Titres site: one number of ten letters and digits a person. Separate them by spaces.
appointments-note = Anything else
appointments-note-hint = What helps us to receive you: a need of access to the building, a language. Nothing else about your health.
appointments-privacy = The town hall keeps this for the appointment alone, and erases it two months after.
appointments-confirm = Confirm the appointment
appointments-give-up = Give this time up
appointments-instead = Another time
appointments-mine = Your appointment
appointments-booked = Your appointment is made
appointments-told-email = A confirmation is on its way to { $email }. We will write again the day before.
appointments-told-email-once = A confirmation is on its way to { $email }. It stands for a reminder: your appointment is soon.
appointments-told-phone = If the town hall sends text messages, a confirmation is on its way to { $phone }. Note the address of this page: it lets you move or cancel the appointment.
appointments-moved = Your appointment is moved.
appointments-cancelled = Your appointment is cancelled. Thank you: somebody else can come.
appointments-past = The time of this appointment has passed.
appointments-ics = Add to your calendar (.ics file)
appointments-move = Move the appointment
appointments-move-about = Choose another time: the old one is given back at once.
appointments-now-at = For now: { $when }.
appointments-cancel = Cancel the appointment
appointments-cancel-about = The time will be offered to somebody else. To change the day or the time, move the appointment instead.
appointments-cancel-sure = Yes, cancel the appointment
appointments-keep-link = Keep the address of this page: with it you move or cancel the appointment without an account. Give it to nobody.
appointments-again = Make another appointment
appointments-personal = Appointment: { $when }
appointments-fact-motive = For
appointments-fact-when = When
appointments-fact-where = Where
appointments-fact-access = Access
appointments-fact-persons = Number of people
appointments-fact-name = Name
appointments-fact-email = E-mail address
appointments-fact-phone = Telephone
appointments-fact-numbers = Pre-requests
appointments-fact-note = Anything else
appointments-fact-reference = Reference
appointments-fact-state = State
appointments-state-held = Being made
appointments-state-booked = Expected
appointments-state-arrived = Arrived
appointments-state-received = Received
appointments-state-missed = Did not come
appointments-state-cancelled = Cancelled
appointments-wrong-name = Give your name and first name.
appointments-wrong-name-long = The name has more than 100 letters.
appointments-wrong-email = The e-mail address is not complete, for example name@example.com.
appointments-wrong-phone = This telephone number is not complete. For example: 06 12 34 56 78.
appointments-wrong-unreachable = Give an e-mail address or a telephone number, to receive the confirmation.
appointments-wrong-note = This has more than 500 letters.
appointments-wrong-numbers = A pre-request number has ten letters and digits.
appointments-wrong-numbers-many = There are more pre-request numbers than people. Give one for each person.
appointments-wrong-persons = { $n ->
    [one] This appointment is made for one person.
   *[other] This appointment is made for { $n } people at most.
}
appointments-wrong-numbered = There is an appointment to come for one of these pre-requests already. Move or cancel it first.
appointments-wrong-number-consumed = One of these pre-requests has served already: the file was handed in at a town hall. Check the number, or remove it.
appointments-wrong-number-expired = One of these pre-requests is too old. Make a new one, or remove the number.
appointments-wrong-number-unknown = One of these numbers is not known to France Titres. Check it, or remove it: the appointment is made without a number too.
appointments-wrong-elsewhere = There is an appointment elsewhere already for one of these pre-requests. Cancel it, or tick the box to make this one too.
appointments-proposed = The town hall proposes this appointment for your request. Choose the day and time.
appointments-elsewhere = Another town hall awaits the person already for one of these pre-requests:
appointments-elsewhere-one = { $place }, { $when }
appointments-elsewhere-manage = Move or cancel it
appointments-despite = Make this appointment too
appointments-unchecked = The national service that compares the appointments of town halls did not answer. If the same pre-request has another appointment elsewhere, cancel one of the two.
appointments-found-elsewhere = France Titres knows of another appointment for this pre-request, at another town hall. Keep only one.
appointments-found-consumed = This pre-request has served already: the file was handed in at a town hall.
appointments-found-expired = This pre-request is too old: a new one is needed.
appointments-found-unknown = This pre-request number is not known to France Titres.
appointments-wrong-gone = This time has just been taken. Choose another one.
appointments-wrong-too-many = You already have two appointments to come for this. Move or cancel one of them, or call the town hall.
appointments-wrong-hoarding = Many times were asked for from your connection. Wait some minutes, or call the town hall.
appointments-called = Now called
appointments-called-before = Called before
appointments-nobody-called = Nobody has been called yet.
appointments-waiting = { $n ->
    [0] Nobody is waiting
    [one] One person is waiting
   *[other] { $n } people are waiting
}
appointments-wish = Waiting list
appointments-wish-link = No time suits you? Put yourself on the waiting list.
appointments-wish-about = When somebody gives back a time within your days, we offer it to you, in the order of the list, between 8 in the morning and 9 in the evening. It is kept for you for four hours; without an answer, it goes to the next person. If you make an appointment for the same thing meanwhile, you leave the list.
appointments-wish-first = From
appointments-wish-last = Until
appointments-wish-phone = A mobile number, if you have no e-mail address and the town hall sends text messages.
appointments-wish-privacy = The town hall keeps this for the waiting list alone, and erases it a week after your last day.
appointments-wish-make = Join the list
appointments-wish-facts = { $motive }, from { $first } to { $last }.
appointments-wish-keep = Keep the address of this page: it tells how you stand on the list, and lets you leave it.
appointments-wish-withdraw = Leave the list
appointments-wish-waiting = You are on the waiting list.
appointments-wish-offered = A time is offered to you: read the message that we have sent.
appointments-wish-served = You have taken a time. You are no longer on the list.
appointments-wish-ended = You are no longer on the list.
appointments-wrong-first = Give a day on which appointments are given, today or later.
appointments-wrong-last = Give a last day, after the first and not too far away.
appointments-wrong-wishes = You are on the waiting list three times already.

# What is written by e-mail and by text message.
appointments-mail-booked-subject = Your appointment: { $when }
appointments-mail-booked = Your appointment for “{ $motive }” is made: { $when }.
appointments-mail-moved-subject = Your appointment is moved: { $when }
appointments-mail-moved = Your appointment for “{ $motive }” is moved. The new time: { $when }.
appointments-mail-cancelled-subject = Your appointment is cancelled: { $when }
appointments-mail-cancelled = Your appointment for “{ $motive }”, { $when }, is cancelled.
appointments-mail-reminder-subject = Reminder: your appointment, { $when }
appointments-mail-reminder = You have an appointment for “{ $motive }”: { $when }. If you cannot come, cancel it: somebody else will come in your place.
appointments-mail-offered-subject = A time has become free: { $when }
appointments-mail-offered = You are waiting for an appointment for “{ $motive }”. A time has become free: { $when }.
appointments-mail-take = It is kept for you until { $until }. Take it, or leave it to somebody else, here: { $link }
appointments-sms-offered = { $town } town hall: a time has become free, { $when }. Take it here: { $link }
appointments-mail-elsewhere-subject = Two appointments for the same pre-request
appointments-mail-elsewhere = You have two appointments for the same pre-request. One is enough: cancel the other, somebody else will come in your place. Ours is for “{ $motive }”, { $when }.
appointments-mail-twin = At another town hall: { $place }, { $when }.
appointments-mail-twin-manage = To move or cancel it: { $link }
appointments-sms-elsewhere = { $town } town hall: two appointments for the same pre-request, cancel one. Here: { $when }, { $place } { $link } Elsewhere: { $there }
appointments-mail-bring = What to bring:
appointments-mail-link = Reference { $reference }. To move or cancel this appointment, without an account: { $link }
appointments-mail-again = To make another appointment: { $link }
appointments-sms-booked = { $town } town hall: appointment { $when }, { $place }. Change or cancel: { $link }
appointments-sms-moved = { $town } town hall: appointment moved, { $when }, { $place }. Change: { $link }
appointments-sms-cancelled = { $town } town hall: your appointment ({ $when }) is cancelled.
appointments-sms-reminder = { $town } town hall: reminder, appointment { $when }, { $place }. Cancel: { $link }
permission-appointment-receive = Receive by appointment
permission-appointment-manage = Set up appointments: motives, places, counters, presences
