"""Digest values, parameters of authentication fields, messages and calls."""
import hashlib, re

NEVER_QUOTED = {'algorithm', 'qop', 'nc', 'stale', 'userhash', 'charset', 'username*'}
COMPACT = {'Via': 'v', 'From': 'f', 'To': 't', 'Call-ID': 'i', 'Contact': 'm', 'Content-Length': 'l'}
HASHES = {'MD5': 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512_256', 'AKAV1-MD5': 'md5', 'SHA-1': 'sha1'}


def octets(value):
    return value if isinstance(value, bytes) else value.encode('utf-8', 'surrogateescape')


def digest(p):
    """The response for alg, username, realm, pass, method, uri, nonce, and if there is a qop nc, cnonce, body."""
    name = p['alg'].upper().strip('"')
    sess = name.endswith('-SESS')
    algorithm = HASHES.get(name[:-5] if sess else name, 'md5')

    def h(*parts):
        return hashlib.new(algorithm, b':'.join(octets(x) for x in parts)).hexdigest()

    ha1 = p.get('ha1') or h(p['username'], p['realm'], p['pass'])
    if sess:
        ha1 = h(ha1, p['nonce'], p['cnonce'])
    a2 = [p['method'], p['uri']]
    if p['qop'] == 'auth-int':
        a2.append(h(p['body']))
    if not p['qop']:
        return h(ha1, p['nonce'], h(*a2))
    return h(ha1, p['nonce'], p['nc'], p['cnonce'], p['qop'], h(*a2))


def write_params(params, options, bare=NEVER_QUOTED):
    """ [(name, value)] and the overrides of a case -> text. A raw value stands as it is after the "="; an empty
    raw value leaves the name alone. """
    out = []
    for name, value in params:
        if name in options.raw:
            value = options.raw.pop(name)
            out.append(name + '=' + value if value else name)
        elif name in bare:
            out.append('%s=%s' % (name, value))
        else:
            out.append('%s="%s"' % (name, value))
    return ', '.join(out)


class Message:
    def __init__(self):
        self.label = self.request = self.credentials = None
        self.headers, self.body, self.frame, self.compact = [], '', None, False

    def lines(self):
        headers = [re.sub('^(%s):' % '|'.join(COMPACT), lambda x: COMPACT[x[1]] + ':', h) if self.compact else h
                   for h in self.headers]
        return '\r\n'.join([self.start] + headers)

    def bytes(self):
        return octets(self.lines() + '\r\n\r\n') + octets(self.body)

    def get(self, name):
        return next((h.partition(':')[2].strip() for h in self.headers
                     if h.partition(':')[0].strip().lower() == name.lower()), '')

    def set(self, name, value):
        for i, h in enumerate(self.headers):
            if h.partition(':')[0].lower() == name.lower():
                self.headers[i] = '%s: %s' % (name, value)
                return


class Call:
    """One Call-ID and what both sides know of it."""

    def __init__(self, n):
        self.id = 'call-%s@example.com' % n
        self.caller = self.ends = None
        self.cseq, self.tags, self.dialog_tag, self.invites = {}, {}, {}, {}  # by the name of the host
        self.challenges = []


class Challenge:
    def __init__(self, kind, params, label, response):
        self.kind, self.params, self.label, self.response = kind, params, label, response
