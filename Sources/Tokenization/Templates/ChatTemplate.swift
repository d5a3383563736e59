/// A chat template: the part of Jinja that chat templates use, in the environment that Hugging Face renders them
/// in (`trim_blocks`, `lstrip_blocks`, loop controls, its own `tojson`, no escaping, no changing of lists and
/// dictionaries).
///
/// What it does not know is an error when it is loaded.
package struct ChatTemplate: Sendable {
  package let source: String
  private let statements: [TemplateStatement]

  package init(source: String) throws(TemplateError) {
    self.source = source
    statements = try TemplateParser.parse(source)
  }

  /// The text of this template for these variables.
  package func render(_ context: TemplateContext) throws(TemplateError) -> String {
    let scope = TemplateScope()
    for (name, value) in context.variables { scope.set(name, TemplateValue(value)) }
    let renderer = TemplateRenderer(now: context.now)
    return try renderer.render(statements, in: scope)
  }

  /// ChatML, for a model that ships no template.
  package static let chatML = """
    {%- for message in messages -%}
    {{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endfor -%}
    {%- if add_generation_prompt -%}
    {{ '<|im_start|>assistant\\n' }}
    {%- endif -%}
    """
}
