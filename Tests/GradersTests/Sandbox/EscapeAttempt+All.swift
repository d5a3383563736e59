import Graders
import Records

extension EscapeAttempt {
  static let all: [EscapeAttempt] =
    network + files + processes + kernel + resources + verdicts

  private static let brief = SandboxLimits(wallSeconds: 1)
  private static let small = SandboxLimits(memoryBytes: 64 << 20)

  private static let network: [EscapeAttempt] = [
    .init(
      "sockets of every family",
      """
      def f():
        return sorted({error(lambda: socket.socket(family, kind)) for family in range(46)
          for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW)})
      """, .says(["EPERM"])),
    .init(
      "socket pairs that are not local",
      "def f(): return error(lambda: socket.socketpair(socket.AF_INET))", .says("EPERM")),
    .init(
      "a web page",
      "import urllib.request\ndef f(): return urllib.request.urlopen('http://127.0.0.1:80').read()",
      .raises("URLError")),
    .init("a name server", "def f(): return socket.getaddrinfo('example.org', 80)", .raises("gaierror")),
    .init(
      "the shell's /dev/tcp",
      SandboxJob(.command(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/22"])), .fails),
    .init("network devices", "def f(): return os.listdir('/sys/class/net')", .raises("FileNotFoundError")),
    .init(
      "a routing table", "def f(): return len(open('/proc/net/route').readlines())", .says(1)),
  ]

  private static let files: [EscapeAttempt] = [
    .init(
      "writing outside of the box",
      """
      def f():
        places = ['/usr/x', '/usr/bin/x', '/etc/x', '/x', '/dev/x', '/lib/x', '/given/x', '/etc/ld.so.cache']
        return [place for place in places if error(lambda: open(place, 'w').close()) not in ('EROFS', 'EACCES')]
      """, .says([])),
    .init(
      "reading what is not the sandbox's",
      """
      def f():
        places = ['/etc/passwd', '/etc/shadow', '/root', '/home', '/var', '/sys', '/run', '/boot', '/opt', '/mnt']
        return [place for place in places if os.path.lexists(place)]
      """, .says([])),
    .init(
      "a link to a file of the machine",
      "def f():\n  os.symlink('/etc/shadow', 'x')\n  return open('x').read()", .raises("FileNotFoundError")),
    .init(
      "a hard link to a file of the machine",
      "def f(): return error(lambda: os.link('/usr/bin/env', '/box/env'))", .says("EXDEV")),
    .init(
      "changing a given file",
      .python(
        """
        import os, errno
        def error(call, *words):
          try: call(*words)
          except OSError as problem: return errno.errorcode[problem.errno]
          return 'done'
        def f():
          path = '/given/tests/cases.txt'
          found = [error(open, path, 'w'), error(os.chmod, path, 0o777), error(os.unlink, path),
            error(os.rename, '/given/tests', '/given/other'), error(os.rename, '/box', '/given'),
            error(os.link, path, '/box/link')]
          return [open(path).read()] + sorted(set(found))
        """, files: [SandboxFile("tests/cases.txt", text: "2 4")]),
      .says(["2 4", "EROFS", "EXDEV"])),
    .init(
      "swapping a link while it is followed",
      """
      def f():
        seen, end = set(), time.monotonic() + 0.3
        def swap():
          while time.monotonic() < end:
            for target in ('/given', '/etc/shadow', '/proc/1/environ'):
              try: os.unlink('x')
              except OSError: pass
              try: os.symlink(target, 'x')
              except OSError: pass
        thread = threading.Thread(target=swap); thread.start()
        while time.monotonic() < end:
          try: seen.add(len(open('x').read()))
          except OSError: pass
        thread.join()
        return sorted(seen)
      """, .says([])),
    .init(
      "device nodes",
      """
      def f():
        made = {error(lambda: os.mknod('disk', stat.S_IFBLK | 0o600, os.makedev(254, 0))),
          error(lambda: os.mknod('memory', stat.S_IFCHR | 0o600, os.makedev(1, 1)))}
        return sorted(made) + sorted(set(os.listdir('/dev')) & {'mem', 'kmsg', 'sda', 'vda', 'kvm', 'fuse'})
      """, .says(["EPERM"])),
    .init(
      "a program with another user's rights",
      """
      def f():
        found = [error(lambda: os.setuid(0)), error(lambda: os.setresgid(0, 0, 0)), error(lambda: os.setgroups([0]))]
        import shutil
        shutil.copy('/usr/bin/id', 'id'); os.chmod('id', 0o6755)
        found.append(subprocess.run(['./id', '-u'], capture_output=True, text=True).stdout.strip())
        return found
      """, .says(["EINVAL", "EINVAL", "EPERM", "65534"])),
    .init(
      "a handle to a file by its number",
      "def f(): return error(syscall(265 if arm else 304, -100, None, 0))", .says("EPERM")),
  ]

  private static let processes: [EscapeAttempt] = [
    .init(
      "other processes",
      "def f(): return [int(p) for p in os.listdir('/proc') if p.isdigit()]", .says([1, 2])),
    .init(
      "the environment of the machine",
      """
      def f():
        texts = [repr(sorted(os.environ))]
        for process in os.listdir('/proc'):
          if process.isdigit():
            try: texts.append(open(f'/proc/{process}/environ').read())
            except OSError: pass
        return any(word in text for text in texts for word in ('SECRET', 'TOKEN', 'KEY', 'SHELL', 'SSH'))
      """, .says(false)),
    .init(
      "the memory and descriptors of the keeper",
      """
      def f():
        places = ['/proc/1/mem', '/proc/1/fd/3', '/proc/1/environ', '/proc/1/root/box', '/proc/1/cwd']
        return sorted({error(lambda: os.close(os.open(place, os.O_RDONLY))) for place in places})
      """, .says(["EACCES"])),
    .init("ptrace", "def f(): return error(syscall(117 if arm else 101, 16, 1, 0, 0))", .says("EPERM")),
    .init(
      "reading another's memory",
      "def f(): return error(syscall(270 if arm else 310, 1, None, 0, None, 0, 0))", .says("EPERM")),
    .init(
      "taking another's descriptors", "def f(): return error(syscall(438, 3, 0, 0))", .says("EPERM")),
    .init(
      "signals to whatever there is",
      """
      def f():
        for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
          for process in [1, *range(3, 400)]:
            try: os.kill(process, number)
            except OSError: pass
          try: os.kill(-1, number)
          except OSError: pass
        return 'still here'
      """, .says("still here")),
    .init(
      "a daemon left behind",
      """
      def f():
        if os.fork() == 0:
          os.setsid()
          if os.fork() == 0:
            os.execvp('sleep', ['sleep', '98765'])
          os._exit(0)
        os.wait()
        return 'left'
      """, .says("left")),
    .init(
      "a sandbox in the sandbox",
      "def f(): return [error(syscall(97 if arm else 272, flag)) for flag in (0x10000000, 0x20000, 0x40000000, 0x80)]",
      .says(["EPERM", "EPERM", "EPERM", "EPERM"])),
    .init(
      "a clone into new namespaces",
      "def f(): return error(syscall(220 if arm else 56, 0x10000000 | 17, None, None, None, None))",
      .says("EPERM")),
    .init("clone3", "def f(): return error(syscall(435, None, 88))", .says("ENOSYS")),
    .init(
      "another's namespace",
      "def f():\n  return error(syscall(268 if arm else 308, os.open('/proc/self/ns/net', os.O_RDONLY), 0))",
      .says("EPERM")),
  ]

  private static let kernel: [EscapeAttempt] = [
    .init(
      "mounts",
      """
      def f():
        calls = [(40 if arm else 165, b'tmpfs', b'/box', b'tmpfs', 0, None), (39 if arm else 166, b'/given', 2),
          (428, -100, b'/', 0), (429, -1, b'', -1, b'/', 0), (430, b'tmpfs', 0), (442, -1, b'/', 0, None, 0)]
        return sorted({error(syscall(*call)) for call in calls})
      """, .says(["EPERM"])),
    .init(
      "another root",
      "def f(): return [error(lambda: os.chroot('/box')), error(syscall(41 if arm else 155, b'/box', b'/box'))]",
      .says(["EPERM", "EPERM"])),
    .init(
      "corners of the kernel",
      """
      def f():
        numbers = [280, 282, 425, 426, 427, 217, 218, 219, 241, 279, 447, 92, 194] if arm else [
          321, 323, 425, 426, 427, 248, 249, 250, 298, 319, 447, 135, 29]
        return sorted({error(syscall(number, 0, 0, 0, 0, 0)) for number in numbers})
      """, .says(["EPERM"])),
    .init(
      "what only root may do",
      """
      def f():
        numbers = [105, 106, 273, 142, 224, 225, 161, 162, 170, 112, 89, 104] if arm else [
          175, 176, 313, 169, 167, 168, 170, 171, 164, 227, 163, 246]
        return sorted({error(syscall(number, 0, 0, 0, 0, 0)) for number in numbers})
      """, .says(["EPERM"])),
    .init(
      "calls of another architecture",
      "def f(): return error(syscall(0x40000000 | 39)) if not arm else os.kill(os.getpid(), 31)",
      .signalled(31)),
    .init(
      "typing into the terminal",
      "import fcntl\ndef f(): return error(lambda: fcntl.ioctl(0, 0x5412, b'x'))", .says("EPERM")),
    .init(
      "switches of the kernel",
      """
      def f():
        places = ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/vm/drop_caches', '/proc/1/oom_score_adj']
        return [place for place in places if error(lambda: os.close(os.open(place, os.O_WRONLY))) == 'done']
      """, .says([])),
  ]

  private static let resources: [EscapeAttempt] = [
    .init(
      "a fork bomb",
      """
      def f():
        count = 0
        try:
          while True:
            if os.fork() == 0: time.sleep(30); os._exit(0)
            count += 1
        except OSError as problem:
          return [count < 40, errno.errorcode[problem.errno]]
      """, .says([true, "EAGAIN"])),
    .init(
      "a fork bomb that never stops",
      "def f():\n  while True:\n    try: os.fork()\n    except OSError: pass", .timedOut, limits: brief),
    .init(
      "threads without end",
      """
      def f():
        try:
          for count in range(10_000): threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        except RuntimeError: return count < 40
      """, .says(true)),
    .init("memory at once", "def f(): return len(bytearray(8 << 30))", .memory),
    .init(
      "memory bit by bit", "def f():\n  x = []\n  while True: x.append(bytearray(1 << 20))", .memory,
      limits: small),
    .init(
      "memory in many processes",
      """
      def f():
        for _ in range(20):
          if os.fork() == 0:
            x = b'x' * (20 << 20); time.sleep(30); os._exit(0)
        time.sleep(30)
      """, .memory, limits: small),
    .init(
      "memory that is shared",
      "import mmap\ndef f():\n  m = mmap.mmap(-1, 4 << 30)\n  for i in range(0, 4 << 30, 4096): m[i] = 1",
      .memory, limits: small),
    .init(
      "memory of a program that is no Python",
      SandboxJob(
        .command(["perl", "-e", "my @x; while (1) { push @x, 'x' x 1_000_000 . @x }"]), limits: small),
      .memory),
    .init(
      "a full disk",
      """
      def f():
        found = []
        for folder in ('/box', '/tmp', '/dev/shm'):
          def fill():
            for name in range(100):
              with open(f'{folder}/{name}', 'wb', 0) as file:
                for _ in range(16): file.write(bytes(1 << 20))
          found.append(error(fill))
        return [found, os.statvfs('/box').f_blocks * os.statvfs('/box').f_frsize <= 64 << 20]
      """, .says([["ENOSPC", "ENOSPC", "ENOSPC"], true])),
    .init(
      "files without end",
      "def f(): return error(lambda: [open(f'{i}', 'w').close() for i in range(100_000)])", .says("ENOSPC")),
    .init(
      "one file larger than all",
      "def f():\n  with open('x', 'wb') as file: return error(lambda: os.pwrite(file.fileno(), b'x', 1 << 40))",
      .says("EFBIG")),
    .init(
      "a gigabyte of output", "def f():\n  for _ in range(1 << 10): sys.stdout.write('x' * (1 << 20))",
      .outputLimit),
    .init(
      "a gigabyte of errors", "def f():\n  while True: sys.stderr.write('x' * (1 << 16))", .outputLimit),
    .init("a result too large", "def f(): return 'x' * (64 << 20)", .outputLimit),
    .init(
      "descriptors without end",
      "def f(): return error(lambda: [os.open('/dev/null', 0) for _ in range(100_000)])", .says("EMFILE")),
    .init("sleeping past the deadline", "def f(): time.sleep(60)", .timedOut, limits: brief),
    .init(
      "a loop that no signal stops",
      "def f():\n  for n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n    except OSError: pass\n  while True: pass",
      .timedOut, limits: brief),
    .init("stopping itself", "def f(): os.kill(os.getpid(), signal.SIGSTOP)", .timedOut, limits: brief),
    .init(
      "processor time in many processes",
      "def f():\n  for _ in range(4): os.fork()\n  while True: pass", .timedOut,
      limits: SandboxLimits(wallSeconds: 20, cpuSeconds: 0.5)),
    .init(
      "raising its own limits",
      """
      import resource
      def f():
        found = []
        for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
          try: resource.setrlimit(kind, (1 << 40, 1 << 40)); found.append('raised')
          except (ValueError, OSError): found.append('refused')
        return sorted(set(found))
      """, .says(["refused"])),
    .init("a crash", "def f(): ctypes.string_at(0)", .signalled(11)),
    .init("recursion without end", "def f(): return f()", .raises("RecursionError")),
  ]

  private static let verdicts: [EscapeAttempt] = [
    .init("sys.exit(0) before the tests", "sys.exit(0)\ndef f(): return 0", .exits(0)),
    .init("os._exit(0) before the tests", "os._exit(0)\ndef f(): return 0", .exits(0)),
    .init("an exit within the call", "def f(): os._exit(0)", .exits(0)),
    .init(
      "a printed verdict",
      "def f():\n  print('{\"reward\": 1.0}'); print('V1.0', file=sys.stderr); raise ValueError('no')",
      .raises("ValueError")),
    .init(
      "another way to leave",
      "def f():\n  os._exit = lambda code: None\n  os.fork = lambda: 0\n  os.execvpe = None\n  raise SystemExit(0)",
      .noValue, limits: brief),
    .init(
      "a patched encoder",
      """
      def f():
        import json
        json.dumps = lambda *a, **k: '{"ending": "exited", "status": 0, "blobs": []}'
        raise ValueError('no')
      """, .noValue),
    .init(
      "half an answer",
      "def f():\n  os.write(3, b'\\x09\\0\\0\\0\\0\\0\\0\\0V1'); os._exit(0)", .exits(0)),
    .init(
      "writing to every descriptor",
      """
      def f():
        for descriptor in range(3, 256):
          try: os.write(descriptor, b'\\0' * 64)
          except OSError: pass
        return 1.0
      """, .noValue),
    .init(
      "closing every descriptor", "def f():\n  os.closerange(0, 256)\n  return 1.0", .noValue),
    .init(
      "descriptors that lead outside",
      """
      def f():
        places = [os.readlink(f'/proc/self/fd/{d}') for d in range(256) if error(lambda: os.fstat(d)) == 'done']
        return sorted({place.split(':')[0] for place in places})
      """, .says(["/dev/null", "pipe"])),
  ]
}
