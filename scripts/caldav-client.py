"""Lets a calendar program of others (Python's caldav) work in the calendar of a room: CALDAV_URL, CALDAV_USER and
CALDAV_PASSWORD say where; it fails where something is not as that program expects."""

import datetime
import os
import sys
import zoneinfo

import caldav
from caldav.lib import error

PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def names(calendar):
    """What the program sees, by its titles."""
    return sorted(str(event.icalendar_component.get("summary", "")) for event in calendar.events())


def refused(work):
    """Whether the server refuses, rather than fail."""
    try:
        work()
    except error.DAVError as told:
        return "500" not in str(told)
    return False


def main():
    client = caldav.DAVClient(
        os.environ["CALDAV_URL"], username=os.environ["CALDAV_USER"], password=os.environ["CALDAV_PASSWORD"]
    )
    assert client.check_dav_support() and client.check_cdav_support()
    calendars = {calendar.get_display_name(): calendar for calendar in client.principal().calendars()}
    calendar = calendars[os.environ["CALDAV_ROOM"]]
    assert calendar.get_supported_components() == ["VEVENT"], calendar.get_supported_components()
    before = names(calendar)

    # A Sunday two years ahead: nobody has booked so far ahead.
    day = datetime.date.today() + datetime.timedelta(days=730)
    day += datetime.timedelta(days=6 - day.weekday())
    at = lambda hour, of=day: datetime.datetime(of.year, of.month, of.day, hour, tzinfo=PARIS)
    seen = calendar.objects(load_objects=True)

    event = calendar.save_event(dtstart=at(9), dtend=at(12), summary="Bureau de vote")
    assert names(calendar) == sorted([*before, "Bureau de vote"])
    found = calendar.search(start=at(8), end=at(10), event=True, expand=False)
    assert [str(it.icalendar_component["summary"]) for it in found] == ["Bureau de vote"], found
    assert not calendar.search(start=at(13), end=at(14), event=True, expand=False)
    changed, gone = seen.sync()
    assert [str(it.url) for it in changed] == [str(event.url)] and not list(gone), (changed, gone)

    # Somebody has the room: nothing is kept.
    assert refused(lambda: calendar.save_event(dtstart=at(11), dtend=at(13), summary="Fête"))
    assert names(calendar) == sorted([*before, "Bureau de vote"])

    # It moves to the afternoon.
    event.load()
    component = event.icalendar_component
    for name, hour in (("dtstart", 14), ("dtend", 17)):
        del component[name]
        component.add(name, at(hour))
    event.save()
    moved = calendar.event_by_url(event.url).icalendar_component
    assert moved["dtstart"].dt == at(14), moved["dtstart"].dt
    changed, _ = seen.sync()
    assert [str(it.url) for it in changed] == [str(event.url)], changed

    # A series, each time of it on its own.
    club = calendar.save_event(
        dtstart=at(18), dtend=at(20), summary="Club", rrule={"FREQ": "WEEKLY", "COUNT": 3}
    )
    times = calendar.search(start=at(0), end=at(0) + datetime.timedelta(days=30), event=True, expand=True)
    starts = sorted(it.icalendar_component["dtstart"].dt.astimezone(PARIS) for it in times)
    weeks = [at(18, day + datetime.timedelta(days=7 * week)) for week in range(3)]
    assert starts == sorted([at(14), *weeks]), starts
    assert refused(
        lambda: calendar.save_event(dtstart=at(6), dtend=at(7), summary="Sans fin", rrule={"FREQ": "DAILY"})
    )
    assert "BEGIN:VFREEBUSY" in calendar.freebusy_request(at(0), at(23)).data

    seen.sync()
    event.delete()
    club.delete()
    assert names(calendar) == before
    changed, gone = seen.sync()
    assert not list(changed) and len(list(gone)) == 2, (changed, gone)
    print(f"a calendar program of others was served: caldav {caldav.__version__}")
    return 0


sys.exit(main())
