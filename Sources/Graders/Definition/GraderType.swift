/// The graders that a definition can name. Adding a case makes the compiler list the places to complete.
package enum GraderType: String, Sendable, CaseIterable {
  case stringCheck = "string_check"
  case number
  case regex
  case json
  case length
  case budget
  case rules
  case brevity
  case multi
}
