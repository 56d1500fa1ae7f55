#!/usr/bin/env python3
"""A small SIP client for the laboratory: does what no real client does, over a real socket.

One process is one phone. It sends REGISTER or INVITE, answers challenges as its --behaviour says, and ends after
--attempts requests or when it is accepted. With --refresh it starts again that many seconds after a success.
"""
import argparse, hashlib, os, re, socket, ssl, sys, time

PAIR = {'WWW-Authenticate': 'Authorization', 'Proxy-Authenticate': 'Proxy-Authorization'}
UNQUOTED = {'algorithm', 'qop', 'nc'}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def token(n=4):
    return os.urandom(n).hex()


class Wire:
    """Whole messages over UDP, TCP, TLS, WebSocket, or WebSocket over TLS."""

    def __init__(self, o):
        self.o, self.held = o, b''
        self.udp = o.transport == 'udp'
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if self.udp else socket.SOCK_STREAM)
        self.sock.bind((o.local, 5060 if self.udp else 0))
        self.sock.settimeout(5)
        if self.udp:
            return
        self.sock.connect((o.server, o.port))
        if o.transport in ('tls', 'wss'):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.keylog_filename = o.keylog
            if o.tls_version:
                context.minimum_version = context.maximum_version = ssl.TLSVersion[o.tls_version]
            self.sock = context.wrap_socket(self.sock, server_hostname='sip.voip.example')
        if o.transport in ('ws', 'wss'):
            self.sock.sendall(('GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                               'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://voip.example\r\n'
                               'Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n' % o.server).encode())
            self.take(lambda held: held.find(b'\r\n\r\n') + 4 if b'\r\n\r\n' in held else 0)

    def take(self, length):
        """What length() says of what has come; 0: more is needed."""
        while not length(self.held):
            more = self.sock.recv(65535)
            if not more:
                raise OSError('closed by the server')
            self.held += more
        n = length(self.held)
        taken, self.held = self.held[:n], self.held[n:]
        return taken

    def send(self, data):
        if self.udp:
            self.sock.sendto(data, (self.o.server, self.o.port))
        elif self.o.transport in ('ws', 'wss'):
            mask = os.urandom(4)
            size = bytes([0x80 | len(data)]) if len(data) < 126 else b'\xfe' + len(data).to_bytes(2, 'big')
            self.sock.sendall(b'\x81' + size + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(data)))
        else:
            self.sock.sendall(data)

    def recv(self):
        if self.udp:
            return self.sock.recv(65535)
        if self.o.transport in ('ws', 'wss'):
            while True:
                head = self.take(lambda held: 2 if len(held) >= 2 else 0)
                n = head[1] & 127
                if n == 126:
                    n = int.from_bytes(self.take(lambda held: 2 if len(held) >= 2 else 0), 'big')
                data = self.take(lambda held: n if len(held) >= n else 0) if n else b''
                if head[0] & 15 in (1, 2):
                    return data
        def whole(held):
            head, end, _ = held.partition(b'\r\n\r\n')
            length = re.search(rb'(?im)^content-length:\s*(\d+)', head)
            n = len(head) + 4 + (int(length[1]) if length else 0)
            return n if end and len(held) >= n else 0
        return self.take(whole)


class Challenge:
    def __init__(self, header, value):
        self.header = header
        self.params = {m[1].lower(): m[2] if m[2] is not None else m[3]
                       for m in re.finditer(r'(\w+)\s*=\s*(?:"([^"]*)"|([^,\s]+))', value.partition(' ')[2])}

    def slot(self):
        return self.header, self.params['realm']


class Phone:
    def __init__(self, o):
        self.o = o
        self.wire = Wire(o)
        self.call_id, self.tag, self.cseq = token(8), token(), 0
        self.aor = 'sip:%s@%s' % (o.user, o.server)
        self.to = self.aor if o.method == 'REGISTER' else 'sip:%s@%s' % (o.to, o.server)
        self.uri = 'sip:' + o.server if o.method == 'REGISTER' else self.to
        self.history, self.slots, self.used = [], {}, {}

    # -- messages

    def request(self, method, uri, branch, cseq, to_tag='', headers=(), body=''):
        lines = ['%s %s SIP/2.0' % (method, uri),
                 'Via: SIP/2.0/%s %s:5060;rport;branch=%s' % (self.o.transport.upper(), self.o.local, branch),
                 'Max-Forwards: 70',
                 'From: <%s>;tag=%s' % (self.aor, self.tag),
                 'To: <%s>%s' % (self.to, ';tag=' + to_tag if to_tag else ''),
                 'Call-ID: ' + self.call_id,
                 'CSeq: %d %s' % (cseq, method)]
        if method in ('REGISTER', 'INVITE'):
            lines.append('Contact: <sip:%s@%s:5060>' % (self.o.user, self.o.local))
        if method == 'REGISTER':
            lines.append('Expires: 3600')
        if body:
            lines.append('Content-Type: application/sdp')
        lines += list(headers) + ['User-Agent: ' + self.o.agent, 'Content-Length: %d' % len(body)]
        self.wire.send(('\r\n'.join(lines) + '\r\n\r\n' + body).encode())

    def final_response(self):
        while True:
            text = self.wire.recv().decode('latin-1')
            if text.startswith('SIP/2.0') and int(text.split()[1]) >= 200:
                return text

    @staticmethod
    def fields(text, name):
        return re.findall(r'(?im)^%s:[ \t]*(.*?)\r$' % re.escape(name), text)

    def attempt(self, headers):
        """One request and its final response; an INVITE's refusal is acknowledged. Returns status and text."""
        self.cseq += 1
        branch = 'z9hG4bK' + token(6)
        sdp = ('v=0\r\no=- 11 11 IN IP4 {0}\r\ns=call\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n'.format(self.o.local)
               if self.o.method == 'INVITE' else '')
        self.request(self.o.method, self.uri, branch, self.cseq, headers=headers, body=sdp)
        text = self.final_response()
        status = int(text.split()[1])
        if self.o.method == 'INVITE':
            tag = re.search(r';tag=([^;\s]+)', self.fields(text, 'To')[0])[1]
            if status >= 300:
                self.request('ACK', self.uri, branch, self.cseq, to_tag=tag)
            else:
                self.talk(text, tag, headers)
        for header in PAIR:
            for value in self.fields(text, header):
                c = Challenge(header, value)
                self.history.append(c)
                self.slots[c.slot()] = c
        return status

    def talk(self, text, tag, credentials):
        routes = ['Route: ' + r.strip() for line in reversed(self.fields(text, 'Record-Route')) for r in reversed(line.split(','))]
        target = re.search(r'<([^>]*)>', self.fields(text, 'Contact')[0])[1]
        self.request('ACK', target, 'z9hG4bK' + token(6), self.cseq, tag, routes + list(credentials))
        time.sleep(1)
        self.request('BYE', target, 'z9hG4bK' + token(6), self.cseq + 1, tag, routes)
        self.final_response()

    # -- credentials

    def answer(self, c, header=None, realm=None, hash_realm=None, quote=(), leave_out=()):
        """A credentials header field for challenge c; the options are the faults."""
        p = c.params
        realm = realm or p['realm']
        use = c.header, p['nonce']
        self.used[use] = self.used.get(use, 0) + 1
        v = {'username': self.o.user, 'realm': realm, 'nonce': p['nonce'], 'uri': self.uri}
        password = dict(x.split('=', 1) for x in self.o.password_for).get(realm, self.o.password)
        ha1 = md5('%s:%s:%s' % (self.o.user, hash_realm or realm, password))
        ha2 = md5('%s:%s' % (self.o.method, self.uri))
        v['nc'], v['cnonce'], v['qop'] = '%08x' % self.used[use], token(), 'auth'
        v['response'] = md5(':'.join([ha1, v['nonce'], v['nc'], v['cnonce'], v['qop'], ha2]))
        v['algorithm'] = 'MD5'
        text = ', '.join('%s=%s' % (k, x if k in UNQUOTED and k not in quote else '"%s"' % x) for k, x in v.items() if k not in leave_out)
        return '%s: Digest %s' % (header or PAIR[c.header], text)


def other_header(c):
    return PAIR['Proxy-Authenticate' if c.header == 'WWW-Authenticate' else 'WWW-Authenticate']


# What the phone puts into the next request, once there was a challenge.
BEHAVIOURS = {
    'correct':      lambda p: [p.answer(c) for c in p.slots.values()],
    'wrong-header': lambda p: [p.answer(p.history[-1], header=other_header(p.history[-1]))],
    'own-realm':    lambda p: [p.answer(p.history[-1], realm=p.o.realm)],
    'stored-ha1':   lambda p: [p.answer(p.history[-1], hash_realm=p.o.realm)],
    'first-nonce':  lambda p: [p.answer(p.history[0])],
    'one-behind':   lambda p: [p.answer(p.history[-2] if len(p.history) > 1 else p.history[-1])],
    'quoted':       lambda p: [p.answer(p.history[-1], quote=('qop', 'nc'))],
    'no-response':  lambda p: [p.answer(p.history[-1], leave_out=('response',))],
}


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument('--local', required=True)
    a.add_argument('--server', required=True)
    a.add_argument('--port', type=int, default=5060)
    a.add_argument('--transport', default='udp', choices=['udp', 'tcp', 'tls', 'ws', 'wss'])
    a.add_argument('--tls-version', help='TLSv1_2 or TLSv1_3')
    a.add_argument('--keylog')
    a.add_argument('--method', default='REGISTER')
    a.add_argument('--user', default='1001')
    a.add_argument('--password', default='Harbour-31')
    a.add_argument('--password-for', action='append', default=[], metavar='REALM=PASSWORD', help='another password for one realm')
    a.add_argument('--to', default='2001')
    a.add_argument('--agent', default='Yealink SIP-T21P 34.72.0.1')
    a.add_argument('--behaviour', default='correct', choices=sorted(BEHAVIOURS))
    a.add_argument('--realm', help='the realm of own-realm and stored-ha1')
    a.add_argument('--attempts', type=int, default=4, help='requests in one go')
    a.add_argument('--wait', type=float, default=0.2, help='seconds between a challenge and the answer')
    a.add_argument('--refresh', type=float, help='once more, so many seconds after a success')
    a.add_argument('--preemptive', action='store_true', help='the refresh starts with credentials')
    o = a.parse_args()
    p = Phone(o)
    behave = BEHAVIOURS[o.behaviour]
    headers = []
    for go in range(2 if o.refresh else 1):
        if go:
            time.sleep(o.refresh)
            headers = behave(p) if o.preemptive else []
        for n in range(o.attempts):
            status = p.attempt(headers)
            if status not in (401, 407):
                break
            if n + 1 < o.attempts:
                time.sleep(0.2 if o.refresh and not go else o.wait)
                headers = behave(p)
    print('last status', status)


if __name__ == '__main__':
    sys.exit(main())
