"""Personal data: what counts as such, and what little of it is kept."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata

from smarketing.errors import SmarketingError

KEY_VARIABLE = "SMARKETING_HASH_KEY"
LEAST_KEY = 16
"""Characters of a key that nobody guesses."""

EMAIL_PATTERN = r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}"
"""What an e-mail address looks like inside a cell; read by DuckDB and by Python alike."""

PHONE_PATTERN = r"^\+\d[\d\s()./-]{6,}$"

# Labels in English, Danish, Swedish, Norwegian, Finnish, German, Dutch, French, Spanish, Italian,
# Portuguese and Polish, written without accents; `_` stands for any words before.
_LABELS = {
    "e-mail": """
        _e ?mail|_e ?mail ?address|_mail address|_e ?post|_e ?postadresse?|_mailadresse?|
        _sahkoposti|_e ?mail ?adresse?|_courriel|_adresse mail|_correo|_correo electronico|
        _posta elettronica|_correio eletronico|_adres e ?mail""",
    "phone": """
        (_(phone|telephone|mobile|mobile phone|cell|cell phone|cellphone|fax|tel|telefon|
        mobil|mobiltelefon|handy|rufnummer|telefoon|mobiel|puhelin|matkapuhelin|
        telephone|telefono|movil|celular|cellulare|telefone|telemovel|komorka|whats ?app|
        viber)( ?(number|no|nr|nummer|numero|numer|\\d))?)|_(telefonnummer|mobilnummer|
        mobielnummer|telefoonnummer|puhelinnumero|handynummer|mobiltelefonnummer)|portable|
        _telephone portable|(numero|numer|no|nr) (de |di )?(telephone|portable|telefono|
        celular|telefone|telefonu)""",
    "name": """
        name|full name|_(first|last|middle|given|family|sur|maiden|contact|fore|nick|birth|
        full|lead|person|customer|client|user) ?name|_username|salutation|contact|
        contact person|_contact person|_surname|client|namn|navn|_fornavn|_efternavn|
        _etternavn|_mellemnavn|_kontaktperson|_fornamn|_efternamn|nimi|_etunimi|_sukunimi|
        _yhteyshenkilo|_vorname|_nachname( geb)?|_familienname|_ansprechpartner(in)?|anrede|
        naam|_voornaam|_achternaam|_contactpersoon|nom|_prenom|nom (complet|de famille|
        et prenom)|prenom et nom|_interlocuteur|nombre|_apellidos?|nombre (completo|
        y apellidos)|_cognome|nome|nome (completo|e cognome)|_sobrenome|_apelido|imie|
        _nazwisko|imie i nazwisko|_osoba kontaktowa""",
    "address": """
        _(street|street address|address|postal address|mailing address|ip address|latitude|
        longitude|adresse|gade|vej|adress|gatuadress|gate|osoite|katuosoite|strasse|
        strasse nr|hausnummer|anschrift|adres|straat|straatnaam|huisnummer|rue|direccion|
        calle|domicilio|indirizzo|endereco|morada|rua|ulica)( ?\\d)?|_(adresse postale|
        postadresse|adresse du domicile|adres zamieszkania)""",
    "birth": """
        _date of birth|_birth ?date|_birthday|_fodselsdag|_fodselsdato|_fodelsedag|
        _fodelsedatum|_syntymaaika|_geburtsdatum|_geburtstag|_geboortedatum|
        _date de naissance|_anniversaire|_fecha de nacimiento|_cumpleanos|_data di nascita|
        _data de nascimento|_aniversario|_data urodzenia|cpr( nr)?|_personnummer|
        _fodselsnummer|_henkilotunnus|_pesel|_bsn|_codice fiscale|_social security number""",
    "profile": """
        _(linked ?in|skype|twitter|facebook|instagram|xing)( (profile|url|id|name|account|
        user ?name|bio|handle|link))?""",
    "free text": """
        (messages?|notes?|comments?|remarks?|description|bio|besked|noter|bemaerkning(er)?|
        kommentar(er|e)?|beskrivelse|anteckning(ar)?|meddelande|beskrivning|notat(er)?|
        merknad(er)?|melding|muistiinpanot?|kommentti|kommentit|huomautus|viesti|kuvaus|
        notiz(en)?|bemerkung(en)?|anmerkung(en)?|nachricht|beschreibung|opmerking(en)?|
        notities|bericht|omschrijving|commentaires?|remarques?|comentarios?|notas|
        observaciones|mensaje|descripcion|commenti|commento|osservazioni|messaggio|
        descrizione|observacoes|mensagem|descricao|uwagi|komentarz|notatki|wiadomosc|
        opis)( internal| interne)?""",
}  # fmt: skip

_KINDS = {
    kind: re.compile(re.sub(r"\s*\n\s*", "", labels).replace("_", "(.* )?"))
    for kind, labels in _LABELS.items()
}
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d"})


def personal_kind(label: str) -> str | None:
    """Return what personal data a column's label announces, or None.

    Examples
    --------
    >>> personal_kind("Work email"), personal_kind("MobilePhone"), personal_kind("Do Not Email")
    ('e-mail', 'phone', None)
    >>> personal_kind("FirstName"), personal_kind("Company name"), personal_kind("Email Domain")
    ('name', None, None)
    >>> personal_kind("Prénom"), personal_kind("Handy"), personal_kind("Fødselsdato")
    ('name', 'phone', 'birth')
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.removesuffix("__c"))
    words = unicodedata.normalize("NFKD", words.lower().translate(_FOLDED))
    words = re.sub(r"[\W_]+", " ", "".join(c for c in words if not unicodedata.combining(c)))
    words = words.strip()
    if words.startswith(("do not", "has opted", "opted out")):
        return None
    return next((kind for kind, form in _KINDS.items() if form.fullmatch(words)), None)


def hash_key(public_key: str | None) -> bytes | None:
    """Return the key for hashes: from the environment, else the public one of made-up data.

    Raises
    ------
    SmarketingError
        If the environment's is so short that it could be guessed.
    """
    secret = os.environ.get(KEY_VARIABLE)
    if secret and len(secret) < LEAST_KEY:
        raise SmarketingError(
            f"the key in the environment variable {KEY_VARIABLE} is too short to keep a secret",
            found=f"{len(secret)} characters",
            allowed=f"{LEAST_KEY} or more",
            todo="Take a long random text, and keep it: another key gives other hashes.",
        )
    key = secret or public_key
    return key.encode() if key else None


def keyed_hash(value: str, key: bytes) -> str:
    """Return the first 32 hex digits of HMAC-SHA-256 (RFC 2104) of a value, case ignored.

    Without the key nobody can tell an address from its hash by trying addresses.

    Examples
    --------
    >>> keyed_hash("Anna@Example.com ", b"key") == keyed_hash("anna@example.com", b"key")
    True
    """
    return hmac.new(key, value.strip().lower().encode(), hashlib.sha256).hexdigest()[:32]


def missing_key(line: int | None) -> SmarketingError:
    """Return the error for a hash that is asked for without a key."""
    return SmarketingError(
        f"a hash is asked for, but no key is in the environment variable {KEY_VARIABLE}",
        "sources.yml",
        line,
        todo=f"Set {KEY_VARIABLE} to a long random text and keep it: "
        "another key gives other hashes.",
    )
