"""Renders chat templates with jinja2 in the environment Hugging Face uses, for the tests of Tokenization to compare.

usage: templates.py FOLDER [MODEL.gguf]

FOLDER receives
  templates.jsonl      {"name", "source"}
  conversations.jsonl  {"template", "variables"} and "text", or "error": "raised" or "other" with "message"
  variables.json       the variables of the snippets
  snippets.jsonl       {"source"} and the same, for one-line templates: hand-written ones and generated expressions

Templates are Scripts/parity/templates/*.jinja, the one in the model, and whatever is in .deps/templates.
"""

import datetime
import functools
import glob
import json
import os
import random
import sys
import warnings

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = 1_790_000_000
CONVERSATIONS = 50
GENERATED = 8000
warnings.filterwarnings("ignore")


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("text"), [], [], body).set_lineno(line)

    def text(self, caller):
        return caller()


class Raised(Exception):
    pass


def environment():
    def raise_exception(message):
        raise Raised(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: datetime.datetime.fromtimestamp(NOW).strftime(f)
    return env


ENV = environment()


def result(source, variables):
    try:
        template = compiled(source)
        text = template.render(**variables)
        text.encode()
        return {"text": text}
    except Raised as error:
        return {"error": "raised", "message": str(error)}
    except Exception as error:
        return {"error": "other", "message": f"{type(error).__name__}: {error}"}


@functools.cache
def compiled(source):
    return ENV.from_string(source)


# Conversations

TEXTS = [
    "Hello!", "  padded \n", "", "line one\nline two\n", "caf\u00e9 \u4f60\u597d \U0001F44D\U0001F3FD", "<b>&amp; \"quoted\" 'single'</b>",
    "tab\there \\ backslash", "{{ not a template }} {% nor this %}", "a\u00a0b\u2003", "\x1cstrange\x85", "ends with /nothink",
    "<tool_response>\nfaked\n</tool_response>", "[INST] <|im_end|> <|eot_id|>", "x" * 50, "\r\nwindows\r\n", "\ufeff\u200bzero width",
]
THOUGHTS = ["<think>\nhm\n</think>\n\nSo be it.", "<think>a</think>b</think>c", "no thought", "\n\n<think>\n\n</think>\n\nanswer", "</think>"]
ARGUMENTS = [
    {}, {"city": "K\u00f6ln", "days": 3}, {"x": 1.0, "y": -2.5e-7, "z": 1e22}, {"nested": {"list": [1, None, True, "a\"b"], "empty": {}, "none": []}},
    {"html": "<a href='x'>&</a>", "text": "line\nbreak\t\u2028"}, {"big": 12345678901234, "flag": False},
]


def tool(r):
    properties = {}
    for name in r.sample(["city", "days", "unit", "items", "options", "zeta", "Alpha"], r.randint(0, 4)):
        kind = r.choice(["string", "integer", "number", "boolean", "array", "object", "union", None])
        spec = {"description": r.choice(["A thing.", "Say \"what\"", "Gr\u00f6\u00dfe"])}
        if kind == "array":
            spec |= {"type": "array", "items": {"type": r.choice(["string", "number"])}}
        elif kind == "object":
            spec |= {"type": "object", "properties": {"inner": {"type": "integer"}, "other": {"type": "string"}}, "required": ["inner"]}
        elif kind == "union":
            spec |= {"type": ["string", "null"]}
        elif kind:
            spec["type"] = kind
        if kind == "string" and r.random() < 0.4:
            spec["enum"] = ["celsius", "kelvin"]
        if r.random() < 0.3:
            spec["default"] = r.choice(["x", 3, 2.5, True, None])
        properties[name] = spec
    parameters = {"type": "object", "properties": properties}
    if r.random() < 0.7:
        parameters["required"] = [n for n in properties if r.random() < 0.5]
    return {"type": "function", "function": {
        "name": r.choice(["get_weather", "search", "add"]), "description": r.choice(["Does it.", "Two\nlines.", "<tag> & \u00e9"]),
        "parameters": parameters}}


def call(r):
    return {"id": r.choice(["call12345", "abcdefghi", "call_1"]), "type": "function",
            "function": {"name": r.choice(["get_weather", "search"]), "arguments": r.choice(ARGUMENTS)}}


def conversation(r):
    messages = []
    if r.random() < 0.5:
        messages.append({"role": "system", "content": r.choice(TEXTS)})
    for _ in range(r.randint(1, 4)):
        messages.append({"role": "user", "content": r.choice(TEXTS)})
        if r.random() < 0.3:
            messages.append({"role": "assistant", "content": r.choice(["", "Let me see."]), "tool_calls": [call(r) for _ in range(r.choice([1, 1, 2]))]})
            for _ in range(r.choice([1, 1, 2])):
                messages.append({"role": "tool", "content": r.choice(['{"t": 21.5}', "sunny", "\u96e8"]), "tool_call_id": "call12345", "name": "get_weather"})
        answer = {"role": "assistant", "content": r.choice(TEXTS + THOUGHTS)}
        if r.random() < 0.2:
            answer["reasoning_content"] = r.choice(["Think.\n", "", " deep "])
        messages.append(answer)
    if r.random() < 0.6:
        messages.pop()
    if r.random() < 0.1:
        r.shuffle(messages)
    if r.random() < 0.05:
        messages.insert(r.randrange(len(messages) + 1), {"role": "developer", "content": "Mind the gap."})
    variables = {"messages": messages, "tools": None, "documents": None, "add_generation_prompt": r.random() < 0.7}
    if r.random() < 0.4:
        variables["tools"] = [tool(r) for _ in range(r.randint(1, 3))]
    if r.random() < 0.8:
        variables |= {"bos_token": "<s>", "eos_token": "</s>"}
    for name, values in [("enable_thinking", [True, False]), ("reasoning_effort", ["low", "high"]), ("date_string", ["01 Jan 2026"]), ("tools_in_user_message", [True, False])]:
        if r.random() < 0.25:
            variables[name] = r.choice(values)
    return variables


def templates(model):
    for path in sorted(glob.glob(f"{HERE}/templates/*.jinja") + glob.glob(f"{HERE}/../../.deps/templates/**/*.jinja", recursive=True)):
        with open(path, newline="") as file:
            yield os.path.relpath(path, HERE + "/../.."), file.read()
    if model:
        from gguf import GGUFReader

        yield "the model's", GGUFReader(model).fields["tokenizer.chat_template"].contents()


# Snippets

VARIABLES = {
    "i": 7, "n": -3, "z": 0, "f": 2.5, "g": 1e16, "h": 1e-5, "t": True, "u": False, "nil": None, "s": "Hello World", "e": "", "w": "  a b \n",
    "q": "it's \"so\" \\ \u00e9\n\t\x01\u200b", "l": [3, 1, 2], "m": ["b", "A", "c"], "k": [], "d": {"b": 1, "A": 2, "items": 3, "c": None}, "o": {},
    "p": [{"r": "x", "v": 1}, {"r": "y", "v": 2}, {"r": "x"}], "x": "a,b,,c", "y": "\u00c4\u03a3\u00df \u0130 a\u0301", "j": [[1, 2], [3, 4]],
}

SNIPPETS = r"""
{{ d.items }}|{{ d['items'] }}
{{ d.items() | list }} {{ d.keys() | list }} {{ d.values() | list }} {{ d.get('b') }} {{ d.get('nope') }} {{ d.get('nope', 5) }}
{{ d | items | list }} {{ d | dictsort }} {{ d | dictsort(true) }} {{ d | dictsort(reverse=true) }} {{ d | length }} {{ d | list }} {{ d | first }}
{{ x.split(',') }} {{ x.split(',', 1) }} {{ w.split() }} {{ w.split(none, 1) }} {{ x.rsplit(',', 1) }} {{ s.split('zz') }} {{ w.strip() }}|{{ w.lstrip() }}|{{ w.rstrip() }}|{{ s.strip('Hd') }}
{{ s.split('') }}
{{ s.startswith('He') }} {{ s.endswith(('x', 'ld')) }} {{ s.replace('l', 'L') }} {{ s.replace('l', 'L', 2) }} {{ s.replace('', '-') }} {{ s.upper() }} {{ s.lower() }} {{ s.find('o') }} {{ s.count('l') }} {{ ','.join(m) }}
{{ y.upper() }} {{ y.lower() }} {{ y | upper }} {{ y | lower }} {{ y | length }} {{ y[::-1] }} {{ y | capitalize }} {{ s | title }} {{ 'o-b (c) dE' | title }}
{{ q }} {{ [q] }} {{ q | tojson }} {{ q | tojson(ensure_ascii=true) }} {{ {'a': [1, 2.0, none, true, {'x': {}}, []]} | tojson }} {{ d | tojson(indent=2) }} {{ p | tojson(indent=1, sort_keys=true) }} {{ l | tojson(separators=(',', ':')) }}
{{ l[0] }} {{ l[-1] }} {{ l[9] }} {{ l[1:] }} {{ l[:-1] }} {{ l[::-1] }} {{ l[5:] }} {{ l[-2:] }} {{ l[::2] }} {{ l[2:0:-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ s[-3:] }} {{ s[0] }} {{ s[99] }}
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 1.5 + 1 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 1e16 }} {{ 123456789.0 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1.0 }} {{ 1e22 }} {{ 12345678901234567.0 }} {{ 9007199254740993.0 }} {{ 1.7976931348623157e308 }} {{ 5e-324 }} {{ -0.0 }}
{{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1_0.5_0 }} {{ 1e3 }} {{ -i }} {{ +i }} {{ - -i }} {{ -i | abs }} {{ t + 1 }} {{ t and i }} {{ nil or 'x' }} {{ not k }} {{ i and k }}
{{ 1 == 1.0 }} {{ 1 == true }} {{ 'a' == 'a' }} {{ [1] == [1.0] }} {{ (1,) == [1] }} {{ {} == {} }} {{ none == false }} {{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 1 != 2 }} {{ 1 <= 1 }} {{ undefined_a == undefined_b }}
{{ 1 < 'a' }}
{{ 'ell' in s }} {{ 'b' in d }} {{ 3 in l }} {{ 3 not in l }} {{ '' in '' }} {{ none in l }} {{ 'x' in nope }} {{ 'x' not in nope }} {{ not 'x' in s }}
{{ 1 in 'a' }}
{{ 'x' in nil }}
{{ nope }}|{{ nope | default('d') }}|{{ e | default('d') }}|{{ e | default('d', true) }}|{{ nope | length }}|{{ nope | list }}|{{ nope | upper }}|{{ nope | trim }}|{{ nope ~ 'x' }}|{{ nope | join(',') }}|{{ nope | first }}|{{ nope | string }}|{{ nope is defined }}|{{ d.nope is defined }}|{{ d.nope }}|{{ [nope] }}
{{ nope.x }}
{{ nope['x'] }}
{{ nope + 'x' }}
{{ nope() }}
{{ nope | tojson }}
{{ nope | int }}
{{ d.nope.x }}
{{ nil.x }}|{{ nil['x'] }}|{{ i.x }}|{{ s.nope }}|{{ l.nope }}|{{ l['nope'] }}|{{ d[1] }}|{{ l['0'] }}|{{ j.0.1 }}
{{ s + 1 }}
{{ 'a' ~ 1 ~ none ~ true ~ 1.0 ~ [1, 'x'] ~ {'k': none} ~ (1,) ~ () }}
{{ 'a' * 3 }} {{ 3 * 'a' }} {{ [1] * 2 }} {{ 'a' * -1 }} {{ [1] + [2] }} {{ (1, 2) + (3,) }}
{{ [1] + (2,) }}
{{ 'x' if t }}|{{ 'x' if u }}|{{ 'x' if u else 'y' }}|{{ 'a' if u else 'b' if u else 'c' }}|{{ ('x' if u) is defined }}
{{ p | map(attribute='r') | list }} {{ p | map(attribute='v', default=0) | list }} {{ m | map('upper') | join('-') }} {{ p | selectattr('v') | list }} {{ p | selectattr('v', 'defined') | list }} {{ p | rejectattr('r', 'equalto', 'x') | list }} {{ l | select('odd') | list }} {{ l | reject('in', [1]) | list }} {{ l | select('>', 1) | list }} {{ m | map('replace', 'b', 'B') | list }} {{ j | map('first') | list }} {{ p | map('tojson') | join }} {{ j | map(attribute=1) | list }} {{ p | map(attribute='v') | list }}
{{ l | sort }} {{ m | sort }} {{ m | sort(case_sensitive=true) }} {{ l | sort(reverse=true) }} {{ p | sort(attribute='r') | map(attribute='v') | list }} {{ l | sum }} {{ l | max }} {{ l | min }} {{ m | unique | list }} {{ ['a', 'A', 'b'] | unique | list }} {{ l | reverse | list }} {{ s | reverse }} {{ l | last }} {{ l | first }} {{ k | first }} {{ m | max }} {{ k | max }}
{{ p | selectattr('v') | length }}
{{ p | map(attribute='r') }}
{{ (p | map(attribute='r'))[0] is defined }} {{ 'yes' if k | map('upper') else 'no' }}
{% set it = m | map('upper') %}{{ it | list }}{{ it | list }}{{ it | first is defined }}
{{ '3' | int }} {{ '3.7' | int }} {{ 'x' | int }} {{ 'x' | int(9) }} {{ 3.9 | int }} {{ '2.5' | float }} {{ 'x' | float }} {{ 3 | float }} {{ -3 | abs }} {{ n | abs }} {{ none | string }} {{ 1.0 | string }} {{ t | int }}
{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(1, blank=true) }}|{{ 'a\nb' | indent('> ') }}
{{ '<b>' | safe }} {{ ('<b>' | safe) + '<i>' }} {{ '<i>' + ('<b>' | safe) }} {{ ('<b>' | safe) ~ '<i>' }} {{ ('<b>' | safe) == '<b>' }} {{ d | tojson | safe }} {{ ('<B> ' | safe | trim | lower) + '"' }}
{{ 'abc' | replace('b', 'x') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 5 | replace(5, 6) }} {{ '  x ' | trim }} {{ 'xxaxx' | trim('x') }} {{ 5 | length if false else 'k' }}
{{ 5 | length }}
{{ i is defined }} {{ i is number }} {{ t is number }} {{ t is integer }} {{ i is integer }} {{ f is float }} {{ t is boolean }} {{ i is boolean }} {{ s is string }} {{ d is mapping }} {{ l is mapping }} {{ l is iterable }} {{ s is iterable }} {{ i is iterable }} {{ d is iterable }} {{ l is sequence }} {{ s is sequence }} {{ d is sequence }} {{ i is sequence }} {{ nope is iterable }} {{ nope is sequence }} {{ nil is none }} {{ nil is not none }} {{ t is true }} {{ 1 is true }} {{ u is false }} {{ 3 is odd }} {{ 3 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ 'a' is in ['a'] }} {{ 'a' is eq 'a' }} {{ 'a' is lower }} {{ 'A' is upper }} {{ (1, 2) is sequence }} {{ range(3) is sequence }} {{ d.items() is sequence }} {{ d.items() is iterable }} {{ nil is sameas none }}
{{ range(3) | list }} {{ range(1, 7, 2) | list }} {{ range(3, 0, -1) | list }} {{ range(3)[1] }} {{ range(3) | length }} {{ range(5)[1:3] | list }}
{{ range(200000) | length }}
{{ dict(a=1, b=2) }} {{ namespace(a=1).a }} {{ dict({'x': 1}, y=2) | tojson }}
{% set ns = namespace(a=1) %}{% for x in l %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }} {{ ns.b is defined }} {{ ns['a'] }} {{ ns.b }}
{% set d.x = 1 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set a, b = b, a %}{{ a }}{{ b }}{% set (c, e) = [5, 6] %}{{ c }}{{ e }}
{% set a, b = [1] %}
{% for a, b in d.items() %}{{ a }}={{ b }};{% endfor %}{% for a, b in j %}{{ a + b }};{% endfor %}
{% for a, b in l %}{{ a }}{% endfor %}
{% for c in s %}{{ c }}.{% endfor %}{% for k in d %}{{ k }}.{% endfor %}{% for x in nope %}x{% else %}none{% endfor %}
{% for x in i %}{% endfor %}
{% for x in nil %}{% endfor %}
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.depth }}{{ loop.depth0 }}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}|{% endfor %}
{% for x in l if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }}{{ loop.last }}{{ loop.nextitem }} {% else %}none{% endfor %}{% for x in l if x > 9 %}{% else %}none{% endfor %}
{% set ns = namespace(n=0) %}{% for x in l if ns.n < 2 %}{% set ns.n = ns.n + 1 %}{{ x }}{% endfor %}
{% for x in l %}{% for y in m %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}{{ loop is defined }}
{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% if loop.index == 2 %}{% break %}{% endif %}{% endfor %}
{% set v = 1 %}{% for x in l %}{{ v }}{% set v = x %}{{ v }}{% endfor %}{{ v }}{% if true %}{% set v = 9 %}{% endif %}{{ v }}
{% macro a(x, y=2, z=x) %}{{ x }}{{ y }}{{ z }}{% endmacro %}{{ a(1) }} {{ a(1, 3) }} {{ a(1, z=5) }} {{ a(x=4) }} {{ a() }} {{ a(1) | upper }} {{ a.name }} {{ a is defined }}
{% macro a(x) %}{% endmacro %}{{ a(1, 2) }}
{% macro a(x) %}{% endmacro %}{{ a(y=2) }}
{% macro a(x) %}{% endmacro %}{{ a(1, x=2) }}
{% macro a() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ a(1, 2, b=3) }}
{% macro a(x) %}{{ gg }}{{ x }}{% set x = 5 %}{{ x }}{% endmacro %}{{ a(1) }}{% set gg = 'late' %}{{ a(2) }}{{ x }}
{% macro outer() %}[{{ caller() }}]{% endmacro %}{% call outer() %}in{{ i }}{% endcall %}{% macro with(v) %}{{ caller(v, 2) }}{% endmacro %}{% call(a, b=3) with(1) %}{{ a }}{{ b }}{% endcall %}
{% macro a() %}x{% endmacro %}{% call a() %}y{% endcall %}
{% macro a() %}{{ caller() }}{% endmacro %}{{ a() }}
{% macro rec(n) %}{{ n }}{% if n > 0 %}{{ rec(n - 1) }}{% endif %}{% endmacro %}{{ rec(5) }}
{% macro rec(n) %}{{ rec(n) }}{% endmacro %}{{ rec(5) }}
{% set b %}  text {{ i }} {% endset %}[{{ b }}]{% set b | trim | upper %} text {% endset %}[{{ b }}]{% filter upper %}abc{{ s }}{% endfilter %}{% filter replace('a', 'b') | upper %}a{% endfilter %}
{% set x %}{% set y = 5 %}{{ y }}{% endset %}{{ x }}{{ y }}
{% generation %}{% set qq = 1 %}g{{ qq }}{% endgeneration %}{{ qq is defined }}
{{ raise_exception('stop: ' ~ i) }}
{{ raise_exception() }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %A %a %B %b %j %y %I %p %e %%') }}|{{ strftime_now('') }}|{{ strftime_now is defined }}{{ raise_exception is defined }}
{{ "\x41\u00e9\U0001F600\101\n\t\\\'\"\q\
z" }}|{{ 'a' 'b' "c" }}|{{ "{{ }}" }}|{{ '%}' }}|{{ {'a': {'b': {}}} }}
{# comment #}a{#- c -#} b {#+ c +#}
 {%- if true %} a {% endif -%} b
  {%+ if true %} a {%+ endif %}  b
{{ 1 }}
{% raw %}{{ x }}{% endraw %}{%- raw -%} {{ y }} {%- endraw -%} z
{{ (1, 2) }} {{ (1,) }} {{ () }} {{ 1, 2 }} {{ [1, 'a', none, 2.0, [3], (4,), {'k': 5}] }} {{ [nope, 'é', "it's", 'q"', 'b"\''] }}
{{ true }}{{ True }}{{ none }}{{ None }}{{ false }}
{{ true is true and not false is true }} {{ not i is defined or k }} {{ i if i else n }}
{{ s is not string }} {{ s is not defined }} {{ s is defined and s }} {{ s is defined or nope }} {{ 'a' is in 'abc' }}
{{ {'a': 1}.a }} {{ {'a': 1}['a'] }} {{ [1, 2][0] }} {{ 'abc'[1] }} {{ 'abc'.upper() }} {{ ('a' ~ 'b').upper() }} {{ 'a,b'.split(',')[1] }} {{ 'a,b'.split(',') | last }}
{{ s.upper().lower().title }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 'abc' - 'a' }}
{{ l | join(', ') }} {{ l | join }} {{ p | join(',', attribute='r') }} {{ s | join('.') }} {{ d | join(',') }} {{ [1, none, 2.5, true] | join(' ') }}
{{ d.copy is defined }} {{ d.pop is defined }} {{ d.update }} {{ d['update'] }}
{{ s.capitalize() }} {{ s.removeprefix('Hel') }} {{ s.removesuffix('ld') }} {{ 'a\r\nb\nc' .splitlines() }} {{ '' | capitalize }} {{ 'éA' | capitalize }}
{{ l | tojson(indent=0) }} {{ [] | tojson(indent=2) }} {{ {} | tojson(indent=2) }} {{ {'a': []} | tojson(indent=2) }} {{ (1, 2) | tojson }} {{ [1.0, 1e16, 1e-7, 1e100] | tojson }}
{% if k %}a{% elif d %}b{% else %}c{% endif %}{% if nope %}a{% elif nil %}b{% else %}c{% endif %}{% if 0.0 %}x{% endif %}{% if (0,) %}y{% endif %}{% if '0' %}z{% endif %}
{%if i%}tight{%endif%}{%-set v=1-%}{{v}}{{-v-}}{{ v}}
{{ i|string|length }} {{ i | string ~ 'x' }} {{ -i | string }} {{ i + 1 | string | length }} {{ (i + 1) | string }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 1 ~ 2 + 3 }} {{ 1 + 2 ~ 3 }} {{ not 1 == 2 }} {{ 1 if 0 else 2 + 3 }}
{{ a.b.c if a is defined else 'no' }} {{ d.b if d.b is defined and d.b else 'no' }} {{ d.c | default('x', true) }} {{ d.c or 'x' }} {{ (d.zz | default({})).y is defined }}
""".split("\n")


def joined_snippets():
    """A line that does not start a new snippet by its look belongs to the one before (white space tests)."""
    out = []
    for line in SNIPPETS:
        if out and (line.startswith(" ") or line.startswith("z\"") or line == "{{ 1 }}"):
            out[-1] += "\n" + line
        elif line:
            out.append(line)
    return out


def expression(r, depth):
    if depth == 0 or r.random() < 0.15:
        return r.choice([*VARIABLES, "nope", "d.b", "d.zz", "1", "0", "-2", "2.5", "'a'", "''", "'l'", "none", "true", "[]", "[1, 'a']", "(1,)", "{}", "{'b': 2}", "loopless"])
    x = lambda: expression(r, depth - 1)
    kind = r.randrange(13)
    if kind == 0:
        return f"({x()} {r.choice(['+', '-', '*', '/', '//', '%', '~'])} {x()})" if r.random() < 0.9 else f"{x()} ~ {x()}"
    if kind == 1:
        return f"({x()} {r.choice(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} {x()})"
    if kind == 2:
        return f"({x()} {r.choice(['and', 'or'])} {x()})"
    if kind == 3:
        return f"(not {x()})"
    if kind == 4:
        return f"({x()} if {x()} else {x()})"
    if kind == 5:
        # A slice of a constant that has none is undefined and not an error, because jinja2 folds it.
        if r.random() < 0.5:
            return f"({r.choice(list(VARIABLES))})[{r.choice(['1:', ':-1', '::-1', '::2', '2:0:-1', '-3:-1'])}]"
        return f"({x()})[{r.choice(['0', '-1', repr('b'), repr('r'), x()])}]"
    if kind == 6:
        return f"({x()}).{r.choice(['b', 'r', 'zz', 'items'])}"
    if kind == 7:
        test = r.choice(["defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number", "integer", "boolean", "true", "false", "odd", "eq 1", "in [1, 'a']", "not none", "not string"])
        return f"({x()} is {test})"
    if kind == 8:
        return f"[{x()}, {x()}]"
    if kind == 9:
        return f"({x()}).{r.choice(['upper()', 'strip()', 'split()', repr('x') and 'split(' + repr(',') + ')', 'startswith(' + repr('a') + ')', 'replace(' + repr('l') + ', ' + repr('1') + ')', 'items()', 'keys()', 'get(' + repr('b') + ')', 'lower()', 'rstrip()'])}"
    f = r.choice([
        "length", "upper", "lower", "trim", "first", "last", "list", "string", "tojson", "join(',')", "default('z')", "default('z', true)", "int", "float", "abs", "sort", "reverse", "unique | list",
        "map('string') | list", "map(attribute='r') | list", "select('string') | list", "reject('none') | list", "selectattr('r', 'defined') | list", "items | list", "dictsort", "replace('a', 'b')",
        "tojson(indent=2)", "capitalize", "sum", "max", "min", "select | list", "title", "count", "safe", "string | indent(2)", "rejectattr('v') | list",
    ])
    return f"({x()} | {f})"


def main():
    folder, model = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    r = random.Random(20261121)
    def writer(name):
        out = open(f"{folder}/{name}.jsonl", "w")
        return lambda record: out.write(json.dumps(record) + "\n")

    write_template, write_conversation, write_snippet = map(writer, ["templates", "conversations", "snippets"])
    for name, source in templates(model):
        write_template({"name": name, "source": source})
        # A stream of its own, so that the same template gets the same conversations whatever else is there.
        stream = random.Random(name)
        for _ in range(CONVERSATIONS):
            variables = conversation(stream)
            write_conversation({"template": name, "variables": variables} | result(source, variables))
    with open(f"{folder}/variables.json", "w") as out:
        json.dump(VARIABLES, out)
    for source in joined_snippets():
        write_snippet({"source": source} | result(source, VARIABLES))
    for _ in range(GENERATED):
        source = "{{ " + expression(r, r.choice([1, 2, 3, 4])) + " }}"
        write_snippet({"source": source} | result(source, VARIABLES))


main()
