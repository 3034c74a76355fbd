import { test } from 'vitest';
import { expectRefusal, fault, refusals } from '#test/fixtures/experiment.ts';

test.each(
  refusals(`
# unknown replicas, and a service with one replica
replicas: { consumer: 3, downstream: 2 }
faults:
${fault('one', 0, 10, '¦consumer-4')}
${fault('two', 20, 10, '¦gateway-1')}
${fault('three', 0, 10, 'consumer-3')}
${fault('four', 0, 10, 'downstream-2', 'kind: hang')}
! faults[0].target: expected consumer or one of consumer-1, consumer-2, consumer-3, got consumer-4
! faults[1].target: expected gateway, which is one process, got gateway-1
# what no request passes, and takes what is on the path of any variant
7|
replicas: { publisher: 2 }
faults:
${fault('one', 0, 10, '¦publisher-2')}
${fault('two', 20, 10, '¦consumer->nats', 'kind: down')}
${fault('three', 0, 10, 'gateway->downstream', 'kind: down')}
! faults[0].target: expected a target on the path of the requests, one of load->gateway, gateway, gateway->downstream, downstream, got publisher-2
! faults[1].target: expected a target on the path of the requests, one of load->gateway, gateway, gateway->downstream, downstream, got consumer->nats
# more replicas than can be, and those of what has none
replicas: { consumer: ¦9, gateway: ¦0, ¦nats: 2 }
faults:
${fault('one', 0, 10, '¦consumer-9')}
${fault('two', 0, 10, '¦nats-9')}
! replicas.consumer: expected a number <= 8, got 9
! replicas.gateway: expected a number >= 1, got 0
! replicas.nats: unknown field, expected one of gateway, publisher, consumer, downstream
! faults[0].target: unknown target "consumer-9", did you mean consumer?
! faults[1].target: unknown target "nats-9", did you mean nats?
# servers of a broker that is one server
faults:
${fault('one', 0, 10, '¦nats-1')}
${fault('two', 20, 10, '¦nats-leader')}
! faults[0].target: expected nats, which is one process, got nats-1
! faults[1].target: expected nats, which is one process, got nats-leader
# servers that a broker of three does not have, and a hop to all
7|  queued: { path: event, broker: { servers: 3 } }
faults:
${fault('one', 0, 10, '¦nats-4')}
${fault('two', 20, 10, 'nats-3')}
${fault('three', 0, 10, '¦consumer->nats', 'kind: down')}
! faults[0].target: expected nats or one of nats-1, nats-2, nats-3, nats-leader, nats-minority, nats-majority, got nats-4
! faults[2].target: expected a hop to one process, of which nats has 3, got consumer->nats
# faults of servers that may be the same, and takes those of different servers
7|  queued: { path: event, broker: { servers: 3 } }
faults:
${fault('one', 0, 100, 'nats-1')}
${fault('two', 0, 100, 'nats-2')}
${fault('three', '¦99', 10, 'nats-leader')}
! faults[2].atMs: expected one fault at a time on nats-leader, got 99 to 109 ms beside "one", 0 to 100 ms
# hops to a service that has replicas, and takes those from one
replicas: { gateway: 2, consumer: 2 }
faults:
${fault('one', 0, 10, '¦load->gateway', 'kind: down')}
${fault('two', 0, 10, 'gateway->downstream', 'kind: down')}
${fault('three', 0, 10, 'consumer->nats', 'kind: down')}
! faults[0].target: expected a hop to one process, of which gateway has 2, got load->gateway
# faults that overlap on a replica, and takes those on different ones
replicas: { consumer: 2, downstream: 2 }
faults:
${fault('one', 0, 100, 'consumer-1')}
${fault('two', 0, 100, 'consumer-2')}
${fault('three', '¦99', 10, 'consumer')}
${fault('four', 200, 10, 'downstream', 'kind: hang')}
${fault('five', '¦200', 10, 'downstream-1', 'kind: hang')}
${fault('six', 200, 10, 'downstream-2', 'kind: failure')}
! faults[2].atMs: expected one fault at a time on consumer, got 99 to 109 ms beside "one", 0 to 100 ms
! faults[4].atMs: expected one hang at a time on downstream-1, got 200 to 210 ms beside "four", 200 to 210 ms
# faults of which one hides another, and takes those that hide a part
faults:
${fault('one', 0, 100, 'downstream', 'kind: hang')}
${fault('two', '¦0', 100, 'downstream', 'kind: malformed')}
${fault('three', 0, 100, 'gateway->downstream', 'kind: blackhole, stream: upstream')}
${fault('four', '¦99', 10, 'gateway->downstream', 'kind: latency, latencyMs: 5, stream: upstream')}
${fault('five', 99, 10, 'gateway->downstream', 'kind: bandwidth, kilobytesPerSecond: 1, stream: downstream')}
${fault('six', 200, 100, 'downstream', 'kind: reset, ratio: 0.5')}
${fault('seven', 200, 100, 'downstream', 'kind: malformed')}
! faults[1].atMs: expected either hang or malformed at a time on downstream, got 0 to 100 ms beside "one", 0 to 100 ms
! faults[3].atMs: expected either blackhole or latency at a time on gateway->downstream, got 99 to 109 ms beside "three", 0 to 100 ms
# faults that begin when no call can be under way
7|
faults:
${fault('one', '¦3000', 10, 'downstream', 'kind: hang')}
! faults[0].atMs: expected a time at which calls are under way (less than 1160 ms, load and deadline), got 3000 ms
# faults that overlap
faults:
${fault('one', 0, 100)}
${fault('two', '¦99', 1)}
${fault('three', 50, 10, 'nats')}
! faults[1].atMs: expected one fault at a time on gateway, got 99 to 100 ms beside "one", 0 to 100 ms
# faults of the application that overlap with their like, or with what stands still
faults:
${fault('one', 0, 100, 'downstream', 'kind: hang')}
${fault('two', 50, 10, 'downstream', 'kind: failure')}
${fault('three', '¦50', 10, 'downstream', 'kind: hang')}
${fault('four', 200, 10, 'downstream', 'kind: failure')}
${fault('five', '¦205', 10, 'downstream', 'kind: freeze')}
! faults[2].atMs: expected one hang at a time on downstream, got 50 to 60 ms beside "one", 0 to 100 ms
! faults[4].atMs: expected one fault at a time on downstream, got 205 to 215 ms beside "four", 200 to 210 ms
# faults of a hop that are equal in one direction, or beside one that is down
faults:
${fault('one', 0, 100, 'consumer->nats', 'kind: latency, latencyMs: 5, stream: upstream')}
${fault('two', 0, 100, 'consumer->nats', 'kind: latency, latencyMs: 5, stream: downstream')}
${fault('three', '¦50', 10, 'consumer->nats', 'kind: latency, latencyMs: 5')}
${fault('four', 50, 10, 'consumer->nats', 'kind: reset')}
${fault('five', '¦99', 1, 'consumer->nats', 'kind: down')}
! faults[2].atMs: expected one latency at a time on consumer->nats, got 50 to 60 ms beside "one", 0 to 100 ms
! faults[4].atMs: expected one fault at a time on consumer->nats, got 99 to 100 ms beside "one", 0 to 100 ms
# a fault whose options contradict each other
faults:
${fault('one', 0, 100, 'downstream', 'kind: latency, added: { kind: uniform, minMs: 100, maxMs: ¦10 }')}
! faults[0].fault.added.maxMs: expected at least minMs, which is 100, got 10
# poisonous requests that there are not
faults:
${fault('one', 0, 10, 'downstream', 'kind: poison, ids: [r0, r19, ¦r20]')}
${fault('two', 20, 10, 'downstream', 'kind: poison, ids: [¦x1, r5]')}
! faults[0].fault.ids[2]: expected a request of the load, r0 to r19, got "r20"
! faults[1].fault.ids[0]: expected a request of the load, r0 to r19, got "x1"
# a fault that outlasts the run
faults:
${fault('one', 0, 10_160)}
${fault('two', 10_160, '¦1')}
! faults[1].forMs: expected an end within load and drain (10160 ms), got 10161 ms
`),
)('check refuses %s', (_what, ...refused) => expectRefusal(...refused));

test.each(
  refusals(`
# faults that touch
faults:
${fault('one', 0, 50)}
${fault('two', 50, 50)}
# faults out of order
faults:
${fault('one', 100, 50)}
${fault('two', 0, 50)}
# faults on different targets
faults:
${fault('one', 0, 50)}
${fault('two', 0, 50, 'nats')}
# faults of answers of which something is left of each
classes: { slow: 0.5 }
faults:
${fault('one', 0, 100, 'downstream', 'kind: reset, ratio: 0.5')}
${fault('two', 0, 100, 'downstream', 'kind: hang, ratio: 0.5')}
${fault('three', 0, 100, 'downstream', 'kind: malformed, class: slow, ratio: 0.5')}
${fault('four', 200, 100, 'downstream', 'kind: reset')}
${fault('five', 200, 100, 'downstream', 'kind: hang, class: slow')}
${fault('six', 200, 100, 'downstream', 'kind: failure')}
# a fault until the end of the drain
faults:
${fault('one', 0, 10_160)}
`),
)('check takes %s', (_what, ...refused) => expectRefusal(...refused));
