#!/usr/bin/env python3
"""A SIP server for the tests of `sipauth probe`: it verifies digests by itself, and does what no real server does.

usage: server.py [OPTION]...          options are words and WORD=VALUE; the port is written to standard output
  tls=DIR                      TLS with DIR/cert.pem and key.pem; clientca=FILE wants a certificate of the client
  port=N host=A tcp            where it listens (0: any port); log=FILE gets one line for each message
  challenge=401|407|both-401|both-407|401+407|407+407|two-realms|none|407-www|bare
  algorithms=MD5,SHA-256       one challenge for each, in this order
  qop=auth|auth-int|auth,auth-int|none     realm=R   opaque   user=U password=P
  aka=K,OPC                    AKAv1-MD5 with this key
  stale=N                      the first N answers are refused with stale=true and a new nonce; 99: all
  fresh                        a refusal brings a new nonce without stale=true
  once                         a nonce is good for one request (then stale=true)
  sloppy                       the challenge as libosip2 cannot read it: no quotes, other order
  invite=answer|busy|ring|silent|late|fork|trying   options=...   what follows authentication
  fault=silent|junk|redirect|503|branch|branch-case|cut|close|close-after|unmatched|two-finals
"""
import base64, hashlib, hmac, os, re, socket, sys, threading, time

opt = dict(a.split('=', 1) if '=' in a else (a, 'yes') for a in sys.argv[1:])
get = opt.get
REALM, USER, PASSWORD = get('realm', 'voip.example'), get('user', '1001'), get('password', 'Harbour-31')
LOG = open(get('log', os.devnull), 'a', buffering=1)
FAULT, INVITE = get('fault', ''), get('invite', 'answer')
nonces, used, stale_left = set(), {}, int(get('stale', '0'))
passed, lock = {}, threading.RLock()
HASH = {'MD5': hashlib.md5, 'SHA-256': hashlib.sha256, 'SHA-512-256': lambda b: hashlib.new('sha512_256', b)}

def h(name, text):
    return HASH[name](text if isinstance(text, bytes) else text.encode()).hexdigest()

def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))

def aes(key, block):
    from subprocess import run, PIPE
    return run(['openssl', 'enc', '-aes-128-ecb', '-nopad', '-K', key.hex()], input=block, stdout=PIPE, check=True).stdout

def milenage(k, opc, rand, sqn=b'\0' * 6, amf=b'\x80\0'):
    """TS 35.206: RES and AUTN."""
    temp = aes(k, xor(rand, opc))
    in1 = sqn + amf + sqn + amf
    rot8 = lambda b, n: b[n:] + b[:n]
    out1 = xor(aes(k, xor(temp, rot8(xor(in1, opc), 8))), opc)
    out2 = xor(aes(k, xor(xor(temp, opc), b'\0' * 15 + b'\x01')), opc)
    return out2[8:16], xor(sqn, out2[0:6]) + amf + out1[0:8]

def new_nonce(realm):
    if get('aka'):
        k, opc = (bytes.fromhex(x) for x in get('aka').split(','))
        rand = os.urandom(16)
        res, autn = milenage(k, opc, rand)
        n = base64.b64encode(rand + autn).decode()
        used[n] = ('aka', res)
    else:
        n = os.urandom(12).hex()
    nonces.add(n)
    return n

class Message:
    def __init__(self, data):
        head, _, self.body = data.partition(b'\r\n\r\n')
        lines = re.sub(rb'\r\n[ \t]+', b' ', head).decode('latin-1').split('\r\n')
        self.start, self.headers = lines[0], []
        for line in lines[1:]:
            name, _, value = line.partition(':')
            self.headers.append((name.strip().lower(), value.strip()))
        self.method = self.start.split(' ')[0]
        self.uri = self.start.split(' ')[1] if ' ' in self.start else ''
    def all(self, name):
        return [v for n, v in self.headers if n == name]
    def one(self, name):
        return (self.all(name) + [''])[0]

def params(value):
    return {k.lower(): (q if q is not None and t == '' else t)
            for k, q, t in re.findall(r'([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))', value)}

def verify(m, value, realm):
    """None: right; else what is wrong."""
    p = params(value)
    if p.get('realm') != realm or p.get('username') != USER:
        return 'realm or user'
    if p.get('nonce') not in nonces:
        return 'nonce'
    name = p.get('algorithm', 'MD5')
    kind = 'MD5' if name.startswith('AKA') else name.replace('-sess', '')
    password = used[p['nonce']][1] if get('aka') else PASSWORD.encode()
    ha1 = h(kind, f'{USER}:{realm}:'.encode() + password)
    if name.endswith('-sess'):
        ha1 = h(kind, f"{ha1}:{p['nonce']}:{p.get('cnonce', '')}")
    a2 = f"{m.method}:{p['uri']}"
    if p.get('qop') == 'auth-int':
        a2 += ':' + h(kind, m.body)
    rest = f"{p['nc']}:{p['cnonce']}:{p['qop']}:" if 'qop' in p else ''
    if h(kind, f"{ha1}:{p['nonce']}:{rest}{h(kind, a2)}") != p.get('response'):
        return 'response'
    if 'qop' in p and not get('aka'):
        nc = int(p['nc'], 16)
        if nc <= used.get(p['nonce'], 0) or (get('once') and used.get(p['nonce'])):
            return 'stale'
        used[p['nonce']] = nc
    elif get('once'):
        nonces.discard(p['nonce'])
    return None

def challenges(realm, stale=False, name='WWW-Authenticate'):
    out = []
    for algorithm in get('algorithms', 'AKAv1-MD5' if get('aka') else 'MD5').split(','):
        nonce = new_nonce(realm)
        qop = get('qop', 'auth')
        if get('sloppy'):
            out.append(f'{name}: Digest realm="{realm}",qop=auth,nonce="{nonce}",algorithm={algorithm}')
            continue
        c = f'{name}: Digest realm="{realm}", nonce="{nonce}"'
        if algorithm != 'MD5' or ',' in get('algorithms', ''):
            c += f', algorithm={algorithm}'
        if qop != 'none':
            c += f', qop="{qop}"'
        if get('opaque'):
            c += ', opaque=""'
        out.append(c + (', stale=true' if stale else ''))
    return out

def response(m, status, reason, extra=(), body=b'', tag=None, branch=None):
    lines = [f'SIP/2.0 {status} {reason}']
    for v in m.all('via'):
        lines.append('Via: ' + (branch(v) if branch else v))
    to = m.one('to')
    if ';tag=' not in to and status > 100:
        to += ';tag=' + (tag or 'srv' + hashlib.md5(m.one('call-id').encode()).hexdigest()[:6])
    lines += ['From: ' + m.one('from'), 'To: ' + to, 'Call-ID: ' + m.one('call-id'), 'CSeq: ' + m.one('cseq')]
    lines += ['Server: test-server/1.0'] + list(extra) + [f'Content-Length: {len(body)}', '', '']
    return '\r\n'.join(lines).encode('latin-1') + body

REASON = {401: 'Unauthorized', 407: 'Proxy Authentication Required'}
P, W = 'Proxy-Authenticate', 'WWW-Authenticate'

def hurdles(m):
    """The challenge that this request meets: (status, [(header, realm)]), or None."""
    c = get('challenge', '401')
    other = 'other.example'
    table = {'401': [(401, [(W, REALM)])], '407': [(407, [(P, REALM)])],
        'both-401': [(401, [(W, REALM), (P, REALM)])], 'both-407': [(407, [(W, REALM), (P, REALM)])],
        '401+407': [(401, [(W, REALM)]), (407, [(P, REALM)])],
        '407+407': [(407, [(P, REALM)]), (407, [(P, other)])],
        'two-realms': [(407, [(P, REALM), (P, other)])],
        '407-www': [(407, [(W, REALM)])], 'bare': [(401, [])], 'none': []}
    return table[c]

def check(m):
    """A response that refuses the request, or None."""
    global stale_left
    for status, slots in hurdles(m):
        wrong, missing, right = None, [], 0
        for name, realm in slots:
            have = [v for v in m.all('authorization' if name == W else 'proxy-authorization')
                    if params(v).get('realm') == realm and params(v).get('nonce')]
            if not have:
                missing.append((name, realm))
                continue
            why = verify(m, have[0], realm)
            if not why and stale_left > 0:
                stale_left -= 1
                why = 'stale'
            right, wrong = right + (why is None), why or wrong
        if slots and (right == len(slots) or (right and get('challenge', '').startswith('both'))):
            continue
        if wrong and not get('fresh'):
            LOG.write(f'refused {m.method} {wrong}\n')
        extra = [x for name, realm in slots for x in challenges(realm, wrong == 'stale', name)]
        return response(m, status, REASON[status], extra)
    return None

def sdp():
    return b'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n'

calls = {}

def invite(m, send, contact):
    answer = lambda tag=None: response(m, 200, 'OK', [contact, 'Content-Type: application/sdp'], sdp(), tag)
    ringing = lambda tag=None: response(m, 180, 'Ringing', [contact], b'', tag)
    key = m.one('call-id')
    if key in calls and calls[key][0] == m.one('cseq'):
        return
    calls[key] = [m.one('cseq'), m, 'ringing']
    if INVITE == 'silent':
        return
    if INVITE == 'busy':
        return send(response(m, 486, 'Busy Here'))
    if INVITE == 'trying':
        return send(response(m, 100, 'Trying'))
    if INVITE in ('ring', 'late'):
        return send(ringing())
    if INVITE == 'fork':
        for tag in ('one', 'two'):
            send(ringing(tag))
            send(answer(tag))
        return
    send(ringing())
    time.sleep(0.1)
    calls[key][2] = 'answered'
    for _ in range(6):
        if calls[key][2] != 'answered':
            return
        send(answer())
        time.sleep(0.5)

def cancel(m, send, transmit, contact):
    call = calls.get(m.one('call-id'))
    send(response(m, 200, 'OK'))
    if not call:
        return
    late = response(call[1], 200, 'OK', [contact, 'Content-Type: application/sdp'], sdp())
    final = late if INVITE == 'late' else response(call[1], 487, 'Request Terminated')
    call[2] = 'cancelled'
    def repeat():                               # until the ACK (RFC 3261 17.2.1, 13.3.1.4)
        for _ in range(6):
            if call[2] == 'cancelled':
                transmit(final)
                time.sleep(0.5)
    threading.Thread(target=repeat, daemon=True).start()

def changed(v):
    return re.sub('branch=z9hG4bK', 'branch=Z9HG4BK' if FAULT == 'branch-case' else 'branch=z9hG4bKother', v)

def faulty(m, send):
    """True: the fault was the answer."""
    if FAULT == 'silent':
        return True
    if FAULT == 'junk':
        send(b'HTTP/1.0 400 Bad Request\r\nServer: no-sip\r\n\r\n<html>nothing here</html>')
    elif FAULT == 'redirect':
        send(response(m, 302, 'Moved Temporarily', ['Contact: <sip:1001@192.0.2.7>']))
    elif FAULT == '503':
        send(response(m, 503, 'Service Unavailable'))
    elif FAULT.startswith('branch'):
        send(response(m, 401, 'Unauthorized', challenges(REALM), branch=changed))
    elif FAULT == 'cut' and not m.all('authorization'):
        send(response(m, 401, 'Unauthorized', challenges(REALM))[:-4])
    elif FAULT == 'two-finals' and not m.all('authorization'):
        send(response(m, 401, 'Unauthorized', challenges(REALM), tag='a'))
        send(response(m, 407, 'Proxy Authentication Required', challenges(REALM, name=P), tag='b'))
    else:
        return False
    return True

seen = {}

def handle(data, transmit, contact):
    m = Message(data)
    if m.start.startswith('SIP/'):
        return
    key = (m.method, m.one('via'))
    if key in seen and m.method != 'ACK':       # a retransmission (RFC 3261 17.2)
        if seen[key]:
            transmit(seen[key])
        return
    seen[key] = None
    def send(b):
        seen[key] = b
        transmit(b)
    with lock:
        LOG.write(f"{m.method} {m.uri} cseq={m.one('cseq').split(' ')[0]} auth={len(m.all('authorization'))}+"
                  f"{len(m.all('proxy-authorization'))} expires={m.one('expires')} route={m.one('route')}\n")
        if m.method == 'ACK':
            if m.one('call-id') in calls:
                calls[m.one('call-id')][2] = 'acked'
            return
        if m.method == 'CANCEL':
            return cancel(m, send, transmit, contact)
        if faulty(m, send):
            return
        in_dialog = ';tag=' in m.one('to')
        refusal = None if in_dialog else check(m)
        if refusal:
            return send(refusal)
        LOG.write(f'accepted {m.method}\n')
    if m.method == 'INVITE':
        return threading.Thread(target=invite, args=(m, send, contact), daemon=True).start()
    extra = []
    if m.method == 'REGISTER':
        extra = [f"Contact: {m.one('contact')};expires={m.one('expires')}"]
    if m.method == 'PUBLISH':
        extra = ['SIP-ETag: etag-1', f"Expires: {m.one('expires')}"]
    send(response(m, 200, 'OK', extra))

def serve_udp(host, port):
    s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, port))
    print(s.getsockname()[1], flush=True)
    contact = f'Contact: <sip:server@{host}:{s.getsockname()[1]}>'
    while True:
        data, peer = s.recvfrom(65536)
        if data.strip():
            handle(data, lambda b, peer=peer: s.sendto(b, peer), contact)

def serve_connection(c, contact):
    data, seen = b'', 0
    while True:
        part = c.recv(65536)
        if not part or FAULT == 'close':
            break
        data += part
        while b'\r\n\r\n' in data:
            head, _, rest = data.partition(b'\r\n\r\n')
            n = int(re.search(rb'(?i)content-length:\s*(\d+)', head).group(1))
            if len(rest) < n:
                break
            message, data = data[:len(head) + 4 + n], rest[n:]
            handle(message, c.sendall, contact)
            seen += 1
            if FAULT == 'close-after':
                c.close()
                return
    c.close()

def serve_tcp(host, port):
    s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    s.listen()
    print(s.getsockname()[1], flush=True)
    contact = f'Contact: <sip:server@{host}:{s.getsockname()[1]};transport=tcp>'
    context = None
    if get('tls'):
        import ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(get('tls') + '/cert.pem', get('tls') + '/key.pem')
        if get('clientca'):
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(get('clientca'))
    while True:
        c, _ = s.accept()
        if context:
            try:
                c = context.wrap_socket(c, server_side=True)
            except OSError as e:
                LOG.write(f'TLS {e}\n')
                continue
        threading.Thread(target=serve_connection, args=(c, contact), daemon=True).start()

(serve_tcp if get('tcp') or get('tls') else serve_udp)(get('host', '127.0.0.1'), int(get('port', '0')))
