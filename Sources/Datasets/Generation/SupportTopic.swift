/// A kind of trouble that customers write about, with ways to put it. `{product}`, `{days}` and `{amount}` are filled
/// in; the order number comes in a sentence of its own.
struct SupportTopic: Sendable {
  let name: String
  let products: [String]
  let situations: [String]
  let wishes: [String]

  // Products are countable and singular, so that they fit after "my", "the" and "one".
  private static let goods = [
    "coffee maker", "desk lamp", "backpack", "kettle", "headset", "keyboard", "office chair", "tent",
    "vacuum cleaner", "toaster", "bookshelf", "blender", "garden hose", "phone case", "bicycle helmet", "rug",
    "water bottle", "suitcase", "wall clock", "board game",
  ]
  private static let clothes = [
    "rain jacket", "wool sweater", "shirt", "summer dress", "winter coat", "cardigan", "skirt", "hoodie",
    "scarf", "leather belt",
  ]
  private static let services = [
    "magazine subscription", "coffee subscription", "meal box", "music plan", "premium membership",
    "gardening box", "book club",
  ]
  private static let bookings = [
    "hotel room", "cooking class", "city tour", "rental car", "concert ticket", "train ticket",
    "photo workshop",
  ]

  static let all: [SupportTopic] = [
    SupportTopic(
      name: "late parcel", products: goods + clothes,
      situations: [
        "I ordered the {product} {days} days ago and it still has not arrived.",
        "My {product} should have been here {days} days ago.",
        "The parcel with my {product} has not moved for {days} days.",
        "Where is my {product}? I have been waiting for {days} days.",
        "The tracking page for my {product} shows nothing new since last week.",
      ],
      wishes: [
        "When will it come?", "Please tell me where it is.", "I need it by the weekend.",
        "Can you look into this?",
      ]),
    SupportTopic(
      name: "refund", products: goods + clothes,
      situations: [
        "I sent the {product} back {days} days ago and have no refund yet.",
        "You owe me {amount} dollars for the {product} that I returned.",
        "My refund for the {product} is missing.",
        "I returned my {product}, but the money has not reached my account.",
      ],
      wishes: [
        "When do I get my money?", "Please check this.", "Please send me the {amount} dollars.",
        "What is taking so long?",
      ]),
    SupportTopic(
      name: "broken item", products: goods,
      situations: [
        "The {product} arrived broken.", "My new {product} stopped working after {days} days.",
        "There is a big crack in the {product} you sent me.",
        "The {product} does not work at all.",
        "One part of the {product} was already damaged in the box.",
      ],
      wishes: [
        "I want a replacement.", "What should I do now?", "Can I send it back?",
        "Please send me a new one.",
      ]),
    SupportTopic(
      name: "double charge", products: goods + services,
      situations: [
        "You charged me twice for the {product}.",
        "My card shows two payments of {amount} dollars for one {product}.",
        "I paid {amount} dollars for the {product} and the same amount was taken again.",
        "There is a second payment for the {product} on my bill.",
      ],
      wishes: [
        "Please pay one back.", "Please correct this.", "I only ordered one.", "How could this happen?",
      ]),
    SupportTopic(
      name: "cancelled booking", products: bookings,
      situations: [
        "You cancelled my {product} without telling me why.", "I just read that my {product} was cancelled.",
        "My {product} for next week is gone from my account.",
        "I need to cancel my {product} because I am ill.",
      ],
      wishes: [
        "Can I have another date?", "Do I get my {amount} dollars back?", "What happens now?",
        "Please explain.",
      ]),
    SupportTopic(
      name: "password", products: services,
      situations: [
        "I cannot log in to my account for the {product}.",
        "The password reset mail for my {product} never arrives.",
        "My account for the {product} was locked {days} days ago.",
        "Your site says that my password for the {product} is wrong, but it is not.",
      ],
      wishes: ["Please unlock it.", "Can you reset it for me?", "I need access today.", "What can I do?"]),
    SupportTopic(
      name: "subscription", products: services,
      situations: [
        "I want to end my {product}.", "I cancelled my {product} {days} days ago, but you still bill me.",
        "The price of my {product} went up to {amount} dollars without notice.",
        "I would like to pause my {product} for two months.",
      ],
      wishes: [
        "Please confirm it.", "Please stop the payments.", "How do I do that?", "I expect a clear answer.",
      ]),
    SupportTopic(
      name: "wrong size", products: clothes,
      situations: [
        "The {product} I bought is too small.", "The {product} is much too big for me.",
        "I ordered the {product} in medium and got extra large.",
        "The {product} does not fit, although I used your size table.",
      ],
      wishes: [
        "Can I change the size?", "How do I exchange it?", "Please send the right size.",
        "Who pays for the return?",
      ]),
    SupportTopic(
      name: "wrong item", products: goods + clothes,
      situations: [
        "I ordered the {product} and got something else.",
        "Instead of the {product} there was a set of towels in the box.",
        "You sent me the wrong {product}.", "The {product} has the wrong colour.",
      ],
      wishes: [
        "Please send the right one.", "What do I do with the wrong one?", "I need the right one soon.",
        "Please sort this out.",
      ]),
    SupportTopic(
      name: "warranty", products: goods,
      situations: [
        "My {product} broke after {days} months.",
        "Is the {product} still under warranty after {days} months?",
        "The {product} has not been right since yesterday.",
        "A piece of my {product} came off after {days} months.",
      ],
      wishes: [
        "Does the warranty cover this?", "Can it be repaired?", "How do I make a claim?",
        "I still have the receipt.",
      ]),
    SupportTopic(
      name: "missing part", products: goods,
      situations: [
        "A part of my {product} is missing.", "The {product} came without screws and instructions.",
        "The manual of the {product} lists {days} parts and one is not there.",
        "The bag with the small parts was not in the box of the {product}.",
      ],
      wishes: [
        "Please send the part.", "I cannot use it like this.", "Can I get it separately?",
        "What do you suggest?",
      ]),
    SupportTopic(
      name: "change of address", products: goods + clothes,
      situations: [
        "I moved last week and my {product} is going to the old address.",
        "Please send the {product} to my office, not to my home.",
        "I gave you the wrong address for the {product}.",
        "I will be away when the {product} arrives.",
      ],
      wishes: [
        "Can you change it?", "Is it too late?", "Please confirm the new address.", "Please hold the parcel.",
      ]),
    SupportTopic(
      name: "invoice", products: goods + services,
      situations: [
        "I never got an invoice for the {product}.", "The invoice for my {product} has the wrong name on it.",
        "The invoice says {amount} dollars, but the {product} was cheaper.",
        "I need an invoice with my company's name for the {product}.",
      ],
      wishes: [
        "Please send a new one.", "Please correct it.", "I need it for my taxes.", "Can you mail it to me?",
      ]),
    SupportTopic(
      name: "discount", products: goods + clothes + services,
      situations: [
        "The discount code did not work for the {product}.",
        "I saw the {product} {amount} dollars cheaper a day later.",
        "My voucher was not taken off the price of the {product}.",
        "The {product} was in the sale, but I paid the full price.",
      ],
      wishes: [
        "Can you still apply it?", "Please refund the difference.", "Why is that?",
        "Please have a look.",
      ]),
    SupportTopic(
      name: "lost parcel", products: goods + clothes,
      situations: [
        "The tracking says that my {product} was delivered, but I have nothing.",
        "My neighbours do not have the parcel with the {product} either.",
        "The {product} was left outside and is gone.",
        "The carrier says that the {product} was lost.",
      ],
      wishes: [
        "Please find it.", "Will you send another?", "Who pays for this?", "Please ask the carrier.",
      ]),
    SupportTopic(
      name: "question before use", products: goods,
      situations: [
        "I do not understand how to set up the {product}.",
        "The manual of the {product} is in the wrong language.",
        "Can I use the {product} outdoors?", "How do I clean the {product} without damaging it?",
      ],
      wishes: [
        "Can you explain it?", "Please send me instructions.", "I could not find it on your site.",
        "I want to be sure.",
      ]),
  ]
}
