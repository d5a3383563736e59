"""Watches one job from outside of its namespaces."""

class Supervisor:
    def __init__(self, confined, filter_lines, own_memory, covered):
        self.confined = confined
        self.filter_lines = filter_lines
        self.own_memory = own_memory
        self.covered = covered
        self.reason = None
        self.peak = 0
        self.cpu = 0.0

    def serve(self):
        """Runs one job. False when there is none: the other side has gone."""
        header = read_header(CHANNEL)
        if header is None:
            return False
        self.header = header
        self.limits = header["limits"]
        if header["program"] != "python":
            self.own_memory = 0
        self.blobs = [read_exactly(CHANNEL, size) for size in header["blobs"]]
        if self.blobs and self.blobs[-1] is None:
            return False
        self.start = time.monotonic()
        # Opened before the job's own /proc covers it.
        self.processes = os.open("/proc", os.O_RDONLY | os.O_CLOEXEC)
        self.outside = set(self.process_ids()) if self.confined else set()
        self.folder = None
        try:
            if self.confined:
                self.enter_namespaces()
            else:
                prctl(PR_SET_CHILD_SUBREAPER, 1)
                self.folder = tempfile.mkdtemp(prefix="operant-job-")
            pipes = {name: os.pipe() for name in ("report", "setup", "result", "output", "error")}
        except OSError as problem:
            write_frame(CHANNEL, {"ending": "could_not_start", "reason": f"{problem.strerror or problem}", "blobs": []})
            return True
        self.keeper = os.fork()
        if self.keeper == 0:
            for reading, _ in pipes.values():
                os.close(reading)
            Keeper(self, {name: writing for name, (_, writing) in pipes.items()}).live()
        for _, writing in pipes.values():
            os.close(writing)
        # The job is the keeper's and this process watches: what was sent to it is of no more use here.
        self.blobs = None
        self.received = {name: bytearray() for name in pipes}
        self.watch({reading: name for name, (reading, _) in pipes.items()})
        self.reply()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        return True

    def enter_namespaces(self):
        user, group = os.getuid(), os.getgid()
        flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS
        checked(libc.unshare(flags), "unshare")
        maps = (("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1"))
        for name, text in maps:
            descriptor = os.open("/proc/self/" + name, os.O_WRONLY)
            os.write(descriptor, text.encode())
            os.close(descriptor)
        mount("none", "/", None, MS_REC | MS_PRIVATE)

    def watch(self, names):
        """Reads what the job writes until the keeper has gone, and ends it where it goes beyond a limit."""
        poll = select.poll()
        for descriptor in names:
            os.set_blocking(descriptor, False)
            poll.register(descriptor, select.POLLIN)
        end = self.start + self.limits["wall"]
        next_look = self.start + TICK
        bounds = {
            "report": self.limits["result"] + (1 << 20),
            "setup": 1 << 16,
            "result": self.limits["result"],
            "output": self.limits["output"],
            "error": self.limits["output"],
        }
        reporting = next(descriptor for descriptor, name in names.items() if name == "report")
        open_ones = set(names)
        while reporting in open_ones:
            now = time.monotonic()
            if self.reason is None and now >= end:
                self.end("wall")
            if self.reason is None and now >= next_look:
                self.look()
                next_look = time.monotonic() + TICK
            for descriptor, _ in poll.poll(max(1, (min(end, next_look) - now) * 1000)):
                self.take(descriptor, names[descriptor], bounds, poll, open_ones)
        _, self.status = os.waitpid(self.keeper, 0)
        if not self.confined and self.has_children():
            self.end_descendants()
        # What lies in the pipes still was written before the end.
        for descriptor in list(open_ones):
            while descriptor in open_ones and self.take(descriptor, names[descriptor], bounds, poll, open_ones):
                pass

    def take(self, descriptor, name, bounds, poll, open_ones):
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            poll.unregister(descriptor)
            os.close(descriptor)
            open_ones.discard(descriptor)
            return False
        held = self.received[name]
        room = bounds[name] - len(held)
        held += data[:room]
        if len(data) > room:
            if self.reason is None:
                self.end("output")
            return False
        return True

    def end(self, reason):
        self.reason = reason
        if self.confined:
            # The kernel ends a process namespace with its first process.
            os.kill(self.keeper, signal.SIGKILL)
        else:
            self.end_descendants()

    def has_children(self):
        """As a subreaper this process inherits what the job left running."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
            return True
        return False

    def end_descendants(self):
        for _ in range(100):
            found = self.descendants()
            if not found:
                break
            for process in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            for process in found - {self.keeper}:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(process, os.WNOHANG)
            if found == {self.keeper}:
                break
            time.sleep(0.001)

    def process_ids(self):
        return [int(name) for name in os.listdir(self.processes) if name.isdigit()]

    def read_process(self, process, name):
        try:
            descriptor = os.open(f"{process}/{name}", os.O_RDONLY, dir_fd=self.processes)
            try:
                return os.read(descriptor, 4096)
            finally:
                os.close(descriptor)
        except OSError:
            return b""

    def fields(self, process):
        """The fields of /proc/N/stat after the name, which may hold anything."""
        return self.read_process(process, "stat").rpartition(b")")[2].split()

    def descendants(self):
        parents = {}
        for process in self.process_ids():
            fields = self.fields(process)
            if len(fields) > 1 and fields[0] != b"Z":
                parents[process] = int(fields[1])
        found, front = set(), {os.getpid()}
        while front:
            front = {process for process, parent in parents.items() if parent in front} - found
            found |= front
        return found

    def look(self):
        """Processor time and memory of all processes of the job."""
        inside = set(self.process_ids()) - self.outside if self.confined else self.descendants()
        inside -= {os.getpid(), self.keeper}
        cpu, resident = 0, 0
        for process in inside:
            fields = self.fields(process)
            if len(fields) > 21:
                cpu += sum(int(x) for x in fields[11:15])
                resident += int(fields[21]) * PAGE
        if resident > self.limits["memory"]:
            # Pages shared after a fork count in each resident size, so the shares are added up where it matters.
            resident = sum(self.memory_share(process) for process in inside)
        self.cpu = max(self.cpu, cpu / CLOCK)
        self.peak = max(self.peak, resident)
        if self.cpu > self.limits["cpu"]:
            self.end("cpu")
        elif resident > self.limits["memory"] + self.own_memory:
            self.end("memory")

    def memory_share(self, process):
        found = re.search(rb"^Pss:\s+(\d+) kB", self.read_process(process, "smaps_rollup"), re.M)
        if found:
            return int(found[1]) << 10
        fields = self.fields(process)
        return int(fields[21]) * PAGE if len(fields) > 21 else 0

    def reply(self):
        report, blobs = {}, b""
        received = {name: bytes(data) for name, data in self.received.items()}
        raw = received["report"]
        if len(raw) >= 4:
            length = struct.unpack("<I", raw[:4])[0]
            report, blobs = json.loads(raw[4 : 4 + length]), raw[4 + length :]
        header = {"wall": time.monotonic() - self.start, "collected": []}
        header["cpu"] = max(self.cpu, report.get("cpu", 0))
        header["peak"] = max(self.peak, report.get("peak", 0))
        if self.reason is not None:
            header["ending"] = self.reason
        elif received["setup"]:
            header["ending"], header["reason"] = "could_not_start", received["setup"].decode("utf-8", "replace")
        elif "status" not in report:
            header["ending"], header["signal"] = "signalled", os.WTERMSIG(self.status) or signal.SIGKILL
        elif os.WIFSIGNALED(report["status"]):
            number = os.WTERMSIG(report["status"])
            header["ending"], header["signal"] = ("cpu" if number == signal.SIGXCPU else "signalled"), number
        else:
            header["ending"], header["status"] = "exited", os.WEXITSTATUS(report["status"])
            header["collected"] = report["collected"]
        parts = [received["result"], received["output"], received["error"]]
        place = 0
        for entry in header["collected"]:
            parts.append(blobs[place : place + entry["size"]])
            place += entry["size"]
        header["blobs"] = [len(part) for part in parts]
        write_frame(CHANNEL, header, *parts)
