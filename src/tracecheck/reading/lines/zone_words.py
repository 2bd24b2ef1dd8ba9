"""Names of time zones, as they stand behind a stamp in logs; a stamp before one is no time.

Few abbreviations are unique (`CST` is three zones, `IST` too). Here are those of the IANA database
of today, and those that it had until 2017 and that older systems still write.
Left out are words that logs use for other things: ACT, BOT, GET, LINT, MART, RET, SET.
"""

from __future__ import annotations

_TODAY = """
    ACDT ACST ADDT ADT AEDT AEST AHDT AHST AKDT AKST AST AWDT AWST BDT BST CAST CAT CDT CEST CET CST
    CHST EAT EDT EEST EET EST GDT GST HDT HKST HKT HST IDT IST JST KDT KST MDT MEST MET MMT MSD MSK
    MST NDDT NDT NST NZDT NZST PDT PKST PKT PST SAST SST WAST WAT WEST WET WIB WIT WITA YDT YST
"""
_UNTIL_2017 = """
    AFT ALMT AMST AMT ANAT AQTT ARST ART AZOST AZOT AZST AZT BNT BRST BRT BTT CCT CHADT CHAST CHOT
    CHUT CKT CLST CLT COT CVT CXT DAVT DDUT EASST EAST ECT EGST EGT FET FJST FJT FKST FKT FNT GALT
    GAMT GFT GILT GYT HADT HAST HOVT ICT IOT IRDT IRKST IRKT IRST KGT KOST KRAST KRAT LHDT LHST
    MAGST MAGT MAWT MHT MUT MVT MYT NCT NFT NOVST NOVT NPT NRT NUT OMSST OMST ORAT PET PETST PETT
    PGT PHOT PHST PHT PMDT PMST PONT PWT PYST PYT QYZT ROTT SAKT SAMT SBT SCT SGT SRET SRT SYOT TAHT
    TFT TJT TKT TLT TMT TOT TRT TVT ULAST ULAT UYST UYT UZST UZT VET VLAST VLAT VOLT VOST VUT WAKT
    WARST WART WFT WGST WGT WSDT WSST YAKST YAKT YAPT YEKST YEKT
"""
_BY_CUSTOM = "CST6CDT CT EST5EDT ET MESZ MEZ MST7MDT MT PST8PDT PT UCT WEDT WEZ ZULU"
_EVERYDAY = """
    ART CAST CAT COT CT EAST EAT ET GALT GILT HAST IST MET MT MUT NUT PET PT SAMT TOT VET VOLT
    WARST WAT WEST WET WIT
"""

WORDS_IN_CAPITALS = tuple(_EVERYDAY.split())
"""Those that are words of a language, too, or short: in small letters they are no zones."""

WORDS = tuple(
    word
    for word in (*_TODAY.split(), *_UNTIL_2017.split(), *_BY_CUSTOM.split())
    if word not in WORDS_IN_CAPITALS
)
"""Zones, in whatever case. UTC and GMT are not among them: they say what time it is."""

AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil"),
    *("Canada", "Chile", "Etc", "Europe", "Indian", "Mexico", "Pacific", "US"),
)
"""What a name of the IANA database begins with, before a slash."""

LONG_NAMES = (
    *("Standard", "Daylight", "Summer", "Mean", "Universal", "European", "Eastern", "Central"),
    *("Mountain", "Pacific", "Atlantic"),
)
"""What stands before "Time" in names that are written out."""
