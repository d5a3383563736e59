/// Scripts by their ISO 15924 codes. Swift's standard library does not know a letter's script.
package enum Script: String, Sendable, CaseIterable {
  case latin = "Latn"
  case greek = "Grek"
  case cyrillic = "Cyrl"
  case armenian = "Armn"
  case hebrew = "Hebr"
  case arabic = "Arab"
  case devanagari = "Deva"
  case bengali = "Beng"
  case gurmukhi = "Guru"
  case gujarati = "Gujr"
  case tamil = "Taml"
  case telugu = "Telu"
  case kannada = "Knda"
  case malayalam = "Mlym"
  case sinhala = "Sinh"
  case thai = "Thai"
  case lao = "Laoo"
  case tibetan = "Tibt"
  case burmese = "Mymr"
  case georgian = "Geor"
  case ethiopic = "Ethi"
  case khmer = "Khmr"
  case hangul = "Hang"
  case hiragana = "Hira"
  case katakana = "Kana"
  case han = "Hani"

  /// The script of a letter or mark; nil for what is no letter, belongs to all scripts, or to one not listed.
  init?(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A: self = .latin
    case 0..<0xAA: return nil
    case 0xAA, 0xBA,
      0xC0...0x24F where scalar.value != 0xD7 && scalar.value != 0xF7:
      self = .latin
    case 0x250...0x2AF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA722...0xA787, 0xFB00...0xFB06,
      0xFF21...0xFF3A, 0xFF41...0xFF5A:
      self = .latin
    case 0x370...0x3FF where scalar.properties.isAlphabetic: self = .greek
    case 0x1F00...0x1FFF where scalar.properties.isAlphabetic: self = .greek
    case 0x400...0x52F, 0x1C80...0x1C8A, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
    case 0x531...0x587: self = .armenian
    case 0x5D0...0x5F2, 0xFB1D...0xFB4F: self = .hebrew
    case 0x620...0x65F, 0x66E...0x6D3, 0x6D5, 0x6EE...0x6FF, 0x750...0x77F, 0x8A0...0x8FF,
      0xFB50...0xFDFF, 0xFE70...0xFEFC:
      self = .arabic
    case 0x900...0x963, 0x970...0x97F: self = .devanagari
    case 0x980...0x9E3: self = .bengali
    case 0xA01...0xA63, 0xA70...0xA76: self = .gurmukhi
    case 0xA81...0xAE3: self = .gujarati
    case 0xB82...0xBE5: self = .tamil
    case 0xC00...0xC63: self = .telugu
    case 0xC80...0xCE3: self = .kannada
    case 0xD00...0xD63: self = .malayalam
    case 0xD81...0xDF3: self = .sinhala
    case 0xE01...0xE3A, 0xE40...0xE4E: self = .thai
    case 0xE81...0xECD, 0xEDC...0xEDF: self = .lao
    case 0xF00, 0xF40...0xFBC: self = .tibetan
    case 0x1000...0x103F, 0x1050...0x109F: self = .burmese
    case 0x10A0...0x10FF, 0x1C90...0x1CBF, 0x2D00...0x2D2D: self = .georgian
    case 0x1200...0x135F, 0x1380...0x139F: self = .ethiopic
    case 0x1780...0x17D3: self = .khmer
    case 0x1100...0x11FF, 0x3131...0x318E, 0xA960...0xA97C, 0xAC00...0xD7FB: self = .hangul
    case 0x3041...0x309F: self = .hiragana
    case 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: self = .katakana
    case 0x3005, 0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF:
      self = .han
    default: return nil
    }
  }

  var isWrittenWithoutBlanks: Bool {
    switch self {
    case .han, .hiragana, .katakana, .thai, .lao, .khmer, .burmese, .tibetan: true
    default: false
    }
  }

  /// The language that stands for the script where one language, by far, is written in it; nil where letters and words
  /// must tell.
  var soleLanguage: String? {
    switch self {
    case .latin, .cyrillic, .arabic, .han: nil
    case .greek: "el"
    case .armenian: "hy"
    case .hebrew: "he"
    case .devanagari: "hi"
    case .bengali: "bn"
    case .gurmukhi: "pa"
    case .gujarati: "gu"
    case .tamil: "ta"
    case .telugu: "te"
    case .kannada: "kn"
    case .malayalam: "ml"
    case .sinhala: "si"
    case .thai: "th"
    case .lao: "lo"
    case .tibetan: "bo"
    case .burmese: "my"
    case .georgian: "ka"
    case .ethiopic: "am"
    case .khmer: "km"
    case .hangul: "ko"
    case .hiragana, .katakana: "ja"
    }
  }
}
