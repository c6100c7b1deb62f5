#!/usr/bin/env python3
"""Asks a demonstration commune for things that are there (a case, a room, a season, an order…), and prints them as the
configuration of schemathesis, so that the calls of each are really exercised. Takes the site's address and a token."""

import datetime
import http.client
import json
import re
import sys
import urllib.parse

PASSWORD = "Lanterne-cerise-47-ponts"
INHABITANT = "marie.durand@example.org"
PROCEDURE = "occupation-domaine-public"

site = urllib.parse.urlsplit(sys.argv[1])
TOKEN = {"Authorization": f"Bearer {sys.argv[2]}"}


def ask(method, path, headers=None, body=None):
    connection = http.client.HTTPConnection(site.hostname, site.port, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status >= 400:
        sys.exit(f"{method} {path}: {answer.status}\n{text[:2000]}")
    return answer, text


def read(path, headers=None):
    return json.loads(ask("GET", path, headers)[1])


def first(found, member, what):
    if not found:
        sys.exit(f"the demonstration has no {what}")
    return found[0][member]


def deposited():
    """A request that somebody sent: its reference and its code."""
    day = (datetime.date.today() + datetime.timedelta(days=60)).isoformat()
    answers = {
        "objet": "demenagement", "circulation": False, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
        "debut": day, "fin": day, "heure_debut": "08:00", "heure_fin": "12:00", "statut": "particulier",
        "demandeur": {"family_name": "Peyron", "given_names": "Gaspard"},
        "adresse": "3 rue Haute, 34400 Lunel", "courriel": "gaspard.peyron@example.org",
        "telephone": "0465711234", "engagement": True,
    }
    kind = {"Content-Type": "application/json"}
    path = f"/api/v1/procedures/{PROCEDURE}/cases"
    sent = json.loads(ask("POST", path, kind, json.dumps({"answers": answers}))[1])
    return sent["reference"], sent["tracking_code"]


def order():
    """The secret part of the address of an order, as its payer finds it in their account."""
    form = urllib.parse.urlencode({"email": INHABITANT, "password": PASSWORD})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    cookies = ask("POST", "/connexion", kind, form)[0].headers.get_all("Set-Cookie") or []
    cookie = "; ".join(it.split(";")[0] for it in cookies)
    page = ask("GET", "/mon-compte/paiements", {"Cookie": cookie})[1]
    found = re.search(r'href="/paiements/([^"/?]+)"', page)
    return found.group(1) if found else sys.exit("the inhabitant of the demonstration has no order")


reference, code = deposited()
case = first(read("/api/v1/agent/cases", TOKEN)["cases"], "id", "case")
mail = read("/api/v1/agent/mail", TOKEN)["items"]
things = [
    ("procedures", {"slug": PROCEDURE}),
    ("resources", {"slug": first(read("/api/v1/resources"), "slug", "room")}),
    ("seasons", {"round": first(read("/api/v1/seasons"), "slug", "season")}),
    ("workshops", {"slug": first(read("/api/v1/workshops"), "slug", "workshop")}),
    ("appointment-motives", {"slug": first(read("/api/v1/appointment-motives"), "slug", "motive")}),
    ("cases", {"reference": reference}),
    ("orders", {"code": order()}),
    ("agent/cases", {"id": case}),
    ("agent/workload", {"department": "domaine-public"}),
]
if mail:
    things.append(("agent/mail", {"id": mail[0]["id"]}))

text = json.dumps  # A string of TOML is written as one of JSON.
for under, values in things:
    print("[[operations]]")
    print(f"include-path-regex = {text(f'^/api/v1/{under}/')}")
    told = ", ".join(f"{text(f'path.{name}')} = {text(value)}" for name, value in values.items())
    print(f"parameters = {{ {told} }}")
    if "reference" in values:
        print(f"headers = {{ {text('Tracking-Code')} = {text(code)} }}")
    print()
