import Records

/// Questions about one word, its opposite or its plural, which a model of 135 million parameters mostly answers rightly
/// and at length. The columns are `answer`, the one word that must be said, `word` and `kind`.
enum WordQuestion {
  static func draw(_ random: inout SplitMix64) -> (message: String, item: JSONObject) {
    let isOpposite = random.chance(0.6)
    let (word, answer) = isOpposite ? random.pick(opposites) : random.pick(plurals)
    let question = random.pick(isOpposite ? oppositeQuestions : pluralQuestions)
    let item = JSONObject([
      ("answer", .string(answer)), ("word", .string(word)),
      ("kind", .string(isOpposite ? "opposite" : "plural")),
    ])
    return (random.pick(openings) + question.replacing("{}", with: "'\(word)'"), item)
  }

  private static let openings = ["", "", "Hello! ", "Hi. ", "A question: "]
  private static let oppositeQuestions = [
    "What is the opposite of {}?", "What is the opposite of the word {}?",
    "Which word is the opposite of {}?",
    "Do you know the opposite of {}?", "What is the antonym of {}?", "Please tell me the opposite of {}.",
  ]
  private static let pluralQuestions = [
    "What is the plural of {}?", "What is the plural of the word {}?", "What is the plural form of {}?",
    "What is the plural form of the word {}?", "Please tell me the plural of {}.",
  ]

  /// Only words with one opposite that comes to mind first; some are asked for both ways round.
  private static let opposites = [
    ("hot", "cold"), ("cold", "hot"), ("big", "small"), ("small", "large"), ("up", "down"), ("down", "up"),
    ("fast", "slow"), ("slow", "fast"), ("day", "night"), ("night", "day"), ("dark", "light"),
    ("happy", "sad"),
    ("sad", "happy"), ("open", "closed"), ("rich", "poor"), ("poor", "rich"), ("old", "new"),
    ("young", "old"),
    ("hard", "soft"), ("soft", "hard"), ("wet", "dry"), ("dry", "wet"), ("full", "empty"), ("empty", "full"),
    ("high", "low"), ("low", "high"), ("strong", "weak"), ("weak", "strong"), ("left", "right"),
    ("early", "late"), ("late", "early"), ("good", "bad"), ("bad", "good"), ("black", "white"),
    ("white", "black"), ("north", "south"), ("south", "north"), ("east", "west"), ("west", "east"),
    ("inside", "outside"), ("outside", "inside"), ("near", "far"), ("far", "near"), ("true", "false"),
    ("false", "true"), ("clean", "dirty"), ("dirty", "clean"), ("heavy", "light"), ("thick", "thin"),
    ("long", "short"), ("loud", "quiet"), ("quiet", "loud"), ("first", "last"), ("always", "never"),
    ("never", "always"), ("love", "hate"), ("hate", "love"), ("begin", "end"), ("top", "bottom"),
    ("bottom", "top"), ("front", "back"), ("win", "lose"), ("success", "failure"), ("failure", "success"),
    ("war", "peace"), ("life", "death"), ("summer", "winter"), ("winter", "summer"), ("before", "after"),
    ("after", "before"), ("male", "female"), ("positive", "negative"), ("negative", "positive"),
    ("maximum", "minimum"), ("minimum", "maximum"), ("expensive", "cheap"), ("cheap", "expensive"),
    ("buy", "sell"), ("brave", "cowardly"), ("sweet", "sour"), ("smooth", "rough"), ("sharp", "dull"),
    ("tall", "short"), ("wide", "narrow"), ("narrow", "wide"), ("deep", "shallow"), ("shallow", "deep"),
  ]

  private static let plurals = [
    ("dog", "dogs"), ("cat", "cats"), ("house", "houses"), ("car", "cars"), ("tree", "trees"),
    ("box", "boxes"),
    ("church", "churches"), ("bus", "buses"), ("city", "cities"), ("baby", "babies"), ("leaf", "leaves"),
    ("knife", "knives"), ("wolf", "wolves"), ("child", "children"), ("mouse", "mice"), ("foot", "feet"),
    ("tooth", "teeth"), ("man", "men"), ("woman", "women"), ("book", "books"), ("apple", "apples"),
    ("lady", "ladies"), ("story", "stories"), ("dish", "dishes"), ("watch", "watches"),
    ("potato", "potatoes"),
    ("key", "keys"), ("toy", "toys"), ("chair", "chairs"), ("window", "windows"), ("bird", "birds"),
    ("flower", "flowers"), ("country", "countries"), ("party", "parties"), ("glass", "glasses"),
    ("brush", "brushes"), ("horse", "horses"), ("table", "tables"), ("river", "rivers"), ("hand", "hands"),
    ("day", "days"), ("boy", "boys"), ("girl", "girls"), ("wife", "wives"), ("life", "lives"),
    ("shelf", "shelves"), ("tomato", "tomatoes"), ("hero", "heroes"), ("fox", "foxes"), ("wish", "wishes"),
    ("lake", "lakes"), ("road", "roads"), ("student", "students"), ("teacher", "teachers"),
    ("family", "families"), ("butterfly", "butterflies"), ("goose", "geese"), ("bench", "benches"),
    ("peach", "peaches"), ("class", "classes"),
  ]
}
