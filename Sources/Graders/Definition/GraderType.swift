/// The graders that a definition can name. Adding a case makes the compiler list the places to complete.
package enum GraderType: String, Sendable, CaseIterable {
  case stringCheck = "string_check"
  case number
  case regex
  case json
  case length
  case textSimilarity = "text_similarity"
  case repetition
  case language
  case budget
  case rules
  case brevity
  case code
  case python
  case pythonFunction = "python_function"
  case reasoningGym = "reasoning_gym"
  case scoreModel = "score_model"
  case labelModel = "label_model"
  case pairwiseModel = "pairwise_model"
  case endpoint
  case lambda
  case multi
}
