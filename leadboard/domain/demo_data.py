"""Names, companies and places of the sample data. Invented; addresses end in .example.

Telephone numbers come from the ranges that regulators keep for films and books where a country has one (US, CA, GB,
DE, FR, SE), else from 555 01xx in a city's own shape.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """`phones` end in the digits to fill, as x; `forms` are legal forms of companies; `weight` is how often it is met."""

    code: str
    weight: int
    cities: tuple[tuple[str, str], ...]
    phones: tuple[str, ...]
    forms: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTRIES = (
    Country(
        "DE", 16,
        (("Berlin", "10115"), ("Hamburg", "20095"), ("München", "80331"), ("Köln", "50667"), ("Leipzig", "04109"), ("Bremen", "28195")),
        ("+49 30 23125 xxx", "+49 69 90009 xxx", "+49 40 66969 xxx", "+49 221 4710 xxx", "+49 89 99998 xxx", "+49 171 39200 xx"),
        ("GmbH", "GmbH & Co. KG", "AG", "e. K."),
        _words("Anja Birgit Carolin Dörte Franziska Greta Heike Ines Julia Katrin Lena Marlene Nadine Petra Sabine Ulrike Verena Wiebke"),
        _words("Andreas Björn Christian Dirk Florian Günter Holger Jan Jürgen Karsten Lukas Matthias Norbert Oliver Stefan Thorsten Uwe"),
        _words("Albrecht Bauer Brandt Dietrich Engel Fischer Graf Hartmann Jäger Köhler Krüger Lehmann Möller Neumann Peters Richter"
               " Schäfer Schröder Seidel Vogt Weiß Winkler Ziegler Zimmermann"),
    ),
    Country(
        "GB", 12,
        (("London", "EC1A 1BB"), ("Manchester", "M1 1AE"), ("Leeds", "LS1 4AP"), ("Bristol", "BS1 4DJ"), ("Glasgow", "G1 1XQ")),
        ("+44 20 7946 0xxx", "+44 161 496 0xxx", "+44 113 496 0xxx", "+44 117 496 0xxx", "+44 141 496 0xxx", "+44 7700 900xxx"),
        ("Ltd", "Ltd", "LLP", "plc"),
        _words("Abigail Beth Charlotte Daisy Eleanor Fiona Gemma Harriet Imogen Jemima Kate Lucy Megan Nicola Olivia Poppy Rosie Zoe"),
        _words("Adam Benjamin Callum Duncan Edward Fraser George Harry Isaac Jack Liam Marcus Nathan Owen Rhys Samuel Toby William"),
        _words("Abbott Barker Clarke Dawson Ellis Fletcher Gibson Harper Hughes Jennings Kirby Lawson Marsh Norton Palmer Quinn Reid"
               " Shaw Turner Underwood Walsh Wright"),
    ),
    Country(
        "US", 14,
        (("Austin", "78701"), ("Boston", "02108"), ("Chicago", "60601"), ("Denver", "80202"), ("Portland", "97201"), ("Seattle", "98101")),
        ("+1 512 555 01xx", "+1 617 555 01xx", "+1 312 555 01xx", "+1 303 555 01xx", "+1 503 555 01xx", "+1 206 555 01xx"),
        ("Inc.", "LLC", "Corp.", "Co."),
        _words("Amber Brianna Chloe Deborah Emily Faith Grace Hannah Irene Jasmine Kayla Lauren Madison Natalie Paige Rachel Tiffany"),
        _words("Aaron Brandon Caleb Derek Ethan Frank Gavin Hunter Ian Jason Kyle Logan Mason Noah Patrick Ryan Tyler Wesley"),
        _words("Adams Bennett Coleman Douglas Edwards Foster Griffin Hayes Ingram Johnson Keller Lopez Mitchell Nelson Ortiz Parker"
               " Ramirez Sullivan Tucker Vaughn Watkins Young"),
    ),
    Country(
        "PL", 10,
        (("Warszawa", "00-001"), ("Kraków", "30-001"), ("Gdańsk", "80-001"), ("Wrocław", "50-001"), ("Łódź", "90-001"), ("Poznań", "60-001")),
        ("+48 22 555 01 xx", "+48 12 555 01 xx", "+48 58 555 01 xx", "+48 71 555 01 xx"),
        ("sp. z o.o.", "sp. z o.o.", "S.A.", "sp. j."),
        _words("Agnieszka Barbara Celina Dorota Ewa Grażyna Hanna Iwona Joanna Kinga Łucja Małgorzata Natalia Oliwia Paulina Wanda Zofia"),
        _words("Adam Bartosz Cezary Dawid Filip Grzegorz Hubert Igor Jacek Kamil Łukasz Marcin Olaf Paweł Rafał Stanisław Tomasz Wojciech"),
        _words("Adamczyk Baran Czajka Duda Gajda Jaworek Kaczmarek Krawczyk Lis Łukasik Mazur Nowak Olszak Pawlak"
               " Ryba Sikora Szymczak Urban Wilk Zając Żak"),
    ),
    Country(
        "FR", 9,
        (("Paris", "75002"), ("Lyon", "69002"), ("Nantes", "44000"), ("Lille", "59000"), ("Toulouse", "31000"), ("Bordeaux", "33000")),
        ("+33 1 99 00 xxxx", "+33 2 61 91 xxxx", "+33 3 53 01 xxxx", "+33 4 65 71 xxxx", "+33 5 36 49 xxxx", "+33 6 39 98 xxxx"),
        ("SARL", "SAS", "SA", "et Fils"),
        _words("Amélie Béatrice Camille Delphine Élodie Florence Gaëlle Hélène Inès Juliette Léa Manon Noémie Océane Pauline Solène Zoé"),
        _words("Antoine Baptiste Cédric Damien Étienne Fabien Grégoire Hugo Jérôme Laurent Mathieu Nicolas Olivier Quentin Rémi Thibault"),
        _words("Arnaud Bonnet Chevalier Delacroix Dupuis Faure Fontaine Garnier Hubert Joly Lambert Lefèvre Mercier Noël Perrot Renard"
               " Rousseau Tessier Vidal"),
    ),
    Country(
        "ES", 7,
        (("Madrid", "28001"), ("Barcelona", "08001"), ("Valencia", "46001"), ("Sevilla", "41001"), ("Bilbao", "48001")),
        ("+34 91 555 01xx", "+34 93 555 01xx", "+34 96 355 01xx", "+34 94 455 01xx"),
        ("S.L.", "S.A.", "S.L.U."),
        _words("Alba Beatriz Carmen Elena Inmaculada Irene Lucía Marta Noelia Pilar Rocío Silvia Teresa Verónica Yolanda"),
        _words("Álvaro Carlos Diego Emilio Fernando Gonzalo Hugo Iker Javier Luis Manuel Óscar Pablo Raúl Sergio Víctor"),
        _words("Aguilar Blanco Cabrera Delgado Fuentes Gallego Herrera Iglesias Lozano Marín Navarro Ortega Peña Ramos Santos Vega"),
    ),
    Country(
        "IT", 7,
        (("Milano", "20121"), ("Torino", "10121"), ("Bologna", "40121"), ("Roma", "00184"), ("Verona", "37121")),
        ("+39 02 5550 1xxx", "+39 011 5550 1xx", "+39 051 5550 1xx", "+39 06 5550 1xxx"),
        ("S.r.l.", "S.p.A.", "S.n.c."),
        _words("Alessia Bianca Chiara Donatella Elisa Federica Giulia Ilaria Lucrezia Martina Ornella Paola Serena Valentina"),
        _words("Alberto Bruno Corrado Davide Enrico Fabio Giacomo Leonardo Matteo Nicolò Pietro Riccardo Stefano Umberto"),
        _words("Amato Barbieri Caruso Deluca Esposito Ferrari Galli Leone Marini Negri Orlando Pellegrini Rinaldi Sala Testa Villa"),
    ),
    Country(
        "NL", 6,
        (("Amsterdam", "1012 AB"), ("Rotterdam", "3011 AA"), ("Utrecht", "3511 AA"), ("Eindhoven", "5611 AA")),
        ("+31 20 555 01xx", "+31 10 555 01xx", "+31 30 555 01xx", "+31 40 555 01xx"),
        ("B.V.", "B.V.", "N.V."),
        _words("Anouk Bente Carlijn Eline Femke Hanneke Ilse Jolanda Lotte Marijke Nienke Roos Saskia Willemijn"),
        _words("Arjen Bram Casper Daan Frank Gijs Hendrik Jeroen Koen Lars Maarten Niels Pieter Ruben Sander Thijs"),
        _words("Bakker Boer Brouwer Dekker Hendriks Jacobs Kok Kuiper Mulder Peeters Prins Smit Timmermans Visser Vos Willems"),
    ),
    Country(
        "SE", 5,
        (("Stockholm", "111 20"), ("Göteborg", "411 03"), ("Malmö", "211 20"), ("Uppsala", "753 20")),
        ("+46 8 465 004 xx", "+46 31 390 06 xx", "+46 40 628 04 xx", "+46 8 465 004 xx"),
        ("AB", "AB", "HB"),
        _words("Agneta Astrid Ebba Elin Frida Gunilla Hedda Ingrid Karin Linnéa Maja Sigrid Ulla Åsa"),
        _words("Anders Axel Bengt Erik Fredrik Gustav Henrik Johan Lars Magnus Nils Oskar Per Sven Åke"),
        _words("Ahlström Bergman Dahl Ekström Forsberg Hedlund Holm Isaksson Lindqvist Lundgren Nyström Sandberg Sjögren Wallin Öberg"),
    ),
    Country(
        "TR", 5,
        (("İstanbul", "34110"), ("Ankara", "06420"), ("İzmir", "35210"), ("Bursa", "16010")),
        ("+90 212 555 01 xx", "+90 312 555 01 xx", "+90 232 555 01 xx"),
        ("A.Ş.", "Ltd. Şti."),
        _words("Aslı Ayşe Burcu Ceren Derya Elif Gül İrem Nazlı Özge Pınar Selin Şule Zeynep"),
        _words("Ahmet Burak Cem Deniz Emre Fatih Hakan İlker Kerem Mert Oğuz Serkan Tolga Umut Yiğit"),
        _words("Acar Aydın Bulut Çelik Demir Erdoğan Güneş Işık Kaya Koç Öztürk Polat Şahin Tekin Yıldız"),
    ),
    Country(
        "IR", 4,
        (("Tehran", ""), ("Isfahan", ""), ("Shiraz", ""), ("Tabriz", "")),
        ("+98 21 5550 1xxx", "+98 31 5550 1xxx", "+98 71 5550 1xxx"),
        ("Co.", "Group"),
        _words("Azadeh Elham Farnaz Golnaz Leila Mahsa Narges Parisa Roya Sara Shirin Yasaman"),
        _words("Amir Arash Behrouz Dariush Farhad Hamid Kaveh Mehdi Nima Omid Reza Siavash"),
        _words("Ahmadi Bahrami Ebrahimi Farahani Hosseini Jafari Karimi Moradi Nazari Rahimi Sadeghi Tavakoli"),
    ),
    Country(
        "IN", 5,
        (("Mumbai", "400001"), ("Bengaluru", "560001"), ("Pune", "411001"), ("Chennai", "600001")),
        ("+91 22 5550 1xxx", "+91 80 5550 1xxx", "+91 20 5550 1xxx"),
        ("Pvt. Ltd.", "Ltd."),
        _words("Aditi Bhavna Deepa Gauri Isha Kavya Meera Nandini Pooja Radhika Shreya Tanvi"),
        _words("Aarav Dev Gaurav Harish Karthik Manish Nikhil Pranav Rohan Sandeep Varun Vikram"),
        _words("Agarwal Bose Chandra Desai Ghosh Iyer Joshi Kulkarni Mehta Nair Patel Rao Shah Verma"),
    ),
)  # fmt: skip

# Companies: a stem or a family name, and a trade.
STEMS = _words(
    "Alder Alpine Amber Anchor Arbor Argent Atlas Aurora Baltic Beacon Birch Bluewater Brightside Cascade Cedar Cobalt Compass Copper"
    " Coral Crescent Delta Dockside Eastgate Elmwood Ember Fairfield Falcon Fjord Foxglove Glacier Granite Greenfield Harbour Hazel"
    " Helios Heron Highland Horizon Iris Ironbridge Juniper Keystone Lakeside Lantern Laurel Linden Lumen Lynx Magnolia Maple Meridian"
    " Millstone Mistral Monsoon Moorland Nimbus Nordwind Northgate Oakridge Ocean Olive Onyx Orchard Orion Osprey Pebble Peregrine"
    " Pinewood Polar Prairie Quarry Quartz Redwood Ridgeway Riverside Rowan Saffron Sapphire Seabright Sequoia Silverline Skylark"
    " Solstice Sparrow Spruce Sterling Summit Sunfield Tamarind Terra Thistle Tidewater Timber Topaz Umber Vanguard Vela Verdant"
    " Vista Wavecrest Westbrook Whitestone Wildwood Willow Windmill Yarrow Zenith Zephyr"
)
# (trade, industry, usual employees)
TRADES = (
    ("Logistics", "Logistics", 120), ("Foods", "Food", 80), ("Bakeries", "Food", 60), ("Energy", "Energy", 200), ("Solar", "Energy", 35),
    ("Marine", "Shipping", 90), ("Textiles", "Textiles", 70), ("Furniture", "Furniture", 45), ("Interiors", "Furniture", 18),
    ("Packaging", "Packaging", 110), ("Print", "Printing", 25), ("Software", "Software", 40), ("Analytics", "Software", 22),
    ("Security", "Security", 65), ("Clinics", "Health", 150), ("Dental", "Health", 12), ("Pharma", "Health", 320), ("Optics", "Optics", 28),
    ("Tools", "Machinery", 55), ("Machines", "Machinery", 140), ("Hydraulics", "Machinery", 75), ("Robotics", "Machinery", 48),
    ("Plastics", "Plastics", 95), ("Glass", "Glass", 60), ("Steel", "Metal", 260), ("Metalworks", "Metal", 85), ("Chemicals", "Chemicals", 180),
    ("Paints", "Chemicals", 40), ("Construction", "Construction", 130), ("Architects", "Construction", 14), ("Facilities", "Facilities", 210),
    ("Hotels", "Hospitality", 170), ("Travel", "Travel", 30), ("Catering", "Hospitality", 35), ("Media", "Media", 26), ("Events", "Media", 16),
    ("Insurance", "Insurance", 240), ("Finance", "Finance", 90), ("Legal", "Legal", 20), ("Recruiting", "Services", 18), ("Schools", "Education", 75),
    ("Sports", "Retail", 33), ("Outdoor", "Retail", 27), ("Gardens", "Retail", 21), ("Motors", "Automotive", 64), ("Cycles", "Retail", 15),
    ("Farms", "Agriculture", 29), ("Vineyards", "Agriculture", 17), ("Water", "Utilities", 150), ("Recycling", "Utilities", 58),
)  # fmt: skip

JOB_TITLES = (
    "Managing Director", "Head of Purchasing", "Operations Manager", "Buyer", "Plant Manager", "IT Manager", "Office Manager", "CFO",
    "Marketing Lead", "Sales Director", "Owner", "Project Manager", "Facility Manager", "Head of Logistics", "Quality Manager", "Assistant to the Board",
)  # fmt: skip
TERRITORIES = {"DE": "Central Europe", "PL": "Central Europe", "NL": "Benelux", "GB": "UK & Ireland", "US": "North America",
    "FR": "South-West Europe", "ES": "South-West Europe", "IT": "South-West Europe", "SE": "Nordics", "TR": "Middle East", "IR": "Middle East",
    "IN": "Asia"}  # fmt: skip

# The team: name, role, share of the leads.
TEAM = (
    ("Maya Lindqvist", "manager", 5),
    ("Priya Raman", "manager", 4),
    ("Tomasz Zieliński", "member", 14),
    ("Amara Okafor", "member", 14),
    ("Daniel Weber", "member", 12),
    ("Leila Haddadi", "member", 12),
    ("Sofia Moretti", "member", 11),
    ("Jack O’Connor", "member", 10),
    ("Inês Carvalho", "member", 9),
    ("Kenji Tanaka", "viewer", 0),
)
COMPETITORS = ("Brightdesk", "Norvik Systems", "Calder & Sons", "Opalworks", "Trident Supply")

# How leads spread over a pipeline: (usual days in a stage, share of the leads) from the first open stage to the last.
# The last pair is met again in a pipeline with more stages.
SALES = (84, 9_000, ((5, 17), (9, 15), (14, 11), (18, 9), (12, 4)))
PARTNERS = (16, 24_000, ((12, 22), (25, 20), (40, 14), (20, 8)))
WON_SHARE, LOST_SHARE = 19, 24
PARTNER_STAGES = ("Introduced", "Evaluating", "Pilot", "Contract")
# What a usual value in euros is in other currencies, roughly: nobody sells a scanner for 90 yen.
PRICE_LEVEL = {
    "PLN": 4, "SEK": 11, "NOK": 11, "DKK": 7, "CZK": 25, "HUF": 390, "TRY": 35, "JPY": 160, "INR": 90, "IRR": 45_000, "KRW": 1450,
    "CNY": 8, "BRL": 6, "MXN": 20, "ZAR": 20, "RUB": 100, "UAH": 44, "VND": 27_000, "IDR": 17_000, "CLP": 1000, "COP": 4500,
}  # fmt: skip
