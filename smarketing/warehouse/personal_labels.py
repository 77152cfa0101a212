"""Labels of columns that hold personal data, in twelve languages, as regular expressions.

English, Danish, Swedish, Norwegian, Finnish, German, Dutch, French, Spanish, Italian, Portuguese
and Polish, in small letters without accents; `_` stands for any words before.
"""

from __future__ import annotations

LABELS = {
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
