/**
 * Python: the kinds of isolation behind one shape. `before` a run prepares a clean scratch folder, `become` turns a forked process into
 * the program and never returns, `ending` reads its exit status, `after` ends whatever it left behind, `close` clears up.
 */
export const WALLS_SOURCE = String.raw`
import select, shutil, subprocess, time

def in_memory(name, content):
    fd = os.memfd_create(name)
    with open(fd, 'wb', closefd=False) as file:
        file.write(content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd

def adopt_orphans():
    """Children that lose their parent become this process's."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)

def children():
    found = []
    for name in os.listdir('/proc') if sys.platform == 'linux' else []:
        if name.isdigit():
            try:
                with open('/proc/' + name + '/stat', 'rb') as file:
                    if int(file.read().rpartition(b')')[2].split()[1]) == os.getpid():
                        found.append(int(name))
            except OSError:
                pass
    return found

def tasks_of_user():
    """Processes and threads this user has, wherever: without a user namespace the limit counts them all."""
    count = 0
    for name in os.listdir('/proc') if sys.platform == 'linux' else []:
        try:
            if name.isdigit() and os.stat('/proc/' + name).st_uid == os.getuid():
                count += len(os.listdir('/proc/' + name + '/task'))
        except OSError:
            pass
    return count

def sweep(group):
    """Kills the group and every process that has become a child of this one, until there are none."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    for _ in range(1000):
        for child in children():
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)
    raise OSError(0, 'processes of the program would not end')

class Direct:
    """The program's process is a child of this one."""
    def ending(self, status):
        return ('exited', os.WEXITSTATUS(status)) if os.WIFEXITED(status) else ('signalled', os.WTERMSIG(status))

class Namespaces(Direct):
    """Isolation by namespaces this process makes itself."""
    def __init__(self, config, keep):
        self.limits = config['limits']
        (self.reaper, self.ask, self.answer), self.proc_fd = enter(keep)
        use_modules([place_of(entry) for entry in sys.path])
        self.names = fresh_names(config['prelude'])

    def before(self):
        fresh_scratch(self.limits['scratchBytes'])

    def become(self, program):
        os.chdir('/tmp')
        drop_privileges()
        limit_resources(self.limits)
        execute(program, self.names)

    def after(self, pid):
        os.write(self.ask, b'!')
        if not select.select([self.answer], [], [], 10)[0] or os.read(self.answer, 1) != b'+':
            raise OSError(0, 'the first process inside does not answer')

    def close(self):
        os.close(self.ask)
        os.waitpid(self.reaper, 0)

class Bubblewrap:
    """Isolation by bubblewrap, one for each run of the program."""
    def __init__(self, config, keep):
        self.config = config
        self.proc_fd = os.open('/proc', os.O_RDONLY | os.O_DIRECTORY)
        adopt_orphans()
        # from version 0.8: a program cannot make namespaces of its own in turn
        options = subprocess.run([config['bubblewrap'], '--help'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        self.extra = ['--disable-userns'] if b'--disable-userns' in options else []

    def before(self):
        pass

    def become(self, program):
        config = self.config
        text = json.dumps({'program': program, 'limits': config['limits'], 'prelude': config['prelude'],
                           'modulePath': [place_of(entry) for entry in config['modulePath']]}).encode()
        fd = in_memory('program', text)
        os.set_inheritable(fd, True)
        binds, links = needed_paths()
        flags = self.extra + ['--unshare-user', '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--uid', '1000', '--gid', '1000',
                              '--hostname', 'sandbox']
        for real, place in binds:
            flags += ['--ro-bind', real, place]
        for link, target in links.items():
            flags += ['--symlink', target, link]
        python = os.path.realpath(sys.executable)
        size = str(config['limits']['scratchBytes'])
        flags += ['--ro-bind', python, python, '--proc', '/proc']
        flags += ['--dev', '/dev', '--size', size, '--tmpfs', '/dev/shm', '--remount-ro', '/dev']
        flags += ['--size', size, '--tmpfs', '/tmp', '--chdir', '/tmp', '--remount-ro', '/']
        start = config['programSource'] + "\nwith open(%d) as file: given = json.load(file)\n" % fd
        start += "use_modules(given['modulePath'])\n"
        start += "limit_resources(given['limits'])\nexecute(given['program'], fresh_names(given['prelude']))\n"
        os.execv(config['bubblewrap'], [config['bubblewrap']] + flags + ['--', python, '-s', '-S', '-B', '-c', start])

    def after(self, pid):
        # bubblewrap's own first process inside shares the program's user: it could be made to outlive its parent
        sweep(pid)

    def ending(self, status):
        # bubblewrap tells of signals as shells do
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        return ('exited', code) if code <= 128 else ('signalled', code - 128)

    def close(self):
        pass

class LimitsOnly(Direct):
    """No isolation: limits on resources, and an attempt to find every process that was started."""
    def __init__(self, config, keep):
        self.config = config
        self.names = fresh_names(config['prelude'])
        self.proc_fd = None
        self.folder = config['scratch']
        if sys.platform == 'linux':
            adopt_orphans()
            self.proc_fd = os.open('/proc', os.O_RDONLY | os.O_DIRECTORY)

    def before(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder, 0o700, exist_ok=True)

    def become(self, program):
        os.chdir(self.folder)
        os.environ['HOME'] = os.environ['TMPDIR'] = self.folder
        limits = self.config['limits']
        limit_resources({**limits, 'processes': limits['processes'] + tasks_of_user()})
        execute(program, self.names)

    def after(self, pid):
        sweep(pid)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

KINDS = {'namespaces': Namespaces, 'bubblewrap': Bubblewrap, 'limits': LimitsOnly}
`;
