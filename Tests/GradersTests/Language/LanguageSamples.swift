/// Sentences by which the word lists were completed, two to five a language.
let languageSamples: [(code: String, sentences: [String])] = [
  (
    "en",
    [
      "The train leaves at seven, so we should be at the station a little earlier.",
      "Multiply both sides by four and then subtract twelve.",
      "She sold her bicycle because the tyres were worn out.",
      "Our shop opens again on Monday after the holidays.",
      "Photosynthesis turns sunlight into chemical energy.",
    ]
  ),
  (
    "de",
    [
      "Der Zug fährt um sieben, also sollten wir etwas früher am Bahnhof sein.",
      "Multipliziere beide Seiten mit vier und ziehe dann zwölf ab.",
      "Sie verkaufte ihr Fahrrad, weil die Reifen abgenutzt waren.",
      "Unser Laden öffnet am Montag nach den Ferien wieder.",
      "Die Photosynthese verwandelt Sonnenlicht in chemische Energie.",
    ]
  ),
  (
    "fr",
    [
      "Le train part à sept heures, nous devrions donc être à la gare un peu plus tôt.",
      "Multipliez les deux côtés par quatre, puis soustrayez douze.",
      "Elle a vendu son vélo parce que les pneus étaient usés.",
      "Notre boutique rouvre lundi après les vacances.",
      "La photosynthèse transforme la lumière du soleil en énergie chimique.",
    ]
  ),
  (
    "es",
    [
      "El tren sale a las siete, así que deberíamos estar en la estación un poco antes.",
      "Multiplica ambos lados por cuatro y luego resta doce.",
      "Vendió su bicicleta porque las ruedas estaban gastadas.",
      "Nuestra tienda vuelve a abrir el lunes después de las vacaciones.",
      "La fotosíntesis convierte la luz solar en energía química.",
    ]
  ),
  (
    "pt",
    [
      "O comboio parte às sete, por isso devíamos estar na estação um pouco mais cedo.",
      "Multiplique os dois lados por quatro e depois subtraia doze.",
      "Ela vendeu a bicicleta porque os pneus estavam gastos.",
      "A nossa loja volta a abrir na segunda-feira depois das férias.",
      "A fotossíntese transforma a luz do sol em energia química.",
    ]
  ),
  (
    "it",
    [
      "Il treno parte alle sette, quindi dovremmo essere in stazione un po' prima.",
      "Moltiplica entrambi i lati per quattro e poi sottrai dodici.",
      "Ha venduto la bicicletta perché le gomme erano consumate.",
      "Il nostro negozio riapre lunedì dopo le vacanze.",
      "La fotosintesi trasforma la luce del sole in energia chimica.",
    ]
  ),
  (
    "nl",
    [
      "De trein vertrekt om zeven uur, dus we moeten iets eerder op het station zijn.",
      "Vermenigvuldig beide kanten met vier en trek er dan twaalf van af.",
      "Ze verkocht haar fiets omdat de banden versleten waren.",
      "Onze winkel gaat maandag na de vakantie weer open.",
      "Fotosynthese zet zonlicht om in chemische energie.",
    ]
  ),
  (
    "sv",
    [
      "Tåget går klockan sju, så vi borde vara på stationen lite tidigare.",
      "Multiplicera båda sidorna med fyra och dra sedan ifrån tolv.",
      "Hon sålde sin cykel eftersom däcken var utslitna.",
      "Vår butik öppnar igen på måndag efter semestern.",
      "Fotosyntesen omvandlar solljus till kemisk energi.",
    ]
  ),
  (
    "da",
    [
      "Toget kører klokken syv, så vi bør være på stationen lidt tidligere.",
      "Gang begge sider med fire, og træk derefter tolv fra.",
      "Hun solgte sin cykel, fordi dækkene var slidt op.",
      "Vores butik åbner igen på mandag efter ferien.",
      "Hvad hedder den by, du kommer fra, og hvor længe har du boet her?",
    ]
  ),
  (
    "no",
    [
      "Toget går klokken sju, så vi bør være på stasjonen litt tidligere.",
      "Gang begge sidene med fire og trekk deretter fra tolv.",
      "Hun solgte sykkelen sin fordi dekkene var utslitte.",
      "Butikken vår åpner igjen på mandag etter ferien.",
      "Hva heter byen du kommer fra, og hvor lenge har du bodd her?",
    ]
  ),
  (
    "fi",
    [
      "Juna lähtee seitsemältä, joten meidän pitäisi olla asemalla vähän aikaisemmin.",
      "Kerro molemmat puolet neljällä ja vähennä sitten kaksitoista.",
      "Hän myi polkupyöränsä, koska renkaat olivat kuluneet.",
      "Kauppamme aukeaa taas maanantaina loman jälkeen.",
      "Yhteyttäminen muuttaa auringonvalon kemialliseksi energiaksi.",
    ]
  ),
  (
    "pl",
    [
      "Pociąg odjeżdża o siódmej, więc powinniśmy być na dworcu trochę wcześniej.",
      "Pomnóż obie strony przez cztery, a potem odejmij dwanaście.",
      "Sprzedała rower, bo opony były zużyte.",
      "Nasz sklep otwiera się znowu w poniedziałek po wakacjach.",
      "Fotosynteza zamienia światło słoneczne w energię chemiczną.",
    ]
  ),
  (
    "cs",
    [
      "Vlak odjíždí v sedm, takže bychom měli být na nádraží o něco dříve.",
      "Vynásobte obě strany čtyřmi a potom odečtěte dvanáct.",
      "Prodala kolo, protože pneumatiky byly sjeté.",
      "Náš obchod se znovu otevře v pondělí po prázdninách.",
      "Fotosyntéza přeměňuje sluneční světlo na chemickou energii.",
    ]
  ),
  (
    "ro",
    [
      "Trenul pleacă la ora șapte, așa că ar trebui să fim la gară puțin mai devreme.",
      "Înmulțește ambele părți cu patru și apoi scade doisprezece.",
      "Și-a vândut bicicleta pentru că anvelopele erau uzate.",
      "Magazinul nostru se redeschide luni după vacanță.",
      "Fotosinteza transformă lumina soarelui în energie chimică.",
    ]
  ),
  (
    "hu",
    [
      "A vonat hétkor indul, ezért egy kicsit korábban kellene az állomáson lennünk.",
      "Szorozd meg mindkét oldalt néggyel, aztán vonj ki tizenkettőt.",
      "Eladta a kerékpárját, mert a gumik elkoptak.",
      "Az üzletünk hétfőn nyit ki újra a szünet után.",
      "A fotoszintézis a napfényt kémiai energiává alakítja.",
    ]
  ),
  (
    "tr",
    [
      "Tren yedide kalkıyor, bu yüzden istasyonda biraz daha erken olmalıyız.",
      "İki tarafı dörtle çarp ve sonra on iki çıkar.",
      "Lastikleri eskidiği için bisikletini sattı.",
      "Dükkanımız tatilden sonra pazartesi günü yeniden açılıyor.",
      "Fotosentez güneş ışığını kimyasal enerjiye dönüştürür.",
    ]
  ),
  (
    "ru",
    [
      "Поезд отходит в семь, поэтому нам лучше быть на вокзале немного раньше.",
      "Умножьте обе части на четыре, затем вычтите двенадцать.",
      "Она продала велосипед, потому что шины износились.",
      "Наш магазин снова откроется в понедельник после каникул.",
      "Фотосинтез превращает солнечный свет в химическую энергию.",
    ]
  ),
  (
    "uk",
    [
      "Потяг відходить о сьомій, тому нам краще бути на вокзалі трохи раніше.",
      "Помножте обидві частини на чотири, потім відніміть дванадцять.",
      "Вона продала велосипед, бо шини зносилися.",
      "Наша крамниця знову відчиниться в понеділок після канікул.",
      "Фотосинтез перетворює сонячне світло на хімічну енергію.",
    ]
  ),
  (
    "bg",
    [
      "Влакът тръгва в седем, затова трябва да бъдем на гарата малко по-рано.",
      "Умножете двете страни по четири и после извадете дванадесет.",
      "Тя продаде колелото си, защото гумите бяха износени.",
      "Нашият магазин отваря отново в понеделник след ваканцията.",
      "Фотосинтезата превръща слънчевата светлина в химическа енергия.",
    ]
  ),
  (
    "sr",
    [
      "Воз полази у седам, па би требало да будемо на станици мало раније.",
      "Помножите обе стране са четири, а затим одузмите дванаест.",
      "Продала је бицикл јер су гуме биле истрошене.",
      "Наша продавница се поново отвара у понедељак после распуста.",
      "Фотосинтеза претвара сунчеву светлост у хемијску енергију.",
    ]
  ),
  ("el", ["Το τρένο φεύγει στις επτά.", "Πούλησε το ποδήλατό της."]),
  ("he", ["הרכבת יוצאת בשעה שבע.", "היא מכרה את האופניים שלה."]),
  ("ar", ["يغادر القطار في الساعة السابعة.", "باعت دراجتها لأن الإطارات كانت بالية."]),
  ("fa", ["قطار ساعت هفت حرکت می‌کند.", "او دوچرخه‌اش را فروخت چون چرخ‌ها کهنه بودند."]),
  ("ur", ["ٹرین سات بجے روانہ ہوتی ہے۔", "اس نے اپنی سائیکل بیچ دی کیونکہ ٹائر گھس گئے تھے۔"]),
  ("hi", ["ट्रेन सात बजे निकलती है।", "उसने अपनी साइकिल बेच दी।"]),
  ("th", ["รถไฟออกเวลาเจ็ดโมง", "เธอขายจักรยานไปแล้ว"]),
  ("ko", ["기차는 일곱 시에 출발합니다.", "그녀는 자전거를 팔았다."]),
  ("ja", ["電車は七時に出発します。", "彼女は自転車を売りました。"]),
  ("zh", ["火车七点出发，所以我们应该早一点到车站。", "她把自行车卖了，因为轮胎磨损了。"]),
  ("hy", ["Գնացքը մեկնում է ժամը յոթին։"]),
  ("ka", ["მატარებელი შვიდ საათზე გადის."]),
  ("ta", ["ரயில் ஏழு மணிக்கு புறப்படுகிறது."]),
  ("bn", ["ট্রেন সাতটায় ছাড়ে।"]),
]

/// Sentences that were written after the word lists and the model were settled, and have changed neither.
let heldOutLanguageSamples: [(code: String, sentences: [String])] = [
  (
    "en",
    [
      "Thank you for contacting us about your parcel.",
      "Chop two onions and fry them gently in butter.",
      "Either party may end this contract with one month's notice.",
      "The function returns an empty list when nothing matches.",
      "An old fisherman lived alone beside the harbour.",
    ]
  ),
  (
    "de",
    [
      "Vielen Dank, dass Sie sich wegen Ihres Pakets gemeldet haben.",
      "Zwei Zwiebeln hacken und sanft in Butter anbraten.",
      "Jede Partei kann diesen Vertrag mit einer Frist von einem Monat kündigen.",
      "Die Funktion liefert eine leere Liste, falls nichts passt.",
      "Ein alter Fischer lebte allein neben dem Hafen.",
    ]
  ),
  (
    "fr",
    [
      "Merci de nous avoir contactés au sujet de votre colis.",
      "Hachez deux oignons et faites-les revenir doucement dans le beurre.",
      "Chaque partie peut résilier ce contrat avec un préavis d'un mois.",
      "La fonction renvoie une liste vide quand rien ne correspond.",
      "Un vieux pêcheur vivait seul près du port.",
    ]
  ),
  (
    "es",
    [
      "Gracias por escribirnos acerca de su paquete.",
      "Pique dos cebollas y fríalas suavemente en mantequilla.",
      "Cualquiera de las partes puede rescindir este contrato con un mes de preaviso.",
      "La función devuelve una lista vacía cuando nada coincide.",
      "Un viejo pescador vivía solo junto al puerto.",
    ]
  ),
  (
    "pt",
    [
      "Obrigado por nos contactar sobre a sua encomenda.",
      "Pique duas cebolas e frite-as suavemente em manteiga.",
      "Qualquer das partes pode rescindir este contrato com um mês de aviso.",
      "A função devolve uma lista vazia quando nada corresponde.",
      "Um velho pescador vivia sozinho junto ao porto.",
    ]
  ),
  (
    "it",
    [
      "Grazie per averci contattato riguardo al suo pacco.",
      "Tritate due cipolle e soffriggetele dolcemente nel burro.",
      "Ciascuna parte può recedere dal contratto con un mese di preavviso.",
      "La funzione restituisce una lista vuota se nulla corrisponde.",
      "Un vecchio pescatore viveva da solo accanto al porto.",
    ]
  ),
  (
    "nl",
    [
      "Bedankt voor uw bericht over het pakket.",
      "Snijd twee uien fijn en bak ze zachtjes in boter.",
      "Elke partij kan deze overeenkomst met een opzegtermijn van een maand beëindigen.",
      "De functie geeft een lege lijst terug als niets overeenkomt.",
      "Een oude visser woonde alleen naast de haven.",
    ]
  ),
  (
    "sv",
    [
      "Tack för att du kontaktade oss om ditt paket.",
      "Hacka två lökar och stek dem försiktigt i smör.",
      "Vardera parten får säga upp avtalet med en månads varsel.",
      "Funktionen ger en tom lista när ingenting passar.",
      "En gammal fiskare bodde ensam bredvid hamnen.",
    ]
  ),
  (
    "da",
    [
      "Tak, fordi du kontaktede os om din pakke.",
      "Hak to løg, og steg dem forsigtigt i smør.",
      "Hver part kan opsige aftalen med en måneds varsel.",
      "Funktionen giver en tom liste, når ingenting passer.",
      "En gammel fisker boede alene ved siden af havnen.",
    ]
  ),
  (
    "no",
    [
      "Takk for at du tok kontakt med oss om pakken din.",
      "Hakk to løk og stek dem forsiktig i smør.",
      "Hver part kan si opp avtalen med en måneds varsel.",
      "Funksjonen gir en tom liste når ingenting passer.",
      "En gammel fisker bodde alene ved siden av havnen.",
    ]
  ),
  (
    "fi",
    [
      "Kiitos, että otitte yhteyttä paketistanne.",
      "Pilko kaksi sipulia ja paista niitä kevyesti voissa.",
      "Kumpikin osapuoli voi irtisanoa sopimuksen kuukauden varoitusajalla.",
      "Funktio palauttaa tyhjän listan, kun mikään ei täsmää.",
      "Vanha kalastaja asui yksin sataman vieressä.",
    ]
  ),
  (
    "pl",
    [
      "Dziękujemy za kontakt w sprawie przesyłki.",
      "Posiekaj dwie cebule i delikatnie podsmaż je na maśle.",
      "Każda ze stron może rozwiązać tę umowę z miesięcznym wypowiedzeniem.",
      "Funkcja zwraca pustą listę, gdy nic nie pasuje.",
      "Stary rybak mieszkał samotnie obok portu.",
    ]
  ),
  (
    "cs",
    [
      "Děkujeme, že jste nás kontaktovali ohledně zásilky.",
      "Nakrájejte dvě cibule a zlehka je osmahněte na másle.",
      "Každá ze stran může smlouvu vypovědět s měsíční výpovědní lhůtou.",
      "Funkce vrací prázdný seznam, pokud nic neodpovídá.",
      "Starý rybář žil sám vedle přístavu.",
    ]
  ),
  (
    "ro",
    [
      "Vă mulțumim că ne-ați contactat în legătură cu coletul.",
      "Tocați două cepe și căliți-le ușor în unt.",
      "Oricare dintre părți poate rezilia contractul cu un preaviz de o lună.",
      "Funcția întoarce o listă goală când nimic nu se potrivește.",
      "Un pescar bătrân locuia singur lângă port.",
    ]
  ),
  (
    "hu",
    [
      "Köszönjük, hogy megkeresett minket a csomagja miatt.",
      "Vágjunk fel két hagymát, és pirítsuk meg vajon.",
      "Bármelyik fél egy hónapos határidővel felmondhatja a szerződést.",
      "A függvény üres listát ad vissza, ha semmi sem egyezik.",
      "Egy öreg halász egyedül élt a kikötő mellett.",
    ]
  ),
  (
    "tr",
    [
      "Paketinizle ilgili bize ulaştığınız için teşekkür ederiz.",
      "İki soğanı doğrayıp tereyağında hafifçe kavurun.",
      "Taraflardan her biri bir ay önceden bildirerek sözleşmeyi feshedebilir.",
      "Hiçbir şey eşleşmezse fonksiyon boş bir liste döndürür.",
      "Yaşlı bir balıkçı limanın yanında yalnız yaşıyordu.",
    ]
  ),
  (
    "ru",
    [
      "Спасибо, что обратились к нам по поводу посылки.",
      "Нарежьте две луковицы и слегка обжарьте их в масле.",
      "Каждая из сторон может расторгнуть договор, предупредив за месяц.",
      "Функция возвращает пустой список, когда ничего не подходит.",
      "Старый рыбак жил один рядом с портом.",
    ]
  ),
  (
    "uk",
    [
      "Дякуємо, що звернулися до нас щодо посилки.",
      "Наріжте дві цибулини й злегка обсмажте їх на маслі.",
      "Кожна зі сторін може розірвати договір, попередивши за місяць.",
      "Функція повертає порожній список, коли нічого не підходить.",
      "Старий рибалка жив сам біля порту.",
    ]
  ),
  (
    "bg",
    [
      "Благодарим, че се свързахте с нас относно пратката.",
      "Нарежете две глави лук и ги запържете леко в масло.",
      "Всяка от страните може да прекрати договора с едномесечно предизвестие.",
      "Функцията връща празен списък, когато нищо не съвпада.",
      "Един стар рибар живееше сам до пристанището.",
    ]
  ),
  (
    "sr",
    [
      "Хвала што сте нам се јавили поводом пакета.",
      "Исецкајте два лука и лагано их пропржите на маслацу.",
      "Свака страна може да раскине уговор уз отказни рок од месец дана.",
      "Функција враћа празну листу када се ништа не поклапа.",
      "Стари рибар је живео сам поред луке.",
    ]
  ),
]
