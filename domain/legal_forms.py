"""The legal forms that companies write with their names, and the mail hosts that anybody may use (rules §3).

Both are data: a form is written here as companies write it and folded as names are. What they decided for a
registration is in its event, so that a longer list never changes a decision that was taken.
"""

SUFFIXES: tuple[str, ...] = (
    # English-speaking
    *("Inc", "Incorporated", "Corp", "Corporation", "Co", "Company", "Ltd", "Limited", "LLC", "L.L.C.", "LLP", "LP"),
    *("Limited Liability Company", "Limited Partnership", "Limited Liability Partnership", "PLC", "P.L.C."),
    *("Public Limited Company", "Unlimited", "UC", "ULC", "CIC", "CLG", "DAC", "LC", "PLLC", "PBC"),
    *("Designated Activity Company", "Company Limited by Guarantee", "Teoranta", "Cyf"),
    *("Pty", "Pty Ltd", "Proprietary", "Proprietary Limited", "SOC Ltd", "NPC"),
    *("Pvt", "Pvt Ltd", "Private Limited", "Private", "Pte", "Pte Ltd", "Ltée", "Limitée", "Incorporée"),
    # German-speaking
    *("GmbH", "Gesellschaft mit beschränkter Haftung", "GesmbH", "Ges.m.b.H.", "mbH", "gGmbH", "AG"),
    *("Aktiengesellschaft", "SE", "KG", "Kommanditgesellschaft", "KGaA", "OHG", "OG", "GbR", "UG", "PartG", "PartGmbB"),
    *("UG haftungsbeschränkt", "haftungsbeschränkt", "eG", "eGen", "e.K.", "e.Kfr.", "e.V.", "e.U.", "& Co. KG"),
    *("FlexCo", "Sàrl", "Stiftung & Co. KG", "Stiftung & Co. KGaA"),
    # French, and Belgian and Luxembourgish
    *("SA", "S.A.", "Société Anonyme", "SAS", "S.A.S.", "SASU", "SARL", "S.à r.l.", "SARL-S", "EURL", "SNC", "SCA"),
    *("SCS", "SCI", "SCOP", "GIE", "SELARL", "SRL", "SC", "SPRL", "ASBL", "SCRL", "& Cie", "et Cie"),
    *(
        "Société par actions simplifiée",
        "Société à responsabilité limitée",
        "Société à responsabilité limitée simplifiée",
    ),
    # Dutch and Flemish
    *("BV", "B.V.", "NV", "N.V.", "VOF", "CV", "BVBA", "CVBA", "VZW", "Besloten Vennootschap", "Naamloze Vennootschap"),
    # Italian
    *("SpA", "S.p.A.", "Srl", "S.r.l.", "Srls", "Snc", "Sas", "Sapa", "Scarl", "Soc. Coop.", "Società per Azioni"),
    *("Società a responsabilità limitata", "Scpa", "Società Benefit"),
    # Spanish and Latin American
    *("SL", "S.L.", "SLU", "SAU", "SLL", "SLP", "SCoop", "Sociedad Limitada", "Sociedad Anónima", "S.A. de C.V."),
    *("S. de R.L.", "S. de R.L. de C.V.", "SAPI de C.V.", "S.A.P.I. de C.V.", "S.A.S. de C.V.", "SAB de C.V.", "SAIC"),
    *("SACI", "SRL de C.V.", "EIRL", "SpA", "Ltda", "S.C.", "SAB", "S.A.B. de C.V.", "SAA", "SAC"),
    # Portuguese and Brazilian
    *("Lda", "Lda.", "Limitada", "Unipessoal", "Unipessoal Lda", "SGPS", "S/A", "EIRELI", "EPP", "MEI"),
    *("Sociedade Anónima", "Sociedade Limitada", "CRL"),
    # Nordic
    *("AB", "Aktiebolag", "Publ", "HB", "KB", "Ek för", "A/S", "Aktieselskab", "ApS", "Anpartsselskab", "I/S", "K/S"),
    *("P/S", "IVS", "AmbA", "AS", "ASA", "Aksjeselskap", "ANS", "NUF", "Oy", "Oyj", "Ab Oy", "Oy Ab"),
    *("Osakeyhtiö", "Ky", "Tmi", "ehf", "hf", "slhf", "ohf"),
    # Baltic
    *("OÜ", "AS", "TÜ", "UÜ", "SIA", "AS", "UAB", "AB", "MB", "VšĮ", "Osaühing"),
    # Polish, Czech, Slovak, Hungarian
    *("Sp. z o.o.", "Sp. z o. o.", "Spółka z o.o.", "Spółka z ograniczoną odpowiedzialnością", "Sp. k.", "Sp. j."),
    *("Sp. z o.o. Sp. k.", "Spółka Akcyjna", "PSA", "SKA", "s.r.o.", "spol. s r.o.", "společnost s ručením omezeným"),
    *("a.s.", "akciová společnost", "akciová spoločnosť", "v.o.s.", "k.s.", "j.s.a.", "Kft", "Zrt", "Nyrt", "Bt", "Rt"),
    *("Kkt", "Korlátolt Felelősségű Társaság", "Részvénytársaság", "družstvo"),
    # South-eastern Europe
    *("d.o.o.", "d.d.", "j.d.o.o.", "k.d.", "d.n.o.", "a.d.", "o.d.", "s.p.", "S.R.L.", "S.A.", "PFA", "SRL-D"),
    *("OOD", "EOOD", "AD", "EAD", "ООД", "ЕООД", "АД", "ЕАД", "AE", "A.E.", "EPE", "E.P.E.", "IKE", "OE"),
    *("Α.Ε.", "Ε.Π.Ε.", "Ι.Κ.Ε.", "Ο.Ε.", "Ε.Ε.", "ΜΟΝΟΠΡΟΣΩΠΗ", "Monoprosopi", "Single Member"),
    # Turkish
    *("A.Ş.", "AŞ", "Ltd. Şti.", "Ltd Sti", "Limited Şirketi", "Anonim Şirketi", "San. ve Tic. A.Ş.", "Tic. Ltd. Şti."),
    *("San. ve Tic. Ltd. Şti.", "Sanayi ve Ticaret A.Ş.", "Sanayi ve Ticaret Ltd. Şti."),
    # Russian, Ukrainian
    *("OOO", "AO", "OAO", "ZAO", "PAO", "ООО", "АО", "ОАО", "ЗАО", "ПАО", "ТОВ", "ТзОВ", "ПрАТ", "ПАТ", "ФОП", "ИП"),
    *("JSC", "OJSC", "CJSC", "PJSC", "Joint Stock Company", "Public Joint Stock Company"),
    # Asian
    *("KK", "K.K.", "Kabushiki Kaisha", "Kabushiki Gaisha", "GK", "Godo Kaisha", "YK", "Yugen Kaisha"),
    *("Co., Ltd.", "Co Ltd", "Company Limited", "Tbk", "Bhd", "Berhad", "Sdn Bhd", "Sdn. Bhd.", "PCL"),
    *("Public Company Limited", "OPC", "TNHH"),
    # Gulf and Africa
    *("WLL", "W.L.L.", "FZE", "FZCO", "FZ-LLC", "FZ LLC", "FZC", "DMCC", "SAOG", "SAOC", "BSC", "KSC", "KSCC", "SAE"),
    *("SARLU", "SUARL", "Saudi Joint Stock Company"),
)
"""Forms that stand after a name."""

PREFIXES: tuple[str, ...] = (
    *("OOO", "OAO", "ZAO", "PAO", "ООО", "АО", "ОАО", "ЗАО", "ПАО", "ТОВ", "ПрАТ", "ПАТ", "ИП", "ФОП"),
    *("PT", "CV", "UAB", "SIA", "Công ty TNHH", "Công ty Cổ phần"),
)
"""Forms that stand before a name."""

ANYWHERE: tuple[str, ...] = (
    *("株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "(株)", "(有)"),
    *("주식회사", "유한회사", "유한책임회사", "(주)", "(유)"),
    *("股份有限公司", "有限责任公司", "有限責任公司", "有限公司"),
    *("บริษัท", "จำกัด (มหาชน)", "จำกัด"),
)
"""Forms of scripts that write no spaces: they stand before or after a name without one."""

_FREE_MAIL = """
    126.com 139.com 163.com 188.com 21cn.com abv.bg aim.com alice.it aliyun.com aol.com aol.co.uk aol.de aol.fr aon.at
    arcor.de att.net azet.sk bellsouth.net bigpond.com bigpond.net.au bk.ru blueyonder.co.uk bluewin.ch bol.com.br
    bredband.net btinternet.com btopenworld.com centrum.cz centrum.sk chello.at chello.nl citromail.hu
    comcast.net cox.net daum.net dbmail.com duck.com earthlink.net eclipso.eu email.com email.cz email.de email.it
    excite.com fastmail.com fastmail.fm foxmail.com free.fr freemail.hu freenet.de frontier.com gawab.com gmail.com
    gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net gmx.us googlemail.com gmail.co.uk hanmail.net hey.com hispeed.ch
    home.nl home.se hotmail.be hotmail.ca hotmail.ch hotmail.co.jp hotmail.co.uk hotmail.com hotmail.com.ar
    hotmail.com.au hotmail.com.br hotmail.com.tr hotmail.de hotmail.dk hotmail.es hotmail.fi hotmail.fr hotmail.gr
    hotmail.it hotmail.nl hotmail.no hotmail.se hushmail.com icloud.com ig.com.br in.com inbox.com inbox.lt inbox.lv
    inbox.ru inode.at interia.eu interia.pl internode.on.net iol.pt izum.si juno.com kakao.com kolumbus.fi kpnmail.nl
    laposte.net libero.it list.ru live.at live.be live.ca live.cl live.cn live.co.uk live.co.za live.com live.com.ar
    live.com.au live.com.mx live.com.pt live.de live.dk live.fi live.fr live.ie live.in live.it live.jp live.nl
    live.no live.ru live.se lycos.com mac.com mail.bg mail.com mail.de mail.dk mail.ee mail.ru mailbox.org mail.ua
    mailfence.com mailo.com me.com meta.ua msn.com mweb.co.za mynet.com nate.com naver.com neostrada.pl net.hr
    netcologne.de netcourrier.com netscape.net netzero.net ngi.it nifty.com o2.co.uk o2.pl ocn.ne.jp onet.eu onet.pl
    online.de online.no op.pl optonline.net optusnet.com.au orange.fr otenet.gr outlook.at outlook.be outlook.cl
    outlook.co.id outlook.co.nz outlook.co.th outlook.com outlook.com.ar outlook.com.au outlook.com.br outlook.com.tr
    outlook.cz outlook.de outlook.dk outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it outlook.jp
    outlook.kr outlook.pt outlook.sa passport.com planet.nl pm.me poczta.fm poczta.onet.pl post.com post.cz posteo.de
    posteo.net prodigy.net.mx proton.me protonmail.ch protonmail.com qip.ru qq.com quicknet.nl r7.com rambler.ru
    rediffmail.com rediff.com rocketmail.com rogers.com runbox.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca
    sina.cn sina.com skynet.be sky.com snet.net sohu.com spray.se superonline.com swissonline.ch sympatico.ca
    talktalk.net tele2.nl tele2.se telefonica.net telenet.be telia.com teletu.it telus.net terra.com terra.com.br
    terra.es t-online.de tim.it tin.it tiscali.co.uk tiscali.it tlen.pl tom.com tuta.com tuta.io tutamail.com
    tutanota.com tutanota.de tvcablenet.be ukr.net uol.com.br usa.net verizon.net videotron.ca vip.qq.com virgilio.it
    virgin.net virginmedia.com vodafone.de volny.cz walla.co.il wanadoo.es wanadoo.fr web.de windowslive.com
    windstream.net wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.at yahoo.be yahoo.ca yahoo.cn yahoo.co.id yahoo.co.in
    yahoo.co.jp yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com yahoo.com.ar yahoo.com.au
    yahoo.com.br yahoo.com.cn yahoo.com.co yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.ph yahoo.com.sg
    yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.de yahoo.dk yahoo.es yahoo.fi yahoo.fr yahoo.gr yahoo.hu yahoo.ie
    yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se yandex.by yandex.com yandex.com.tr
    yandex.kz yandex.ru yandex.ua yeah.net ymail.com zahav.net.il ziggo.nl zoho.com zoho.eu zoho.in zohomail.com
    zohomail.eu zohomail.in zonnet.nl
"""

FREE_MAIL_DOMAINS: frozenset[str] = frozenset(_FREE_MAIL.split())
"""Registrable domains under which anybody may have an address: they say nothing about which company it is."""
