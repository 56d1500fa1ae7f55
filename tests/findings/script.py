"""Plays the steps of a case: SIP messages with their digests, and the packets that carry them."""
import hashlib, re
from casefile import SHORT, Options, Wrong, words
from sip import NEVER_QUOTED, Call, Challenge, Message, digest, octets, write_params
from wire import Wire

START = 1795341600.0  # 2026-11-22 10:00:00 UTC
CHALLENGE = {'www': 'WWW-Authenticate', 'proxy': 'Proxy-Authenticate'}
CREDENTIALS = {'auth': ('Authorization', 'www'), 'pauth': ('Proxy-Authorization', 'proxy')}
REASONS = {100: 'Trying', 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 202: 'Accepted', 302: 'Moved Temporarily',
           400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found',
           407: 'Proxy Authentication Required', 408: 'Request Timeout', 480: 'Temporarily Unavailable',
           481: 'Call/Transaction Does Not Exist', 486: 'Busy Here', 488: 'Not Acceptable Here',
           487: 'Request Terminated', 494: 'Security Agreement Required', 500: 'Server Internal Error',
           503: 'Service Unavailable', 603: 'Decline'}
SDP = 'v=0\r\no=- 1 1 IN IP4 10.1.0.7\r\ns=-\r\nc=IN IP4 10.1.0.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'


class Script:
    """Plays the steps of a case; the packets are in self.packets: (time, bytes, original length)."""

    def __init__(self, case):
        self.case, self.wire = case, Wire(case.settings.get('link', 'raw'))
        self.now, self.count = START, 0
        self.hosts = {'c': '10.1.0.7:5060', 's': '10.0.0.1:5060'}
        self.hosts.update(case.hosts)
        self.calls, self.call = {}, None
        self.messages, self.challenges, self.uses = [], [], {}
        self.held = {}
        self.first = True
        for number, text, raws in case.steps:
            try:
                self.step(text, raws)
            except (Wrong, KeyError, ValueError, IndexError, TypeError) as e:
                raise Wrong('%s:%d: %s: %s' % (case.path, number, type(e).__name__, e))

    def setting(self, key, default):
        return self.case.settings.get(key, default)

    def unique(self):
        self.count += 1
        return self.count

    # -- steps

    def step(self, text, raws):
        first, *rest = words(text)
        if first == 'wait':
            self.advance(float(rest[0]))
            self.wire.unrelated(self.now)
        elif first == 'back':
            self.advance(-float(rest[0]))
        elif first == 'icmp':
            self.icmp(Options(rest))
        elif first == 'tls':
            self.advance(0.1)
            self.wire.client_hello(self.now, self.hosts['c'], self.hosts['s'])
        elif first == 'upgrade':
            self.advance(0.1)
            self.wire.upgrade(self.now, self.hosts['c'], self.hosts['s'], int(rest[0]))
        else:
            self.message(first, rest, raws)

    def advance(self, seconds):
        self.now += 0 if self.first else seconds
        self.first = False

    def find(self, label):
        for m in reversed(self.messages):
            if m.label == label.lstrip('#'):
                return m
        raise Wrong('no message #' + label.lstrip('#'))

    def icmp(self, o):
        self.advance(0.01)
        if o.flag('rtp'):
            m = Message()
            m.src, m.dst = self.hosts['c'].replace(':5060', ':4000'), self.hosts['s'].replace(':5060', ':4000')
            m.bytes = lambda: b'\x80\0\0\x01' + bytes(160)
        else:
            m = self.find(o.take('for')) if 'for' in o.values else [x for x in self.messages if not x.request][-1]
        code = {'port': 3, 'host': 1, 'net': 0}[o.plain.pop(0)]
        self.wire.icmp(self.now, o.take('from', m.dst.rpartition(':')[0]), m, code)
        o.finish()

    def message(self, arrow, rest, raws):
        self.who, self.whom = {'>': ('c', 's'), '<': ('s', 'c')}.get(arrow) or arrow.split('>')
        src, dst = self.hosts[self.who], self.hosts[self.whom]
        label = next((w[1:] for w in rest if w[0] == '#'), None)
        if any(w[0] == '#' for w in rest[1:]):
            rest = rest[:1] + [w for w in rest[1:] if w[0] != '#']
        head, o = rest[0], Options(rest[1:])
        gap = next((w for w in o.plain if re.match(r'\+[\d.]+$', w)), None)
        if gap:
            o.plain.remove(gap)
        if 'port' in o.values:
            src = src.rpartition(':')[0] + ':' + o.take('port')
        if 'toport' in o.values:
            dst = dst.rpartition(':')[0] + ':' + o.take('toport')
        if head == 'again':
            m, seconds = self.copy(src, dst, o), 0.5
        elif head == 'forward':
            m, seconds = self.forward(src, dst, o), 0.01
        elif head == 'CRLF':
            self.advance(float(gap or 0.1))
            self.wire.send(self.now, src, dst, b'\r\n\r\n', self.transport())
            return
        elif re.match(r'\d{3}$', head):
            m, seconds = self.respond(src, dst, int(head), o), 0.04
        else:
            m, seconds = self.ask(src, dst, head, o), 0.01 if head == 'ACK' else 0.2
        m.label = label
        m.headers += raws
        if o.flag('fold'):
            m.headers = [re.sub(r', (?=response=|stale=|qop=)', ',\r\n ', h) if re.search('uth', h) else h
                         for h in m.headers]
        if 'sub' in o.values:
            self.substitute(m, o.take('sub'))
        self.emit(m, o, float(gap or seconds))
        o.finish()
        self.messages.append(m)

    def substitute(self, m, text):
        old, _, new = (x.encode().decode('unicode_escape') for x in text.partition('|'))
        whole = m.lines()
        if old not in whole:
            raise Wrong('sub: "%s" does not occur' % old)
        m.start, *m.headers = whole.replace(old, new).split('\r\n')

    def transport(self):
        return self.setting('transport', 'udp')

    def emit(self, m, o, seconds):
        self.advance(seconds)
        if 'pad' in o.values:
            size = int(o.take('pad'))
            at = next((i for i, h in enumerate(m.headers) if 'uthorization:' in h), len(m.headers))
            m.headers.insert(at, 'X-Padding: ' + 'x' * max(0, size - len(m.bytes()) - 13))
        if not o.flag('nolength'):
            m.headers.append('Content-Length: ' + o.take('length', str(len(octets(m.body)))))
        m.compact = o.flag('compact') or m.compact
        data, cut = m.bytes(), o.take('cut')
        if cut is not None:
            cut = data.index(octets(cut)) if not cut.isdigit() else int(cut)
        if o.flag('lost'):
            self.wire.lose(m.src, m.dst, data, self.transport())
            return
        if o.flag('hold'):
            self.held[m.src, m.dst] = self.held.get((m.src, m.dst), b'') + data
            return
        data = self.held.pop((m.src, m.dst), b'') + data
        split = o.take('split')
        if split is not None:
            at = int(split) if split.isdigit() else data.index(octets(split))
            self.wire.send(self.now, m.src, m.dst, data[:at], self.transport())
            data = data[at:]
            self.advance(0.003)
        m.frame = self.wire.send(self.now, m.src, m.dst, data, self.transport(), cut=cut, frag=o.take('frag'))
        if o.flag('dup'):
            self.advance(float(o.take('after', 0.002)))
            self.wire.repeat(self.now)

    # -- kinds of messages

    def copy(self, src, dst, o):
        if 'of' in o.values:
            old = self.find(o.take('of'))
        else:
            old = [m for m in self.messages if m.src == src and m.dst == dst][-1]
        m = Message()
        m.__dict__.update(old.__dict__)
        m.headers = [h for h in old.headers if not re.match('(Content-Length|l):', h)]
        m.src, m.dst, m.who = src, dst, self.who
        return m

    def forward(self, src, dst, o):
        """The same message on the next hop: one Via more for a request, one less for a response."""
        old = self.find(o.take('of'))
        m = self.copy(src, dst, Options(['of=' + old.label]))
        if m.request is None:
            m.__dict__.pop('final', None)
            m.__dict__.pop('reply_tag', None)
            via = self.transport().upper(), src, self.unique()
            m.headers.insert(0, 'Via: SIP/2.0/%s %s;branch=z9hG4bK-f%d' % via)
        else:
            m.headers.remove(next(h for h in m.headers if h.startswith('Via:')))
        return m

    def call_for(self, o):
        if o.flag('new') or (self.call is None and 'call' not in o.values):
            self.call = Call(self.unique())
        elif 'call' in o.values:
            name = o.take('call')
            self.call = self.calls.setdefault(name, self.calls.get(name) or Call(name))
        return self.call

    def ask(self, src, dst, method, o):
        m, call = Message(), self.call_for(o)
        domain = o.take('domain', self.setting('domain', 'example.com'))
        user = o.take('user', self.setting('user', '1001'))
        m.src, m.dst, m.method, m.call, m.who = src, dst, method, call, self.who
        invite = call.invites.get(self.who) if method in ('ACK', 'CANCEL') else None
        if method in ('ACK', 'CANCEL') and 'for' in o.values:
            invite = self.find(o.take('for'))
        call.caller = call.caller or self.who
        callee = o.take('to', user if method == 'REGISTER' else '2000')
        ends = 'sip:%s@%s' % (user, domain), 'sip:%s@%s' % (callee, domain)
        call.ends = call.ends or ends
        if self.who != call.caller and call.dialog_tag:
            ends = call.ends[::-1]
        m.from_uri, m.to_uri = o.take('from', ends[0]), ends[1]
        m.uri = 'sip:' + domain if method == 'REGISTER' else m.to_uri
        m.cseq = call.cseq.get(self.who, 0) + 1
        m.branch = 'z9hG4bK-%d' % self.unique()
        ftag = call.tags.setdefault(self.who, 'from%d' % self.unique())
        to_tag = call.dialog_tag.get(self.who)
        if invite:
            m.cseq, m.uri, m.branch = invite.cseq, invite.uri, invite.branch
            final = getattr(invite, 'final', None)
            to_tag = getattr(final, 'to_tag', None) if method == 'ACK' else to_tag
            if method == 'ACK' and final and final.status < 300:
                m.uri, m.branch = 'sip:2000@' + dst, 'z9hG4bK-%d' % self.unique()
        m.cseq = int(o.take('cseq', m.cseq))
        m.uri, m.branch, ftag = o.take('ruri', m.uri), o.take('branch', m.branch), o.take('ftag', ftag)
        to_tag = o.take('totag', to_tag)
        to_tag = None if to_tag == '-' else to_tag
        if to_tag and to_tag[0] == '@':
            to_tag = self.find(to_tag[1:]).to_tag
        if not invite:
            call.cseq[self.who] = max(m.cseq, call.cseq.get(self.who, 0))
        m.from_tag, m.to_tag, m.call_id = ftag, to_tag, o.take('callid', call.id)
        vias = int(o.take('vias', 1))
        m.start = '%s %s SIP/2.0' % (method, m.uri)
        m.headers = ['Via: SIP/2.0/%s %s;branch=%s;rport' % (self.transport().upper(), src, m.branch)]
        m.headers += ['Via: SIP/2.0/UDP 10.9.0.%d:5060;branch=z9hG4bK-below%d' % (i, i) for i in range(1, vias)]
        m.headers += ['Max-Forwards: 70', 'From: <%s>;tag=%s' % (m.from_uri, ftag),
                      'To: <%s>%s' % (m.to_uri, ';tag=' + to_tag if to_tag else ''), 'Call-ID: ' + m.call_id,
                      'CSeq: %d %s' % (m.cseq, method)]
        if not o.without('contact'):
            m.headers.append('Contact: <%s>' % o.take('contact', 'sip:%s@%s' % (user, src)))
        if not o.without('agent'):
            m.headers.append('User-Agent: ' + o.take('agent', self.setting('agent', 'Phone 1.0')))
        m.body = SDP if method == 'INVITE' and not o.without('body') else ''
        m.body = o.take('body', m.body).replace('\\r\\n', '\r\n')
        if m.body:
            m.headers.append('Content-Type: application/sdp')
        if invite and method == 'ACK' and not o.flag('bare'):
            m.headers += [h for h in invite.headers if re.match('(Proxy-)?Authorization:', h)]
        m.credentials = []
        if 'copy' in o.values:
            m.headers += [h for h in self.find(o.take('copy')).headers if re.match('(Proxy-)?Authorization:', h)]
        for w in [w for w in o.plain if re.match(r'p?auth(\(|$)', w)]:
            o.plain.remove(w)
            m.headers.append(self.credentials(m, w))
        if o.flag('join'):
            m.headers[-2:] = [m.headers[-2] + ', ' + m.headers[-1].partition(': ')[2]]
        if method == 'INVITE':
            call.invites[self.who] = m
        return m

    def challenge_for(self, m, kind, o):
        if 'of' in o.values:
            of = o.take('of')
            if of == 'none':
                return Challenge(kind, {}, None, None)
            for c in reversed(self.challenges):
                if c.label == of:
                    return c
            raise Wrong('no challenge #' + of)
        mine = m.call.challenges
        for c in reversed([c for c in mine if c.kind == kind] or mine):
            same = [x for x in mine if x.response is c.response and x.kind == c.kind]
            return same[0]  # the topmost of its response
        if 'nonce' in o.values and 'realm' in o.values:
            return Challenge(kind, {'algorithm': 'MD5', 'qop': 'auth'}, None, None)
        raise Wrong('no challenge to answer; give realm= and nonce=')

    def nonce(self, text):
        """ "@x" is the nonce of challenge #x """
        if text.startswith('@'):
            return next(c for c in reversed(self.challenges) if c.label == text[1:]).params['nonce']
        return text

    def credentials(self, m, word):
        name, _, inner = word.partition('(')
        o = Options(words(inner[:-1] if inner else ''))
        header, kind = CREDENTIALS[name]
        if 'scheme' in o.values and o.values['scheme'].lower() != 'digest':
            text = o.take('value', 'MTAwMTpzZWNyZXQ=')
            scheme = o.take('scheme')
            o.finish()
            return '%s: %s %s' % (header, scheme, text)
        c = self.challenge_for(m, kind, o)
        p = {'username': o.take('user', self.setting('authuser', self.setting('user', '1001'))),
             'realm': o.take('realm', c.params.get('realm', '')),
             'nonce': self.nonce(o.take('nonce', c.params.get('nonce', ''))),
             'uri': o.take('uri', m.uri), 'response': ''}
        if 'alg' in o.values or 'algorithm' in c.params:
            p['algorithm'] = o.take('alg', c.params.get('algorithm'))
        if 'qop' in o.values or 'qop' in c.params:
            offered = [q.strip() for q in c.params.get('qop', '').split(',')]
            p['cnonce'] = o.take('cnonce', 'c%07d' % self.unique())
            key = p['nonce'], p['username']
            nc = o.take('nc', '%08x' % (self.uses.get(key, 0) + 1))
            self.uses[key] = int(nc, 16) if re.fullmatch('[0-9a-fA-F]+', nc) else 0
            p['nc'] = nc
            p['qop'] = o.take('qop', 'auth' if 'auth' in offered or not offered[0] else offered[0])
        for extra in ('cnonce', 'nc', 'qop', 'opaque', 'userhash', 'username*', 'auts', 'x'):
            if extra in o.values:
                p[extra] = o.take(extra)
            elif extra == 'opaque' and 'opaque' in c.params:
                p['opaque'] = c.params['opaque']
        for gone in list(o.dropped):
            o.dropped.remove(gone)
            p.pop(gone, None)
        names = [(k, p[k]) for k in p]
        for k in o.raw:
            if k not in p:
                names.append((k, ''))
                p[k] = o.raw[k].strip('"')
        seen = {k: (o.raw[k].strip('"') if k in o.raw and k != 'response' else v) for k, v in p.items()}
        h = {'alg': seen.get('algorithm') or c.params.get('algorithm', 'MD5'),
             'username': seen.get('username', seen.get('username*', '')),
             'realm': seen.get('realm', ''), 'pass': o.take('pass', self.setting('password', 'secret')),
             'method': m.method, 'uri': seen.get('uri', ''), 'nonce': seen.get('nonce', ''), 'nc': seen.get('nc', ''),
             'cnonce': seen.get('cnonce', ''), 'qop': seen.get('qop', ''), 'body': m.body}
        for k in [k for k in o.values if k.startswith('hash.')]:
            h[{'user': 'username'}.get(k[5:], k[5:])] = o.take(k)
        if h['pass'].startswith('hex:'):
            h['pass'] = bytes.fromhex(h['pass'][4:])
        right = digest(h)
        response = o.take('response', right)
        response = {'upper': right.upper(), 'cut': right[:-4]}.get(response, response)
        text = response if response.isalnum() or not response else response
        names = [(k, text if k == 'response' else v) for k, v in names]
        line = '%s: %s %s' % (header, o.take('scheme', 'Digest'), write_params(names, o))
        line += o.take('end', '')
        m.credentials.append((h, p))
        o.finish()
        return line

    def challenge(self, m, word):
        name, _, inner = word.partition('(')
        name, _, label = name.partition('#')
        o = Options(words(inner[:-1] if inner else ''))
        p = {'realm': self.setting('realm', 'example.com'),
             'nonce': hashlib.md5(octets('%s %d' % (self.case.name, self.unique()))).hexdigest(),
             'algorithm': 'MD5', 'qop': 'auth'}
        scheme = o.take('scheme', 'Digest')
        if scheme.lower() != 'digest':
            p = {'realm': p['realm']}
        for gone in list(o.dropped):
            o.dropped.remove(gone)
            if gone == 'all':
                p = {}
            p.pop(gone, None)
        end = o.take('end', '')
        for k in o.order:
            if k not in ('scheme', 'end'):
                p[SHORT.get(k, k)] = o.raw[k].strip('"') if k in o.raw else self.nonce(o.take(k))
        line = '%s: %s %s' % (CHALLENGE[name], scheme, write_params(list(p.items()), o, NEVER_QUOTED - {'qop'}))
        o.finish()
        c = Challenge(name, p, label or None, m)
        if scheme.lower() == 'digest':
            self.challenges.append(c)
            m.call.challenges.append(c)
        return line.rstrip() + end

    def respond(self, src, dst, status, o):
        if 'for' in o.values:
            q = self.find(o.take('for'))
        else:
            asked = [x for x in self.messages if x.request is None and x.method != 'ACK' and x.who == self.whom]
            q = ([x for x in asked if x.dst == src] or asked)[-1]
        dst = q.src if q.who == self.whom and not o.flag('asis') else dst
        m = Message()
        m.who = self.who
        m.request, m.status, m.src, m.dst, m.call, m.method = q, status, src, dst, q.call, q.method
        m.to_tag = o.take('totag', q.to_tag or getattr(q, 'reply_tag', None) or 'to%d' % self.unique())
        q.reply_tag = m.to_tag
        if status >= 200 and not hasattr(q, 'final'):
            q.final = m
        m.start = 'SIP/2.0 %d %s' % (status, o.take('reason', REASONS.get(status, 'Whatever')))
        m.headers = [h for h in q.headers if re.match('(Via|From|Call-ID|CSeq):', h)]
        to = q.get('To')
        m.headers.insert(-2, 'To: ' + to + ('' if ';tag=' in to or status == 100 else ';tag=' + m.to_tag))
        if not o.without('server'):
            m.headers.append('Server: ' + o.take('server', self.setting('server', 'Server 1.0')))
        if 100 < status < 300 and q.method == 'INVITE':
            m.headers.append('Contact: <sip:2000@%s>' % src)
            q.call.dialog_tag[self.whom] = m.to_tag
            q.call.dialog_tag[self.who] = q.from_tag
            q.call.tags[self.who] = m.to_tag
        m.body = o.take('body', '').replace('\\r\\n', '\r\n')
        for w in [w for w in o.plain if re.match(r'(www|proxy)(#\w+)?(\(|$)', w)]:
            o.plain.remove(w)
            m.headers.append(self.challenge(m, w))
        if o.flag('join'):
            m.headers[-2:] = [m.headers[-2] + ', ' + m.headers[-1].partition(': ')[2]]
        for w in [w for w in o.plain if re.match(r'info(\(|$)', w)]:
            o.plain.remove(w)
            m.headers.append(self.info(m, q, w))
        return m

    def info(self, m, q, word):
        o = Options(words(word.partition('(')[2][:-1] if '(' in word else ''))
        h, p = q.credentials[0]
        right = digest({**h, 'method': '', 'body': m.body})
        params = [('rspauth', o.take('rspauth', right)), ('cnonce', h['cnonce']), ('nc', h['nc']), ('qop', 'auth')]
        params = [x for x in params if not o.without(x[0])]
        if 'nextnonce' in o.values:
            params.append(('nextnonce', o.take('nextnonce')))
        text = write_params(params, o)
        o.finish()
        return 'Authentication-Info: ' + text
