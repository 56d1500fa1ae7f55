"""The text of the cases: README.md describes it."""
import os, re, shlex

SHORT = {'alg': 'algorithm', 'user': 'username'}


class Wrong(Exception):
    """The case itself is at fault."""


def words(line):
    """Splits at white space, but not inside '...' and (...)."""
    out, word, depth, quote = [], '', 0, False
    for c in line + ' ':
        if c == "'":
            quote = not quote
        elif not quote and c in '()':
            depth += 1 if c == '(' else -1
        if c.isspace() and not quote and not depth:
            if word:
                out.append(word)
            word = ''
        else:
            word += c
    if word or depth or quote:
        raise Wrong('quotes or brackets do not match: ' + line)
    return out


def unquote(value):
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value


class Options:
    """Words "key=value", "key:=raw", "-key" and plain ones; what nobody asked for is an error."""

    def __init__(self, text_words):
        self.values, self.dropped, self.raw, self.plain, self.order = {}, set(), {}, [], []
        for w in text_words:
            m = re.match(r'([A-Za-z][\w.*-]*)(:?=)(.*)$', w, re.S)
            if m and m[2] == ':=':
                self.raw[SHORT.get(m[1], m[1])] = unquote(m[3])
                self.order.append(SHORT.get(m[1], m[1]))
            elif m:
                self.values[m[1]] = unquote(m[3])
                self.order.append(m[1])
            elif re.match(r'-[a-z]', w):
                self.dropped.add(SHORT.get(w[1:], w[1:]))
            else:
                self.plain.append(w)

    def take(self, key, default=None):
        return self.values.pop(key, default)

    def flag(self, word):
        if word in self.plain:
            self.plain.remove(word)
            return True
        return False

    def without(self, key):
        if key in self.dropped:
            self.dropped.remove(key)
            return True
        return False

    def finish(self):
        left = list(self.values) + list(self.raw) + self.plain + ['-' + d for d in self.dropped]
        if left:
            raise Wrong('not understood: ' + ' '.join(left))


class Case:
    def __init__(self, name, path, line):
        self.name, self.path, self.line = name, path, line
        self.secrets, self.options, self.settings, self.hosts = [], [], {}, {}
        self.steps, self.raises, self.nots, self.also, self.maybe = [], [], [], [], []
        self.outcomes = self.causes = self.rounds = self.verdict = self.stderr = None
        self.verifications = None
        self.exit, self.hides = None, []

    def title(self):
        return '%s: %s' % (os.path.basename(self.path)[:-6], self.name)


def split_list(text):
    """ "accepted rejected*3" """
    out = []
    for w in text.split():
        word, _, times = w.partition('*')
        out += [word] * int(times or 1)
    return out


def read_key(case, key, text):
    if key == 'secret':
        case.secrets.append(text)
    elif key == 'options':
        case.options += shlex.split(text)
    elif key == 'set':
        o = Options(words(text))
        case.settings.update(o.values)
        o.values = {}
        o.finish()
    elif key == 'host':
        name, address = text.split()
        case.hosts[name] = address
    elif key == 'raises':
        case.raises.append(text)
    elif key in ('not', 'also', 'maybe'):
        {'not': case.nots, 'also': case.also, 'maybe': case.maybe}[key].extend(text.split())
    elif key == 'outcome':
        case.outcomes = split_list(text)
    elif key == 'cause':
        case.causes = split_list(text)
    elif key == 'rounds':
        case.rounds = [int(w) for w in split_list(text)]
    elif key == 'verification':
        case.verifications = split_list(text)
    elif key == 'hides':
        case.hides.append(text)
    elif key == 'verdict':
        case.verdict = text
    elif key == 'exit':
        case.exit = int(text)
    elif key == 'stderr':
        case.stderr = text
    else:
        raise Wrong('unknown key "%s:"' % key)


def expand(lines):
    """ "repeat N ... done": the lines N times, {i} = 1, 2, ... and {j} = {i} + 1; "for A B ... done": {i} = A, B """
    out, lines = [], list(lines)
    while lines:
        number, line = lines.pop(0)
        head, *values = line.split() or ['']
        if head not in ('repeat', 'for'):
            out.append((number, line))
            continue
        inner = []
        while lines and lines[0][1].strip() != 'done':
            inner.append(lines.pop(0))
        if not lines:
            raise Wrong('line %d: %s without done' % (number, head))
        lines.pop(0)
        for i in range(1, int(values[0]) + 1) if head == 'repeat' else values:
            after = str(int(i) + 1) if head == 'repeat' else '{j}'
            out += [(n, text.replace('{i}', str(i)).replace('{j}', after)) for n, text in inner]
    return out


def read_file(path):
    cases, case = [], None
    lines = [(n, l.rstrip('\n')) for n, l in enumerate(open(path, encoding='utf-8', errors='surrogateescape'), 1)]
    for number, line in expand(lines):
        text = line.strip()
        try:
            if text.startswith('case:'):
                case = Case(text[5:].strip(), path, number)
                cases.append(case)
            elif line.startswith('\traw:') or line.startswith('raw:'):
                case.steps[-1][2].append(line.lstrip('\t')[4:].removeprefix(' '))
            elif not text or text.startswith('#'):
                continue
            elif case is None:
                raise Wrong('before the first "case:"')
            elif re.match(r'[a-z]+:( |$)', text):
                key, _, value = text.partition(':')
                read_key(case, key, value.strip())
            else:
                case.steps.append((number, text, []))
        except (Wrong, ValueError, IndexError) as e:
            raise Wrong('%s:%d: %s' % (path, number, e))
    return cases
