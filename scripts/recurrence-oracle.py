#!/usr/bin/python3
"""What comes again, by a program that is none of ours (dateutil), for kernel/calendar/tests/oracle.rs to compare.

Makes up recurrence rules (RFC 5545, 3.3.10) from a seed, with dates added and left out, many about the nights when the
clocks of Paris change; writes each with its times as a line of JSON. With --clocks it reads a calendar instead, and
writes how far its zone is from UTC every six hours of twelve years, in seconds.
"""

import argparse
import datetime as calendar
import json
import io
import random
import re
import sys
from datetime import datetime, timedelta, timezone
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil import tz
from dateutil.rrule import rruleset, rrulestr

# Until when dateutil looks for a rule that never comes; it would look for it until the year 9999.
calendar.MAXYEAR = 2040

PARIS = ZoneInfo("Europe/Paris")
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
CHANGES = [datetime(2024, 3, 31), datetime(2024, 10, 27), datetime(2025, 3, 30), datetime(2026, 10, 25), datetime(2027, 3, 28)]


def some(chance, of, at_most, least=1):
    """A few of these, in no order."""
    return chance.sample(of, chance.randint(least, min(at_most, len(of))))


def numbers(chance, most, most_from_end=None):
    """A number from 1 on, or from the end."""
    if chance.random() < 0.5:
        return chance.randint(1, most)
    return -chance.randint(1, most_from_end or most)


def joined(parts):
    return ",".join(str(part) for part in parts)


def by_parts(chance, freq):
    """What narrows a rule, as RFC 5545 allows it for a frequency."""
    parts = {}
    if chance.random() < 0.3:
        parts["BYMONTH"] = joined(some(chance, range(1, 13), 4))
    kinds = {
        "DAILY": ["none", "day", "monthday"],
        "WEEKLY": ["none", "day", "day", "day"],
        "MONTHLY": ["none", "day", "nth", "nth", "monthday", "monthday", "both"],
        "YEARLY": ["none", "day", "nth", "monthday", "yearday", "weekno", "both"],
    }
    kind = chance.choice(kinds[freq])
    if kind in ("day", "both"):
        parts["BYDAY"] = joined(some(chance, DAYS, 3))
    if kind == "nth":
        most = 5 if freq == "MONTHLY" or "BYMONTH" in parts else 53
        # The last but four of a month is refused by the crate that we use (-4 to 5); so is the last but 52 of a year.
        parts["BYDAY"] = joined(f"{numbers(chance, most, most - 1)}{day}" for day in some(chance, DAYS, 2))
    if kind in ("monthday", "both"):
        parts["BYMONTHDAY"] = joined({numbers(chance, 31) for _ in range(chance.randint(1, 4))})
    if kind == "yearday":
        parts["BYYEARDAY"] = joined({numbers(chance, 366) for _ in range(chance.randint(1, 4))})
    if kind == "weekno":
        parts["BYWEEKNO"] = joined({numbers(chance, 53) for _ in range(chance.randint(1, 3))})
        parts["BYDAY"] = joined(some(chance, DAYS, 2))
    if kind not in ("none", "weekno") and freq in ("MONTHLY", "YEARLY") and chance.random() < 0.3:
        parts["BYSETPOS"] = joined({numbers(chance, 4) for _ in range(chance.randint(1, 2))})
    return parts


def made_up(chance):
    freq = chance.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
    if chance.random() < 0.5:
        first = chance.choice(CHANGES) - timedelta(days=chance.randint(0, 40))
    else:
        first = datetime(2024, 1, 1) + timedelta(days=chance.randint(0, 1_000))
    hour, minute = chance.choice([(2, 0), (2, 30), (1, 59), (3, 0), (0, 0), (18, 0), (23, 45)])
    first = first.replace(hour=hour, minute=minute)
    parts = {"FREQ": freq}
    if chance.random() < 0.5:
        parts["INTERVAL"] = str(chance.randint(1, 5))
    if chance.random() < 0.3:
        parts["WKST"] = chance.choice(DAYS)
    parts |= by_parts(chance, freq)
    years = 8 if freq == "YEARLY" else 2
    end, end_shown = first + timedelta(days=366 * years), None
    ending = chance.choice(["never", "count", "count", "day", "local", "utc"])
    if ending == "count":
        parts["COUNT"] = str(chance.randint(1, 40))
    elif ending != "never":
        last = first + timedelta(days=chance.randint(0, 366 * years), minutes=chance.choice([0, 0, -1, 1]))
        if ending == "day":
            end_shown = f"{last:%Y%m%d}"
            last = last.replace(hour=23, minute=59, second=59)
        elif ending == "local":
            end_shown = f"{last:%Y%m%dT%H%M%S}"
        else:
            instant = last.replace(tzinfo=PARIS).astimezone(timezone.utc)
            end_shown = f"{instant:%Y%m%dT%H%M%SZ}"
            last = instant.astimezone(PARIS).replace(tzinfo=None)
        parts["UNTIL"] = f"{last:%Y%m%dT%H%M%S}"
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    every = rruleset()
    every.rrule(rrulestr(rule, dtstart=first))
    added = [first + timedelta(days=chance.randint(0, 300), hours=chance.randint(0, 5)) for _ in range(chance.randint(0, 2))]
    for time in added:
        every.rdate(time)
    begun = list(takewhile(lambda time: time < end, every))
    left_out = some(chance, begun, 3, 0) if begun and chance.random() < 0.4 else []
    for time in left_out:
        every.exdate(time)
    times = list(takewhile(lambda time: time < end, every))
    exist = [time for time in times if tz.datetime_exists(time, PARIS)]
    written = ";".join(f"{name}={end_shown if name == 'UNTIL' else value}" for name, value in parts.items())
    return {
        "first": first.isoformat(),
        "rule": written,
        "added": [time.isoformat() for time in added],
        "left_out": [time.isoformat() for time in left_out],
        "until": end.isoformat(),
        # Of an hour that comes twice, the first turn.
        "times": [int(time.replace(tzinfo=PARIS, fold=0).timestamp()) for time in exist],
        "skipped": [time.isoformat() for time in times if time not in exist],
    }


def clocks(text):
    """How far the zone that a calendar explains is from UTC."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    zone = tz.tzical(io.StringIO(unfolded)).get()
    for hours in range(0, 12 * 366 * 24, 6):
        # By what the clocks show; the hours that come twice or never are left out by the choice of hours.
        shown = datetime(2026, 1, 1, 1, 15) + timedelta(hours=hours)
        print(f"{shown:%Y-%m-%dT%H:%M:%S}", int(zone.utcoffset(shown).total_seconds()))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rules", type=int, default=1_000)
    arguments.add_argument("--clocks", action="store_true")
    arguments = arguments.parse_args()
    if arguments.clocks:
        clocks(sys.stdin.read())
        return
    chance = random.Random(arguments.seed)
    for _ in range(arguments.rules):
        print(json.dumps(made_up(chance)))


if __name__ == "__main__":
    main()
