"""Runs the tests. The answer's code is not here: what a test asks of it becomes a request, and the requests of all tests
are played in another sandbox, which sees nothing but them. Then the tests run again with the outcomes.

A request whose outcome is not known yet gives a Pending, which goes along with what a test is likely to do, so that as
many requests as possible are found at once. No verdict is ever made of one: a test that met a Pending runs again.
"""

import ast, builtins, json, sys, types, unittest

MOST_REQUESTS = 5_000
# Of a loop that goes on as long as a Pending is true, say.
MOST_PENDING = 500


class Unfinished(BaseException):
    """The test cannot go on before an outcome is known."""


class Stopped(BaseException):
    """The request never ended, or was never played."""


class TestMistake(BaseException):
    """The test itself is wrong."""


class AnswerRaised(Exception):
    """An exception of a class that is the answer's own, or that would mean something to the test."""

    def __init__(self, message, names):
        super().__init__(message)
        self.names = names


class Trace:
    """What one test asks, in order, and what is known of it."""

    def __init__(self, requests=(), outcomes=()):
        self.known_requests, self.outcomes = requests, outcomes
        self.requests = []
        self.pending = 0
        self.is_stopped = self.has_raised = False

    def ask(self, kind, *operands):
        try:
            request = [kind, pack(list(operands), refer)]
        except Opaque as problem:
            raise TestMistake(f"hands over what is no plain data: {problem}")
        place = len(self.requests)
        if place >= MOST_REQUESTS:
            raise TestMistake(f"asks more than {MOST_REQUESTS} times")
        outcome = None
        if not self.pending and place < min(len(self.outcomes), len(self.known_requests)):
            if self.written_out(self.known_requests[place]) == request:
                outcome = self.outcomes[place]
        self.requests.append(request)
        if outcome is None:
            self.pending += 1
            if self.pending > MOST_PENDING:
                raise Unfinished
            return Pending(self, place)
        return self.deliver(kind, outcome, operands, place)

    def deliver(self, kind, outcome, operands, place):
        try:
            for index, new in outcome.get("changed", {}).items() if kind == "call" else ():
                replace(operands[1][int(index)], unpack(new, unknown))
            if "value" in outcome:
                return unpack(outcome["value"], unknown)
            if "elements" in outcome:
                return iter(unpack(outcome["elements"], unknown))
            if "object" in outcome:
                return Handle(self, place)
            if "raised" in outcome:
                problem = exception(kind, outcome["raised"], str(outcome["message"]))
                self.has_raised = True
            else:
                problem = Stopped()
                self.is_stopped = True
        except Exception:
            # Not written by our own code.
            problem = Stopped()
            self.is_stopped = True
        raise problem

    def written_out(self, packed):
        """A request with the values that it refers to in place of the references."""
        if isinstance(packed, list):
            return [self.written_out(element) for element in packed]
        if isinstance(packed, dict):
            ((kind, body),) = packed.items()
            if kind == "o":
                return self.outcomes[body].get("value", packed)
            return {kind: self.written_out(body)}
        return packed


def replace(target, new):
    """What the answer's code did to an argument."""
    if type(target) is not type(new):
        raise ValueError
    if isinstance(target, (list, bytearray)):
        target[:] = new
    elif isinstance(target, (dict, set)):
        target.clear()
        target.update(new)


def unknown(kind, body):
    raise ValueError(kind)


def refer(value):
    if isinstance(value, Remote):
        return {"o": place_of(value)}
    source = getattr(value, "__operant_source__", None)
    if source is not None:
        return {"l_": source}
    module, name = getattr(value, "__module__", None) or "builtins", getattr(value, "__qualname__", None)
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType)):
        if module not in (None, TESTS) and name and "<" not in name:
            return {"n": [module, name]}
    raise Opaque(f"{type(value).__name__}; expected data, a lambda or a function of Python's own")


def exception(kind, names, message):
    for name in names:
        known = getattr(builtins, str(name), None)
        if not (isinstance(known, type) and issubclass(known, Exception)):
            continue
        # Inside of map() it would end the loop around it, and all() of nothing is true.
        if known in (StopIteration, StopAsyncIteration) and kind != "next":
            break
        try:
            return known(message)
        except TypeError:
            break
    return AnswerRaised(message, names)


class Remote:
    """Something that lives with the answer's code."""

    __slots__ = ("_operant_trace", "_operant_place")

    def __init__(self, trace, place):
        object.__setattr__(self, "_operant_trace", trace)
        object.__setattr__(self, "_operant_place", place)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return ask(self, "attribute", name)

    def __setattr__(self, name, value):
        ask(self, "set_attribute", name, value)

    def __call__(self, *positional, **named):
        return ask(self, "call", list(positional), named)

    def __getitem__(self, key):
        return ask(self, "item", key)

    def __setitem__(self, key, value):
        ask(self, "set_item", key, value)

    def __delitem__(self, key):
        ask(self, "delete_item", key)

    def __hash__(self):
        return place_of(self)


def ask(remote, kind, *operands):
    return object.__getattribute__(remote, "_operant_trace").ask(kind, remote, *operands)


def place_of(remote):
    return object.__getattribute__(remote, "_operant_place")


def told(remote, kind, *operands):
    """The outcome as plain data."""
    value = ask(remote, kind, *operands)
    if isinstance(value, Pending):
        raise Unfinished
    return value


class Vague:
    """What comes of calculating with a Pending."""


class Pending(Remote):
    __slots__ = ()

    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = Remote.__hash__

    def __bool__(self):
        return True

    def __instancecheck__(self, value):
        return True

    def no_answer(self, *_):
        raise Unfinished

    __len__ = __iter__ = __next__ = __str__ = __repr__ = __format__ = __int__ = __float__ = __index__ = no_answer


for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
    setattr(Vague, name, lambda self, other: True)
for name in "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow abs neg round".split():
    setattr(Vague, f"__{name}__", lambda self, *_: Vague())
    setattr(Pending, f"__{name}__", lambda self, *_: Vague())
for name in ("__bool__", "__len__", "__iter__", "__str__", "__repr__", "__float__", "__int__", "__index__"):
    setattr(Vague, name, Pending.no_answer)


class Handle(Remote):
    """An object of the answer's that is no plain data. It is asked for parts of itself, never whether it equals, exceeds
    or holds what a test expects: it might say yes to all of it."""

    __slots__ = ()
    __hash__ = Remote.__hash__

    def compared(kind):
        def compare(self, other):
            return told(self, kind, other) is True if isinstance(other, Remote) else NotImplemented

        return compare

    __lt__, __le__ = compared("less"), compared("less_equal")

    def __eq__(self, other):
        return isinstance(other, Remote) and told(self, "equal", other) is True

    def combined(kind):
        def combine(self, other):
            return ask(self, kind, other) if isinstance(other, Remote) else NotImplemented

        return combine

    __add__, __sub__ = combined("add"), combined("subtract")

    def __bool__(self):
        return told(self, "truth") is True

    def __len__(self):
        return told(self, "length")

    def __iter__(self):
        elements = told(self, "elements")
        if isinstance(elements, Handle):
            elements = [elements[index] for index in range(len(elements))]
        return iter(elements)

    def __next__(self):
        return ask(self, "next")

    def __str__(self):
        return told(self, "text")

    def __repr__(self):
        return told(self, "representation")

    def __instancecheck__(self, value):
        return told(value, "is_instance", self) is True if isinstance(value, Remote) else False


TESTS = "tests"


class Lambdas(ast.NodeTransformer):
    """Lets lambdas keep their source, so that they can be handed over."""

    def visit_Lambda(self, node):
        text = ast.Constant(ast.unparse(node))
        self.generic_visit(node)
        call = ast.Call(ast.Name("__operant_lambda__", ast.Load()), [node, text], [])
        return ast.copy_location(call, node)


def lambda_with_source(function, text):
    function.__operant_source__ = text
    return function


class Source:
    """Python source of the tests."""

    def __init__(self, text, label):
        self.label = label
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError) as problem:
            raise TestMistake(f"{label} cannot be parsed: {problem}")
        self.names = set()
        bound = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                (self.names if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                bound.add(node.name)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                bound.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                bound.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        self.bound = bound
        self.tree = ast.fix_missing_locations(Lambdas().visit(tree))

    def code(self, nodes=None):
        tree = self.tree if nodes is None else ast.Module(nodes, [])
        return compile(tree, self.label, "exec", dont_inherit=True)

    @property
    def expression(self):
        body = self.tree.body
        if len(body) != 1 or not isinstance(body[0], ast.Expr):
            raise TestMistake(f"{self.label} is no expression")
        return compile(ast.Expression(body[0].value), self.label, "eval", dont_inherit=True)


NOTHING = compile("", "nothing", "exec")


class Test:
    def __init__(self, label, names, run, preparation=NOTHING):
        self.label, self.names, self.run, self.preparation = label, names, run, preparation


class Suite:
    """The tests of one row, and how each is run."""

    def __init__(self, tests):
        self.module, self.entry = tests["module"], tests["entry"]
        setup = Source(tests["setup"], "the setup")
        self.setup = setup.code()
        self.tests = []
        bound = set(setup.bound)
        for number, test in enumerate(tests["tests"]):
            if "file" in test:
                source = Source(test["file"], "the test file")
                self.add_file(source, source.names | setup.names | {self.entry})
            else:
                source = Source(test["assert"] if "assert" in test else test["call"], f"test {number + 1}")
                self.add(test, source, source.names | setup.names)
            bound |= source.bound
        if not self.tests:
            raise TestMistake("there is no test in the file: no test_ function, TestCase, check() or assert")
        names = set().union(*(test.names for test in self.tests))
        self.names = sorted(name for name in names - bound if name and not hasattr(builtins, name))
        if self.entry and self.entry not in bound and self.entry not in self.names:
            self.names.append(self.entry)
        for test in self.tests:
            if not test.names.intersection(self.names) and test.preparation is NOTHING:
                raise TestMistake(f"{test.label} uses nothing of the answer's code")

    def add(self, test, source, names):
        if "assert" in test:
            code = source.code()
            self.tests.append(Test(source.label, names, lambda space: exec(code, space)))
        elif "raises" in test:
            self.tests.append(Test(source.label, names, raises(source.expression, test["raises"])))
        else:
            check = returns(source.expression, test["expected"], test.get("tolerance", 0))
            self.tests.append(Test(source.label, names, check))

    def add_file(self, source, names):
        body = source.tree.body
        functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
        for name in functions:
            if name.startswith("test"):
                self.tests.append(Test(name, names, lambda space, name=name: space[name](), source.code()))
        for node in body:
            for method in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(method, ast.FunctionDef) and method.name.startswith("test"):
                    label = f"{node.name}.{method.name}"
                    self.tests.append(Test(label, names, case(node.name, method.name), source.code()))
        if not self.tests and "check" in functions:
            if not self.entry:
                raise TestMistake("check() of the test file needs the name of the function to check: 'entry_point'")
            check = Test("check", names, lambda space: space["check"](space[self.entry]), source.code())
            self.tests.append(check)
        if not self.tests:
            others = source.code([node for node in body if not isinstance(node, ast.Assert)])
            for node in body:
                if isinstance(node, ast.Assert):
                    code = source.code([node])
                    label = f"the assert of line {node.lineno}"
                    self.tests.append(Test(label, names, lambda space, code=code: exec(code, space), others))

    def run(self, trials):
        return [self.judge(trial) for trial in trials]

    def judge(self, trial):
        script, outcomes = [], []
        if trial is not None:
            script = json.loads(trial["script"])
            try:
                outcomes = json.loads(trial["outcomes"])["tests"]
                outcomes = [[x if isinstance(x, dict) else {} for x in test] for test in outcomes]
            except (ValueError, TypeError, KeyError, RecursionError, MemoryError):
                return {"verdicts": ["failed"] * len(self.tests)}
        verdicts, requests = [], []
        for index, test in enumerate(self.tests):
            known = script[index] if index < len(script) else []
            trace = Trace(known, outcomes[index] if index < len(outcomes) else [])
            verdicts.append(self.verdict(test, trace, trial is None))
            requests.append(trace.requests)
        if None in verdicts:
            return {"verdicts": verdicts, "script": json.dumps(requests)}
        return {"verdicts": verdicts}

    def verdict(self, test, trace, is_first):
        is_passed = False
        try:
            test.run(self.space(test, trace, is_first))
            is_passed = True
        except (Unfinished, Stopped):
            pass
        except TestMistake as problem:
            # What an answer returned must not make the row look wrong.
            if not is_first:
                return "failed"
            raise TestMistake(f"{test.label} {problem}")
        except BaseException:
            pass
        if trace.pending:
            return None
        if trace.is_stopped:
            return "late"
        return "passed" if is_passed else "raised" if trace.has_raised else "failed"

    def space(self, test, trace, is_first):
        """What the test's source sees before it runs. A name that the answer lacks is missing here, too."""
        module = Answer(self.module)
        module.__dict__["_operant_trace"] = trace
        sys.modules[self.module] = module
        sys.modules[TESTS] = types.ModuleType(TESTS)
        space = sys.modules[TESTS].__dict__
        space.update(__builtins__=builtins, __operant_lambda__=lambda_with_source)
        names = [name for name in self.names if name in test.names]
        for name in names:
            try:
                space[name] = module.__dict__[name] = trace.ask("name", name)
            except Exception:
                continue
        module.__dict__["__all__"] = [name for name in names if name in space]
        try:
            exec(self.setup, space)
            exec(test.preparation, space)
        except Exception as problem:
            if is_first:
                raise TestMistake(f"cannot be prepared: {type(problem).__name__}: {problem}")
            raise
        return space


class Answer(types.ModuleType):
    """The module that tests import the answer's code from."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._operant_trace.ask("name", name)


def returns(code, expected, tolerance):
    def run(space):
        assert agrees(eval(code, space), expected, tolerance)

    return run


def raises(code, name):
    def run(space):
        try:
            eval(code, space)
        except Exception as problem:
            names = [x.__name__ for x in type(problem).__mro__]
            assert name in getattr(problem, "names", names)
        else:
            raise AssertionError

    return run


def case(name, method):
    def run(space):
        kind = space[name]
        if not issubclass(kind, unittest.TestCase):
            getattr(kind(), method)()
            return
        kind.setUpClass()
        kind(method).debug()

    return run


def agrees(value, expected, tolerance):
    """Whether a value of Python is what JSON says: a tuple or set is a list, a key is text."""
    if isinstance(value, Remote):
        return False
    if expected is None or isinstance(expected, (bool, str)):
        return type(value) is type(expected) and value == expected
    if isinstance(expected, (int, float)):
        if isinstance(value, bool) or not isinstance(value, (int, float, decimal.Decimal, fractions.Fraction)):
            return False
        return value == expected or abs(float(value) - float(expected)) <= tolerance
    if isinstance(expected, list):
        if isinstance(value, (set, frozenset)):
            left = list(value)
            for element in expected:
                found = next((i for i, x in enumerate(left) if agrees(x, element, tolerance)), None)
                if found is None:
                    return False
                del left[found]
            return not left
        return (
            isinstance(value, (list, tuple))
            and len(value) == len(expected)
            and all(agrees(x, y, tolerance) for x, y in zip(value, expected))
        )
    if not isinstance(value, dict):
        return False
    named = {str(key): element for key, element in value.items()}
    return (
        len(named) == len(value)
        and named.keys() == expected.keys()
        and all(agrees(named[key], expected[key], tolerance) for key in expected)
    )


def judge(tests, trials):
    """For each trial (None, or a script and its outcomes) the verdicts, and a script where some are still open."""
    # Nothing of what lies in the working folder is a test's.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", "/box")]
    try:
        return {"trials": Suite(tests).run(trials)}
    except TestMistake as problem:
        return {"mistake": str(problem)}
