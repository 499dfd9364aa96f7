"""What programs and people call the columns of a table of leads, by our field.

Names of exports (Salesforce, HubSpot, Pipedrive, Zoho, Vtiger, SuiteCRM, Google, Outlook, Thunderbird, LinkedIn, Meta
lead ads) and usual words in English, German, Polish, French, Spanish, Italian, Portuguese, Dutch, Swedish and Persian.
Earlier names win over later ones when a table has several columns for one field. Case, accents and signs do not count.
"""

from typing import Final

__all__ = ["AMBIGUOUS", "NAMES", "PREFIXES"]

NAMES: Final[dict[str, str]] = {
    "title": """
        deal title, deal name, opportunity name, opportunity title, deal, opportunity, lead title, subject, topic, betreff, titel,
        geschäft, verkaufschance, nazwa szansy, szansa sprzedaży, temat, affaire, titre, oportunidad, negocio, asunto, opportunità,
        trattativa, oggetto, oportunidade, negócio, assunto, onderwerp, affär, ämne, عنوان, موضوع""",
    "person_name": """
        full name, person name, contact name, display name, customer name, client name, contact person, contact, person, your name,
        associated contact, primary contact, deal contact person, vollständiger name, ansprechpartner, kontaktperson, kontakt,
        imię i nazwisko, osoba kontaktowa, nom complet, nom du contact, interlocuteur, nombre completo, nombre y apellidos,
        persona de contacto, contacto, nome completo, nome e cognome, referente, contatto, persona di contatto, nome do contato,
        contato, volledige naam, naam, contactpersoon, fullständigt namn, namn, نام و نام خانوادگی, نام کامل, مخاطب, شخص""",
    "given_name": """
        first name, given name, forename, christian name, fname, person first name, vorname, imię, imiona, prénom, nombre,
        nombre de pila, primer nombre, nome, nome proprio, primeiro nome, voornaam, förnamn, نام, نام کوچک""",
    "family_name": """
        last name, family name, surname, lname, second name, person last name, nachname, familienname, zuname, nazwisko,
        nom de famille, apellido, apellidos, cognome, sobrenome, apelido, último nome, achternaam, familienaam, efternamn,
        نام خانوادگی, نام فامیل, فامیلی""",
    "organisation_name": """
        company name, company, organization name, organisation name, organization 1 name, account name, company account,
        organization, organisation, account, firm, business, business name, employer, customer, client, client company,
        associated company, deal organization, person organization, firma, firmenname, unternehmen, organisation / firma, kunde,
        nazwa firmy, przedsiębiorstwo, organizacja, klient, société, entreprise, raison sociale, empresa, compañía, organización,
        azienda, società, ragione sociale, organizzazione, nome da empresa, companhia, organização, bedrijf, bedrijfsnaam,
        organisatie, företag, företagsnamn, نام شرکت, شرکت, سازمان""",
    "job_title": """
        job title, position, designation, role, occupation, function, organization title, organization 1 title, person job title,
        job, berufsbezeichnung, beruf, funktion, stellung, stanowisko, stanowisko pracy, funkcja, poste, fonction, intitulé du poste,
        cargo, puesto, puesto de trabajo, posizione, ruolo, qualifica, mansione, função, functie, functietitel, befattning, roll,
        سمت, عنوان شغلی, شغل""",
    "email": """
        email, email address, primary email, e-mail 1 value, work email, email work, person email work, email 1, business email,
        contact email, your email, mail, email home, person email home, home email, personal email, person email other, email other,
        mail address, e-mail-adresse, email adresse, adres e-mail, adres email, poczta, adresse e-mail, adresse mail, courriel, mél,
        correo electrónico, correo, dirección de correo electrónico, indirizzo e-mail, posta elettronica, endereço de e-mail,
        correio eletrónico, e-mailadres, e-postadress, e-post, epost, ایمیل, پست الکترونیک, پست الکترونیکی, رایانامه, نشانی ایمیل""",
    "phone": """
        phone, phone number, primary phone, telephone, telephone number, phone 1 value, work phone, business phone, office phone,
        phone work, person phone work, company main phone, mobile, mobile phone, mobile number, mobilephone, cell, cell phone, cell number,
        phone mobile, person phone mobile, tel, phone no, contact number, contact phone, home phone, phone home, person phone home,
        other phone, phone other, telefon, telefonnummer, telefon geschäftlich, rufnummer, mobiltelefon, handy, mobil, handynummer,
        numer telefonu, nr telefonu, telefon służbowy, telefon komórkowy, komórka, telefon główny, telefon domowy, téléphone,
        numéro de téléphone, téléphone portable, portable, téléphone mobile, mobile, teléfono, número de teléfono, móvil, celular,
        teléfono móvil, telefono, numero di telefono, cellulare, telefone, número de telefone, telemóvel, telefoon, telefoonnummer,
        mobiele telefoon, gsm, mobilnummer, mobiltelefon, شماره تلفن, تلفن, شماره تماس, تلفن همراه, موبایل, شماره موبایل""",
    "website": """
        website, website url, web site, company website, homepage, home page, web page, web page 1, website 1 value, site, web,
        company domain name, domain, personal web page, linkedin url, url, webseite, internetseite, internetadresse, strona www,
        strona internetowa, osobista strona sieci web, witryna, www, site web, site internet, sitio web, página web, sito web,
        sito internet, sítio web, página da web, webbplats, hemsida, وب سایت, وبسایت, سایت""",
    "street": """
        street, street address, address line 1, address 1, address1, address 1 street, business street, primary address street,
        mailing street, billing street, work address, address, home street, home address, straße, strasse, anschrift, adresse,
        straße geschäftlich, straße und hausnummer, ulica, ulica (biuro), adres, rue, adresse postale, calle, dirección, domicilio,
        via, indirizzo, rua, endereço, morada, straat, adres, straatnaam, gata, gatuadress, adress, خیابان, آدرس, نشانی""",
    "postal_code": """
        postal code, zip, zip code, zipcode, postcode, post code, zip/postal code, address 1 postal code, business postal code,
        primary address postalcode, mailing zip, billing zip, work zipcode, home postal code, home zipcode, postleitzahl, plz,
        postleitzahl geschäftlich, kod pocztowy, kod pocztowy (biuro), code postal, cp, código postal, cap, codice postale, cep,
        postnummer, کد پستی, کدپستی""",
    "city": """
        city, town, locality, suburb, city/town, address 1 city, business city, primary address city, mailing city, billing city,
        work city, home city, location, stadt, ort, wohnort, ort geschäftlich, miasto, miejscowość, miasto (biuro), ville, localité,
        ciudad, localidad, población, città, comune, località, cidade, localidade, stad, plaats, woonplaats, ort, شهر""",
    "region": """
        state/province, state/region, state, province, region, county, address 1 region, business state, primary address state,
        mailing state, billing state, work state, home state, bundesland, land geschäftlich, kanton, województwo,
        województwo (biuro), région, département, provincia, estado, comunidad autónoma, regione, distrito, provincie, län, استان""",
    "country": """
        country, country/region, country name, country code, address 1 country, business country/region, business country,
        primary address country, mailing country, billing country, work country, home country, home country/region, land, staat,
        region geschäftlich, kraj, kraj/region, kraj/region (biuro), państwo, pays, pays/région, país, paese, nazione, stato, کشور""",
    "industry": """
        industry, sector, business sector, line of business, vertical, branche, wirtschaftszweig, branża, sektor, secteur,
        secteur d'activité, industria, settore, setor, indústria, bransch, صنعت""",
    "employees": """
        employees, number of employees, no of employees, numberofemployees, employee count, num employees, numemployees,
        company size, headcount, staff, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, beschäftigte, liczba pracowników,
        pracownicy, effectif, nombre d'employés, empleados, número de empleados, dipendenti, numero di dipendenti, funcionários,
        número de funcionários, medewerkers, aantal medewerkers, werknemers, anställda, antal anställda, تعداد کارکنان, کارکنان""",
    "parent": """
        parent account, parent company, parent organization, parent organisation, parent account name, subsidiary of, part of, parent,
        muttergesellschaft, übergeordnete firma, spółka matka, société mère, empresa matriz, società madre, moederbedrijf, moderbolag""",
    "territory": """
        territory, sales territory, sales region, area, zone, gebiet, vertriebsgebiet, terytorium, obszar, rejon, territoire, secteur
        commercial, territorio, zona, território, gebied, regio, område, distrikt, منطقه, ناحیه""",
    "source": """
        lead source, source, original source, deal source, utm source, channel, traffic source, how did you hear about us, quelle,
        lead-quelle, leadquelle, herkunft, źródło, źródło leada, źródło kontaktu, source du prospect, origine, provenance, origen,
        fuente, fonte, provenienza, origem, bron, herkomst, källa, منبع, روش آشنایی""",
    "interest": """
        interest, rating, temperature, lead rating, interest level, hotness, bewertung, interesse, ocena, zainteresowanie,
        évaluation, intérêt, interés, calificación, valutazione, avaliação, waardering, betyg, علاقه, میزان علاقه""",
    "qualification": """
        qualification, lifecycle stage, qualification status, lead type, lead qualification, qualifizierung, lebenszyklusphase,
        kwalifikacja, etap cyklu życia, calificacion del lead, qualifica del lead, qualificação, kwalificatie, kvalificering""",
    "value_amount": """
        value amount, deal value, opportunity value, opportunity amount, amount, value, deal amount, lead value, close value, total value,
        estimated value, expected value, potential value, price, budget, betrag, wert, auftragswert, auftragssumme, summe, wartość,
        kwota, wartość szansy, montant, valeur, importe, valor, monto, importo, valore, ammontare, montante, quantia, bedrag, waarde,
        belopp, värde, مبلغ, ارزش, قیمت""",
    "value_currency": """
        value currency, currency, deal currency, currency code, currency of value, deal currency of value, currencyisocode, währung,
        waluta, devise, monnaie, moneda, divisa, valuta, moeda, ارز, واحد پول""",
    "probability": """
        probability, deal probability, win probability, probability %, win likelihood, close probability, wahrscheinlichkeit,
        prawdopodobieństwo, probabilité, probabilidad, probabilità, probabilidade, waarschijnlijkheid, sannolikhet, احتمال""",
    "expected_close_on": """
        expected close date, expected close, expected close on, deal expected close date, estimated close date, target close date,
        forecast close date, expected closing, close date, closedate, closing date, voraussichtlicher abschluss, abschlussdatum,
        erwarteter abschluss, przewidywana data zamknięcia, planowana data zamknięcia, date de clôture prévue, fecha de cierre prevista,
        fecha estimada de cierre, data di chiusura prevista, data prevista de fechamento, verwachte sluitingsdatum,
        förväntat avslutsdatum, تاریخ بسته شدن""",
    "owner": """
        owner, lead owner, deal owner, contact owner, company owner, account owner, opportunity owner, record owner, person owner,
        assigned to, assigned user, assignee, sales agent, sales rep, sales representative, salesperson, account manager, agent,
        responsible, user, verantwortlich, verantwortlicher, besitzer, inhaber, zuständig, bearbeiter, vertriebsmitarbeiter, właściciel,
        opiekun, handlowiec, przypisany do, propriétaire, responsable, commercial, attribué à, propietario, asignado a, comercial,
        proprietario, assegnato a, responsabile, venditore, proprietário, responsável, vendedor, atribuído a, eigenaar,
        toegewezen aan, verantwoordelijke, ägare, ansvarig, säljare, مسئول, کارشناس, مالک""",
    "stage": """
        stage, deal stage, pipeline stage, sales stage, stage name, stagename, deal stage pipeline, lead stage, opportunity stage,
        lead status, status, deal status, phase, etap, phase de vente, stufe, vertriebsphase, faza, stan, étape, statut, etapa,
        estado del lead, fase, stato del lead, situação, verkoopfase, steg, fas, مرحله, وضعیت""",
    "pipeline": """
        pipeline, deal pipeline, sales pipeline, pipeline name, board, funnel, vertriebspipeline, lejek, lejek sprzedaży,
        tunnel de vente, embudo, embudo de ventas, funil, funil de vendas, verkooppijplijn, säljpipeline, قیف فروش""",
    "stage_entered_at": """
        stage entered at, engage date, stage entered, stage change date, last stage change, last stage change date,
        date entered stage, stage date, in stage since, status changed at, phase seit, data zmiany etapu""",
    "closed_at": """
        closed at, closed date, closed on, date closed, won time, deal won time, deal closed on, actual close date, close time,
        abgeschlossen am, geschlossen am, data zamknięcia, zamknięto, date de clôture, fecha de cierre, data di chiusura,
        data de fechamento, afgesloten op, sluitingsdatum, avslutad, avslutsdatum, تاریخ بستن""",
    "lost_reason": """
        lost reason, closed lost reason, deal lost reason, loss reason, reason lost, reason for loss, verlustgrund, grund,
        powód przegranej, przyczyna utraty, raison de la perte, motif de perte, motivo de pérdida, motivo di perdita, motivo da perda,
        reden van verlies, förlustorsak, دلیل از دست رفتن""",
    "external_id": """
        external id, record id, id, lead id, deal id, opportunity id, lead number, lead no, record id contact, record id deal, contact id,
        person id, company id, customer id, customer number, rec id, reference, ref, number, kundennummer, kunden-nr, datensatz-id,
        identyfikator, numer klienta, identifiant, identificador, identificativo, klantnummer, kundnummer, شناسه, کد مشتری""",
    "created_at": """
        created at, create date, created date, created time, creation date, date created, created on, created, createddate, date added,
        person created, deal created, deal deal created, person person created, first seen, timestamp, submitted at, date,
        erstellt am, erstellungsdatum, angelegt am, datum, data utworzenia, utworzono, date de création, créé le, fecha de creación,
        creado el, data di creazione, creato il, data de criação, criado em, aangemaakt op, skapad, skapad datum, تاریخ ایجاد, تاریخ ثبت""",
    "tags": """
        tags, tag, labels, label, categories, category, group membership, person labels, deal label, keywords, schlagwörter, kategorien,
        kategorie, etykiety, tagi, kategorie, étiquettes, catégories, etiquetas, categorías, etichette, categorie, categorias,
        labels, taggar, etiketter, kategorier, برچسب, برچسب ها, دسته""",
    "note": """
        note, notes, note content, description, background, comment, comments, remarks, message, person notes, deal notes, details,
        additional information, info, notizen, notiz, bemerkung, bemerkungen, kommentar, beschreibung, anmerkungen, nachricht, notatki,
        notatka, uwagi, opis, komentarz, wiadomość, remarques, commentaire, commentaires, message, notas, nota, comentarios, descripción,
        observaciones, mensaje, commenti, descrizione, messaggio, comentários, descrição, observações, mensagem, notities, opmerking,
        opmerkingen, omschrijving, bericht, anteckningar, kommentarer, beskrivning, meddelande, یادداشت, توضیحات, توضیح, پیام""",
}

# Names that mean one field among people and another among deals or firms; `columns` decides by the other columns.
AMBIGUOUS: Final[dict[str, dict[str, str]]] = {
    "name": {"people": "person_name", "deals": "title", "firms": "organisation_name"},
    "leadname": {"people": "person_name", "deals": "title", "firms": "title"},
    "lead": {"people": "person_name", "deals": "title", "firms": "title"},
    "nom": {"people": "family_name", "deals": "title", "firms": "organisation_name"},
    "nazwa": {"people": "organisation_name", "deals": "title", "firms": "organisation_name"},
    "title": {"people": "job_title", "deals": "title", "firms": "title"},
    "titulo": {"people": "job_title", "deals": "title", "firms": "title"},
    "tytul": {"people": "", "deals": "title", "firms": "title"},  # the form of address in a Polish address book
    "titel": {"people": "", "deals": "title", "firms": "title"},
    "عنوان": {"people": "job_title", "deals": "title", "firms": "title"},
}

# What exports put in front of a column's name. Stripped, the name counts a little less.
PREFIXES: Final = (
    "person lead deal contact account company organization organisation opportunity primary main customer client your my work business "
    "primaryaddress mailing billing kontakt firma"
)
