"""The mail hosts under which anybody may have an address: they say nothing about which company it is (rules §3).

Freemail, the mail of access providers, certified mail (`pec.it`), and hosts that forward or throw away. Each is a
registrable domain, as those of registrations are. What a domain decided for a registration is in its event, so that a
longer list never changes a decision that was taken.
"""

_DOMAINS = """
    10minutemail.com 126.com 139.com 163.com 188.com 189.cn 21cn.com 263.net 9online.fr a1.net absamail.co.za
    abv.bg adam.com.au addy.io aim.com airtelmail.in aleeas.com alice-dsl.net alice.de alice.it aliceadsl.fr
    aliyun.com ameritech.net amis.net amorki.pl anonaddy.com aol.co.uk aol.com aol.de aol.fr aon.at apollo.lv
    appleid.com arcor.de arnet.com.ar arubapec.it as.ro asahi-net.or.jp atlas.cz atlas.sk att.net autograf.pl
    autorambler.ru awalnet.net.sa azet.sk bbox.fr bell.net bellsouth.net biglobe.ne.jp bigpond.com bigpond.net.au
    bk.ru blu.it bluewin.ch blueyonder.co.uk bol.com.br bredband.net bredband2.com brutele.be bsnl.in
    btinternet.com btopenworld.com buziaczek.pl cablenet.com.cy cableone.net caiway.nl casema.nl cbn.net.id
    cegetel.net centrin.net.id centrum.cz centrum.sk centurylink.net charter.net chello.at chello.hu chello.nl
    chol.com citromail.hu ciudad.com.ar clicknet.ro clix.pt club-internet.fr cogeco.ca comcast.net comhem.se
    commufa.jp compuserve.com cox.net cs.com cytanet.com.cy dartybox.com dataone.in daum.net dbmail.com
    digikabel.hu dir.bg dnainternet.net docomo.ne.jp dodo.com.au dreamwiz.com dti.ne.jp duck.com e-apollo.lv
    e-kolay.net earthlink.net eastlink.ca eclipso.eu eircom.net elisanet.fi email.com email.cz email.de email.it
    email.ro email.si embarqmail.com empal.com eonet.ne.jp eresmas.com ewetel.net excite.co.jp excite.com
    ezweb.ne.jp fastmail.com fastmail.fm fastwebnet.it fibertel.com.ar flash.net forthnet.gr foxmail.com free.fr
    freechal.com freemail.gr freemail.hu freenet.de freeserve.co.uk front.ru frontier.com frontiernet.net
    fsmail.net gawab.com gazeta.pl gbg.bg globalnet.hr globo.com globomail.com glocalnet.net gmail.co.uk gmail.com
    gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net gmx.us go.net.mt go.ro go2.pl goo.jp goo.ne.jp googlemail.com
    guerrillamail.com hanmail.net hanmir.com hetnet.nl hey.com hispeed.ch hol.gr home.ne.jp home.nl home.ro home.se
    hot.ee hotbox.ru hotmail.be hotmail.ca hotmail.ch hotmail.co.in hotmail.co.jp hotmail.co.nz hotmail.co.uk
    hotmail.co.za hotmail.com hotmail.com.ar hotmail.com.au hotmail.com.br hotmail.com.mx hotmail.com.tr hotmail.de
    hotmail.dk hotmail.es hotmail.fi hotmail.fr hotmail.gr hotmail.hu hotmail.ie hotmail.it hotmail.nl hotmail.no
    hotmail.se htnet.hr hughes.net hushmail.com iafrica.com icloud.com icon.co.za ig.com.br iinet.net.au in.com
    in.gr inbox.com inbox.lt inbox.lv inbox.ru indamail.hu indiatimes.com indigo.ie indosat.net.id inet.fi inet.hr
    infinitum.com.mx infoseek.jp inicia.es inmail.sk inode.at int.pl interia.eu interia.pl internet.lu internet.ru
    invitel.hu inwind.it iol.cz iol.ie iol.it iol.pt izum.si jazzfree.com jubii.dk juno.com k.ro kabelfoon.nl
    kabelmail.de kakao.com keyworld.net kolumbus.fi korea.com kpnmail.nl krovatka.su land.ru lantic.net laposte.net
    latinmail.com legalmail.it lenta.ru libero.it lineone.net list.ru live.at live.be live.ca live.cl live.cn
    live.co.uk live.co.za live.com live.com.ar live.com.au live.com.mx live.com.pt live.com.sg live.de live.dk
    live.fi live.fr live.ie live.in live.it live.jp live.nl live.no live.ru live.se livedoor.com liwest.at
    luukku.com lycos.co.kr lycos.com mac.com magenta.de mail.bg mail.com mail.de mail.dk mail.ee mail.lt mail.lv
    mail.ru mail.ua mailbox.gr mailbox.hu mailbox.org mailfence.com mailinator.com mailo.com maktoob.com
    maltanet.net mchsi.com me.com meo.pt meta.ua mindspring.com movistar.es mozmail.com msn.com mtnl.net.in mts.net
    mweb.co.za mynet.com myrambler.ru narod.ru nate.com naver.com neostrada.pl nesma.net.sa net.hr netactive.co.za
    netcabo.pt netcologne.de netcourrier.com neti.ee netscape.net netti.fi netzero.net neuf.fr ngi.it nifty.com
    nm.ru noos.fr ntlworld.com numericable.fr nvbell.net o2.co.uk o2.pl o2online.de oceanfree.net ocn.ne.jp ofir.dk
    oi.com.br on.net one.lt one.lv onet.com.pl onet.eu onet.pl onetel.com online.de online.ee online.nl online.no
    ono.com onvol.net op.pl optinet.hr optonline.net optusnet.com.au orange.es orange.fr orangemail.sk otenet.gr
    outlook.at outlook.be outlook.cl outlook.co.id outlook.co.nz outlook.co.th outlook.com outlook.com.ar
    outlook.com.au outlook.com.br outlook.com.gr outlook.com.tr outlook.cz outlook.de outlook.dk outlook.es
    outlook.fr outlook.hu outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.pt outlook.sa pacbell.net
    paran.com passagen.se passmail.net passport.com pathfinder.gr pec.it peoplepc.com personal.ro plala.or.jp
    planet.nl plasa.com pm.me pobox.sk pochta.ru poczta.fm pop.com.br portugalmail.com portugalmail.pt post.com
    post.cz post.sk poste.it posteo.de posteo.net primehome.com privat.dk prodigy.net prodigy.net.mx prokonto.pl
    proton.me protonmail.ch protonmail.com proximus.be pt.lu q.com qip.ru qq.com quick.cz quicknet.nl r0.ru r7.com
    rambler.ru rdslink.ro rediff.com rediffmail.com ro.ru roadrunner.com rocketmail.com rogers.com romtelecom.net
    rr.com runbox.com s5.net sancharnet.in sapo.pt sasktel.net saudi.net.sa saunalahti.fi sbcglobal.net scarlet.be
    seznam.cz sfr.fr shaw.ca sify.com simplelogin.com sina.cn sina.com sina.com.cn siol.net sky.com skynet.be
    slmail.me snet.net so-net.ne.jp softbank.ne.jp sohu.com solcon.nl spectrum.net speedy.com.ar spoko.pl spray.se
    stofanet.dk stonline.sk suddenlink.net suomi24.fi supanet.com superig.com.br superonline.com surffi.net
    swbell.net swipnet.se swissonline.ch sympatico.ca szm.sk t-2.net t-com.hr t-com.sk t-online.de t-online.hu
    takas.lt talktalk.net tdcadsl.dk tds.net tele.dk tele2.at tele2.nl tele2.se telefonica.net telemach.net
    telenet.be telepac.pt teletu.it telia.com telkom.net telkomsa.net telmexmail.com telus.net temp-mail.org
    terra.com terra.com.br terra.com.mx terra.es tim.it tin.it tiscali.co.uk tiscali.cz tiscali.it tlen.pl tom.com
    tpg.com.au trashmail.com ttmail.com ttnet.net.tr turk.net tuta.com tuta.io tutamail.com tutanota.com
    tutanota.de tvcablenet.be tvnet.lv ukr.net unitel.co.kr unity-mail.de unitybox.de uol.com.br upcmail.hu
    upcmail.nl usa.net utanet.at verizon.net videotron.ca vip.hr vipmail.hu virgilio.it virgin.net virginmedia.com
    vo.lu vodafone.de vodafone.ne.jp vodamail.co.za voila.fr volja.net volny.cz voo.be vp.pl vsnl.com vsnl.net
    waldonet.net.mt walla.co.il wanadoo.es wanadoo.fr web.de webmail.co.za webspeed.dk welho.com westnet.com.au
    windowslive.com windstream.net wo.cn worldonline.co.za wowway.com wp.pl wxs.nl xnet.hr xs4all.nl xtra.co.nz
    ya.com ya.ru yahoo.ae yahoo.at yahoo.be yahoo.ca yahoo.ch yahoo.cl yahoo.cn yahoo.co.id yahoo.co.in yahoo.co.jp
    yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br
    yahoo.com.cn yahoo.com.co yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.pe yahoo.com.ph yahoo.com.sg
    yahoo.com.tr yahoo.com.tw yahoo.com.ve yahoo.com.vn yahoo.cz yahoo.de yahoo.dk yahoo.es yahoo.fi yahoo.fr
    yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se yahoo.sk
    yandex.by yandex.com yandex.com.tr yandex.kz yandex.ru yandex.ua ybb.ne.jp yeah.net ymail.com yopmail.com
    youmail.dk zahav.net.il zappmobile.ro zebra.lt zeelandnet.nl ziggo.nl zipmail.com.br zoho.com zoho.eu zoho.in
    zohomail.com zohomail.eu zohomail.in zonnet.nl zoznam.sk
"""

FREE_MAIL_DOMAINS: frozenset[str] = frozenset(_DOMAINS.split())
"""Registrable domains that never count."""
