/// Arabic, Persian and Urdu by the letters that the others lack.
struct ArabicLetters {
  private var arabic = 0
  private var persian = 0
  private var urdu = 0

  mutating func count(_ letters: [UInt32]) {
    for letter in letters {
      switch letter {
      // teh marbuta, yeh and kaf as Arabic writes them, alef maksura, alef with hamza
      case 0x629, 0x64A, 0x643, 0x649, 0x623, 0x625: arabic += 1
      // peh, tcheh, jeh, gaf, and the yeh and keheh that Persian and Urdu share
      case 0x67E, 0x686, 0x698, 0x6AF, 0x6CC, 0x6A9: persian += 1
      // tteh, ddal, rreh, noon ghunna, yeh barree, heh goal, heh doachashmee
      case 0x679, 0x688, 0x691, 0x6BA, 0x6D2, 0x6C1, 0x6BE: urdu += 1
      default: break
      }
    }
  }

  var language: String {
    if urdu * 4 > persian, urdu > arabic / 2 { return "ur" }
    return persian > arabic ? "fa" : "ar"
  }
}
