# Rooms, for the public.
rooms-nav = Rooms
rooms-title = Municipal rooms
rooms-about = For a meeting, a party or an activity: see which rooms are free, and when.
rooms-list = The rooms
rooms-all = See all rooms
rooms-filter = Search
rooms-filter-date = Day
rooms-filter-length = How long
rooms-any-length = Any
rooms-filter-people = Number of people
rooms-count = { $n ->
    [0] No room fits.
    [one] One room
   *[other] { $n } rooms
}
rooms-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
rooms-first-free = First free time: { $day }, { $time }
rooms-none-free = No free time for now.
rooms-availability = When it is free
rooms-views = Ways to look
rooms-view-mois = Month
rooms-view-semaine = Week
rooms-view-liste = List
rooms-length = For how long
rooms-show = Show
rooms-week = { $from } to { $until }
rooms-month-before = Month before
rooms-month-after = Month after
rooms-week-before = Week before
rooms-week-after = Week after
rooms-next-times = The next free days
rooms-state-free = Free
rooms-state-partly = Partly free
rooms-state-taken = Taken
rooms-state-short = Not open for so long
rooms-state-closed = Closed
rooms-state-late = Too late to book
rooms-state-past = Past
rooms-state-beyond = Not open for booking yet
rooms-free = Free
rooms-taken = Taken
rooms-good-to-know = Good to know
rooms-address = Address
rooms-layout = { $name }: { $people }
rooms-capacity = Capacity
rooms-lengths = Length of a booking
rooms-from-to = { $from } at least, { $until } at most
rooms-equipment = Equipment
rooms-access = Accessibility
rooms-access-step-free = Step-free entrance
rooms-access-lift = Lift
rooms-access-toilets = Accessible toilets
rooms-access-hearing-loop = Hearing loop
rooms-access-parking = Reserved parking nearby

# Picking a time.
rooms-book = Book this room
rooms-book-day = Book on this day
rooms-not-booked-here = This room is not booked online. Ask the town hall.
rooms-pick-title = Book: { $name }
rooms-pick-free = Free on { $day }
rooms-pick-none = Nothing is free on { $day }.
rooms-pick-times-hint = Choose one of these, then set when you begin and end.
rooms-pick-nearest = The nearest free times
rooms-pick-day = Day
rooms-pick-from = From
rooms-pick-until = Until
rooms-pick-last-day = Last day
rooms-pick-last-day-hint = Only where the booking ends on another day.
rooms-pick-lengths = A booking lasts at least { $from } and at most { $until }.
rooms-pick-held = You already hold a time: { $when }. It will be given back if you choose another.
rooms-pick-at-most = { $n ->
    [one] { $n } person at most
   *[other] { $n } people at most
}
rooms-pick-layout = Layout of the room
rooms-pick-extras = Equipment to book with the room
rooms-pick-extra = { $name } ({ $n } at most)
rooms-pick-prices = What does this room cost?
rooms-pick-next = This time will be held for you for fifteen minutes while you fill the request in. You will be able to ask for more time.
rooms-pick-hold = Hold this time and continue
rooms-refused-taken-title = Already booked
rooms-refused-series = Some dates of this series cannot be booked: nothing is held.
rooms-refused-taken = The room is already booked then.
rooms-refused-held = You already hold { $n } times without having sent a request. Send a request, or wait a quarter of an hour.
rooms-refused-extra-taken = There are not enough of “{ $name }” left then.
rooms-refused-day = Give a day that exists, such as 12/12/2026.
rooms-refused-from = Give the hour at which you begin, such as 9:00.
rooms-refused-until = Give the hour at which you end, such as 12:00.
rooms-refused-last-day = Give a last day that exists, or leave it empty.
rooms-refused-left-out = The clocks go forward that night: that hour does not exist. Choose another hour.
rooms-refused-twice = The clocks go back that night: that hour comes twice. Choose another hour.
rooms-refused-order = It ends before it begins. Give a later end.
rooms-refused-past = That time is past. Choose a time to come.
rooms-refused-short = That is too short: a booking lasts at least { $length }.
rooms-refused-long = That is too long: a booking lasts at most { $length }.
rooms-refused-start = A booking does not begin at that hour. Choose one of those proposed.
rooms-refused-closed = The room is closed for all or some of that time.
rooms-refused-closed-why = The room is closed then: { $why }.
rooms-refused-soon = It is too late: the room is booked at least { $length } ahead.
rooms-refused-soon-days = { $n ->
    [one] It is too late: the room is booked at least one day ahead. Call the town hall.
   *[other] It is too late: the room is booked at least { $n } days ahead. Call the town hall.
}
rooms-refused-far = That is too far: the room is booked at most { $n } days ahead.
rooms-refused-people-missing = Give the number of people, in figures.
rooms-refused-people = { $n ->
    [one] The room holds { $n } person at most in this layout.
   *[other] The room holds { $n } people at most in this layout.
}
rooms-refused-people-in-all = { $n ->
    [one] The room holds { $n } person at most.
   *[other] The room holds { $n } people at most.
}
rooms-refused-layout = Choose one of the layouts proposed.
rooms-refused-stock = “{ $name }”: give a number from 0 to { $n }.

# The menus and rights of agents.
permission-room-manage = Manage rooms
permission-planning-read = See the planning of rooms
permission-room-block = Block a room
permission-season-manage = Manage seasons of associations
permission-equipment-lend = Lend equipment

# What is borrowed of the town's store.
rooms-lending = Equipment
rooms-lending-asked = This equipment is kept for you until the answer.
rooms-lending-firm = This equipment is lent to you for these days.

# Prices.
rooms-tariff-prices = Prices
rooms-tariff-by = Prices set by
rooms-tariff-deposit = Deposit against damage: { $amount }
rooms-tariff-free = { $n ->
    [one] An association of the town has it for free { $n } time a year.
   *[other] An association of the town has it for free { $n } times a year.
}
rooms-tariff-retained-title = If you cancel a booking that was granted:
rooms-tariff-retained = less than { $n } days before: { $percent }% of the price remains due
rooms-tariff-nothing = free
rooms-tariff-per-day = { $amount } a day
rooms-tariff-per-hour = { $amount } an hour
rooms-tariff-up-to = { $n } hours at most
rooms-tariff-who-all = Anybody
rooms-tariff-who-all-here = Anybody of the town
rooms-tariff-who-all-elsewhere = Anybody from elsewhere
rooms-tariff-who-person = Private person
rooms-tariff-who-person-here = Private person of the town
rooms-tariff-who-person-elsewhere = Private person from elsewhere
rooms-tariff-who-association = Association
rooms-tariff-who-association-here = Association of the town
rooms-tariff-who-association-elsewhere = Association from elsewhere
rooms-tariff-who-company = Company
rooms-tariff-who-company-here = Company of the town
rooms-tariff-who-company-elsewhere = Company from elsewhere
rooms-tariff-who-department = Department of the town
rooms-tariff-who-official = Elected official of the town
rooms-tariff-when-always = every day
rooms-tariff-when-week = Monday to Friday, but on public holidays
rooms-tariff-when-weekend = Saturdays, Sundays and public holidays

# What comes again.
rooms-repeats = The booking comes again
rooms-repeats-once = No, only once
rooms-repeats-semaine = Every week
rooms-repeats-quinzaine = Every two weeks
rooms-repeats-mois = Every month, on the same day of the week
rooms-repeats-until = Until
rooms-repeats-until-hint = Fill in only if the booking comes again.
rooms-repeats-lost = These dates cannot be booked
rooms-repeats-free = These are free
rooms-repeats-nothing = No other date is free. Choose another day or time.
rooms-repeats-agree = Hold the free dates only
rooms-repeats-agree-hint = The town hall can add the others later, if they become free.
rooms-repeats-agree-about = Tick “Hold the free dates only” to go on without the others, or change the day or the time.
rooms-refused-repeats-until = Say until which day the booking comes again: after the first, and at most 400 days later.
rooms-refused-repeats-often = This is too much: a booking comes again at most { $n } times, and each date ends before the next.

# Photographs and the plan.
rooms-photos = Photos
rooms-plan = Plan of the room

# What whoever has a room reads on the page of their request.
rooms-panel = Your booking in practice
rooms-panel-deposit-promised = A deposit of { $amount } is due before the keys are handed over. It is not cashed.
rooms-panel-deposit-held-cancelled = The booking is cancelled: the town hall gives back your deposit of { $amount }. Fetch it at the counter.
rooms-panel-deposit-held = The town hall holds your deposit of { $amount }. It is given back after the inspection on the way out.
rooms-panel-deposit-withheld = The town hall intends to keep { $kept } of your deposit of { $amount }. You may answer until { $until }, by a message on this page, by letter or at the counter.
rooms-panel-deposit-released = Your deposit of { $amount } is given back in full.
rooms-panel-deposit-settled = Of your deposit of { $amount }, the town hall has kept { $kept } and gives { $rest } back.
rooms-panel-key = Key handed over: { $key }. To be returned by { $day }.
rooms-panel-code = The code of the door is shown here until the end of your booking. Do not tell it to anybody else.

# What is written to whoever has a room.
rooms-told-contract =
    Your booking is granted: { $name }, { $when }.

    The contract is enclosed. Sign it and send it back to the town hall, or bring it when you fetch the keys. The contract is in French, the language in which it binds.
rooms-told-contract-deposit =
    Your booking is granted: { $name }, { $when }.

    The contract is enclosed. Sign it and send it back to the town hall, or bring it when you fetch the keys. The contract is in French, the language in which it binds.

    A deposit of { $deposit } is asked for before the keys are handed over: by cheque to the order of “Trésor public”, by an imprint of your bank card at the counter, or in cash. It is not cashed, and is given back after the inspection on the way out.
rooms-told-pay = { $amount } is to be paid before { $day }: the page of your request says how.
rooms-told-cancelled = Your booking is cancelled: { $name }, { $when }.
rooms-told-cancelled-by-town = The town hall has cancelled your booking: { $name }, { $when }.
rooms-told-returned = Some dates of your booking are given back: { $name }. The page of your request says which, and those that you keep.
rooms-told-rest = For the whole booking, { $amount } is still to be paid. You can do so from the page of your request, or at the counter.
rooms-told-kept = The town hall keeps { $amount } of what you paid, as the tariff says.
rooms-told-back = { $amount } will be refunded to you. You will get a message when it is done.
rooms-told-deposit-back = The deposit that you gave is given back: fetch it at the counter of the town hall.
rooms-told-refunded-transfer = { $amount } is refunded to you by bank transfer: { $name }, { $when }.
rooms-told-refunded-cheque = { $amount } is refunded to you by a cheque of the Treasury: { $name }, { $when }.
rooms-told-refunded-cash = { $amount } was refunded to you in cash: { $name }, { $when }.
rooms-told-refunded-card = { $amount } is refunded to your bank card: { $name }, { $when }.
rooms-told-inspection-in =
    The state of the room on the way in has been noted: { $name }, { $when }.

    The signed report is enclosed. Keep it: the inspection on the way out is compared with it.
rooms-told-inspection-out =
    The state of the room on the way out has been noted: { $name }, { $when }.

    The signed report is enclosed. If a deposit was given, the town hall tells you in another message what becomes of it.
rooms-told-deposit-released =
    Your deposit of { $amount } for { $name } is given back in full.

    A cheque or cash is fetched at the counter of the town hall; the imprint of a card is cancelled.
rooms-told-deposit-withheld =
    After the inspection on the way out of { $name }, the town hall intends to keep { $kept } of your deposit of { $amount }.

    Reason: { $reason }

    The quote is enclosed. You may make your observations known until { $until }: by a message on the page of your request, by letter or at the counter. You may ask to be heard, and be assisted. Nothing is kept before that day, or before your answer if it comes earlier.
rooms-told-deposit-settled =
    The town hall keeps { $kept } of your deposit of { $amount } for { $name }. The rest, { $rest }, is given back.

    Reason: { $reason }
rooms-told-season-subject = { $season }: { $name }
rooms-told-season-inspection-in =
    The state of the room on the way in has been noted: { $name }, { $when }.

    The signed report can be read on the page of your request and at the counter of the town hall: the inspection on the way out is compared with it.
rooms-told-season-inspection-out =
    The state of the room on the way out has been noted: { $name }, { $when }.

    The signed report can be read on the page of your request and at the counter of the town hall. If a part of the deposit is to be kept, the town hall tells you in another message.
rooms-told-season-deposit-released =
    The deposit of { $amount } for { $name }, “{ $season }”, is given back in full.

    A cheque or cash is fetched at the counter of the town hall; the imprint of a card is cancelled.
rooms-told-season-deposit-withheld =
    After an inspection on the way out of { $name }, “{ $season }”, the town hall intends to keep { $kept } of the deposit of { $amount }.

    Reason: { $reason }

    The quote can be read on the page of your request and at the counter of the town hall. You may make your observations known until { $until }: on the page of your request, by letter or at the counter. You may ask to be heard, and be assisted. Nothing is kept before that day, or before your answer if it comes earlier.
rooms-told-deposit-seen = The inspection in question: { $when }.
rooms-told-season-deposit-settled =
    The town hall keeps { $kept } of the deposit of { $amount } for { $name }, “{ $season }”. The rest, { $rest }, is given back.

    Reason: { $reason }
rooms-told-appeal = If you contest this decision, you may, within two months of being told of it, write to the town hall to ask for it to be reconsidered, or go to the administrative court ({ $court }), by letter or on www.telerecours.fr.
rooms-told-appeal-plain = If you contest this decision, you may, within two months of being told of it, write to the town hall to ask for it to be reconsidered, or go to the administrative court, by letter or on www.telerecours.fr.
permission-inspection-write = Note the state of premises
permission-deposit-manage = Manage deposits
permission-key-manage = Hand keys over

rooms-bill = Payment
rooms-bill-due = { $rest } to be paid before { $day }.
rooms-bill-paid = { $amount }: paid.
rooms-bill-was-paid = { $amount } paid.
rooms-bill-back = { $back } will be refunded to you.
rooms-bill-partly-refunded = { $amount } paid, { $refunded } of it refunded.
rooms-bill-refunded = { $amount } paid and refunded.
rooms-bill-pay = See the order and pay
rooms-bill-see = See the order and its receipt
rooms-bill-kept = Part kept after a cancellation
rooms-bill-returned = Dates given back
rooms-bill-season = { $room }: { $n } dates from { $first } to { $last }
rooms-bill-cancelled = Booking cancelled
