"""Process 1 of a job's own process namespace."""

class Keeper:
    def __init__(self, supervisor, pipes):
        self.supervisor = supervisor
        self.header = supervisor.header
        self.limits = supervisor.limits
        self.confined = supervisor.confined
        self.pipes = pipes
        folder = supervisor.folder
        self.box, self.given = ("/box", "/given") if self.confined else (folder + "/box", folder + "/given")
        self.temporary = "/tmp" if self.confined else folder + "/tmp"

    def live(self):
        code = 0
        try:
            os.close(CHANNEL)
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            self.prepare()
            job = os.fork()
            if job == 0:
                Job(self).live()
            for name in ("setup", "result", "output", "error"):
                os.close(self.pipes[name])
            if self.confined:
                drop_capabilities()
            self.report(job)
        except BaseException as problem:
            # Once the pipe is closed the job runs, and a keeper that fails then is told by its missing report.
            with contextlib.suppress(BaseException):
                write_all(self.pipes["setup"], f"{problem}".encode())
            code = 1
        finally:
            os._exit(code)

    def prepare(self):
        blobs = self.supervisor.blobs
        files = self.header["files"]
        contents = blobs[len(blobs) - len(files) :]
        given = sum(len(data) for entry, data in zip(files, contents) if entry["place"] == "given")
        if self.confined:
            # So that nothing in the job reads this process's memory or descriptors through /proc.
            prctl(PR_SET_DUMPABLE, 0)
            self.make_folders(len(files), given)
        else:
            for folder in (self.box, self.given, self.temporary):
                os.mkdir(folder)
        for entry, data in zip(files, contents):
            self.place(entry, data)
        if self.confined and any(entry["place"] == "given" for entry in files):
            flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
            mount(None, "/given", None, flags)
        self.input = self.standard_input(blobs[0])

    def make_folders(self, files, given):
        inodes = 4096 + 4 * files
        size = f"size={self.limits['scratch']},nr_inodes={inodes},mode=0755"
        # Folders of the machine that the job's own /tmp is about to cover.
        covered = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in self.supervisor.covered]
        # One file system for all that the job may write, so that one limit holds for all of it.
        mount("tmpfs", "/scratch", "tmpfs", MS_NOSUID | MS_NODEV, size)
        for name, place in (("box", "/box"), ("tmp", "/tmp"), ("shm", "/dev/shm")):
            os.mkdir("/scratch/" + name)
            mount("/scratch/" + name, place, None, MS_BIND)
        checked(libc.umount2(b"/scratch", MNT_DETACH), "umount /scratch")
        for path, descriptor in covered:
            os.makedirs(path, exist_ok=True)
            mount(f"/proc/self/fd/{descriptor}", path, None, MS_BIND | MS_REC)
            os.close(descriptor)
        if given or files:
            room = given + (files + 16) * 2 * PAGE
            mount("tmpfs", "/given", "tmpfs", MS_NOSUID | MS_NODEV, f"size={room},nr_inodes={inodes},mode=0755")
        try:
            mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        except OSError:
            mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k")

    def place(self, entry, data):
        path = os.path.join(self.given if entry["place"] == "given" else self.box, entry["path"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        mode = 0o755 if entry["executable"] else 0o644
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        write_all(descriptor, data)
        os.close(descriptor)

    def standard_input(self, data):
        if not data:
            return os.open("/dev/null", os.O_RDONLY)
        path = os.path.join(self.temporary, "input")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        write_all(descriptor, data)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.unlink(path)
        return descriptor

    def report(self, job):
        status = None
        while status is None:
            process, ended = os.wait()
            if process == job:
                status = ended
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        if self.confined:
            # Nothing may go on writing to the files that are collected now.
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
        room = self.limits["result"]
        collected, parts = [], []
        for path in self.header["collect"] if os.WIFEXITED(status) else []:
            data = self.collect(path, room)
            if data is not None:
                room -= len(data)
                collected.append({"path": path, "size": len(data)})
                parts.append(data)
        cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10
        write_frame(
            self.pipes["report"], {"status": status, "cpu": cpu, "peak": peak, "collected": collected}, *parts
        )

    def collect(self, path, room):
        """None for what is missing, no plain file, or too large."""
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(os.path.join(self.box, path), flags)
        except OSError:
            return None
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > room:
                return None
            return read_exactly(descriptor, found.st_size)
        finally:
            os.close(descriptor)
