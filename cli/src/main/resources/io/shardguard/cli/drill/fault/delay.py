"""Holds back every packet of netfilter's queue 0 in this network namespace, in order, as a process of its own.

Arguments: a mark to find the process by, milliseconds, up to how many more. Ends with 0 once the queue is served.
"""
import collections, os, random, socket, struct, sys, time

QUEUE, PACKET, VERDICT, CONFIG = 3 << 8, 0, 1, 2  # nfnetlink_queue and its messages
BIND, COMMAND, COPY, LENGTH, MASK, FLAGS = 1, 1, 2, 3, 4, 5
PACKET_HEADER, VERDICT_HEADER, ACCEPT = 1, 2, 1
COPY_META, FAIL_OPEN, WHOLE_SEGMENTS = 1, 1, 4
REQUEST, ACK, ERROR = 1, 4, 2

delay, jitter = (int(each) / 1000 for each in sys.argv[2:4])
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
netlink.bind((0, 0))
netlink.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
netlink.setsockopt(270, 5, 1)  # a full buffer is no error: such packets pass


def send(message, *attributes, flags=REQUEST):
    body = struct.pack("!BBH", socket.AF_INET, 0, 0)
    for kind, value in attributes:
        body += struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)
    netlink.send(struct.pack("=IHHII", 16 + len(body), QUEUE | message, flags, 0, 0) + body)


def configure(*attributes):
    send(CONFIG, *attributes, flags=REQUEST | ACK)
    while True:
        answer = netlink.recv(65536)
        if struct.unpack_from("=H", answer, 4)[0] == ERROR:
            error = struct.unpack_from("=i", answer, 16)[0]
            if error:
                sys.exit(os.strerror(-error))
            return
        arrived(answer)


def arrived(data):
    """Puts the packet's id among those that wait."""
    length, kind = struct.unpack_from("=IH", data)
    if kind != QUEUE | PACKET:
        return
    at = 20
    while at < length:
        size, attribute = struct.unpack_from("=HH", data, at)
        if attribute == PACKET_HEADER:
            due = time.monotonic() + delay + random.uniform(0, jitter)
            waiting.append((max(due, waiting[-1][0] if waiting else 0), data[at + 4 : at + 8]))
        at += size + -size % 4


waiting = collections.deque()
configure((COMMAND, struct.pack("!BBH", BIND, 0, socket.AF_INET)))
configure((COPY, struct.pack("!IB", 0, COPY_META)), (LENGTH, struct.pack("!I", 16384)))
configure((MASK, struct.pack("!I", FAIL_OPEN | WHOLE_SEGMENTS)), (FLAGS, struct.pack("!I", FAIL_OPEN | WHOLE_SEGMENTS)))
if os.fork():
    os._exit(0)
os.setsid()
nothing = os.open(os.devnull, os.O_RDWR)
for descriptor in range(3):
    os.dup2(nothing, descriptor)
os.chdir("/")
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        send(VERDICT, (VERDICT_HEADER, struct.pack("!I", ACCEPT) + waiting.popleft()[1]))
    netlink.settimeout(max(waiting[0][0] - now, 0.0001) if waiting else None)
    try:
        arrived(netlink.recv(65536))
    except TimeoutError:
        pass
