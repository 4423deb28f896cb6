"""What companies add to a name to say where, or how large, they are: it tells offices apart, not companies.

Only countries as they are written behind a name are here, in English and in the country's own languages. Cities,
adjectives (`British`, `Deutsche`) and directions are parts of names.
"""

from collections.abc import Mapping
from typing import Final

COUNTRIES_BEHIND_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "AE": ("UAE", "Emirates", "الإمارات"),
    "AR": ("Argentina", "de Argentina"),
    "AT": ("Austria", "Österreich", "Oesterreich"),
    "AU": ("Australia",),
    "BE": ("Belgium", "Belgique", "België", "Belgien", "Benelux"),
    "BG": ("Bulgaria", "България"),
    "BR": ("Brazil", "Brasil", "do Brasil"),
    "CA": ("Canada",),
    "CH": ("Switzerland", "Schweiz", "Suisse", "Svizzera"),
    "CL": ("Chile", "de Chile"),
    "CN": ("China", "中国", "中國"),
    "CO": ("Colombia", "de Colombia"),
    "CY": ("Cyprus", "Κύπρος", "Kıbrıs"),
    "CZ": ("Czechia", "Česko", "Czech Republic", "Česká republika", "CZ"),
    "DE": ("Germany", "Deutschland", "Allemagne", "Germania", "Alemania"),
    "DK": ("Denmark", "Danmark"),
    "EE": ("Estonia", "Eesti"),
    "EG": ("Egypt", "مصر"),
    "ES": ("Spain", "España", "Espana", "de España", "Iberia", "Ibérica"),
    "FI": ("Finland", "Suomi"),
    "FR": ("France", "Frankreich"),
    "GB": ("UK", "U.K.", "United Kingdom", "Great Britain", "GB"),
    "GR": ("Greece", "Hellas", "Ελλάς", "Ελλάδα"),
    "HK": ("Hong Kong",),
    "HR": ("Croatia", "Hrvatska"),
    "HU": ("Hungary", "Magyarország", "Hungaria"),
    "ID": ("Indonesia",),
    "IE": ("Ireland", "Éire"),
    "IL": ("Israel",),
    "IN": ("India", "Bharat", "भारत"),
    "IT": ("Italy", "Italia", "Italien"),
    "JP": ("Japan", "日本", "ジャパン"),
    "KR": ("Korea", "South Korea", "코리아", "한국"),
    "LT": ("Lithuania", "Lietuva"),
    "LU": ("Luxembourg", "Luxemburg"),
    "LV": ("Latvia", "Latvija"),
    "MT": ("Malta",),
    "MX": ("Mexico", "México", "de México"),
    "MY": ("Malaysia",),
    "NL": ("Netherlands", "Nederland", "Holland", "Niederlande"),
    "NO": ("Norway", "Norge"),
    "NZ": ("New Zealand",),
    "PE": ("Peru", "Perú", "del Perú"),
    "PH": ("Philippines",),
    "PL": ("Poland", "Polska", "Polen"),
    "PT": ("Portugal",),
    "RO": ("Romania", "România"),
    "RS": ("Serbia", "Srbija"),
    "RU": ("Russia", "Россия", "Rus"),
    "SA": ("Saudi Arabia", "Saudi", "KSA", "السعودية", "العربية السعودية"),
    "SE": ("Sweden", "Sverige"),
    "SG": ("Singapore",),
    "SI": ("Slovenia", "Slovenija"),
    "SK": ("Slovakia", "Slovensko"),
    "TH": ("Thailand",),
    "TR": ("Turkey", "Türkiye", "Turkiye"),
    "TW": ("Taiwan", "台灣", "台湾"),
    "UA": ("Ukraine", "Україна"),
    "US": ("USA", "U.S.A.", "United States", "US", "North America", "America"),
    "VN": ("Vietnam", "Việt Nam"),
    "ZA": ("South Africa",),
}
"""By ISO country: how it is called at the end of a company's name (`Acme Deutschland`)."""

REACH_BEHIND_NAMES: Final[tuple[str, ...]] = (
    *("Group", "Gruppe", "Groupe", "Grupo", "Gruppo", "Groep", "Koncernen", "Holding", "Holdings", "Beteiligungen"),
    *("International", "Intl", "Global", "Worldwide", "Europe", "Europa", "EMEA", "APAC"),
    *("Nordic", "Nordics", "Scandinavia", "Baltics", "DACH", "LATAM", "MENA", "Middle East", "Asia", "Asia Pacific"),
)
"""What else stands behind a name without making it another one."""

REACH_BEFORE_NAMES: Final[tuple[str, ...]] = ("The", "Groupe", "Grupo", "Gruppo", "Gruppe")
"""The same before a name."""

JOINING_WORDS: Final[tuple[str, ...]] = ("and", "und", "et", "y", "e", "en", "og", "och", "i")
"""`and`, which some write as `&` and others leave out."""
