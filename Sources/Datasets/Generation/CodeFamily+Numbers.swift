extension CodeFamily {
  static let ofOneNumber: [CodeFamily] = [
    number(
      ["multiply", "times", "scale"], ["Return {0} multiplied by {k}.", "Return {0} times {k}."],
      "return {0} * {k}", k: 2...12
    ) {
      .int($0 * $1)
    },
    number(
      ["add_constant", "increase", "plus"],
      ["Return {0} plus {k}.", "Add {k} to {0} and return the result."], "return {0} + {k}", k: 1...30
    ) {
      .int($0 + $1)
    },
    number(
      ["subtract_constant", "decrease", "minus"],
      ["Return {0} minus {k}.", "Subtract {k} from {0} and return the result."], "return {0} - {k}", k: 1...30
    ) {
      .int($0 - $1)
    },
    number(
      ["square", "squared"], ["Return the square of {0}.", "Return {0} multiplied by itself."],
      "return {0} * {0}"
    ) { n, _ in
      .int(n * n)
    },
    number(
      ["cube", "cubed"], ["Return the cube of {0}.", "Return {0} to the power of 3."], "return {0} ** 3",
      in: -9...12
    ) { n, _ in
      .int(n * n * n)
    },
    number(
      ["negate", "opposite", "flip_sign"], ["Return {0} with its sign changed.", "Return minus {0}."],
      "return -{0}"
    ) { n, _ in
      .int(-n)
    },
    number(
      ["is_even", "even", "check_even"],
      ["Return True if {0} is even, else False.", "Return whether {0} is even."], "return {0} % 2 == 0"
    ) { n, _ in
      .bool(n % 2 == 0)
    },
    number(
      ["is_odd", "odd", "check_odd"],
      ["Return True if {0} is odd, else False.", "Return whether {0} is odd."], "return {0} % 2 != 0"
    ) { n, _ in
      .bool(n % 2 != 0)
    },
    number(
      ["is_divisible", "divides", "check_divisible"],
      ["Return True if {0} is divisible by {k}, else False.", "Return whether {k} divides {0}."],
      "return {0} % {k} == 0", in: 0...40, k: 3...6
    ) {
      .bool($0 % $1 == 0)
    },
    number(
      ["is_positive", "positive"],
      ["Return True if {0} is greater than 0, else False.", "Return whether {0} is positive."],
      "return {0} > 0", in: -30...30
    ) { n, _ in
      .bool(n > 0)
    },
    number(
      ["is_negative", "below_zero"],
      ["Return True if {0} is less than 0, else False.", "Return whether {0} is negative."], "return {0} < 0",
      in: -30...30
    ) { n, _ in
      .bool(n < 0)
    },
    number(
      ["is_above", "exceeds", "more_than"],
      ["Return True if {0} is greater than {k}, else False.", "Return whether {0} is above {k}."],
      "return {0} > {k}", in: 0...60, k: 10...50
    ) {
      .bool($0 > $1)
    },
    number(
      ["absolute", "absolute_value", "magnitude"],
      ["Return the absolute value of {0}.", "Return {0} without its sign."], "return abs({0})", in: -40...40
    ) { n, _ in
      .int(abs(n))
    },
    number(
      ["last_digit", "ones_digit"], ["Return the last digit of {0}.", "Return the ones digit of {0}."],
      "return {0} % 10", in: 0...999
    ) { n, _ in
      .int(n % 10)
    },
    number(
      ["digit_sum", "sum_digits", "add_digits"],
      ["Return the sum of the digits of {0}.", "Add up the digits of {0}."],
      "return sum(int(d) for d in str({0}))", in: 0...999
    ) { n, _ in
      .int(String(n).compactMap(\.wholeNumberValue).reduce(0, +))
    },
    number(
      ["count_digits", "number_of_digits"],
      ["Return how many digits {0} has.", "Return the number of digits of {0}."], "return len(str({0}))",
      in: 0...99_999
    ) { n, _ in
      .int(String(n).count)
    },
    number(
      ["factorial", "fact"],
      ["Return the factorial of {0}.", "Return the product of the numbers from 1 to {0}."],
      "result = 1\nfor i in range(2, {0} + 1):\n    result *= i\nreturn result", in: 1...9
    ) { n, _ in
      .int((1...n).reduce(1, *))
    },
    number(
      ["sum_to", "sum_up_to", "triangle"],
      ["Return the sum of the numbers from 1 to {0}.", "Add all whole numbers from 1 to {0}."],
      "return sum(range(1, {0} + 1))", in: 1...40
    ) { n, _ in
      .int(n * (n + 1) / 2)
    },
    number(
      ["minutes", "to_minutes", "hours_to_minutes"],
      ["Return how many minutes {0} hours have.", "Convert {0} hours to minutes."], "return {0} * 60",
      in: 0...48
    ) { n, _ in
      .int(n * 60)
    },
    number(
      ["to_days", "weeks_to_days", "days"],
      ["Return how many days {0} weeks have.", "Convert {0} weeks to days."], "return {0} * 7", in: 0...60
    ) { n, _ in
      .int(n * 7)
    },
    number(
      ["at_most", "cap", "limit"], ["Return {0}, but at most {k}.", "Return the smaller of {0} and {k}."],
      "return min({0}, {k})", in: 0...60, k: 15...45
    ) {
      .int(min($0, $1))
    },
    number(
      ["sign", "sign_of"], ["Return 1 if {0} is positive, -1 if it is negative, and 0 if it is zero."],
      "return ({0} > 0) - ({0} < 0)", in: -4...4
    ) { n, _ in
      .int(n.signum())
    },
    number(
      ["half", "halve"],
      ["Return half of {0}, rounded down.", "Return {0} divided by 2 without the remainder."],
      "return {0} // 2", in: 0...90
    ) { n, _ in
      .int(n / 2)
    },
    number(
      ["remainder", "modulo"], ["Return the remainder of {0} divided by {k}.", "Return {0} modulo {k}."],
      "return {0} % {k}", in: 0...90, k: 3...9
    ) {
      .int($0 % $1)
    },
    number(
      ["is_prime", "prime"], ["Return True if {0} is a prime number, else False."],
      "if {0} < 2:\n    return False\nfor i in range(2, {0}):\n    if {0} % i == 0:\n        return False\nreturn True",
      in: 0...40
    ) { n, _ in
      .bool(n > 1 && (2..<n).allSatisfy { n % $0 != 0 })
    },
    number(
      ["countdown", "count_down"], ["Return a list of the numbers from {0} down to 1."],
      "return list(range({0}, 0, -1))", in: 1...8
    ) { n, _ in
      .ints((1...n).reversed())
    },
    number(
      ["count_up", "numbers_up_to", "one_to"], ["Return a list of the numbers from 1 to {0}."],
      "return list(range(1, {0} + 1))", in: 1...9
    ) { n, _ in
      .ints(Array(1...n))
    },
    number(
      ["squares", "list_squares"], ["Return a list of the squares of the numbers from 1 to {0}."],
      "return [i * i for i in range(1, {0} + 1)]", in: 1...8
    ) { n, _ in
      .ints((1...n).map { $0 * $0 })
    },
    number(
      ["to_text", "as_text"], ["Return {0} as a string.", "Convert {0} to a string."], "return str({0})"
    ) { n, _ in
      .text(String(n))
    },
  ]

  static let ofTwoNumbers: [CodeFamily] = [
    numbers(
      ["add", "total", "add_numbers"], ["Return the sum of {0} and {1}.", "Add {0} and {1}."],
      "return {0} + {1}"
    ) {
      .int($0 + $1)
    },
    numbers(
      ["subtract", "difference"], ["Return {0} minus {1}.", "Subtract {1} from {0}."], "return {0} - {1}"
    ) {
      .int($0 - $1)
    },
    numbers(
      ["multiply", "product"], ["Return the product of {0} and {1}.", "Multiply {0} and {1}."],
      "return {0} * {1}"
    ) {
      .int($0 * $1)
    },
    numbers(
      ["larger", "max_of_two", "bigger"],
      ["Return the larger of {0} and {1}.", "Return the bigger one of {0} and {1}."], "return max({0}, {1})"
    ) {
      .int(max($0, $1))
    },
    numbers(
      ["smaller", "min_of_two", "lesser"],
      ["Return the smaller of {0} and {1}.", "Return the lesser one of {0} and {1}."], "return min({0}, {1})"
    ) {
      .int(min($0, $1))
    },
    numbers(
      ["distance", "absolute_difference", "gap"],
      ["Return the absolute difference of {0} and {1}.", "Return how far apart {0} and {1} are."],
      "return abs({0} - {1})"
    ) {
      .int(abs($0 - $1))
    },
    numbers(
      ["power", "raise_to"], ["Return {0} to the power of {1}.", "Return {0} raised to {1}."],
      "return {0} ** {1}", in: 1...6, 0...4
    ) {
      base, exponent in .int((0..<exponent).reduce(1) { result, _ in result * base })
    },
    numbers(
      ["gcd", "common_divisor"], ["Return the greatest common divisor of {0} and {1}."],
      "while {1}:\n    {0}, {1} = {1}, {0} % {1}\nreturn {0}", in: 2...48
    ) {
      a, b in .int((1...min(a, b)).last { a % $0 == 0 && b % $0 == 0 } ?? 1)
    },
    numbers(
      ["area", "rectangle_area"], ["Return the area of a rectangle with the sides {0} and {1}."],
      "return {0} * {1}", in: 1...30, as: [["width", "height"], ["a", "b"], ["length", "width"]]
    ) {
      .int($0 * $1)
    },
    numbers(
      ["perimeter", "rectangle_perimeter"],
      ["Return the perimeter of a rectangle with the sides {0} and {1}."], "return 2 * ({0} + {1})",
      in: 1...30, as: [["width", "height"], ["a", "b"], ["length", "width"]]
    ) {
      .int(2 * ($0 + $1))
    },
    numbers(
      ["total_price", "cost"], ["Return the price of {1} things that cost {0} each."], "return {0} * {1}",
      in: 1...40, 1...12, as: [["price", "count"], ["price", "quantity"], ["cost", "n"]]
    ) {
      .int($0 * $1)
    },
    numbers(
      ["is_multiple", "divisible"], ["Return True if {0} is a multiple of {1}, else False."],
      "return {0} % {1} == 0", in: 0...40, 2...6
    ) {
      .bool($0 % $1 == 0)
    },
    numbers(
      ["same", "are_equal", "equal"],
      ["Return True if {0} and {1} are equal, else False.", "Return whether {0} equals {1}."],
      "return {0} == {1}", in: 0...3
    ) {
      .bool($0 == $1)
    },
    numbers(
      ["whole_quotient", "divide_evenly"],
      ["Return {0} divided by {1}, rounded down.", "Return how many times {1} fits into {0}."],
      "return {0} // {1}", in: 0...90, 2...9
    ) {
      .int($0 / $1)
    },
  ]
}
