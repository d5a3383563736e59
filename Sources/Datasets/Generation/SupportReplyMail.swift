import Records

/// Mails of customers of a shop. The columns are what a reply must get right: `customer_name`, `order_id`, `topic`,
/// `product`.
enum SupportReplyMail {
  static func draw(_ random: inout SplitMix64) -> (message: String, item: JSONObject) {
    let topic = random.pick(SupportTopic.all)
    let name = random.pick(names)
    let product = random.pick(topic.products)
    let order = String(random.number(in: 10_000...99_999))
    let days = String(random.number(in: 3...19))
    let amount = String(random.number(in: 8...240))
    func filled(_ text: String) -> String {
      text.replacing("{product}", with: product).replacing("{order}", with: order).replacing(
        "{days}", with: days
      )
      .replacing("{amount}", with: amount)
    }
    var sentences: [String] = []
    if random.chance(0.6) { sentences.append(random.pick(greetings)) }
    if random.chance(0.3) { sentences.append(random.pick(moods)) }
    sentences.append(filled(random.pick(topic.situations)))
    sentences.append(filled(random.pick(references)))
    if random.chance(0.75) { sentences.append(filled(random.pick(topic.wishes))) }
    let closing = random.pick(closings).replacing("{name}", with: name)
    let item = JSONObject([
      ("customer_name", .string(name)), ("order_id", .string(order)), ("topic", .string(topic.name)),
      ("product", .string(product)),
    ])
    return (sentences.joined(separator: " ") + closing, item)
  }

  private static let greetings = [
    "Hello!", "Hi!", "Hi there!", "Good morning!", "Good afternoon!", "Dear support team!", "Hello again!",
    "Greetings!",
  ]
  private static let moods = [
    "I am really disappointed.", "I hope you can help me.", "This is the second time I write.",
    "I like your shop, but this went wrong.", "I am quite upset about this.", "Sorry to bother you.",
    "I am a bit confused.", "This is rather urgent.", "I have been a customer for years.",
    "I never had a problem with you before.", "Honestly, I am losing patience.", "A short question.",
  ]
  private static let references = [
    "The order number is {order}.", "My order number is {order}.", "It is order {order}.", "Order {order}.",
    "This is about order {order}.", "You will find it under order number {order}.", "(Order {order})",
    "The number on my receipt is {order}.", "For reference: order {order}.",
  ]
  private static let closings = [
    " Regards, {name}", " Thanks, {name}", " {name}", " Best, {name}", " Yours, {name}", " Thank you, {name}",
    "\n\n{name}", "\n\nKind regards,\n{name}", "\n\nThanks\n{name}", " Greetings from {name}",
  ]
  private static let names = [
    "Aisha", "Albert", "Alice", "Amara", "Andrew", "Anna", "Beatrice", "Carlos", "Caroline", "Chen", "Clara",
    "Daniel", "Diana", "Dmitri", "Edward", "Elena", "Emily", "Fatima", "Frank", "Gabriel", "George", "Greta",
    "Hannah", "Helen", "Henry", "Ingrid", "Isabel", "Ivan", "Jacob", "James", "Jasmine", "Julia", "Karim",
    "Katherine", "Kenji", "Laura", "Liam", "Linda", "Lucas", "Magnus", "Maria", "Martin", "Michael", "Mina",
    "Nadia", "Nathan", "Nora", "Oliver", "Olivia", "Oscar", "Patricia", "Peter", "Priya", "Rachel", "Rafael",
    "Robert", "Samuel", "Sandra", "Simon", "Sofia", "Stefan", "Susan", "Thomas", "Victor", "Walter", "Yasmin",
  ]
}
