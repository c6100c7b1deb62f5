# Seasons of rooms for associations, for the public.
rooms-season-own-nav = Seasons of associations
rooms-season-own-about = For an association: ask for times of the year, and follow the answer.
rooms-season-title = Seasons of associations
rooms-season-lead = Each season, the town shares weekly times in its rooms among the associations that ask for some.
rooms-season-all = All seasons
rooms-season-none = No season is announced at the moment.
rooms-season-from-to = From { $first } to { $last }
rooms-season-from-to-window = From { $opens } to { $closes }
rooms-season-window = Requests from { $opens } to { $closes }
rooms-season-state-draft = In preparation
rooms-season-state-soon = Soon open for requests
rooms-season-state-open = Open for requests
rooms-season-state-closed = Requests under review
rooms-season-state-published = Results published
rooms-season-state-ended = Season over
rooms-season-season = Season
rooms-season-wishes = Requests
rooms-season-holidays = School holidays
rooms-season-holidays-out = No times in the school holidays
rooms-season-holidays-in = Times in the school holidays too
rooms-season-rooms = Rooms offered
rooms-season-seed = Seed of the lots
rooms-season-ask = Ask for times
rooms-season-ask-about = Sign in to ask for your association. You can change the request until the period is over. You can also ask at the town hall, on the telephone or by letter.
rooms-season-mine = Your requests
rooms-season-results = Times given
rooms-season-results-none = No time was given.
rooms-season-head-slot = Day and time
rooms-season-head-body = Association
rooms-season-head-activity = Activity
rooms-season-head-period = Period
rooms-season-head-wished = Wished a week
rooms-season-head-given = Given a week
rooms-season-accounts = What each association wished and was given
rooms-season-reference = Reference
rooms-season-method = How times are given
rooms-season-method-1 = Times are given in turns: in each turn, each association has one weekly time at most.
rooms-season-method-2 = Within a turn, associations come in the order of the season’s criteria, then by lots among those that the criteria leave equal.
rooms-season-method-3 = An association has the first possible time of its most important wish, in its own order of rooms and hours; where that wish has no possible time left, the next one follows in the same turn.
rooms-season-method-4 = A time is possible where the room is large enough and at least three quarters of its dates are open and free; the other dates are left out and told.
rooms-season-draw = Details of the draw
rooms-season-method-5 = The seed of the lots is drawn when the period for requests is over and published here: the rank of an association is the SHA-256 digest of the seed, a colon and its reference, from the smallest to the largest.
rooms-season-method-people = This is a proposal. The town’s staff may change it before it is published.
rooms-season-criteria = Criteria, in order
rooms-season-criterion-fewest = Having the fewest hours a week so far
rooms-season-criterion-kept = Having had a time in the season before
rooms-season-criterion-residents = Share of members who live in the town
rooms-season-criterion-young = Share of members under 18
rooms-season-slot = { $day } from { $from } to { $until }

# A request of a round.
rooms-season-request-new = Ask for times: { $season }
rooms-season-request-of = { $body }, request { $reference }
rooms-season-request-about = One request for each association, with at most 10 wishes. It can be changed until { $closes } included.
rooms-season-body = The association
rooms-season-name = Name of the association
rooms-season-number = RNA, SIREN or SIRET number
rooms-season-number-hint = For example: W341005678. Leave empty if the association has none.
rooms-season-members = Members
rooms-season-residents = Of whom live in the town
rooms-season-young = Of whom under 18
rooms-season-people = Members
rooms-season-elsewhere = The association has its seat in another town
rooms-season-elsewhere-hint = The prices of the rooms depend on it.
rooms-season-mail-price = To be paid for the season: { $amount } ({ $cited }).
rooms-season-mail-free = Times for free within those of the year: { $n }, worth { $value }.
rooms-season-address = Postal address
rooms-season-address-hint = Without an e-mail address, the results arrive there by post.
rooms-season-wrong-address = Write the address on 5 lines at most.
rooms-season-letter-opening = Dear Sir or Madam,
rooms-season-letter-closing = Yours faithfully,
rooms-season-letter-contract = Contract: { $room }, first date: { $when }
rooms-season-people-told = { $n }, of whom { $residents } live in the town and { $young } are under 18
rooms-season-contact = Whom to contact
rooms-season-contact-hint = The town hall uses this for the request alone. It is erased one year after the season.
rooms-season-contact-name = Name
rooms-season-email = E-mail address
rooms-season-phone = Telephone
rooms-season-wishes-title = The wishes
rooms-season-wishes-about = A wish is an activity that comes again every week. The most important comes first.
rooms-season-wish = Wish { $n }
rooms-season-activity = Activity
rooms-season-activity-hint = For example: yoga for adults. This text is published with the results.
rooms-season-priority = Rank
rooms-season-people-come = Participants
rooms-season-times = How often a week
rooms-season-times-a-week = { $n ->
    [one] Once a week
   *[other] { $n } times a week
}
rooms-season-length = Length
rooms-season-room-1 = Room, first choice
rooms-season-room-2 = Room, second choice
rooms-season-room-3 = Room, third choice
rooms-season-no-room = None
rooms-season-ranges = Possible days and hours, the best first
rooms-season-day = Day
rooms-season-no-day = None
rooms-season-from = Not before
rooms-season-until = Over by
rooms-season-first = From
rooms-season-last = Until
rooms-season-send = Send the request
rooms-season-add = Add a wish
rooms-season-withdraw = Withdraw this request
rooms-season-withdraw-about = The request is erased. You can make another one as long as the period for requests is not over.
rooms-season-withdraw-button = Withdraw the request
rooms-season-done-recue = The request is received. A confirmation is sent by e-mail.
rooms-season-done-changee = The request is changed. A confirmation is sent by e-mail.
rooms-season-done-rendu = The time is given back.
rooms-season-done-reponse = The answer is sent to the town hall.
rooms-season-done-retiree = The request is withdrawn.
rooms-season-wrong-name = Give the name of the association, at most 120 letters.
rooms-season-wrong-number = This is no RNA, SIREN or SIRET number. Check it, or leave it empty.
rooms-season-wrong-members = Give the number of members, in figures.
rooms-season-wrong-residents = Residents of the town: give a number from 0 to the number of members.
rooms-season-wrong-young = Under 18: give a number from 0 to the number of members.
rooms-season-wrong-contact = Give the name of whom to contact.
rooms-season-wrong-email = Give an e-mail address, for example name@example.org.
rooms-season-wrong-reach = Give a telephone number or an e-mail address.
rooms-season-wrong-none = Give at least one wish.
rooms-season-wrong-activity = Give the activity, at most 120 letters.
rooms-season-wrong-times = Choose how often a week.
rooms-season-wrong-length = Choose a length.
rooms-season-wrong-people = Give the number of participants, in figures.
rooms-season-wrong-room = Choose a room.
rooms-season-wrong-range = Give at least one day, with its hours.
rooms-season-wrong-weekday = Choose a day.
rooms-season-wrong-hours = Give hours that follow one another, for example 18:00 and 22:00.
rooms-season-wrong-short = These hours are shorter than the length that you wish.
rooms-season-wrong-days = Give as many different days as times a week.
rooms-season-wrong-date = Give a day of the season, or leave it empty.
rooms-season-wrong-order = The last day comes before the first.
rooms-season-wrong-twice = This association has a request for this season already. Change it, or call the town hall if you did not make it.
rooms-season-wrong-full = This season has as many requests as it can. Call the town hall.

# What became of a request.
rooms-season-mine-open = This request can be changed until the end of { $closes }.
rooms-season-change = Change the request
rooms-season-mine-waits = The request is under review. The results will be sent by e-mail and published.
rooms-season-mine-given = These are the times that are given.
rooms-season-mine-nothing = No time could be given.
rooms-season-wished = { $n ->
    [one] Once a week, { $length }, { $people } participants
   *[other] { $n } times a week, { $length }, { $people } participants
}
rooms-season-dates = { $n ->
    [one] One date, { $first }
   *[other] { $n } dates, from { $first } to { $last }
}
rooms-season-left-closed = closed
rooms-season-left-taken = already taken
rooms-season-given-back = Given back on { $day }
rooms-season-not-booked = No date could be booked.
rooms-season-give-back = Give this time back
rooms-season-refused = What could not be given
rooms-season-not-given = { $n ->
    [one] { $activity }: once a week could not be given.
   *[other] { $activity }: { $n } times a week could not be given.
}
rooms-season-why-unknown = { $room }: the room is no longer offered.
rooms-season-why-small = { $n ->
    [one] { $room }: it holds { $n } person at most.
   *[other] { $room }: it holds { $n } people at most.
}
rooms-season-why-length = { $room }: it is booked for { $shortest } at least and { $longest } at most.
rooms-season-why-no-start = { $room }: no time of that length begins and ends within these hours.
rooms-season-why-closed = { $room }: it is closed at these hours.
rooms-season-why-taken = { $room }: it is taken at these hours by { $by }.
rooms-season-why-taken-booked = { $room }: it is taken at these hours by { $by }, and by other bookings.
rooms-season-why-booked = { $room }: it is booked already at these hours.
rooms-season-why-same-day = { $room }: the other days are full, and this wish has a time on that day already.
rooms-season-deposits = Deposits
rooms-season-deposit-promised = { $room }: a deposit of { $amount } is asked for before the keys are handed over, one for the whole season. It is not cashed.
rooms-season-deposit-held = { $room }: the town hall holds the deposit of { $amount }. It is given back at the end of the season, after the last inspection on the way out.
rooms-season-deposit-withheld = { $room }: the town hall intends to keep { $kept } of the deposit of { $amount }.
rooms-season-deposit-released = { $room }: the deposit of { $amount } is given back in full, on { $day }.
rooms-season-deposit-settled = { $room }: of the deposit of { $amount }, the town hall keeps { $kept } and gives { $rest } back, on { $day }.
rooms-season-deposit-reason = Reason: { $reason }
rooms-season-deposit-answer = Answer: { $answer }
rooms-season-deposit-until = It may be answered until { $until }, in writing, at the counter or on the page of the request. Nothing is kept before that day, or before the answer if it comes earlier.
rooms-season-deposit-answer-label = Your answer about the deposit: { $room }
rooms-season-deposit-answer-send = Send the answer
rooms-season-deposit-answer-wrong = Write your answer, at most 2,000 letters.
rooms-season-deposit-state-promised = to be given
rooms-season-deposit-state-held = given
rooms-season-deposit-state-withheld = a part may be kept
rooms-season-deposit-state-released = given back
rooms-season-deposit-state-settled = settled
rooms-season-papers = Documents
rooms-season-papers-sign = Sign the contract of each time, and send it back to the town hall or bring it when you fetch the keys. Contracts are in French, the language in which they bind.
rooms-season-paper-contract = Contract: { $slot }, { $room }
rooms-season-paper-inspection-in = Inspection on the way in, { $day }
rooms-season-paper-inspection-out = Inspection on the way out, { $day }
rooms-season-paper-quote = Quote for repairs, { $day }
rooms-season-personal = Request for times of { $body }, { $season }

# What associations are told by mail.
rooms-season-mail-received-subject = We have received the request of { $body }
rooms-season-mail-received = { $n ->
    [one] The request of { $body } for “{ $season }” has reached us. Its reference is { $reference }, and it has one wish:
   *[other] The request of { $body } for “{ $season }” has reached us. Its reference is { $reference }, and it has { $n } wishes:
}
rooms-season-mail-received-change = You can change it until { $closes } included.
rooms-season-mail-result-subject = { $season }: the times of { $body }
rooms-season-mail-result = { $n ->
    [0] No time could be given to { $body } for “{ $season }” (request { $reference }).
    [one] One weekly time is given to { $body } for “{ $season }” (request { $reference }).
   *[other] { $n } weekly times are given to { $body } for “{ $season }” (request { $reference }).
}
rooms-season-mail-given = { $activity }: { $slot }, { $room }, from { $first } to { $last } ({ $n } dates).
rooms-season-mail-left-out = Dates left out:
rooms-season-mail-contracts-enclosed = { $n ->
    [one] The contract is enclosed. Sign it and send it back to the town hall, or bring it when you fetch the keys. It is in French, the language in which it binds.
   *[other] The contracts are enclosed, one for each time. Sign them and send them back to the town hall, or bring them when you fetch the keys. They are in French, the language in which they bind.
}
rooms-season-mail-contracts-counter = { $n ->
    [one] The contract is kept for you at the town hall. Sign it when you fetch the keys.
   *[other] The contracts are kept for you at the town hall, one for each time. Sign them when you fetch the keys.
}
rooms-season-mail-contracts-page = { $n ->
    [one] The contract is on the page of your request. Sign it and send it back to the town hall, or bring it when you fetch the keys:
   *[other] The contracts are on the page of your request, one for each time. Sign them and send them back to the town hall, or bring them when you fetch the keys:
}
rooms-season-mail-result-page = All results, the method and the seed of the lots are published here:
rooms-season-mail-deposit = Deposit: { $amount } for { $room }, to be given before the keys, once for the whole season: by cheque to the order of “Trésor public”, by an imprint of a bank card at the counter, or in cash. It is not cashed, and is given back at the end of the season, after the inspection on the way out.
rooms-season-mail-back-deposit = You have no more times in this room: the deposit that was given is given back. Fetch it at the counter of the town hall.
rooms-season-mail-back-subject = { $season }: a time is given back
rooms-season-mail-back = The time on { $slot }, { $room }, is given back. The room is free for the dates to come.
