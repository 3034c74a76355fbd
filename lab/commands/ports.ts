/** The documented ports of a testbed that stays, as `spillway up` starts it. */
export const fixedPorts = {
  downstream: { traffic: 4100, control: 4101 },
  gateway: { traffic: 4110, control: 4111 },
  publisher: { traffic: 4120, control: 4121 },
  consumer: { control: 4131 },
  nats: { traffic: 4140 },
  prometheus: { traffic: 4150 },
} as const;
