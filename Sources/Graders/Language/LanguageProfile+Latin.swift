extension LanguageProfile {
  /// Languages in Latin letters. The words are common ones, chosen so that a language's function words, endings and
  /// special letters all occur.
  static let latin: [LanguageProfile] = [
    LanguageProfile(
      "en",
      """
      the of and to in is that it was for on are as with his they at be this have from or had by not but what
      all were we when your can said there use an each which she do how their if will up other about out many
      then them these so some her would make like him into time has look two more write go see no way could
      people my than first been call who its now find long down day did get come made may part over new take
      only little work know place year live me back give most very after thing our just name good sentence man
      think say great where help through much before line right too mean old any same tell boy follow came want
      show also around form three small set put end does another well large must big even such because turn here
      why ask went men read need land different home us move try kind hand picture again change off play spell
      air away animal house point page letter mother answer found study still learn should world question
      information something nothing between without against during while every thought those both might never
      under number system being country government although however you i he am doesn't don't isn't it's that's
      working making going having looking usually really quickly music history politics economy culture family
      university science nature animals doctor problem solution colour red white black morning evening night
      week month summer winter eat drink reading buy sell open close running sleep four five ten hundred behind
      monday sunday we're they're later earlier sides leave arrived began would've children's weather kitchen
      window table happy tired cheap expensive
      """),
    LanguageProfile(
      "de",
      """
      der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er
      hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor
      zur bis mehr durch man sein wurde sei ich du wir ihr ihre seine kann können müssen muss soll sollte wenn
      dann denn weil schon wieder immer sehr viel viele wo was wer warum alle alles andere diese dieser dieses
      jeder kein keine mich mir dich dir uns euch ihm ihn ihnen gegen zwischen unter ohne während seit hier dort
      jetzt heute gestern morgen tag jahr zeit mann frau kind haus stadt land leben arbeit welt frage antwort
      wasser schule straße freund groß größe klein gut gute neu alt lange erste zwei drei machen gehen kommen
      sagen sehen wissen geben nehmen finden denken glauben bleiben stehen heißen möchte würde könnte hätte wäre
      gemacht gesagt gegangen geworden möglich natürlich wirklich eigentlich vielleicht zusammen wichtig
      wichtigsten regierung zeitung entwicklung gesellschaft möglichkeit wissenschaft freundlich beziehungsweise
      deshalb trotzdem außerdem hauptstadt deutschland schließlich musik geschichte politik wirtschaft kultur
      familie universität natur tiere arzt problem lösung farbe rot weiß schwarz abend nacht woche monat sommer
      winter essen trinken lesen kaufen verkaufen öffnen schließen laufen schlafen vier fünf zehn hundert wegen
      hinter montag sonntag danach später früher beide seiten lassen kam begann kinder wetter küche fenster
      tisch glücklich müde schnell billig teuer verwandelt berechnet ziemlich chemisch energie
      """),
    LanguageProfile(
      "fr",
      """
      le de la et les des en un une du est que pour qui dans a par plus pas au sur ne se ce il sont avec son ou
      elle nous vous je tu ils elles mais comme on sa ses cette ces leur leurs été être avoir fait faire peut
      aussi bien tout tous toute toutes même sans si entre après avant très où deux trois était avait ont ai as
      nos notre votre vos mon ma mes ton ta tes lui y dont quand alors donc car ni moins encore toujours jamais
      rien quelque chose autre autres premier première jour temps année ans homme femme enfant maison ville pays
      vie monde travail question réponse eau école rue ami grand grande petit petite bon bonne nouveau nouvelle
      vieux long dire voir savoir venir aller vouloir pouvoir prendre donner trouver penser croire rester devoir
      falloir faut peuvent doit veut voulez êtes sommes c'est d'un d'une l'on qu'il n'est j'ai aujourd'hui
      depuis pendant contre chez vers sous parce pourquoi comment combien beaucoup peu trop seulement vraiment
      peut-être gouvernement développement société possibilité importante française français nombreux heureux
      ainsi cela ceci celui celle chaque plusieurs à là déjà voilà musique histoire politique économie culture
      famille université science nature animaux médecin problème solution couleur rouge blanc noir matin soir
      nuit semaine mois hiver manger boire lire acheter vendre ouvrir fermer courir dormir quatre cinq dix cent
      derrière lundi dimanche puis ensuite tard tôt chacun côté côtés laisser arriva commença enfants météo
      cuisine fenêtre table heureuse fatigué vite cher chère utiliser calculer lumière chimique énergie
      """),
    LanguageProfile(
      "es",
      """
      de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ya este sí
      porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno
      les ni contra otros ese eso ante ellos e esto mí antes algunos qué unos yo otro otras otra él tanto esa
      estos mucho quienes nada muchos cual poco ella estar estas algo nosotros mi mis tú te ti tu tus soy eres
      somos son fue era han hemos está están ser haber tener hacer poder decir ir ver dar saber querer llegar
      pasar deber poner parecer quedar creer hablar llevar dejar seguir encontrar puede pueden tiene tienen hace
      hacen día tiempo año años hombre mujer niño casa ciudad país vida mundo trabajo pregunta respuesta agua
      escuela calle amigo grande pequeño bueno buena nuevo nueva viejo primero dos tres mejor mismo siempre
      nunca aquí allí ahora hoy mañana ayer después entonces aunque mientras según así cómo cuándo dónde cuánto
      gobierno desarrollo sociedad posibilidad información nación español señor niña muchas gracias usted
      ustedes realmente solamente importante necesario siguiente ciudades habitación música historia política
      economía cultura familia universidad ciencia naturaleza animales médico problema solución color rojo
      blanco negro tarde noche semana mes verano invierno comer beber leer comprar vender abrir cerrar correr
      dormir cuatro cinco diez cien detrás lunes domingo luego temprano ambos lados llegó empezó niños cocina
      ventana mesa feliz cansado rápido barato caro utilizar calcular luz química energía vacaciones
      """),
    LanguageProfile(
      "pt",
      """
      de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu
      sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos
      ter seus quem nas me esse eles estão você tinha foram essa num nem suas meu às minha têm numa pelos elas
      havia seja qual será nós tenho lhe deles essas esses pelas este fosse dele tu te vocês vos lhes meus
      minhas teu tua nosso nossa dela estes estas aquele aquela isto aquilo estou estamos são somos fazer poder
      dizer ir ver dar saber querer chegar pode podem fazem dia tempo ano anos homem mulher criança casa cidade
      país vida mundo trabalho pergunta resposta água escola rua amigo grande pequeno bom boa novo nova velho
      primeiro dois duas três melhor sempre nunca aqui ali agora hoje amanhã ontem então embora enquanto assim
      onde quanto porque governo desenvolvimento sociedade informação nação coração português senhor obrigado
      realmente somente importante necessário seguinte cidades ainda apenas cada outro outra outros todos todas
      tudo nada algum alguns coisa coisas não-lo questões situação música história política economia cultura
      família universidade ciência natureza animais médico problema solução cor vermelho branco preto manhã
      tarde noite semana mês verão inverno comer beber ler comprar vender abrir fechar correr dormir quatro
      cinco dez cem atrás segunda-feira domingo logo cedo ambos lados deixar chegou começou crianças cozinha
      janela mesa feliz cansado rápido barato caro utilizar calcular luz química energia férias transforma
      """),
    LanguageProfile(
      "it",
      """
      di e il la che in un a per è una del non sono si da con le dei come i al ha più alla gli o nel lo della ma
      anche delle se dal questo questa nella ci su era dalla suo sua suoi ai alle degli io tu lui lei noi voi
      loro mi ti vi ne mio mia tuo tua nostro vostro chi cosa quando dove perché quale quanto quello quella
      quelli questi queste tutto tutti tutte ogni altro altri altra stato stata essere avere fare dire andare
      vedere sapere potere volere dovere venire dare stare prendere trovare pensare credere può possono deve
      devono hanno abbiamo siamo sei sia fatto detto giorno tempo anno anni uomo donna bambino casa città paese
      vita mondo lavoro domanda risposta acqua scuola strada amico grande piccolo buono buona nuovo nuova
      vecchio primo due tre meglio sempre mai qui lì ora oggi domani ieri dopo allora così poi ancora già molto
      molti poco troppo senza contro fra tra durante mentre secondo governo sviluppo società possibilità
      informazione nazione italiano signore grazie veramente soltanto importante necessario seguente perciò però
      quindi inoltre nell'anno dell'uomo all'inizio l'altro c'è un'altra qualche musica storia politica economia
      cultura famiglia università scienza natura animali medico problema soluzione colore rosso bianco nero
      mattina sera notte settimana mese estate inverno mangiare bere leggere comprare vendere aprire chiudere
      correre dormire quattro cinque dieci cento dietro lunedì domenica presto tardi entrambi lati lasciare
      arrivò cominciò bambini cucina finestra tavolo felice stanco veloce economico caro usare calcolare luce
      chimica energia vacanze trasforma
      """),
    LanguageProfile(
      "nl",
      """
      de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij of uit nog naar door
      over ze zich hij zij hun wordt werd worden deze dit die heeft hebben had kan kunnen moet moeten zal zou
      zouden wil willen wel geen veel meer meest tot tussen onder zonder tegen tijdens na nu hier daar waar wat
      wie waarom hoe wanneer omdat want toch al alle alles iets niets iemand niemand andere ander eigen ons onze
      jullie jij je ik wij we mij me hem haar u uw dag tijd jaar man vrouw kind kinderen huis stad land leven
      wereld werk vraag antwoord water school straat vriend groot grote klein goed goede nieuw nieuwe oud lang
      eerste twee drie maken gaan komen zeggen zien weten geven nemen vinden denken geloven blijven staan heten
      gemaakt gezegd gegaan geworden mogelijk natuurlijk eigenlijk misschien samen belangrijk belangrijkste
      regering ontwikkeling samenleving mogelijkheid wetenschap vriendelijk bijvoorbeeld daarom echter bovendien
      hoofdstad nederland uiteindelijk altijd nooit vandaag gisteren morgen vaak soms zeer heel erg weer zoals
      zelf steeds ongeveer gebruiken bijzonder begrijpen muziek geschiedenis politiek economie cultuur familie
      universiteit natuur dieren dokter probleem oplossing kleur rood wit zwart avond nacht week maand zomer
      winter eten drinken lezen kopen verkopen openen sluiten lopen slapen vier vijf tien honderd vanwege achter
      maandag zondag daarna later vroeger beide kanten laten kwam begon keuken raam tafel gelukkig moe snel
      goedkoop duur berekenen licht energie
      """),
    LanguageProfile(
      "sv",
      """
      och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när
      år under också efter eller nu sin där vid mot ska skulle kommer ut får finns vara hade alla andra mycket
      än här då sedan över bara in blir upp även vad få två vill ha många hur mer går sverige detta nya procent
      skall hon utan sina något man allt första mellan varit dem någon del sitt du din mig dig oss er honom
      henne deras hans hennes vår våra vilken vilket vilka varför därför dag tid kvinna barn hus stad land liv
      värld arbete fråga svar vatten skola gata vän stor stora liten små god bra ny gammal lång tre göra gå
      komma säga se veta ge ta finna tänka tro stanna stå heta gjort sagt gått blivit möjligt naturligtvis
      egentligen kanske tillsammans viktig viktigaste regeringen utveckling samhälle möjlighet vetenskap vänlig
      exempel dessutom huvudstaden svenska slutligen alltid aldrig idag igår imorgon ofta ibland väldigt igen
      eftersom genom själv måste kunde ville borde människor frågan skriva språk någonting ingenting ganska
      behöver använda musik historia politik ekonomi kultur familj universitet natur djur läkare problem lösning
      färg röd vit svart morgon kväll natt vecka månad sommar vinter äta dricka läsa köpa sälja öppna stänga
      springa sova fyra fem tio hundra bakom måndag söndag därefter senare tidigare båda sidorna lämna kom
      började barnen väder kök fönster bord lycklig trött snabbt billig dyr beräkna ljus kemi energi förändrar
      omvandling
      """),
    LanguageProfile(
      "da",
      """
      og i at det er en til på som for med de den af ikke der har et han men var jeg sig fra vi så kan når år
      under også efter eller nu sin hvor ved mod skal skulle kommer ud får findes være havde alle andre meget
      end her da siden over kun ind bliver op selv hvad få to vil have mange hvordan mere går danmark dette nye
      procent hun uden sine noget man alt første mellem været dem nogen del sit du din mig dig os jer ham hende
      deres hans hendes vores hvilken hvilket hvilke hvorfor derfor dag tid mand kvinde barn børn hus by land
      liv verden arbejde spørgsmål svar vand skole gade ven stor store lille små god godt ny gammel lang tre
      gøre gå komme sige se vide give tage finde tænke tro blive stå hedde gjort sagt gået blevet muligt
      naturligvis egentlig måske sammen vigtig vigtigste regeringen udvikling samfund mulighed videnskab venlig
      eksempel desuden hovedstaden dansk endelig altid aldrig morgen ofte nogle gange igen fordi gennem måtte
      kunne ville burde mennesker skrive sprog ingenting temmelig behøver bruge lige bare hvem ligesom kærlighed
      tænker søge uge musik historie politik økonomi kultur familie universitet natur dyr læge problem løsning
      farve rød hvid sort aften nat måned sommer vinter spise drikke læse købe sælge åbne lukke løbe sove fire
      fem ti hundrede bag mandag søndag derefter senere tidligere begge sider lade kom begyndte børnene vejr
      køkken vindue bord lykkelig træt hurtigt billig beregne lys kemi energi kærlig hedder længe boet
      """),
    LanguageProfile(
      "no",
      """
      og i det er på som en til å for med de av at ikke den har et han men var jeg seg fra vi så kan når år
      under også etter eller nå sin hvor ved mot skal skulle kommer ut får finnes være hadde alle andre mye enn
      her da siden over bare inn blir opp selv hva få to vil ha mange hvordan mer går norge dette nye prosent
      hun uten sine noe man alt første mellom vært dem noen del sitt du din meg deg oss dere ham henne deres
      hans hennes vår våre hvilken hvilket hvilke hvorfor derfor dag tid mann kvinne barn hus by land liv verden
      arbeid spørsmål svar vann skole gate venn stor store liten små god godt ny gammel lang tre gjøre gå komme
      si se vite gi ta finne tenke tro bli stå hete gjort sagt gått blitt mulig naturligvis egentlig kanskje
      sammen viktig viktigste regjeringen utvikling samfunn mulighet vitenskap vennlig eksempel dessuten
      hovedstaden norsk endelig alltid aldri morgen ofte ganger igjen fordi gjennom måtte kunne ville burde
      mennesker skrive språk ingenting ganske trenger bruke akkurat hvem bedre likevel kjærlighet ønsker søke
      uke øyeblikk musikk historie politikk økonomi kultur familie universitet natur dyr lege problem løsning
      farge rød hvit svart kveld natt måned sommer vinter spise drikke lese kjøpe selge åpne lukke løpe sove
      fire fem ti hundre bak mandag søndag deretter senere tidligere begge sider la kom begynte barna vær
      kjøkken vindu bord lykkelig trøtt raskt billig beregne lys kjemi energi heter lenge bodd
      """),
    LanguageProfile(
      "fi",
      """
      ja on ei se että hän oli ovat mutta tai kun niin kuin myös joka jotka mitä mikä kuka missä milloin miksi
      miten minä sinä me te he minun sinun hänen meidän teidän heidän tämä tuo nämä nuo ne sen siinä sitä tätä
      tässä siellä täällä olla olen olet olemme olivat ollut ollaan voi voivat voidaan pitää täytyy saa saada
      tulee tulla mennä tehdä tekee sanoa sanoi nähdä tietää antaa ottaa löytää ajatella uskoa jäädä kaikki
      kaikkien muut muita toinen paljon vähän enemmän hyvin hyvä uusi vanha suuri pieni pitkä ensimmäinen kaksi
      kolme aina koskaan nyt tänään eilen huomenna usein joskus jo vielä vain sitten koska jos vaikka ennen
      jälkeen kanssa ilman välillä aikana päivä aika vuosi vuonna mies nainen lapsi talo kaupunki maa elämä
      maailma työ kysymys vastaus vesi koulu katu ystävä hallitus kehitys yhteiskunta mahdollisuus tiede tärkeä
      tärkein esimerkiksi lisäksi pääkaupunki suomi suomen lopulta ehkä todella yhdessä kirjoittaa kieli kieltä
      ihmiset ihmisten asia asiat eivät emme ettei kuitenkin itse näin mukaan mukana kohti talossa kaupungissa
      maassa musiikki historia politiikka talous kulttuuri perhe yliopisto luonto eläimet lääkäri ongelma
      ratkaisu väri punainen valkoinen musta aamu ilta yö viikko kuukausi kesä talvi syödä juoda lukea ostaa
      myydä avata sulkea juosta nukkua neljä viisi kymmenen sata takana maanantai sunnuntai myöhemmin
      aikaisemmin molemmat puolet jättää saapui alkoi lapset sää keittiö ikkuna pöytä onnellinen väsynyt
      nopeasti halpa kallis laskea valo energia
      """),
    LanguageProfile(
      "pl",
      """
      i w na z nie się do to że jest o jak po a za od co ale czy tak dla jego jej ich przez przed przy być był
      była było były będzie są może mogą można ma mam mają miał który która które których już tylko jeszcze
      bardzo też także oraz ten ta te tego tej tym tych tam tu teraz kiedy gdzie dlaczego kto ja ty on ona my wy
      oni mnie mi ciebie go jemu nam was im mój moja twój nasz wasz swój swoje wszystko wszystkie każdy inny
      inne żeby aby ponieważ więc jednak lub bez między pod nad podczas dzień czas rok lat roku człowiek kobieta
      mężczyzna dziecko dom miasto kraj życie świat praca pytanie odpowiedź woda szkoła ulica przyjaciel duży
      mały dobry nowy stary długi pierwszy dwa trzy robić iść przyjść powiedzieć widzieć wiedzieć dać wziąć
      znaleźć myśleć wierzyć zostać stać zawsze nigdy dzisiaj wczoraj jutro często czasami znowu możliwość
      społeczeństwo rozwój nauka ważny najważniejszy przykład stolica polska polski wreszcie rząd naprawdę razem
      właśnie również należy chcę chciał musi powinien dziękuję proszę jeśli którym kilka więcej mniej trochę
      muzyka historia polityka gospodarka kultura rodzina uniwersytet przyroda zwierzęta lekarz problem
      rozwiązanie kolor czerwony biały czarny rano wieczór noc tydzień miesiąc lato zima jeść pić czytać kupić
      sprzedać otworzyć zamknąć biegać spać cztery pięć dziesięć sto poniedziałek niedziela potem później
      wcześniej obie strony zostawić przyszedł zaczął dzieci pogoda kuchnia okno stół szczęśliwy zmęczony szybko
      tani drogi obliczyć światło energia
      """),
    LanguageProfile(
      "cs",
      """
      a se v na je že to o s z do i by za jako ale po jeho jsem jsou byl byla bylo byli být bude budou který
      která které ve při pro od k tak jen také nebo až před jak podle co již už ještě více než velmi však může
      mohou má mají měl tento tato toto těchto tam tady teď když kde proč kdo já ty on ona my vy oni mě mi tebe
      ho jemu nám vám jim můj tvůj náš váš svůj své všechno všechny každý jiný aby protože tedy ani bez mezi pod
      nad během den čas rok let roku člověk žena muž dítě dům město země život svět práce otázka odpověď voda
      škola ulice přítel velký malý dobrý nový starý dlouhý první dva tři dělat jít přijít říci vidět vědět dát
      vzít najít myslet věřit zůstat stát vždy nikdy dnes včera zítra často někdy znovu možnost společnost vývoj
      věda důležitý nejdůležitější příklad hlavní česká česky konečně vláda opravdu společně právě rovněž musí
      chci chtěl děkuji prosím jestli jejich kterých kterým několik méně trochu není nejsou bychom přes kvůli
      jsme jste něco nic někdo nikdo úplně můžete hudba historie politika hospodářství kultura rodina univerzita
      příroda zvířata lékař problém řešení barva červený bílý černý ráno večer noc týden měsíc léto zima jíst
      pít číst koupit prodat otevřít zavřít běžet spát čtyři pět deset sto pondělí neděle potom později dříve
      obě strany nechat přišel začal děti počasí kuchyně okno stůl šťastný unavený rychle levný drahý vypočítat
      světlo energie
      """),
    LanguageProfile(
      "ro",
      """
      și de în a la cu pe care nu este din pentru o un că mai sunt al ale au fost sau ce dar se fi ca prin după
      între să lui ei lor el ea noi voi ele eu tu mie mă te îi îl le ne vă meu mea tău sa său nostru vostru
      acest această acestea acei acea aceasta aceste toate tot toți orice altul alte alți foarte mult multe
      mulți puțin numai doar când unde cum cine cât dacă deși deci însă totuși fără către sub peste timpul zi
      timp an ani om bărbat femeie copil casă oraș țară viață lume muncă întrebare răspuns apă școală stradă
      prieten mare mic bun bună nou nouă vechi lung primul doi două trei face merge veni spune vedea ști da lua
      găsi gândi crede rămâne sta poate pot trebuie avea are am ai avem aveți era erau va vor întotdeauna
      niciodată aici acolo acum astăzi ieri mâine adesea uneori posibilitate societate dezvoltare știință
      important exemplu capitala românia română guvernul împreună într-un într-o printr-o dintre fiecare câteva
      acestui acestei așa astfel oamenii țării orașului muzică istorie politică economie cultură familie
      universitate natură animale medic problemă soluție culoare roșu alb negru dimineață seară noapte săptămână
      lună vară iarnă mânca bea citi cumpăra vinde deschide închide alerga dormi patru cinci zece sută spatele
      luni duminică apoi târziu devreme ambele părți lăsa ajuns început copiii vremea bucătărie fereastră masă
      fericit obosit repede ieftin scump calcula lumină energie
      """),
    LanguageProfile(
      "hu",
      """
      a az és hogy nem is egy ez van volt de meg csak már még ha mint vagy el ki be fel le én te ő mi ti ők ezt
      azt ezek azok aki ami amely ahol amikor miért hogyan mikor hol kik mit engem téged őt minket nekem neked
      neki nekünk nekik lesz lenne lehet kell tud tudja tudom akar megy jön mond mondta lát ad vesz talál gondol
      hisz marad áll vannak voltak legyen lett minden mindig soha itt ott most ma tegnap holnap gyakran néha
      újra nagyon sok kevés több jó új régi nagy kicsi hosszú első két három nap idő év évben ember férfi nő
      gyerek ház város ország élet világ munka kérdés válasz víz iskola utca barát kormány fejlődés társadalom
      lehetőség tudomány fontos legfontosabb például fővárosa magyar magyarország végül talán valóban együtt
      írni nyelv emberek dolog szerint alatt után előtt között nélkül miatt által pedig azonban mert tehát ezért
      illetve valamint olyan ilyen másik más saját magát hanem szép köszönöm kérem házban városban országban
      lehetett kellett zene történelem politika gazdaság kultúra család egyetem természet állatok orvos probléma
      megoldás szín piros fehér fekete reggel este éjszaka hét hónap nyár tél enni inni olvasni venni eladni
      nyitni zárni futni aludni négy öt tíz száz mögött hétfő vasárnap aztán később korábban mindkét oldal
      hagyni érkezett kezdett gyerekek időjárás konyha ablak asztal boldog fáradt gyorsan olcsó drága számolni
      fény energia
      """),
    LanguageProfile(
      "tr",
      """
      ve bir bu da de için ile çok daha ne gibi kadar sonra olarak olan var yok en ama o ben sen biz siz onlar
      bana sana ona bize size onu beni seni benim senin onun bizim sizin kendi her şey hiç bazı bütün tüm diğer
      başka aynı şu burada orada nerede neden nasıl kim hangi kaç ise değil mi mı mu mü ki ya veya hem çünkü
      fakat ancak eğer olduğu oldu olur olmak olabilir olacak edilen etmek etti yapmak yaptı gitmek gitti gelmek
      geldi demek dedi görmek bilmek vermek almak bulmak düşünmek inanmak kalmak durmak istemek istiyorum
      biliyorum gün zaman yıl yılında insan adam kadın çocuk ev şehir ülke hayat dünya iş soru cevap su okul
      sokak arkadaş büyük küçük iyi güzel yeni eski uzun ilk iki üç asla şimdi bugün dün yarın sık bazen tekrar
      olanak toplum gelişme bilim önemli örnek başkenti türkiye türkçe hükümet gerçekten birlikte yazmak dil
      insanlar içinde üzerinde altında arasında önce göre karşı doğru rağmen böyle öyle teşekkür lütfen evet
      hayır değildir vardır yapılan müzik tarih siyaset ekonomi kültür aile üniversite doğa hayvanlar doktor
      sorun çözüm renk kırmızı beyaz siyah sabah akşam gece hafta ay yaz kış yemek içmek okumak satın satmak
      açmak kapatmak koşmak uyumak dört beş on yüz arkasında pazartesi pazar ardından geç erken taraf bırakmak
      geldiğinde başladı çocuklar hava mutfak pencere masa mutlu yorgun hızlı ucuz pahalı hesaplamak ışık enerji
      """),
  ]
}
