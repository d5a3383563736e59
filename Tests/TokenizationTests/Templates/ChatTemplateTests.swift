import Records
import Testing

@testable import Tokenization

struct ChatTemplateTests {
  private func render(_ source: String, _ variables: [String: JSONValue] = [:]) throws -> String {
    try ChatTemplate(source: source).render(TemplateContext(variables, now: 0))
  }

  @Test(arguments: [
    ("{{ 1 }}\n", "1"), ("{{ 1 }}\n\n", "1\n"), ("a\r\nb", "a\nb"),
    ("  {% if true %}\n  x\n  {% endif %}\ny", "  x\ny"),
    ("a  {%- if true -%}  x  {%- endif -%}  b", "axb"),
    ("  {%+ if true +%}\nx{% endif %}", "  \nx"),
    ("{# gone #}a{#- gone -#} b", "ab"),
    ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ("{{ '%}' ~ \"}}\" ~ {'a': {}} }}", "%}}}{'a': {}}"),
  ])
  func `white space and tags are read as with trimmed blocks`(source: String, expected: String) throws {
    #expect(try render(source) == expected)
  }

  @Test(arguments: [
    (
      "{{ none }} {{ true }} {{ 1.0 }} {{ 1e16 }} {{ [1, 'a'] }} {{ (1,) }}",
      "None True 1.0 1e+16 [1, 'a'] (1,)"
    ),
    ("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 3 }}", "-4 2 3.5 8"),
    ("{{ missing }}|{{ missing is defined }}|{{ missing | default('d') }}", "|False|d"),
    ("{{ m | tojson }}", #"{"b": "<é>", "a": [1, 2.0, null]}"#),
    (
      "{% for x in [1, 2, 3][::-1] if x != 2 %}{{ loop.index }}{{ x }}{{ ',' if not loop.last }}{% endfor %}",
      "13,21"
    ),
    (
      "{% set ns = namespace(n=0) %}{% for x in [1, 2] %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}", "3"
    ),
    ("{% macro f(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }} {{ f(b=3, a=0) }}", "1-2 0-3"),
    ("{% macro f() %}[{{ caller(1) }}]{% endmacro %}{% call(x) f() %}{{ x }}{% endcall %}", "[1]"),
    ("{{ strftime_now('%Y') is string }}", "True"),
    ("{{ 'e\u{301}' == '\u{e9}' }}{{ 'e\u{301}' | length }}", "False2"),
  ])
  func `expressions have Python's values`(source: String, expected: String) throws {
    let m: JSONValue = ["b": "<é>", "a": [1, 2.0, .null]]
    let text = try render(source, ["m": m])
    #expect(Array(text.utf8) == Array(expected.utf8))
  }

  @Test(arguments: [
    ("a\n{% include 'x' %}", 2, "the tag 'include'"),
    ("{{ x | frobnicate }}", 1, "the filter 'frobnicate'"),
    ("{% if x is odious %}{% endif %}", 1, "the test 'odious'"),
    ("\n\n{{ frobnicate(1) }}", 3, "the function 'frobnicate'"),
    ("{{ messages.append(1) }}", 1, "the method 'append'"),
    ("{{ x | tojson(colour=1) }}", 1, "the filter 'tojson' has no free parameter 'colour'"),
    ("{{ x | map('frobnicate') }}", 1, "the filter 'frobnicate'"),
    ("{{ x | select(y) }}", 1, "the filter 'select' needs a literal name"),
    ("{% for x in y recursive %}{% endfor %}", 1, "recursive loops"),
    ("{{ f(*x) }}", 1, "'*' arguments"),
    ("{{ '%s' % x }}", 1, "formatting a string"),
    ("{% do x %}", 1, "the tag 'do'"),
  ])
  func `a construct that is not known is an error when loading`(source: String, line: Int, message: String) {
    let error = #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
    #expect(error?.kind == .unsupported)
    #expect(error?.line == line)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    "{{ x", "{% if x %}", "{% endif %}", "{{ 'a }}", "{{ (1 }}", "{# x", "{% raw %}", "{{ }}",
    "{% for in x %}{% endfor %}",
    "{% break %}", "{{ 1 1 }}", "{% set 1 = 2 %}", "{{ a.[1] }}", "{% if x %}{% endfor %}",
  ])
  func `what is not Jinja is an error when loading`(source: String) {
    #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
  }

  @Test func `errors while rendering carry the line`() throws {
    let cases: [(String, TemplateError.Kind, Int)] = [
      ("\n{{ raise_exception('no ' ~ 1) }}", .raised, 2), ("{{ missing.x }}", .evaluation, 1),
      ("a\nb\n{{ 1 + 'a' }}", .evaluation, 3), ("{% for x in 5 %}{% endfor %}", .evaluation, 1),
    ]
    for (source, kind, line) in cases {
      let template = try ChatTemplate(source: source)
      let error = #expect(throws: TemplateError.self) { try template.render(TemplateContext()) }
      #expect(error?.kind == kind)
      #expect(error?.line == line)
    }
  }

  @Test func `a hostile template ends with an error`() throws {
    let bodies = [
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
      "{{ 'a' * 999999999 }}",
      "{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    ]
    for body in bodies {
      let template = try ChatTemplate(source: body)
      #expect(throws: TemplateError.self) { try template.render(TemplateContext()) }
    }
    let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
    #expect(throws: TemplateError.self) { try ChatTemplate(source: "{{ \(deep) }}") }
    let long = Array(repeating: "1", count: 5000).joined(separator: " + ")
    #expect(throws: TemplateError.self) { try ChatTemplate(source: "{{ \(long) }}") }
    let blocks = String(repeating: "{% if 1 %}", count: 5000)
    #expect(throws: TemplateError.self) { try ChatTemplate(source: blocks) }
  }
}
