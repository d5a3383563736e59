"""The process that runs a job's code."""

class Unserialisable(Exception):
    pass


class Job:
    def __init__(self, keeper):
        self.keeper = keeper
        self.header = keeper.header
        self.limits = keeper.limits
        self.is_python = self.header["program"] == "python"

    def live(self):
        setup = self.keeper.pipes["setup"]
        try:
            setup = self.arrange_descriptors()
            os.setsid()
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            for number in (signal.SIGPIPE, signal.SIGXFSZ):
                # Python's own code wants them ignored, everyone else's wants them as they are.
                signal.signal(number, signal.SIG_IGN if self.is_python else signal.SIG_DFL)
            os.chdir(self.keeper.box)
            self.set_environment()
            self.set_limits()
            if self.keeper.confined:
                self.confine()
        except BaseException as problem:
            with contextlib.suppress(BaseException):
                write_all(setup, f"the job's process could not be set up: {problem}".encode())
            os._exit(125)
        if self.is_python:
            os.close(setup)
            self.call()
        else:
            self.execute(setup)

    def arrange_descriptors(self):
        pipes = self.keeper.pipes
        os.close(pipes["report"])
        # Far above first, so that none is overwritten on the way.
        kept = (self.keeper.input, pipes["output"], pipes["error"], pipes["result"], pipes["setup"])
        for place, descriptor in enumerate(kept):
            os.dup2(descriptor, 200 + place)
        for place in range(len(kept)):
            os.dup2(200 + place, place, inheritable=place < 3)
        os.closerange(5, 256)
        return 4

    def set_environment(self):
        os.environ.clear()
        box, temporary = self.keeper.box, self.keeper.temporary
        os.environ.update(PYTHON_ENVIRONMENT, HOME=box, TMPDIR=temporary, USER="nobody", LOGNAME="nobody")
        os.environ.update(OPERANT_GIVEN=self.keeper.given)
        os.environ.update(self.header["environment"])

    def set_limits(self):
        own = self.keeper.supervisor.own_memory
        memory = self.limits["memory"]
        # A command is ended by the supervisor, which names the reason; this bounds what it takes between two looks.
        data = own + memory if self.is_python else memory + memory // 4 + (64 << 20)
        # What handles a MemoryError needs some room itself.
        spare = 16 << 20
        cpu = math.ceil(self.limits["cpu"]) + 1
        limits = {
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_CPU: (cpu, cpu + 1),
            resource.RLIMIT_FSIZE: (self.limits["scratch"],) * 2,
            resource.RLIMIT_NOFILE: (self.limits["files"],) * 2,
            resource.RLIMIT_DATA: (data, data + spare),
        }
        if self.keeper.confined:
            # Counted in the job's own user namespace, where supervisor and keeper live as well.
            limits[resource.RLIMIT_NPROC] = (self.limits["processes"] + 2,) * 2
        for kind, (soft, hard) in limits.items():
            most = resource.getrlimit(kind)[1]
            if most != resource.RLIM_INFINITY:
                soft, hard = min(soft, most), min(hard, most)
            resource.setrlimit(kind, (soft, hard))

    def confine(self):
        drop_capabilities()
        checked(prctl(PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
        lines, count = self.keeper.supervisor.filter_lines
        buffer = ctypes.create_string_buffer(lines, len(lines))
        program = FilterProgram(count, ctypes.addressof(buffer))
        checked(libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(program), 0, 0), "seccomp")

    def execute(self, setup):
        command = self.header["command"]
        try:
            os.close(3)
            os.set_inheritable(setup, False)
            os.execvpe(command[0], command, dict(os.environ))
        except BaseException as problem:
            with contextlib.suppress(BaseException):
                reason = getattr(problem, "strerror", None) or problem
                write_all(setup, f"cannot run '{command[0]}' in the sandbox: {reason}".encode())
        os._exit(127)

    def call(self):
        blobs = self.keeper.supervisor.blobs
        call = json.loads(blobs[1])
        source, arguments = call["source"], call["arguments"]
        file_name, function = self.header["file_name"], self.header["function"]
        folders = [self.keeper.given, self.keeper.box]
        del blobs, call
        self.keeper.supervisor.blobs = None
        sys.stdin = open(0, "r", closefd=False)
        sys.stdout = open(1, "w", buffering=8192, closefd=False, errors="backslashreplace")
        sys.stderr = open(2, "w", buffering=1, closefd=False, errors="backslashreplace")
        sys.path[:0] = folders
        linecache.cache[file_name] = (len(source), None, source.splitlines(True), file_name)
        # The same sample gets the same grade: every job starts from the same random numbers.
        random.seed(0)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(0)
        code = 0
        answer = None
        own = os.getpid()
        try:
            try:
                name = os.path.splitext(os.path.basename(file_name))[0]
                module = types.ModuleType(name)
                module.__file__ = file_name
                sys.modules[name] = module
                exec(compile(source, file_name, "exec", dont_inherit=True), module.__dict__)
                if function not in module.__dict__:
                    raise NameError(f"'{file_name}' does not define a function '{function}'")
                value = module.__dict__[function](*arguments)
                answer = b"V" + json.dumps(plain(value, 0), allow_nan=False, separators=(",", ":")).encode()
            except Unserialisable as problem:
                answer = b"T" + str(problem).encode("utf-8", "replace")
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        except BaseException as problem:
            answer = describe(problem, file_name)
        # Told apart from a status that the code chose itself by the answer, which goes first.
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
        # A fork of this process that comes here as well has no say.
        if answer is not None and os.getpid() == own:
            try:
                write_all(3, struct.pack("<Q", len(answer)) + answer)
            except BaseException:
                code = 125
        os._exit(code & 255)


def describe(problem, file_name):
    with contextlib.suppress(BaseException):
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    kind = type(problem).__name__
    try:
        frames = traceback.TracebackException.from_exception(problem, limit=-12, lookup_lines=True)
        while frames.stack and frames.stack[0].filename == OWN_FILE:
            del frames.stack[0]
        text = "".join(frames.format(chain=False))[-3000:]
        message = str(problem)[:1000]
        line = next((f.lineno for f in reversed(frames.stack) if f.filename == file_name), 0)
        if isinstance(problem, SyntaxError) and problem.filename == file_name:
            line = problem.lineno or 0
        answer = {"type": kind, "message": message, "traceback": text.rstrip("\n"), "line": line}
    except BaseException:
        answer = {"type": kind, "message": "", "traceback": "", "line": 0}
    return b"E" + json.dumps(answer).encode()


def plain(value, depth):
    """The value as JSON can hold it; numbers that JSON lacks are marked."""
    if depth > 100:
        raise Unserialisable(f"{type(value).__name__} nested deeper than 100 levels")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode()
    if isinstance(value, int):
        if -(1 << 63) <= value < 1 << 63:
            return int(value)
        try:
            return float(value)
        except OverflowError:
            return marked(math.inf if value > 0 else -math.inf)
    if isinstance(value, float):
        return marked(float(value))
    if isinstance(value, dict):
        if not all(isinstance(key, (str, int, float, bool, type(None))) for key in value):
            raise Unserialisable("dict with keys that are no text")
        return {plain(str(key), depth): plain(element, depth + 1) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(element, depth + 1) for element in value]
    if hasattr(value, "tolist") and callable(value.tolist):
        # Numbers and arrays of numpy, torch and the like.
        converted = value.tolist()
        if type(converted) is not type(value):
            return plain(converted, depth + 1)
    if isinstance(value, numbers.Real) or isinstance(value, decimal.Decimal):
        try:
            return marked(float(value))
        except OverflowError:
            return marked(math.inf if value > 0 else -math.inf)
    raise Unserialisable(type(value).__name__)


def marked(value):
    return value if math.isfinite(value) else {"\0number": "nan" if value != value else ("inf" if value > 0 else "-inf")}
