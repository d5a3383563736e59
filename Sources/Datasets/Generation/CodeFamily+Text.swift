extension CodeFamily {
  private static let vowels: Set<Character> = ["a", "e", "i", "o", "u"]

  static let ofText: [CodeFamily] = [
    text(
      ["reverse", "reverse_string", "backwards"],
      ["Return {0} reversed.", "Return the characters of {0} in reverse order."], "return {0}[::-1]"
    ) { s, _ in
      .text(String(s.reversed()))
    },
    text(
      ["count_vowels", "vowels", "number_of_vowels"],
      ["Return how many vowels {0} has.", "Count the vowels (a, e, i, o, u) in {0}."],
      "return sum(1 for c in {0}.lower() if c in 'aeiou')", words: 1...3
    ) { s, _ in
      .int(s.lowercased().count(where: vowels.contains))
    },
    text(
      ["to_upper", "shout", "upper_case"], ["Return {0} in upper case.", "Return {0} in capital letters."],
      "return {0}.upper()", words: 1...2
    ) { s, _ in
      .text(s.uppercased())
    },
    text(
      ["to_lower", "lower_case"], ["Return {0} in lower case.", "Return {0} in small letters."],
      "return {0}.lower()", words: 1...3
    ) { s, _ in
      .text(s.lowercased())
    },
    text(
      ["first_letter", "first_character", "initial"], ["Return the first character of {0}."], "return {0}[0]"
    ) { s, _ in
      .text(String(s.prefix(1)))
    },
    text(["last_letter", "last_character"], ["Return the last character of {0}."], "return {0}[-1]") { s, _ in
      .text(String(s.suffix(1)))
    },
    text(
      ["length", "count_characters", "size"],
      ["Return the length of {0}.", "Return how many characters {0} has."], "return len({0})", words: 1...3
    ) { s, _ in
      .int(s.count)
    },
    text(
      ["is_palindrome", "palindrome"],
      ["Return True if {0} reads the same backwards, else False.", "Return whether {0} is a palindrome."],
      "return {0} == {0}[::-1]"
    ) { s, _ in
      .bool(String(s.reversed()) == s)
    },
    text(
      ["count_letter", "count_char", "occurrences"],
      ["Return how often {k} occurs in {0}.", "Count the letter {k} in {0}."], "return {0}.count({k})",
      words: 1...3, k: 0...8, letter: true
    ) { s, k in
      .int(s.count { $0 == letter(k) })
    },
    text(
      ["has_letter", "contains_letter"],
      ["Return True if {0} contains {k}, else False.", "Return whether {k} is in {0}."], "return {k} in {0}",
      k: 0...8, letter: true
    ) { s, k in
      .bool(s.contains(letter(k)))
    },
    text(
      ["count_words", "word_count", "number_of_words"],
      ["Return how many words {0} has.", "Count the words of {0}, which are separated by spaces."],
      "return len({0}.split())", words: 1...6
    ) { s, _ in
      .int(s.split(separator: " ").count)
    },
    text(
      ["remove_spaces", "without_spaces"], ["Return {0} without spaces.", "Remove all spaces from {0}."],
      "return {0}.replace(' ', '')", words: 1...4
    ) { s, _ in
      .text(s.replacing(" ", with: ""))
    },
    text(
      ["underscores", "snake", "spaces_to_underscores"], ["Replace every space in {0} by an underscore."],
      "return {0}.replace(' ', '_')", words: 1...4
    ) { s, _ in
      .text(s.replacing(" ", with: "_"))
    },
    text(
      ["repeat", "repeat_text", "times"], ["Return {0} repeated {k} times.", "Repeat {0} {k} times."],
      "return {0} * {k}", k: 2...5
    ) { s, k in
      .text(String(repeating: s, count: k))
    },
    text(
      ["prefix", "first_letters", "start"], ["Return the first {k} characters of {0}."], "return {0}[:{k}]",
      k: 2...4
    ) { s, k in
      .text(String(s.prefix(k)))
    },
    text(
      ["suffix", "last_letters", "ending"], ["Return the last {k} characters of {0}."], "return {0}[-{k}:]",
      k: 2...4
    ) { s, k in
      .text(String(s.suffix(k)))
    },
    text(
      ["is_longer", "longer_than", "is_long"],
      ["Return True if {0} has more than {k} characters, else False."], "return len({0}) > {k}", k: 4...5
    ) { s, k in
      .bool(s.count > k)
    },
    text(
      ["split_words", "words_of", "to_words"],
      ["Return a list of the words of {0}.", "Split {0} at its spaces."], "return {0}.split()", words: 1...5
    ) { s, _ in
      .texts(s.split(separator: " ").map(String.init))
    },
    text(
      ["first_word", "opening_word"], ["Return the first word of {0}."], "return {0}.split()[0]", words: 2...5
    ) { s, _ in
      .text(String(s.prefix { $0 != " " }))
    },
    text(
      ["greet", "say_hello", "greeting"],
      ["Return 'Hello, ' followed by {0}.", "Greet {0}: return 'Hello, ' and {0}."], "return 'Hello, ' + {0}"
    ) { s, _ in
      .text("Hello, " + s)
    },
    text(
      ["initials", "first_letters_of_words"],
      ["Return the first letters of the words of {0}, joined together."],
      "return ''.join(w[0] for w in {0}.split())", words: 2...4
    ) { s, _ in
      .text(s.split(separator: " ").map { String($0.prefix(1)) }.joined())
    },
  ]
}
