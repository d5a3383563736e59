import Records

/// A kind of text with facts in it, and ways to put them. `{key}` stands for a field's value.
struct ExtractionKind: Sendable {
  let name: String
  let fields: [(key: String, source: ExtractionValue)]
  let templates: [String]

  static let all: [ExtractionKind] = [order, appointment, contact, delivery, booking, meeting]

  private static let order = ExtractionKind(
    name: "order",
    fields: [
      ("name", .person), ("item", .product), ("quantity", .number(2...60)), ("price", .number(2...95)),
      ("city", .city),
    ],
    templates: [
      "{name} from {city} ordered {quantity} {item} at {price} dollars each.",
      "New order: {quantity} {item} for {name} in {city}, {price} dollars a piece.",
      "Please send {quantity} {item} to {name} in {city}. The price is {price} dollars each.",
      "{name} would like {quantity} {item}. We charge {price} dollars each and ship to {city}.",
      "We sold {quantity} {item} to {name}, who lives in {city}, for {price} dollars each.",
      "{quantity} {item} at {price} dollars each go to {city}. The buyer is {name}.",
      "I am {name} and I live in {city}. I want to buy {quantity} {item} for {price} dollars each.",
    ])

  private static let appointment = ExtractionKind(
    name: "appointment",
    fields: [("name", .person), ("service", .service), ("day", .weekday), ("time", .time)],
    templates: [
      "{name} has an appointment for a {service} on {day} at {time}.",
      "Appointment on {day} at {time}: {service} for {name}.",
      "Please book a {service} for {name} on {day}, {time}.",
      "{name} is coming in at {time} on {day} for a {service}.",
      "We moved the {service} of {name} to {day} at {time}.",
      "This is {name}. Can I come for a {service} on {day} at {time}?",
      "On {day} we see {name} for a {service}, starting at {time}.",
    ])

  private static let contact = ExtractionKind(
    name: "contact",
    fields: [("name", .person), ("company", .company), ("phone", .phone), ("city", .city)],
    templates: [
      "{name} works for {company} in {city}. The phone number is {phone}.",
      "Our contact at {company} in {city} is {name}, phone {phone}.",
      "You can reach {name} of {company} ({city}) at {phone}.",
      "My name is {name}. I am with {company} in {city}; call me at {phone}.",
      "{company}, {city}: ask for {name}, {phone}.",
      "New contact: {name}, {company}, {city}, phone {phone}.",
      "Call {phone} and ask for {name}. The office of {company} is in {city}.",
    ])

  private static let delivery = ExtractionKind(
    name: "delivery",
    fields: [
      ("order", .number(1000...9999)), ("name", .person), ("street", .street), ("city", .city),
      ("day", .weekday),
    ],
    templates: [
      "Order {order} for {name} goes to {street} in {city} on {day}.",
      "We deliver order {order} on {day}: {name}, {street}, {city}.",
      "{name} expects order {order} on {day} at {street}, {city}.",
      "The address of order {order} has changed. It goes to {name}, {street}, {city}, on {day}.",
      "On {day} the driver takes order {order} to {name} at {street} in {city}.",
      "Hello, I am {name}. Please bring order {order} to {street} in {city} on {day}.",
    ])

  private static let booking = ExtractionKind(
    name: "booking",
    fields: [
      ("guest", .person), ("hotel", .hotel), ("nights", .number(2...14)), ("people", .number(2...6)),
      ("day", .weekday),
    ],
    templates: [
      "{guest} booked the {hotel} for {nights} nights from {day}, for {people} people.",
      "Booking at the {hotel}: {guest}, {people} people, {nights} nights, arriving on {day}.",
      "{guest} arrives at the {hotel} on {day} with a party of {people} and stays {nights} nights.",
      "Please keep a room at the {hotel} for {guest}: {nights} nights, {people} people, from {day}.",
      "The {hotel} expects {guest} on {day}. The stay is {nights} nights for {people} people.",
      "I am {guest}. I need a room at the {hotel} from {day} for {nights} nights and {people} people.",
    ])

  private static let meeting = ExtractionKind(
    name: "meeting",
    fields: [
      ("topic", .topic), ("host", .person), ("room", .number(1...40)), ("day", .weekday), ("time", .time),
      ("people", .number(2...30)),
    ],
    templates: [
      "{host} hosts a meeting on {topic} in room {room} on {day} at {time} for {people} people.",
      "Meeting on {topic}: {day}, {time}, room {room}. {host} leads it; {people} people will come.",
      "The talk on {topic} by {host} is on {day} at {time} in room {room}. We expect {people} people.",
      "Room {room} is taken on {day} at {time}: {host} meets {people} people about {topic}.",
      "On {day} at {time}, {people} people meet in room {room} to speak about {topic}. The host is {host}.",
    ])
}

/// Where a field's value comes from.
enum ExtractionValue: Sendable {
  case person, product, city, service, company, hotel, street, topic, weekday, time, phone
  case number(ClosedRange<Int>)

  func draw(_ random: inout SplitMix64) -> JSONValue {
    switch self {
    case .number(let range): .integer(random.number(in: range))
    case .person: .string("\(random.pick(Self.firstNames)) \(random.pick(Self.lastNames))")
    case .product: .string("\(random.pick(Self.colours)) \(random.pick(Self.products))")
    case .city: .string(random.pick(Self.cities))
    case .service: .string(random.pick(Self.services))
    case .company: .string("\(random.pick(Self.companyNames)) \(random.pick(Self.trades))")
    case .hotel: .string("\(random.pick(["Hotel", "Inn", "Lodge"])) \(random.pick(Self.companyNames))")
    case .street: .string("\(random.number(in: 1...180)) \(random.pick(Self.streets))")
    case .topic: .string(random.pick(Self.topics))
    case .weekday: .string(random.pick(Self.weekdays))
    case .time:
      .string(
        "\(random.number(in: 1...12)):\(random.pick(["00", "15", "30", "45"])) \(random.pick(["am", "pm"]))")
    case .phone: .string("555-\(random.number(in: 1000...9999))")
    }
  }

  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let firstNames = [
    "Adam", "Alma", "Anton", "Bella", "Boris", "Carla", "Cora", "Dario", "Della", "Edgar", "Elsa", "Emil",
    "Fiona",
    "Gina", "Greg", "Hedy", "Igor", "Irene", "Jonas", "Judith", "Karl", "Lena", "Louis", "Marta", "Milo",
    "Nina", "Omar",
    "Paula", "Quinn", "Rita", "Ruben", "Selma", "Tilda", "Tom", "Ursula", "Vince", "Wanda", "Xenia", "Yusuf",
    "Zara",
  ]
  private static let lastNames = [
    "Adler", "Baker", "Brandt", "Castro", "Cole", "Dahl", "Evans", "Fischer", "Garcia", "Hale", "Ibsen",
    "Jensen", "Keller",
    "Kim", "Lang", "Lopez", "Meyer", "Moore", "Nash", "Novak", "Olsen", "Park", "Perez", "Quist", "Reed",
    "Rossi", "Sato",
    "Silva", "Stone", "Tanaka", "Turner", "Udall", "Vance", "Weber", "Wong", "Young", "Zeller",
  ]
  private static let colours = [
    "red", "blue", "green", "black", "white", "yellow", "grey", "brown", "silver", "orange",
  ]
  private static let products = [
    "lamps", "chairs", "mugs", "towels", "notebooks", "candles", "bags", "plates", "pillows", "umbrellas",
    "bottles",
    "blankets", "frames", "scarves", "baskets", "clocks", "vases", "trays", "hats", "gloves",
  ]
  private static let cities = [
    "Oslo", "Lima", "Porto", "Boston", "Dublin", "Geneva", "Kyoto", "Austin", "Lyon", "Quebec", "Turin",
    "Perth", "Denver",
    "Cairo", "Ghent", "Malmo", "Seville", "Tampa", "Vienna", "Zurich", "Leeds", "Delhi", "Krakow", "Nairobi",
  ]
  private static let services = [
    "haircut", "dental check", "massage", "car repair", "piano lesson", "blood test", "tax review",
    "eye test",
    "passport photo", "bike repair", "vaccination", "job interview", "house viewing", "guitar lesson",
    "manicure",
  ]
  private static let companyNames = [
    "Aurora", "Bluebird", "Cedar", "Delta", "Evergreen", "Falcon", "Granite", "Harbor", "Juniper",
    "Lighthouse", "Maple",
    "Northern", "Orchid", "Pioneer", "Riverside", "Summit", "Sunrise", "Willow",
  ]
  private static let trades = [
    "Foods", "Tools", "Books", "Travel", "Motors", "Textiles", "Media", "Energy", "Logistics", "Garden",
    "Systems", "Paper",
  ]
  private static let streets = [
    "Elm Street", "Oak Avenue", "Mill Lane", "Station Road", "Church Street", "Park Avenue", "Lake Drive",
    "Hill Road",
    "River Street", "Garden Lane", "Bridge Street", "High Street", "Forest Road", "Market Street",
    "Harbor Road",
  ]
  private static let topics = [
    "budgets", "safety", "hiring", "training", "sales", "recycling", "travel costs", "data privacy",
    "new software",
    "office plants", "marketing", "quality", "the summer party", "shift plans", "parking",
  ]
}
