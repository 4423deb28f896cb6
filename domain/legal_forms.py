"""The legal forms that companies write with their names (rules §3).

Data: a form is written here as companies write it and folded as names are. What they decided for a registration is in
its event, so that a longer list never changes a decision that was taken. `tests/domain/legal_forms.toml` says country
by country what is one name.

A form that is a word or an abbreviation elsewhere too (`ME`, `SC`, `CV-Library`) counts only with a company of its own
country; one that nobody would mistake counts everywhere, because a company is registered where its customer sits.
"""

from collections.abc import Mapping

SUFFIXES: tuple[str, ...] = (
    # English-speaking
    *("Inc", "Incorporated", "Corp", "Corporation", "Co", "Company", "Ltd", "Limited", "LLC", "L.L.C.", "LLP", "LP"),
    *("Limited Liability Company", "Limited Partnership", "Limited Liability Partnership", "PLC", "P.L.C."),
    *("Public Limited Company", "ULC", "CIC", "CLG", "DAC", "PLLC", "PBC"),
    *("Designated Activity Company", "Company Limited by Guarantee", "Teoranta", "Cyf"),
    *("Pty", "Pty Ltd", "Proprietary", "Proprietary Limited", "SOC Ltd", "NPC"),
    *("Pvt", "Pvt Ltd", "Private Limited", "Pte", "Pte Ltd", "Ltée", "Limitée", "Incorporée"),
    # German-speaking
    *("GmbH", "Gesellschaft mit beschränkter Haftung", "GesmbH", "Ges.m.b.H.", "mbH", "gGmbH", "AG"),
    *("Aktiengesellschaft", "SE", "KG", "Kommanditgesellschaft", "KGaA", "OHG", "GbR", "UG", "PartG", "PartGmbB"),
    *("UG haftungsbeschränkt", "haftungsbeschränkt", "eG", "eGen", "e.K.", "e.Kfr.", "e.V.", "e.U.", "& Co. KG"),
    *("FlexCo", "Sàrl", "Stiftung & Co. KG", "Stiftung & Co. KGaA"),
    # French, and Belgian and Luxembourgish
    *("SA", "S.A.", "Société Anonyme", "SAS", "S.A.S.", "SASU", "SARL", "S.à r.l.", "SARL-S", "EURL", "SNC", "SCA"),
    *("SCS", "SCOP", "GIE", "SELARL", "SRL", "SPRL", "ASBL", "SCRL", "& Cie", "et Cie"),
    *(
        "Société par actions simplifiée",
        "Société à responsabilité limitée",
        "Société à responsabilité limitée simplifiée",
    ),
    # Dutch and Flemish
    *("BV", "B.V.", "NV", "N.V.", "VOF", "BVBA", "CVBA", "VZW", "Besloten Vennootschap", "Naamloze Vennootschap"),
    # Italian
    *("SpA", "S.p.A.", "Srl", "S.r.l.", "Srls", "Sapa", "Scarl", "Soc. Coop.", "Società per Azioni"),
    *("Società a responsabilità limitata", "Scpa", "Società Benefit"),
    # Spanish and Latin American
    *("SL", "S.L.", "SLU", "SAU", "SLL", "SLP", "SCoop", "Sociedad Limitada", "Sociedad Anónima", "S.A. de C.V."),
    *("S. de R.L.", "S. de R.L. de C.V.", "SAPI de C.V.", "S.A.P.I. de C.V.", "S.A.S. de C.V.", "SAB de C.V.", "SAIC"),
    *(
        "SACI",
        "SRL de C.V.",
        "EIRL",
        "SpA",
        "Ltda",
        "SAB",
        "S.A.B. de C.V.",
    ),
    # Portuguese and Brazilian
    *(
        "Lda",
        "Lda.",
        "Limitada",
        "Unipessoal",
        "Unipessoal Lda",
        "SGPS",
        "S/A",
        "EIRELI",
    ),
    *("Sociedade Anónima", "Sociedade Limitada", "CRL"),
    # Nordic
    *("AB", "Aktiebolag", "Publ", "Ek för", "A/S", "Aktieselskab", "ApS", "Anpartsselskab", "I/S", "K/S"),
    *("P/S", "IVS", "AmbA", "AS", "ASA", "Aksjeselskap", "Oy", "Oyj", "Ab Oy", "Oy Ab"),
    *("Osakeyhtiö", "ehf", "hf", "slhf", "ohf"),
    # Baltic
    *("OÜ", "AS", "SIA", "AS", "UAB", "AB", "VšĮ", "Osaühing"),
    # Polish, Czech, Slovak, Hungarian
    *("Sp. z o.o.", "Sp. z o. o.", "Spółka z o.o.", "Spółka z ograniczoną odpowiedzialnością", "Sp. k.", "Sp. j."),
    *("Sp. z o.o. Sp. k.", "Spółka Akcyjna", "s.r.o.", "spol. s r.o.", "společnost s ručením omezeným"),
    *("a.s.", "akciová společnost", "akciová spoločnosť", "v.o.s.", "k.s.", "j.s.a.", "Kft", "Zrt", "Nyrt"),
    *("Kkt", "Korlátolt Felelősségű Társaság", "Részvénytársaság", "družstvo"),
    # South-eastern Europe
    *("d.o.o.", "d.d.", "j.d.o.o.", "k.d.", "d.n.o.", "o.d.", "S.R.L.", "S.A.", "SRL-D"),
    *("OOD", "EOOD", "EAD", "ООД", "ЕООД", "АД", "ЕАД", "EPE", "E.P.E.", "IKE"),
    *("Α.Ε.", "Ε.Π.Ε.", "Ι.Κ.Ε.", "Ο.Ε.", "Ε.Ε.", "ΜΟΝΟΠΡΟΣΩΠΗ", "Monoprosopi", "Single Member"),
    # Turkish
    *("A.Ş.", "AŞ", "Ltd. Şti.", "Ltd Sti", "Limited Şirketi", "Anonim Şirketi", "San. ve Tic. A.Ş.", "Tic. Ltd. Şti."),
    *("San. ve Tic. Ltd. Şti.", "Sanayi ve Ticaret A.Ş.", "Sanayi ve Ticaret Ltd. Şti."),
    # Russian, Ukrainian
    *("OOO", "OAO", "ZAO", "PAO", "ООО", "АО", "ОАО", "ЗАО", "ПАО", "ТОВ", "ТзОВ", "ПрАТ", "ПАТ", "ФОП", "ИП"),
    *("JSC", "OJSC", "CJSC", "PJSC", "Joint Stock Company", "Public Joint Stock Company"),
    # Asian
    *("KK", "K.K.", "Kabushiki Kaisha", "Kabushiki Gaisha", "GK", "Godo Kaisha", "YK", "Yugen Kaisha"),
    *("Co., Ltd.", "Co Ltd", "Company Limited", "Tbk", "Bhd", "Berhad", "Sdn Bhd", "Sdn. Bhd.", "PCL"),
    *("Public Company Limited", "OPC", "TNHH"),
    # Gulf and Africa
    *("WLL", "W.L.L.", "FZE", "FZCO", "FZ-LLC", "FZ LLC", "FZC", "DMCC", "SAOG", "SAOC", "BSC", "KSC", "KSCC", "SAE"),
    *("SARLU", "SUARL", "Saudi Joint Stock Company"),
    # Spelled out, and with parts that others shorten
    *("and Company Limited", "and Co. Ltd."),
    *(
        "Gesellschaft mbH",
        "Gesellschaft m.b.H.",
        "und Co. KG",
        "und Co",
        "& Company",
        "and Co",
        "and Company",
        "and Company Limited",
        "and Co. Ltd.",
    ),
    *("Unternehmergesellschaft", "Unternehmergesellschaft (haftungsbeschränkt)", "eingetragene Genossenschaft"),
    *("e.Kfm.", "PartG mbB", "Partnerschaftsgesellschaft mbB", "Gemeinnützige Gesellschaft mbH"),
    *("Sociedad de Responsabilidad Limitada", "Sociedad por Acciones Simplificada", "Sociedad Limitada Unipersonal"),
    *("Sociedad Anónima de Capital Variable", "Sociedad Anónima Bursátil de Capital Variable", "S. en C."),
    *("Société par actions simplifiée unipersonnelle", "Société en nom collectif", "S.à r.l.-S"),
    *("Sociedade por Quotas", "Sociedade Unipessoal por Quotas", "Sociedade Limitada Unipessoal"),
    *("Soc. Coop. a r.l.", "S.c.a r.l.", "Società Cooperativa", "Unlimited Liability Company", "Unlimited Company"),
    *("Community Interest Company", "Cyfyngedig", "Cuideachta Phoiblí Theoranta", "LLLP", "Public Benefit Corporation"),
    *("Professional Limited Liability Company", "Close Corporation", "Beslote Korporasie", "Vennootschap onder firma"),
    *("Joint Stock Co., Ltd.", "Closed Joint Stock Company", "Single Person Company", "Single Member P.C."),
    *("Interessentskab", "Kommanditselskab", "Partnerselskab", "Iværksætterselskab", "Enkeltmandsvirksomhed"),
    *("F.m.b.a.", "S.m.b.a.", "Handelsbolag", "Kommanditbolag", "Ekonomisk förening", "Ideell förening"),
    *("Enskild firma", "Bostadsrättsförening", "Abp", "Julkinen osakeyhtiö", "Kommandiittiyhtiö", "Avoin yhtiö"),
    *("Aktsiaselts", "sp.z o.o.", "sp.k.", "sp.j.", "sp. p.", "Spółka Komandytowa", "Spółka Jawna"),
    *("Spółka komandytowo-akcyjna", "Prosta Spółka Akcyjna", "Spółka Cywilna", "Spółka Partnerska"),
    *("spol. s r. o.", "spol.s r.o.", "spoločnosť s ručením obmedzeným", "dioničko društvo", "delniška družba"),
    *("društvo s ograničenom odgovornošću", "družba z omejeno odgovornostjo", "Betéti Társaság"),
    *("Zártkörűen Működő Részvénytársaság", "Nyilvánosan Működő Részvénytársaság"),
    *("Societate cu răspundere limitată", "Societate pe acțiuni", "Societate pe acţiuni"),
    *("Дружество с ограничена отговорност", "Акционерно дружество", "Α.Β.Ε.Ε.", "Α.Ε.Β.Ε.", "Ανώνυμη Εταιρεία"),
    *("Ανώνυμος Εταιρεία", "Εταιρεία Περιορισμένης Ευθύνης", "Ltd.Şti.", "Kollektif Şirketi", "Komandit Şirketi"),
    *("San. Tic. Ltd. Şti.", "San. Tic. A.Ş.", "Sanayi ve Ticaret Limited Şirketi", "San. ve Dış Tic. A.Ş."),
    *("San. ve Dış Tic. Ltd. Şti.", "Dış Ticaret Ltd. Şti.", "Dış Ticaret A.Ş.", "Ticaret A.Ş.", "Sanayi A.Ş."),
    *("ЕТ", "НАО", "ТОО", "Chusik Hoesa", "Jusik Hoesa", "Yuhan Hoesa"),
    *("ش.م.م", "ش.ذ.م.م", "ذ.م.م", "ش.م.س", "ش.م.ع", "ش.م.ك", "المحدودة", "المساهمة", "ذات مسؤولية محدودة"),
    *("شركة شخص واحد", "مساهمة مقفلة", "मर्यादित", "प्राइवेट लिमिटेड", "लिमिटेड"),
)
"""Forms that stand after a name."""

PREFIXES: tuple[str, ...] = (
    *("OOO", "OAO", "ZAO", "PAO", "ООО", "АО", "ОАО", "ЗАО", "ПАО", "НАО", "ТОВ", "ПрАТ", "ПАТ", "ИП", "ФОП", "ТОО"),
    *("ФГУП", "ГУП", "МУП", "АНО", "НКО", "ЕТ", "Общество с ограниченной ответственностью", "Акционерное общество"),
    *("Публичное акционерное общество", "Непубличное акционерное общество", "Закрытое акционерное общество"),
    *("Открытое акционерное общество", "Индивидуальный предприниматель", "Công ty TNHH", "Công ty Cổ phần"),
    *("شركة", "مؤسسة"),
)
"""Forms that stand before a name."""

TITLES: tuple[str, ...] = ("M/s.", "M/s")
"""What is written before a company's name as `Messrs.` before those of people."""

PREFIXES_WITHOUT_A_COUNTRY: tuple[str, ...] = ("PT", "CV", "UAB", "SIA")
"""Where no country is stated these count as well: all that follows is that a person is asked."""

LOCAL_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "BE": ("NV", "SA", "BV", "SRL", "BVBA", "SPRL", "VZW", "ASBL", "Stichting"),
    "BG": ("ET",),
    "BR": ("Cia.", "Companhia"),
    "DK": ("A/S",),
    "EE": ("OÜ", "AS", "Osaühing", "Aktsiaselts", "FIE", "MTÜ"),
    "FI": ("Oy", "Ab", "Tmi", "Ky", "Ay"),
    "FR": ("SA", "SAS", "SASU", "SARL", "EURL", "SCI", "SNC", "EARL", "GAEC", "SELARL", "Ets", "Établissements"),
    "ID": ("PT", "PT PMA", "CV", "UD", "PD", "Firma", "Perum", "Koperasi", "Perseroan Terbatas"),
    "JP": ("Kabushiki Kaisha", "KK"),
    "KZ": ("LLP", "TOO"),
    "LT": (
        *("UAB", "AB", "MB", "VšĮ", "IĮ", "KŪB", "TŪB", "VĮ", "Uždaroji akcinė bendrovė", "Akcinė bendrovė"),
        *("Mažoji bendrija", "Viešoji įstaiga", "Individuali įmonė", "Valstybės įmonė"),
    ),
    "LV": (
        *("SIA", "AS", "A/S", "IK", "PS", "KS", "ZS", "VAS", "VSIA", "Sabiedrība ar ierobežotu atbildību"),
        *("Akciju sabiedrība", "Individuālais komersants"),
    ),
    "NL": ("BV", "NV", "Stichting", "Vereniging", "Coöperatie"),
    "NO": ("AS", "A/S"),
    "PL": ("PHU", "PPHU", "FHU", "PPH", "PPUH", "Przedsiębiorstwo Handlowo-Usługowe"),
    "RO": ("SC",),
    "RU": ("AO", "LLC", "JSC", "PJSC", "CJSC", "OJSC"),
    "SE": ("AB", "Aktiebolaget", "Handelsbolaget", "Stiftelsen"),
    "UA": ("LLC", "JSC", "PJSC"),
}
"""By ISO country: forms that stand before a name there, unless another stands behind it (`SAS Institute SAS`)."""

PREFIXES_WITH_ANOTHER_FORM: Mapping[str, tuple[str, ...]] = {
    "FI": ("Oy",),
    "ID": ("PT", "PT PMA"),
    "NL": ("Coöperatie",),
    "RO": ("SC",),
}
"""By ISO country: forms before a name that have another one behind it as well (`S.C. Acme S.R.L.`)."""

LOCAL_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "AR": ("SH", "SC", "SACIF", "SACIFI"),
    "AT": ("OG", "reg.Gen.m.b.H.", "Flexible Kapitalgesellschaft"),
    "AU": ("NL", "No Liability", "P/L"),
    "BE": ("SC", "CV", "CommV", "Comm. V.", "SComm", "Comm.V", "ESV", "NV/SA", "SA/NV", "SICAV"),
    "BG": ("AD", "СД", "КД", "КДА", "АДСИЦ"),
    "BR": ("ME", "EPP", "MEI", "SAF", "S/S", "S/S Ltda", "S/C", "S/C Ltda", "Cia", "e Cia"),
    "CA": ("SEC", "SENC", "SENCRL", "Inc./Ltée"),
    "CN": ("WFOE",),
    "CY": ("ΛΤΔ", "Λίμιτεδ", "Δημόσια Εταιρεία Λτδ", "Public Ltd", "Public Company Ltd"),
    "CZ": ("SP", "z.s.", "o.p.s.", "z.ú.", "státní podnik"),
    "DE": ("AöR", "VVaG", "InvAG", "gAG", "Gemeinnützige GmbH"),
    "EE": ("TÜ", "UÜ", "MTÜ", "SA", "FIE", "Ühistu", "Sihtasutus"),
    "ES": ("SC", "CB", "SCP", "SAD", "SAL", "SLNE", "SAT", "AIE", "UTE", "S Coop", "Sociedad Cooperativa", "SICAV"),
    "FI": ("Ky", "Tmi", "Ay", "ry", "Osk", "Toiminimi", "Osuuskunta"),
    "FR": ("SC", "SCI", "SCP", "SCM", "SEM", "EI", "SCIC", "EARL", "GAEC", "SELAS", "SICAV", "à directoire"),
    "GB": ("CIO", "CCC", "UK Societas", "Unlimited"),
    "GR": ("AE", "OE", "EE", "PC", "IKE", "ABEE", "AEBE", "LTD", "Single Member PC"),
    "HR": ("SP", "jtd", "obrt"),
    "HU": ("Bt", "Rt", "Kht", "EC", "Ev", "Nonprofit", "Szövetkezet"),
    "ID": ("PT", "CV", "Persero", "UD"),
    "IE": ("UC", "CPT", "CGA", "ICAV", "Teo", "Unlimited"),
    "IN": ("(P) Ltd", "P Limited", "Private"),
    "IT": (
        "Snc",
        "Sas",
        "SS",
        "SB",
        "Onlus",
        "unipersonale",
        "Ditta individuale",
        "in liquidazione",
        "a r.l.",
        "c.a r.l.",
    ),
    "JP": ("YK",),
    "LT": ("MB", "IĮ", "KŪB", "TŪB"),
    "LU": ("SC", "SCSp", "SECS", "SENC", "SICAV", "SICAR", "SOPARFI"),
    "LV": ("IK", "PS", "KS", "ZS"),
    "MT": ("SICAV",),
    "MX": ("SC", "AC", "SCL", "SAPI", "SPR de RL", "SPR de RL de CV", "SC de RL", "SC de RL de CV", "SOFOM ENR"),
    "NL": ("CV", "UA", "BA", "Coöperatie", "Maatschap"),
    "NO": ("ANS", "NUF", "DA"),
    "PE": ("SAC", "SAA"),
    "PL": ("SC", "SP", "PSA", "SKA"),
    "PT": ("ACE", "EM", "EP", "& Ca", "& Cª"),
    "RO": ("PFA", "II", "IF", "RA"),
    "RU": ("AO", "АО"),
    "SA": ("Est", "Establishment"),
    "AE": ("Est", "Establishment"),
    "SE": ("HB", "KB"),
    "SG": ("Private",),
    "SI": ("SP", "KDD", "ZOO", "ZBO", "JP"),
    "SK": ("šp", "n.o.", "o.z.", "štátny podnik"),
    "TR": ("Şti", "Ticaret", "Sanayi", "Koll. Şti.", "Kooperatifi"),
    "US": ("LC", "PC", "PA", "NA", "National Association", "Professional Corporation"),
    "ZA": ("CC", "BK", "RF", "NPO", "Edms", "Bpk", "Edms Bpk", "Beperk"),
}
"""By ISO country: forms that stand after a name there and are something else in the names of other countries."""

ANYWHERE: tuple[str, ...] = (
    *("株式会社", "株式會社", "有限会社", "合同会社", "合資会社", "合名会社", "(株)", "(有)", "(同)", "(資)", "(名)"),
    *("一般社団法人", "一般財団法人", "公益社団法人", "公益財団法人", "カブシキガイシャ", "カブシキカイシャ"),
    *("주식회사", "유한회사", "유한책임회사", "합자회사", "합명회사", "사단법인", "재단법인", "(주)", "(유)", "주)"),
    *("股份有限公司", "有限责任公司", "有限責任公司", "有限公司", "股份公司", "集团有限公司", "集团股份有限公司"),
    *(
        "(集团)有限公司",
        "(集团)股份有限公司",
        "(集团) 股份有限公司",
        "(集团)",
        "合伙企业(有限合伙)",
        "合伙企业",
        "普通合伙",
    ),
    *("บริษัท", "จำกัด (มหาชน)", "จำกัด"),
)
"""Forms of scripts that write no spaces: they stand before or after a name without one."""
