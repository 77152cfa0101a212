"""What labels and cells usually mean: the words a draft goes by, as data."""

from __future__ import annotations

import re

from smarketing.warehouse.privacy import folded

NO_ANSWER_SURE = (
    "select", "please select", "--none--", "[not provided]", "not provided",
)  # fmt: skip
"""What forms and CRMs write where nobody answered."""
NO_ANSWER_PERHAPS = ("n/a", "na", "null", "-", "?", "not available", "not specified", "unspecified")
UNKNOWN = ("unknown", "(unknown)")

STAGES = {
    "subscriber": None, "lead": "lead", "new": "lead", "open": "lead",
    "open - not contacted": "lead", "marketing qualified": "mql",
    "marketing qualified lead": "mql", "marketingqualifiedlead": "mql", "mql": "mql",
    "sales ready": "sales_ready", "handed over": "sales_ready",
    "working": "accepted", "working - contacted": "accepted", "accepted": "accepted",
    "sales accepted": "accepted", "sal": "accepted", "contacted": "accepted",
    "qualified": "sql", "sales qualified": "sql", "sales qualified lead": "sql",
    "salesqualifiedlead": "sql", "sql": "sql", "opportunity": "opportunity",
    "converted": "opportunity", "closed - converted": "opportunity", "customer": "customer",
    "closed won": "customer", "won": "customer", "rejected": "rejected",
    "recycled": "recycled", "nurturing": "recycled", "nurture": "recycled",
    "disqualified": "disqualified", "unqualified": "disqualified",
    "closed - not converted": "disqualified", "evangelist": None, "other": None,
}  # fmt: skip
"""Names of stages in CRMs, in lower case, and ours."""
UNSURE_STAGES = ("new", "contacted", "nurturing", "nurture", "opportunity", "open", "other")
WON = {
    **dict.fromkeys(
        ("closed won", "closedwon", "won", "gewonnen", "vundet", "vunnen", "vunnet", "voitettu",
         "gewonnen", "gagné", "gagnée", "ganado", "ganada", "vinto", "vinta", "ganho", "wygrana",
         "wygrany"), "true"),
    **dict.fromkeys(
        ("closed lost", "closedlost", "lost", "verloren", "tabt", "förlorad", "tapt", "hävitty",
         "perdu", "perdue", "perdido", "perdida", "perso", "persa", "loss", "przegrana",
         "przegrany"), "false"),
}  # fmt: skip
"""Words for how a deal ended, in twelve languages."""
OPEN = ("open", "offen", "åben", "öppen", "åpen", "avoin", "ouvert", "ouverte", "abierto",
        "abierta", "aperto", "aberto", "otwarta", "otwarty", "in progress", "new")  # fmt: skip
BECAME = {
    "Became a Lead Date": "lead",
    "Became a Marketing Qualified Lead Date": "mql",
    "Became a Sales Qualified Lead Date": "sql",
    "Became an Opportunity Date": "opportunity",
    "Became a Customer Date": "customer",
}
"""HubSpot's columns of the moments a contact entered a stage."""

OUTCOME = r"converted|is converted|conversion|outcome|won|is won|customer|is customer|target|y"
CREATED = (
    r"((person|deal|lead|contact|kontakt) )*(created|erstellt)( at| on| am)?"
    r"|create(d)?( date| at| on| time)?|creation date|date created|first contact( date)?"
    r"|signup( date)?|registered( at| on)?|lead date|date"
    r"|erstellt( am)?|erstell(ungs)?datum|angelegt( am)?|anlagedatum|eingegangen am"
    r"|oprettet( den)?|oprettelsesdato|skapad|skapat|skapandedatum|opprettet|opprettelsesdato"
    r"|luotu|luontipaiva|aangemaakt( op)?|aanmaakdatum|cree le|date de creation"
    r"|creado( el)?|fecha de creacion|creato il|data (di )?creazione|criado em|data de criacao"
    r"|utworzono|data utworzenia"
)
"""Of the moment a lead came, in twelve languages, without accents."""
SOURCE = r"(lead |original |traffic )?source( type)?|utm source"
CHANNEL = r"(lead |original )?(origin|channel)"
OWNER = (
    r"(lead |contact |deal |person |opportunity )?(owner|besitzer|ejer|propietario)( id)?|sr id"
    r"|sales rep( id)?|rep id"
)
CAMPAIGN = r"campaign( id)?"
ACCOUNT = r"(account|company|organi[sz]ation)( id)"
WON_DATE = (
    r"(deal )?(won( date| at| on| time)?|win date|closed won date|gewonnen am|vundet( den)?"
    r"|gagne le|ganado el|vinto il|ganho em)"
)
CLOSED = (
    r"(expected )?(close|closed|closing)( date| at| on)?|abschlussdatum|lukkedato|date de cloture"
)
AMOUNT = (
    r"amount|deal (value|size|amount)|value|price|revenue|(deal )?(wert|betrag|verdi|belob|belopp"
    r"|montant|importe|importo|valor|bedrag|kwota|arvo)"
)
CURRENCY = r"(deal )?(currency( iso)?( code)?|wahrung|valuta|devise|moneda|moeda|waluta|valuutta)"
DEAL_ID = r"(deal|opportunity|record|datensatz)?( |_)?(id|key|nr|no|number)"
LEAD_ID = (
    r"(lead|prospect|contact|kontakt|mql|person|customer|external|record|datensatz)( |_)?"
    r"(id|key|uuid|no|nr|number)|id|key|uuid"
)

FIELD = r"(field|property)( name)?|name"
OLD_VALUE = r"(old|previous) ?value"
NEW_VALUE = r"(new ?)?value"

AFTER_SURE = (
    (r"last .*|recent .*|latest .*|.* last .*|most recent .*",
     "is overwritten by whatever came last"),
    (r"(lead |contact )?(status|stage|lifecycle stage|state of lead)",
     "follows the lead to its end"),
    (r"tags?|(lead )?quality|(lead )?rating|disposition|.* reason|lost .*|.* outcome",
     "is written by staff while they work the lead"),
    (r"(lead )?profile|.* (index|score|grade)( .*)?|score|grade",
     "is a rating, renewed while the lead is worked"),
    (r".*(close|closed|won|convert|deal|contract|invoice|order).*", "tells of the sale"),
    (r"next .*|.* modified.*|.* updated.*|days to .*|number of (sales|times contacted).*",
     "is renewed while sales works the lead"),
)  # fmt: skip
"""Labels (lower case, words) of columns that are written after the fact, with the reason."""
AT_CREATION_SURE = (
    (r".*\b(country|city|region|state|language|time ?zone)\b.*", "says where the lead is"),
    (r".*\b(industry|sector|employees|company size|annual revenue|numberofemployees)\b.*",
     "describes the company"),
    (r".*\b(job|role|title|occupation|seniority|function|department|speciali[sz]ation|degree)\b.*",
     "describes who the lead is"),
    (r".*\b(landing page|first page|first referr.*|utm|origin|source|medium)\b.*",
     "is of the first visit"),
    (r"how did you .*|what .*|why .*|which .*", "is a question of the form"),
    (r"do not .*|.*\bopt(ed)? (in|out)\b.*|receive .*|(get )?updates? .*|update me .*|i agree .*",
     "is a consent given in the form"),
    (r".*\b(newspaper|magazine|advertisement|recommendations?|forums?|search)\b.*",
     "is where the lead heard of the company"),
)  # fmt: skip
"""Labels of columns that are usually filled in once, when the lead comes, with the reason."""
TOTALS = r".*\b(total|visits|sessions|views|page ?views|number of|count|times|clicks?|opens?)\b.*"


def words(label: str) -> str:
    """Return a label as lower-case words.

    Examples
    --------
    >>> words("TotalVisits"), words("first_contact_date"), words("LEADSOURCE"), words("Score__c")
    ('total visits', 'first contact date', 'leadsource', 'score')
    """
    text = re.sub(r"__?c$", "", label.removeprefix("property_"))
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"[\W_]+", " ", text).strip().lower()


def says(form: str, label: str) -> bool:
    """Return whether a label's words, with accents or without, are of a form."""
    return any(re.fullmatch(form, one) for one in (words(label), folded(label)))
