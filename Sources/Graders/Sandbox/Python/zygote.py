"""The warm process that all jobs are forks of."""

OWN_FILE = plain.__code__.co_filename
PYTHON_ENVIRONMENT = dict(os.environ)


def preload(name):
    """Imports a module for all jobs. What is missing is told to the job that imports it."""
    before = set(sys.modules)
    try:
        importlib.import_module(name)
    except BaseException:
        # A package that failed leaves the modules behind that it had loaded, and is broken if it is imported again.
        for module in [m for m in sys.modules if m not in before]:
            parts = module.split(".")
            if any(".".join(parts[:n]) not in sys.modules for n in range(1, len(parts))):
                sys.modules.pop(module, None)


def main():
    os.closerange(CHANNEL + 1, 4096)
    os.set_inheritable(CHANNEL, False)
    welcome = read_header(CHANNEL)
    confined = welcome["mode"] == "namespaces"
    machine = os.uname().machine
    filter_lines = None
    if confined:
        if machine not in AUDIT_ARCH:
            write_frame(CHANNEL, {"reason": f"there is no system call filter for the architecture {machine}"})
            return
        filter_lines = filter_program(machine)
    sys.path[:] = [folder for folder in sys.path if folder] + welcome["folders"]
    if confined:
        # Modules that ask for a home or a place for temporary files while they are loaded (dill, huggingface_hub) get
        # those of the jobs: without any they would fail half-loaded, or remember a wrong one.
        os.environ["HOME"], tempfile.tempdir = "/box", "/tmp"
    for name in welcome["preload"]:
        preload(name)
    for entry in welcome["modules"]:
        module = sys.modules[entry["name"]] = types.ModuleType(entry["name"])
        exec(compile(entry["source"], entry["name"] + ".py", "exec"), module.__dict__)
    tempfile.tempdir = None
    gc.collect()
    gc.freeze()
    own_memory = 0
    with contextlib.suppress(OSError):
        own_memory = int(open("/proc/self/statm").read().split()[5]) * PAGE
    write_frame(CHANNEL, {"version": sys.version.split()[0], "own_memory": own_memory})
    quiet = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    os.close(quiet)
    poll = select.poll()
    poll.register(CHANNEL, select.POLLIN)
    while True:
        poll.poll()
        supervisor = os.fork()
        if supervisor == 0:
            code = 1
            try:
                job = Supervisor(confined, filter_lines, own_memory, welcome["covered"], welcome["scratch"])
                code = 0 if job.serve() else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(supervisor, 0)
        # A supervisor that failed may have left half a frame on the channel: the other side starts a new zygote.
        if status != 0:
            break
    if not confined:
        # Empty by now; what is not is left to those who made it.
        with contextlib.suppress(OSError):
            os.rmdir(welcome["scratch"])


main()
