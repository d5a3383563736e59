import Records

/// Sums and word problems of one or two steps with whole numbers below 100, which a model of 135 million parameters
/// solves now and then. The prompt asks to end with `Answer:` and the number; the columns are `answer`, `kind` and `steps`.
enum ArithmeticTask {
  static func draw(_ random: inout SplitMix64) -> (message: String, item: JSONObject) {
    let task = random.chance(0.4) ? sum(&random) : story(&random)
    let ending = random.pick(endings)
    let item = JSONObject([
      ("answer", .integer(task.answer)), ("kind", .string(task.kind)), ("steps", .integer(task.steps)),
    ])
    return ("\(task.question) \(ending)", item)
  }

  private struct Task {
    var question: String
    var answer: Int
    var kind: String
    var steps: Int
  }

  // Not "Answer: N": a small model then answers N.
  private static let endings = [
    "End with 'Answer:' and the number.", "Finish with 'Answer:' and the number.",
    "Give the result as 'Answer:' and the number.", "Put 'Answer:' and the number on the last line.",
  ]

  // MARK: - Bare sums

  private static func sum(_ random: inout SplitMix64) -> Task {
    let ask = random.pick(["What is {}?", "Calculate {}.", "Work out {}.", "Find {}.", "How much is {}?"])
    var term: String
    var answer: Int
    var steps = 1
    switch random.number(below: 5) {
    case 0:
      let a = random.number(in: 2...60)
      let b = random.number(in: 2...39)
      (term, answer) = ("\(a) + \(b)", a + b)
    case 1:
      let a = random.number(in: 10...99)
      let b = random.number(in: 1...a - 1)
      (term, answer) = ("\(a) - \(b)", a - b)
    case 2:
      let a = random.number(in: 2...12)
      let b = random.number(in: 2...8)
      (term, answer) = ("\(a) * \(b)", a * b)
    case 3:
      let a = random.number(in: 2...40)
      let b = random.number(in: 2...40)
      let c = random.number(in: 1...min(20, a + b - 1))
      (term, answer, steps) = ("\(a) + \(b) - \(c)", a + b - c, 2)
    default:
      let a = random.number(in: 2...9)
      let b = random.number(in: 2...9)
      let c = random.number(in: 1...18)
      (term, answer, steps) = ("\(a) * \(b) + \(c)", a * b + c, 2)
    }
    return Task(question: ask.replacing("{}", with: term), answer: answer, kind: "sum", steps: steps)
  }

  // MARK: - Stories

  private static let names = [
    "Ana", "Ben", "Chloe", "David", "Emma", "Felix", "Grace", "Hugo", "Ines", "Jack", "Kira", "Leo", "Maya",
    "Noah", "Olga", "Paul", "Rosa", "Sam", "Tara", "Vera", "Will", "Yuki", "Zoe",
  ]
  private static let things = [
    "apples", "books", "buttons", "candles", "cards", "coins", "cookies", "eggs", "flowers", "marbles",
    "nails",
    "oranges", "pencils", "plates", "shells", "stamps", "stickers", "tickets", "toys", "walnuts",
  ]
  private static let holders = ["bags", "boxes", "baskets", "jars", "packs", "rows", "shelves", "trays"]

  private static func story(_ random: inout SplitMix64) -> Task {
    let name = random.pick(names)
    let things = random.pick(things)
    switch random.number(below: 7) {
    case 0: return gain(name, things, &random)
    case 1: return loss(name, things, &random)
    case 2: return holdersFull(name, things, &random)
    case 3: return gainAndLoss(name, things, &random)
    case 4: return priceAndChange(name, things, &random)
    case 5: return comparison(name, things, &random)
    default: return holdersAndMore(name, things, &random)
    }
  }

  private static func gain(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let a = random.number(in: 2...60)
    let b = random.number(in: 2...39)
    let (verb, rest) = random.pick([
      ("gets", "more"), ("buys", "more"), ("finds", "more"), ("is given", "more"), ("collects", "others"),
    ])
    return Task(
      question:
        "\(name) has \(a) \(things) and \(verb) \(b) \(rest). How many \(things) does \(name) have now?",
      answer: a + b, kind: "story", steps: 1)
  }

  private static func loss(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let a = random.number(in: 10...99)
    let b = random.number(in: 1...a - 1)
    let verb = random.pick(["gives away", "sells", "loses", "uses", "hands out"])
    return Task(
      question: "\(name) has \(a) \(things) and \(verb) \(b) of them. How many \(things) are left?",
      answer: a - b, kind: "story", steps: 1)
  }

  private static func holdersFull(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let a = random.number(in: 2...9)
    let b = random.number(in: 2...11)
    let holders = random.pick(holders)
    return Task(
      question: "\(name) has \(a) \(holders) with \(b) \(things) each. How many \(things) is that in all?",
      answer: a * b, kind: "story", steps: 1)
  }

  private static func gainAndLoss(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let a = random.number(in: 5...50)
    let b = random.number(in: 2...40)
    let c = random.number(in: 1...min(a + b - 1, 30))
    let (gain, loss) = random.pick([
      ("buys", "gives away"), ("finds", "loses"), ("gets", "sells"), ("makes", "uses"),
      ("collects", "hands out"),
    ])
    return Task(
      question:
        "\(name) has \(a) \(things), \(gain) \(b) more and then \(loss) \(c). How many \(things) are left?",
      answer: a + b - c, kind: "story", steps: 2)
  }

  private static func priceAndChange(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let count = random.number(in: 2...9)
    let price = random.number(in: 2...9)
    let paid = count * price + random.number(in: 1...15)
    return Task(
      question:
        "\(name) buys \(count) \(things) at \(price) dollars each and pays with \(paid) dollars. How many dollars come back?",
      answer: paid - count * price, kind: "story", steps: 2)
  }

  private static func comparison(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let a = random.number(in: 3...45)
    let b = random.number(in: 2...45)
    let other = random.pick(names.filter { $0 != name })
    return Task(
      question:
        "\(name) has \(a) \(things). \(other) has \(b) more than \(name). How many \(things) does \(other) have?",
      answer: a + b, kind: "story", steps: 1)
  }

  private static func holdersAndMore(_ name: String, _ things: String, _ random: inout SplitMix64) -> Task {
    let a = random.number(in: 2...9)
    let b = random.number(in: 2...9)
    let c = random.number(in: 1...18)
    let holders = random.pick(holders)
    return Task(
      question:
        "\(name) fills \(a) \(holders) with \(b) \(things) each and has \(c) \(things) over. How many \(things) does \(name) have?",
      answer: a * b + c, kind: "story", steps: 2)
  }
}
