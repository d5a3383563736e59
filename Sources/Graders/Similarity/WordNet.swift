import Foundation

/// The synonyms in WordNet's database files (`wndb(5WN)`), found as nltk's reader finds them.
///
/// The files belong to whoever runs the grader; none are shipped. They are mapped, and searched where they lie: the
/// lines of an index are in order, and name offsets of lines in a data file.
struct WordNet: Sendable {
  enum PartOfSpeech: String, CaseIterable {
    case noun, verb
    case adjective = "adj"
    case adverb = "adv"

    /// Endings that an inflected form may have, and those of the form to look up instead.
    fileprivate var endings: [(inflected: String, base: String)] {
      switch self {
      case .noun:
        [
          ("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"),
          ("men", "man"), ("ies", "y"),
        ]
      case .verb:
        [
          ("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"),
          ("ing", ""),
        ]
      case .adjective: [("er", ""), ("est", ""), ("er", "e"), ("est", "e")]
      case .adverb: []
      }
    }
  }

  /// What is wrong with a folder that was given as WordNet's.
  struct Unreadable: Error {
    let message: String
  }

  fileprivate struct Files {
    let index: Data
    let data: Data
    let endings: [(inflected: [UInt8], base: [UInt8])]
    /// Irregular forms and what they are forms of.
    let exceptions: [[UInt8]: [[UInt8]]]
  }
  private let parts: [Files]

  init(folder: String) throws(Unreadable) {
    var parts: [Files] = []
    for part in PartOfSpeech.allCases {
      func contents(_ name: String) throws(Unreadable) -> Data {
        do {
          return try Data(
            contentsOf: URL(fileURLWithPath: folder).appending(path: name), options: .mappedIfSafe)
        } catch {
          throw Unreadable(
            message: "cannot read \(name) in '\(folder)'; expected the folder of WordNet's database files "
              + "(in Debian's package wordnet-base: /usr/share/wordnet)")
        }
      }
      var exceptions: [[UInt8]: [[UInt8]]] = [:]
      for line in try contents("\(part.rawValue).exc").split(separator: UInt8(ascii: "\n")) {
        let forms = line.split(separator: 0x20).map(Array.init)
        if let inflected = forms.first { exceptions[inflected] = Array(forms.dropFirst()) }
      }
      parts.append(
        Files(
          index: try contents("index.\(part.rawValue)"), data: try contents("data.\(part.rawValue)"),
          endings: part.endings.map { (Array($0.inflected.utf8), Array($0.base.utf8)) },
          exceptions: exceptions))
    }
    self.parts = parts
  }

  /// The words of every set of synonyms that the word, or a form it may be inflected from, is in.
  func synonyms(of word: Word) -> Set<Word> {
    var synonyms: Set<Word> = []
    // WordNet is ASCII: a word that is not cannot be found.
    guard word.scalars.allSatisfy({ $0 < 0x80 }) else { return synonyms }
    let form = word.scalars.map { UInt8(truncatingIfNeeded: $0) }
    for part in parts {
      for base in [form] + part.bases(of: form) {
        for offset in part.offsets(of: base) { part.addWords(at: offset, to: &synonyms) }
      }
    }
    return synonyms
  }
}

extension WordNet.Files {
  fileprivate func bases(of form: [UInt8]) -> [[UInt8]] {
    if let bases = exceptions[form] { return bases }
    return endings.filter { form.suffix($0.inflected.count).elementsEqual($0.inflected) }
      .map { form.dropLast($0.inflected.count) + $0.base }
  }

  /// Where the sets of synonyms of a lemma stand in the data file.
  fileprivate func offsets(of lemma: [UInt8]) -> [Int] {
    index.withUnsafeBytes { bytes in
      // Between two places at which a line may start; the licence at the top sorts before every lemma.
      var (low, high) = (0, bytes.count)
      while low < high {
        let middle = (low + high) / 2
        let start = middle == 0 ? 0 : (bytes[..<middle].lastIndex(of: 0x0A) ?? -1) + 1
        let end = bytes[middle...].firstIndex(of: 0x0A) ?? bytes.count
        let line = bytes[start..<end]
        let name = line.prefix { $0 != 0x20 }
        if name.elementsEqual(lemma), !name.isEmpty { return Self.offsets(in: line) }
        if name.lexicographicallyPrecedes(lemma) { low = end + 1 } else { high = start }
      }
      return []
    }
  }

  /// `lemma pos synset_cnt p_cnt [ptr_symbol...] sense_cnt tagsense_cnt synset_offset...`
  private static func offsets(in line: Slice<UnsafeRawBufferPointer>) -> [Int] {
    let fields = line.split(separator: 0x20)
    guard fields.count > 2, let count = number(fields[2]), fields.count >= count else { return [] }
    return fields.suffix(count).compactMap { number($0) }
  }

  /// `synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id...] ...`, the count in hexadecimal. Words of
  /// several parts are left out, and so is the marker behind an adjective, as in `galore(ip)`.
  fileprivate func addWords(at offset: Int, to words: inout Set<Word>) {
    data.withUnsafeBytes { bytes in
      guard bytes.indices.contains(offset) else { return }
      let fields = bytes[offset...].prefix { $0 != 0x0A }.prefix { $0 != UInt8(ascii: "|") }.split(
        separator: 0x20)
      guard fields.count > 4, let count = Self.number(fields[3], radix: 16), fields.count >= 4 + 2 * count
      else { return }
      for place in 0..<count {
        let name = fields[4 + 2 * place].prefix { $0 != UInt8(ascii: "(") }
        if !name.contains(UInt8(ascii: "_")) { words.insert(Word(name.map(UInt32.init)[...])) }
      }
    }
  }

  private static func number(_ digits: Slice<UnsafeRawBufferPointer>, radix: Int = 10) -> Int? {
    Int(String(decoding: digits, as: UTF8.self), radix: radix)
  }
}
