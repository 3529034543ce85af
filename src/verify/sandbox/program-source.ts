/**
 * Python: what runs inside the sandbox, as the process that becomes the program. Limits itself, then runs the program's text.
 *
 * The program shares this process, so nothing here is to be trusted once it has begun: what comes out of the pipes is its answer,
 * whatever it did to make it. Expected outputs are never on this side.
 */
export const PROGRAM_SOURCE = `
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import _sitebuiltins, atexit, builtins, json, os, resource, signal, threading, traceback, types

RESULT_FD = 3

PRELUDE = '''
from string import *
from re import *
from datetime import *
from collections import *
from heapq import *
from bisect import *
from copy import *
from math import *
from random import *
from statistics import *
from itertools import *
from functools import *
from operator import *
from io import *
from sys import *
from json import *
from builtins import *
from typing import *
import string, re, datetime, collections, heapq, bisect, copy, math, random, statistics, itertools, functools, operator, io, sys, json
sys.setrecursionlimit(50000)
'''

def use_modules(search_path):
    """What the site module would have done, without what it reads and runs to do it."""
    sys.path[:] = search_path
    builtins.exit = _sitebuiltins.Quitter('exit', 'Ctrl-D')
    builtins.quit = _sitebuiltins.Quitter('quit', 'Ctrl-D')

def fresh_names(prelude):
    """What a program finds defined when it starts."""
    names = {}
    if prelude == 'livecodebench':
        exec(PRELUDE, names)
    return names

def limit(kind, amount):
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    resource.setrlimit(kind, (amount, amount))

def limit_resources(limits):
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_CPU, limits['cpuSeconds'])
    limit(resource.RLIMIT_FSIZE, limits['scratchBytes'])
    limit(resource.RLIMIT_NOFILE, 64)
    # the main thread's stack may grow into the gap the kernel leaves below it, 128 MiB at least
    limit(resource.RLIMIT_STACK, 120 << 20)
    limit(resource.RLIMIT_NPROC, limits['processes'])
    limit(resource.RLIMIT_AS, limits['memoryBytes'])

def as_json(value):
    if hasattr(value, 'tolist'):
        return value.tolist()
    raise TypeError('returned a ' + type(value).__name__ + ', which is not JSON')

def call(names, function, arguments):
    owner = names.get('Solution')
    if owner is not None and hasattr(owner, function):
        target = getattr(owner(), function)
    elif function in names:
        target = names[function]
    else:
        raise NameError('function ' + function + ' is not defined')
    value = target(*[json.loads(text) for text in arguments])
    text = json.dumps(value, default=as_json).encode()
    while text:
        text = text[os.write(RESULT_FD, text):]

def execute(program, names):
    """Runs the program as the main module and ends this process as Python would."""
    code = 0
    module = types.ModuleType('__main__')
    sys.modules['__main__'] = module
    module.__dict__.update(names)
    module.__dict__['__name__'] = '__main__'
    sys.argv = ['solution.py']
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # the sign that the sandbox stands; from here on what goes wrong is the program's doing
    os.write(RESULT_FD, b'+')
    try:
        exec(compile(program['source'], 'solution.py', 'exec'), module.__dict__)
        if program.get('function') is not None:
            call(module.__dict__, program['function'], program['arguments'])
    except SystemExit as stop:
        if isinstance(stop.code, int):
            code = stop.code & 255
        elif stop.code is not None:
            print(stop.code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc(limit=-3)
        code = 1
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        code = code or 1
    os._exit(code)
`;
