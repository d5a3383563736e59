extension CodeFamily {
  static let ofNumbers: [CodeFamily] = [
    list(
      ["total", "sum_list", "add_all"], ["Return the sum of {0}.", "Add up all numbers in {0}."],
      "return sum({0})", count: 0...6
    ) { n, _ in
      .int(n.reduce(0, +))
    },
    list(
      ["largest", "max_of_list", "biggest"],
      ["Return the largest number in {0}.", "Return the maximum of {0}."], "return max({0})"
    ) { n, _ in
      .int(n.max() ?? 0)
    },
    list(
      ["smallest", "min_of_list", "lowest"],
      ["Return the smallest number in {0}.", "Return the minimum of {0}."], "return min({0})"
    ) { n, _ in
      .int(n.min() ?? 0)
    },
    list(
      ["reverse_list", "reversed_list"],
      ["Return {0} in reverse order.", "Return a list with the elements of {0} backwards."],
      "return {0}[::-1]", count: 0...6
    ) { n, _ in
      .ints(n.reversed())
    },
    list(
      ["sum_even", "sum_of_evens", "add_evens"], ["Return the sum of the even numbers in {0}."],
      "return sum(v for v in {0} if v % 2 == 0)", count: 0...6
    ) { n, _ in
      .int(n.filter { $0 % 2 == 0 }.reduce(0, +))
    },
    list(
      ["count_even", "number_of_evens"],
      ["Return how many numbers in {0} are even.", "Count the even numbers in {0}."],
      "return sum(1 for v in {0} if v % 2 == 0)", count: 0...7
    ) { n, _ in
      .int(n.count { $0 % 2 == 0 })
    },
    list(
      ["only_even", "keep_even", "evens"], ["Return a list of the even numbers in {0}."],
      "return [v for v in {0} if v % 2 == 0]", count: 0...6
    ) { n, _ in
      .ints(n.filter { $0 % 2 == 0 })
    },
    list(
      ["only_odd", "keep_odd", "odds"], ["Return a list of the odd numbers in {0}."],
      "return [v for v in {0} if v % 2 != 0]", count: 0...6
    ) { n, _ in
      .ints(n.filter { $0 % 2 != 0 })
    },
    list(
      ["only_positive", "keep_positive", "positives"],
      ["Return a list of the numbers in {0} that are greater than 0."], "return [v for v in {0} if v > 0]",
      count: 0...6, in: -15...15
    ) { n, _ in
      .ints(n.filter { $0 > 0 })
    },
    list(
      ["scale_all", "multiply_all", "times_each"],
      ["Return a list with every number in {0} multiplied by {k}.", "Multiply each number in {0} by {k}."],
      "return [v * {k} for v in {0}]", count: 0...5, k: 2...9
    ) { n, k in
      .ints(n.map { $0 * k })
    },
    list(
      ["add_to_all", "shift", "increase_all"],
      ["Return a list with {k} added to every number in {0}.", "Add {k} to each number in {0}."],
      "return [v + {k} for v in {0}]", count: 0...5, k: 1...20
    ) { n, k in
      .ints(n.map { $0 + k })
    },
    list(
      ["above", "larger_than", "keep_above"],
      ["Return a list of the numbers in {0} that are greater than {k}."],
      "return [v for v in {0} if v > {k}]", count: 0...6, k: 5...15
    ) { n, k in
      .ints(n.filter { $0 > k })
    },
    list(
      ["count_above", "how_many_above"],
      ["Return how many numbers in {0} are greater than {k}.", "Count the numbers in {0} above {k}."],
      "return sum(1 for v in {0} if v > {k})", count: 0...7, k: 5...15
    ) { n, k in
      .int(n.count { $0 > k })
    },
    list(
      ["sort_descending", "sort_down", "largest_first"], ["Return {0} sorted from largest to smallest."],
      "return sorted({0}, reverse=True)", count: 0...6
    ) { n, _ in
      .ints(n.sorted(by: >))
    },
    list(
      ["sort_ascending", "sort_up", "smallest_first"],
      ["Return {0} sorted from smallest to largest.", "Return a sorted copy of {0}."], "return sorted({0})",
      count: 0...6
    ) { n, _ in
      .ints(n.sorted())
    },
    list(["first", "first_element", "head"], ["Return the first element of {0}."], "return {0}[0]") { n, _ in
      .int(n.first ?? 0)
    },
    list(["last", "last_element", "final"], ["Return the last element of {0}."], "return {0}[-1]") { n, _ in
      .int(n.last ?? 0)
    },
    list(
      ["count_value", "occurrences", "how_often"],
      ["Return how often {k} occurs in {0}.", "Count how many elements of {0} are equal to {k}."],
      "return {0}.count({k})", count: 0...7, in: 0...4, k: 0...4
    ) { n, k in
      .int(n.count { $0 == k })
    },
    list(
      ["has_value", "contains_value", "includes"],
      ["Return True if {k} is in {0}, else False.", "Return whether {0} contains {k}."], "return {k} in {0}",
      count: 0...5, in: 0...6, k: 0...6
    ) { n, k in
      .bool(n.contains(k))
    },
    list(
      ["unique", "without_duplicates", "distinct"],
      [
        "Return {0} without duplicates, keeping the first of each.",
        "Remove repeated numbers from {0}, keeping the order.",
      ], "result = []\nfor v in {0}:\n    if v not in result:\n        result.append(v)\nreturn result",
      count: 0...7, in: 0...4
    ) { n, _ in
      .ints(n.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    },
    list(
      ["product", "multiply_list"],
      ["Return the product of all numbers in {0}.", "Multiply all numbers in {0}."],
      "result = 1\nfor v in {0}:\n    result *= v\nreturn result", count: 1...5, in: 1...6
    ) { n, _ in
      .int(n.reduce(1, *))
    },
    list(
      ["list_length", "count_elements", "size_of"],
      ["Return how many elements {0} has.", "Return the length of {0}."], "return len({0})", count: 0...7
    ) { n, _ in
      .int(n.count)
    },
    list(
      ["value_range", "spread", "max_minus_min"], ["Return the largest number in {0} minus the smallest."],
      "return max({0}) - min({0})"
    ) { n, _ in
      .int((n.max() ?? 0) - (n.min() ?? 0))
    },
    list(
      ["square_all", "squares_of"], ["Return a list of the squares of the numbers in {0}."],
      "return [v * v for v in {0}]", count: 0...5
    ) { n, _ in
      .ints(n.map { $0 * $0 })
    },
    list(
      ["first_elements", "take", "start_of"], ["Return the first {k} elements of {0}."], "return {0}[:{k}]",
      count: 0...6, k: 2...3
    ) { n, k in
      .ints(Array(n.prefix(k)))
    },
  ]

  static let ofWords: [CodeFamily] = [
    words(
      ["word_lengths", "lengths"],
      ["Return a list of the lengths of {0}.", "Return the length of every string in {0}."],
      "return [len(w) for w in {0}]", count: 0...5
    ) { w, _ in
      .ints(w.map(\.count))
    },
    words(
      ["long_words", "longer_words", "keep_long"],
      ["Return a list of the strings in {0} that have more than {k} characters."],
      "return [w for w in {0} if len(w) > {k}]", count: 0...5, k: 3...5
    ) { w, k in
      .texts(w.filter { $0.count > k })
    },
    words(
      ["join_words", "join_all", "sentence"],
      ["Return the strings in {0} joined by spaces.", "Join {0} with a space between the strings."],
      "return ' '.join({0})"
    ) { w, _ in
      .text(w.joined(separator: " "))
    },
    words(
      ["join_commas", "comma_list"], ["Return the strings in {0} joined by ', '."], "return ', '.join({0})"
    ) { w, _ in
      .text(w.joined(separator: ", "))
    },
    words(
      ["upper_all", "shout_all"], ["Return a list of the strings in {0} in upper case."],
      "return [w.upper() for w in {0}]", count: 0...4
    ) { w, _ in
      .texts(w.map { $0.uppercased() })
    },
    words(
      ["longest_word", "longest"], ["Return the longest string in {0}; the first one, if there are several."],
      "return max({0}, key=len)"
    ) { w, _ in
      .text(w.first { word in w.allSatisfy { $0.count <= word.count } } ?? "")
    },
    words(
      ["total_length", "count_all_characters"],
      ["Return how many characters the strings in {0} have together."], "return sum(len(w) for w in {0})",
      count: 0...4
    ) { w, _ in
      .int(w.reduce(0) { $0 + $1.count })
    },
    words(
      ["first_letters", "heads"], ["Return a list of the first characters of the strings in {0}."],
      "return [w[0] for w in {0}]", count: 0...5
    ) { w, _ in
      .texts(w.map { String($0.prefix(1)) })
    },
  ]
}
