/**
 * Python: builds the sandbox out of Linux namespaces by system calls alone, as any user where user namespaces are allowed, or as root.
 *
 * After `enter`, the caller is the supervisor: inside the new mount, network, IPC and UTS namespaces but outside the new pid namespace,
 * where no program can name it. The first process inside is a trusted reaper; when it ends, the kernel ends all that is inside.
 *
 * As root the sandbox first takes a user id of its own, which owns nothing and whose process count starts at zero (the kernel exempts
 * root from that limit); only then does it take a user namespace, like everyone else.
 */
export const NAMESPACES_SOURCE = `
import ctypes

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT = 1, 4, 24, 38, 36, 47
SYS_MOUNT_SETATTR = 442
SYS_PIVOT_ROOT = {'x86_64': 155, 'aarch64': 41, 'riscv64': 41}
INSIDE_ID = 1000

libc = ctypes.CDLL(None, use_errno=True)

def checked(what, result):
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, what + ': ' + os.strerror(error))
    return result

def prctl(option, *values):
    arguments = [ctypes.c_ulong(value) for value in list(values) + [0] * (4 - len(values))]
    return libc.prctl(ctypes.c_int(option), *arguments)

def unshare(flags):
    checked('unshare', libc.unshare(ctypes.c_int(flags)))

def mount(source, target, kind, flags, options=None):
    text = lambda value: None if value is None else os.fsencode(value)
    result = libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(options))
    checked('mount ' + target, result)

def set_attributes(path, attributes, recursive):
    """Needs Linux 5.12: the only way to make a whole tree of mounts read-only."""
    fields = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = 0x8000 if recursive else 0
    result = libc.syscall(ctypes.c_long(SYS_MOUNT_SETATTR), ctypes.c_int(-100), os.fsencode(path), ctypes.c_uint(flags),
                          ctypes.byref(fields), ctypes.c_size_t(32))
    checked('mount_setattr ' + path, result)

def pivot_root(new, old):
    number = SYS_PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(0, 'pivot_root: no number known for ' + os.uname().machine)
    checked('pivot_root', libc.syscall(ctypes.c_long(number), os.fsencode(new), os.fsencode(old)))

def inside(path, folder):
    return path == folder or path.startswith(folder + '/')

def place_of(path):
    """Where a path of the machine is found inside: /tmp is the program's own there."""
    return '/outside' + path if inside(path, '/tmp') else path

def needed_paths():
    """What the interpreter reads while a program runs: the system's libraries and its own, nothing else. -> [(real path, place)], {link: target}"""
    wanted = ['/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/share/zoneinfo', '/lib', '/lib32', '/lib64', '/etc/ld.so.cache']
    for prefix in (sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix):
        wanted += ['/nix/store'] if prefix.startswith('/nix/store') else [prefix + '/lib', prefix + '/lib64']
    wanted += [os.path.dirname(os.__file__)] + [entry for entry in sys.path if os.path.isabs(entry)]
    binds, links = [], {}
    for path in wanted:
        real = os.path.realpath(path)
        if not os.path.exists(real):
            continue
        if os.path.islink(path) and os.path.dirname(path) == '/':
            links[path] = os.readlink(path)
        for place in (real,) if path in links else (place_of(path), place_of(real)):
            covered = any(inside(place, other) for _, other in binds) or any(inside(place, link) for link in links)
            if not covered:
                binds.append((real, place))
    return binds, links

def build_root(binds, links):
    """A read-only root of its own in memory, with the old one below /old."""
    mount(None, '/', None, MS_REC | MS_PRIVATE)
    mount('tmpfs', '/tmp', 'tmpfs', MS_NOSUID | MS_NODEV, 'size=1m,mode=755')
    os.mkdir('/tmp/old')
    pivot_root('/tmp', '/tmp/old')
    os.chdir('/')
    for folder in ('/dev', '/proc', '/tmp'):
        os.mkdir(folder)
    for real, place in binds:
        source = '/old' + real
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if os.path.isdir(source):
            os.makedirs(place, exist_ok=True)
        else:
            open(place, 'x').close()
        mount(source, place, None, MS_BIND | MS_REC)
        set_attributes(place, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, True)
    for link, target in links.items():
        os.symlink(target, link)
    for device in ('null', 'zero', 'full', 'random', 'urandom'):
        open('/dev/' + device, 'x').close()
        mount('/old/dev/' + device, '/dev/' + device, None, MS_BIND)
    # where named semaphores live
    os.symlink('/tmp', '/dev/shm')
    for number, name in enumerate(('stdin', 'stdout', 'stderr')):
        os.symlink('/proc/self/fd/' + str(number), '/dev/' + name)

def write_below(folder_fd, path, text):
    fd = os.open(path, os.O_WRONLY, dir_fd=folder_fd)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)

def map_ids(proc_fd, user, group):
    write_below(proc_fd, 'self/setgroups', 'deny')
    write_below(proc_fd, 'self/uid_map', '%d %d 1' % (INSIDE_ID, user))
    write_below(proc_fd, 'self/gid_map', '%d %d 1' % (INSIDE_ID, group))

def reap_all_when_told(requests, replies):
    """Process 1 of the sandbox. One byte in: kill and reap all others, one byte out. Ends, and all with it, when the supervisor does."""
    if os.getpid() != 1:
        os._exit(1)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_DUMPABLE, 0)
    for number in (signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    mount('proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, 'subset=pid,hidepid=2')
    os.write(replies, b'+')
    while os.read(requests, 1):
        while True:
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                pass
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
        os.write(replies, b'+')
    os._exit(0)

def start_reaper(open_fds):
    """-> (pid, fd to ask, fd that answers)"""
    ask_read, ask_write = os.pipe()
    answer_read, answer_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for fd in open_fds + [ask_write, answer_read]:
                os.close(fd)
            reap_all_when_told(ask_read, answer_write)
        except BaseException as error:
            os.write(answer_write, str(error).encode()[:500])
        os._exit(1)
    os.close(ask_read)
    os.close(answer_write)
    greeting = os.read(answer_read, 500)
    if greeting != b'+':
        raise OSError(0, 'the first process inside did not start: ' + greeting.decode())
    return pid, ask_write, answer_read

def own_user():
    """A user id that nobody has: the supervisor's own pid makes it unlike those of other sandboxes."""
    os.setgroups([])
    for first in (0x70000000, 32768):
        user = first + os.getpid() % 30000
        try:
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            return user
        except OSError:
            if first == 32768:
                raise

def enter(open_fds):
    binds, links = needed_paths()
    proc_fd = os.open('/proc', os.O_RDONLY | os.O_DIRECTORY)
    user, group = os.geteuid(), os.getegid()
    apart = NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET
    unshare(apart if user == 0 else apart | NEWUSER)
    if user != 0:
        map_ids(proc_fd, user, group)
    libc.sethostname(b'sandbox', ctypes.c_size_t(7))
    build_root(binds, links)
    reaper = start_reaper(open_fds + [proc_fd])
    checked('umount2 /old', libc.umount2(b'/old', ctypes.c_int(MNT_DETACH)))
    os.rmdir('/old')
    set_attributes('/', ATTR_RDONLY, False)
    if user == 0:
        own = own_user()
        prctl(PR_SET_DUMPABLE, 1)
        unshare(NEWUSER | NEWNS)
        map_ids(proc_fd, own, own)
    write_below(proc_fd, 'sys/user/max_user_namespaces', '0')
    prctl(PR_SET_DUMPABLE, 0)
    return reaper, proc_fd

def fresh_scratch(size):
    libc.umount2(b'/tmp', ctypes.c_int(MNT_DETACH))
    mount('tmpfs', '/tmp', 'tmpfs', MS_NOSUID | MS_NODEV, 'size=%d,nr_inodes=4096,mode=700' % size)

def drop_privileges():
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_CAP_AMBIENT, 4)
    capability = 0
    while prctl(PR_CAPBSET_DROP, capability) == 0:
        capability += 1
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    checked('capset', libc.capset(ctypes.byref(header), ctypes.byref(nothing)))
    # its own /proc/self belongs to a program only when it may be dumped
    prctl(PR_SET_DUMPABLE, 1)
`;
