# Rooms, for the public.
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
rooms-state-past = Past
rooms-state-beyond = Not open for booking yet
rooms-free = Free
rooms-taken = Taken
rooms-good-to-know = Good to know
rooms-address = Address
rooms-layout = { $name }: { $people }
rooms-capacity = Capacity
rooms-lengths = Length of a booking
rooms-from-to = { $from } to { $until }
rooms-equipment = Equipment
rooms-access = Accessibility
rooms-access-step-free = Step-free entrance
rooms-access-lift = Lift
rooms-access-toilets = Accessible toilets
rooms-access-hearing-loop = Hearing loop
rooms-access-parking = Reserved parking nearby

# The menus and rights of agents.
permission-room-manage = Manage rooms
