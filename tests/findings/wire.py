"""Packets: IPv4 and IPv6, UDP with fragments, TCP, ICMP, TLS hellos, and the pcap file around them."""
import ipaddress, struct
from casefile import Wrong



def endpoint(text):
    ip, _, port = text.rpartition(':')
    return ipaddress.ip_address(ip.strip('[]')), int(port)


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Wire:
    MTU = 1480  # payload of a fragment

    def __init__(self, link):
        self.link, self.packets, self.ids, self.streams = link, [], 0, {}

    def frame(self, time, ip, original=None):
        head = b'\x02\0\0\0\0\x01\x02\0\0\0\0\x02' + (b'\x08\0' if ip[0] >> 4 == 4 else b'\x86\xdd') \
            if self.link == 'ethernet' else b''
        data = head + ip
        self.packets.append((time, data, len(head) + (original or len(ip))))
        return len(self.packets)

    def ip(self, src, dst, protocol, payload, flags=0, ident=None):
        if src.version == 6:
            return struct.pack('>IHBB', 6 << 28, len(payload), protocol, 64) + src.packed + dst.packed + payload
        if ident is None:
            self.ids += 1
            ident = self.ids
        head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(payload), ident, flags, 64, protocol, 0)
        head += src.packed + dst.packed
        return head[:10] + struct.pack('>H', checksum(head)) + head[12:] + payload

    def udp(self, src, dst, data):
        (sip, sport), (dip, dport) = endpoint(src), endpoint(dst)
        head = struct.pack('>HHHH', sport, dport, 8 + len(data), 0)
        pseudo = sip.packed + dip.packed + struct.pack('>HH', 17, 8 + len(data))
        value = checksum(pseudo + head + data) or 0xffff
        return sip, dip, head[:6] + struct.pack('>H', value) + data

    def send(self, time, src, dst, data, transport, cut=None, frag=None):
        if transport in ('tcp', 'ws'):
            return self.segment(time, src, dst, data)
        sip, dip, datagram = self.udp(src, dst, data)
        if frag:
            return self.fragments(time, sip, dip, datagram, frag)
        whole = self.ip(sip, dip, 17, datagram)
        kept = whole if cut is None else whole[:len(whole) - len(data) + cut]
        return self.frame(time, kept, len(whole))

    def fragments(self, time, sip, dip, datagram, which):
        self.ids += 1
        ident, number = self.ids, None
        for at in range(0, len(datagram), self.MTU):
            more = at + self.MTU < len(datagram)
            if which == 'all' or (which == 'first') == (at == 0):
                packet = self.ip(sip, dip, 17, datagram[at:at + self.MTU], (0x2000 if more else 0) | at // 8, ident)
                number = self.frame(time + at / 1e9, packet)
        if len(datagram) <= self.MTU:
            raise Wrong('too short for fragments: use pad=1800')
        return number

    def repeat(self, time):
        self.packets.append((time,) + self.packets[-1][1:])

    def lose(self, src, dst, data, transport):
        if transport == 'tcp':
            self.stream(None, src, dst)
            self.streams[src, dst] += len(data)

    def stream(self, time, src, dst):
        """Opens the connection if it is not there; time None: not in the capture."""
        if (src, dst) in self.streams:
            return
        self.streams[src, dst], self.streams[dst, src] = 1000, 5000
        if time is None:
            return
        self.tcp_packet(time - 0.002, src, dst, 999, 0, 2, b'')
        self.tcp_packet(time - 0.001, dst, src, 4999, 1000, 18, b'')

    def tcp_packet(self, time, src, dst, seq, ack, flags, data):
        (sip, sport), (dip, dport) = endpoint(src), endpoint(dst)
        head = struct.pack('>HHIIBBHHH', sport, dport, seq, ack, 0x50, flags, 64000, 0, 0)
        pseudo = sip.packed + dip.packed + struct.pack('>HH', 6, len(head) + len(data))
        value = checksum(pseudo + head + data)
        return self.frame(time, self.ip(sip, dip, 6, head[:16] + struct.pack('>H', value) + head[18:] + data))

    def segment(self, time, src, dst, data):
        self.stream(time, src, dst)
        n = self.tcp_packet(time, src, dst, self.streams[src, dst], self.streams[dst, src], 24, data)
        self.streams[src, dst] += len(data)
        return n

    def client_hello(self, time, src, dst):
        dst = dst.rpartition(':')[0] + ':5061'
        src = src.rpartition(':')[0] + ':40000'
        body = b'\x03\x03' + bytes(32) + b'\0' + b'\0\x02\x13\x01' + b'\x01\0'
        hello = b'\x01' + struct.pack('>I', len(body))[1:] + body
        self.segment(time, src, dst, b'\x16\x03\x01' + struct.pack('>H', len(hello)) + hello)

    def upgrade(self, time, src, dst, status):
        """ a WebSocket upgrade over HTTP, and the answer to it (RFC 6455 4) """
        dst = dst.rpartition(':')[0] + ':80'
        src = src.rpartition(':')[0] + ':40080'
        self.segment(time, src, dst, b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                     b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
                     b'Sec-WebSocket-Protocol: sip\r\n\r\n')
        self.segment(time + 0.01, dst, src, b'HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n' % status)

    def unrelated(self, time):
        self.send(time, '192.0.2.1:4000', '192.0.2.2:4000', b'\x80\0\0\x01' + bytes(20), 'udp')

    def icmp(self, time, reporter, m, code):
        sip, dip, datagram = self.udp(m.src, m.dst, m.bytes())
        inner = self.ip(sip, dip, 17, datagram)[:548]
        body = struct.pack('>BBHI', 3, code, 0, 0) + inner
        body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
        self.frame(time, self.ip(ipaddress.ip_address(reporter), sip, 1, body))

    def pcap(self):
        out = [struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1 if self.link == 'ethernet' else 101)]
        for time, data, original in self.packets:
            ns = round(time * 1e6) * 1000
            out.append(struct.pack('<IIII', ns // 10**9, ns % 10**9, len(data), original) + data)
        return b''.join(out)
