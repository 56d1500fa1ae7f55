#!/usr/bin/env python3
"""A registration that is refused, over the loopback (udp, tcp), or as HEP agents tell of it (hep2, hep3, hep3-tcp)."""
import socket, struct, sys, time

CHALLENGE = 'WWW-Authenticate: Digest realm="x", nonce="n%d", algorithm=MD5, qop="auth"\r\n'
ANSWER = ('Authorization: Digest username="1", realm="x", nonce="n1", uri="sip:x", response="' + 32 * '0' +
          '", algorithm=MD5, qop=auth, nc=00000001, cnonce="a"\r\n')


def message(first, cseq, more):
    return ('%s\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK%d\r\nFrom: <sip:1@x>;tag=1\r\nTo: <sip:1@x>%s\r\n'
            'Call-ID: live-1\r\nCSeq: %d REGISTER\r\n%sContent-Length: 0\r\n\r\n' % (
                first, cseq, '' if first[0] == 'R' else ';tag=2', cseq, more)).encode()


MESSAGES = [(0, message('REGISTER sip:x SIP/2.0', 1, '')), (1, message('SIP/2.0 401 Unauthorized', 1, CHALLENGE % 1)),
            (0, message('REGISTER sip:x SIP/2.0', 2, ANSWER)), (1, message('SIP/2.0 401 Unauthorized', 2, CHALLENGE % 2))]


def udp():
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in '01']
    for i in 0, 1:
        ends[i].bind(('127.0.0.1', 5070 + i))
    return lambda side, data: ends[side].sendto(data, ('127.0.0.1', 5071 - side))


def tcp():
    listener = socket.create_server(('127.0.0.1', 5071))
    client = socket.create_connection(('127.0.0.1', 5071))
    ends = client, listener.accept()[0]
    return lambda side, data: ends[side].sendall(data)


def hep(version, stream):
    sock = socket.create_connection(('127.0.0.1', 9060)) if stream else socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(side, data):
        address = [bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])]
        src, dst, now = address[side], address[1 - side], time.time()
        seconds, micro = int(now), int(now % 1 * 1e6)
        if version == 2:
            packet = struct.pack('>BBBBHH', 2, 28, 2, 17, 5060, 5060) + src + dst + struct.pack(
                '<IIHH', seconds, micro, 1, 0) + data
        else:
            def chunk(kind, value):
                return struct.pack('>HHH', 0, kind, 6 + len(value)) + value
            body = (chunk(1, b'\2') + chunk(2, b'\x11') + chunk(3, src) + chunk(4, dst) + chunk(7, b'\x13\xc4') +
                    chunk(8, b'\x13\xc4') + chunk(9, struct.pack('>I', seconds)) + chunk(10, struct.pack('>I', micro)) +
                    chunk(11, b'\1') + chunk(12, bytes(4)) + chunk(15, data))
            packet = b'HEP3' + struct.pack('>H', 6 + len(body)) + body
        sock.sendall(packet) if stream else sock.sendto(packet, ('127.0.0.1', 9060))
    return send


WAYS = {'udp': udp, 'tcp': tcp, 'hep2': lambda: hep(2, False), 'hep3': lambda: hep(3, False),
        'hep3-tcp': lambda: hep(3, True)}
send = WAYS[sys.argv[1]]()
for side, data in MESSAGES:
    send(side, data)
    time.sleep(0.05)
time.sleep(0.2)
