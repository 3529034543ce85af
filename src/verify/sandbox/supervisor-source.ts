/**
 * Python: the trusted process that our own starts. Builds the sandbox, then for each request runs the program in a process of its own and
 * reports what came out. Requests and reports are JSON, each with its length before it, on the supervisor's stdin and stdout, which no
 * program ever holds. When its stdin ends, all that it started ends.
 */
export const SUPERVISOR_SOURCE = `
import struct

def read_exactly(fd, count):
    parts = []
    while count > 0:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b''.join(parts)

def receive(fd):
    head = read_exactly(fd, 4)
    body = None if head is None else read_exactly(fd, struct.unpack('>I', head)[0])
    return None if body is None else json.loads(body)

def report(fd, message):
    body = json.dumps(message).encode()
    frame = struct.pack('>I', len(body)) + body
    while frame:
        frame = frame[os.write(fd, frame):]

def take_fds(fds):
    """Makes these fds 0, 1, 2, ... of this process and closes all others."""
    high = [os.dup(os.dup(fd)) for fd in fds]
    while min(high) < len(fds):
        high = [os.dup(fd) for fd in high]
    for number, fd in enumerate(high):
        os.dup2(fd, number)
    # this process opens few and was given three
    os.closerange(len(fds), 1024)

def read_below(folder_fd, path):
    fd = os.open(path, os.O_RDONLY, dir_fd=folder_fd)
    try:
        return os.read(fd, 4096)
    finally:
        os.close(fd)

def seconds_waiting_for_a_core(proc_fd, pid, depth=4):
    """How long the process, or one it started, was ready to run and was not run."""
    try:
        own = int(read_below(proc_fd, '%d/schedstat' % pid).split()[1]) / 1e9
        children = read_below(proc_fd, '%d/task/%d/children' % (pid, pid)).split() if depth else []
        return max([own] + [seconds_waiting_for_a_core(proc_fd, int(child), depth - 1) for child in children])
    except (OSError, TypeError, IndexError):
        return 0.0

class Output:
    """What comes out of one pipe, up to a number of bytes; of stderr the last ones are kept."""
    def __init__(self, fd, most, keeps_last=False):
        self.fd, self.most, self.keeps_last = fd, most, keeps_last
        self.parts, self.size, self.is_open = [], 0, True
        os.set_blocking(fd, False)

    def read(self):
        try:
            part = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return False
        if not part:
            self.is_open = False
            return False
        self.size += len(part)
        self.parts.append(part)
        if self.keeps_last and len(self.parts) > 2:
            self.parts = [b''.join(self.parts)[-self.most:]]
        return True

    def overflows(self):
        return not self.keeps_last and self.size > self.most

    def text(self):
        return b''.join(self.parts)[-self.most if self.keeps_last else 0:].decode('utf-8', 'replace')

def watch(pid, outputs, requests, wakeup, seconds):
    """Waits until the program ends, a limit is reached or nobody wants to know. -> why"""
    deadline = time.monotonic() + seconds
    while True:
        poller = select.poll()
        poller.register(wakeup, select.POLLIN)
        poller.register(requests, 0)
        for output in outputs:
            if output.is_open:
                poller.register(output.fd, select.POLLIN)
        ready = dict(poller.poll(max(0, deadline - time.monotonic()) * 1000))
        if requests in ready:
            return 'abandoned'
        for output in outputs:
            if output.fd in ready:
                output.read()
            if output.overflows():
                return 'output'
        if wakeup in ready:
            os.read(wakeup, 4096)
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return 'ended'
        if time.monotonic() >= deadline:
            return 'timeout'

def run(isolation, config, program, requests, wakeup):
    isolation.before()
    given = in_memory('input', program.pop('input', '').encode('utf-8', 'surrogatepass'))
    pipes = [os.pipe() for _ in range(3)]
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            take_fds([given] + [write for _, write in pipes])
            isolation.become(program)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    os.close(given)
    for _, write in pipes:
        os.close(write)
    most = config['limits']['outputBytes']
    stdout, stderr, result = outputs = [Output(pipes[0][0], most), Output(pipes[1][0], 4096, True), Output(pipes[2][0], most)]
    try:
        ending = watch(pid, outputs, requests, wakeup, config['limits']['wallSeconds'])
        waited = seconds_waiting_for_a_core(isolation.proc_fd, pid) if ending == 'timeout' else 0.0
        if ending != 'ended':
            os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        isolation.after(pid)
        for output in outputs:
            while output.is_open and not output.overflows() and output.read():
                pass
        if stdout.overflows() or result.overflows():
            ending = 'output'
    finally:
        for output in outputs:
            os.close(output.fd)
    text = result.text()
    if ending == 'ended':
        ending, status = isolation.ending(status)
    else:
        status = signal.SIGKILL
    return {
        'ending': ending,
        'code': status,
        'hasBegun': text.startswith('+'),
        'cpuSeconds': usage.ru_utime + usage.ru_stime,
        'wallSeconds': time.monotonic() - started,
        'waitedSeconds': waited,
        'stdout': stdout.text() if not stdout.overflows() else '',
        'stderr': stderr.text(),
        'result': text[1:],
    }

def supervise():
    requests, reports = os.dup(0), os.dup(1)
    null = os.open('/dev/null', os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    config = receive(requests)
    if sys.version_info < (3, 8):
        return report(reports, {'failed': 'Python 3.8 or later is needed, this is ' + sys.version.split()[0]})
    use_modules(config['modulePath'])
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    try:
        isolation = KINDS[config['isolation']](config, [requests, reports])
    except BaseException as error:
        return report(reports, {'failed': str(error) or repr(error)})
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    report(reports, {'ready': sys.version.split()[0]})
    try:
        while True:
            program = receive(requests)
            if program is None:
                break
            try:
                answer = run(isolation, config, program, requests, wakeup)
            except Exception as error:
                answer = {'failed': str(error) or repr(error)}
            report(reports, answer)
    except BrokenPipeError:
        pass
    finally:
        isolation.close()

supervise()
`;
